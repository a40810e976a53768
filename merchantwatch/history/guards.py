"""Guards by comparison with earlier runs: missing shops, days or rows in the inputs."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from statistics import median

from merchantwatch.history.runs import Input, Run, Shop
from merchantwatch.language.text import Text
from merchantwatch.results.notes.guards import STALE_DATA_AFTER, UNNAMED, stale_data
from merchantwatch.results.past import Guard

RUNS_FOR_ROWS = 14
"""The least number of runs that shows how many rows are usual: two of each weekday."""

_USUAL_RUNS = 14
"""A shop is usual if at least half of this many runs had it."""

_DEVIATIONS = 5
_AS_A_DEVIATION = 1.4826
"""The median absolute deviation times this is the standard deviation of a normal distribution."""

_LEAST_SHARE, _LEAST_ROWS = 0.3, 3
"""Deviations that are always tolerated, however little the earlier runs differed."""

_RUNS_FOR_A_DAY = 3
"""A day is missing if at least half of this many runs before had lines of it."""

_STEADY_DAYS = 7
"""A new day without lines is missing if all of this many days before it had some."""

_MOST_NAMED = 5

Key = tuple[str, str | None]
"""A shop: its platform and its name."""


def guards_of(
    as_of: datetime, inputs: Sequence[Input], shops: Sequence[Shop], earlier: Sequence[Run]
) -> Iterator[Guard]:
    """Yield the reasons to doubt a run's inputs, given the earlier runs, the newest first."""
    if not earlier:
        return
    last = earlier[0]
    if as_of < last.as_of:
        yield _clock_back(as_of, last)
    # The same files again: nothing else about them can be new.
    if _same(inputs, last.inputs):
        yield _SAME_INPUTS
        return
    now = {(shop.platform, shop.shop): shop for shop in shops}
    recent = earlier[:_USUAL_RUNS]
    yield from _missing_shops(now, recent)
    for key, shop in now.items():
        before = [(run, known) for run in earlier if (known := _shop_in(run, key))]
        yield from _missing_days(as_of, shop, [known for _, known in before])
        yield from _rows(as_of, shop, before)
        yield from _stale(as_of, shop, [(run, known) for run, known in before if run in recent])


def _shop_in(run: Run, key: Key) -> Shop | None:
    return next((shop for shop in run.shops if (shop.platform, shop.shop) == key), None)


def _clock_back(as_of: datetime, last: Run) -> Guard:
    text = Text(
        zh="判定时刻 {now} 早于上次运行的 {then}：请检查系统时间，或改用另一份历史",
        en="as-of {now} is before that of the last run, {then}: check this machine's clock, "
        "or use another history",
    )
    return Guard("clock-back", None, text.fill(now=as_of, then=last.as_of))


_SAME_INPUTS = Guard(
    "same-inputs",
    None,
    Text(
        zh="输入文件与上次运行完全相同：没有新数据，不视为已解决，也不发送提醒；请重新导出",
        en="these are the same files as in the last run: nothing counts as resolved and no alert "
        "is sent; export them again",
    ),
    ("resolve", "alert"),
)


def _same(now: Sequence[Input], then: Sequence[Input]) -> bool:
    """Say whether two runs read files with the same contents, all of which are known."""
    digests = [sorted(item.digest or "" for item in inputs) for inputs in (now, then)]
    return bool(now) and "" not in digests[0] and digests[0] == digests[1]


def _missing_shops(now: dict[Key, Shop], recent: Sequence[Run]) -> Iterator[Guard]:
    """Yield a guard for each shop that is usually in the inputs, and is missing now."""
    usual = Counter((shop.platform, shop.shop) for run in recent for shop in run.shops)
    for key, runs in sorted(usual.items(), key=str):
        # At least half: an export that comes every other night is not missed on the nights between.
        if key not in now and 2 * runs >= len(recent):
            text = Text(
                zh="店铺 {shop}（{platform}）没有数据，此前 {all} 次运行中有 {n} 次有：请补上导出",
                en="no lines of shop {shop} ({platform}), which {n} of the last {all|run} had: "
                "add its export",
            )
            named = {"shop": key[1] or UNNAMED, "platform": key[0], "n": runs, "all": len(recent)}
            yield Guard("missing-shop", key[1], text.fill(**named))


