"""A run in a history: its inputs, its shops and its totals."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from merchantwatch.results.past import Guard


class Input(msgspec.Struct, frozen=True):
    """A file that was read; ``digest`` is SHA-256 of its content, None where it is unreadable."""

    name: str
    digest: str | None
    bytes: int | None = None


class Shop(msgspec.Struct, frozen=True):
    """The lines of a shop in one run, and how many were created on each of its last days.

    ``newest_event`` is the latest event of any of them.
    """

    platform: str
    shop: str | None
    lines: int
    days: Mapping[str, int] = {}
    newest_event: datetime | None = None


class Run(msgspec.Struct, frozen=True):
    """One scan that was recorded.

    ``settings`` are those that affect judging, ``totals`` the sums of its report.
    """

    id: int
    as_of: datetime
    program: str
    inputs: tuple[Input, ...] = ()
    shops: tuple[Shop, ...] = ()
    settings: dict[str, Any] = {}
    totals: dict[str, Any] = {}
    guards: tuple[Guard, ...] = ()
