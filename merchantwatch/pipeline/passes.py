"""Passes over the rows of exports with the same columns: to judge, read before, or read again."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from merchantwatch.engines import ColumnFacts, Pass
from merchantwatch.fields import KEY_FIELDS
from merchantwatch.pipeline import cross_line, identity, row_states, standing
from merchantwatch.pipeline.dividing import several_in
from merchantwatch.pipeline.exports import NO_FACTS, order_rows, relation
from merchantwatch.pipeline.joined import CASES
from merchantwatch.pipeline.keys import Keys
from merchantwatch.pipeline.layout import wanted_of
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.stages import stage
from merchantwatch.reading import Export

Look = Callable[[Export | None, ColumnFacts], str]
"""Builds the query of the rows of one export, or of no row, for the facts about its columns."""


AGAIN = "rows_again"
"""The relation of normalised rows that another run has cached."""


def judged(lines: Lines, export: Export, plan: Plan) -> Pass:
    """Return the pass that judges the rows of an export, and of those with the same columns."""
    return Pass(
        wanted=wanted_of(export, lines.layout.row_fields, lines.layout.keys, lines.layout.tz),
        relation=relation(export),
        query=lambda facts: row_states.query(lines, export, plan, facts),
        states=list(row_states.states(lines, plan)),
        relevant=list(row_states.relevant(lines, plan)),
        upcoming=list(row_states.upcoming(plan)),
        unsettled=row_states.unsettled(lines),
        several=several_in(export),
        whole=bool(export.form.once),
    )


def looked_up(lines: Lines, export: Export) -> str:
    """Return the query of what cached rows of such exports find in joined exports."""
    return standing.looked_up(lines, export, f"select * from {AGAIN}")


def judged_again(lines: Lines, export: Export, plan: Plan) -> Pass:
    """Return the pass that judges cached, normalised rows of such exports."""
    query = row_states.judged(lines, export, plan, f"select * from {AGAIN}")
    over = replace(judged(lines, export, plan), relation=AGAIN, query=lambda _: query)
    return replace(over, several=None, whole=False)


def looked_at(lines: Lines, export: Export) -> Pass:
    """Return the pass of the first reading of such exports."""
    slim = replace(lines, layout=lines.layout.slim)
    return _looking(slim, export, partial(look, slim), cross_line.COLUMNS, cross_line.TABLE)


def twins(lines: Lines, export: Export) -> Pass:
    """Return the pass that reads such exports again for the rows whose ids occur several times."""
    # Personal columns are not needed to tell lines from each other.
    slim = replace(lines, layout=replace(lines.layout.slim, keys=Keys()))
    return _looking(slim, export, partial(twins_of, slim), identity.TWIN_COLUMNS, identity.TWINS)


def look(lines: Lines, export: Export | None, facts: ColumnFacts = NO_FACTS) -> str:
    """Return the query of the first reading of one export, or of no row."""
    null = "cast(null as varchar)"
    keys = {name: name if name in lines.layout.row_fields else null for name in KEY_FIELDS}
    return stage(
        "2_cross_line",
        standing=standing.standing(lines, export, order_rows(export, lines.layout, facts)),
        case_number=CASES.number if CASES in lines.joined else "cast(null as bigint)",
        **keys,
    )


def twins_of(lines: Lines, export: Export | None, facts: ColumnFacts = NO_FACTS) -> str:
    """Return the query of such rows, or of no row."""
    return identity.twins(order_rows(export, lines.layout, facts))


def _looking(lines: Lines, export: Export, query: Look, columns: Sequence[str], table: str) -> Pass:
    """Return a pass that judges nothing: the columns of its query go to one table."""
    return Pass(
        wanted=wanted_of(export, lines.layout.row_fields, lines.layout.keys, lines.layout.tz),
        relation=relation(export),
        query=lambda facts: query(export, facts),
        states=columns,
        several=several_in(export),
        whole=bool(export.form.once),
        table=table,
    )
