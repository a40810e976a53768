"""Douyin: the promise to ship, what lateness leads to, and what is out of stock."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from oracle import money
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
    opposite,
    signal,
    since,
    some,
)
from oracle.lines import SOMETIME, Line

Day = tuple[int, int, int]


def paid(line: Line) -> Truth:
    """Paid, or to be paid on delivery: then the status says to ship or later."""
    due = is_one(line.status, "to_ship", "part_shipped", "shipped", "completed")
    return every(is_not(line.status, "unpaid"), some(line.paid_at is not None, due))


def must_ship(line: Line) -> Truth:
    """Paid and not closed: the promise binds."""
    return every(paid(line), is_not(line.status, "closed"))


def unsettled(line: Line) -> Truth:
    """The promise binds, and the buyer has not had all the money back."""
    return every(must_ship(line), opposite(line.settled))


def still_late(line: Line, _as_of: datetime) -> Clock:
    """DY100: not shipped, and not refunded whole, near a day before."""
    due = line.promised_ship_at
    return Clock(unsettled(line), due, line.shipped_at, after(due, -DAY), while_open=True)


def late(
    by: timedelta = timedelta(0),
    warn: timedelta | None = None,
    *,
    while_open: bool = False,
    from_the: Day | None = None,
) -> Callable[[Line, datetime], Clock]:
    """DY100, DY101, DY103, IR101, IR102 and their kin: shipped, or waiting, after the promise."""

    def clock(line: Line, _as_of: datetime) -> Clock:
        due = after(line.promised_ship_at, by)
        near_from = after(due, -warn) if warn else None
        in_force = since(line.promised_ship_at, *from_the) if from_the else True
        applies = every(must_ship(line), in_force)
        return Clock(applies, due, line.shipped_at, near_from, while_open)

    return clock


def judged_again(line: Line, _as_of: datetime) -> Clock:
    """DY102: judged again every 24 h until shipped, three times at most."""
    return Clock(unsettled(line), line.promised_ship_at, line.shipped_at, again=DAY, most=3)


def judged_for_the_deposit(line: Line, _as_of: datetime) -> Clock:
    """DY107: judged again after 24 h, twice at most; in 2021 and 2022."""
    promised = line.promised_ship_at
    in_force = None if promised is None else 2021 <= promised.year <= 2022
    applies = every(must_ship(line), in_force)
    return Clock(applies, promised, line.shipped_at, again=DAY, most=2)


def unhandled(line: Line) -> Truth:
    """The promise binds, or did until the buyer had all the money back."""
    return every(must_ship(line), some(opposite(line.settled), line.settled_at is not None))


def scanned(line: Line) -> datetime | None:
    """When a carrier first had the parcel in hand; a delivery counts as a scan."""
    return min(filter(None, (line.picked_up_at, line.delivered_at)), default=None)


def sent(line: Line) -> datetime | None:
    """The scan where the line's parcel is known, else the upload of its number."""
    return scanned(line) if "picked_up_at" in line.carried else line.shipped_at


def ended(line: Line, sent: datetime | None, closed: datetime | None = None) -> datetime | None:
    """When nothing was owed any more: shipped, refunded whole, or closed, whichever came first.

    A shipping at an unknown time counts only where nothing else is known.
    """
    times = (sent, line.settled_at, closed)
    known = [at for at in times if at is not None and at is not SOMETIME]
    return min(known) if known else sent


def late_and_unhandled(
    by: timedelta, from_the: Day | None = None
) -> Callable[[Line, datetime], Clock]:
    """DY104, DY105: so long past the promise, near a day before; perhaps not always in force."""

    def clock(line: Line, _as_of: datetime) -> Clock:
        due = after(line.promised_ship_at, by)
        in_force = since(line.promised_ship_at, *from_the) if from_the else True
        applies = every(unhandled(line), in_force)
        return Clock(applies, due, ended(line, line.shipped_at), after(due, -DAY))

    return clock


def out_of_stock(line: Line, _as_of: datetime) -> Truth:
    """DY201, DY202, IR104: out of stock, and nothing has been done about it."""
    waiting = every(must_ship(line), line.shipped_at is None)
    return every(line.out_of_stock, waiting, opposite(line.settled))


