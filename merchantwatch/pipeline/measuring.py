"""Counts over all lines, not only over hits: what findings of a shop or a carrier compare with."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.platforms import Platforms
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.pipeline.shares import volume_column
from merchantwatch.pipeline.states import HIT
from merchantwatch.reading import Export

_FINE, _UNSCANNED, _SCANNED_LATE, _STALLED = range(4)
"""The states of a parcel that was sent long enough ago to be judged."""

_SCAN_HOURS = 48
"""Hours from the upload to the expected scan, the same for all platforms."""

SENT_LONG_AGO = f"shipped_at + interval '{_SCAN_HOURS}' hour"
"""The time after shipping from which the state of a parcel is counted."""

PARCEL_TYPES = {"parcel_state": "tinyint", "of_carrier": "varchar", "of_warehouse": "varchar"}
"""The columns on the parcel of every line, and their types."""


def has_scans(exports: Iterable[Export]) -> bool:
    """Say whether exports have the times of scans, and the carriers or warehouses of parcels."""
    # Constants count as well: a format may be of one carrier alone.
    names = frozenset[str]().union(*({*e.cells, *e.form.always} for e in exports))
    return "picked_up_at" in names and bool(names & {"carrier", "warehouse"})


def parcel_columns(plan: Plan, row_fields: Collection[str]) -> dict[str, str]:
    """Return the columns about the parcel of every line, as SQL over its fields."""
    # A parcel is stalled when a rule that lets somebody chase the carrier hits its line.
    chased = [b.code for b in plan.rules if "chase-carrier" in b.rule.tasks]
    is_stalled = " or ".join(f"{code}_state = {HIT}" for code in chased) or "false"
    state = render_sql(
        "parcel_state",
        sent=SENT_LONG_AGO,
        is_stalled=is_stalled,
        unscanned=_UNSCANNED,
        scanned_late=_SCANNED_LATE,
        stalled=_STALLED,
        fine=_FINE,
    )
    fields = {
        f"of_{name}": name if name in row_fields else "cast(null as varchar)"
        for name in ("carrier", "warehouse")
    }
    return {"parcel_state": f"cast({state} as tinyint)"} | fields


def carriers(platforms: Platforms) -> str:
    """Return the query that counts parcels by state, shop, carrier and warehouse."""
    return render_sql(
        "carriers",
        platform=platforms.of_source,
        unscanned=_UNSCANNED,
        late=_SCANNED_LATE,
        stalled=_STALLED,
    )


def late_days(plan: Plan, platforms: Platforms, last: date, days: int) -> str | None:
    """Return the query of the late lines of each of the last days; None without a daily rule."""
    if not plan.daily:
        return None
    # The day of as-of is the last one, though it is not over.
    first = last - timedelta(days=days - 1)
    return render_sql(
        "late_days",
        platform=platforms.of_source,
        rules=[{"code": bound.code, "column": volume_column(bound)} for bound in plan.daily],
        codes=", ".join(literal(bound.code) for bound in plan.daily),
        first=f"date '{first.isoformat()}'",
        last=f"date '{last.isoformat()}'",
    )
