"""Findings in words: why each stands in the report, in both languages."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from merchantwatch.findings import SignalShare
from merchantwatch.rules import BoundRule, Rule
from merchantwatch.texts import Text

_SCOPES = {
    "line": Text(zh="订单行", en="line"),
    "order": Text(zh="订单", en="order"),
    "product": Text(zh="商品", en="product"),
    "shop": Text(zh="店铺", en="shop"),
}
_NO_SHOP = Text(zh="（未命名）", en="(unnamed)")

_DAY, _HOUR = 86_400, 3_600


def span(length: timedelta) -> Text:
    """Return a length of time in words, to the minute (to the second below one)."""
    seconds = int(abs(length).total_seconds())
    days, hours, minutes = seconds // _DAY, seconds % _DAY // _HOUR, seconds % _HOUR // 60
    if days:
        return Text(zh=f"{days}天{hours}小时", en=f"{days} d {hours} h")
    if hours:
        return Text(zh=f"{hours}小时{minutes:02}分", en=f"{hours} h {minutes:02} min")
    if minutes:
        return Text(zh=f"{minutes}分", en=f"{minutes} min")
    return Text(zh=f"{seconds}秒", en=f"{seconds} s")


def clock(moment: datetime | None) -> str:
    """Return a moment as exports write it, or a dash."""
    return moment.isoformat(" ", "seconds") if moment else "-"


def scope(name: str, key: str) -> Text:
    """Return what a finding is about: ``product 37110``."""
    shown = Text(zh=key, en=key) if key else _NO_SHOP
    return Text(zh=f"{_SCOPES[name].zh} {shown.zh}", en=f"{_SCOPES[name].en} {shown.en}")


def limit(number: float, limit_is: str) -> Text:
    """Return a limit with its boundary word."""
    if limit_is == "more_than":
        return Text(zh=f"超过 {number}", en=f"more than {number}")
    return Text(zh=f"达到 {number}", en=f"at least {number}")


def reason(rule: Rule, row: Mapping[str, Any], as_of: datetime) -> Text:
    """Return why a finding stands: its count against the limit, or its deadline."""
    if rule.again_every:
        return _strikes(rule, row)
    if rule.per == "line" and rule.is_clock:
        return _deadline(rule, row, as_of)
    if rule.per == "line":
        return rule.title
    return Text(
        zh="{scope} 有 {count} 行，红线：{limit}",
        en="{scope} has {count} lines; limit: {limit}",
    ).fill(
        scope=scope(rule.per, row["key"]),
        count=int(row["count"]),
        limit=limit(rule.limit, rule.limit_is),
    )


def _strikes(rule: Rule, row: Mapping[str, Any]) -> Text:
    due, count, most = clock(row["due_at"]), int(row["count"]), limit(rule.limit, rule.limit_is)
    return Text(
        zh=f"自 {due} 起已判定超时 {count} 次，红线：{most.zh} 次",
        en=f"judged late {count} times since {due}; limit: {most.en}",
    )


def _deadline(rule: Rule, row: Mapping[str, Any], as_of: datetime) -> Text:
    due: datetime = row["due_at"]
    at, length = clock(due), span(as_of - due)
    if row["state"] == "near":
        return Text(zh=f"截止 {at}，还剩 {length.zh}", en=f"due {at}, {length.en} left")
    if rule.while_open:
        return Text(zh=f"截止 {at}，已过 {length.zh}", en=f"due {at}, passed {length.en} ago")
    return Text(zh=f"截止 {at}，未按时完成", en=f"due {at}, not met")


def risk_reason(signals: Sequence[BoundRule], risk: Decimal, shares: Sequence[SignalShare]) -> Text:
    """Return a line's intervention risk and the signals that make it."""
    titles = {bound.code: bound.rule.title for bound in signals}
    told = sorted(shares, key=lambda share: -share.share)
    return Text(
        zh=f"风险 {risk:.2f}：" + "、".join(f"{titles[s.code].zh}（{s.share:.2f}）" for s in told),
        en=f"risk {risk:.2f}: " + ", ".join(f"{titles[s.code].en} ({s.share:.2f})" for s in told),
    )
