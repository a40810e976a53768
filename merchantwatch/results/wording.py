"""The texts of findings in both languages: the reason of each, limits, amounts, times."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from merchantwatch.language.plurals import number_of
from merchantwatch.language.text import Text
from merchantwatch.reading.arrow import Row
from merchantwatch.results.records import Rate, SignalShare
from merchantwatch.rules import Rule, elapsed

_SCOPES = {
    "line": Text(zh="订单行", en="line"),
    "order": Text(zh="订单", en="order"),
    "product": Text(zh="商品", en="product"),
    "shop": Text(zh="店铺", en="shop"),
    "product-day": Text(zh="商品日", en="product and day"),
    "shop-day": Text(zh="店铺日", en="shop and day"),
    "shop-month": Text(zh="店铺月", en="shop and month"),
}
_NO_SHOP = Text(zh="（未命名）", en="(unnamed)")

_DAY, _HOUR = 86_400, 3_600


def span(length: timedelta) -> Text:
    """Return a length of time in words, to the minute (to the second below one)."""
    seconds = int(abs(length).total_seconds())
    # Two units at most: who has three days left does not count minutes.
    days, hours, minutes = seconds // _DAY, seconds % _DAY // _HOUR, seconds % _HOUR // 60
    if days:
        return Text(zh=f"{days}天{hours}小时", en=f"{days} d {hours} h")
    if hours:
        return Text(zh=f"{hours}小时{minutes:02}分", en=f"{hours} h {minutes:02} min")
    if minutes:
        return Text(zh=f"{minutes}分", en=f"{minutes} min")
    return Text(zh=f"{seconds}秒", en=f"{seconds} s")


class Now(NamedTuple):
    """The moment at which lines are judged, on the clocks of its zone."""

    as_of: datetime
    tz: str


# The reason and the action of a finding both show it.
@lru_cache(maxsize=16)
def left(due: datetime, now: Now) -> Text:
    """Return how far off a deadline is, or how long it has passed, in words."""
    return span(elapsed(due, now.as_of, now.tz))


def clock(moment: datetime | None) -> str:
    """Return a moment as exports write it, or a dash."""
    return moment.isoformat(" ", "seconds") if moment else "-"


def scope(name: str, key: str) -> Text:
    """Return what a finding is about: ``product 37110``."""
    # Only a shop may have no key: the one that no export names.
    shown = Text.same(key) if key else _NO_SHOP
    return Text(zh=f"{_SCOPES[name].zh} {shown.zh}", en=f"{_SCOPES[name].en} {shown.en}")


# Typed: 1 and 1.0 are equal, but written differently.
@lru_cache(typed=True)
def limit(number: float | Decimal | str, limit_is: str) -> Text:
    """Return a limit with its boundary word."""
    if limit_is == "more_than":
        return Text(zh=f"超过 {number}", en=f"more than {number}")
    return Text(zh=f"达到 {number}", en=f"at least {number}")


def limits(rule: Rule) -> Text:
    """Return the limits of a rule in words: a number, a share, or both."""
    if rule.days:
        return Text(
            zh=f"{rule.of_days} 天内有 {rule.most_days} 天{_limits_of_scope(rule).zh}",
            en=f"{rule.most_days} days of {rule.of_days} with {_limits_of_scope(rule).en}",
        )
    return _limits_of_scope(rule)


def _limits_of_scope(rule: Rule) -> Text:
    """Return the number and the share that limit the hits of a scope, or of one of its days."""
    parts = []
    if rule.counts:
        number = rule.more_than if rule.at_least is None else rule.at_least
        parts.append(limit(number or 0, "at_least" if rule.more_than is None else "more_than"))
    elif rule.share is None:
        parts.append(limit(rule.limit, rule.limit_is))
    if rule.share is not None:
        is_at_least = rule.share_more_than is None
        parts.append(limit(percent(rule.share), "at_least" if is_at_least else "more_than"))
    return _joined(parts)


def near_count(rule: Rule) -> Text | None:
    """Return the number and the share from which a rule warns, if it does so by counting."""
    numbers = [rule.near, percent(rule.share_near) if rule.share_near else None]
    parts = [limit(number, "at_least") for number in numbers if number]
    return _joined(parts) if parts else None


def _joined(parts: Sequence[Text]) -> Text:
    return Text(zh="且".join(p.zh for p in parts), en=" and ".join(p.en for p in parts))


def percent(share: Decimal) -> str:
    """Return a share in percent, without trailing zeros: ``2.5%``."""
    return f"{(share * 100).normalize():f}%"


_SIGNS = {"CNY": "¥", "EUR": "€", "GBP": "£", "INR": "₹", "BRL": "R$ ", "USD": "US$ ", "*": ""}
"""The sign of a currency before an amount; other currencies are written by their code."""


def money(amount: Decimal | None, currency: str | None = "CNY") -> str:
    """Return an amount with its currency, without one where that is unknown; a dash for None."""
    if amount is None:
        return "-"
    shared = currency is None or not currency.isalpha()
    sign = (currency or "") if shared else f"{currency} "
    return f"{_SIGNS.get(currency or '', sign)}{amount:,.2f}"


def sums(stakes: Mapping[str | None, Decimal]) -> Text | None:
    """Return amounts of several currencies side by side; None if none is known."""
    amounts = [money(amount, currency) for currency, amount in stakes.items() if currency != "*"]
    if "*" in stakes:
        mixed = Text(zh="（几种货币，不相加）", en="(several currencies, not added up)")
        return Text(
            zh=" + ".join(amounts) + mixed.zh,
            en=" ".join(filter(None, [" + ".join(amounts), mixed.en])),
        )
    return Text(zh=" + ".join(amounts), en=" + ".join(amounts)) if amounts else None


def reason(
    rule: Rule,
    row: Row,
    now: Now,
    rate: Rate | None = None,
    by_rule: Text | None = None,
) -> Text:
    """Return the reason of a finding, and what it costs by the clause.

    ``by_rule`` is the reason as its rule words it, with the numbers of its line filled in.
    """
    if rate and row["forecast"] is not None:
        text = _forecast(rule, row, rate)
    else:
        text = _rate(rule, row, rate) if rate else _count(rule, row, now, by_rule)
    if row["penalty"] is None:
        return text
    cost = money(row["penalty"])
    return Text(zh=f"{text.zh}；应赔付 {cost}", en=f"{text.en}; costs {cost}")


def _forecast(rule: Rule, row: Row, rate: Rate) -> Text:
    """Return how near today is to the limit, and how many open lines must be shipped in time."""
    still_open = row["forecast"] - row["count"]
    return Text(
        zh="{scope} 今天到期 {volume} 行，已超时 {count} 行，{open} 行未发；"
        "再有 {more} 行超时即触线（{limit}）：今天至少发出其中 {ship} 行",
        en="{scope}: {volume} due today, {count} late, {open} open; {more} more late ones would "
        "reach the limit ({limit}): ship at least {ship} of them in time",
    ).fill(
        scope=scope(rule.per, row["key"]),
        volume=rate.volume,
        count=row["count"],
        open=still_open,
        more=rate.left + 1,
        ship=max(still_open - rate.left, 0),
        limit=limits(rule),
    )


def _rate(rule: Rule, row: Row, rate: Rate) -> Text:
    """Return a share beside its limit, and how many more hits stay within it."""
    text = Text(
        zh="{scope} {volume} 行中有 {count} 行（{share}），红线：{limit}",
        en="{scope}: {count} of {volume|line} ({share}); limit: {limit}",
    ).fill(
        scope=scope(rule.per, row["key"]),
        count=row["count"],
        volume=rate.volume,
        share=f"{rate.share:.2%}",
        limit=limits(rule),
    )
    if row["state"] == "near":
        left = _LEFT.fill(n=rate.left)
        text = Text(zh=text.zh + left.zh, en=text.en + left.en)
    if rate.leaving_on is None:
        return text
    leaving = _LEAVING.fill(n=rate.leaving, day=rate.leaving_on)
    return Text(zh=text.zh + leaving.zh, en=text.en + leaving.en)


_LEFT = Text(zh="，还可再有 {n} 行", en="; {n} more {n|stays|stay} within it")
_LEAVING = Text(
    zh="；{n} 行于 {day} 移出统计期", en="; {n} of them {n|leaves|leave} the window on {day}"
)


def _count(rule: Rule, row: Row, now: Now, reason: Text | None) -> Text:
    """Return a count beside the limit, or a deadline."""
    if rule.again_every:
        return _strikes(rule, row)
    if rule.days:
        return _days(rule, row)
    if rule.per == "line" and rule.is_clock:
        return _deadline(rule, row, now)
    if rule.per == "line":
        text = reason or rule.title
        if row["due_at"] is None:
            return text
        until = _until(row["due_at"], now)
        return Text(zh=f"{text.zh}；{until.zh}", en=f"{text.en}; {until.en}")
    return Text(
        zh="{scope} 有 {count} 行，红线：{limit}",
        en="{scope} has {count|line}; limit: {limit}",
    ).fill(
        scope=scope(rule.per, row["key"]),
        count=row["count"],
        limit=limit(rule.limit, rule.limit_is),
    )


def _days(rule: Rule, row: Row) -> Text:
    """Return how many days have reached the limit of a day, and within how many days."""
    return Text(
        zh="{scope} 在 {of} 天内有 {count} 天每天{each}，红线：{days} 天",
        en="{scope}: {count|day} within {of} on each of which {each}; limit: {days|day}",
    ).fill(
        scope=scope(rule.per, row["key"]),
        of=rule.of_days,
        count=row["count"],
        each=_limits_of_scope(rule),
        days=rule.most_days,
    )


def _strikes(rule: Rule, row: Row) -> Text:
    due, count, most = clock(row["due_at"]), row["count"], limit(rule.limit, rule.limit_is)
    return Text(
        zh=f"自 {due} 起已判定超时 {count} 次，红线：{most.zh} 次",
        en=f"judged late {number_of(count, 'time')} since {due}; limit: {most.en}",
    )


def _deadline(rule: Rule, row: Row, now: Now) -> Text:
    due: datetime = row["due_at"]
    if row["state"] == "near" or rule.while_open:
        return _until(due, now)
    at = clock(due)
    return Text(zh=f"截止 {at}，未按时完成", en=f"due {at}, not met")


def _until(due: datetime, now: Now) -> Text:
    """Return a deadline and how far off it is."""
    at, length = clock(due), left(due, now)
    if due >= now.as_of:
        return Text(zh=f"截止 {at}，还剩 {length.zh}", en=f"due {at}, {length.en} left")
    return Text(zh=f"截止 {at}，已过 {length.zh}", en=f"due {at}, passed {length.en} ago")


def risk_reason(titles: Mapping[str, Text], risk: Decimal, shares: Sequence[SignalShare]) -> Text:
    """Return a line's intervention risk and the signals that make it, by their titles."""
    ordered = sorted(shares, key=lambda share: -share.share)
    return Text(
        zh=f"风险 {risk:.2f}："
        + "、".join(f"{titles[s.code].zh}（{s.share:.2f}）" for s in ordered),
        en=f"risk {risk:.2f}: "
        + ", ".join(f"{titles[s.code].en} ({s.share:.2f})" for s in ordered),
    )
