"""Trace timeouts, abnormal traces and booked deliveries, by the pages of 2025 and 2026."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from oracle import money
from oracle.cells import has
from oracle.clause import (
    DAY,
    HOUR,
    Clock,
    Rule,
    Truth,
    after,
    by_shop_day,
    every,
    is_not,
    later,
    since,
    some,
)
from oracle.lines import Line
from oracle.shipping import ended, must_ship, paid, scanned, sent, unhandled
from oracle.tracking import arrived, trace_since, under_way, way

SECOND = timedelta(seconds=1)
SIX = ("新疆", "西藏", "内蒙古", "甘肃", "青海", "宁夏")
OUTSIDE = ("香港", "澳门", "台湾")
TIMEOUT = {"near": 48 * HOUR, "across": 72 * HOUR, "far": 120 * HOUR}
ABNORMAL = {"near": 96 * HOUR - SECOND, "across": 120 * HOUR - SECOND, "far": 168 * HOUR - SECOND}
"""How long a parcel may stand still: a timeout is over, an abnormal trace of a number of hours."""


def unscanned(within: timedelta) -> Callable[[Line, datetime], Clock]:
    """DY331, DY333: so long after the upload no carrier had it; since 2026-06-02."""

    def clock(line: Line, _as_of: datetime) -> Clock:
        applies = every(must_ship(line), line.shipped_at is not None, in_force(line.shipped_at))
        return Clock(applies, after(line.shipped_at, within), scanned(line))

    return clock


def in_force(at: datetime | None) -> Truth:
    """Since 2026-06-02; what has not happened is of no day."""
    return False if at is None else since(at, 2026, 6, 2)


def silent(within: timedelta, warn: timedelta) -> Callable[[Line, datetime], Clock]:
    """DY332, DY334: so long after the scan there was nothing new; without a trace column, unknown."""

    def clock(line: Line, _as_of: datetime) -> Clock:
        picked, tracked = line.picked_up_at, line.last_tracked_at
        applies = every(paid(line), picked is not None, under_way(line), in_force(picked))
        moved = later(tracked, picked) is True or line.delivered_at is not None
        due = after(picked, within) if tracked else None
        return Clock(applies, due, picked if moved else None, after(due, -warn), while_open=True)

    return clock


def stands_still(
    first: timedelta, limits: dict[str, timedelta], warn: timedelta, *since_the: int
) -> Callable[[Line, datetime], Clock]:
    """TM105, TM106, TB105, TB106: nothing new so long since the scan, or a stall.

    The table of stalls is not for Hong Kong, Macao and Taiwan.
    """

    def clock(line: Line, _as_of: datetime) -> Clock:
        picked, tracked = line.picked_up_at, line.last_tracked_at
        moved = later(tracked, picked)
        away = line.province is not None and has(line.province, *OUTSIDE) is True
        of_day = False if picked is None else since(trace_since(line), *since_the)
        stays = not (away and moved is True)
        applies = every(paid(line), picked is not None, under_way(line), stays, of_day)
        due = after(picked, first) if moved is False else after(tracked, limits[way(line, *SIX)])
        return Clock(applies, due, arrived(line), after(due, -warn), while_open=True)

    return clock


def abnormal(line: Line, as_of: datetime) -> Truth:
    """DY335: no scan within 48 hours, one before the payment, or nothing new 48 hours after it."""
    shipped, picked, tracked = line.shipped_at, line.picked_up_at, line.last_tracked_at
    late = later(scanned(line) or as_of, after(shipped, 48 * HOUR))
    on_its_way = None if line.status is None else line.status != "completed"
    nothing_new = None if tracked is None or picked is None else tracked <= picked
    waited = later(as_of, after(picked, 48 * HOUR))
    stuck = every(on_its_way, line.delivered_at is None, nothing_new, waited) is True
    wrong = some(late, later(line.paid_at, picked) is True, stuck)
    return every(must_ship(line), shipped is not None, wrong, in_force(shipped))


def booked(line: Line, _as_of: datetime) -> Clock:
    """DY113: delivered by the booked time, since 2026-06-02; what is completed is not awaited."""
    due = line.booked_delivery_at
    awaited = some(line.delivered_at is not None, is_not(line.status, "completed"))
    applies = every(due is not None, unhandled(line), awaited, in_force(due))
    return Clock(applies, due, ended(line, line.delivered_at), after(due, -DAY))


def uploaded_on(line: Line) -> datetime | None:
    return line.shipped_at


def picked_up_on(line: Line) -> datetime | None:
    return line.picked_up_at


def a_quarter(line: Line) -> Decimal | None:
    """Of an abnormal trace on Douyin: 25 % (5–100)."""
    return money.whole_yuan(line.amount, 25, 5, 100)


def until_july(day: Callable[[Line], datetime | None], price: money.Price) -> dict[str, Any]:
    """Douyin's traces cost up to 2026-07-08."""

    def cost(line: Line) -> Decimal | None:
        return price(line) if since(day(line), 2026, 7, 9) is False else None

    return {"day": day, "money": cost}


