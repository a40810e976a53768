"""The errors that a user may meet, as one tree.

    MerchantwatchError
    ├── UsageError      exit 2   an option, a mapping, a pack or a configuration is wrong
    ├── InputError      exit 3   a file could not be read, or only in part
    │   └── UnrecognisedError    no format fits its header
    └── OutputError     exit 4   a report could not be written
        └── HistoryError         the history could not be opened, read or written

Faults in a merchant's rows are not errors: they are rows of the quarantine. In Python too many of
them are an IncompleteWarning, which on the command line is exit 3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


class MerchantwatchError(Exception):
    """An error that a user can correct. It says what, where, and what to do, in both languages."""

    exit_code: ClassVar[int] = 2

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en = en
        self.zh = zh

    def message(self, lang: str) -> str:
        """Return the message in ``lang`` (``zh`` or ``en``)."""
        return self.zh if lang == "zh" else self.en


class UsageError(MerchantwatchError):
    """An option, a mapping, a pack or a configuration file is wrong."""

    exit_code = 2


class InputError(MerchantwatchError):
    """An input could not be read, or only in part."""

    exit_code = 3


@dataclass(frozen=True)
class NearFormat:
    """A format that a file resembles, with the headers it misses and those that do not belong."""

    code: str
    missing: tuple[str, ...]
    foreign: tuple[str, ...]


def init_command(label: str) -> str:
    """Return the command that proposes a mapping; it names no file for <stdin> and the like."""
    return f"merchantwatch init {'FILE' if label.startswith('<') else label}"


class IncompleteWarning(UserWarning):
    """Something was not read or not judged: for Python users, who get no exit code."""


class UnrecognisedError(InputError):
    """No format fits a file's header; ``nearest`` are those that come closest.

    ``taken`` says in both languages, English first, which row was taken for the header.
    """

    def __init__(
        self,
        en: str,
        zh: str,
        label: str,
        nearest: Sequence[NearFormat],
        taken: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(
            f"{en} ({taken[0]})" if taken else en, f"{zh}（{taken[1]}）" if taken else zh
        )
        self.label = label
        self.nearest = tuple(nearest)
        self.taken = taken

    def at(self, en: str, zh: str) -> "UnrecognisedError":
        """Return the same error with the row that was taken for the header."""
        return UnrecognisedError(self.en, self.zh, self.label, self.nearest, (en, zh))

    @property
    def remedy(self) -> str:
        """The command that proposes a mapping for the file."""
        return init_command(self.label)


class OutputError(MerchantwatchError):
    """A report could not be written."""

    exit_code = 4
