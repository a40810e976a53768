"""A run as a history knows it: its inputs, its shops, what it added up to."""

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
    """The lines of a shop in one run, and of its last days how many were made on each.

    ``newest_event`` is the newest thing that has happened to any of them.
    """

    platform: str
    shop: str | None
    lines: int
    days: Mapping[str, int] = {}
    newest_event: datetime | None = None


class Run(msgspec.Struct, frozen=True):
    """One scan that was recorded.

    ``settings`` are those that decide what is judged, ``totals`` what its report adds up to.
    """

    id: int
    as_of: datetime
    program: str
    inputs: tuple[Input, ...] = ()
    shops: tuple[Shop, ...] = ()
    settings: dict[str, Any] = {}
    totals: dict[str, Any] = {}
    guards: tuple[Guard, ...] = ()
