"""The HTML report: one file without network, both languages in it, readable on a phone."""

from collections.abc import Iterator, Sequence
from typing import IO, Any

from merchantwatch.reports import exempted, summary, unseen
from merchantwatch.reports.summary import Group
from merchantwatch.results import Results
from merchantwatch.support.harmless import harmless
from merchantwatch.templates import environment
from merchantwatch.texts import Text
from merchantwatch.wording import clock, money, sums

MOST_PER_RULE = 100
"""How many findings of a rule are shown: a report stays small however large the shop."""

SHOWN = 10
"""How many of them are seen at once; the others unfold."""

MOST_OPEN = 5
"""How many rules are unfolded: the gravest of those that are broken."""

MOST_QUARANTINED = 50

_COLOURS = {"red": "red", "yellow": "amber", "green": "green", "": ""}
"""How the page calls the colours of a verdict."""

_WORDS = {
    "title": Text(zh="合规风险报告", en="Compliance risk report"),
    "as_of": Text(zh="判定时刻", en="As of"),
    "data": Text(zh="数据", en="Data"),
    "platform": Text(zh="平台", en="Platform"),
    "unjudged": Text(zh="未判定", en="Not judged"),
    "found": Text(zh="结论", en="Found"),
    "first": Text(zh="先做", en="First"),
    "todo": Text(zh="先做什么", en="What to do first"),
    "causes": Text(zh="介入风险集中在哪里", en="Where the risk of intervention gathers"),
    "unseen": Text(zh="未评估与未判定", en="Not evaluated, not judged"),
    "rules": Text(zh="全部规则", en="All rules"),
    "quarantine": Text(zh="读不懂的行", en="Rows that could not be understood"),
    "notes": Text(zh="说明", en="Notes"),
    "inputs": Text(zh="输入文件", en="Inputs"),
    "failed": Text(zh="读不了的文件", en="Files that could not be read"),
    "breached": Text(zh="触线", en="broken"),
    "near": Text(zh="临近", en="near"),
    "what": Text(zh="对象", en="What"),
    "why": Text(zh="原因", en="Why"),
    "amount": Text(zh="金额", en="Amount"),
    "next": Text(zh="下一时限", en="Next deadline"),
    "lines": Text(zh="订单行", en="Lines"),
    "limit": Text(zh="红线", en="Limit"),
    "consequence": Text(zh="后果", en="Consequence"),
    "action": Text(zh="怎么办", en="What to do"),
    "source": Text(zh="依据", en="Source"),
    "rule": Text(zh="规则", en="Rule"),
    "state": Text(zh="结果", en="Outcome"),
    "hits": Text(zh="命中行", en="Hits"),
    "costs": Text(zh="应赔", en="Costs"),
    "stake": Text(zh="触线订单金额", en="in broken orders"),
    "penalty": Text(zh="按条款应赔", en="penalties by the clauses"),
    "further": Text(zh="再看 {n} 项", en="{n} more"),
    "lacking": Text(zh="{n} 条规则缺数据", en="{n} rules lack data"),
    "partly": Text(zh="{n} 条只判了一部分", en="{n} judged in part"),
    "evidence": Text(zh="备好凭证", en="Have in hand"),
    "until": Text(zh="截止", en="until"),
    "proved": Text(zh="导出已能证明", en="the exports prove it"),
    "to_collect": Text(zh="待收集", en="to be collected"),
    "exemptions": Text(zh="豁免", en="Exemptions"),
    "exempt_hits": Text(zh="已豁免", en="exempt"),
    "effect": Text(zh="期间与效果", en="Period and effect"),
    "reason": Text(zh="原因", en="Reason"),
    "more": Text(zh="另有 {n} 项，见 JSON / CSV 报告", en="{n} more, in the JSON and CSV reports"),
    "rows": Text(zh="行", en="rows"),
    "row": Text(zh="行", en="Row"),
    "evaluated": Text(zh="已评估", en="evaluated"),
    "not_evaluated": Text(zh="未评估", en="not evaluated"),
    "not_applicable": Text(zh="不适用", en="not applicable"),
    "official": Text(zh="平台原文", en="platform's own page"),
    "reprinted": Text(zh="转载", en="reprint"),
    "seed": Text(zh="文章", en="article"),
    "measured": Text(zh="统计", en="measured"),
    "assumed": Text(zh="假设", en="assumed"),
}


def render(results: Results, file: IO[bytes]) -> None:
    """Write the HTML report."""
    pages = environment(
        "reports", autoescape=True, trim_blocks=True, lstrip_blocks=True, finalize=_shown
    )
    page = pages.get_template("report.html.jinja").stream(**_values(results))
    page.enable_buffering(100)
    for part in page:
        file.write(part.encode())


def _shown(value: object) -> object:
    """Return what a page shows of a value: signs that turn the direction of text are told."""
    return harmless(value) if type(value) is str else value  # markup of ours is a kind of str


def _values(results: Results) -> dict[str, Any]:
    groups = summary.groups(results)
    lacking = [o for o in results.outcomes if o.status == "not_evaluated" and not o.signal]
    return {
        "results": results,
        "words": _WORDS,
        "verdict": list(_verdict(results, groups)),
        "colour": _COLOURS[summary.colour(results)],
        "no_findings": summary.no_findings(results),
        "actions": summary.actions,
        "tiles": list(_tiles(results)),
        "groups": groups,
        "open": _open(groups),
        "shown": SHOWN,
        "most": MOST_PER_RULE,
        "lacking": len(lacking),
        "not_evaluated": unseen.not_evaluated_together(results),
        "partly_judged": [(o, text) for o, text in unseen.partly_judged(results) if not o.signal],
        "exempted": list(exempted.told(results)),
        "quarantine": list(summary.quarantine_lines(results, MOST_QUARANTINED)),
        "causes": list(summary.causes(results)),
        "footnotes": [*summary.cost_note(results), *summary.footnotes(results)],
        "clock": clock,
        "money": money,
        "broken": results.total("breached"),
    }


def _verdict(results: Results, groups: Sequence[Group]) -> Iterator[tuple[str, Text]]:
    """Yield the lines that a report opens with: first what was found, if anything was judged."""
    if not groups:
        yield "found", summary.verdict_line(results)
    if not results.nothing_judged:
        yield "first", summary.first_line(results)
    yield "unjudged", summary.unjudged_line(results)
    yield "data", summary.data_line(results)
    if results.platform_assumed:
        yield "platform", results.platform_assumed.text


def _tiles(results: Results) -> Iterator[tuple[str, str, str]]:
    """Yield the numbers that a report opens with: their names, values and colours."""
    if results.nothing_judged:
        return
    breached, near = results.total("breached"), results.total("near")
    good = "green" if results.everything_judged else ""
    yield "breached", f"{breached:,}", "red" if breached else good
    yield "near", f"{near:,}", "amber" if near else good
    stake = sums(results.stakes)
    if stake or breached:
        yield "stake", stake.of(results.lang) if stake else "—", ""
    if results.penalty is not None:
        yield "penalty", money(results.penalty), "red" if results.penalty else good


def _open(groups: Sequence[Group]) -> int:
    """Return how many rules are unfolded, from the first on; the first is in any case."""
    grave = sum(group.outcome.breached > 0 for group in groups)
    return max(min(grave, MOST_OPEN), 1)
