"""Passes over the rows of exports with the same columns: judging, a first reading, a second one."""

from collections.abc import Callable, Sequence
from functools import partial

from msgspec.structs import replace

from merchantwatch.engines import ColumnFacts, Pass
from merchantwatch.fields import KEY_FIELDS
from merchantwatch.pipeline import cross_line, identity, row_states, standing
from merchantwatch.pipeline.dividing import divided_column
from merchantwatch.pipeline.exports import NO_FACTS, order_rows, relation
from merchantwatch.pipeline.joined import CASES
from merchantwatch.pipeline.keys import Keys
from merchantwatch.pipeline.layout import wanted_of
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.rendering import render_sql
from merchantwatch.reading import Export

RowQuery = Callable[[Export | None, ColumnFacts], str]
"""Builds the query of the rows of an export (None: of no row) from facts about its columns."""

CACHED_ROWS = "rows_again"
"""The relation of normalised rows that an earlier run has cached."""


def judging(lines: Lines, export: Export, plan: Plan) -> Pass:
    """Return the pass that judges the rows of an export, and of those with the same columns."""
    return Pass(
        wanted=wanted_of(export, lines.layout.row_fields, lines.layout.keys, lines.layout.tz),
        relation=relation(export),
        query=lambda facts: row_states.query(lines, export, plan, facts),
        states=list(row_states.states(lines, plan)),
        relevant=list(row_states.relevant(lines, plan)),
        upcoming=list(row_states.upcoming(plan)),
        unsettled=row_states.unsettled(lines),
        several=divided_column(export),
        whole=bool(export.form.once),
        joins=bool(lines.joined),
    )


def joined_rows_query(lines: Lines, export: Export) -> str:
    """Return the query of what cached rows of an export find in joined exports now."""
    return standing.joined_rows_found(lines, export, f"select * from {CACHED_ROWS}")


def rejudging(lines: Lines, export: Export, plan: Plan, *, caching: bool) -> Pass:
    """Return the pass that judges cached rows again, which are normalised already.

    Only if ``caching``, those that another run may have to judge are stored in full.
    """
    query = row_states.judged(lines, export, plan, f"select * from {CACHED_ROWS}")
    first = judging(lines, export, plan)
    return replace(
        first,
        relation=CACHED_ROWS,
        query=lambda _: query,
        unsettled=first.unsettled if caching else (),
        # Rows are divided and filled already: they were cached after that.
        several=None,
        whole=False,
    )


def first_reading(lines: Lines, export: Export) -> Pass:
    """Return the pass that reads an export beforehand, for cross-line fields."""
    slim = replace(lines, layout=lines.layout.of_first_reading)
    first = _without_judging(
        slim, export, partial(first_reading_query, slim), cross_line.COLUMNS, cross_line.TABLE
    )
    return replace(first, joins=bool(lines.joined))


def twins(lines: Lines, export: Export) -> Pass:
    """Return the pass that reads an export once more, for rows that share their ids."""
    # Personal columns are not needed to tell lines from each other.
    slim = replace(lines, layout=replace(lines.layout.of_first_reading, keys=Keys()))
    return _without_judging(
        slim, export, partial(twins_query, slim), identity.TWIN_COLUMNS, identity.TWINS
    )


def first_reading_query(lines: Lines, export: Export | None, facts: ColumnFacts = NO_FACTS) -> str:
    """Return the query of the first reading of an export (None: of no row)."""
    # The table has both keys in any case, so that its queries need not differ.
    null = "cast(null as varchar)"
    keys = {name: name if name in lines.layout.row_fields else null for name in KEY_FIELDS}
    return render_sql(
        "2_cross_line",
        standing=standing.standing(lines, export, order_rows(export, lines.layout, facts)),
        case_number=CASES.number if CASES in lines.joined else "cast(null as bigint)",
        **keys,
    )


def twins_query(lines: Lines, export: Export | None, facts: ColumnFacts = NO_FACTS) -> str:
    """Return the query of the rows of an export that share their ids (None: of no row)."""
    return identity.twins(order_rows(export, lines.layout, facts))


def _without_judging(
    lines: Lines, export: Export, query: RowQuery, columns: Sequence[str], table: str
) -> Pass:
    """Return a pass that judges nothing: the columns of its query go to a single table."""
    return Pass(
        wanted=wanted_of(export, lines.layout.row_fields, lines.layout.keys, lines.layout.tz),
        relation=relation(export),
        query=lambda facts: query(export, facts),
        states=columns,
        several=divided_column(export),
        whole=bool(export.form.once),
        table=table,
    )
