"""What the engine has judged → the work list of a run."""

from collections.abc import Sequence
from decimal import Decimal

from merchantwatch.engines import Engine
from merchantwatch.pipeline import task_lines
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.stages import literal
from merchantwatch.pipeline.steps import make
from merchantwatch.results.accounting import Tally
from merchantwatch.results.records import Finding, FindingKey
from merchantwatch.rules import Rulebook
from merchantwatch.settings import Settings
from merchantwatch.tasks import (
    MOST_LINES,
    SOON,
    Ranked,
    Tables,
    WorkList,
    kinds,
    ranked_of,
    work_list,
)


def work(
    engine: Engine,
    settings: Settings,
    book: Rulebook,
    plan: Plan,
    tally: Tally,
    found: Sequence[Finding],
    penalty: Decimal | None,
) -> WorkList:
    """Let the engine rank what somebody can still do something about.

    ``penalty`` is what all findings of the run, of which ``found`` are listed, cost together.
    """
    currencies = tally.currencies
    told = {code: (kind.per, kind.over_at_due) for code, kind in kinds().items()}
    tables = task_lines.tables(plan, currencies, told)
    for name, query in tables.items():
        make(engine, name, query)
    acting = task_lines.acting(plan)

    def fetch(first: int, most: int, of: Sequence[str]) -> Sequence[Ranked]:
        some = task_lines.Some(first, most, MOST_LINES, tuple(map(literal, of)))
        queries = task_lines.listed(plan, currencies, told, some)
        return ranked_of(Tables(*map(engine.table, queries)), acting)

    counts = engine.table(task_lines.totals(settings.as_of + SOON)).to_pylist() if tables else []
    short = short_lines(engine, plan)
    return work_list(fetch, counts, found, short, book, penalty, settings.as_of)


def short_lines(engine: Engine, plan: Plan) -> dict[FindingKey, int]:
    """Return how many lines would add to the count of each scope that nobody can ship.

    They are among those that somebody has to act on: the engine has to know these.
    """
    query = task_lines.short_scopes(plan)
    rows = engine.table(query).to_pylist() if query else []
    return {FindingKey.of(row): row["lines"] for row in rows}
