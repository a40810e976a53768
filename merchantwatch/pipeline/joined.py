"""Parcels and after-sales cases: their rows as tables, and how lines are joined with them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from merchantwatch.fields import (
    CASE_FIELDS,
    FIELDS,
    PARCEL_FIELDS,
    USUAL_DAYS,
    USUAL_LEAST,
    WORDS,
)
from merchantwatch.pipeline import settling
from merchantwatch.pipeline.carried import needs_identity, supplied_to_lines
from merchantwatch.pipeline.exports import rows_of_kind
from merchantwatch.pipeline.filing import (
    BY_LINE,
    BY_ORDER,
    EITHER,
    LINE,
    OBSERVED,
    ORDER,
    WHOLE,
    Filing,
)
from merchantwatch.pipeline.layout import AROUND, Layout
from merchantwatch.pipeline.platforms import Platforms
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.reading import Export

CASE_WORDS = tuple(name for name in CASE_FIELDS if name in WORDS)
"""The word fields of a case; each has a second column for words that no format knows."""


class Lookup(Struct, frozen=True):
    """One way to look a line up in a table: the kind of key, and the line's field."""

    name: str
    filed_by: str
    key: str
    product: str = ""


class Joined(Struct, frozen=True):
    """A kind of export that is joined onto lines.

    ``rows`` is the table of its rows, ``filed`` has its cases or parcels under all their keys, and
    ``table`` one row for each key, joined as ``found`` by its ``number``; ``named_by`` is the
    column of ``filed`` that names a case or a parcel to the user.
    """

    kind: str
    rows: str
    filed: str
    table: str
    found: str
    number: str
    named_by: str


CASES = Joined("cases", "case_rows", "filed_cases", "cases", "of_case", "case_number", "case_id")
PARCELS = Joined(
    "parcels", "parcel_rows", "filed_parcels", "parcels", "of_parcel", "parcel_number", "parcel"
)


def kinds(exports: Iterable[Export]) -> tuple[Joined, ...]:
    """Return which kinds of these exports are joined onto lines."""
    present = {export.form.kind for export in exports}
    return tuple(kind for kind in (PARCELS, CASES) if kind.kind in present)


def tables(
    exports: Sequence[Export], layout: Layout, as_of: datetime, filing: Filing
) -> Iterator[tuple[str, str]]:
    """Yield the tables of all joined exports, name and query, in the order to create them."""
    present = kinds(exports)
    if PARCELS in present:
        yield PARCELS.rows, rows_of_kind(PARCELS.kind, exports, layout)
        yield from parcels(exports, as_of, filing)
    if CASES in present:
        yield CASES.rows, rows_of_kind(CASES.kind, exports, layout)
        cases = _cases(exports, layout, as_of)
        yield CASES.filed, render_sql(f"2_{CASES.filed}", as_of=literal(as_of), **cases)
        yield CASES.table, render_sql(f"2_{CASES.table}")
        yield settling.TABLE, settling.table()


def parcels(
    exports: Iterable[Export], as_of: datetime, filing: Filing
) -> Iterator[tuple[str, str]]:
    """Yield the tables of parcels, except that of their rows, which exists already."""
    filling = _parcels(exports, filing)
    yield PARCELS.filed, render_sql(f"2_{PARCELS.filed}", as_of=literal(as_of), **filling)
    yield PARCELS.table, render_sql(f"2_{PARCELS.table}")


def _cases(exports: Iterable[Export], layout: Layout, as_of: datetime) -> dict[str, object]:
    return {
        "words": CASE_WORDS,
        "whole": any(needs_identity(export) for export in exports),
        "usual": "refund_usual_at" in layout.derived,
        "usual_since": f"{literal(as_of)} - interval '{USUAL_DAYS}' day",
        "usual_least": USUAL_LEAST,
    }


def _parcels(exports: Iterable[Export], filing: Filing) -> dict[str, object]:
    decided = {LINE: filing.of_lines, ORDER: filing.of_orders}
    return {
        "filing": filing,
        "decided": {
            kind: ", ".join(map(str, sorted(some))) for kind, some in decided.items() if some
        },
        "several": literal(","),
        "by_tracking": any(
            "tracking_no" in export.cells for export in exports if export.form.kind == "orders"
        ),
        "blanks": literal(AROUND[True]),
        "pickup_sources": numbers_of(exports, "parcels", "picked_up_at"),
        "delivery_sources": numbers_of(exports, "parcels", "delivered_at"),
    }


def numbers_of(exports: Iterable[Export], kind: str, field: str) -> str:
    """Return the numbers of the exports of a kind that have a field, as the list of an IN."""
    of_kind = (export for export in exports if export.form.kind == kind)
    found = [str(e.number) for e in of_kind if field in e.cells or field in e.form.always]
    return ", ".join(found or ["-1"])


def supplied(exports: Iterable[Export], platforms: Platforms) -> dict[str, frozenset[str]]:
    """Return the fields that joined exports can supply to the lines of each platform."""
    by_platform: dict[str, frozenset[str]] = {}
    for export in exports:
        if export.form.kind != "orders":
            for platform in platforms.of[export.number]:
                by_platform[platform] = by_platform.get(platform, frozenset()) | supplied_to_lines(
                    export
                )
    return by_platform


def lookups(kind: Joined, export: Export | None, filing: Filing) -> list[Lookup]:
    """Return the keys by which the lines of an order export look rows up, the surest first."""
    # A line id is surest; an order's case may be of another line, a parcel of several orders.
    # "*" is the key of all products: cases are filed under it and under each product.
    cells, anything = export.cells if export else {}, ""
    if kind is CASES:
        ways, anything = _of_cases(*_ids_of(export), "product_id" in cells), literal("*")
    else:
        ways = _of_parcels(*_ids_of(export), filing)
    if "tracking_no" in cells:
        ways.append(Lookup(f"{kind.kind}_by_tracking", "tracking", "tracking_no", anything))
    return ways