def beyond_the_timeout(line: Line) -> Decimal | None:
    """TM106, TB106: 20 % and 100 yuan together with the timeout, which comes before it."""
    first, both = money.share(line.amount, 5, 5, 50), money.share(line.amount, 20, 5, 100)
    return None if first is None or both is None else both - first


def of_taobao(letters: str, *since_the: int) -> dict[str, Rule]:
    """The two clauses, which are the same on both platforms but for their first day."""
    timeout = stands_still(DAY, TIMEOUT, 12 * HOUR, *since_the)
    abnormal = stands_still(3 * DAY, ABNORMAL, DAY, *since_the)
    same: dict[str, Any] = {"on_top": lambda _line: True, "day": trace_since}
    same["buyer_day"] = money.of_a_day(trace_since)
    return {
        f"{letters}105": Rule(SCAN, timeout, money=money.percent(5, 5, 50), **same),
        f"{letters}106": Rule(SCAN, abnormal, money=beyond_the_timeout, **same),
    }


def short_by_the_promise(line: Line) -> Truth:
    """TB103 and TM103 say so, or will: no scan 72 hours past the promise."""
    promised_at, scanned = line.promised_ship_at, sent(line)
    if promised_at is None:
        return None
    if scanned is None:
        return not later(promised_at, after(line.pickup_due_at, 48 * HOUR))
    return later(scanned, after(promised_at, 72 * HOUR))


def nothing_more(line: Line) -> Decimal | None:
    """Of a price that is known: what a line of an unknown amount costs nobody can say."""
    return None if line.amount is None else Decimal(0)


def short_once(line: Line) -> Decimal | None:
    """TT303: nothing more where the line is short already, since that is paid beside others."""
    first = (2025, 9, 5) if line.platform == "taobao" else (2026, 4, 9)
    if since(line.pickup_due_at, *first) and short_by_the_promise(line):
        return nothing_more(line)
    return money.never_received(line)


def never_came(line: Line, as_of: datetime) -> Clock:
    """TT304: five days after a stall was a timeout; on Taobao since 2025-09-05, on Tmall 2026-04-09."""
    first = (2025, 9, 5) if line.platform == "taobao" else (2026, 4, 9)
    limits = {route: limit + 5 * DAY for route, limit in TIMEOUT.items()}
    return stands_still(6 * DAY, limits, DAY, *first)(line, as_of)


def short_on_the_way(line: Line) -> Decimal | None:
    """TT304: as for a shortage, unless the line is one already by the promise or its late pick-up."""
    late = later(sent(line), after(line.promised_ship_at, 72 * HOUR))
    if late or later(line.picked_up_at, line.pickup_due_at):
        return nothing_more(line)
    return money.taobao_short(line) if line.platform == "taobao" else money.tmall_short_now(line)


UPLOAD = "shipped_at status paid_at picked_up_at"
SCAN = "picked_up_at status paid_at last_tracked_at delivered_at"
DOUYIN = {
    "DY113": Rule(
        "booked_delivery_at status paid_at delivered_at",
        booked,
        day=lambda line: line.booked_delivery_at,
        money=lambda line: money.whole_yuan(line.amount, 5, 5, 50),
    ),
    "DY331": Rule(UPLOAD, unscanned(DAY), **until_july(uploaded_on, money.by_the_promise)),
    "DY332": Rule(SCAN, silent(DAY, 6 * HOUR), **until_july(picked_up_on, money.by_the_promise)),
    "DY333": Rule(UPLOAD, unscanned(2 * DAY), **until_july(uploaded_on, a_quarter)),
    "DY334": Rule(SCAN, silent(2 * DAY, 12 * HOUR), **until_july(picked_up_on, a_quarter)),
    "DY335": Rule(
        UPLOAD,
        when=abnormal,
        scope=by_shop_day,
        day=uploaded_on,
        breached_from=20,
        share_more_than=Decimal("0.10"),
        of=lambda line, _as_of: every(paid(line), line.shipped_at is not None),
    ),
}
TMALL, TAOBAO = of_taobao("TM", 2026, 4, 9), of_taobao("TB", 2025, 9, 5)
BOTH = {
    "TT304": Rule(
        SCAN,
        never_came,
        day=trace_since,
        money=short_on_the_way,
        on_top=lambda _line: True,
        buyer_day=money.of_a_day(trace_since, short=True),
    )
}
