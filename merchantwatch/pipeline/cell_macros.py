"""Parameters of the macros of ``cells.sql``: the shapes and styles in which cells are written."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from merchantwatch.engines import ColumnFacts
from merchantwatch.fields import FIELDS, Kind
from merchantwatch.pipeline.rendering import literal
from merchantwatch.reading import Export, amounts, moments

WITHOUT_TIMES: Mapping[str, Any] = {
    "shapes": [],
    "nothing": "",
    "zeros": "",
    "ends": False,
    "stated": False,
}
"""The parameters of a field that holds no times, or only sound ones."""

# Days that programs write for "no date": their first day, or the zero of a spreadsheet.
_ZEROS = ("0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01")


def lookup_tables() -> dict[str, object]:
    """Return what the macros look up in every field: zones, months, and the signs of amounts."""
    months = [(name, number) for number, names in moments.months().items() for name in names]
    return {
        "zones": _as_literal(moments.zones().items()),
        "months": _as_literal(months),
        "amount": _amount(),
    }


def _as_literal(pairs: Iterable[tuple[str, str]]) -> str:
    """Return words and their meanings as one literal, in which SQL looks words up."""
    # A text to search: a CASE with an arm for each word would have to be planned for every field.
    return literal("|" + "|".join(f"{word}={meaning}" for word, meaning in pairs))


@cache
def _amount() -> Mapping[str, str]:
    pattern = amounts.amount()
    return {
        "pattern": literal(pattern),
        "whole": literal(f"^(?:{pattern})$"),
        "parts": amounts.PARTS,
        "point": literal(amounts.number(amounts.POINT)),
        "comma": literal(amounts.number(amounts.COMMA)),
        "thousands": literal(r"\d{1,3}[.,]\d{3}"),
        "between_point": literal(", '’\u00a0\u202f"),
        "between_comma": literal(". '’\u00a0\u202f"),
    }


def moment_parameters(
    export: Export, name: str, native: str, tz: str, facts: ColumnFacts
) -> dict[str, Any]:
    """Return the parameters of a field that holds moments."""
    index = export.cells[name].index
    if native != "text":
        return {"shapes": [], "nothing": "", "zeros": _zeros(native, tz), "ends": _ends(name)}
    stated = moments.stated(export.form.time_formats.get(name, ""))
    known = moments.shapes()
    # Without facts all shapes are tried: Spark has not looked at the cells yet.
    occurring = [n for n in known if facts.shapes is None or (index, n) in facts.shapes]
    shapes = stated or [known[name] for name in occurring]
    return {
        "shapes": [
            {
                "pattern": literal(shape.pattern),
                "whole": literal(f"^(?:{shape.pattern})$"),
                "spelled": shape.spelled(_order(export, index, shape, facts)),
            }
            for shape in shapes
        ],
        "stated": bool(stated),
        "named": any(shape.named for shape in shapes),
        "counts_seconds": any(shape.counts == "seconds" for shape in shapes),
        "counts_days": any(shape.counts == "days" for shape in shapes),
        "nothing": literal(moments.nothing(ZoneInfo(tz), export.form.nothing))
        if facts.emptied is None or index in facts.emptied
        else "",
        "zeros": "",
        "ends": _ends(name),
    }


def _order(export: Export, index: int, shape: moments.Shape, facts: ColumnFacts) -> str:
    """Return the order of day and month in a shape, "" if it has none or it is unknown."""
    if not shape.order:
        return ""
    if facts.shapes is None:
        # Before any cell is examined: the order that such exports usually have.
        return shape.home or export.form.homes.get(shape.order) or ""
    return facts.styles.order(index, shape.order)


def _ends(name: str) -> bool:
    """Say whether a day without a time means its end: it does for deadlines, not for events."""
    return FIELDS[name].kind is Kind.TIME and not FIELDS[name].event


@cache
def _zeros(native: str, tz: str) -> str:
    """Return the times that mean "none" in a typed column, such as the zero of Unix time."""
    zero = datetime.fromtimestamp(0, UTC)
    if native == "zoned":
        return "cast('1970-01-01 00:00:00+00:00' as timestamptz)"
    # A program may have written its zero with or without the zone.
    first = {f"{zero:%Y-%m-%d %H:%M:%S}", f"{zero.astimezone(ZoneInfo(tz)):%Y-%m-%d %H:%M:%S}"}
    return ", ".join(f"timestamp '{day}'" for day in [*sorted(first), *_ZEROS])
