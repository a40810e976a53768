"""Douyin: what a late or short order costs, and what a day of them leads to, by the text of its promise's day."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
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
    by_product_day,
    by_shop_day,
    every,
    is_not,
    later,
    opposite,
    since,
    some,
)
from oracle.counting import Ruled, Totals, Verdicts, totals
from oracle.lines import Line
from oracle.shipping import SHIPPING, ended, late, paid, scanned, sent, unhandled

SEEN = (2026, 6, 2)
"""The day on which the texts of 2026 were seen first."""
NEW = (2026, 6, 29)
"""Since when a day of a product or a shop is judged by itself."""


def new_text(line: Line) -> Truth:
    return since(line.promised_ship_at, *SEEN)


def costs_at_once(line: Line) -> Truth:
    """DY103: only of what was promised in more than 48 hours."""
    soon = money.promised_within(line, 48)
    return every(unhandled(line), opposite(soon))


def coupon_clock(line: Line, as_of: datetime) -> Clock:
    """DY103: late by the promise, in force since 2022."""
    if new_text(line):
        return Clock(costs_at_once(line), line.promised_ship_at, ended(line, sent(line)))
    old = late(from_the=(2022, 1, 1))(line, as_of)
    if line.promised_ship_at is None:  # the text in force is unknown
        return replace(old, applies=every(unhandled(line), None))
    return old


def shortage_clock(line: Line, _as_of: datetime) -> Clock:
    """DY104: 48 hours past the promise, or 5 days after the upload; near a day before."""
    due = short_from(line)
    applies = every(unhandled(line), since(line.promised_ship_at, 2022, 12, 6))
    done = ended(line, sent(line) if new_text(line) else line.shipped_at)
    return Clock(applies, due, done, after(due, -DAY))


def short_from(line: Line) -> datetime | None:
    """Two days past the promise; by the text of 2026 no later than 5 days after the upload."""
    late = after(line.promised_ship_at, 48 * HOUR)
    never_sent = after(line.shipped_at, 5 * DAY) if new_text(line) else None
    return min(filter(None, (late, never_sent)), default=None)


def closed_by_itself(line: Line, _as_of: datetime) -> Clock:
    """DY106: 150 days after ordering; 365 of what had not closed by 2026-06-01. Near a week before."""
    old = after(line.created_at, 150 * DAY)
    is_new = since(old, *SEEN)
    due = after(line.created_at, 365 * DAY) if is_new else old
    waits = every(paid(line), is_not(line.status, "closed", "completed"), opposite(line.settled))
    done = sent(line) if is_new else line.shipped_at
    return Clock(
        False if line.created_at is None else waits,
        due,
        done,
        after(due, -7 * DAY),
        while_open=True,
    )


def not_scanned(line: Line, _as_of: datetime) -> Clock:
    """DY112: uploaded, and by the promise no carrier had it; near a day before."""
    applies = every(
        unhandled(line), line.shipped_at is not None, since(line.promised_ship_at, 2025, 9, 29)
    )
    due = line.promised_ship_at
    return Clock(applies, due, ended(line, scanned(line)), after(due, -DAY))


def due_that_day(line: Line) -> Truth:
    """Paid, and before the promise neither closed nor refunded whole."""
    was_open = some(
        is_not(line.status, "closed"), later(line.closed_at, line.promised_ship_at) is True
    )
    owed = some(opposite(line.settled), later(line.settled_at, line.promised_ship_at) is True)
    return every(paid(line), was_open, owed)


def over_at(line: Line) -> datetime | None:
    """When nothing was to be shipped any more."""
    closed = line.closed_at if line.status == "closed" else None
    return ended(line, sent(line), closed)


def today(at: datetime | None, as_of: datetime) -> datetime | None:
    """From when a line is foreseen as late: on the day of as-of, if it was promised for it."""
    return datetime.min if at is not None and at.date() == as_of.date() else None  # noqa: DTZ901


def of_the_day(first: date, end: date = date.max) -> Callable[[Line, datetime], Clock]:
    """DY108 to DY111, DY114: late by the promise, of lines promised within these days."""

    def clock(line: Line, as_of: datetime) -> Clock:
        promised = line.promised_ship_at
        within = None if promised is None else first <= promised.date() < end
        applies = every(due_that_day(line), within)
        return Clock(applies, promised, over_at(line), today(promised, as_of))

    return clock


def short_of_the_day(line: Line, as_of: datetime) -> Clock:
    """DY203: noted as out of stock and unshipped past the promise, or unshipped 48 hours past it."""
    promised = line.promised_ship_at
    if new_text(line):
        noted = line.out_of_stock is True and sent(line) is None
        due = promised if noted else max(filter(None, (promised, short_from(line))), default=None)
        return Clock(due_that_day(line), due, over_at(line), today(promised, as_of))
    if promised is None:
        return Clock(every(due_that_day(line), None), None, None)
    noted = line.out_of_stock is True and line.shipped_at is None
    due = promised if noted else after(promised, 48 * HOUR)
    owed = some(is_not(line.status, "closed"), noted)
    applies = every(paid(line), promised <= as_of, owed, since(promised, 2025, 6, 5))
    return Clock(applies, due, line.shipped_at, today(promised, as_of))


def share_of_shortages(line: Line, as_of: datetime) -> Truth:
    """Of which lines DY203 takes its share."""
    promised = line.promised_ship_at
    if new_text(line):
        return due_that_day(line)
    if promised is None or not since(promised, 2025, 6, 5):
        return None
    owed = some(is_not(line.status, "closed"), line.out_of_stock is True)
    return every(paid(line), promised <= as_of, owed)


def limit_of_shortages(rule: Rule, day: date) -> Rule:
    """Before the text of 2026 a warning was given by numbers, since then by a forecast."""
    if day >= date(*SEEN):
        return rule
    return replace(rule, near_from=20, near_share=Decimal("0.2"), forecast=False)


def limit_of_shops(rule: Rule, day: date) -> Rule:
    """DY111: half until 2026-08-09."""
    return rule if day >= date(2026, 8, 10) else replace(rule, share_at_least=Decimal("0.5"))


def two_days_running(rule: Rule, ruled: Ruled, as_of: datetime) -> Verdicts:
    """DY110: a day, and the one before it, by themselves; today by its forecast."""
    days = totals(rule, ruled, as_of)
    found: Verdicts = {}
    for (shop, key), today_ in days.items():
        day = date.fromisoformat(key[-10:])
        before = (shop, key[:-10] + (day - timedelta(1)).isoformat())
        if before not in days or not days[before].breaks(rule):
            continue
        if today_.breaks(rule):
            found[shop, key] = "breached", today_.hits, None
        elif today_.foreseen(rule):
            found[shop, key] = "near", today_.hits, today_.forecast
    return found


def days_of_product(rule: Rule, ruled: Ruled, as_of: datetime) -> Verdicts:
    """DY108: three of seven days with more than 25 % and 10 late ones, or one with 60 % and 500."""
    alone = replace(rule, breached_from=500, share_more_than=Decimal("0.6"))
    return by_days(rule, alone, ruled, as_of)


def severe_days_of_product(rule: Rule, ruled: Ruled, as_of: datetime) -> Verdicts:
    """DY114: three of seven days with more than 80 % and more than 3 late ones; one alone does nothing."""
    return by_days(rule, None, ruled, as_of)


def by_days(rule: Rule, alone: Rule | None, ruled: Ruled, as_of: datetime) -> Verdicts:
    """What the days of each product lead to."""
    products: dict[tuple[str, str], dict[date, Totals]] = {}
    for (shop, key), day in totals(replace(rule, scope=by_product_day), ruled, as_of).items():
        product, on = key[:-11], date.fromisoformat(key[-10:])
        products.setdefault((shop, product), {})[on] = day
    return {
        scope: verdict
        for scope, days in products.items()
        if (verdict := three_of_seven(rule, alone, days)) is not None
    }


def three_of_seven(
    rule: Rule, alone: Rule | None, days: Mapping[date, Totals]
) -> tuple[str, int, int | None] | None:
    bad = [day for day, sums in days.items() if sums.breaks(rule)]
    most = max((sum(0 <= (end - day).days < 7 for day in bad) for end in bad), default=0)
    big = [sums.hits for sums in days.values() if alone and sums.breaks(alone)]
    foreseen = [sums.hits for sums in days.values() if alone and sums.foreseen(alone)]
    forecast = max((sums.forecast for sums in days.values() if sums.open), default=None)
    if most >= 3:
        return "breached", most, None
    if big:
        return "breached", max(big), None
    if most >= 2:
        return "near", most, forecast
    return ("near", max(foreseen), forecast) if foreseen else None


RATE = {
    "reads": SHIPPING,
    "of": lambda line, _as_of: due_that_day(line),
    "day": lambda line: line.promised_ship_at,
}
EVER = date.min
RULES = {
    "DY103": Rule(SHIPPING, coupon_clock, money=money.late_order),
    "DY104": Rule(
        SHIPPING, shortage_clock, money=money.judged_shortage, on_top=money.on_top_of_the_coupon
    ),
    "DY106": Rule("created_at paid_at status shipped_at", closed_by_itself),
    "DY112": Rule(f"{SHIPPING} picked_up_at", not_scanned),
    "DY108": Rule(
        clock=of_the_day(EVER, date(*NEW)),
        scope=by_product,
        breached_from=10,
        share_more_than=Decimal("0.25"),
        forecast=True,
        over_days=days_of_product,
        **RATE,
    ),
    "DY114": Rule(
        clock=of_the_day(EVER, date(*NEW)),
        scope=by_product,
        breached_from=4,
        share_more_than=Decimal("0.80"),
        forecast=True,
        over_days=severe_days_of_product,
        **RATE,
    ),
    "DY109": Rule(
        clock=of_the_day(date(*NEW)),
        scope=by_product_day,
        breached_from=100,
        share_at_least=Decimal("0.5"),
        forecast=True,
        **RATE,
    ),
    "DY110": Rule(
        clock=of_the_day(date(*NEW)),
        scope=by_shop_day,
        breached_from=200,
        share_at_least=Decimal("0.4"),
        forecast=True,
        over_days=two_days_running,
        **RATE,
    ),
    "DY111": Rule(
        clock=of_the_day(date(*NEW)),
        scope=by_shop_day,
        breached_from=200,
        share_at_least=Decimal("0.3"),
        forecast=True,
        on=limit_of_shops,
        **RATE,
    ),
    "DY203": Rule(
        SHIPPING,
        short_of_the_day,
        scope=by_shop_day,
        breached_from=30,
        share_more_than=Decimal("0.3"),
        of=share_of_shortages,
        day=lambda line: line.promised_ship_at,
        forecast=True,
        on=limit_of_shortages,
    ),
}
