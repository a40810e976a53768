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
_EXPECTED_KINDS = dict.fromkeys(("when", "applies", "of", "penalty"), _FLAG) | dict.fromkeys(
    ("due", "done", "start", "by", "day"), _MOMENT
)
"""The kind of value that each predicate of a rule must have, as ``kinds.ValueKind`` spells it."""

_WITHOUT_DIFFERENCE = (Kind.ID, Kind.TEXT, Kind.WORD, Kind.FLAG)
"""Kinds of fields of which no two values can be subtracted from each other."""

_ZH = {_FLAG: "真或假", _MOMENT: "一个时间"}

BUYER_DAY = frozenset({"buyer_key", "order_id", "paid_at", "created_at"})
"""The fields that give the buyer of a line, and the day of its payment."""

_FALSE = {"when": "false", "applies": "false", "of": "false"}


class _Checked(NamedTuple):
    """A checked expression, the fields that it needs, and further ones that its SQL names."""

    sql: str
    reads: frozenset[str] = frozenset()
    also_names: frozenset[str] = frozenset()

    def combined(self, sql: str, *others: "_Checked") -> "_Checked":
        """Return the expression ``sql``, made of this one and others: it reads what they read."""
        parts = (self, *others)
        return _Checked(
            sql,
            frozenset[str]().union(*(part.reads for part in parts)),
            frozenset[str]().union(*(part.also_names for part in parts)),
        )


_NEVER = _Checked("cast(null as timestamp)", frozenset())
"""The ``done`` of a clock that runs for as long as it applies."""


def bind(rule: Rule, platforms: tuple[str, ...], reviewed: date, file: str) -> BoundRule:
    """Check the predicates of a rule, and return it with their SQL.

    Raises UsageError that names the file, the rule and the field.
    """
    try:
        bound = _bound(rule, platforms, reviewed, file)
        if not rule.ended:
            return bound
        without_end = _bound(rule.without_end, platforms, reviewed, file)
        return msgspec.structs.replace(bound, without_end=without_end)
    except UsageError as error:
        raise UsageError(f"{file}: {error.en}", f"{file}：{error.zh}") from None


def _bound(rule: Rule, platforms: tuple[str, ...], reviewed: date, file: str) -> BoundRule:
    from merchantwatch.rules.answer_changes import advances

    for name in rule.refined_by:
        _check(rule, "refined_by", name)
    # Undated parts first: a version changes only some of them.
    parts = {name: _check(rule, name, sql) for name, sql in rule.predicates.items()}
    if rule.is_clock:
        parts.setdefault("done", _NEVER)  # while_open: it stops when it no longer applies
    day = parts.get("day")
    for name in ("when", "applies", "due", "done", "of"):
        dated = [_check_version(rule, version, name) for version in rule.in_force]
        has_condition = any(dated) or name != "of"
        if day and name in parts and dated and has_condition:
            parts[name] = _predicate_by_day(day, name, parts[name], dated, rule.in_force)
    money = _money(rule, day)
    judged = _Checked("").combined("", *(part for name, part in parts.items() if name != "by"))
    # `by` judges no line: where its fields are missing, only the text of a finding says less.
    until = parts.get("by", _Checked(""))
    shown = (_fields_in_texts(rule) | until.reads | until.also_names) - judged.reads - {"as_of"}
    changes = {name: _changes_at(name, part.sql) for name, part in parts.items()}
    return BoundRule(
        rule,
        platforms,
        reviewed,
        {name: part.sql for name, part in parts.items()},
        judged.reads - {"as_of", *rule.refined_by},
        (judged.also_names - judged.reads).union(
            rule.refined_by, rule.read_for_tasks, shown, money.also_names if money else ()
        ),
        money.sql if money else None,
        _prices(rule, money),
        tuple(
            _check(rule, "penalty", when).sql
            for penalty in rule.penalties
            if penalty is not None
            for _, when in penalty.whens
        ),
        _caps(rule, day),
        _buyer_day(rule, day),
        file,
        changes_at={name: moments for name, moments in changes.items() if moments},
        advancing=frozenset(name for name, part in parts.items() if advances(part.sql)),
    )


