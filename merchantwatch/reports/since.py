"""The changes since the last run, in words; and the filter of ``--new-only``."""

from collections.abc import Collection, Iterator
from itertools import islice

from msgspec import Struct

from merchantwatch.language.plurals import number_of
from merchantwatch.language.text import Text
from merchantwatch.results.model import Results
from merchantwatch.results.past import ItemStatus, Passed, Past, Standing
from merchantwatch.results.records import Finding
from merchantwatch.results.wording import clock
from merchantwatch.tasks import Task, finding_fingerprint, kinds, kinds_of, task_fingerprint

SHOWN: tuple[ItemStatus, ...] = ("new", "worsened", "resolved", "gone", "unknown")
"""The statuses that are reported as changes, in this order."""

STATUSES: dict[ItemStatus, Text] = {
    "new": Text(zh="新增", en="new"),
    "worsened": Text(zh="恶化", en="worse"),
    "ongoing": Text(zh="仍在", en="still open"),
    "eased": Text(zh="缓和", en="eased"),
    "resolved": Text(zh="已解决", en="resolved"),
    "gone": Text(zh="不再出现", en="gone"),
    "unknown": Text(zh="状态不明", en="unknown"),
    "suppressed": Text(zh="已忽略", en="suppressed"),
}
_REASONS = {
    "gone": Text(zh="导出中不再包含", en="no export covers it any more"),
    "over": Text(zh="时限已过，未处理", en="its deadline is over, and it was not done"),
    "deselected": Text(zh="规则未选用", en="its rule was not selected"),
    "not-in-force": Text(zh="规则已失效", en="its rule is no longer in force"),
}
_NEWS: tuple[ItemStatus, ...] = ("new", "worsened")


class Changed(Struct, frozen=True):
    """Something that has changed; of a task that is still open also the ``task`` itself."""

    status: ItemStatus
    code: str
    what: Text
    shop: str | None
    standing: Standing
    task: Task | None = None


def changed(results: Results) -> Iterator[Changed]:
    """Yield tasks, and findings without one, that are new, worse, resolved or gone."""
    past = results.past
    if past is None:
        return
    found = [*_tasks(results, past), *_findings(results, past), *_passed(results, past)]
    # A stable sort: within a status the most urgent stay first.
    yield from sorted(found, key=lambda one: SHOWN.index(one.status))


def _tasks(results: Results, past: Past) -> Iterator[Changed]:
    for task in results.work.tasks:
        standing = past.standings.get(task_fingerprint(task))
        if standing and standing.status in _NEWS:
            yield Changed(standing.status, task.kind, task.text, task.shop, standing, task)


def _findings(results: Results, past: Past) -> Iterator[Changed]:
    for finding in results.findings:
        standing = past.standings.get(finding_fingerprint(finding))
        # A finding with tasks is reported by them: it would be counted twice.
        if standing and standing.status in _NEWS and not _has_tasks(results, finding.code):
            what = _named(finding.key, finding.reason)
            yield Changed(standing.status, finding.code, what, finding.shop, standing)


def _passed(results: Results, past: Past) -> Iterator[Changed]:
    for item in past.passed:
        if item.standing.status in SHOWN and not (
            item.kind == "finding" and _has_tasks(results, item.code)
        ):
            yield Changed(item.standing.status, item.code, _of(item), item.shop, item.standing)


def _of(item: Passed) -> Text:
    what = item.text if item.kind == "task" else _named(item.key, item.text)
    why = _REASONS.get(item.reason or "")
    return Text(zh=f"{what.zh}（{why.zh}）", en=f"{what.en} ({why.en})") if why else what


def _named(key: str, reason: Text) -> Text:
    return reason if not key else Text(zh=f"{key} · {reason.zh}", en=f"{key} · {reason.en}")


def _has_tasks(results: Results, code: str) -> bool:
    """Say whether the findings of a rule have a task."""
    entry = results.entry(code)
    return bool(entry and entry.tasks)


