"""The kinds of tasks and who does them, as ``kinds.toml`` and ``owners.toml`` say."""

from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from merchantwatch.texts import Text

_FOLDER = Path(__file__).parent


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody does: about what, who, and whether it is too late after the deadline."""

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
    """Return how those are called who do tasks, in the order in which they are shown."""
    return msgspec.toml.decode((_FOLDER / "owners.toml").read_bytes(), type=dict[str, Text])
