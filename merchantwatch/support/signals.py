"""How a command ends by a signal: one line, nothing left behind, and the code of the contract."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import NoReturn

from merchantwatch.support.language import spoken

_SAID = {
    "SIGINT": {"en": "interrupted", "zh": "已中断"},
    "SIGTERM": {"en": "terminated", "zh": "已被终止"},
    "SIGHUP": {"en": "the terminal has gone", "zh": "终端已断开"},
}
_CODE_OF_SIGNALS = 128
_CLEAR_LINE_AND_SHOW_CURSOR = "\r\x1b[2K\x1b[?25h"

_SECONDS_OF_GRACE = 0.3

before_end: list[Callable[[], None]] = []
"""What is done before the process ends by a signal; none of it may raise."""

_ending = threading.RLock()  # a second signal may come while the first is heeded


def heed_signals() -> None:
    """End this process cleanly by any signal that asks for it; one that is ignored stays so.

    Python heeds a signal between its own steps. A library may be long at work in one of them: then
    another thread, which is told of the signal at once, ends the process in its stead.
    """
    heeded = [number for number in _numbers() if signal.getsignal(number) is not signal.SIG_IGN]
    if sys.platform != "win32" and signal.set_wakeup_fd(-1) == -1:
        told, teller = os.pipe()
        os.set_blocking(teller, False)
        signal.set_wakeup_fd(teller, warn_on_full_buffer=False)
        threading.Thread(target=_watch, args=(told, heeded), daemon=True).start()
    for number in heeded:
        signal.signal(number, _heed)


def _numbers() -> list[int]:
    return [signal.Signals[name] for name in _SAID if hasattr(signal, name)]


def _heed(number: int, _frame: FrameType | None) -> None:
    """End the process; where another thread is about it, do nothing further meanwhile."""
    with _ending:
        _end(number)


def _watch(told: int, heeded: Sequence[int]) -> None:
    """Wait for a signal, and end the process where its main thread does not."""
    while number := os.read(told, 1)[0]:
        if number in heeded:
            time.sleep(_SECONDS_OF_GRACE)
            with _ending:
                _end(number)


def _end(number: int) -> NoReturn:
    """Take away what is temporary, say one line, and end at once.

    No exception is raised: libraries would turn it into one of their own, or swallow it.
    """
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
