"""Refunds → whether and since when a line is settled: once its cases together refund it whole."""

from collections.abc import Collection, Iterable, Mapping

from merchantwatch.fields import REFUNDS, SETTLED_BY
from merchantwatch.pipeline.carried import carried
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.reading import Export

TABLE = "settlements"
"""The table of the refunds of each key of cases, with the amounts of lines that each settles."""

_FIELDS = frozenset({"settled", "settled_at"})

_IF_CARRIED = {
    "case_type": "coalesce(lines.case_type <> 'price', true)",
    "refund_amount": "coalesce(lines.refund_amount >= lines.amount, true)",
}
"""Tests against a settlement by the line's own export, by the field that it must carry."""

_WHOLE = 10**12
"""The value of a refund of unknown amount: more than any line, so that it settles any."""


def table() -> str:
    """Return the query of the refunds of all cases."""
    return render_sql("2_settlements", closing=", ".join(map(literal, REFUNDS)), whole=_WHOLE)


def joins(number: str, derived: Collection[str]) -> dict[str, str]:
    """Return the join condition of a line, with its cases under ``number``, and its settlement."""
    if _FIELDS.isdisjoint(derived):
        return {}
    # Refunds are summed up in order: each row settles the amounts from one sum to the next.
    whole = f"lines.amount > {TABLE}.above and lines.amount <= {TABLE}.up_to"
    unknown = f"lines.amount is null and {TABLE}.closes_first"
    return {TABLE: f"lines.{number} = {TABLE}.number and ({whole} or {unknown})"}


def known_of_lines(
    number: str,
    present: Mapping[str, str],
    row_fields: Collection[str],
    exports: Iterable[Export],
    values: Mapping[str, str],
) -> dict[str, str]:
    """Return whether a line is settled, and since when.

    Cases win over the status in the line's export, which has no time. For a status word that no
    format knows it is null. ``values`` are the fields that a case may give.
    """
    words = values.get("case_status_text", "lines.case_status_text")
    by_status, unknown = "false", "false"
    if {*SETTLED_BY} <= {*row_fields}:
        unknown = f"{words} is not null"
        tests = ["lines.case_status = 'refunded'"]
        orders = (carried(export) for export in exports if export.form.kind == "orders")
        carried_by_some = frozenset[str]().union(*orders)
        tests += [test for field, test in _IF_CARRIED.items() if field in carried_by_some]
        by_status = f"coalesce({' and '.join(tests)}, false)"
    found, at = by_status, "cast(null as timestamp)"
    if TABLE in present:
        found = (
            f"case when lines.{number} is null then {by_status} else {TABLE}.number is not null end"
        )
        at = f"{TABLE}.refunded_at"
    return {
        "settled": f"case when {found} then true when not ({unknown}) then false end",
        "settled_at": at,
    }
