"""Rows → lines: superseded rows left out, as-of applied, parcels joined."""

from collections.abc import Sequence
from datetime import datetime

from merchantwatch.fields import FIELDS, PROMISE_HOURS
from merchantwatch.formats import MAPPED
from merchantwatch.pipeline.exports import AROUND, Layout
from merchantwatch.pipeline.stages import literal, stage
from merchantwatch.reading import Export


def twins() -> str:
    """Return the statement that finds the lines which stand in more than one row."""
    return stage("3_twins")


def latest() -> str:
    """Return the statement that finds the superseded rows among twins."""
    return stage("3_latest")


def parcels(as_of: datetime) -> str:
    """Return the statement that makes one row of each order's parcels."""
    return stage(
        "4_parcels", as_of=literal(as_of), several=literal(","), blanks=literal(AROUND[True])
    )


def lines(
    layout: Layout, as_of: datetime, exports: Sequence[Export], *, superseded: bool, joined: bool
) -> str:
    """Return the view of the lines as they stood at as-of."""
    apart = {"line_id", "shop", "status"}
    pickups = [str(e.number) for e in exports if "picked_up_at" in e.cells]
    untold = [str(e.number) for e in exports if e.form.code == MAPPED and "status" not in e.cells]
    texts = [f"{name}_text" for name in layout.words]
    return stage(
        "5_lines",
        as_of=literal(as_of),
        plain=[n for n in layout.kept if n not in apart and not FIELDS[n].event]
        + [*texts, "out_of_stock_from"],
        events=[n for n in layout.kept if FIELDS[n].event],
        promise_hours=PROMISE_HOURS,
        superseded=superseded,
        parcels=joined,
        pickup_sources=", ".join(pickups or ["-1"]),
        untold_status=", ".join(untold),
    )
