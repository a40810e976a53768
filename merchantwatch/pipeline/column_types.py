"""The Arrow type of a column → how its cells become values of a field."""

from collections.abc import Mapping
from typing import Any

from merchantwatch.fields import Kind
from merchantwatch.reading import Cell, Export, TextSource, is_text


def column_type(
    export: Export, cell: Cell, kind: Kind, arrow_types: Mapping[int, Any] | None
) -> str:
    """Return how ``cells.sql`` reads a column for a field of some kind.

    ``text``, ``float``, ``decimal`` and ``other`` become values by way of text; ``zoned``,
    ``time``, ``day``, ``number`` and ``flag`` directly. ``arrow_types`` are the types of the
    columns that were read, by their positions; None for those of the source.
    """
    column = _arrow_type(export, cell, arrow_types)
    if column is None:
        return "text"
    from pyarrow import types

    numeric = types.is_integer(column) or types.is_floating(column) or types.is_decimal(column)
    zoned = types.is_timestamp(column) and column.tz is not None
    # The first that fits counts: a number in a column of ids or text is spelled out as text.
    tests = (
        ("zoned", kind is Kind.TIME and zoned),
        ("time", kind is Kind.TIME and types.is_timestamp(column)),
        ("day", kind is Kind.TIME and types.is_date(column)),
        ("number", kind in (Kind.MONEY, Kind.NUMBER) and numeric),
        ("flag", kind is Kind.FLAG and types.is_boolean(column)),
        ("float", types.is_floating(column)),
        # By way of text, which drops trailing zeros: 12.00 in a column of ids is 12.
        ("decimal", types.is_decimal(column) and column.scale > 0),
        ("text", is_text(column)),
    )
    return next((name for name, fits in tests if fits), "other")


def _arrow_type(export: Export, cell: Cell, arrow_types: Mapping[int, Any] | None) -> Any:
    """Return the Arrow type of a column; None if its cells are text."""
    if arrow_types is None:
        if isinstance(export.source, TextSource):
            return None
        arrow_types = dict(enumerate(export.source.types))
    from pyarrow import types

    column = arrow_types[cell.index]
    # A dictionary is only a way to store repeated values.
    return column.value_type if types.is_dictionary(column) else column


def may_have_parts_of_cents(
    export: Export, cell: Cell, arrow_types: Mapping[int, Any] | None
) -> bool:
    """Say whether the numbers of a column may have more than two decimals."""
    from pyarrow import types

    column = _arrow_type(export, cell, arrow_types)
    if column is None:
        return False
    beyond_cents = types.is_decimal(column) and column.scale > 2  # noqa: PLR2004  cents
    return bool(types.is_floating(column) or beyond_cents)
