"""The result of ``doctor``, as plain typed records."""

from typing import Literal

from msgspec import Struct

from merchantwatch.language.text import Text

Health = Literal["ok", "warn", "fail"]


class Finding(Struct, frozen=True):
    """The result of one check, and the remedy if something is wrong.

    ``code`` is the exit code of a scan that would fail by it.
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
