"""How a command ends by a signal: one line, nothing left behind, and the code of the contract."""

import os
import signal
import sys
import threading
import time
from types import FrameType

from merchantwatch.support.ending import end_at_once
from merchantwatch.support.lang import spoken

_SAID = {
    "SIGINT": {"en": "interrupted", "zh": "已中断"},
    "SIGTERM": {"en": "terminated", "zh": "已被终止"},
    "SIGHUP": {"en": "the terminal has gone", "zh": "终端已断开"},
}
_CODE_OF_SIGNALS = 128

TIMED_OUT_EXIT_CODE = 124
"""As ``timeout`` of the shell has it."""

_SECONDS_OF_GRACE = 0.3

_heeded: set[int] = set()
"""The signals that end this process."""

_timed_out = ""
"""What is said once a run has taken as long as it may."""


def heed_signals() -> None:
    """End this process cleanly by any signal that asks for it; one that is ignored stays so.

    Python handles a signal between its bytecodes. A library may run long within one of them: then
    another thread, which learns of the signal at once through a pipe, ends the process instead.
    """
    if sys.platform != "win32" and signal.set_wakeup_fd(-1) == -1:
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        threading.Thread(target=_watch, args=(reader,), daemon=True).start()
    for name in _SAID:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            _heed(number)


def limit_time(seconds: float, said: str) -> None:
    """End this process cleanly, with one line of output, when the time limit has passed.

    The clock is monotonic. A signal is raised, so that the main thread goes no further.
    """
    global _timed_out  # noqa: PLW0603  one process, one limit
    _timed_out = said
    if sys.platform == "win32":
        timer = threading.Timer(seconds, end_at_once, (TIMED_OUT_EXIT_CODE, said))
        timer.daemon = True
        timer.start()
        return
    _heed(signal.SIGALRM)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _heed(number: int) -> None:
    _heeded.add(number)
    signal.signal(number, _end)


def _end(number: int, _frame: FrameType | None = None) -> None:
    name = signal.Signals(number).name
    if name in _SAID:
        end_at_once(_CODE_OF_SIGNALS + number, _SAID[name][spoken()])
    end_at_once(TIMED_OUT_EXIT_CODE, _timed_out)


def _watch(reader: int) -> None:
    """Wait for a signal, and end the process where its main thread does not."""
    while number := os.read(reader, 1)[0]:
        if number in _heeded:
            time.sleep(_SECONDS_OF_GRACE)
            _end(number)
