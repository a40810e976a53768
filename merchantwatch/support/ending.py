"""How the process ends: temporary files are removed before, callbacks receive the exit code."""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from merchantwatch.support import log

_CLEAR_LINE_AND_SHOW_CURSOR = "\r\x1b[2K\x1b[?25h"

before_end: list[Callable[[], None]] = []
"""Callbacks that clean up before the process ends at once; they must not raise."""

on_end: list[Callable[[int], None]] = []
"""Callbacks that get the exit code, once, before the reason is printed; they must not raise."""

# Reentrant: a second signal may arrive in the same thread while the first is handled.
_ending = threading.RLock()


def announce_end(code: int) -> None:
    """Call every callback with the exit code, once: a later code is ignored."""
    # Removed before it is called: an error or a signal within it must not report a second code.
    while on_end:
        on_end.pop()(code)


def end_at_once(code: int, message: str) -> NoReturn:
    """Remove temporary files, print one line, and end the process; from any thread.

    No exception is raised: libraries would wrap or swallow it. Where another thread is doing so
    already, wait for the end.
    """
    with _ending:
        try:
            for step in before_end:
                step()
            _print_line(f"merchantwatch: {message}")
            announce_end(code)
            log.end(code)
        finally:
            # Not sys.exit: it ends this thread only, and the main one may be in native code.
            os._exit(code)


def _print_line(line: str) -> None:
    if log.is_on():
        log.event("message", text=line)
        return
    with suppress(OSError):  # its reader may be gone
        # A progress bar may stand on the line, and has hidden the cursor.
        clear = _CLEAR_LINE_AND_SHOW_CURSOR if os.isatty(2) else ""
        # Unbuffered: a signal may have interrupted a write to sys.stderr, whose lock is then held.
        os.write(2, f"{clear}{line}\n".encode())
