"""Judged lines → the work list of a run."""

from collections.abc import Sequence
from decimal import Decimal

from merchantwatch.pipeline import task_lines
from merchantwatch.pipeline.rendering import literal
from merchantwatch.pipeline.steps import make
from merchantwatch.results.judged import Judged
from merchantwatch.results.records import Finding, FindingKey
from merchantwatch.tasks import (
    MOST_LINES,
    SOON,
    Ranked,
    Ranking,
    ScopeFacts,
    Tables,
    WorkList,
    kinds,
    ranked_of,
    work_list,
)


def work(judged: Judged, found: Sequence[Finding], penalty: Decimal | None) -> WorkList:
    """Let the engine rank the tasks of a run, and return the work list.

    ``penalty`` is the cost of all findings together, of which ``found`` are the listed ones.
    """
    engine, plan = judged.engine, judged.plan
    currencies = judged.tally.currencies
    about_kinds = {code: (kind.per, kind.over_at_due) for code, kind in kinds().items()}
    tables = task_lines.tables(plan, currencies, about_kinds)
    for name, query in tables.items():
        make(engine, name, query)
    acting = task_lines.rules_of_acts(plan)

    # Called later: the tables stay in the engine until the results are closed.
    def fetch(first: int, most: int, of: Sequence[str]) -> Sequence[Ranked]:
        page = task_lines.TaskPage(first, most, MOST_LINES, tuple(map(literal, of)))
        queries = task_lines.listed(plan, currencies, about_kinds, page)
        return ranked_of(Tables(*map(engine.table, queries)), acting)

    totals = task_lines.totals(plan, about_kinds, judged.settings.as_of + SOON)
    # Where no rule asks for tasks there is no table of them to count.
    ranking = Ranking(engine.table(totals).to_pylist() if tables else [], fetch)
    return work_list(ranking, found, scope_facts(judged), penalty)


def scope_facts(judged: Judged) -> ScopeFacts:
    """Return what findings of whole scopes need to create tasks, given the tasks of lines."""
    query = task_lines.short_scopes(judged.plan)
    rows = judged.engine.table(query).to_pylist() if query else []
    short = {FindingKey.of(row): row["lines"] for row in rows}
    rules = {bound.code: bound.rule for bound in judged.book.rules}
    return ScopeFacts(rules, short, judged.settings.as_of)
