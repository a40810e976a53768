"""Suppressions in words: what each is for, what it leaves out, and why it leaves out nothing."""

from collections.abc import Iterator

from msgspec import Struct

from merchantwatch.language.plurals import number_of
from merchantwatch.language.text import Text
from merchantwatch.results.model import Results
from merchantwatch.results.records import Finding, Suppressed
from merchantwatch.rules import Suppression

_STATES = {
    "applied": Text(zh="已忽略 {n} 项", en="{n} suppressed"),
    "expired": Text(zh="已过期，{n} 项重新列出", en="expired: {n} are back"),
    "unmatched": Text(zh="没有匹配到任何发现", en="it matches nothing"),
    "not-judged": Text(
        zh="本次没有判定它所说的规则", en="no rule that it is for was judged in this run"
    ),
}
_NAMES = {
    "order": Text(zh="订单", en="order"),
    "product": Text(zh="商品", en="product"),
    "carrier": Text(zh="快递", en="carrier"),
    "shop": Text(zh="店铺", en="shop"),
}
_EVERY_RULE = Text(zh="所有规则", en="every rule")
_FIRST = ("expired", "unmatched", "not-judged", "applied")
"""The order in which entries are shown: those that need a look first."""


class SuppressionRow(Struct, frozen=True):
    """One entry in words; ``state`` says whether it has an effect."""

    state: str
    number: int
    what: Text
    until: str
    reason: str
    owner: str
    outcome: Text

    @property
    def line(self) -> Text:
        """The whole entry in one line."""
        owner = Text(zh=f"，{self.owner}", en=f", {self.owner}") if self.owner else _NOTHING
        return Text(
            zh="第 {number} 条 {what}，至 {until}（{reason}{owner}）：{outcome}",
            en="entry {number}, {what}, until {until} ({reason}{owner}): {outcome}",
        ).fill(
            number=self.number,
            what=self.what,
            until=self.until,
            owner=owner,
            outcome=self.outcome,
            reason=self.reason,
        )


_NOTHING = Text(zh="", en="")


def rows(results: Results) -> Iterator[SuppressionRow]:
    """Yield the entries of the file of suppressions, those that need a look first."""
    entries = results.suppressions.entries
    for item in sorted(entries, key=lambda item: _FIRST.index(item.state)):
        yield _row(item)


def _row(item: Suppressed) -> SuppressionRow:
    entry = item.entry
    return SuppressionRow(
        state=item.state,
        number=entry.number,
        what=what(entry),
        until=entry.until.isoformat(),
        reason=entry.reason,
        owner=entry.owner or "",
        outcome=_STATES[item.state].fill(n=f"{item.findings:,}"),
    )


def what(entry: Suppression) -> Text:
    """Return what an entry is for: the rule, and what else it names."""
    rule = Text(zh=entry.rule, en=entry.rule) if entry.rule else _EVERY_RULE
    named = [(_NAMES[name], getattr(entry, name)) for name in _NAMES]
    parts = [(name, value) for name, value in named if value is not None]
    return Text(
        zh=" · ".join([rule.zh, *(f"{name.zh} {value}" for name, value in parts)]),
        en=" · ".join([rule.en, *(f"{name.en} {value}" for name, value in parts)]),
    )


def counts(results: Results) -> Text | None:
    """Return how many findings and tasks are suppressed; None where there is no entry."""
    apart = results.suppressions
    if not apart.entries:
        return None
    n, tasks = results.suppressed, apart.tasks_in_all
    if not n and not tasks:
        return Text(zh="没有发现被忽略", en="nothing is suppressed")
    return Text(
        zh=f"已忽略 {n:,} 项发现、{tasks:,} 件任务（未计入上面的数字）",
        en=f"{number_of(n, 'finding')} and {number_of(tasks, 'task')} suppressed, "
        "in none of the numbers above",
    )


def finding_line(finding: Finding) -> Text:
    """Return a suppressed finding in one line, with the entry by which."""
    key = finding.key or finding.shop or ""
    return Text(
        zh=f"{finding.code} {key} · {finding.reason.zh}（第 {finding.suppressed_by} 条）",
        en=f"{finding.code} {key} · {finding.reason.en} (entry {finding.suppressed_by})",
    )
