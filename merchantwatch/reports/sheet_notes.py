"""The last sheet of the workbook: the run, its totals, its inputs, and what was assumed."""

from collections.abc import Iterator

from merchantwatch.language.text import Text
from merchantwatch.reports import exempted, summary, suppressed, work
from merchantwatch.reports.sheet_tables import Cell, Row
from merchantwatch.results.model import Results
from merchantwatch.rules import SEVERITIES
from merchantwatch.tasks import owners

MOST_QUARANTINED = 100
"""How many rows that could not be understood are listed."""

NOTES = (Text(zh="类别", en="Part"), Text(zh="项目", en="Item"), Text(zh="内容", en="Value"))
_PARTS = {
    "run": Text(zh="本次判定", en="This run"),
    "as_of": Text(zh="判定时刻", en="As of"),
    "tz": Text(zh="时区", en="Time zone"),
    "found": Text(zh="结论", en="Found"),
    "data": Text(zh="数据", en="Data"),
    "unjudged": Text(zh="未判定", en="Not judged"),
    "totals": Text(zh="合计", en="Totals"),
    "orders": Text(zh="订单", en="orders"),
    "tasks": Text(zh="任务", en="tasks"),
    "money_to_save": Text(zh="可避免损失", en="can be saved"),
    "money_lost": Text(zh="已损失", en="lost"),
    "money_lost_over": Text(zh="其中已无法挽回", en="of which nothing can be saved any more"),
    "accounting": Text(zh="行数核对", en="Accounting"),
    "failed": Text(zh="读不了的文件", en="Files that could not be read"),
    "inputs": Text(zh="输入文件", en="Inputs"),
    "skipped": Text(zh="跳过的文件", en="Left out"),
    "exemptions": Text(zh="豁免", en="Exemptions"),
    "suppressions": Text(zh="忽略清单", en="Suppressions"),
    "causes": Text(zh="介入风险集中在哪里", en="Where the risk of intervention gathers"),
    "notes": Text(zh="说明", en="Notes"),
    "quarantine": Text(zh="读不懂的行", en="Rows that could not be understood"),
}


def notes(results: Results) -> Iterator[Row]:
    """Yield the rows of the sheet: the run, its totals, inputs, accounting and all notes."""
    yield _row(results, "run", "as_of", results.as_of)
    yield _row(results, "run", "tz", results.tz)
    yield _row(results, "run", "found", work.sentence(results))
    yield _row(results, "run", "data", summary.data_line(results))
    yield _row(results, "run", "unjudged", summary.unjudged_line(results))
    # First of all that follows: what was not read changes how all else is to be taken.
    for text in results.failed:
        yield _row(results, "failed", "", text, "red")
    yield from _totals(results)
    for name in results.accounting.__struct_fields__:
        yield _row(results, "accounting", name, getattr(results.accounting, name))
    for item in results.inputs:
        exported = f", {item.exported_at}" if item.exported_at else ""
        described = f"{item.format}, {item.encoding or '-'}, {item.rows:,}{exported}"
        yield _row(results, "inputs", item.path, described)
    by_part = {
        "skipped": results.skipped,
        "exemptions": [item.line for item in exempted.rows(results)],
        "suppressions": [item.line for item in suppressed.rows(results)],
        "causes": summary.causes(results),
        "notes": [
            *(summary.counted(note) for note in results.notes),
            *summary.cost_note(results),
            *summary.footnotes(results),
        ],
        "quarantine": summary.quarantine_lines(results, MOST_QUARANTINED),
    }
    for part, texts in by_part.items():
        for text in texts:
            yield _row(results, part, "", text)


def _totals(results: Results) -> Iterator[Row]:
    if results.nothing_judged:
        return
    totals = results.work.totals
    for name in ("orders", "tasks", "money_to_save", "money_lost", "money_lost_over"):
        yield _row(results, "totals", name, getattr(totals, name))
    for owner, count in totals.by_owner.items():
        yield _row(results, "totals", owners()[owner].of(results.lang), count)
    for severity in SEVERITIES[::-1]:
        if severity in totals.by_severity:
            yield _row(results, "totals", severity, totals.by_severity[severity])


def _row(results: Results, part: str, item: str, value: Text | Cell, colour: str = "") -> Row:
    lang = results.lang
    named = _PARTS[item].of(lang) if item in _PARTS else item
    cell = value.of(lang) if isinstance(value, Text) else value
    return Row(colour, (_PARTS[part].of(lang), named, cell))
