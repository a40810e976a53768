"""The findings and tasks that are suppressed, and the effect of each entry."""

from collections.abc import Iterator, Sequence

from merchantwatch.engines import Engine
from merchantwatch.language.text import Text
from merchantwatch.pipeline import suppressing, task_lines
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.rendering import render_sql
from merchantwatch.results.judged import Judged
from merchantwatch.results.model import Suppressions
from merchantwatch.results.records import Finding, Note, Suppressed
from merchantwatch.results.worklist import scope_facts
from merchantwatch.rules import Suppression
from merchantwatch.tasks import suppressed_tasks

MOST_TASKS = 5_000
"""At most this many suppressed tasks are listed; all are counted."""

MOST_NAMED = 5
"""At most this many entries are named in a note; reports list all."""


def suppressions_of(
    judged: Judged, findings: Sequence[Finding], suppressed: Sequence[Finding]
) -> Suppressions:
    """Return the suppressed items; ``findings`` are the listed findings that are not suppressed."""
    if not judged.plan.suppressions:
        return Suppressions()
    # Without a rule that creates tasks there is no table of them.
    has_tasks = bool(task_lines.rules_with_tasks(judged.plan))
    rows = judged.engine.table(render_sql("quiet_tasks")).to_pylist() if has_tasks else []
    tasks = suppressed_tasks(rows, findings, suppressed, scope_facts(judged))
    entries = tuple(_entries(judged))
    return Suppressions(entries, tuple(suppressed), tuple(tasks[:MOST_TASKS]), len(tasks))


def _entries(judged: Judged) -> Iterator[Suppressed]:
    """Yield the effect of each entry, in the order of their file."""
    plan, settings = judged.plan, judged.settings
    rows = judged.engine.table(render_sql("match_counts")).to_pylist()
    counts = {row["number"]: row["findings"] for row in rows}
    day = settings.as_of.date()
    for entry in plan.suppressions:
        is_judged = bool(suppressing.codes(plan, entry))
        yield Suppressed(entry, entry.holds_on(day), is_judged, counts.get(entry.number, 0))


def by_rule(engine: Engine, plan: Plan) -> dict[str, int]:
    """Return how many findings of each rule are suppressed."""
    if not plan.suppressions:
        return {}
    rows = engine.table(render_sql("suppressed_counts")).to_pylist()
    return {row["code"]: row["findings"] for row in rows}


def notes(suppressions: Suppressions) -> Iterator[Note]:
    """Note expired entries whose findings are reported again, and entries that match nothing."""
    back = [e for e in suppressions.entries if e.state == "expired" and e.findings]
    if back:
        text = Text(
            zh="忽略清单有已过期的条目，其 {n} 项发现重新列出：{entries}；"
            "请续期或删除（merchantwatch ignore prune）",
            en="suppressions have expired, and their {n|finding} {n|is|are} back: {entries}; renew "
            "or remove them (merchantwatch ignore prune)",
        )
        found = sum(entry.findings for entry in back)
        yield Note("suppression-expired", 0, text.fill(n=f"{found:,}", entries=_named(back)))
    idle = [entry for entry in suppressions.entries if entry.state == "unmatched"]
    if idle:
        text = Text(
            zh="忽略清单中有 {n} 条没有匹配到任何发现：{entries}；请核对或删除",
            en="{n|suppression} {n|matches|match} nothing: {entries}; check or remove them",
        )
        yield Note("suppression-unmatched", 0, text.fill(n=len(idle), entries=_named(idle)))


def _named(entries: Sequence[Suppressed]) -> Text:
    """Return the names of the first entries."""
    shown = [_name(suppressed.entry) for suppressed in entries[:MOST_NAMED]]
    more = " …" if len(entries) > MOST_NAMED else ""
    return Text(
        zh="、".join(text.zh for text in shown) + more,
        en=", ".join(text.en for text in shown) + more,
    )


def _name(entry: Suppression) -> Text:
    what = " ".join(filter(None, (entry.rule, *entry.place)))
    return Text(
        zh=f"第 {entry.number} 条（{what}，至 {entry.until}）",
        en=f"entry {entry.number} ({what}, until {entry.until})",
    )
