"""What exemptions change of a run, and what became of each of them."""

from merchantwatch.engines import Engine
from merchantwatch.pipeline import exempting
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.stages import stage
from merchantwatch.results.records import Exempted


def applied(engine: Engine, lines: Lines, plan: Plan) -> str:
    """Lift and move what is exempt, and return the query of the lines as that leaves them."""
    columns = lines.stated_columns(plan)
    engine.create("stated", lines.stated(plan))
    engine.create("exemptions", exempting.exemptions(plan))
    engine.create("exemptible", exempting.exemptible(plan, columns))
    engine.create("candidates", exempting.candidates(plan))
    engine.create("exempt", exempting.exempt())
    codes = [row["code"] for row in engine.table(stage("exempt_codes")).to_pylist()]
    engine.create("pardoned", exempting.pardoned(codes))
    if lines.opening:
        engine.view("lying_ahead", exempting.lying_ahead(lines.opening, codes))
    return exempting.overruled("stated", columns, codes)


def outcomes(engine: Engine, plan: Plan) -> tuple[Exempted, ...]:
    """Return what became of each exemption, in the order of their file."""
    if not plan.exemptions:
        return ()
    counts = {row["number"]: row for row in engine.table(stage("exemption_counts")).to_pylist()}
    return tuple(
        Exempted(
            item,
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
    rows = engine.table(stage("exempt_codes")).to_pylist()
    return {row["code"]: row["exempt"] for row in rows}
