"""Values of a JSON report that is read again: turned into those of records, and checked."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

_MOST = 10**16


def alike(told: msgspec.Struct, kind: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the fields of a record that another kind has too."""
    return {name: getattr(told, name) for name in kind.__struct_fields__ if hasattr(told, name)}


def money(told: str | None) -> Decimal | None:
    """Return a sum of money as a number."""
    return None if told is None else Decimal(told)


def check_known(name: str, known: Any, where: str) -> None:
    """Raise ValueError for a name that is not known, and say where it stands."""
    if name not in known:
        raise ValueError(f"{name[:40]!r} is not known - at {where[:40]!r}")


def check(told: object) -> None:
    """Raise ValueError for numbers beyond all sense, and for moments of another kind."""
    for value in _leaves(told):
        if isinstance(value, datetime) and value.tzinfo is not None:
            raise ValueError(f"{value} has a time zone")
        if isinstance(value, int | float | Decimal) and not abs(Decimal(value)) < _MOST:
            raise ValueError(f"{str(value)[:40]} is no number of a report")


def _leaves(told: object) -> Iterator[object]:
    if isinstance(told, list | tuple):
        for one in told:
            yield from _leaves(one)
    elif isinstance(told, msgspec.Struct):
        for name in told.__struct_fields__:
            yield from _leaves(getattr(told, name))
    elif is_dataclass(told):
        for field in fields(told):
            yield from _leaves(getattr(told, field.name))
    else:
        yield told
