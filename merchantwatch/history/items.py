"""Items: the findings and tasks that a history follows from night to night, by fingerprint."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Literal

import msgspec

from merchantwatch.language.text import Text
from merchantwatch.results.model import Results
from merchantwatch.results.past import fingerprint
from merchantwatch.results.records import Finding, FindingKey
from merchantwatch.rules import Rulebook
from merchantwatch.tasks import SuppressedTask, Task, finding_fingerprint, subject

Kind = Literal["finding", "task"]


class Item(msgspec.Struct, frozen=True, dict=True):
    """A finding or a task as one run found it.

    ``code`` is a finding's rule, or the kind of a task; ``state`` is ``breached`` or ``near`` for a
    finding, ``open`` for a task. ``strikes`` counts those of a clock that strikes again,
    ``penalty`` is the money of one line or order by its clause: more of either is worse. ``rules``
    are the codes of a task's rules, ``findings`` the fingerprints of the findings that it resolves;
    ``has_task`` says that some task resolves a finding. ``lines`` are the ids of order lines, at
    most the first hundred; ``money`` is the cost in yuan, if not acted on. ``suppressed`` is true
    if the user's list of suppressions names it.
    """

    kind: Kind
    code: str
    platform: str
    shop: str | None
    scope: str
    key: str
    state: str
    severity: str
    count: int
    text: Text
    due_at: datetime | None = None
    owner: str | None = None
    money: Decimal | None = None
    strikes: int | None = None
    penalty: Decimal | None = None
    lines: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    has_task: bool = False
    suppressed: bool = False

    @cached_property
    def fingerprint(self) -> str:
        """The identity of the item, which stays the same from night to night."""
        return fingerprint(self.code, self.platform, self.shop, self.scope, self.key)


def items_of(results: Results, book: Rulebook) -> list[Item]:
    """Return the items of a run: its findings, all its tasks, and the suppressed ones."""
    of_line: dict[tuple[str, str, str], list[Finding]] = {}
    by_scope = {finding.known_by: finding for finding in results.findings}
    for finding in results.findings:
        for line in finding.lines:
            of_line.setdefault((finding.code, finding.platform, line), []).append(finding)
    # All tasks, beyond those that reports list: one that is not listed is not resolved.
    tasks = [
        _of_task(task, _resolved_by(task, by_scope, of_line)) for task in results.work.read_tasks()
    ]
    with_task = {name for task in tasks for name in task.findings}
    found = [_of_finding(finding, book, with_task) for finding in results.findings]
    return [*found, *tasks, *_suppressed(results, book)]


def _suppressed(results: Results, book: Rulebook) -> Iterator[Item]:
    """Yield the suppressed findings and tasks that a report lists."""
    suppressions = results.suppressions
    for finding in suppressions.findings:
        yield msgspec.structs.replace(_of_finding(finding, book, set()), suppressed=True)
    for task in suppressions.tasks:
        yield msgspec.structs.replace(_open_task(task), suppressed=True)


def _open_task(task: Task | SuppressedTask) -> Item:
    """Return a task as an item, with the properties that suppressed tasks have, too."""
    scope, key = subject(task.kind, task.platform, task.shop, task.id)
    return Item(
        kind="task",
        code=task.kind,
        platform=task.platform,
        shop=task.shop,
        scope=scope,
        key=key,
        state="open",
        severity=task.severity,
        count=0,
        text=task.text,
    )


def _resolved_by(
    task: Task,
    by_scope: Mapping[FindingKey, Finding],
    of_line: Mapping[tuple[str, str, str], list[Finding]],
) -> Iterator[Finding]:
    """Yield the findings that a task resolves: those in its effects, and those of its lines."""
    for effect in task.effects:
        found = by_scope.get(FindingKey(effect.code, task.platform, task.shop, effect.key))
        if found is not None:
            yield found
    # Effects are of counted scopes; findings by line have none.
    for code in task.rules:
        for line in task.lines:
            yield from of_line.get((code, task.platform, line), ())


def _of_task(task: Task, resolved: Iterable[Finding]) -> Item:
    return msgspec.structs.replace(
        _open_task(task),
        count=len(task.lines),
        due_at=task.due_at,
        owner=task.owner,
        money=task.money_to_save,
        lines=task.lines,
        rules=task.rules,
        findings=tuple(dict.fromkeys(map(finding_fingerprint, resolved))),
    )


def _of_finding(finding: Finding, book: Rulebook, with_task: set[str]) -> Item:
    bound = book.of_code(finding.code)
    strikes = bound is not None and bound.rule.again_every is not None
    name = finding_fingerprint(finding)
    return Item(
        kind="finding",
        code=finding.code,
        platform=finding.platform,
        shop=finding.shop,
        scope=finding.scope,
        key=finding.key,
        state=finding.state,
        severity=finding.severity,
        count=finding.count,
        text=finding.reason,
        due_at=finding.due_at,
        money=finding.amount_at_stake if finding.penalty is None else finding.penalty,
        strikes=finding.count if strikes else None,
        # Of a product or shop it grows with each line, which is nothing worse in itself.
        penalty=finding.penalty if finding.scope in ("line", "order") else None,
        lines=finding.lines,
        has_task=name in with_task,
    )
