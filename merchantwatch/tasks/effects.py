"""The effect of a task, done or not, on the counts of products, shops and days."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from merchantwatch.results.records import Finding, FindingKey
from merchantwatch.rules import Rule
from merchantwatch.tasks.lines import PASSED, Act
from merchantwatch.tasks.ranked import ActGroup
from merchantwatch.tasks.records import Effect


class Scopes(Struct, frozen=True):
    """The findings of scopes of several lines, which the acts of a task may add to or take from."""

    findings: Mapping[FindingKey, Finding]

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> "Scopes":
        """Return the scopes that have a finding."""
        several = (finding for finding in findings if finding.scope != "line")
        return cls({finding.known_by: finding for finding in several})

    def found(self, act: Act | ActGroup, platform: str, shop: str | None) -> Finding | None:
        """Return the finding that an act is part of."""
        return self.findings.get(FindingKey(act.bound.code, platform, shop, act.key))


def effect(finding: Finding, acts: Sequence[ActGroup]) -> Effect:
    """Return the effect of these acts, done or not, on the count of a finding."""
    rule = acts[0].bound.rule
    adding = passed = 0
    for act in acts:
        if act.state == PASSED:
            passed += act.lines
        else:
            adding += act.lines
    # A clock that has run out stays counted, however late the act is done.
    leaving = passed if _ends_once_done(rule) else 0
    # Where days are counted, one line more or less need not change the count.
    by_line = not rule.days
    return Effect(
        code=finding.code,
        scope=finding.scope,
        key=finding.key,
        count=finding.count,
        limit=finding.limit,
        if_done=finding.count - leaving * by_line,
        if_not=finding.count + adding * by_line,
    )


def _ends_once_done(rule: Rule) -> bool:
    """Say whether a line is no longer counted once the act is done."""
    return rule.while_open or not rule.is_clock


def averts(finding: Finding, acts: Sequence[ActGroup]) -> bool:
    """Say whether without these acts a limit is reached that has not been yet.

    A forecast reaches it otherwise, and so do these lines where they are enough for the count or
    the share.
    """
    if finding.state == "breached":
        return False
    if finding.forecast is not None or acts[0].bound.rule.days:
        # Whether a day is bad is no sum of lines: only the forecast knows.
        return finding.forecast is not None
    return reaches(finding, effect(finding, acts).if_not - finding.count)


def threatens(finding: Finding, acts: Sequence[ActGroup]) -> bool:
    """Say whether these acts, if they are not done, break a limit or leave one broken.

    A limit that is only near, and that no open line can reach, is no threat.
    """
    resolves = _ends_once_done(acts[0].bound.rule) and finding.state == "breached"
    return resolves or averts(finding, acts)


def reaches(finding: Finding, more: int) -> bool:
    """Say whether a number of further lines makes a scope reach its limit."""
    if finding.rate is not None:
        return more > finding.rate.left
    count = finding.count + more
    return count > finding.limit if finding.limit_is == "more_than" else count >= finding.limit
