"""By which of its ids a parcel's row is filed, and what a file's column of orders holds.

A row names a line, or an order alone. Some files have ids of lines in the column of orders, and
in Douyin the first line of an order has the order's id. So a row without a line is filed under an
id of either; a line asks by its own id first, then by its order's. That goes wrong where one id is
that of an order and also that of another order's line, as with orders and lines numbered 1, 2, 3
each: such a line would have the other order's parcels. Then all values of a file decide whether
its column holds orders or lines, and its rows are filed, and looked up, as that alone.
"""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from merchantwatch.engines import Engine
from merchantwatch.pipeline.carried import needs_identity
from merchantwatch.pipeline.rendering import render_sql
from merchantwatch.reading import Export

LINE, ORDER, EITHER, WHOLE = "line", "order", "either", "whole"
"""The kinds of ids: a line's; an order's; one of these; the order's, for lines without ids."""

BY_LINE, BY_ORDER = "parcel_by_line", "parcel_by_order"
"""The columns with the rows filed under an id of either that a line finds by its id, and by its
order's; the first only where the two ids differ."""
OBSERVED = "integer"
"""The type of these columns, which each row has in memory."""


class Filing(Struct, frozen=True):
    """How the rows of parcels are filed.

    ``of_lines`` and ``of_orders`` are the numbers of the exports whose column of orders is known to
    hold ids of lines, or of orders; ``names_lines`` says whether some row may name a line,
    ``names_orders`` whether some may name an order, ``whole`` whether orders are looked up whose
    lines have no ids.
    """

    names_lines: bool = False
    names_orders: bool = False
    whole: bool = False
    of_lines: frozenset[int] = frozenset()
    of_orders: frozenset[int] = frozenset()

    @property
    def is_decided(self) -> bool:
        """Whether ids of both have been found, and the files that hold them examined."""
        return bool(self.of_lines or self.of_orders)

    @property
    def is_observed(self) -> bool:
        """Whether it is noted by which ids lines find their parcels."""
        return self.names_orders and not self.is_decided

    @property
    def observed_columns(self) -> list[str]:
        """The columns in which that is noted."""
        return [BY_LINE, BY_ORDER] if self.is_observed else []

    @property
    def by_line(self) -> tuple[str, ...]:
        """The kinds of ids that a line looks up by its own, the surest first."""
        return ((LINE,) if self.names_lines or self.of_lines else ()) + (EITHER,)

    @property
    def by_order(self) -> tuple[str, ...]:
        """The kinds of ids that a line with an id looks up by its order's."""
        return ((ORDER,) if self.of_orders else ()) + (EITHER,)


def filing_of(exports: Iterable[Export]) -> Filing:
    """Return how parcels are filed before any line has been read."""
    exports = list(exports)
    cells = [export.cells for export in exports if export.form.kind == "parcels"]
    whole = any(needs_identity(e) for e in exports if e.form.kind == "orders")
    return Filing(any("line_id" in c for c in cells), any("order_id" in c for c in cells), whole)


def decided(engine: Engine, filing: Filing) -> Filing:
    """Return how parcels are to be filed now that all lines are known.

    If an export of parcels has ids of both, its column of orders holds lines where more of its
    values are the id of a line alone than of an order alone; else orders, as its name says.
    """
    # Nearly always: then no id is both, and nothing needs to be decided.
    if not engine.table(render_sql("found_by_line", by_line=BY_LINE)).to_pylist():
        return filing
    query = render_sql("meanings", by_line=BY_LINE, by_order=BY_ORDER, either=EITHER)
    rows = engine.table(query).to_pylist()
    of_lines = frozenset(row["source"] for row in rows if row["lines"] > row["orders"])
    of_orders = frozenset(row["source"] for row in rows) - of_lines
    return replace(filing, of_lines=of_lines, of_orders=of_orders)
