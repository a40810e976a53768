"""The end of a command by a signal: one line of output, no leftovers, a documented exit code."""

import os
import signal
import sys
import threading
import time
from types import FrameType

from merchantwatch.support.ending import end_at_once
from merchantwatch.support.lang import message_lang

_MESSAGES = {
    "SIGINT": {"en": "interrupted", "zh": "已中断"},
    "SIGTERM": {"en": "terminated", "zh": "已被终止"},
    "SIGHUP": {"en": "the terminal has gone", "zh": "终端已断开"},
}
_CODE_OF_SIGNALS = 128

TIMED_OUT_EXIT_CODE = 124
"""The exit code of the shell's ``timeout``."""

_SECONDS_OF_GRACE = 0.3

_handled: set[int] = set()
"""The signals that end this process."""

_timed_out = ""
"""The message for a run that exceeds its time limit."""


def handle_signals() -> None:
    """End this process cleanly on SIGINT, SIGTERM and SIGHUP; an ignored signal stays ignored.

    Python handles a signal between two bytecodes, and one bytecode may be a long call into a
    library. Then a second thread, which a pipe informs of the signal at once, ends the process.
    """
    # A program that embeds this one may have a wakeup descriptor already: it is not replaced.
    if sys.platform != "win32" and signal.set_wakeup_fd(-1) == -1:
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        threading.Thread(target=_watch, args=(reader,), daemon=True).start()
    for name in _MESSAGES:
        number = getattr(signal, name, None)
        # nohup, and shells for jobs in the background, start a command with signals ignored.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            _handle(number)


def limit_time(seconds: float, message: str) -> None:
    """End this process cleanly, with ``message`` as its output, after a time limit.

    The clock is monotonic. A signal is raised, so that the main thread does not continue.
    """
    global _timed_out  # noqa: PLW0603  one process, one limit
    _timed_out = message
    if sys.platform == "win32":
        timer = threading.Timer(seconds, end_at_once, (TIMED_OUT_EXIT_CODE, message))
        timer.daemon = True
        timer.start()
        return
    _handle(signal.SIGALRM)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _handle(number: int) -> None:
    _handled.add(number)
    signal.signal(number, _end)


def _end(number: int, _frame: FrameType | None = None) -> None:
    name = signal.Signals(number).name
    if name in _MESSAGES:
        end_at_once(_CODE_OF_SIGNALS + number, _MESSAGES[name][message_lang()])
    end_at_once(TIMED_OUT_EXIT_CODE, _timed_out)


def _watch(reader: int) -> None:
    """Wait for a signal, and end the process if its main thread does not."""
    while number := os.read(reader, 1)[0]:
        if number in _handled:
            # The main thread is given the first chance: it can finish the bytecode it is at.
            time.sleep(_SECONDS_OF_GRACE)
            _end(number)