def _missing_days(as_of: datetime, shop: Shop, before: Sequence[Shop]) -> Iterator[Guard]:
    """Yield a guard for days between a shop's first line and today that should have lines.

    Those are days of which the last runs had lines, and new days after days that all had some.
    """
    now = {date.fromisoformat(day) for day in shop.days}
    if not now:
        return
    had = _usual_days(before[:_RUNS_FOR_A_DAY])
    known = {date.fromisoformat(day) for run in before for day in run.days}
    steady = bool(known) and all(max(known) - timedelta(n) in known for n in range(_STEADY_DAYS))
    # Up to yesterday: today may well have no order yet.
    span = (as_of.date() - min(now)).days
    days = [day for n in range(span) if (day := min(now) + timedelta(n)) not in now]
    missing = [day for day in days if day in had or (steady and day > max(known))]
    if missing:
        text = Text(
            zh="店铺 {shop} 缺少以下日期的订单：{days}；平时这些日子都有，请重新导出",
            en="shop {shop} has no orders of {days}, which it always had: export them again",
        )
        listed = ", ".join(map(str, missing[:_MOST_NAMED]))
        more = " …" if missing[_MOST_NAMED:] else ""
        named = text.fill(shop=shop.shop or UNNAMED, days=listed + more)
        yield Guard("missing-day", shop.shop, named)


def _usual_days(runs: Sequence[Shop]) -> set[date]:
    """Return the days of which at least half of these runs had lines."""
    counts = Counter(day for run in runs for day in run.days)
    return {date.fromisoformat(day) for day, n in counts.items() if 2 * n >= len(runs)}


def _stale(as_of: datetime, shop: Shop, before: Sequence[tuple[Run, Shop]]) -> Iterator[Guard]:
    """Yield a guard for a shop without events for days, if it usually has some."""
    fresh = [not _is_stale(run.as_of, known) for run, known in before]
    if shop.newest_event and _is_stale(as_of, shop) and 2 * sum(fresh) >= len(fresh) > 0:
        yield stale_data(as_of, shop.shop, shop.newest_event)


def _is_stale(as_of: datetime, shop: Shop) -> bool:
    return shop.newest_event is not None and as_of - shop.newest_event > STALE_DATA_AFTER


def _rows(as_of: datetime, shop: Shop, before: Sequence[tuple[Run, Shop]]) -> Iterator[Guard]:
    """Yield a guard for a shop with far more or fewer lines than usual on this weekday."""
    if len(before) < RUNS_FOR_ROWS:
        return
    by_weekday: dict[int, list[int]] = {}
    for run, known in before:
        by_weekday.setdefault(run.as_of.weekday(), []).append(known.lines)
    middles = {weekday: median(lines) for weekday, lines in by_weekday.items()}
    everywhere = median(n for counts in by_weekday.values() for n in counts)
    # A weekday without any run takes the median of all.
    usual = middles.get(as_of.weekday(), everywhere)
    # Medians, not mean and variance: a sale or an empty export among them must not widen the bound.
    deviations = [abs(n - middles[day]) for day, counts in by_weekday.items() for n in counts]
    spread = _DEVIATIONS * _AS_A_DEVIATION * median(deviations)
    bound = max(spread, _LEAST_SHARE * usual, _LEAST_ROWS)
    if abs(shop.lines - usual) > bound:
        text = Text(
            zh="店铺 {shop} 有 {n} 行，这一星期几平时约 {usual} 行（{low} 至 {high}）："
            "请确认导出范围",
            en="shop {shop} has {n|line}, and usually some {usual} on this weekday ({low} to "
            "{high}): check what was exported",
        )
        bounds = {"low": f"{max(0, usual - bound):,.0f}", "high": f"{usual + bound:,.0f}"}
        named = {"shop": shop.shop or UNNAMED, "n": f"{shop.lines:,}", "usual": f"{usual:,.0f}"}
        yield Guard("row-count", shop.shop, text.fill(**named, **bounds))
