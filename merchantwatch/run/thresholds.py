"""The thresholds of warnings that a backtest tries: each rule's current one, and some around it.

Rules are replayed once, with the widest threshold; the result of a narrower one follows from the
count, the risk and the deadline of each finding.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from math import ceil
from typing import Literal

import msgspec
from msgspec import Struct

from merchantwatch.reading.arrow import Row
from merchantwatch.rules import Risk, Rule, Rulebook, span_of

State = Literal["breached", "near"]

_FACTORS = (1, 0.5, 2)
"""Warnings are tried at the current time before the deadline, at half, and at twice of it."""

_LEVELS = (Decimal("0.4"), Decimal("0.5"), Decimal("0.6"), Decimal("0.7"))
"""The levels of risk that are tried."""

_HOURS_AFTER = re.compile(r"\s*(\w+)\s*\+\s*interval\s*'(\d+)'\s*hours?\s*")


class Threshold(Struct, frozen=True):
    """One threshold of a rule: ``state`` returns the state of a finding (its row) at a moment."""

    setting: str
    value: str
    is_current: bool
    state: Callable[[Row, datetime], State | None]


def thresholds(entry: Rule | Risk, tz: tzinfo) -> list[Threshold]:
    """Return the thresholds of a rule, the current first; a rule without any has a fixed one."""
    if isinstance(entry, Risk):
        return list(_of_risk(entry))
    warnings = _warnings(entry)
    if warnings:
        return [
            _hours(entry, before, is_current=n == 0, tz=tz) for n, before in enumerate(warnings)
        ]
    if _counts(entry) and entry.near is not None:
        last = entry.at_least - 1 if entry.at_least is not None else int(entry.more_than or 0)
        tried = {max(entry.near // 2, 1), entry.near, last}
        others = sorted(tried - {entry.near})
        return [_count(near, is_current=near == entry.near) for near in (entry.near, *others)]
    return [Threshold("", "", is_current=True, state=lambda row, _at: row["state"])]


def widened(book: Rulebook) -> Rulebook:
    """Return the rules, each with the widest warning that is tried."""
    rules = tuple(msgspec.structs.replace(b, rule=_widest(b.rule)) for b in book.rules)
    return msgspec.structs.replace(book, rules=rules)


def outlasting(book: Rulebook) -> Rulebook:
    """Return the rules for the last judgement, by which lines that were done late stay broken."""
    # A clock that judges open lines only would miss what is broken and done between moments.
    rules = (
        msgspec.structs.replace(bound, rule=msgspec.structs.replace(bound.rule, while_open=False))
        for bound in book.rules
        if outlasts(bound.rule)
    )
    return msgspec.structs.replace(book, rules=tuple(rules), risk=None)


def outlasts(rule: Rule) -> bool:
    """Say whether a rule is a clock of single lines that an event stops."""
    single = rule.per == "line" and rule.is_clock and not rule.is_signal
    return single and rule.done is not None and not rule.again_every


def _warnings(rule: Rule) -> list[timedelta]:
    """Return how long before its deadline a rule warns: the current time, half, and double.

    [] if something else decides. ``near_after`` counts from the start of the clock; no warning can
    be earlier than that.
    """
    if rule.per != "line" or not rule.is_clock or rule.near is not None or rule.is_signal:
        return []
    whole = _length(rule)
    if rule.near_before:
        current = span_of(rule.near_before)
    elif rule.near_after and whole:
        current = whole - span_of(rule.near_after)
    else:
        return []
    tried = [current * factor for factor in _FACTORS]
    return list(dict.fromkeys(min(before, whole or before) for before in tried))


def _length(rule: Rule) -> timedelta | None:
    """Return how long a clock runs from its start, if its deadline states it."""
    hours = _HOURS_AFTER.fullmatch(rule.due or "") if rule.start else None
    return timedelta(hours=int(hours[2])) if hours and hours[1] == rule.start else None


def _counts(rule: Rule) -> bool:
    """Say whether a rule has a limit of nothing but a count."""
    plain = rule.share is None and not (rule.days or rule.running or rule.forecast)
    versions = any(version.limits for version in rule.in_force)
    return plain and not versions and not (rule.near_before or rule.near_after)


def _widest(rule: Rule) -> Rule:
    warnings = _warnings(rule)
    if warnings:
        hours = f"{ceil(max(warnings) / timedelta(hours=1))} hours"
        return msgspec.structs.replace(rule, near_before=hours, near_after=None, start=None)
    if rule.near is not None and _counts(rule) and not rule.is_signal:
        return msgspec.structs.replace(rule, near=1)
    return rule


def _hours(rule: Rule, before: timedelta, *, is_current: bool, tz: tzinfo) -> Threshold:
    def state(row: Row, at: datetime) -> State | None:
        if row["state"] == "breached":
            return "breached"
        left = row["due_at"].replace(tzinfo=tz).timestamp() - at.replace(tzinfo=tz).timestamp()
        return "near" if left <= before.total_seconds() else None

    whole = None if rule.near_before else _length(rule)
    name = "near_before" if whole is None else "near_after"
    return Threshold(name, _spelt(before if whole is None else whole - before), is_current, state)


def _spelt(length: timedelta) -> str:
    """Return a length of time as written in a setting."""
    minutes = round(length / timedelta(minutes=1))
    return f"{minutes} minutes" if minutes % 60 else f"{minutes // 60} hours"


def _count(near: int, *, is_current: bool) -> Threshold:
    def state(row: Row, _at: datetime) -> State | None:
        if row["state"] == "breached":
            return "breached"
        return "near" if row["count"] >= near else None

    return Threshold("near", str(near), is_current, state)


def _of_risk(risk: Risk) -> Iterator[Threshold]:
    """Yield levels of risk, none below the current one."""
    # Replays show no finding below the current level, so that a lower one cannot be tried.
    near, breached = Decimal(str(risk.near)), Decimal(str(risk.breached))
    yield _levels(near, breached, "near / breached", is_current=True)
    for level in _LEVELS:
        if near < level < breached:
            yield _levels(level, breached, "near", is_current=False)
    for level in _LEVELS:
        if level >= near and level != breached:
            yield _levels(near, level, "breached", is_current=False)


def _levels(near: Decimal, breached: Decimal, setting: str, *, is_current: bool) -> Threshold:
    def state(row: Row, _at: datetime) -> State | None:
        if row["risk"] >= breached:
            return "breached"
        return "near" if row["risk"] >= near else None

    value = {"near": f"{near}", "breached": f"{breached}"}.get(setting, f"{near} / {breached}")
    return Threshold(setting, value, is_current, state)
