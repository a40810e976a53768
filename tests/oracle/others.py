"""Pinduoduo (PD), TikTok Shop (TK), Amazon (AM), further marketplaces (MP): mostly shares."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from oracle import money
from oracle.business import business_days_after
from oracle.cells import has
from oracle.clause import (
    DAY,
    HOUR,
    Clock,
    Rule,
    Truth,
    after,
    by_product_day,
    by_shop,
    every,
    is_not,
    is_one,
    later,
    since,
    some,
)
from oracle.lines import Line
from oracle.shipping import SHIPPING, late, must_ship, paid

When = Callable[[Line, datetime], Truth]
Day = Callable[[Line], datetime | None]


def declared(line: Line, _as_of: datetime | None = None) -> Truth:
    """Shipped and not closed."""
    return every(line.shipped_at is not None, is_not(line.status, "closed"))


def unpicked_for_a_day(line: Line, _as_of: datetime) -> Clock:
    """PD102: no carrier's scan within 24 h of the upload, near 6 hours before."""
    due = after(line.shipped_at, DAY)
    return Clock(declared(line), due, line.picked_up_at, after(due, -6 * HOUR))


def false_shipment(line: Line, as_of: datetime) -> Truth:
    """PD103: picked up later than 24 h after the upload, or not yet."""
    scanned = line.picked_up_at or as_of
    return every(declared(line), later(scanned, after(line.shipped_at, DAY)))


def dispatched(line: Line, _as_of: datetime) -> Truth:
    return every(paid(line), line.shipped_at is not None)


def dispatched_late(line: Line, as_of: datetime) -> Truth:
    """TK101, TK102: two business days after the order; unshipped does not count as dispatched.

    A pre-order has a time of its own, which an export may say.
    """
    due = business_days_after(line.paid_at or line.created_at, 2)
    due = line.promised_ship_at if line.fulfilment == "pre_order" else due
    return every(dispatched(line, as_of), later(line.shipped_at, due))


def cancelled_by_itself(line: Line, _as_of: datetime) -> Clock:
    """AM105: three business days after the promise, near 72 hours before; since 2024-09-16."""
    due = business_days_after(line.promised_ship_at, 3)
    applies = every(must_ship(line), since(line.promised_ship_at, 2024, 9, 16))
    return Clock(applies, due, line.shipped_at, after(due, -3 * DAY), while_open=True)


def under_way(line: Line, as_of: datetime) -> Truth:
    """Dispatched, and not called back."""
    return every(dispatched(line, as_of), is_not(line.status, "closed"))


def without_number(line: Line, as_of: datetime) -> Truth:
    """TK104, AM106: dispatched, and by no number."""
    return every(under_way(line, as_of), line.tracking_no is None)


def counted(line: Line, _as_of: datetime) -> Truth:
    return paid(line)


def called_off(line: Line) -> Truth:
    """Paid, closed and never shipped."""
    return every(paid(line), is_one(line.status, "closed"), line.shipped_at is None)


def called_off_by_seller(line: Line, _as_of: datetime) -> Truth:
    """TK103: by the seller, out of stock, or for a reason that names the seller."""
    by_another = line.closed_by is not None and line.closed_by != "seller"
    reason = line.close_reason or ("" if by_another else None)
    blame = has(reason.lower() if reason else reason, "seller", "out of stock", "unable to ship")
    return every(called_off(line), some(line.out_of_stock, line.closed_by == "seller", blame))


def called_off_not_by_buyer(line: Line, _as_of: datetime) -> Truth:
    """AM104: out of stock, or for a reason that does not name the buyer."""
    reason = None if line.close_reason is None else line.close_reason.lower()
    by_buyer = has(reason, "buyer")
    return every(
        called_off(line), some(line.out_of_stock, None if by_buyer is None else not by_buyer)
    )


def late_so_far(line: Line, as_of: datetime) -> Truth:
    """AM102, AM103: confirmed after the expected date, or not yet and it is over."""
    late_by_now = later(line.shipped_at or as_of, line.promised_ship_at)
    return every(must_ship(line), late_by_now)


