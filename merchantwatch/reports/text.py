"""The text report: the verdict in five lines, what to do first, what was not judged."""

from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from merchantwatch.findings import Evidence, Finding
from merchantwatch.reports import exempted, summary, unseen
from merchantwatch.reports.page import Page, padded
from merchantwatch.reports.summary import Group
from merchantwatch.results import Results
from merchantwatch.texts import Text
from merchantwatch.wording import clock, money

LABEL_WIDTH = 12
MOST_PER_RULE = 5
MOST_LINES = 2
MOST_QUARANTINED = 5
MOST_EXEMPTIONS = 10

_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
_LABELS = {
    "data": Text(zh="数据", en="Data"),
    "platform": Text(zh="平台", en="Platform"),
    "unjudged": Text(zh="未判定", en="Not judged"),
    "found": Text(zh="结论", en="Found"),
    "first": Text(zh="先做", en="First"),
    "todo": Text(zh="先做什么", en="What to do first"),
    "causes": Text(zh="介入风险集中在哪里", en="Where the risk of intervention gathers"),
    "exempt": Text(zh="豁免", en="Exemptions"),
    "more_exempt": Text(zh="…… 另有 {n} 条，见 JSON 报告", en="… and {n} more, in the JSON report"),
    "exempt_hits": Text(zh="已豁免", en="exempt"),
    "costs": Text(zh="应赔", en="costs"),
    "missing": Text(
        zh="{until} 前备好凭证，还缺：{what}", en="evidence still missing: {what} (by {until})"
    ),
    "sources": Text(zh="依据", en="Sources"),
    "unseen": Text(zh="未评估与未判定", en="Not evaluated, not judged"),
    "notes": Text(zh="说明", en="Notes"),
    "quarantine": Text(zh="读不懂的行", en="Rows that could not be understood"),
    "failed": Text(zh="读不了的文件", en="Files that could not be read"),
    "breached": Text(zh="触线", en="broken"),
    "near": Text(zh="临近", en="near"),
    "more": Text(
        zh="…… 另有 {n} 项，见 JSON / CSV 报告", en="… and {n} more, in the JSON and CSV reports"
    ),
}


def render(results: Results, file: IO[bytes]) -> None:
    """Write the text report."""
    page = Page(file, results.lang)
    _Writer(page, results).write()
    page.write()


class _Writer:
    def __init__(self, page: Page, results: Results) -> None:
        self.page, self.results, self.lang = page, results, results.lang

    def write(self) -> None:
        found = summary.groups(self.results)
        self._verdict()
        self._todo(found)
        self._section("exempt", self._exemptions())
        self._section("causes", summary.causes(self.results))
        self._section("failed", self.results.failed)
        self._section("unseen", self._unseen())
        quarantine = summary.quarantine_lines(self.results, MOST_QUARANTINED)
        self._section("quarantine", quarantine)
        notes = [summary.counted(note) for note in self.results.notes]
        notes += [*summary.cost_note(self.results), *self.results.skipped]
        self._section("notes", [*notes, *summary.footnotes(self.results)])
        self._section("sources", summary.sources(found))

    def _verdict(self) -> None:
        results = self.results
        title = f"merchantwatch · {results.as_of:%Y-%m-%d %H:%M:%S} {results.tz}"
        self.page.line(title, "bold")
        style = f"bold {summary.colour(results)}".strip()
        if results.nothing_judged:
            self._line("found", results.nothing_judged, style)
            self._data()
            return
        self._data()
        self._line("unjudged", summary.unjudged_line(results))
        self._line("found", summary.verdict_line(results), style)
        self._line("first", summary.first_line(results))

    def _data(self) -> None:
        self._line("data", summary.data_line(self.results))
        if self.results.platform_assumed:
            self._line("platform", self.results.platform_assumed.text, "yellow")

    def _line(self, label: str, text: Text, style: str = "") -> None:
        self.page.row(padded(self._label(label), LABEL_WIDTH), text.of(self.lang), style)

    def _todo(self, found: Sequence[Group]) -> None:
        if not found:
            return
        self.page.heading(self._label("todo"))
        for group in found:
            self._group(group)

    def _group(self, group: Group) -> None:
        outcome, entry = group.outcome, group.entry
        counts = []
        if outcome.breached:
            counts.append(f"{outcome.breached:,} {self._label('breached')}")
        if group.near:
            counts.append(f"{group.near:,} {self._label('near')}")
        if outcome.exempt:
            counts.append(f"{outcome.exempt:,} {self._label('exempt_hits')}")
        if outcome.penalty:
            counts.append(f"{self._label('costs')} {money(outcome.penalty)}")
        title = f"{entry.code} {entry.title.of(self.lang)}: {', '.join(counts)}"
        self.page.line(title, _STYLES[entry.severity] if outcome.breached else "bold")
        self.page.row("  → ", entry.action.of(self.lang))
        for finding in group.findings[:MOST_PER_RULE]:
            self._finding(finding)
        more = outcome.findings - min(len(group.findings), MOST_PER_RULE)
        if more:
            self.page.row("    ", _LABELS["more"].fill(n=f"{more:,}").of(self.lang), "dim")

    def _finding(self, finding: Finding) -> None:
        mark = "■" if finding.state == "breached" else "□"
        lines = "" if finding.scope == "line" else self._first_lines(finding)
        product = finding.product_name if finding.scope == "product" else None
        named = f" {product}" if product else ""
        key = "" if finding.scope != "line" else f"{finding.key} · "
        amount = money(finding.amount_at_stake, finding.currency)
        text = f"{key}{finding.reason.of(self.lang)}{named} · {amount}{lines}"
        self.page.row(f"  {mark} ", text)
        if finding.evidence and finding.evidence.missing and finding.evidence.due_at:
            self.page.row("    ", self._missing(finding.evidence).of(self.lang), "dim")

    def _missing(self, evidence: Evidence) -> Text:
        """Return what a case still needs, and until when."""
        what = summary.listed(evidence.missing)
        return _LABELS["missing"].fill(what=what, until=clock(evidence.due_at))

    def _first_lines(self, finding: Finding) -> str:
        shown = finding.lines[:MOST_LINES]
        return f" · {' '.join(shown)}{' …' if len(finding.lines) > len(shown) else ''}"

    def _unseen(self) -> Iterable[Text]:
        for outcomes, text in unseen.not_evaluated_together(self.results):
            first = outcomes[0]
            alone = len(outcomes) == 1 and not first.signal
            codes = " ".join(outcome.code for outcome in outcomes)
            yield _coded(f"{codes} {first.title.of(self.lang)}" if alone else codes, text)
        for outcome, text in unseen.partly_judged(self.results):
            if not outcome.signal:
                yield _coded(f"{outcome.code} {outcome.title.of(self.lang)}", text)

    def _exemptions(self) -> Iterator[Text]:
        told = list(exempted.told(self.results))
        yield from (item.line for item in told[:MOST_EXEMPTIONS])
        if len(told) > MOST_EXEMPTIONS:
            yield _LABELS["more_exempt"].fill(n=f"{len(told) - MOST_EXEMPTIONS:,}")

    def _section(self, label: str, texts: Iterable[Text]) -> None:
        shown = [text.of(self.lang) for text in texts]
        if shown:
            self.page.heading(self._label(label))
            for text in shown:
                self.page.row("  · ", text)

    def _label(self, name: str) -> str:
        return _LABELS[name].of(self.lang)


def _coded(codes: str, text: Text) -> Text:
    return Text(zh=f"{codes}：{text.zh}", en=f"{codes}: {text.en}")
