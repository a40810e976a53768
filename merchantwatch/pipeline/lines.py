"""Rows → lines: superseded rows left out, as-of applied, parcels joined."""

from collections.abc import Collection, Sequence
from datetime import datetime

from merchantwatch.fields import FIELDS, PROMISE_HOURS, Kind
from merchantwatch.formats import MAPPED
from merchantwatch.pipeline.exports import AROUND
from merchantwatch.pipeline.stages import literal, stage
from merchantwatch.reading import Export


def latest() -> str:
    """Return the statement that finds the superseded rows."""
    return stage("2_latest")


def parcels(as_of: datetime) -> str:
    """Return the statement that makes one row of each order's parcels."""
    return stage(
        "3_parcels", as_of=literal(as_of), several=literal(","), blanks=literal(AROUND[True])
    )


def lines(
    kept: Collection[str], as_of: datetime, exports: Sequence[Export], *, joined: bool
) -> str:
    """Return the view of the lines as they stood at as-of."""
    apart = {"line_id", "shop", "status"}
    words = [f"{name}_text" for name in kept if FIELDS[name].kind is Kind.WORD]
    stock = ["out_of_stock_from"] if "out_of_stock" in kept else []
    pickups = [str(e.number) for e in exports if "picked_up_at" in e.cells]
    untold = [str(e.number) for e in exports if e.form.code == MAPPED and "status" not in e.cells]
    return stage(
        "4_lines",
        as_of=literal(as_of),
        plain=[n for n in kept if n not in apart and not FIELDS[n].event] + words + stock,
        events=[n for n in kept if FIELDS[n].event],
        promise_hours=PROMISE_HOURS,
        parcels=joined,
        pickup_sources=", ".join(pickups or ["-1"]),
        untold_status=", ".join(untold),
    )
