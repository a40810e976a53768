"""How a command ends by a signal: one line, nothing left behind, and the code of the contract."""

import os
import signal
from collections.abc import Callable
from types import FrameType

from merchantwatch.support.language import spoken

_SAID = {
    "SIGINT": {"en": "interrupted", "zh": "已中断"},
    "SIGTERM": {"en": "terminated", "zh": "已被终止"},
    "SIGHUP": {"en": "the terminal has gone", "zh": "终端已断开"},
}
_CODE_OF_SIGNALS = 128
_CLEAR_LINE_AND_SHOW_CURSOR = "\r\x1b[2K\x1b[?25h"

before_end: list[Callable[[], None]] = []
"""What is done before the process ends by a signal; none of it may raise."""


def heed_signals() -> None:
    """End this process cleanly by any signal that asks for it; one that is ignored stays so."""
    for number in _numbers():
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def _numbers() -> list[signal.Signals]:
    return [signal.Signals[name] for name in _SAID if hasattr(signal, name)]


def _end(number: int, _frame: FrameType | None) -> None:
    """Take away what is temporary, say one line, and end at once.

    No exception is raised: libraries would turn it into one of their own, or swallow it.
    """
    for other in _numbers():
        signal.signal(other, signal.SIG_IGN)
    try:
        for step in before_end:
            step()
        clear = _CLEAR_LINE_AND_SHOW_CURSOR if os.isatty(2) else ""
        said = _SAID[signal.Signals(number).name][spoken()]
        os.write(2, f"{clear}merchantwatch: {said}\n".encode())
    except OSError:
        pass  # nobody is there to read it
    finally:
        os._exit(_CODE_OF_SIGNALS + number)