def counts(results: Results) -> dict[ItemStatus, int]:
    """Return how many things are new, worse, resolved and gone; of tasks all are counted."""
    past = results.past
    if past is None:
        return {}
    # Of the history, since the tasks in the results are cut at their limit.
    of_tasks = past.counts.get("tasks", {})
    # Findings without a task are few, and all of them are in the results.
    others = [one.status for one in changed(results) if one.code not in kinds()]
    return {status: of_tasks.get(status, 0) + others.count(status) for status in SHOWN}


def line(results: Results) -> Text | None:
    """Return in one line what has changed since the last run; None without a history."""
    past = results.past
    if past is None:
        return None
    # All would be new, which says nothing.
    if past.previous_as_of is None:
        return Text(zh="首次记录，之后的运行与它比较", en="the first run that is recorded")
    changed = {status: n for status, n in counts(results).items() if n}
    at = clock(past.previous_as_of)
    if not changed:
        return Text(zh=f"{at} 以来没有变化", en=f"nothing has changed since {at}")
    named = [(STATUSES[status], f"{n:,}") for status, n in changed.items()]
    return Text(
        zh=f"{at} 以来：" + " · ".join(f"{name.zh} {n}" for name, n in named),
        en=f"since {at}: " + ", ".join(f"{n} {name.en}" for name, n in named),
    )


def listed_tasks(results: Results, of: Collection[str] | None = None) -> Iterator[Task]:
    """Yield the tasks, or those of some kinds, that a report in words lists: all, or the news."""
    listed = _listed(results)
    for task in results.work.read_tasks(of):
        if listed is None or task_fingerprint(task) in listed:
            yield task


def first_tasks(results: Results, owner: str | None, most: int) -> list[Task]:
    """Return the first of the tasks, or of those of an owner, that a report in words lists."""
    if _listed(results) is None:
        return results.work.first_tasks(owner, most)
    return list(islice(listed_tasks(results, owner and kinds_of(owner)), most))


def listed_findings(results: Results) -> Iterator[Finding]:
    """Yield the findings that a report in words lists: all, or those that are new or worse."""
    listed = _listed(results)
    for finding in results.findings:
        if listed is None or finding_fingerprint(finding) in listed:
            yield finding


def _listed(results: Results) -> frozenset[str] | None:
    """Return the fingerprints of new and worse items; None where all are listed."""
    if not results.view.new_only or results.past is None:
        return None
    standings = results.past.standings.items()
    return frozenset(name for name, standing in standings if standing.status in _NEWS)


def not_listed(results: Results) -> Text | None:
    """Return how much is not listed, since it is neither new nor worse; None where all is."""
    past = results.past
    if not results.view.new_only or past is None:
        return None
    shown = {kind: sum(of.get(status, 0) for status in _NEWS) for kind, of in past.counts.items()}
    tasks = results.work.totals.tasks - shown.get("tasks", 0)
    findings = results.total("breached") + results.total("near") - shown.get("findings", 0)
    return Text(
        zh=f"只列出新增和恶化的：另有 {tasks:,} 件任务、{findings:,} 项发现未列出",
        en=f"only what is new or worse is listed: {number_of(tasks, 'more task')} and "
        f"{number_of(findings, 'more finding')} are not",
    )


def head(results: Results) -> list[Text]:
    """Return the lines above the lists of text reports: what has changed, what is not listed."""
    return [text for text in (line(results), not_listed(results)) if text is not None]


_BARS = "▁▂▃▄▅▆▇█"


def sparkline(results: Results) -> str:
    """Return the number of tasks of the last runs as bars of text; empty where there is one run."""
    tasks = [point.tasks for point in results.past.trend] if results.past else []
    highest = max(tasks, default=0)
    if len(tasks) < 2 or not highest:  # noqa: PLR2004  a line has two ends
        return ""
    # From 0 and not from the lowest: a small change must not look like a large one.
    return "".join(_BARS[n * (len(_BARS) - 1) // highest] for n in tasks)
