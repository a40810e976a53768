"""What a hit costs by its clause. Halves are rounded up; what is not known has an unknown cost."""

from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from oracle.clause import HOUR, Truth, since
from oracle.lines import Line

CENT, YUAN = Decimal("0.01"), Decimal(1)
Price = Callable[[Line], Decimal | None]


def share(paid: Decimal | None, percent: int, least: int, most: int) -> Decimal | None:
    """A share of what was paid, to the cent, within bounds."""
    if paid is None:
        return None
    owed = (paid * percent / 100).quantize(CENT, ROUND_HALF_UP)
    return min(max(owed, Decimal(least)), Decimal(most))


def coupon(line: Line) -> Decimal | None:
    """DY103, DY303 and the like: nothing up to 3 yuan, 3 yuan below 300, then 1 % up to 30."""
    paid = line.amount
    if paid is None or paid >= 300:
        return share(paid, 1, 0, 30)
    return Decimal(0) if paid <= 3 else Decimal(3)


def promised_within(line: Line, hours: int) -> Truth:
    """Whether at most ``hours`` were promised, from the payment, or the order paid on delivery."""
    since_when = line.paid_at or line.created_at
    if line.promised_ship_at is None or since_when is None:
        return None
    return line.promised_ship_at <= since_when + hours * HOUR


def whole_yuan(paid: Decimal | None, percent: int, least: int, most: int) -> Decimal | None:
    """A share of what was paid, halves up to the yuan, within bounds (aHwH9wK4JUHQ, 2.2)."""
    if paid is None:
        return None
    owed = (paid * percent / 100).quantize(YUAN, ROUND_HALF_UP)
    return min(max(owed, Decimal(least)), Decimal(most))


def late_order(line: Line) -> Decimal | None:
    """DY103: a coupon, since 2026-06-02 1 % of what was promised in more than 48 hours."""
    if not since(line.promised_ship_at, 2026, 6, 2):
        return coupon(line)
    return whole_yuan(line.amount, 1, 2 if promised_within(line, 240) else 3, 50)


def soon_promised(line: Line) -> Truth:
    """Whether 48 hours or less were promised."""
    if line.promised_ship_at is None or line.paid_at is None:
        return None
    return line.promised_ship_at <= line.paid_at + 48 * HOUR


def soon_after_ordering(line: Line) -> Truth:
    """The same; what is paid on delivery is counted from its order."""
    ordered = line.paid_at or line.created_at
    if line.promised_ship_at is None or ordered is None:
        return None
    return line.promised_ship_at <= ordered + 48 * HOUR


def judged_shortage(line: Line) -> Decimal | None:
    """DY104: by the text of the promise's day, and since 2025-06-05 by its length."""
    if line.amount is None or not since(line.promised_ship_at, 2022, 12, 6):
        return None
    if not since(line.promised_ship_at, 2025, 6, 5):
        return (line.amount / 20).quantize(YUAN, ROUND_HALF_UP)
    if since(line.promised_ship_at, 2026, 6, 2):
        if promised_within(line, 48):
            return whole_yuan(line.amount, 1, 2, 50)
        return whole_yuan(line.amount, *((3, 3) if promised_within(line, 240) else (5, 5)), 50)
    return share(line.amount, 5, 5, 500) if soon_promised(line) else share(line.amount, 10, 5, 1000)


def by_the_promise(line: Line) -> Decimal | None:
    """Douyin's traces: 1 % (3–30) where 48 hours were promised, else 5 % (5–50)."""
    return whole_yuan(line.amount, *((1, 3, 30) if promised_within(line, 48) else (5, 5, 50)))


def on_top_of_the_coupon(line: Line) -> Truth:
    """DY104: so says its text since 2025-06-05."""
    return since(line.promised_ship_at, 2025, 6, 5)


def deposit(_line: Line) -> Decimal:
    """DY107: so much for each judgement."""
    return Decimal(10)


def false_shipment(line: Line) -> Decimal | None:
    """DY320, DY321: 500 yuan in 2021, since 2022 a coupon; 25 % from 2026-06-02 to 2026-07-08."""
    if since(line.shipped_at, 2026, 6, 2):
        over = since(line.shipped_at, 2026, 7, 9)
        return None if over else whole_yuan(line.amount, 25, 5, 100)
    return coupon(line) if since(line.shipped_at, 2022, 1, 1) else Decimal(500)


