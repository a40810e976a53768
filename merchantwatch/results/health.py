"""The result of ``doctor``, as plain typed records."""

from dataclasses import dataclass
from typing import Literal

from merchantwatch.language.text import Text

Health = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: how it is, and what to do where it is not as it should be.

    ``code`` is the exit code that a scan would end with, where this would fail it.
    """

    name: str
    state: Health
    text: Text
    remedy: Text | None = None
    code: int = 0


def ok(name: str, zh: str, en: str) -> Finding:
    """Return that a thing is as it should be."""
    return Finding(name, "ok", Text(zh=zh, en=en))


def warn(name: str, text: Text, remedy: Text | None = None) -> Finding:
    """Return a warning."""
    return Finding(name, "warn", text, remedy)


def fail(name: str, text: Text, code: int, remedy: Text | None = None) -> Finding:
    """Return that a scan would fail by a thing."""
    return Finding(name, "fail", text, remedy, code)