def late_this_year(line: Line, as_of: datetime) -> Clock:
    """DY501: late by the promise, and the promise lies in the year of as-of."""
    promised = line.promised_ship_at
    this_year = None if promised is None else promised.year == as_of.year
    return Clock(every(must_ship(line), this_year), promised, line.shipped_at)


def shipped_late(line: Line, _as_of: datetime) -> Clock:
    """IR103: shipped after the promise. Not shipped is not shipped late."""
    shipped = every(must_ship(line), line.shipped_at is not None)
    return Clock(shipped, line.promised_ship_at, line.shipped_at)


def delivered_late(field: str) -> Callable[[Line, datetime], Clock]:
    """IR123, IR124: by the time that was estimated or booked; a line completed is not awaited."""

    def clock(line: Line, _as_of: datetime) -> Clock:
        due = getattr(line, field)
        awaited = some(line.delivered_at is not None, is_not(line.status, "completed"))
        return Clock(every(due is not None, must_ship(line), awaited), due, line.delivered_at)

    return clock


def of_several_sellers(line: Line, _as_of: datetime) -> Truth:
    """IR125: an order that is not settled, of more than one seller."""
    return every((line.sellers_of_order or 0) > 1, unsettled(line))


def of_several_pieces(line: Line, _as_of: datetime) -> Truth:
    """IR126: an order that is not settled, of more than one piece, unless all are of one seller."""
    pieces = (line.pieces_of_order or 0) > 1
    return every(pieces, line.sellers_of_order != 1, unsettled(line))


def refund_before_shipping(line: Line, _as_of: datetime) -> Truth:
    """IR107: the buyer wants the money back and nothing is on its way."""
    refund_requested = line.case_status in ("asked", "seller_to_answer", "refunding")
    return every(refund_requested, must_ship(line), line.shipped_at is None)


SHIPPING = "paid_at status shipped_at promised_ship_at"
STOCK = "out_of_stock paid_at shipped_at status"

RULES = {
    "DY100": Rule(SHIPPING, still_late),
    "DY101": Rule(SHIPPING, late(), scope=by_product, breached_from=3, near_from=2),
    "DY102": Rule(
        SHIPPING,
        judged_again,
        breached_from=3,
        near_from=2,
        day=lambda line: line.promised_ship_at,
        until=datetime(2026, 6, 2),
    ),
    "DY107": Rule(
        SHIPPING,
        judged_for_the_deposit,
        money=money.deposit,
        each=DAY,
        most=lambda _at: Decimal(500),
    ),
    "DY105": Rule(
        SHIPPING,
        late_and_unhandled(120 * HOUR),
        day=lambda line: line.promised_ship_at,
        until=datetime(2026, 6, 2),
    ),
    "DY201": Rule(STOCK, when=out_of_stock, scope=by_product, breached_from=11, near_from=8),
    "DY202": Rule(STOCK, when=out_of_stock, scope=by_shop, breached_from=11, near_from=8),
    "DY501": Rule(
        SHIPPING,
        late_this_year,
        scope=by_shop,
        breached_from=120,
        near_from=90,
        a_day=20,
        a_week=60,
    ),
}
SIGNALS = {
    "IR101": signal(SHIPPING, clock=late(while_open=True)),
    "IR102": signal(SHIPPING, clock=late(48 * HOUR, while_open=True)),
    "IR103": signal(SHIPPING, clock=shipped_late),
    "IR104": signal(STOCK, when=out_of_stock),
    "IR107": signal("case_status paid_at shipped_at status", when=refund_before_shipping),
    "IR123": signal(
        "estimated_delivery_at paid_at status delivered_at",
        clock=delivered_late("estimated_delivery_at"),
    ),
    "IR124": signal(
        "booked_delivery_at paid_at status delivered_at", clock=delivered_late("booked_delivery_at")
    ),
    "IR125": signal("sellers_of_order paid_at status", when=of_several_sellers),
    "IR126": signal(
        "pieces_of_order paid_at status", when=of_several_pieces, refined_by="sellers_of_order"
    ),
}
