"""Douyin, and the signals of every platform: what buyers ask for, and who steps in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from oracle.cells import has
from oracle.clause import (
    DAY,
    HOUR,
    Clock,
    Rule,
    Truth,
    after,
    by_product,
    by_shop_day,
    every,
    is_not,
    is_one,
    later,
    signal,
    since,
)
from oracle.lines import Line
from oracle.tracking import trace_limit, trace_since

LOST = ("未收到", "没收到", "停滞", "丢", "未按约定时间")
LACKING = ("空包", "少件")


def awaits_answer(line: Line) -> Truth:
    """There is a case, and the merchant has to answer it."""
    waits = is_one(line.case_status, "asked", "seller_to_answer")
    return every(line.case_applied_at is not None, waits)


def not_received(line: Line, *reasons: str) -> Truth:
    """Money back without goods, since the parcel did not come."""
    kind = is_one(line.case_type, "refund_only", "refund_unshipped")
    return every(awaits_answer(line), kind, has(line.case_reason, *reasons))


def not_received_unpicked(line: Line, as_of: datetime) -> Truth:
    """DY310: and no carrier has seen it for over 48 hours."""
    unpicked = later(as_of, after(line.shipped_at, 48 * HOUR))
    nowhere = every(line.shipped_at is not None, line.picked_up_at is None, unpicked)
    return every(not_received(line, *LOST, *LACKING), nowhere)


def not_received_stalled(line: Line, as_of: datetime) -> Truth:
    """DY312: picked up, not signed for, and no trace for over 48 hours."""
    new = since(trace_since(line), 2026, 6, 2)
    silent = later(as_of, after(line.last_tracked_at, trace_limit(line) if new else 48 * HOUR))
    lost = every(line.picked_up_at is not None, line.delivered_at is None, silent)
    return every(not_received(line, *LOST), lost)


def answer(
    applies: Callable[[Line], Truth], warn: timedelta | None = None
) -> Callable[[Line, datetime], Clock]:
    """DY311, DY401: by the time that the export states, else 48 h after the request."""

    def clock(line: Line, _as_of: datetime) -> Clock:
        due = line.case_due_at or after(line.case_applied_at, 48 * HOUR)
        near_from = after(due, -warn) if warn else None
        return Clock(applies(line), due, line.case_answered_at, near_from, while_open=True)

    return clock


def unanswered(line: Line, _as_of: datetime) -> Clock:
    """IR115: the same deadline; a case that waits has not been answered."""
    due = line.case_due_at or after(line.case_applied_at, 48 * HOUR)
    return Clock(awaits_answer(line), due, None, while_open=True)


def until_closed(
    applies: Callable[[Line], Truth], due: Callable[[Line], datetime | None], warn: timedelta
) -> Callable[[Line, datetime], Clock]:
    """DY402, DY403 and their kin of Taobao: a deadline of the export, stopped by the end alone."""

    def clock(line: Line, _as_of: datetime) -> Clock:
        has_case = line.case_applied_at is not None
        near_from = after(due(line), -warn)
        return Clock(
            every(has_case, applies(line)),
            due(line),
            line.case_closed_at,
            near_from,
            while_open=True,
        )

    return clock


def return_to_confirm(line: Line) -> Truth:
    return is_one(line.case_status, "seller_to_receive")


def evidence_wanted(line: Line) -> Truth:
    return is_one(line.intervention, "evidence")


def lost_ruling(line: Line) -> Truth:
    """The platform has ruled for the buyer, and the case is over."""
    over = line.case_applied_at is not None and line.case_closed_at is not None
    return every(over, is_one(line.intervention, "buyer_won"))


def lost(line: Line) -> Truth:
    """The platform has ruled for the buyer, or paid in advance without a ruling; the case is over."""
    over = line.case_applied_at is not None and line.case_closed_at is not None
    advanced = line.platform_advanced is True and line.intervention != "seller_won"
    return every(over, line.intervention == "buyer_won" or advanced)


def appeal(line: Line, _as_of: datetime) -> Clock:
    """DY404: within 7 days, near from the first; once missed it is a hit for a day."""
    due = after(line.case_closed_at, 7 * DAY)
    return Clock(lost(line), due, None, after(due, -7 * DAY))


def paid_and_refused(line: Line, _as_of: datetime) -> Truth:
    """DY405, IR121: the platform has paid, the merchant still refuses, and no ruling says he may."""
    allowed = line.intervention == "seller_won"
    return every(
        line.case_applied_at is not None, line.platform_advanced, line.refused, not allowed
    )


def a_week_after_the_end(line: Line) -> datetime | None:
    """DY405, TT406: till then one may appeal, or ask for a review."""
    return after(line.case_closed_at, 7 * DAY)


def complaint(line: Line, _as_of: datetime) -> Truth:
    """DY406, DY407: the platform was asked to step in, and still is."""
    stepped_in = is_not(line.intervention, "none", "withdrawn")
    return every(line.case_applied_at is not None, stepped_in)


def fast_refund(line: Line, _as_of: datetime) -> Truth:
    """DY408: nothing is shipped, and up to 8,000 yuan; before 2026-07-09 below 300, within 6 hours."""
    late = later(line.case_applied_at, after(line.paid_at, 6 * HOUR))
    soon = since(line.case_applied_at, 2026, 7, 9) or (None if late is None else not late)
    most = Decimal(8000) if since(line.case_applied_at, 2026, 7, 9) else Decimal("299.99")
    return every(
        line.case_applied_at is not None,
        is_one(line.case_status, "asked", "seller_to_answer", "refunding"),
        is_one(line.case_type, "refund_unshipped"),
        line.paid_at is not None,
        line.shipped_at is None,
        soon,
        None if line.amount is None else line.amount <= most,
    )


def open_case(line: Line) -> Truth:
    """There is a case that is not over. (A refusal does not end it.)"""
    undecided = is_not(line.case_status, "refunded", "closed", "exchanged")
    return every(line.case_applied_at is not None, undecided)


def because(*reasons: str) -> Callable[[Line, datetime], Truth]:
    """IR112 to IR114, IR120: an open case for one of these reasons."""
    return lambda line, _as_of: every(open_case(line), has(line.case_reason, *reasons))


def case_is(*words: str, case_type: str | None = None) -> Callable[[Line, datetime], Truth]:
    """IR108, IR109: how the case stands. No case is no signal, and that is known."""

    def when(line: Line, _as_of: datetime) -> Truth:
        kind = True if case_type is None else is_one(line.case_type, case_type)
        return every(line.case_status in words, kind)

    return when


def refusal(case_type: str | None = None) -> Callable[[Line, datetime], Truth]:
    """IR110, IR111, IR116: refused, and no ruling says that the merchant may."""
    refused = case_is("refused", case_type=case_type)
    return lambda line, as_of: every(refused(line, as_of), line.intervention != "seller_won")


def stepping_in(line: Line, _as_of: datetime) -> Truth:
    """IR117: the platform was asked to step in, or has."""
    return every(open_case(line), is_one(line.intervention, "asked", "evidence", "ruling"))


def repeated_case(line: Line, _as_of: datetime) -> Truth:
    """IR118, TT603: an open case that is not the line's first."""
    several = None if line.cases_of_line is None else line.cases_of_line > 1
    return every(open_case(line), several)


