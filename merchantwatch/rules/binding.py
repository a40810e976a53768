"""Rules of a pack → rules that can judge: predicates checked, dated versions merged."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import msgspec

from merchantwatch.errors import UsageError
from merchantwatch.fields import FIELDS, Kind
from merchantwatch.language.suggestions import meant
from merchantwatch.rules.book import BoundRule
from merchantwatch.rules.model import Rule, RuleVersion
from merchantwatch.rules.penalty import CapScope, Penalty

_FLAG, _MOMENT, _NOTHING = "true or false", "a moment", "null"
_GIVES = dict.fromkeys(("when", "applies", "of", "penalty"), _FLAG) | dict.fromkeys(
    ("due", "done", "start", "by", "day"), _MOMENT
)
"""What the predicates of a rule must give, as ``kinds`` calls it."""

_APART = (Kind.ID, Kind.TEXT, Kind.WORD, Kind.FLAG)
"""Kinds of values that have no difference."""

_ZH = {_FLAG: "真或假", _MOMENT: "一个时间"}

BUYER_DAY = frozenset({"buyer_key", "order_id", "paid_at", "created_at"})
"""The fields that give the buyer of a line, and the day of its payment."""

_FALSE = {"when": "false", "applies": "false", "of": "false"}


class _Checked(NamedTuple):
    """A checked expression, the fields it reads, and those that it names beside."""

    sql: str
    reads: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()

    def written(self, sql: str, *others: "_Checked") -> "_Checked":
        """Return an expression that combines this one and others."""
        parts = (self, *others)
        return _Checked(
            sql,
            frozenset[str]().union(*(one.reads for one in parts)),
            frozenset[str]().union(*(one.also for one in parts)),
        )


_NEVER = _Checked("cast(null as timestamp)", frozenset())
"""What stops a clock that runs for as long as it applies."""


def bind(rule: Rule, platforms: tuple[str, ...], reviewed: date, file: str) -> BoundRule:
    """Return a rule with its SQL. Raises UsageError that names the file, rule and field."""
    try:
        bound = _bound(rule, platforms, reviewed, file)
        if not rule.ended:
            return bound
        woken = _bound(rule.woken, platforms, reviewed, file)
        return msgspec.structs.replace(bound, woken=woken)
    except UsageError as error:
        raise UsageError(f"{file}: {error.en}", f"{file}：{error.zh}") from None


def _bound(rule: Rule, platforms: tuple[str, ...], reviewed: date, file: str) -> BoundRule:
    from merchantwatch.rules.answer_changes import moves

    for name in rule.refined_by:
        _checked(rule, "refined_by", name)
    found = {name: _checked(rule, name, sql) for name, sql in rule.predicates.items()}
    if rule.is_clock:
        found.setdefault("done", _NEVER)  # while_open: it stops when it no longer applies
    day = found.get("day")
    for name in ("when", "applies", "due", "done", "of"):
        dated = [_checked_version(rule, version, name) for version in rule.in_force]
        has_condition = any(dated) or name != "of"
        if day and name in found and dated and has_condition:
            found[name] = _by_day(day, name, found[name], dated, rule.in_force)
    money = _money(rule, day)
    judged = _Checked("").written("", *(one for name, one in found.items() if name != "by"))
    until = found.get("by", _Checked(""))
    shown = (_shown(rule) | until.reads | until.also) - judged.reads - {"as_of"}
    return BoundRule(
        rule,
        platforms,
        reviewed,
        {name: one.sql for name, one in found.items()},
        judged.reads - {"as_of", *rule.refined_by},
        (judged.also - judged.reads).union(rule.refined_by, shown, money.also if money else ()),
        money.sql if money else None,
        _prices(rule, money),
        tuple(
            _checked(rule, "penalty", when).sql
            for penalty in rule.penalties
            if penalty is not None
            for _, when in penalty.whens
        ),
        _caps(rule, day),
        _buyer_day(rule, day),
        file,
        changes_at={name: at for name, one in found.items() if (at := _changes_at(name, one.sql))},
        moving=frozenset(name for name, one in found.items() if moves(one.sql)),
    )


def _changes_at(name: str, sql: str) -> tuple[str, ...]:
    """Return when what a predicate of a rule says may change.

    A day that advances may be another in each run, as may the moments that follow from a start; of
    what stops a clock only that it is as-of is accounted for.
    """
    from merchantwatch.rules.answer_changes import AS_OF, changes_at, moves, strays

    is_open = strays(sql) if name == "done" else name in ("day", "start") and moves(sql)
    return (*changes_at(sql), *([AS_OF] if is_open else []))


def _shown(rule: Rule) -> frozenset[str]:
    """Return the fields that a rule's texts show. Raises UsageError for one that is none."""
    for name in sorted(rule.shown):
        if name not in FIELDS:
            hint = meant(name, FIELDS)
            raise UsageError(
                f"{rule.code}, texts: {{{name}}} is no field of a line{hint.en}",
                f"规则 {rule.code} 的文字有误：没有名为 {{{name}}} 的字段{hint.zh}",
            )
    for one, other in rule.slots:
        if other and (FIELDS[one].kind is not FIELDS[other].kind or FIELDS[one].kind in _APART):
            raise UsageError(
                f"{rule.code}, texts: {{{one}-{other}}} is no difference of times or numbers",
                f"规则 {rule.code} 的文字有误：{{{one}-{other}}} 不是时间或数字之差",
            )
    return rule.shown - {"as_of"}


