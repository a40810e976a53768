"""Tmall (TM), Taobao (TB), and what they have in common (TT)."""

from collections.abc import Callable
from datetime import datetime

from oracle import money, refusals, traces
from oracle.after_sales import (
    COMPLAINT,
    MANY_CASES,
    WAITS,
    a_week_after_the_end,
    awaits_answer,
    evidence_wanted,
    lost_ruling,
    of_a_buyer_with_many,
    repeated_case,
    return_to_confirm,
    until_closed,
)
from oracle.business import business_days_after, is_worked_in_china
from oracle.clause import (
    DAY,
    HOUR,
    Clock,
    Rule,
    Truth,
    after,
    every,
    is_not,
    is_one,
    later,
    since,
    some,
)
from oracle.lines import Line
from oracle.shipping import (
    SHIPPING,
    Day,
    ended,
    must_ship,
    scanned,
    sent,
    unhandled,
    unsettled,
)

REFUNDS = ("refund_unshipped", "refund_only", "return_refund")


def deadline(line: Line, _as_of: datetime) -> Clock:
    """TM101, TB101: near a day before; nothing is to be shipped of a line refunded whole."""
    due = line.promised_ship_at
    return Clock(unsettled(line), due, sent(line), after(due, -DAY))


def late_from(*first: int) -> Callable[[Line, datetime], Clock]:
    """TM102, TB102: late by the promise, from the first day of the oldest text."""

    def clock(line: Line, _as_of: datetime) -> Clock:
        due = line.promised_ship_at
        in_force = since(due, *first) if first else True
        return Clock(every(unhandled(line), in_force), due, ended(line, sent(line)))

    return clock


def short_from(noted: Day, by_time: Day) -> Callable[[Line, datetime], Clock]:
    """TM103, TB103: noted as out of stock and past the promise; later also 72 h past it."""

    def clock(line: Line, _as_of: datetime) -> Clock:
        promised = line.promised_ship_at
        lacking = every(line.out_of_stock, sent(line) is None) is True
        of_today = since(promised, *by_time)
        of_before = every(since(promised, *noted), known_short(line), sent(line) is None)
        applies = every(unhandled(line), of_today if of_today is not False else of_before)
        due = promised if lacking else after(promised, 72 * HOUR)
        return Clock(applies, due, ended(line, sent(line)), after(due, -DAY))

    return clock


def known_short(line: Line) -> Truth:
    """What no column tells is unknown, unless a case of the line does."""
    return line.out_of_stock or (line.out_of_stock if "out_of_stock" in line.carried else None)


def not_scanned_from(*first: int) -> Callable[[Line, datetime], Clock]:
    """TM104, TB104: no scan 24 h after the upload, near from 18 h on."""

    def clock(line: Line, _as_of: datetime) -> Clock:
        due = after(line.shipped_at, 24 * HOUR)
        in_force = False if line.shipped_at is None else since(line.shipped_at, *first)
        applies = every(uploaded(line), in_force)
        return Clock(
            applies, due, scanned(line), after(line.shipped_at, 18 * HOUR), since_start=True
        )

    return clock


def uploaded(line: Line) -> Truth:
    return every(must_ship(line), line.shipped_at is not None)


def picked_up_48_hours_after_payment(line: Line, _as_of: datetime) -> Clock:
    """TT301: near 12 hours before; what is promised since 2026-03-16 by the time that was set."""
    due = line.promised_ship_at
    if since(due, 2026, 3, 16) is False:
        due = after(line.paid_at, 48 * HOUR)
    return Clock(uploaded(line), due, line.picked_up_at, after(due, -12 * HOUR))


def picked_up_when_due(line: Line, _as_of: datetime) -> Clock:
    """TT302: by the time that the platform states."""
    due = line.pickup_due_at
    applies = every(uploaded(line), since(due, 2020, 1, 1))
    return Clock(applies, due, line.picked_up_at, after(due, -12 * HOUR))


def not_received_after_timeout(line: Line, _as_of: datetime) -> Clock:
    """TT303: picked up late or never, and not delivered 5 days after; since 2025-08-26."""
    due = after(line.pickup_due_at, 5 * DAY)
    timeout = some(line.picked_up_at is None, later(line.picked_up_at, line.pickup_due_at))
    applies = every(uploaded(line), timeout, since(line.pickup_due_at, 2025, 8, 26))
    return Clock(applies, due, line.delivered_at, after(due, -DAY), while_open=True)


def refund_answer(line: Line, _as_of: datetime) -> Clock:
    """TT401: by 超时时间, else 24 h if it was not shipped when the buyer asked, else by what is asked."""
    applied, shipped = line.case_applied_at, line.shipped_at
    hours = 24 if shipped is None or later(shipped, applied) else 72
    if since(applied, 2026, 2, 10):
        by_type = {"repair": 48, "exchange": 24, "resend": 24}
        hours = by_type.get(line.case_type or "", min(hours, 36))
    due = line.case_due_at or after(applied, hours * HOUR)
    return Clock(awaits_answer(line), due, None, after(due, -12 * HOUR), while_open=True)


def refund_by_default(line: Line, _as_of: datetime) -> Truth:
    """TT407: requested past the promise, when nothing was shipped."""
    unshipped = some(line.shipped_at is None, later(line.shipped_at, line.case_applied_at))
    return every(
        awaits_answer(line),
        is_one(line.case_type, "refund_unshipped", "refund_only"),
        line.paid_at is not None,
        later(line.case_applied_at, line.promised_ship_at),
        unshipped,
    )


