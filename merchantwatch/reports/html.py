"""The HTML report: one file without network, both languages in it, readable on a phone."""

from typing import IO, Any

from merchantwatch.findings import Results
from merchantwatch.reports import summary, unseen
from merchantwatch.texts import Text
from merchantwatch.wording import clock, money

MOST_PER_RULE = 100
"""How many findings of a rule are shown: a report stays small however large the shop."""

MOST_QUARANTINED = 50

_WORDS = {
    "title": Text(zh="合规风险报告", en="Compliance risk report"),
    "as_of": Text(zh="判定时刻", en="As of"),
    "data": Text(zh="数据", en="Data"),
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
    "signals": Text(zh="介入风险信号", en="Signals of intervention"),
    "more": Text(zh="另有 {n} 项，见 JSON / CSV 报告", en="{n} more, in the JSON and CSV reports"),
    "rows": Text(zh="行", en="rows"),
    "none": Text(zh="没有触线，也没有临近", en="No limit broken, none near"),
    "evaluated": Text(zh="已评估", en="evaluated"),
    "not_evaluated": Text(zh="未评估", en="not evaluated"),
    "not_applicable": Text(zh="不适用", en="not applicable"),
    "official": Text(zh="平台原文", en="platform's own page"),
    "reprinted": Text(zh="转载", en="reprint"),
    "seed": Text(zh="文章", en="article"),
    "assumed": Text(zh="假设", en="assumed"),
}


def render(results: Results, file: IO[bytes]) -> None:
    """Write the HTML report."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("merchantwatch", "reports"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("report.html.jinja").stream(**_values(results))
    page.enable_buffering(100)
    for part in page:
        file.write(part.encode())


def _values(results: Results) -> dict[str, Any]:
    groups = summary.groups(results)
    return {
        "results": results,
        "words": _WORDS,
        "verdict": [
            ("data", summary.data_line(results)),
            ("unjudged", summary.unjudged_line(results)),
            ("found", summary.verdict_line(results)),
            ("first", summary.first_line(results)),
        ],
        "groups": groups,
        "most": MOST_PER_RULE,
        "not_evaluated": list(unseen.not_evaluated(results)),
        "partly_judged": list(unseen.partly_judged(results)),
        "quarantine": list(summary.quarantine_lines(results, MOST_QUARANTINED)),
        "causes": list(summary.causes(results)),
        "footnotes": list(summary.footnotes(results)),
        "clock": clock,
        "money": money,
        "broken": results.total("breached"),
    }
