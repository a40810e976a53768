"""Suppressions → the SQL that separates suppressed findings from all others."""

from collections.abc import Sequence
from datetime import date

from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.rules import BoundRule, Rulebook, Suppression, suppressible

COUNTED = "counted"
"""The table of all findings where some are suppressed; ``findings`` are then the others."""


def codes(plan: Plan, entry: Suppression) -> frozenset[str]:
    """Return the codes of the judging rules that an entry applies to."""
    risk = plan.risk if plan.judges_risk else None
    return suppressible(Rulebook(rules=plan.rules, risk=risk), entry.rule)


def matches(plan: Plan, day: date) -> str:
    """Return the query of each finding with each entry that matches every line of it.

    ``silent`` says whether the entry is in force on the day.
    """
    # Entries about the same rules share one list of codes.
    choices = {entry.rule: number for number, entry in enumerate(plan.suppressions)}
    chosen = {entry.rule: codes(plan, entry) for entry in plan.suppressions}
    entries = [
        (
            str(entry.number),
            str(choices[entry.rule]),
            *(f"cast({literal(value)} as varchar)" for value in entry.place),
            str(entry.holds_on(day)).lower(),
        )
        for entry in plan.suppressions
    ]
    rules = [
        (choices[rule], literal(code))
        for rule, of_rule in chosen.items()
        for code in sorted(of_rule)
    ]
    return render_sql("9_matches", entries=entries, rules=rules, counted=COUNTED)


def suppressed() -> str:
    """Return the query of the findings that are suppressed, each with the first such ``entry``."""
    return render_sql("9_suppressed", counted=COUNTED, only_suppressed=True)


def listed_findings() -> str:
    """Return the query of the findings that are not suppressed."""
    return render_sql("9_suppressed", counted=COUNTED, only_suppressed=False)


def of_lines(plan: Plan, with_tasks: Sequence[BoundRule]) -> list[str]:
    """Return the codes of the rules that some entry applies to, among those with tasks of lines."""
    covered = frozenset[str]().union(*(codes(plan, entry) for entry in plan.suppressions))
    return [b.code for b in with_tasks if b.code in covered and b.rule.per == "line"]
