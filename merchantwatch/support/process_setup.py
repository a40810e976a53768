"""Setup of a process that runs this command alone; ``scan()`` in a user's process skips it."""

import ctypes
import gc
import os
import sys
from contextlib import suppress

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Options of glibc's ``mallopt``, by their numbers in malloc.h."""

_RETAINED_BYTES = 1 << 30

_SETTINGS = {
    "MIMALLOC_PURGE_DELAY": "1000",  # milliseconds until Arrow's freed memory is returned
    "OPENBLAS_NUM_THREADS": "1",  # no matrices are multiplied, and its idle threads spin
}
"""Settings that libraries read when they are loaded; a user's own value wins."""


def set_up_process() -> None:
    """Let the allocator retain freed memory, and switch off the search for reference cycles.

    glibc's default returns large freed blocks to the system at once, which then has to zero each
    page again: a tenth of a run of some seconds. Other C libraries are left as they are.
    """
    # A run is short: what reference cycles hold is freed when the process ends.
    gc.disable()
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            glibc = ctypes.CDLL(None)
            glibc.mallopt(_M_TRIM_THRESHOLD, _RETAINED_BYTES)
            # Blocks above this threshold are unmapped when freed, whatever the trim threshold is.
            glibc.mallopt(_M_MMAP_THRESHOLD, _RETAINED_BYTES)
