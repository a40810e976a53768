"""Douyin: what becomes of a parcel once it is declared shipped."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from oracle import money
from oracle.cells import has
from oracle.clause import (
    DAY,
    HOUR,
    Clock,
    Rule,
    Truth,
    after,
    by_product,
    by_shop,
    every,
    is_not,
    is_one,
    later,
    opposite,
    signal,
    since,
    some,
)
from oracle.lines import SOMETIME, Line
from oracle.money import soon_promised

REMOTE = ("内蒙古", "新疆", "西藏", "青海", "宁夏", "海南")


def under_way(line: Line) -> Truth:
    return is_not(line.status, "closed", "completed")


def unpicked(
    within: timedelta, warn_from: timedelta | None = None
) -> Callable[[Line, datetime], Clock]:
    """DY301, DY302, IR105, IR106: declared as shipped, and no carrier has seen it."""

    def clock(line: Line, _as_of: datetime) -> Clock:
        shipped = line.shipped_at
        near_from = after(shipped, warn_from) if warn_from else None
        applies = every(shipped is not None, under_way(line))
        return Clock(
            applies,
            after(shipped, within),
            line.picked_up_at,
            near_from,
            while_open=True,
            since_start=True,
        )

    return clock


def from_2022_to_2026(at: datetime | None) -> Truth:
    """DY303, DY313: until DY331 takes their place."""
    return every(since(at, 2022, 7, 1), opposite(since(at, 2026, 6, 2)))


def picked_up_in_72_hours(line: Line, _as_of: datetime) -> Clock:
    """DY303: what is in stock is picked up within 72 h of the order, near a day before."""
    due = after(line.created_at, 72 * HOUR)
    in_force = from_2022_to_2026(line.promised_ship_at)
    applies = every(
        line.shipped_at is not None, is_not(line.status, "closed"), soon_promised(line), in_force
    )
    return Clock(applies, due, line.picked_up_at, after(due, -DAY))


def picked_up_in_24_hours(line: Line, _as_of: datetime) -> Clock:
    """DY313: what is promised for later is picked up within 24 h of shipping, near 6 hours before."""
    due = after(line.shipped_at, DAY)
    soon = soon_promised(line)
    applies = every(
        line.shipped_at is not None,
        is_not(line.status, "closed"),
        None if soon is None else not soon,
        from_2022_to_2026(line.promised_ship_at),
    )
    return Clock(applies, due, line.picked_up_at, after(due, -6 * HOUR))


def refund_requested_unpicked(line: Line, _as_of: datetime) -> Truth:
    """DY304: at the time of the request the parcel lay unpicked for over 48 hours."""
    applied = line.case_applied_at
    return every(
        applied is not None,
        line.shipped_at is not None,
        is_not(line.case_status, "closed", "refused"),
        is_one(line.case_type, "refund_only", "refund_unshipped", "return_refund"),
        later(applied, after(line.shipped_at, 48 * HOUR)),
        some(line.picked_up_at is None, later(line.picked_up_at, applied)),
    )


def stalled(within: timedelta, warn: timedelta | None = None) -> Callable[[Line, datetime], Clock]:
    """DY305, DY306, IR122: no trace for so long."""

    def clock(line: Line, _as_of: datetime) -> Clock:
        due = after(line.last_tracked_at, within)
        applies = every(line.picked_up_at is not None, under_way(line))
        near_from = after(due, -warn) if warn else None
        return Clock(applies, due, line.delivered_at, near_from, while_open=True)

    return clock


EIGHT = (*REMOTE, "云南", "甘肃")
AREAS = (("江苏", "浙江", "上海", "安徽"), ("北京", "天津", "河北"))


def way(line: Line, *remote: str) -> str:
    """Whither and whence: "far" where either end is remote, "near" within a province or an area.

    An unknown destination is far, an unknown origin is another province.
    """
    to, whence = line.province, line.sender_province
    if to is None or has(to, *remote) or (whence and has(whence, *remote)):
        return "far"
    if whence is None:
        return "across"
    same = to in whence or whence in to
    return "near" if same or any(has(to, *a) and has(whence, *a) for a in AREAS) else "across"


def trace_since(line: Line) -> datetime | None:
    """Since when the parcel stands still."""
    return max(filter(None, (line.picked_up_at, line.last_tracked_at)), default=None)


def trace_limit(line: Line) -> timedelta:
    """AHwHroCPheig: 48 hours within a province or area, 72 between provinces, 120 in eight regions."""
    return {"near": 48, "across": 72, "far": 120}[way(line, *EIGHT)] * HOUR


def arrived(line: Line) -> datetime | None:
    """When it was out for delivery, or delivered: what was due in transit is due no more."""
    return min(filter(None, (line.out_for_delivery_at, line.delivered_at)), default=None)


def without_trace(line: Line, as_of: datetime) -> Clock:
    """DY305: by the text of the day of its last trace; before 2026-06-02 48 hours, in six regions 72.

    To an unknown destination it takes as long as it may.
    """
    if since(trace_since(line), 2026, 6, 2):
        within = trace_limit(line)
    else:
        far = line.province is None or has(line.province, *REMOTE)
        within = (72 if far else 48) * HOUR
    return replace(stalled(within, 12 * HOUR)(line, as_of), done=arrived(line))


def douyin_trace_timeout(line: Line) -> Decimal | None:
    """DY305: of what stands still since a day from 2026-06-02 to 2026-07-08."""
    begun = trace_since(line)
    costs = since(begun, 2026, 6, 2) and not since(begun, 2026, 7, 9)
    return money.by_the_promise(line) if costs else None


def silent_since_pick_up(line: Line, _as_of: datetime) -> Clock:
    """DY307: nothing new within 24 h of the pick-up; the pick-up itself is nothing new."""
    picked = line.picked_up_at
    moved = line.last_tracked_at if later(line.last_tracked_at, picked) else None
    due = after(picked, DAY)
    applies = every(picked is not None, under_way(line))
    return Clock(applies, due, moved, after(due, -6 * HOUR), while_open=True)


def undelivered(line: Line, _as_of: datetime) -> Clock:
    """DY308: out for delivery for 24 h without a signature."""
    due = after(line.out_for_delivery_at, DAY)
    applies = every(line.out_for_delivery_at is not None, under_way(line))
    return Clock(applies, due, line.delivered_at, after(due, -6 * HOUR), while_open=True)


def signed_at_night(line: Line, _as_of: datetime) -> Truth:
    """DY309: signed for from midnight until before six; what was not shipped cannot be signed for."""
    signed = line.delivered_at if line.shipped_at else None
    return signed is not None and signed.hour < 6


def picked_up_before_payment(line: Line, _as_of: datetime) -> Truth:
    """DY321: a scan before the payment is of another parcel."""
    known = every(*(at is not None for at in (line.paid_at, line.shipped_at, line.picked_up_at)))
    return every(known, in_words(line), later(line.paid_at, line.picked_up_at))


def never_sent(line: Line, _as_of: datetime) -> Truth:
    """DY322: declared as shipped, closed, and never picked up."""
    shipped, closed = line.shipped_at is not None, is_one(line.status, "closed")
    return every(shipped, closed, line.picked_up_at is None, in_words(line))


def in_words(line: Line) -> Truth:
    """Since when false shipments are written about."""
    return since(line.shipped_at, 2021, 6, 1)


def shared_number(line: Line, _as_of: datetime) -> Truth:
    """DY320: one tracking number for several receivers within 30 days."""
    receivers = line.tracking_no_receivers_30d
    sent = every(line.tracking_no is not None, line.shipped_at is not None, in_words(line))
    return every(sent, None if receivers is None else receivers > 1)


def shared_number_this_year(line: Line, as_of: datetime) -> Truth:
    """DY502: the same, and shipped in the year of as-of."""
    receivers, shipped = line.tracking_no_receivers_30d, line.shipped_at
    this_year = None if shipped in (None, SOMETIME) else shipped.year == as_of.year
    several = None if receivers is None else receivers > 1
    return every(shipped is not None, several, this_year)


PARCEL = "shipped_at status picked_up_at"
FALSE = {"money": money.false_shipment, "most": money.false_shipments_of_a_day}
NUMBER = "shipped_at tracking_no_receivers_30d"
TRACE = "picked_up_at status last_tracked_at delivered_at"

RULES = {
    "DY301": Rule(PARCEL, unpicked(48 * HOUR, warn_from=18 * HOUR)),
    "DY302": Rule(PARCEL, unpicked(24 * HOUR, warn_from=18 * HOUR)),
    "DY303": Rule(
        f"{PARCEL} created_at paid_at promised_ship_at",
        picked_up_in_72_hours,
        money=money.coupon,
    ),
    "DY313": Rule(
        f"{PARCEL} paid_at promised_ship_at",
        picked_up_in_24_hours,
        money=money.coupon,
    ),
    "DY304": Rule(
        "case_applied_at shipped_at case_status case_type picked_up_at",
        when=refund_requested_unpicked,
        day=lambda line: line.case_applied_at,
        until=datetime(2026, 6, 29),
    ),
    "DY305": Rule(TRACE, without_trace, day=trace_since, money=douyin_trace_timeout),
    "DY306": Rule(TRACE, stalled(120 * HOUR, DAY)),
    "DY307": Rule("picked_up_at status last_tracked_at", silent_since_pick_up),
    "DY308": Rule("out_for_delivery_at status delivered_at", undelivered),
    "DY309": Rule("shipped_at delivered_at", when=signed_at_night),
    "DY320": Rule(
        f"{NUMBER} tracking_no", when=shared_number, day=lambda line: line.shipped_at, **FALSE
    ),
    "DY502": Rule(
        NUMBER,
        when=shared_number_this_year,
        scope=by_shop,
        breached_from=40,
        near_from=20,
        a_day=10,
        a_week=20,
    ),
    "DY321": Rule(
        "paid_at shipped_at picked_up_at",
        when=picked_up_before_payment,
        day=lambda line: line.shipped_at,
        **FALSE,
    ),
    "DY322": Rule(
        PARCEL,
        when=never_sent,
        scope=by_product,
        day=lambda line: line.shipped_at,
        window=30 * DAY,
        breached_from=3,
        near_from=2,
        of=lambda line, _as_of: line.shipped_at is not None,
        share_at_least=Decimal("0.05"),
        near_share=Decimal("0.05"),
        money=money.fraud,
    ),
}
SIGNALS = {
    "IR105": signal(PARCEL, clock=unpicked(24 * HOUR)),
    "IR106": signal(PARCEL, clock=unpicked(48 * HOUR)),
    "IR122": signal(TRACE, clock=stalled(48 * HOUR)),
}
