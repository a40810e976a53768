"""The tables of the workbook besides its tasks: products, cases, money, findings, notes."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from merchantwatch.language.text import Text
from merchantwatch.reports import since, summary, unseen, work
from merchantwatch.reports.json_values import number
from merchantwatch.reports.task_survey import TaskSurvey
from merchantwatch.results.model import Results
from merchantwatch.results.records import Evidence
from merchantwatch.tasks import kinds

Cell = str | int | float | Decimal | datetime | None
"""The types of a cell's value."""


class Row(NamedTuple):
    """The cells of a row, and its colour where it has one."""

    colour: str
    cells: Sequence[Cell]


_STATES = {
    "breached": (Text(zh="触线", en="broken"), "red"),
    "near": (Text(zh="临近", en="near"), "amber"),
}
_SUPPRESSED = Text(zh="已忽略", en="suppressed"), ""
_RULE, _TITLE = Text(zh="规则", en="Rule"), Text(zh="标题", en="Title")
_STATE, _SHOP = Text(zh="状态", en="State"), Text(zh="店铺", en="Shop")
_PRODUCT, _AMOUNT = Text(zh="商品", en="Product"), Text(zh="金额", en="Amount")
_PLATFORM, _COUNT = Text(zh="平台", en="Platform"), Text(zh="计数", en="Count")
_LIMIT, _NEXT = Text(zh="红线", en="Limit"), Text(zh="下一时限", en="Next deadline")

PRODUCTS = (
    _STATE,
    Text(zh="商品ID", en="Product id"),
    _PRODUCT,
    _PLATFORM,
    _SHOP,
    _COUNT,
    _LIMIT,
    Text(zh="任务全做完", en="All tasks done"),
    Text(zh="都不做", en="Nothing done"),
    _NEXT,
    _AMOUNT,
    Text(zh="后果", en="Consequence"),
    _RULE,
    _TITLE,
)


def products(results: Results, survey: TaskSurvey) -> Iterator[Row]:
    """Yield the products that are near a limit or beyond it, with what tasks do to their count."""
    for finding in since.listed_findings(results):
        if not finding.scope.startswith("product"):
            continue
        scope = finding.known_by
        state, colour = _STATES[finding.state]
        entry = results.entry(finding.code)
        consequence = entry.consequence or entry.title if entry else None
        yield Row(
            colour,
            (
                state.of(results.lang),
                finding.key,
                finding.product_name,
                finding.platform,
                finding.shop,
                finding.count,
                number(finding.limit),
                finding.count + survey.done[scope],
                finding.count + survey.left[scope],
                finding.next_due_at,
                finding.amount_at_stake,
                consequence.of(results.lang) if consequence else None,
                *_rule(results, finding.code),
            ),
        )


CASES = (
    *work.COLUMNS[:3],
    Text(zh="售后单号", en="Case"),
    work.COLUMNS[3],
    _PRODUCT,
    _SHOP,
    _AMOUNT,
    work.COLUMNS[10],
    Text(zh="售后原因", en="Reason"),
    Text(zh="已有凭证", en="In hand"),
    Text(zh="还缺凭证", en="Still missing"),
    work.COLUMNS[12],
)


def cases(results: Results) -> Iterator[Row]:
    """Yield the cases that have a task, with the evidence at hand and what is missing."""
    # Evidence is of a case, and findings by line name it: the first line of a task that has any.
    evidence = {f.key: f.evidence for f in results.findings if f.evidence and f.scope == "line"}
    of_cases = [code for code, kind in kinds().items() if kind.per == "case"]
    for task in since.listed_tasks(results, of_cases):
        row = work.row(task, results.as_of, results.lang)
        found = next((evidence[line] for line in task.lines if line in evidence), None)
        yield Row(
            work.urgency(task, results.as_of),
            (
                row.left,
                row.due_at,
                row.what,
                task.case_id,
                row.order_id,
                row.product,
                task.shop,
                row.amount,
                row.to_save,
                *_evidence(found, results.lang),
                row.why,
            ),
        )


def _evidence(evidence: Evidence | None, lang: str) -> tuple[Cell, ...]:
    if evidence is None:
        return None, None, None
    have, missing = summary.listed(evidence.have), summary.listed(evidence.missing)
    return evidence.title.of(lang), have.of(lang), missing.of(lang)


MONEY = (
    _RULE,
    _TITLE,
    Text(zh="触线", en="Broken"),
    Text(zh="已产生", en="Cost already"),
    Text(zh="可避免", en="Can be saved"),
)
_ALL = Text(
    zh="合计（同一订单行触犯几条的，只计最高的一条）",
    en="All (where several price one line, only the highest counts)",
)
_OVER = Text(zh="其中已无法挽回", en="of which nothing can be saved any more")


def money(results: Results, survey: TaskSurvey) -> Iterator[Row]:
    """Yield what each rule has cost already, and what can still be saved."""
    for outcome in results.outcomes:
        to_save = survey.to_save.get(outcome.code)
        if outcome.penalty or to_save:
            found = (outcome.breached, outcome.penalty, to_save)
            yield Row("", (*_rule(results, outcome.code), *found))
    if results.nothing_judged:
        return
    totals = results.work.totals
    sums = (results.total("breached"), totals.money_lost, totals.money_to_save)
    yield Row("bold", (None, _ALL.of(results.lang), *sums))
    yield Row("", (None, _OVER.of(results.lang), None, totals.money_lost_over, None))


FINDINGS = (
    _STATE,
    _RULE,
    _TITLE,
    _PLATFORM,
    _SHOP,
    Text(zh="对象", en="What"),
    _PRODUCT,
    _COUNT,
    _LIMIT,
    _AMOUNT,
    Text(zh="应赔", en="Costs"),
    Text(zh="时限", en="Due"),
    _NEXT,
    Text(zh="原因", en="Reason"),
    Text(zh="怎么办", en="What to do"),
)


def findings(results: Results) -> Iterator[Row]:
    """Yield the findings in the order of the JSON report, those that are suppressed at the end."""
    for finding in (*since.listed_findings(results), *results.suppressions.findings):
        state, colour = _STATES[finding.state] if not finding.suppressed_by else _SUPPRESSED
        yield Row(
            colour,
            (
                state.of(results.lang),
                *_rule(results, finding.code),
                finding.platform,
                finding.shop,
                finding.key,
                finding.product_name,
                finding.count,
                number(finding.limit),
                finding.amount_at_stake,
                finding.penalty,
                finding.due_at,
                finding.next_due_at,
                finding.reason.of(results.lang),
                finding.action.of(results.lang),
            ),
        )


NOT_EVALUATED = (
    _RULE,
    _TITLE,
    Text(zh="行数", en="Lines"),
    Text(zh="缺什么", en="What is missing"),
)


def not_evaluated(results: Results) -> Iterator[Row]:
    """Yield the rules that were not evaluated, and those that were not on every line."""
    for outcome, text in unseen.not_evaluated(results):
        yield Row("amber", (*_rule(results, outcome.code), None, text.of(results.lang)))
    for outcome, text in unseen.partly_judged(results):
        lines = outcome.unjudged or outcome.uncounted
        yield Row("", (*_rule(results, outcome.code), lines, text.of(results.lang)))


def _rule(results: Results, code: str) -> tuple[str, str | None]:
    """Return the code of a rule and its title."""
    entry = results.entry(code)
    return code, entry.title.of(results.lang) if entry else None
