"""The dossier of one line for an appeal: its timeline, the clauses, the evidence."""

from collections.abc import Iterator
from datetime import datetime

from merchantwatch.language.text import Text
from merchantwatch.pipeline import states
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.reading.arrow import Row
from merchantwatch.results import evidence, wording
from merchantwatch.results.dossiers import Clause, Dossier, Event
from merchantwatch.results.records import FindingKey
from merchantwatch.rules import BoundRule
from merchantwatch.run.scan import Run
from merchantwatch.run.watched import lines_of

_EVENTS = {
    "created_at": Text(zh="下单", en="ordered"),
    "paid_at": Text(zh="付款", en="paid"),
    "shipped_at": Text(zh="上传运单", en="shipped"),
    "picked_up_at": Text(zh="揽收", en="picked up"),
    "last_tracked_at": Text(zh="最近轨迹", en="last scan"),
    "out_for_delivery_at": Text(zh="派送", en="out for delivery"),
    "delivered_at": Text(zh="签收", en="delivered"),
    "completed_at": Text(zh="完成", en="completed"),
    "closed_at": Text(zh="关闭", en="closed"),
    "case_applied_at": Text(zh="申请售后", en="asked for after-sales"),
    "case_answered_at": Text(zh="商家处理", en="answered"),
    "case_closed_at": Text(zh="售后完结", en="case closed"),
}
_DEADLINES = {
    "promised_ship_at": Text(zh="承诺发货", en="promised to ship by"),
    "booked_delivery_at": Text(zh="预约送达", en="booked delivery"),
    "estimated_delivery_at": Text(zh="预计送达", en="estimated delivery"),
    "pickup_due_at": Text(zh="应揽收", en="pick-up due"),
    "case_due_at": Text(zh="售后处理截止", en="answer due"),
    "evidence_due_at": Text(zh="举证截止", en="evidence due"),
}


def dossiers(run: Run, line_id: str) -> list[Dossier]:
    """Return the dossier of a line, or of each line of an order.

    Raises UsageError when no input has such a line, and says so when its row was not understood.
    """
    return [_dossier(run, line) for line in lines_of(run, line_id)]


def _dossier(run: Run, line: Row) -> Dossier:
    name = line.get("product_name") or line["product_id"] or "-"
    quantity = line.get("quantity")
    return Dossier(
        line_id=line["line_id"],
        order_id=line["order_id"],
        product=f"{name} ×{quantity}" if quantity else name,
        amount=wording.money(line["amount"]),
        tracking_no=line.get("tracking_no"),
        carrier=line.get("carrier"),
        as_of=run.results.as_of,
        tz=run.results.tz,
        events=tuple(_events(line, run.results.as_of)),
        clauses=tuple(_clauses(run, line)),
        evidence=evidence.of_line(line),
    )


def _events(line: Row, as_of: datetime) -> Iterator[Event]:
    """Yield events, deadlines and as-of, in the order of time."""
    listed = [(line[n], text, False) for n, text in _EVENTS.items() if line.get(n)]
    listed += [(line[n], text, True) for n, text in _DEADLINES.items() if line.get(n)]
    listed.append((as_of, Text(zh="判定时刻", en="as of"), False))
    listed.sort(key=lambda one: one[0])
    first, last = listed[0][0], listed[-1][0]
    # A line with a single moment has no length; its place is then 0.
    length = (last - first).total_seconds() or 1
    for at, text, due in listed:
        yield Event(at, text, due, (at - first).total_seconds() / length)


def _clauses(run: Run, line: Row) -> Iterator[Clause]:
    """Yield the rules whose findings the line is part of."""
    found = {finding.known_by: finding for finding in run.results.findings}
    for bound in run.plan.rules:
        counts = line[f"{bound.code}_state"] in (states.HIT, states.NEAR)
        if bound.rule.is_signal or not counts:
            continue
        finding = found.get(
            FindingKey(bound.code, line["platform"], line["shop"], _key(run, line, bound))
        )
        if finding is not None:
            source = bound.rule.source
            yield Clause(
                bound.code,
                bound.rule.title,
                finding.state == "breached",
                source.clause,
                source.where,
                source.confidence,
                line[f"{bound.code}_due"] if bound.rule.is_clock else None,
                finding.reason,
                finding.action,
            )


def _key(run: Run, line: Row, bound: BoundRule) -> str:
    """Return the key of the scope that a line is counted in by a rule."""
    if bound.rule.per == "line":
        return str(line["line_id"])
    place = {"source": line["source"], "row": line["source_row"]}
    sql = render_sql("why_count", code=literal(bound.code), **place)
    return str(run.engine.table(sql).to_pylist()[0]["key"])
