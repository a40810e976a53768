"""Standard output and standard error of a command: their faults become errors, not tracebacks."""

import io
import os
import sys
from contextlib import suppress
from typing import Any

from merchantwatch.errors import OutputError
from merchantwatch.support import log
from merchantwatch.support.harmless import harmless

_STDOUT, _STDERR = 1, 2
_BUFFER_BYTES = 1 << 16


class _Stdout(io.FileIO):
    """Standard output that raises OutputError, once, where it is full, closed or not read."""

    def __init__(self, *, is_closed: bool) -> None:
        super().__init__(_STDOUT, "wb", closefd=False)
        self._is_closed = is_closed

    def write(self, data: Any) -> int:
        if self._is_closed:
            self._is_closed = False
            raise _undelivered("it is closed", "已关闭")
        try:
            return super().write(data)
        except OSError as error:
            # Python flushes once more at exit: on the null device that cannot fail again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), _STDOUT)
            reason = str(error.strerror)
            raise _undelivered(reason, reason) from None


def guard_streams() -> None:
    """Turn faults of standard output into errors that the command reports.

    Closed descriptors have been opened on the null device before (``fill_descriptors``).
    """
    # Python sets a stream to None if its descriptor was closed when the interpreter started.
    is_closed = sys.stdout is None
    if sys.stderr is None:
        sys.stderr = io.TextIOWrapper(io.FileIO(_STDERR, "wb", closefd=False), "utf-8")
    raw = _Stdout(is_closed=is_closed)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(raw, _BUFFER_BYTES),
        encoding,
        # A console whose encoding lacks a character must not end the run.
        "backslashreplace",
        line_buffering=raw.isatty(),
    )


def complain(message: str) -> None:
    """Write one line to standard error; a full or closed one is no error."""
    if log.is_on():
        log.event("message", text=harmless(" ".join(message.splitlines())))
        return
    with suppress(OSError, AttributeError):  # it may be full, or closed
        sys.stderr.write(harmless(" ".join(message.splitlines())) + "\n")
        sys.stderr.flush()


def _undelivered(en: str, zh: str) -> OutputError:
    return OutputError(f"standard output: {en}", f"标准输出：{zh}")