def _checked(rule: Rule, name: str, text: str) -> _Checked:
    from merchantwatch.rules.predicates import PredicateError, checked

    try:
        found = checked(text)
    except PredicateError as error:
        raise UsageError(
            f"{rule.code}, {name}: {error}", f"规则 {rule.code} 的 {name} 有误：{error}"
        ) from None
    wanted = _GIVES.get(name.rsplit(maxsplit=1)[-1])
    if wanted and found.gives not in (wanted, _NOTHING):
        gives = f"{found.gives}: {text[:80]}"
        raise UsageError(
            f"{rule.code}, {name}: it must give {wanted}, this gives {gives}",
            f"规则 {rule.code} 的 {name} 应得出{_ZH[wanted]}，实际得出 {gives}",
        )
    return _Checked(found.sql, found.reads, found.also)


def _checked_version(rule: Rule, version: RuleVersion, name: str) -> _Checked | None:
    text = getattr(version, name)
    return _checked(rule, f"in_force, {name}", text) if text else None


def _by_day(
    day: _Checked,
    name: str,
    undated: _Checked,
    dated: list[_Checked | None],
    versions: list[RuleVersion],
) -> _Checked:
    """Return one expression that applies on each day the version in force on it."""
    said = [version or undated for version in dated]
    # A condition says also that no version is in force; a moment that all share needs no choice.
    if name not in _FALSE and len({one.sql for one in said}) == 1:
        return said[0]
    arms = [f"when {test} then {one.sql}" for test, one in _newest_first(day.sql, versions, said)]
    # Of an unknown day the version is unknown; but what the rule asks of no line is no hit by any.
    if name in _FALSE and _unknown_when_null(day):
        arms.append(f"when {day.sql} is null then case when not ({undated.sql}) then false end")
    sql = f"case {' '.join(arms)} else {_FALSE.get(name, 'null')} end"
    return day.written(sql, *said)


def _newest_first(
    day: str, versions: list[RuleVersion], said: list[_Checked]
) -> Iterator[tuple[str, _Checked]]:
    """Yield the test of each version's days with what it says; after the end of one, none holds."""
    ends = _ends(versions)
    # From the newest on: a day after its start is not asked whether it is before the next one's.
    for version, end, one in reversed(list(zip(versions, ends, said, strict=True))):
        tests = [f"{day} < {_midnight(end)}"] if end else []
        if version.since > date.min:
            tests.insert(0, f"{day} >= {_midnight(version.since)}")
        yield " and ".join(tests) or f"{day} is not null", one


def _ends(versions: list[RuleVersion]) -> list[date | None]:
    """Return the end of each version: its own, or the start of the next one."""
    later = [None, *(version.since for version in versions[:0:-1])][::-1]
    ending = [any(after.until for after in versions[n:]) for n in range(1, len(versions) + 1)]
    return [
        version.until or (following if ends else None)
        for version, following, ends in zip(versions, later, ending, strict=True)
    ]


def _midnight(day: date) -> str:
    return f"timestamp '{day.isoformat()} 00:00:00'"


def _unknown_when_null(day: _Checked) -> bool:
    """Say whether a missing day is unknown, rather than that nothing has happened yet."""
    return not all(FIELDS[name].event for name in day.reads)


def _money(rule: Rule, day: _Checked | None) -> _Checked | None:
    """Return the money of a hit, by the version of its day."""
    prices = [_price(rule, penalty) for penalty in rule.penalties]
    known = [price or _Checked("null") for price in prices]
    if not any(prices):
        return None
    return _dated(rule, day, known)


def _dated(rule: Rule, day: _Checked | None, by_version: list[_Checked]) -> _Checked:
    """Return the expressions of all versions as one, null before the first."""
    if day is None or not rule.in_force:
        return by_version[0]
    arms = [
        f"when {test} then {one.sql}"
        for test, one in _newest_first(day.sql, rule.in_force, by_version)
    ]
    return day.written(f"case {' '.join(arms)} end", *by_version)


def _caps(rule: Rule, day: _Checked | None) -> dict[CapScope, str]:
    """Return the most that a group costs on a day, by the version of its day; null is no bound."""
    caps = [penalty.caps if penalty else {} for penalty in rule.penalties]
    found: dict[CapScope, str] = {}
    for per in dict.fromkeys(per for one in caps for per in one):
        most = [_Checked(str(one.get(per, "null"))) for one in caps]
        found[per] = _dated(rule, day, most).sql
    return found


def _buyer_day(rule: Rule, day: _Checked | None) -> str | None:
    """Return the most that a line's buyer gets for a day, by the version of its day."""
    most = [p.buyer_day_sql(_whens(rule, p)) if p is not None else None for p in rule.penalties]
    return _dated(rule, day, [_Checked(one or "null") for one in most]).sql if any(most) else None


def _prices(rule: Rule, money: _Checked | None) -> frozenset[str]:
    """Return the fields that the money of a hit depends on, with those of a buyer's day."""
    if money is None:
        return frozenset()
    penalties = (penalty for penalty in rule.penalties if penalty is not None)
    by_buyer = any(penalty.buyer_day_sql(_whens(rule, penalty)) for penalty in penalties)
    return (money.reads | (BUYER_DAY if by_buyer else set())) - {"as_of"}


def _whens(rule: Rule, penalty: Penalty) -> dict[int, str]:
    return {place: _checked(rule, "penalty", text).sql for place, text in penalty.whens}


def _price(rule: Rule, penalty: Penalty | None) -> _Checked | None:
    if penalty is None:
        return None
    whens = {place: _checked(rule, "penalty", text) for place, text in penalty.whens}
    sql = penalty.sql({place: one.sql for place, one in whens.items()})
    return _Checked("", frozenset({penalty.of})).written(sql, *whens.values())
