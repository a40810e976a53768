"""Values of a stored JSON report: converted into those of records, and checked."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

_MOST = 10**16


def common_fields(record: msgspec.Struct, kind: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the fields of a record that another kind of record has too, by name."""
    return {name: getattr(record, name) for name in kind.__struct_fields__ if hasattr(record, name)}


def money(text: str | None) -> Decimal | None:
    """Return a sum of money as a decimal."""
    return None if text is None else Decimal(text)


def check_known(name: str, known: Any, where: str) -> None:
    """Raise ValueError for a name that is not known, and say where it stands."""
    if name not in known:
        raise ValueError(f"{name[:40]!r} is not known - at {where[:40]!r}")


def check(record: object) -> None:
    """Raise ValueError for numbers out of range, and for moments with a time zone."""
    for value in _leaves(record):
        # The types of records that both read and write have no such bound.
        if isinstance(value, datetime) and value.tzinfo is not None:
            raise ValueError(f"{value} has a time zone")
        # With "not <" infinity fails here; NaN cannot be compared, which raises ArithmeticError.
        if isinstance(value, int | float | Decimal) and not abs(Decimal(value)) < _MOST:
            raise ValueError(f"{str(value)[:40]} is no number of a report")


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, list | tuple):
        for one in value:
            yield from _leaves(one)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _leaves(getattr(value, name))
    else:
        yield value