def _changes_at(name: str, sql: str) -> tuple[str, ...]:
    """Return the moments at which the answer of a predicate of a rule may change, as SQL.

    Where the answer itself advances with as-of, it may change at any moment: a ``day`` or a
    ``start`` that does so; and a ``done``, unless it is as-of whenever it advances, which the
    moments of a clock take into account.
    """
    from merchantwatch.rules.answer_changes import (
        AS_OF,
        advances,
        changes_at,
        may_differ_from_as_of,
    )

    is_open = (
        may_differ_from_as_of(sql) if name == "done" else name in ("day", "start") and advances(sql)
    )
    return (*changes_at(sql), *([AS_OF] if is_open else []))


def _fields_in_texts(rule: Rule) -> frozenset[str]:
    """Return the fields that a rule's texts show. Raises UsageError for a name that is no field."""
    for name in sorted(rule.shown):
        if name not in FIELDS:
            hint = meant(name, FIELDS)
            raise UsageError(
                f"{rule.code}, texts: {{{name}}} is no field of a line{hint.en}",
                f"规则 {rule.code} 的文字有误：没有名为 {{{name}}} 的字段{hint.zh}",
            )
    for one, other in rule.slots:
        if other and (
            FIELDS[one].kind is not FIELDS[other].kind or FIELDS[one].kind in _WITHOUT_DIFFERENCE
        ):
            raise UsageError(
                f"{rule.code}, texts: {{{one}-{other}}} is no difference of times or numbers",
                f"规则 {rule.code} 的文字有误：{{{one}-{other}}} 不是时间或数字之差",
            )
    return rule.shown - {"as_of"}


def _check(rule: Rule, name: str, text: str) -> _Checked:
    """Check one predicate of a rule. Raises UsageError that names the rule and the predicate."""
    from merchantwatch.rules.predicates import PredicateError, checked

    try:
        found = checked(text)
    except PredicateError as error:
        raise UsageError(
            f"{rule.code}, {name}: {error}", f"规则 {rule.code} 的 {name} 有误：{error}"
        ) from None
    wanted = _EXPECTED_KINDS.get(name.rsplit(maxsplit=1)[-1])
    if wanted and found.kind not in (wanted, _NOTHING):
        gives = f"{found.kind}: {text[:80]}"
        raise UsageError(
            f"{rule.code}, {name}: it must give {wanted}, this gives {gives}",
            f"规则 {rule.code} 的 {name} 应得出{_ZH[wanted]}，实际得出 {gives}",
        )
    return _Checked(found.sql, found.reads, found.also_names)


def _check_version(rule: Rule, version: RuleVersion, name: str) -> _Checked | None:
    text = getattr(version, name)
    return _check(rule, f"in_force, {name}", text) if text else None


def _predicate_by_day(
    day: _Checked,
    name: str,
    undated: _Checked,
    dated: list[_Checked | None],
    versions: list[RuleVersion],
) -> _Checked:
    """Return one expression that chooses, by the day of a line, the version in force then.

    ``undated`` stands for versions that do not change the predicate. On a day without a version a
    condition is false, and a moment is null.
    """
    by_version = [version or undated for version in dated]
    # A moment that is the same in all versions needs no choice; a condition still has to be false
    # on days without a version.
    if name not in _FALSE and len({part.sql for part in by_version}) == 1:
        return by_version[0]
    arms = [
        f"when {test} then {part.sql}"
        for test, part in _newest_first(day.sql, versions, by_version)
    ]
    # With the day the version is unknown; but a line that the rule's own condition rules out is no
    # hit by any version.
    if name in _FALSE and _unknown_when_null(day):
        arms.append(f"when {day.sql} is null then case when not ({undated.sql}) then false end")
    sql = f"case {' '.join(arms)} else {_FALSE.get(name, 'null')} end"
    return day.combined(sql, *by_version)


