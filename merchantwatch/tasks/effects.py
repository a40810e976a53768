"""What doing a task, or not doing it, does to the counts of products, shops and days."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from merchantwatch.results.records import Finding, FindingKey
from merchantwatch.rules import Rule
from merchantwatch.tasks.lines import PASSED, Act
from merchantwatch.tasks.ranked import Asked
from merchantwatch.tasks.records import Effect

"""The identity of a finding: code, platform, shop and key."""


@dataclass(frozen=True)
class Scopes:
    """The findings of scopes of several lines, which the acts of a task may add to or take from."""

    findings: Mapping[FindingKey, Finding]

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> "Scopes":
        """Return the scopes that have a finding."""
        several = (finding for finding in findings if finding.scope != "line")
        return cls({finding.known_by: finding for finding in several})

    def found(self, act: Act | Asked, platform: str, shop: str | None) -> Finding | None:
        """Return the finding that an act is part of."""
        return self.findings.get(FindingKey(act.bound.code, platform, shop, act.key))


def effect(finding: Finding, acts: Sequence[Asked]) -> Effect:
    """Return what these acts, done or not, make of the count of a finding."""
    rule = acts[0].bound.rule
    adding = passed = 0
    for act in acts:
        if act.state == PASSED:
            passed += act.lines
        else:
            adding += act.lines
    leaving = passed if _goes_away(rule) else 0
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


def _goes_away(rule: Rule) -> bool:
    """Say whether a line is no longer counted once the act is done."""
    return rule.while_open or not rule.is_clock


def averts(finding: Finding, acts: Sequence[Asked]) -> bool:
    """Say whether without these acts a limit may be reached that has not been yet.

    A forecast or a share reaches it otherwise, a count where these lines are enough.
    """
    rule = acts[0].bound.rule
    if finding.state == "breached" or rule.days:
        return finding.state == "near" and finding.forecast is not None
    if finding.forecast is not None or not rule.counts:
        return True
    return reaches(finding, effect(finding, acts).if_not - finding.count)


def reaches(finding: Finding, more: int) -> bool:
    """Say whether a number of further lines makes a scope reach its limit."""
    if finding.rate is not None:
        return more > finding.rate.left
    count = finding.count + more
    return count > finding.limit if finding.limit_is == "more_than" else count >= finding.limit
