"""The steps after reading: lines are judged, changed by exemptions, and counted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from merchantwatch.engines import Engine
from merchantwatch.pipeline import (
    counting,
    exempting,
    hits,
    identity,
    judging,
    row_states,
    suppressing,
    task_lines,
)
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.stages import stage
from merchantwatch.pipeline.steps import make


@dataclass(frozen=True)
class AllRead:
    """The input of the steps after reading: the lines, and the plan that judges them."""

    engine: Engine
    lines: Lines
    plan: Plan

    @property
    def exempts(self) -> bool:
        """Whether there are exemptions."""
        return bool(self.plan.exemptions)

    @property
    def opens(self) -> bool:
        """Whether exemptions may move deadlines that are still to come."""
        return self.exempts and bool(self.lines.opening)

    @property
    def suppresses(self) -> bool:
        """Whether some findings are to be suppressed."""
        return bool(self.plan.suppressions)

    @cached_property
    def exempt_codes(self) -> list[str]:
        """The rules from which some line is exempt; known once ``exempt`` is created."""
        return [row["code"] for row in self.engine.table(stage("exempt_codes")).to_pylist()]

    @property
    def relevant(self) -> list[str]:
        """The columns of the rows that matter."""
        return list(row_states.relevant(self.lines, self.plan))

    @property
    def columns(self) -> list[str]:
        """The columns of stated lines that later queries may read."""
        dues = [f"{bound.code}_due" for bound in self.plan.rules if bound.rule.has_due]
        return [*self.relevant, *self.lines.layout.absent, *dues, "as_of"]

    @cached_property
    def acted_on(self) -> list[str]:
        """The columns of a line, beside states and deadlines, that its tasks depend on."""
        asked = task_lines.words(self.plan)
        return [name for name in (*self.relevant, *self.lines.layout.absent) if name in asked]


class Following(NamedTuple):
    """A step and its query; only runs for which it is ``needed`` create it."""

    name: str
    query: Callable[[AllRead], str]
    needed: Callable[[AllRead], bool] = lambda _: True


def _stated(run: AllRead) -> str:
    """Return the query of the lines that matter, as changed by exemptions."""
    if run.exempts:
        return exempting.overruled("stated", run.columns, run.exempt_codes)
    return _as_judged(run)


def _as_judged(run: AllRead) -> str:
    """Return the query of the lines that matter, without exemptions."""
    numbered = bool(identity.numbered(run.lines.exports))
    absent, as_of = run.lines.absent, run.lines.as_of
    return judging.stated(run.plan, run.relevant, absent, as_of, numbered=numbered)


def _findings(run: AllRead) -> str:
    return suppressing.listed_findings() if run.suppresses else counting.findings(run.plan)


def _currencies(run: AllRead) -> dict[int, str | None]:
    return {export.number: export.currency for export in run.lines.exports}


# Lines are judged without exemptions first. These can only take hits away: a run without any pays
# nothing, and with some only lines that matter are looked at again.
JUDGING = (
    Following("stated", _as_judged, lambda run: run.exempts),
    Following("exemptions", lambda run: exempting.exemptions(run.plan), lambda run: run.exempts),
    Following(
        "exemptible",
        lambda run: exempting.exemptible(run.plan, run.columns),
        lambda run: run.exempts,
    ),
    Following("candidates", lambda run: exempting.candidates(run.plan), lambda run: run.exempts),
    Following("exempt", lambda _: exempting.exempt(), lambda run: run.exempts),
    Following(
        "pardoned", lambda run: exempting.pardoned(run.exempt_codes), lambda run: run.exempts
    ),
    Following(
        "current_upcoming",
        lambda run: exempting.current_upcoming(run.lines.opening, run.exempt_codes),
        lambda run: run.opens,
    ),
    Following("judged", lambda run: judging.judged(run.plan, _stated(run), run.acted_on)),
    Following(
        "shown", lambda run: judging.shown(run.plan, run.relevant, run.lines.absent, run.acted_on)
    ),
)

# `findings` stands last under its name: where some are suppressed, all are counted first, and those
# that no entry matches are what every later query calls the findings.
COUNTING = (
    Following("hits", lambda run: hits.hits(run.plan, _currencies(run))),
    Following("exempt_hits", lambda _: exempting.exempt_hits(), lambda run: run.exempts),
    Following("open_scopes", lambda run: counting.open_scopes(run.plan)),
    Following("volumes", lambda run: counting.volumes(run.plan, run.lines.layout.platforms)),
    Following(
        suppressing.COUNTED, lambda run: counting.findings(run.plan), lambda run: run.suppresses
    ),
    Following(
        "matches",
        lambda run: suppressing.matches(run.plan, run.lines.as_of.date()),
        lambda run: run.suppresses,
    ),
    Following("suppressed", lambda _: suppressing.suppressed(), lambda run: run.suppresses),
    Following("findings", _findings),
)


def follow(steps: Sequence[Following], run: AllRead) -> None:
    """Create the steps that a run needs, one after the other."""
    for step in steps:
        if step.needed(run):
            make(run.engine, step.name, step.query(run))
