"""A process that is ours alone: what the command line may do, and a library may not."""

import ctypes
import gc
import sys
from contextlib import suppress

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""What ``mallopt`` of glibc can be told, as malloc.h numbers it."""

_KEPT_BYTES = 1 << 30


def own_process() -> None:
    """Keep what is freed for what is asked for next, and look for no cycles among records.

    By itself glibc gives freed memory back at once, and the system then clears each page anew: a
    tenth of a run of some seconds. Where there is no glibc, nothing is done.
    """
    gc.disable()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            glibc = ctypes.CDLL(None)
            glibc.mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
            glibc.mallopt(_M_MMAP_THRESHOLD, _KEPT_BYTES)