def intervention(word: str) -> Callable[[Line, datetime], Truth]:
    """TT403, TT405: the platform was asked to step in, or rules; the case is not over."""

    def when(line: Line, _as_of: datetime) -> Truth:
        undecided = is_not(line.case_status, "refunded", "closed")
        has_case = line.case_applied_at is not None
        return every(has_case, undecided, is_one(line.intervention, word))

    return when


def ruled_by(line: Line) -> datetime | None:
    """TT405: four working days after the evidence."""
    return business_days_after(line.evidence_due_at, 4, is_worked_in_china)


def refund_differs(line: Line, _as_of: datetime) -> Truth:
    """TT601: more than was paid, or less though the one piece was returned."""
    back, paid = line.refund_amount, line.amount
    more = None if back is None or paid is None else back > paid
    less = None if back is None or paid is None else back < paid
    single = None if line.quantity is None else line.quantity == 1
    return every(
        line.case_applied_at is not None,
        is_one(line.case_status, "refunding", "refunded"),
        is_one(line.case_type, *REFUNDS),
        some(more, every(less, is_not(line.case_type, "refund_only"), single)),
    )


def slower_than_usual(line: Line, _as_of: datetime) -> Clock:
    """TT605: a refund that is still under way when nine of ten of its kind were done."""
    under_way = is_one(
        line.case_status, "asked", "seller_to_answer", "buyer_to_return", "seller_to_receive", "refunding"
    )  # fmt: skip
    has_case = line.case_applied_at is not None
    applies = every(has_case, is_one(line.case_type, *REFUNDS), under_way)
    return Clock(applies, line.refund_usual_at, line.case_closed_at, while_open=True)


def promised(line: Line) -> datetime | None:
    return line.promised_ship_at


SENT = "paid_at shipped_at status picked_up_at"
TMALL = {
    "TM101": Rule(SHIPPING, deadline),
    "TM102": Rule(
        SHIPPING, late_from(2020, 1, 1), money=money.tmall_late, buyer_day=money.of_a_day(promised)
    ),
    "TM103": Rule(
        SHIPPING,
        short_from((2025, 3, 7), (2026, 4, 9)),
        money=money.tmall_short,
        on_top=lambda line: since(line.promised_ship_at, 2026, 4, 9),
        buyer_day=money.of_a_day(promised, short=True),
    ),
    "TM104": Rule(
        SENT,
        not_scanned_from(2026, 4, 9),
        money=money.percent(5, 5, 100),
        on_top=lambda _line: True,
        buyer_day=money.of_a_day(lambda line: line.shipped_at),
    ),
}
TAOBAO = {
    "TB101": Rule(SHIPPING, deadline),
    "TB102": Rule(
        SHIPPING, late_from(), money=money.taobao_late, buyer_day=money.of_a_day(promised)
    ),
    "TB103": Rule(
        SHIPPING,
        short_from((2025, 2, 13), (2025, 9, 5)),
        money=money.taobao_short,
        on_top=lambda line: since(line.promised_ship_at, 2025, 9, 5),
        buyer_day=money.of_a_day(promised, short=True),
    ),
    "TB104": Rule(
        SENT,
        not_scanned_from(2025, 9, 5),
        money=money.percent(5, 5, 100),
        on_top=lambda _line: True,
        buyer_day=money.of_a_day(lambda line: line.shipped_at),
    ),
}
BOTH = {
    "TT301": Rule(
        f"{SENT} promised_ship_at",
        picked_up_48_hours_after_payment,
        day=lambda line: line.promised_ship_at,
        window=30 * DAY,
    ),
    "TT302": Rule(
        f"{SENT} pickup_due_at",
        picked_up_when_due,
        money=money.trace_timeout,
        buyer_day=money.of_a_day(lambda line: line.pickup_due_at),
    ),
    "TT303": Rule(
        f"{SENT} pickup_due_at delivered_at",
        not_received_after_timeout,
        money=traces.short_once,
        on_top=lambda line: since(line.pickup_due_at, 2026, 4, 9),
        buyer_day=money.of_a_day_without_receipt,
    ),
    "TT401": Rule(f"{WAITS} shipped_at", refund_answer, refined_by="case_type"),
    "TT402": Rule(
        "case_applied_at case_status case_due_at case_closed_at",
        until_closed(return_to_confirm, lambda line: line.case_due_at, DAY),
    ),
    "TT403": Rule(f"{COMPLAINT} case_status", when=intervention("asked")),
    "TT404": Rule(
        f"{COMPLAINT} evidence_due_at case_closed_at",
        until_closed(evidence_wanted, lambda line: line.evidence_due_at, DAY),
    ),
    "TT405": Rule(f"{COMPLAINT} case_status", when=intervention("ruling"), by=ruled_by),
    "TT406": Rule(
        f"{COMPLAINT} case_closed_at",
        when=lambda line, _as_of: lost_ruling(line),
        by=a_week_after_the_end,
        day=lambda line: line.case_closed_at,
        window=7 * DAY,
    ),
    "TT407": Rule(
        "case_applied_at case_status case_type paid_at promised_ship_at shipped_at",
        when=refund_by_default,
    ),
    **refusals.RULES,
    "TT601": Rule(
        "case_applied_at case_status case_type refund_amount amount quantity",
        when=refund_differs,
        day=lambda line: line.case_applied_at,
        window=30 * DAY,
    ),
    "TT603": Rule("case_applied_at case_status cases_of_line", when=repeated_case),
    "TT604": Rule(MANY_CASES, when=of_a_buyer_with_many),
    "TT605": Rule(
        "case_applied_at case_type case_status refund_usual_at case_closed_at", slower_than_usual
    ),
}
