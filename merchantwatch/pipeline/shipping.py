"""What rules need about shipping: who ships a line, and whether it has been shipped.

A line whose status says that it was shipped, but without a time in any export, was shipped at an
unknown time: it is not unshipped, and what depends on the time is unknown.
"""

import re
from collections.abc import Iterable

import msgspec

from merchantwatch.fields import NOT_TO_SHIP, PROMISE_HOURS, SHIPPING_FIELDS
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.rendering import literal
from merchantwatch.reading import Export
from merchantwatch.rules import BoundRule, later

NOT_TO_SHIP_SQL = f"coalesce(fulfilment in ({', '.join(map(literal, NOT_TO_SHIP))}), false)"
"""The test of a line that the merchant need not ship."""

_UNTIMED = {
    "shipped_at": "shipped_without_time",
    "sent_at": "(shipped_without_time and not parcel_known)",
}
"""The test of a line shipped at an unknown time, by the field that then is null."""

# Which time it is does not matter: only whether the part becomes known with it.
_ANY_TIME = "timestamp '2000-01-01 00:00:00'"


def depends_on_shipper(bound: BoundRule, plan: Plan) -> bool:
    """Say whether a rule leaves out lines that the merchant does not ship."""
    # The merchant answers after-sales cases whoever ships, so rules on cases judge all lines.
    about_shipping = SHIPPING_FIELDS & bound.reads and "case_applied_at" not in bound.reads
    return plan.knows_fulfilment and bool(about_shipping)


def untimed(bound: BoundRule, part: str) -> str | None:
    """Return the test of lines for which a part of a rule is null only because a time is unknown.

    That is so if the part is null, but would not be with any time in place of the unknown one. The
    test is made of the part itself, whose versions differ from day to day. None if it reads no such
    time.
    """
    sql = with_time = bound.sql.get(part, "")
    if sql in _UNTIMED:
        return _UNTIMED[sql]
    for name, test in _UNTIMED.items():
        filled_in = f"coalesce({name}, case when {test} then {_ANY_TIME} end)"
        with_time = re.sub(rf"\b{name}\b", filled_in, with_time)
    return f"({sql}) is null and ({with_time}) is not null" if with_time != sql else None


def with_untimed(bound: BoundRule) -> BoundRule:
    """Return a rule changed so that a line shipped at an unknown time is not taken as unshipped."""
    if bound.reads.isdisjoint(_UNTIMED):
        return bound
    return msgspec.structs.replace(
        bound, sql={part: _with_untimed(sql) for part, sql in bound.sql.items()}
    )


def _with_untimed(sql: str) -> str:
    for name, test in _UNTIMED.items():
        # "until now" is wrong for a line that was shipped, and so is "has not happened".
        until_now = rf"coalesce\({name}, as_of\)"
        if_unshipped = f"case when not {test} then coalesce({name}, as_of) end"
        sql = re.sub(until_now, if_unshipped, sql, flags=re.IGNORECASE)
        not_happened = rf"\b{name} is null\b"
        sql = re.sub(not_happened, f"({name} is null and not {test})", sql, flags=re.IGNORECASE)
    return sql


def promise(exports: Iterable[Export], clocks: str) -> str:
    """Return the SQL of the promise computed for a line, which depends on its export's format.

    ``clocks`` is the zone of the run if its clocks change in summer, else "".
    """
    usual = later("lines.paid_at", f"{PROMISE_HOURS} hours", clocks)
    by_promise: dict[str, list[str]] = {}
    for export in exports:
        if export.form.promise:
            by_promise.setdefault(export.form.promise.sql, []).append(str(export.number))
    arms = [
        f"when lines.source in ({', '.join(numbers)}) then {_from_payment(sql)}"
        for sql, numbers in by_promise.items()
    ]
    return f"case {' '.join(arms)} else {usual} end" if arms else usual


def _from_payment(sql: str) -> str:
    # Imported here, as it loads the parser of SQL, and few formats state a promise.
    from merchantwatch.rules.predicates import checked

    return re.sub(r"\bpaid_at\b", "lines.paid_at", checked(sql).sql)