def _of_parcels(has_ids: bool, names_order: bool, filing: Filing) -> list[Lookup]:
    by_line = filing.by_line if has_ids else ()
    by_order = filing.by_order if has_ids else (WHOLE,)
    ways = [_way(LINE, filed_by) for filed_by in by_line]
    return ways + [_way(ORDER, filed_by) for filed_by in by_order if names_order]


def _way(of: str, filed_by: str) -> Lookup:
    """Return the look-up of parcels by the id of a line, or by that of its order."""
    return Lookup(f"parcels_by_{of}_as_{filed_by}", filed_by, f"{of}_id")


def observed(kind: Joined, export: Export | None, filing: Filing) -> dict[str, str]:
    """Return the SQL of what a line finds by its id and what by its order's, where it is noted."""
    if kind is not PARCELS or not filing.is_observed:
        return {}
    found = {BY_LINE: "null", BY_ORDER: "null"}
    for way in _of_parcels(*_ids_of(export), filing):
        if way.filed_by == EITHER and way.key == "line_id":
            found[BY_LINE] = f"{way.name}.number"
        elif way.filed_by in (EITHER, WHOLE):
            found[BY_ORDER] = f"{way.name}.number"
    if found[BY_ORDER] != "null":
        # In exports without line ids the two are equal, which would look like a conflict.
        differs = "known.line_id is distinct from known.order_id"
        found[BY_LINE] = f"case when {differs} then {found[BY_LINE]} end"
    return {name: f"cast({sql} as {OBSERVED})" for name, sql in found.items()}


def _ids_of(export: Export | None) -> tuple[bool, bool]:
    """Say whether the lines of an export have ids, and whether it names their orders."""
    has_ids = export is None or not needs_identity(export)
    return has_ids, export is not None and "order_id" in export.cells


def _of_cases(has_ids: bool, names_order: bool, names_product: bool) -> list[Lookup]:
    by_order = "order" if has_ids else "whole"
    ways = [Lookup("cases_by_line", "line", "line_id")] if has_ids else []
    ways += [Lookup("cases_by_order", by_order, "order_id")] if names_order else []
    return [way for one in ways for way in _by_product(one, names_product)]


def _by_product(way: Lookup, names_product: bool) -> list[Lookup]:
    """Return the look-ups of cases of a line's product, if its export names it, else of any."""
    if not names_product:
        return [replace(way, product=literal("*"))]
    other = "case when known.product_id is null then '*' else '' end"
    return [
        replace(way, name=f"{way.name}_and_product", product="known.product_id"),
        replace(way, product=other),
    ]


def joined_values(present: Sequence[Joined], row_fields: Sequence[str]) -> dict[str, str]:
    """Return the SQL of the fields that a joined row may give in place of the line's export.

    A case that was found replaces all fields of a case, and its reason may be a shortage; a parcel
    fills only what is missing.
    """
    values: dict[str, str] = {}
    if CASES in present and "out_of_stock" in row_fields:
        found = f"{CASES.found}.out_of_stock_from"
        values["out_of_stock"] = f"{found} is not null or lines.out_of_stock"
        values["out_of_stock_from"] = f"coalesce(lines.out_of_stock_from, {found})"
    for name in row_fields:
        if CASES in present and name in CASE_FIELDS:
            texts = [f"{name}_text"] if name in CASE_WORDS else []
            for column in (name, *texts):
                values[column] = (
                    f"case when lines.{CASES.number} is null then lines.{column} "
                    f"else {CASES.found}.{column} end"
                )
        elif CASES in present and name == "buyer_key":
            values[name] = f"coalesce(lines.{name}, {CASES.found}.{name})"
        elif PARCELS in present and name in PARCEL_FIELDS:
            values[name] = f"coalesce(lines.{name}, {PARCELS.found}.{name})"
    return values


def known_of_lines(
    present: Sequence[Joined], exports: Sequence[Export], values_of: Mapping[str, str]
) -> dict[str, str]:
    """Return the fields of a line that come from what was joined, or else from its export.

    ``values_of`` are the fields that a joined row may give in its place.
    """
    values = {
        "parcel_known": f"lines.source in ({numbers_of(exports, 'orders', 'picked_up_at')})",
        "delivery_known": f"lines.source in ({numbers_of(exports, 'orders', 'delivered_at')})",
        "cases_of_line": f"cast(null as {FIELDS['cases_of_line'].kind.sql_type})",
        "refund_usual_at": f"cast(null as {FIELDS['refund_usual_at'].kind.sql_type})",
    }
    if PARCELS in present:
        for name, column in (("parcel_known", "has_pickup"), ("delivery_known", "has_delivery")):
            values[name] += f" or coalesce({PARCELS.found}.{column}, false)"
    events = (values_of.get(name, f"lines.{name}") for name in ("picked_up_at", "delivered_at"))
    values["scanned_at"] = f"least({', '.join(events)})"
    values["sent_at"] = (
        f"case when {values['parcel_known']} then {values['scanned_at']} else lines.shipped_at end"
    )
    if CASES in present:
        values["cases_of_line"] = f"coalesce({CASES.found}.cases_of_line, 0)"
        values["refund_usual_at"] = f"{CASES.found}.refund_usual_at"
        values["case_masked"] = f"coalesce({CASES.found}.case_masked, false)"
    return values
