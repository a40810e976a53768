"""Products, shops and days near a limit: where each stands, and which tasks keep it from there."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from merchantwatch.findings import Finding
from merchantwatch.results import Results
from merchantwatch.tasks import Effect, Task
from merchantwatch.texts import Text
from merchantwatch.wording import limit, percent

_Scope = tuple[str, str, str | None, str]

_SAFE = Text(
    zh="做完{some}就安全：不超过 {most}", en="do {some} and it is safe: it stays at {most} at most"
)
_MENDED = Text(zh="做完{some}就回到红线以下", en="do {some} and it is below the limit again")
_LESS = Text(
    zh="做完{some}降到 {after}，仍在红线上", en="do {some}: it comes to {after}, still at the limit"
)
_NO_WORSE = Text(
    zh="已触线，无法撤回；做完{some}就不再增加",
    en="reached, and cannot be undone; do {some} and it grows no further",
)
_FAR = Text(zh="都不做也还不会触线", en="even with nothing done the limit is not reached yet")
_OVER = Text(zh="已触线，待办中没有可以改变它的事", en="reached; nothing on the list changes it")
_LEFT = Text(zh="再有 {left} 次就触线", en="{left} more and the limit is reached")
_LEFT_OR_LESS = Text(
    zh="再有 {left} 次就触线；做完{some}降到 {after}",
    en="{left} more and the limit is reached; do {some} and it comes to {after}",
)


@dataclass(frozen=True)
class NearLimit:
    """A scope with its finding: what it counts against what, and the ``tasks`` that matter to it.

    ``if_not`` is the count where none of them is done. ``first`` are those to do so that it is
    safe; all of them where they are not enough.
    """

    finding: Finding
    name: str | None
    count: str
    limit: Text
    share: float
    share_if_not: float
    limit_at: float
    tasks: tuple[Task, ...]
    first: tuple[Task, ...]
    saves: Text
    can_be_saved: bool


def near_limits(results: Results) -> list[NearLimit]:
    """Return the scopes that are near a limit or over it: first those that tasks still save."""
    of_scope: dict[_Scope, list[tuple[Task, Effect]]] = {}
    for task in results.work.tasks:
        for effect in task.effects:
            scope = (effect.code, task.platform, task.shop, effect.key)
            of_scope.setdefault(scope, []).append((task, effect))
    found = [
        _near(finding, of_scope.get(_scope(finding), []))
        for finding in results.findings
        if finding.scope.startswith(("product", "shop"))
    ]
    return sorted(found, key=lambda near: not near.can_be_saved)


def _scope(finding: Finding) -> _Scope:
    return (finding.code, finding.platform, finding.shop, finding.key)


def _near(finding: Finding, acting: list[tuple[Task, Effect]]) -> NearLimit:
    moving = [(task, effect) for task, effect in acting if effect.if_done != effect.if_not]
    adding = sum(effect.if_not - effect.count for _, effect in moving)
    saves, first, can_be_saved = _saves(finding, moving, adding)
    most = max(finding.count + adding, float(finding.limit), 1)
    told = {
        "count": f"{finding.count:,}",
        "limit": limit(finding.limit, finding.limit_is),
        "share": finding.count / most,
        "share_if_not": (finding.count + adding) / most,
        "limit_at": float(finding.limit) / most,
    }
    if finding.rate:
        most_share = max(finding.rate.share, finding.rate.limit)
        told = {
            "count": percent(round(finding.rate.share, 4)),
            "limit": limit(percent(finding.rate.limit), finding.limit_is),
            "share": float(finding.rate.share / most_share),
            "share_if_not": float(finding.rate.share / most_share),
            "limit_at": float(finding.rate.limit / most_share),
        }
        saves = finding.reason
    return NearLimit(
        finding=finding,
        name=finding.product_name if finding.scope.startswith("product") else None,
        tasks=tuple(task for task, _ in moving),
        first=tuple(first),
        saves=saves,
        can_be_saved=can_be_saved,
        **told,  # type: ignore[arg-type]
    )


def _saves(
    finding: Finding, moving: list[tuple[Task, Effect]], adding: int
) -> tuple[Text, list[Task], bool]:
    """Return what tasks do for a scope, which of them first, and whether they save it."""
    most = _most_allowed(finding)
    tasks = [task for task, _ in moving]
    leaving = sum(effect.count - effect.if_done for _, effect in moving)
    said = {
        "some": _some(len(tasks), len(tasks)),
        "after": finding.count - leaving,
        "left": most + 1 - finding.count,
        "most": most,
    }
    need = finding.count + adding - most
    if need <= 0:
        told = _FAR if adding else _LEFT_OR_LESS if leaving else _LEFT
        return told.fill(**said), [], False
    if not tasks:
        return _OVER, [], False
    if adding + leaving < need:
        return (_LESS if leaving else _NO_WORSE).fill(**said), tasks, False
    first = list(_enough(moving, need))
    said["some"] = _some(len(first), len(tasks))
    return (_MENDED if finding.count > most else _SAFE).fill(**said), first, True


def _some(n: int, of: int) -> Text:
    """Return how many of so many tasks: this one, these two, two of these three."""
    if n < of:
        return Text(zh=f"其中 {n} 件（共 {of} 件）", en=f"{n} of these {of}")
    return Text(zh=f"这 {n} 件", en=f"these {n}" if n > 1 else "this one")


def _most_allowed(finding: Finding) -> int:
    """Return the highest count that is still below the limit."""
    if finding.limit_is == "more_than":
        return math.floor(finding.limit)
    return math.ceil(finding.limit) - 1


def _enough(moving: Iterable[tuple[Task, Effect]], need: int) -> Iterator[Task]:
    """Yield the most urgent tasks until they change the count by so many."""
    for task, effect in moving:
        if need <= 0:
            return
        need -= effect.if_not - effect.if_done
        yield task
