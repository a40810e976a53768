"""Rows → lines: superseded rows left out, as-of applied, parcels joined."""

from collections.abc import Sequence
from datetime import datetime

from merchantwatch.fields import FIELDS, PROMISE_HOURS, Kind
from merchantwatch.formats import MAPPED
from merchantwatch.pipeline.exports import AROUND, Layout
from merchantwatch.pipeline.stages import literal, stage
from merchantwatch.reading import Export


def platformed(layout: Layout) -> str:
    """Return the view that gives rows their platform and the fields that no export carries."""
    absent = {n: FIELDS[n].kind.sql_type for n in layout.kept if n not in layout.stored}
    absent |= {f"{name}_text": "varchar" for name in absent if FIELDS[name].kind is Kind.WORD}
    named = {number: literal(name) for number, name in layout.platforms.items()}
    arms = " ".join(f"when {number} then {name}" for number, name in named.items())
    several = len(set(named.values())) > 1
    return stage(
        "2_platformed",
        absent={name: kind for name, kind in absent.items() if name != "shop"},
        shop=literal(layout.shop) if "shop" in absent else "",
        platform=f"case source {arms} end" if several else next(iter(named.values()), "null"),
    )


def latest() -> str:
    """Return the statement that finds the superseded rows."""
    return stage("3_latest")


def parcels(as_of: datetime) -> str:
    """Return the statement that makes one row of each order's parcels."""
    return stage(
        "4_parcels", as_of=literal(as_of), several=literal(","), blanks=literal(AROUND[True])
    )


def lines(layout: Layout, as_of: datetime, exports: Sequence[Export], *, joined: bool) -> str:
    """Return the view of the lines as they stood at as-of."""
    apart = {"line_id", "shop", "status"}
    pickups = [str(e.number) for e in exports if "picked_up_at" in e.cells]
    untold = [str(e.number) for e in exports if e.form.code == MAPPED and "status" not in e.cells]
    texts = [f"{name}_text" for name in layout.kept if FIELDS[name].kind is Kind.WORD]
    stock = ["out_of_stock_from"] if layout.stock else []
    return stage(
        "5_lines",
        as_of=literal(as_of),
        plain=[n for n in layout.kept if n not in apart and not FIELDS[n].event] + texts + stock,
        events=[n for n in layout.kept if FIELDS[n].event],
        promise_hours=PROMISE_HOURS,
        parcels=joined,
        pickup_sources=", ".join(pickups or ["-1"]),
        untold_status=", ".join(untold),
    )
