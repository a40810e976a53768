"""The steps after reading: lines are judged, changed by exemptions, and counted."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct

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
from merchantwatch.pipeline.rendering import render_sql
from merchantwatch.pipeline.steps import make


class RunState(Struct, frozen=True, dict=True):
    """What the steps after reading depend on: the engine, the lines, and the plan."""

    engine: Engine
    lines: Lines
    plan: Plan

    @property
    def has_exemptions(self) -> bool:
        """Whether there are exemptions."""
        return bool(self.plan.exemptions)

    @property
    def moves_open_deadlines(self) -> bool:
        """Whether exemptions may change a deadline by which a line could yet add to a count."""
        return self.has_exemptions and bool(self.lines.opening)

    @property
    def has_suppressions(self) -> bool:
        """Whether some findings are to be suppressed."""
        return bool(self.plan.suppressions)

    @cached_property
    def exempt_codes(self) -> list[str]:
        """The rules from which some line is exempt; known once ``exempt`` is created."""
        return [row["code"] for row in self.engine.table(render_sql("exempt_codes")).to_pylist()]

    @property
    def relevant_columns(self) -> list[str]:
        """The columns of the rows that matter."""
        return list(row_states.relevant(self.lines, self.plan))

    @property
    def stated_columns(self) -> list[str]:
        """The columns of stated lines that later queries may read."""
        dues = [f"{bound.code}_due" for bound in self.plan.rules if bound.rule.has_due]
        return [*self.relevant_columns, *self.lines.layout.absent, *dues, "as_of"]

    @cached_property
    def task_columns(self) -> list[str]:
        """The columns of a line, besides states and deadlines, that its tasks depend on."""
        wanted = task_lines.words_read(self.plan)
        # Of words in SQL only those that are columns: others are functions and keywords.
        existing = (*self.relevant_columns, *self.lines.layout.absent)
        return [name for name in existing if name in wanted]


class LaterStep(NamedTuple):
    """A step and how its query is built; a run for which it is not ``needed`` leaves it out."""

    name: str
    query: Callable[[RunState], str]
    needed: Callable[[RunState], bool] = lambda _: True


def _stated(run: RunState) -> str:
    """Return the query of the lines that matter, as changed by exemptions."""
    if run.has_exemptions:
        # Only rules from which some line is exempt change, which is known by now.
        return exempting.overruled("stated", run.stated_columns, run.exempt_codes)
    return _as_judged(run)


def _as_judged(run: RunState) -> str:
    """Return the query of the lines that matter, without exemptions."""
    numbered = bool(identity.numbered(run.lines.exports))
    absent, as_of = run.lines.absent, run.lines.as_of
    return judging.stated(run.plan, run.relevant_columns, absent, as_of, numbered=numbered)


def _findings(run: RunState) -> str:
    return suppressing.listed_findings() if run.has_suppressions else counting.findings(run.plan)


def _currencies(run: RunState) -> dict[int, str | None]:
    return {export.number: export.currency for export in run.lines.exports}


# Lines are judged without exemptions first. These can only take hits away: a run without any pays
# nothing, and with some only lines that matter are looked at again.
JUDGING = (
    LaterStep("stated", _as_judged, lambda run: run.has_exemptions),
    LaterStep(
        "exemptions", lambda run: exempting.exemptions(run.plan), lambda run: run.has_exemptions
    ),
    LaterStep(
        "exemptible",
        lambda run: exempting.exemptible(run.plan, run.stated_columns),
        lambda run: run.has_exemptions,
    ),
    LaterStep(
        "candidates", lambda run: exempting.candidates(run.plan), lambda run: run.has_exemptions
    ),
    LaterStep("exempt", lambda _: exempting.exempt(), lambda run: run.has_exemptions),
    LaterStep(
        "pardoned",
        lambda run: exempting.pardoned(run.plan, run.exempt_codes),
        lambda run: run.has_exemptions,
    ),
    LaterStep(
        "current_upcoming",
        lambda run: exempting.current_upcoming(run.plan, run.lines.opening, run.exempt_codes),
        lambda run: run.moves_open_deadlines,
    ),
    LaterStep("judged", lambda run: judging.judged(run.plan, _stated(run), run.task_columns)),
    LaterStep(
        "shown",
        lambda run: judging.shown(
            run.plan, run.relevant_columns, run.lines.absent, run.task_columns
        ),
    ),
)

# `findings` stands last under its name: where some are suppressed, all are counted first, and those
# that no entry matches are what every later query calls the findings.
COUNTING = (
    LaterStep("hits", lambda run: hits.hits(run.plan, _currencies(run))),
    LaterStep("exempt_hits", lambda _: exempting.exempt_hits(), lambda run: run.has_exemptions),
    LaterStep("open_scopes", lambda run: counting.open_scopes(run.plan)),
    LaterStep("volumes", lambda run: counting.volumes(run.plan, run.lines.layout.platforms)),
    LaterStep(
        suppressing.COUNTED,
        lambda run: counting.findings(run.plan),
        lambda run: run.has_suppressions,
    ),
    LaterStep(
        "matches",
        lambda run: suppressing.matches(run.plan, run.lines.as_of.date()),
        lambda run: run.has_suppressions,
    ),
    LaterStep("suppressed", lambda _: suppressing.suppressed(), lambda run: run.has_suppressions),
    LaterStep("findings", _findings),
)


def create_steps(steps: Sequence[LaterStep], run: RunState) -> None:
    """Create the steps that a run needs, one after the other."""
    for step in steps:
        if step.needed(run):
            make(run.engine, step.name, step.query(run))