def of_a_buyer_with_many(line: Line, _as_of: datetime) -> Truth:
    """IR119, TT604: an open case of a buyer who has asked five times or more within 90 days."""
    many = None if line.buyer_cases_90d is None else line.buyer_cases_90d >= 5
    return every(open_case(line), many)


WAITS = "case_applied_at case_status case_due_at"
ANSWER = f"{WAITS} case_answered_at"
REASON = "case_applied_at case_status case_reason"
NOT_RECEIVED = f"{REASON} case_type"
COMPLAINT = "case_applied_at intervention"
MANY_CASES = "case_applied_at case_status buyer_cases_90d"
KIND = "case_applied_at case_status case_type"
REFUSAL = "case_applied_at platform_advanced refused"

RULES = {
    "DY310": Rule(f"{NOT_RECEIVED} shipped_at picked_up_at", when=not_received_unpicked),
    "DY311": Rule(
        f"{NOT_RECEIVED} {ANSWER}",
        answer(lambda line: not_received(line, *LOST, *LACKING), 12 * HOUR),
    ),
    "DY312": Rule(
        f"{NOT_RECEIVED} picked_up_at delivered_at last_tracked_at", when=not_received_stalled
    ),
    "DY401": Rule(ANSWER, answer(awaits_answer, 12 * HOUR)),
    "DY402": Rule(
        "case_applied_at case_status case_due_at case_closed_at",
        until_closed(return_to_confirm, lambda line: line.case_due_at, DAY),
    ),
    "DY403": Rule(
        f"{COMPLAINT} case_due_at case_closed_at",
        until_closed(evidence_wanted, lambda line: line.case_due_at, 12 * HOUR),
    ),
    "DY404": Rule(
        "case_applied_at case_closed_at",
        appeal,
        window=DAY,
        refined_by="intervention platform_advanced",
    ),
    "DY405": Rule(
        REFUSAL, when=paid_and_refused, by=a_week_after_the_end, refined_by="intervention"
    ),
    "DY406": Rule(
        COMPLAINT,
        when=complaint,
        scope=by_product,
        day=lambda line: line.case_applied_at,
        window=7 * DAY,
        breached_from=3,
        near_from=2,
    ),
    "DY407": Rule(
        COMPLAINT,
        when=complaint,
        scope=by_shop_day,
        day=lambda line: line.case_applied_at,
        window=7 * DAY,
        breached_from=5,
        near_from=3,
    ),
    "DY408": Rule(f"{KIND} paid_at shipped_at amount", when=fast_refund),
}
SIGNALS = {
    "IR108": signal("case_status", when=case_is("asked", "seller_to_answer")),
    "IR109": signal("case_status", when=case_is("seller_to_receive")),
    "IR110": signal(
        "case_status case_type", when=refusal("return_refund"), refined_by="intervention"
    ),
    "IR111": signal("case_status", when=refusal(), refined_by="intervention"),
    "IR112": signal(REASON, when=because("质量", "瑕疵", "破损", "损坏", "无法使用", "变质")),
    "IR113": signal(REASON, when=because("描述", "不符", "不一致", "色差", "发错", "少件", "假冒")),
    "IR114": signal(REASON, when=because("承诺", "未按约定", "赠品", "发票", "保价")),
    "IR115": signal(WAITS, clock=unanswered),
    "IR116": signal("case_status case_type", when=refusal("exchange"), refined_by="intervention"),
    "IR117": signal(f"{COMPLAINT} case_status", when=stepping_in),
    "IR118": signal("case_applied_at case_status cases_of_line", when=repeated_case),
    "IR119": signal(MANY_CASES, when=of_a_buyer_with_many),
    "IR120": signal(REASON, when=because("拒签", "拒收")),
    "IR121": signal(REFUSAL, when=paid_and_refused, refined_by="intervention"),
}
