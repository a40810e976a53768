"""The outcome of an attempt to send, in words that never contain an address."""

import threading
from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from merchantwatch.language.text import Text

Kind = Literal["sent", "refused", "failed", "unclear"]

SECONDS_TO_ANSWER = 15.0
"""The time limit of an attempt in all: to find the host, connect, send, and be answered."""

# Timeouts and "too many requests": the same message may well be accepted later.
_RETRIED = (408, 425, 429)
_OK, _REDIRECT, _CLIENT, _SERVER = 200, 300, 400, 500


class Outcome(Struct, frozen=True):
    """The outcome of an attempt.

    ``sent``: accepted. ``refused``: rejected for good. ``failed``: it did not arrive, or the
    receiver could not take it now. ``unclear``: it may have arrived, but no answer did. ``wait``
    is how many seconds the receiver asks to wait; ``again``: an earlier attempt may have arrived.
    """

    kind: Kind
    why: Text
    wait: float | None = None
    again: bool = False


SENT = Outcome("sent", Text(zh="已送达", en="sent"))


def by_status(status: int, wait: float | None = None) -> Outcome:
    """Return the outcome that an HTTP status means."""
    if _OK <= status < _REDIRECT:
        return SENT
    if _REDIRECT <= status < _CLIENT:
        # A followed POST becomes a GET without its body, and goes to an unknown host.
        return Outcome(
            "failed",
            Text(
                zh=f"对方要求改用另一个地址（HTTP {status}），请直接填写最终地址",
                en=f"the receiver points to another address (HTTP {status}); give that one",
            ),
        )
    why = Text(zh=f"对方回复 HTTP {status}", en=f"the receiver answered HTTP {status}")
    if _CLIENT <= status < _SERVER and status not in _RETRIED:
        return Outcome("refused", why)
    return Outcome("failed", why, wait)


def failed(zh: str, en: str) -> Outcome:
    """Return the outcome of an attempt that did not arrive."""
    return Outcome("failed", Text(zh=zh, en=en))


def unclear(zh: str, en: str) -> Outcome:
    """Return the outcome of an attempt that may have arrived, but was not answered."""
    return Outcome("unclear", Text(zh=f"{zh}，可能已送达", en=f"{en}; it may have arrived"))


def within(seconds: float, attempt: Callable[[], Outcome]) -> Outcome:
    """Make an attempt and return its outcome, or ``unclear`` when the time limit has passed.

    An attempt that takes longer is abandoned; it ends with the process at the latest.
    """
    # A thread, since the look-up of a host's name has no time limit of its own.
    outcomes: list[Outcome] = []
    thread = threading.Thread(target=lambda: outcomes.append(_outcome_of(attempt)), daemon=True)
    thread.start()
    thread.join(seconds)
    if outcomes:
        return outcomes[0]
    return unclear(f"{seconds:g} 秒内没有答复", f"no answer within {seconds:g} seconds")


def _outcome_of(attempt: Callable[[], Outcome]) -> Outcome:
    """Make an attempt; of an unexpected error only the name of its class is safe to show."""
    try:
        return attempt()
    except Exception as error:  # noqa: BLE001  its message and its trace may hold an address
        name = type(error).__name__
        return unclear(f"意外错误 {name}", f"an unexpected {name}")
