"""Tasks that are not listed, since everything that they would resolve is suppressed."""

from collections.abc import Iterable, Iterator, Sequence

from merchantwatch.reading.arrow import Row
from merchantwatch.results.records import Finding
from merchantwatch.rules import SEVERITIES
from merchantwatch.tasks.identity import id_of, subject
from merchantwatch.tasks.making import rank
from merchantwatch.tasks.of_findings import ScopeFacts
from merchantwatch.tasks.records import SuppressedTask, Task
from merchantwatch.tasks.wording import act_about


def suppressed_tasks(
    rows: Iterable[Row],
    findings: Sequence[Finding],
    suppressed: Sequence[Finding],
    facts: ScopeFacts,
) -> list[SuppressedTask]:
    """Return suppressed tasks, the most severe first: ``rows`` of the engine, and of findings."""
    # A review is listed as long as one finding of its scope is not suppressed.
    listed = {task.id for task in facts.tasks(findings)}
    first: dict[str, int] = {}
    for number, of_entry in _by_entry(suppressed):
        # Of several entries that suppress parts of one task, the first is named.
        for task in facts.tasks(of_entry):
            first.setdefault(task.id, number)
    others = [t for t in facts.tasks(suppressed) if t.id not in listed]
    found = [
        *(_task(row, SEVERITIES[row["rank"]], row["entry"]) for row in rows),
        *(_task(_parts(task), task.severity, first[task.id]) for task in others),
    ]
    return sorted(found, key=lambda task: (-rank(task.severity), task.id))


def _by_entry(suppressed: Sequence[Finding]) -> Iterator[tuple[int, list[Finding]]]:
    """Yield the findings of each entry, in the order of the entries."""
    by_entry: dict[int, list[Finding]] = {}
    for finding in suppressed:
        by_entry.setdefault(finding.suppressed_by or 0, []).append(finding)
    yield from sorted(by_entry.items())


def _parts(task: Task) -> dict[str, object]:
    """Return a task as the engine names those that it finds."""
    _, about = subject(task.kind, task.platform, task.shop, task.id)
    return {"kind": task.kind, "platform": task.platform, "shop": task.shop, "about": about}


def _task(row: Row, severity: str, number: int) -> SuppressedTask:
    kind, platform, shop, about = (row[name] for name in ("kind", "platform", "shop", "about"))
    return SuppressedTask(
        id=id_of(kind, platform, shop, about),
        kind=kind,
        severity=severity,
        platform=platform,
        shop=shop,
        about=about,
        suppressed_by=number,
        text=act_about(kind, about, shop),
    )
