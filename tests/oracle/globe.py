"""Tmall Global (TG), by 2927《天猫国际物流时效管理规范》 of 2026-04-22."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from oracle import money
from oracle.clause import (
    DAY,
    HOUR,
    Clock,
    Rule,
    Truth,
    after,
    by_shop_month,
    every,
    later,
    since,
    some,
)
from oracle.lines import Line
from oracle.shipping import SHIPPING, ended, paid, sent, unhandled
from oracle.tracking import arrived, trace_since, under_way, way

SIX = ("新疆", "西藏", "青海", "甘肃", "宁夏", "内蒙古")


def due(line: Line) -> datetime | None:
    """From bond by the promise; else at least 120 hours from the payment, or from the order."""
    promised, abroad = line.promised_ship_at, after(line.paid_at or line.created_at, 120 * HOUR)
    if promised is None or line.fulfilment == "bonded" or later(promised, abroad):
        return promised
    return abroad


def in_force(day: datetime | None) -> Truth:
    """Whether the text of 2026-04-22 is in force on the day that a line counts for."""
    return since(day, 2026, 4, 22)


def overdue(by: timedelta, warn: timedelta | None) -> Callable[[Line, datetime], Clock]:
    """TG101, TG102, TG105: late, short 72 hours later, or at once where it is noted so."""

    def clock(line: Line, _as_of: datetime) -> Clock:
        lacking = by and line.out_of_stock is True and sent(line) is None
        at = due(line) if lacking else after(due(line), by)
        near_from = after(at, -warn) if warn else None
        applies = every(unhandled(line), in_force(due(line)))
        return Clock(applies, at, ended(line, sent(line)), near_from)

    return clock


def stuck(line: Line, _as_of: datetime) -> Clock:
    """TG103: from bond 24 hours, then 3, 4 or 7 days; from abroad 168 hours after the first scan."""
    picked, tracked = line.picked_up_at, line.last_tracked_at
    bonded, moved = line.fulfilment == "bonded", later(line.last_tracked_at, picked)
    of_day = False if picked is None else since(trace_since(line), 2026, 4, 22)
    stays = bonded or moved is not True
    applies = every(paid(line), picked is not None, under_way(line), stays, of_day)
    at = after(tracked, {"near": 3, "across": 4, "far": 7}[place(line)] * DAY)
    if moved is False:
        at = after(picked, DAY if bonded else 168 * HOUR)
    return Clock(applies, at, arrived(line), after(at, -DAY), while_open=True)


def place(line: Line) -> str:
    """Within a province, between two, or remote; the areas of other tables are none here."""
    found = way(line, *SIX)
    to, whence = line.province or "", line.sender_province or ""
    return "across" if found == "near" and not (to in whence or whence in to) else found


def missed(line: Line, as_of: datetime) -> Truth:
    return every(unhandled(line), later(sent(line) or as_of, due(line)), in_force(due(line)))


def to_be_counted(line: Line, as_of: datetime) -> Truth:
    """What is sent, or should be; the share has been taken of all days."""
    return every(unhandled(line), some(sent(line) is not None, later(as_of, due(line))))


def short(line: Line) -> Decimal | None:
    return money.share(line.amount, 30 if line.fulfilment == "direct" else 15, 5, 500)


ALWAYS: dict[str, Any] = {"on_top": lambda _line: True, "buyer_day": lambda _line: Decimal(500)}
MONTH: dict[str, Any] = {"scope": by_shop_month, "day": due}
GLOBAL = {
    "TG101": Rule(
        SHIPPING,
        overdue(0 * HOUR, DAY),
        day=due,
        money=money.percent(5, 5, 50),
        buyer_day=ALWAYS["buyer_day"],
    ),
    "TG102": Rule(SHIPPING, overdue(72 * HOUR, DAY), day=due, money=short, **ALWAYS),
    "TG103": Rule(
        "picked_up_at status paid_at last_tracked_at delivered_at",
        stuck,
        day=trace_since,
        money=money.percent(30, 5, 500),
        **ALWAYS,
    ),
    "TG104": Rule(
        SHIPPING,
        when=missed,
        of=to_be_counted,
        share_more_than=Decimal("0.15"),
        near_from=1,
        near_share=Decimal("0.12"),
        **MONTH,
    ),
    "TG105": Rule(SHIPPING, overdue(0 * HOUR, None), breached_from=100, near_from=80, **MONTH),
}
