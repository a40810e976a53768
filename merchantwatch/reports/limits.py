"""Products, shops and days near a limit: the count of each, and the tasks that keep it below."""

import math

from msgspec import Struct

from merchantwatch.language.text import Text
from merchantwatch.reports import since
from merchantwatch.results.model import Results
from merchantwatch.results.records import Finding, FindingKey
from merchantwatch.results.wording import limit, percent
from merchantwatch.tasks import Effect, Task

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


class Bar(Struct, frozen=True):
    """A count or share against its limit, in words and as parts of a bar from 0 to 1."""

    count: str
    limit: Text
    share: float
    share_if_not: float
    limit_at: float


class NearLimit(Struct, frozen=True):
    """A scope with its finding, what it counts, and what the tasks on the list do for it in words.

    ``first`` are the tasks to do so that it is safe; all of them where they are not enough.
    """

    finding: Finding
    name: str | None
    bar: Bar
    saves: Text
    first: tuple[Task, ...]
    can_be_saved: bool


class _Standing(Struct, frozen=True):
    """A finding with the tasks that move its count: how far, and whether they are enough."""

    finding: Finding
    moving: list[tuple[Task, Effect]]

    @property
    def most(self) -> int:
        """The highest count that is still below the limit."""
        # A limit may be a share or set in the settings as 2.5; counts are whole.
        if self.finding.limit_is == "more_than":
            return math.floor(self.finding.limit)
        return math.ceil(self.finding.limit) - 1

    @property
    def adding(self) -> int:
        """The number that is added to the count if nothing is done."""
        return sum(effect.if_not - effect.count for _, effect in self.moving)

    @property
    def leaving(self) -> int:
        """The number that is taken from the count if all is done."""
        return sum(effect.count - effect.if_done for _, effect in self.moving)

    @property
    def need(self) -> int:
        """The least change of the count by tasks that keeps it below the limit."""
        return self.finding.count + self.adding - self.most

    @property
    def can_be_saved(self) -> bool:
        """Whether doing tasks keeps it below the limit, and not doing them does not."""
        # Of a share both sides change with a task, so no number of tasks is known to be enough.
        by_count = self.finding.rate is None
        return by_count and 0 < self.need <= self.adding + self.leaving

    @property
    def first(self) -> list[Task]:
        """The most urgent tasks that save it together; all where they are not enough."""
        need, found = self.need, []
        for task, effect in self.moving:
            if need > 0:
                # A task that is done neither adds its lines nor leaves those that it can take away.
                need -= effect.if_not - effect.if_done
                found.append(task)
        return found


def near_limits(results: Results, most: int) -> tuple[list[NearLimit], int]:
    """Return at most ``most`` scopes that are near a limit or over it, and how many there are.

    First come those that tasks can still save, then the worst.
    """
    moving: dict[FindingKey, list[tuple[Task, Effect]]] = {}
    for task in results.work.tasks:
        for effect in task.effects:
            # A task that changes nothing whether done or not saves nothing.
            if effect.if_done != effect.if_not:
                scope = FindingKey(effect.code, task.platform, task.shop, effect.key)
                moving.setdefault(scope, []).append((task, effect))
    found = [
        _Standing(f, moving.get(f.known_by, []))
        for f in since.listed_findings(results)
        # A line or an order has no count that other tasks could keep low.
        if f.scope.startswith(("product", "shop"))
    ]
    # A stable sort: within both groups the worst stay first.
    found.sort(key=lambda standing: not standing.can_be_saved)
    complete = results.work.complete
    return [_near(standing, complete=complete) for standing in found[:most]], len(found)


def _near(standing: _Standing, *, complete: bool) -> NearLimit:
    """Return one scope; what tasks save of it is included only where all tasks are known."""
    finding = standing.finding
    # A line changes both sides of a rate; and unlisted tasks might save more.
    by_rate = finding.rate is not None or not complete
    return NearLimit(
        finding=finding,
        name=finding.product_name if finding.scope.startswith("product") else None,
        bar=_bar(standing),
        saves=finding.reason if by_rate else _saves(standing),
        first=() if by_rate else tuple(standing.first),
        can_be_saved=complete and standing.can_be_saved,
    )


def _bar(standing: _Standing) -> Bar:
    finding = standing.finding
    if finding.rate:
        share, of = finding.rate.share, finding.rate.limit
        most = float(max(share, of))
        shown_limit = limit(percent(of), finding.limit_is)
        at = float(share) / most
        return Bar(percent(round(share, 4)), shown_limit, at, at, float(of) / most)
    grown = finding.count + standing.adding
    most = max(grown, float(finding.limit), 1)
    shown_limit = limit(finding.limit, finding.limit_is)
    at, grown_at = finding.count / most, grown / most
    return Bar(f"{finding.count:,}", shown_limit, at, grown_at, float(finding.limit) / most)


def _saves(standing: _Standing) -> Text:
    """Return in words how tasks change the count of a scope."""
    count, tasks = standing.finding.count, len(standing.moving)
    values: dict[str, object] = {
        "some": _some(len(standing.first) if standing.can_be_saved else tasks, tasks),
        "after": count - standing.leaving,
        "left": standing.most + 1 - count,
        "most": standing.most,
    }
    if standing.can_be_saved:
        text = _MENDED if count > standing.most else _SAFE
    elif standing.need <= 0:
        text = _FAR if standing.adding else _LEFT_OR_LESS if standing.leaving else _LEFT
    elif not tasks:
        text = _OVER
    else:
        text = _LESS if standing.leaving else _NO_WORSE
    return text.fill(**values)


def _some(n: int, of: int) -> Text:
    """Return some of all tasks in words: this one, these two, two of these three."""
    if n < of:
        return Text(zh=f"其中 {n} 件（共 {of} 件）", en=f"{n} of these {of}")
    return Text(zh=f"这 {n} 件", en=f"these {n}" if n > 1 else "this one")
