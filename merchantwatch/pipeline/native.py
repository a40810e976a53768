"""The Arrow type of a column → the way from its cells to a field."""

from collections.abc import Mapping
from typing import Any

from merchantwatch.fields import Kind
from merchantwatch.reading import Cell, Export, TextSource, is_text


def way_to(export: Export, cell: Cell, kind: Kind, kinds: Mapping[int, Any] | None) -> str:
    """Return the way from a column's type to a field: directly, or through text."""
    column = _type(export, cell, kinds)
    if column is None:
        return "text"
    from pyarrow import types

    numeric = types.is_integer(column) or types.is_floating(column) or types.is_decimal(column)
    zoned = types.is_timestamp(column) and column.tz is not None
    # The first that fits counts: a number under a text field, as an id, is spelled out.
    tests = (
        ("zoned", kind is Kind.TIME and zoned),
        ("time", kind is Kind.TIME and types.is_timestamp(column)),
        ("day", kind is Kind.TIME and types.is_date(column)),
        ("number", kind in (Kind.MONEY, Kind.NUMBER) and numeric),
        ("flag", kind is Kind.FLAG and types.is_boolean(column)),
        ("float", types.is_floating(column)),
        ("decimal", types.is_decimal(column) and column.scale > 0),
        ("text", is_text(column)),
    )
    return next((name for name, fits in tests if fits), "other")


def _type(export: Export, cell: Cell, kinds: Mapping[int, Any] | None) -> Any:
    """Return the Arrow type of a column; None if its cells are text."""
    if kinds is None:
        if isinstance(export.source, TextSource):
            return None
        kinds = dict(enumerate(export.source.types))
    from pyarrow import types

    column = kinds[cell.index]
    return column.value_type if types.is_dictionary(column) else column


def is_rough(export: Export, cell: Cell, kinds: Mapping[int, Any] | None) -> bool:
    """Say whether the numbers of a column may have more than two decimals."""
    from pyarrow import types

    column = _type(export, cell, kinds)
    if column is None:
        return False
    fine = types.is_decimal(column) and column.scale > 2  # noqa: PLR2004  cents
    return bool(types.is_floating(column) or fine)