def judged_so_far(line: Line, as_of: datetime) -> Truth:
    """Of what: shipped, or it should have been."""
    over = later(as_of, line.promised_ship_at)
    return every(must_ship(line), some(line.shipped_at is not None, over))


def waiting(line: Line, _as_of: datetime) -> Clock:
    """MP101: to ship by the state alone, till the day that the export promises."""
    due = line.promised_ship_at
    applies = is_one(line.status, "to_ship", "part_shipped")
    return Clock(applies, due, None, after(due, -DAY), while_open=True)


def shipped_late(line: Line, _as_of: datetime) -> Truth:
    """MP102: shipped, and after that day."""
    return every(is_not(line.status, "closed"), later(line.shipped_at, line.promised_ship_at))


def share_of_shop(
    reads: str,
    hit: When,
    of: When,
    day: Day,
    days: int,
    near: str,
    refined_by: str = "",
    **limit: Decimal,
) -> Rule:
    """A share of a shop's lines of the last days."""
    return Rule(
        reads,
        when=hit,
        scope=by_shop,
        of=of,
        day=day,
        window=days * DAY,
        near_from=1,
        near_share=Decimal(near),
        refined_by=refined_by,
        **limit,
    )


def shipped_on(line: Line) -> datetime | None:
    return line.shipped_at


def promised_on(line: Line) -> datetime | None:
    return line.promised_ship_at


def paid_on(line: Line) -> datetime | None:
    return line.paid_at


DISPATCHED = "paid_at status shipped_at promised_ship_at"
CALLED_OFF = "paid_at status shipped_at out_of_stock close_reason"
NUMBERED = "paid_at shipped_at status tracking_no"
AT_LEAST_2_5 = {"share_at_least": Decimal("0.025")}
AT_LEAST_4 = {"share_at_least": Decimal("0.04")}

PDD = {
    "PD101": Rule(SHIPPING, late(warn=DAY), money=money.fixed(3)),
    "PD102": Rule("shipped_at status picked_up_at", unpicked_for_a_day, money=money.fixed(20)),
    "PD103": Rule(
        "shipped_at status picked_up_at",
        when=false_shipment,
        scope=by_product_day,
        of=declared,
        day=shipped_on,
        window=30 * DAY,
        breached_from=11,
        near_from=8,
        share_more_than=Decimal("0.05"),
    ),
}
TIKTOK = {
    "TK101": share_of_shop(
        DISPATCHED, dispatched_late, dispatched, shipped_on, 30, "0.03",
        share_more_than=Decimal("0.04"),
    ),
    "TK102": share_of_shop(
        DISPATCHED, dispatched_late, dispatched, shipped_on, 30, "0.08",
        share_at_least=Decimal("0.10"),
    ),
    "TK103": share_of_shop(
        CALLED_OFF, called_off_by_seller, counted, paid_on, 30, "0.02", "closed_by", **AT_LEAST_2_5
    ),
    "TK104": share_of_shop(
        NUMBERED, without_number, under_way, shipped_on, 30, "0.03",
        share_more_than=Decimal("0.05"),
    ),
}  # fmt: skip
AMAZON = {
    "AM101": Rule(SHIPPING, late(warn=DAY, while_open=True)),
    "AM102": share_of_shop(
        SHIPPING, late_so_far, judged_so_far, promised_on, 30, "0.03", **AT_LEAST_4
    ),
    "AM103": share_of_shop(
        SHIPPING, late_so_far, judged_so_far, promised_on, 10, "0.03", **AT_LEAST_4
    ),
    "AM104": share_of_shop(
        CALLED_OFF, called_off_not_by_buyer, counted, paid_on, 7, "0.02", **AT_LEAST_2_5
    ),
    "AM105": Rule(SHIPPING, cancelled_by_itself),
    "AM106": share_of_shop(
        NUMBERED,
        without_number,
        dispatched,
        shipped_on,
        30,
        "0.03",
        share_at_least=Decimal("0.05"),
    ),
}
MARKETPLACES = {
    "MP101": Rule("status promised_ship_at", waiting),
    "MP102": Rule("status shipped_at promised_ship_at", when=shipped_late, day=shipped_on),
}
