"""A process that is ours alone: what the command line may do, and a library may not."""

import ctypes
import gc
import os
import sys
from contextlib import suppress

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""What ``mallopt`` of glibc can be told, as malloc.h numbers it."""

_KEPT_BYTES = 1 << 30

_SETTINGS = {
    "MIMALLOC_PURGE_DELAY": "1000",  # of what Arrow has freed: in milliseconds
    "OPENBLAS_NUM_THREADS": "1",  # nobody multiplies matrices, and waiting threads are busy
}
"""What libraries are told before they are loaded, where the user tells them nothing else."""


def own_process() -> None:
    """Keep what is freed for what is asked for next, and look for no cycles among records.

    By itself freed memory is given back at once, and the system then clears each page anew: a tenth
    of a run of some seconds. Where there is no glibc, that much is left as it is.
    """
    gc.disable()
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            glibc = ctypes.CDLL(None)
            glibc.mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
            glibc.mallopt(_M_MMAP_THRESHOLD, _KEPT_BYTES)