def false_shipments_of_a_day(at: datetime) -> Decimal | None:
    """DY320, DY321: of 500 yuan each, 5000 at most on a day."""
    return None if since(at, 2022, 1, 1) else Decimal(5000)


def fraud(line: Line) -> Decimal | None:
    """DY322: 30 % of what was shipped since 2024-07-22; since 2026-08-03 all of less than 10 yuan."""
    if since(line.shipped_at, 2026, 8, 3) and line.amount is not None and line.amount < 10:
        return whole_yuan(line.amount, 100, 5, 10)
    if since(line.shipped_at, 2026, 6, 2):
        return whole_yuan(line.amount, 30, 10, 500)
    return share(line.amount, 30, 5, 100) if since(line.shipped_at, 2024, 7, 22) else None


def never_received(line: Line) -> Decimal | None:
    """TT303: what a shortage costs on its platform when the pick-up was due."""
    if line.platform == "taobao":
        return taobao_short(line)
    if since(line.pickup_due_at, 2026, 4, 9):
        return tmall_short_now(line)
    return share(line.amount, 30, 5, 100)


def tmall_late(line: Line) -> Decimal | None:
    """TM102: 30 % up to 500 yuan; 10 % up to 100; since 2026-04-09 by the length of the promise."""
    if since(line.promised_ship_at, 2026, 4, 9):
        return share(line.amount, 5 if soon_after_ordering(line) else 10, 5, 50)
    if since(line.promised_ship_at, 2025, 3, 7):
        return share(line.amount, 10, 5, 100)
    return share(line.amount, 30, 5, 500)


def tmall_short(line: Line) -> Decimal | None:
    """TM103: 30 % up to 100 yuan; since 2026-04-09 10 or 15 % up to 500."""
    if since(line.promised_ship_at, 2026, 4, 9):
        return tmall_short_now(line)
    return share(line.amount, 30, 5, 100)


def tmall_short_now(line: Line) -> Decimal | None:
    """10 or 15 % up to 500, by the length of the promise."""
    return share(line.amount, 10 if soon_after_ordering(line) else 15, 5, 500)


def taobao_late(line: Line) -> Decimal | None:
    """TB102: 5 % up to 30 yuan; since 2025-09-05 1 % from 3 yuan where 48 hours were promised."""
    if since(line.promised_ship_at, 2025, 9, 5) and soon_after_ordering(line):
        return share(line.amount, 1, 3, 30)
    return share(line.amount, 5, 5, 30)


def taobao_short(line: Line) -> Decimal | None:
    """TB103: 10 % up to 100 yuan where 48 hours were promised, else 15 % up to 500."""
    return (
        share(line.amount, 10, 5, 100)
        if soon_after_ordering(line)
        else share(line.amount, 15, 5, 500)
    )


def of_a_day(
    at: Callable[[Line], datetime | None], *, short: bool = False
) -> Callable[[Line], Decimal | None]:
    """What one buyer gets for a day, by the clause of a time: Tmall 500 since 2026-04-09.

    Taobao 100 since 2025-09-05, and 500 where what was promised for later is short.
    """

    def most(line: Line) -> Decimal | None:
        if line.platform == "tmall":
            return Decimal(500) if since(at(line), 2026, 4, 9) else None
        later = short and not soon_after_ordering(line)
        return Decimal(500 if later else 100) if since(at(line), 2025, 9, 5) else None

    return most


def of_a_day_without_receipt(line: Line) -> Decimal | None:
    """TT303: the same of a shortage, as far as its own text goes."""
    cost = of_a_day(lambda line: line.pickup_due_at, short=True)(line)
    return cost if since(line.pickup_due_at, 2026, 4, 9) else None


def trace_timeout(line: Line) -> Decimal | None:
    """TT302: 20 % up to 100 yuan; 5 % up to 50 of what was due since 2025-09-05."""
    if since(line.pickup_due_at, 2025, 9, 5):
        return share(line.amount, 5, 5, 50)
    return share(line.amount, 20, 5, 100)


def percent(number: int, least: int, most: int) -> Price:
    """TM103, TB101: a share of what was paid, within bounds."""
    return lambda line: share(line.amount, number, least, most)


def fixed(yuan: int) -> Price:
    """PD101, PD102: so much for each order."""
    return lambda _line: Decimal(yuan)
