"""Hits → their cost together: which money adds up, and the most that one buyer gets."""

from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.rules import RuleVersion


def costs(plan: Plan) -> dict[str, str]:
    """Return the query of the table of what each line costs; none where no rule states money."""
    if all(bound.penalty is None for bound in plan.rules):
        return {}
    query = render_sql("9_paid_costs", on_top=hits_on_top(plan), by_buyer=bounds_buyers(plan))
    return {"paid_costs": query}


def penalties() -> str:
    """Return the query of what all findings cost together."""
    return render_sql("penalties")


def bounds_buyers(plan: Plan) -> bool:
    """Say whether some clause bounds the compensation of one buyer for one day of payment."""
    return any(bound.buyer_day for bound in plan.rules)


def hits_on_top(plan: Plan) -> str:
    """Return the test of a hit whose money is added to that of other clauses."""
    tests = [
        f"hits.code = {literal(bound.code)} and {of_version(version, 'hits.day')}"
        for bound in plan.rules
        for version in bound.on_top
    ]
    return " or ".join(tests or ["false"])


def of_version(version: RuleVersion | None, day: str) -> str:
    """Return the test that a version of a rule is in force on a day, which is an SQL expression."""
    if version is None:
        return "true"
    # The day of `until` itself belongs to the next version.
    until = f" and {day} < date '{version.until}'" if version.until else ""
    return f"{day} >= date '{version.since.isoformat()}'{until}"
