"""The kinds of tasks and who does them, as ``kinds.toml`` and ``owners.toml`` say."""

from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from merchantwatch.errors import UsageError
from merchantwatch.language.suggestions import meant
from merchantwatch.language.text import Text

_FOLDER = Path(__file__).parent


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of task: what it is about, its owner, and whether it is over after its deadline."""

    per: Literal["order", "parcel", "case", "product", "scope"]
    owner: str
    verb: Text
    over_at_due: bool = False


@cache
def kinds() -> dict[str, Kind]:
    """Return the kinds of tasks by their codes, in their order."""
    return msgspec.toml.decode((_FOLDER / "kinds.toml").read_bytes(), type=dict[str, Kind])


@cache
def owners() -> dict[str, Text]:
    """Return the names of the owners of tasks by their codes, in the order of display."""
    return msgspec.toml.decode((_FOLDER / "owners.toml").read_bytes(), type=dict[str, Text])


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