def _newest_first(
    day: str, versions: list[RuleVersion], by_version: list[_Checked]
) -> Iterator[tuple[str, _Checked]]:
    """Yield, from the newest version on, the test of the days of each, and its expression."""
    dated = zip(versions, _ends(versions), by_version, strict=True)
    for version, end, part in reversed(list(dated)):
        tests = [f"{day} < {_midnight(end)}"] if end else []
        if version.since > date.min:
            tests.insert(0, f"{day} >= {_midnight(version.since)}")
        yield " and ".join(tests) or f"{day} is not null", part


def _ends(versions: list[RuleVersion]) -> list[date | None]:
    """Return the end that has to be tested for each version: the first day it is not in force."""
    ends = []
    for place, version in enumerate(versions):
        newer = versions[place + 1 :]
        # Newer versions are tested first, so that a day on which one is in force never comes to an
        # older one. Only where a newer one has ended could an older one seem to be in force again.
        next_start = newer[0].since if any(after.until for after in newer) else None
        ends.append(version.until or next_start)
    return ends


def _midnight(day: date) -> str:
    return f"timestamp '{day.isoformat()} 00:00:00'"


def _unknown_when_null(day: _Checked) -> bool:
    """Say whether a null day means that it is unknown, and not that nothing has happened yet."""
    return not all(FIELDS[name].event for name in day.reads)


def _money(rule: Rule, day: _Checked | None) -> _Checked | None:
    """Return the SQL of the money of a hit, by the version of its day; None if it costs none."""
    prices = [_price(rule, penalty) for penalty in rule.penalties]
    known = [price or _Checked("null") for price in prices]
    if not any(prices):
        return None
    return _choice_by_day(rule, day, known)


def _choice_by_day(rule: Rule, day: _Checked | None, by_version: list[_Checked]) -> _Checked:
    """Return one expression that chooses that of the version of a day; null before the first."""
    if day is None or not rule.in_force:
        return by_version[0]
    arms = [
        f"when {test} then {part.sql}"
        for test, part in _newest_first(day.sql, rule.in_force, by_version)
    ]
    return day.combined(f"case {' '.join(arms)} end", *by_version)


def _caps(rule: Rule, day: _Checked | None) -> dict[CapScope, str]:
    """Return the most that each kind of group costs on a day, as SQL that is null without a cap."""
    by_version = [penalty.caps if penalty else {} for penalty in rule.penalties]
    found: dict[CapScope, str] = {}
    for per in dict.fromkeys(per for caps in by_version for per in caps):
        most = [_Checked(str(caps.get(per, "null"))) for caps in by_version]
        found[per] = _choice_by_day(rule, day, most).sql
    return found


def _buyer_day(rule: Rule, day: _Checked | None) -> str | None:
    """Return the most that a line's buyer gets for a day, by the version of its day."""
    most = [p.buyer_day_sql(_tier_conditions(rule, p)) if p else None for p in rule.penalties]
    if not any(most):
        return None
    return _choice_by_day(rule, day, [_Checked(sql or "null") for sql in most]).sql


def _prices(rule: Rule, money: _Checked | None) -> frozenset[str]:
    """Return the fields that the money of a hit, and its bound by buyer and day, depend on."""
    if money is None:
        return frozenset()
    penalties = (penalty for penalty in rule.penalties if penalty is not None)
    by_buyer = any(penalty.buyer_day_sql(_tier_conditions(rule, penalty)) for penalty in penalties)
    return (money.reads | (BUYER_DAY if by_buyer else set())) - {"as_of"}


def _tier_conditions(rule: Rule, penalty: Penalty) -> dict[int, str]:
    return {place: _check(rule, "penalty", text).sql for place, text in penalty.whens}


def _price(rule: Rule, penalty: Penalty | None) -> _Checked | None:
    if penalty is None:
        return None
    whens = {place: _check(rule, "penalty", text) for place, text in penalty.whens}
    sql = penalty.sql({place: condition.sql for place, condition in whens.items()})
    # Without the amount that the money is a share of, it cannot be computed.
    return _Checked("", frozenset({penalty.of})).combined(sql, *whens.values())
