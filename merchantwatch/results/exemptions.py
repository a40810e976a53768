"""The effect of each exemption, and the number of lines exempt from each rule."""

from merchantwatch.engines import Engine
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.rendering import render_sql
from merchantwatch.results.records import Exempted


def outcomes(engine: Engine, plan: Plan) -> tuple[Exempted, ...]:
    """Return the effect of each exemption, in the order of their file."""
    if not plan.exemptions:
        return ()
    counts = {
        row["number"]: row for row in engine.table(render_sql("exemption_counts")).to_pylist()
    }
    return tuple(
        Exempted(
            item,
            # The SQL has a row for each exemption, also for those that match nothing.
            lines=counts[item.row]["lines"],
            hits=counts[item.row]["hits"],
            applied=counts[item.row]["applied"],
        )
        for item in plan.exemptions
    )


def hits_by_rule(engine: Engine, plan: Plan) -> dict[str, int]:
    """Return how many lines are exempt from each rule."""
    if not plan.exemptions:
        return {}
    rows = engine.table(render_sql("exempt_codes")).to_pylist()
    return {row["code"]: row["exempt"] for row in rows}
