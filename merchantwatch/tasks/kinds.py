"""The kinds of tasks and who does them, as ``kinds.toml`` says."""

from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from merchantwatch.errors import UsageError
from merchantwatch.language.suggestions import meant
from merchantwatch.language.text import Text


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of task: what it is about, its owner, and whether it is over after its deadline.

    Its ``verb`` stands before what it is about, its ``title`` alone.
    """

    per: Literal["order", "parcel", "case", "product", "scope"]
    owner: str
    title: Text
    verb: Text
    over_at_due: bool = False


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    owners: dict[str, Text]
    kinds: dict[str, Kind]


@cache
def _file() -> _File:
    return msgspec.toml.decode(Path(__file__).with_suffix(".toml").read_bytes(), type=_File)


def kinds() -> dict[str, Kind]:
    """Return the kinds of tasks by their codes, in their order."""
    return _file().kinds


def owners() -> dict[str, Text]:
    """Return the names of the owners of tasks by their codes, in the order of display."""
    return _file().owners


def kinds_of(owner: str) -> list[str]:
    """Return the kinds of tasks that an owner does."""
    return [code for code, kind in kinds().items() if kind.owner == owner]


def owner_of(name: str) -> str:
    """Return the code of an owner by it or by a name. Raises UsageError with the nearest one."""
    known = {code: code for code in owners()}
    known |= {title: code for code, text in owners().items() for title in (text.zh, text.en)}
    code = known.get(name.strip()) or known.get(name.strip().lower())
    if code is None:
        listed = Text(zh=f"可用 {'、'.join(owners())}", en=f"there are {', '.join(owners())}")
        hint = meant(name, known, listed)
        raise UsageError(
            f"--owner {name[:40]}: no such owner{hint.en}",
            f"--owner {name[:40]}：没有这种负责人{hint.zh}",
        )
    return code
