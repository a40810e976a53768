"""Rows → lines: as-of applied, parcels joined, superseded rows found, judged while read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from merchantwatch.fields import FIELDS, PROMISE_HOURS
from merchantwatch.formats import MAPPED
from merchantwatch.pipeline.exports import AROUND, Layout, order_rows, parcel_rows
from merchantwatch.pipeline.judging import Plan, columns
from merchantwatch.pipeline.stages import literal, stage
from merchantwatch.reading import Export

FLAGS = (
    "parcel_known",
    "promise_computed",
    "masked",
    "without_seconds",
    "amount_unread",
    "quantity_unread",
)
"""What is counted of lines, as they are computed."""


@dataclass(frozen=True)
class Lines:
    """The lines of a run, as queries: all of them, or those of picked rows only.

    ``joined`` says whether parcels are there to be joined onto them.
    """

    exports: Sequence[Export]
    layout: Layout
    as_of: datetime
    joined: bool

    @property
    def words(self) -> tuple[str, ...]:
        """The word fields that some export carries."""
        return tuple(name for name in self.layout.words if name in self.layout.carried)

    @property
    def flags(self) -> tuple[str, ...]:
        """The columns of ``states`` that are counted."""
        unknown = (f"{name}_unknown" for name in self.words)
        return (*FLAGS, "closed", "shipped_without_time", *unknown)

    def rows(self, picked: str = "") -> str:
        """Return the query of all rows of order exports, or of those in the table ``picked``."""
        return order_rows(self.exports, self.layout, picked)

    def parcel_rows(self) -> str:
        """Return the query of all rows of parcels exports."""
        return parcel_rows(self.exports, self.layout)

    def standing(self, rows: str) -> str:
        """Return the query of these rows as lines that stood at as-of."""
        apart = {"line_id", "shop", "status"}
        orders = [export for export in self.exports if export.form.kind == "orders"]
        pickups = [str(e.number) for e in orders if "picked_up_at" in e.cells]
        untold = [
            str(e.number) for e in orders if e.form.code == MAPPED and "status" not in e.cells
        ]
        texts = [f"{name}_text" for name in self.layout.words]
        return stage(
            "4_standing",
            rows=rows,
            as_of=literal(self.as_of),
            plain=[n for n in self.layout.kept if n not in apart and not FIELDS[n].event]
            + [*texts, "out_of_stock_from"],
            events=[n for n in self.layout.kept if FIELDS[n].event],
            promise_hours=PROMISE_HOURS,
            parcels=self.joined,
            pickup_sources=", ".join(pickups or ["-1"]),
            untold_status=", ".join(untold),
        )

    def parcels(self) -> str:
        """Return the statement that makes one row of each order's parcels."""
        return stage(
            "3_parcels",
            rows=self.parcel_rows(),
            as_of=literal(self.as_of),
            several=literal(","),
            blanks=literal(AROUND[True]),
        )

    def empty_states(self, plan: Plan) -> str:
        """Return the statement that makes the table of states."""
        flags = ", ".join(f"{name} boolean" for name in self.flags)
        rules = "".join(f", {bound.code}_state tinyint" for bound in plan.rules)
        return (
            "create table states (source integer, source_row bigint, line_hash ubigint, "
            f"left_out tinyint, {flags}{rules}, created_at timestamp, newest_event timestamp)"
        )

    def states(self, export: Export, plan: Plan) -> str:
        """Return the statement that judges the rows of one export, in one pass over it."""
        layout = self.layout
        rows = order_rows([export], layout, "", named=False)
        shared, rules = columns(plan)
        return stage(
            "5_states",
            standing=self.standing(rows),
            flags=FLAGS,
            words=self.words,
            shared=shared,
            rules=rules,
            events=[n for n in layout.kept if FIELDS[n].event and n in layout.carried],
            as_of=literal(self.as_of),
        )
