"""The kind of value of an expression, inferred from its parts: a mismatch is never run.

A database casts what it compares, text to numbers and times, and fails in the middle of a run where
a text cannot be cast. So both sides must be of one kind here, and constants within bounds.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from sqlglot import exp

from merchantwatch.fields import FIELDS, Kind

MOST_SUMS = 20
"""How many sums and differences one expression may have: numbers cannot grow out of their type."""

_MOST_NUMBER = Decimal(10) ** 15
_MOST_PLACES = 6
_MOST_DAYS = 3_660
_DAYS = {
    "second": Decimal(1) / 86_400,
    "minute": Decimal(1) / 1_440,
    "hour": Decimal(1) / 24,
    "day": Decimal(1),
    "week": Decimal(7),
    "month": Decimal(31),
    "quarter": Decimal(92),
    "year": Decimal(366),
}


class Gives(StrEnum):
    """The kinds of values, as a message calls them."""

    TEXT = "a text"
    NUMBER = "a number"
    MOMENT = "a moment"
    SPAN = "a length of time"
    FLAG = "true or false"
    NOTHING = "null"


_OF_FIELDS = {
    Kind.ID: Gives.TEXT,
    Kind.TEXT: Gives.TEXT,
    Kind.WORD: Gives.TEXT,
    Kind.TIME: Gives.MOMENT,
    Kind.MONEY: Gives.NUMBER,
    Kind.NUMBER: Gives.NUMBER,
    Kind.FLAG: Gives.FLAG,
}


class MisfitError(ValueError):
    """Parts of an expression do not fit together, or a constant is beyond its bounds."""


def gives(tree: exp.Expr) -> Gives:
    """Return what an expression of allowed nodes gives. Raises MisfitError where parts do not fit.

    A length of time may be compared, and added to a moment.
    """
    sums = sum(1 for _ in tree.find_all(exp.Add, exp.Sub))
    if sums > MOST_SUMS:
        raise MisfitError(f"it has {sums} sums and differences; at most {MOST_SUMS} are allowed")
    return _gives(tree)


def _gives(node: exp.Expr) -> Gives:
    for kinds, of_node in _GIVERS:
        if isinstance(node, kinds):
            return of_node(node)
    raise MisfitError(f"{node.sql('duckdb')[:80]} gives no value")


def _field(node: exp.Expr) -> Gives:
    return _OF_FIELDS[FIELDS[node.name].kind]


def _literal(node: exp.Expr) -> Gives:
    return Gives.TEXT if node.is_string else _number(node)


def _time(node: exp.Expr) -> Gives:
    _moment(node.this.name)
    return Gives.MOMENT


def _inner(node: exp.Expr) -> Gives:
    return _gives(node.this)


def _logic(node: exp.Expr) -> Gives:
    return _all(node, [node.this, *filter(None, [node.args.get("expression")])], Gives.FLAG)


def _comparison(node: exp.Expr) -> Gives:
    others = [node.args.get(name) for name in ("expression", "low", "high")]
    _same(node, [node.this, *filter(None, others), *node.expressions])
    return Gives.FLAG


def _is(node: exp.Expr) -> Gives:
    _same(node, [node.this, node.expression])
    return Gives.FLAG


def _search(node: exp.Expr) -> Gives:
    _all(node, [node.this, node.expression], Gives.TEXT)
    if isinstance(node, exp.Like):
        _pattern(node.expression)
    return Gives.FLAG


def _part_of_time(node: exp.Expr) -> Gives:
    _all(node, [node.this], Gives.MOMENT)
    return Gives.NUMBER


def _business_days(node: exp.Expr) -> Gives:
    """Return what the one function gives that the parser has no name for: checked before."""
    return _all(node, node.expressions[:1], Gives.MOMENT)


def _choice(node: exp.Expr) -> Gives:
    """Return what the branches of a choice give."""
    branches = node.args["ifs"] if isinstance(node, exp.Case) else [node]
    asked = node.args.get("this") if isinstance(node, exp.Case) else None
    results = []
    for branch in branches:
        if asked:
            _same(node, [asked, branch.this])
        else:
            _all(node, [branch.this], Gives.FLAG)
        results.append(branch.args["true"])
    last = node.args.get("default") or node.args.get("false")
    return _same(node, [*results, *([last] if last else [])])


def _sum(node: exp.Expr) -> Gives:
    """Return what adding, subtracting or negating gives."""
    if isinstance(node, exp.Neg):
        found = _gives(node.this)
        if found in (Gives.NUMBER, Gives.SPAN):
            return found
        raise _misfit(node, [found])
    left, right = _gives(node.this), _gives(node.expression)
    kinds, adds = {left, right} - {Gives.NOTHING}, isinstance(node, exp.Add)
    if kinds <= {Gives.NUMBER} or kinds <= {Gives.SPAN}:
        return left if right is Gives.NOTHING else right
    if kinds == {Gives.MOMENT, Gives.SPAN} and (adds or left is Gives.MOMENT):
        return Gives.MOMENT
    if left is right is Gives.MOMENT and not adds:
        return Gives.SPAN
    raise _misfit(node, [left, right])


def _all(node: exp.Expr, parts: Sequence[exp.Expr], wanted: Gives) -> Gives:
    """Check that parts give the kinds that are expected."""
    for part in parts:
        found = _gives(part)
        if found not in (wanted, Gives.NOTHING):
            raise MisfitError(
                f"{part.sql('duckdb')[:80]} gives {found}, where {wanted} is needed: "
                f"{node.sql('duckdb')[:80]}"
            )
    return wanted


def _same(node: exp.Expr, parts: Sequence[exp.Expr]) -> Gives:
    """Return the kind that all parts have in common; a literal text may stand for a moment."""
    given = [_gives(part) for part in parts]
    kinds = [found for found in dict.fromkeys(given) if found is not Gives.NOTHING]
    if set(kinds) == {Gives.MOMENT, Gives.TEXT}:
        for part, found in zip(parts, given, strict=True):
            if found is Gives.TEXT:
                if not isinstance(part, exp.Literal):
                    raise _misfit(node, kinds)
                _moment(part.name)
        return Gives.MOMENT
    if len(kinds) > 1:
        raise _misfit(node, kinds)
    return kinds[0] if kinds else Gives.NOTHING


def _misfit(node: exp.Expr, kinds: Sequence[Gives]) -> MisfitError:
    names = " and ".join(dict.fromkeys(kinds))
    return MisfitError(f"{names} do not fit together: {node.sql('duckdb')[:80]}")


def _number(node: exp.Expr) -> Gives:
    try:
        number = Decimal(node.name)
    except InvalidOperation:
        number = Decimal("nan")
    places = -int(number.as_tuple().exponent) if number.is_finite() else 0
    if (
        not number.is_finite()
        or "e" in node.name.lower()
        or places > _MOST_PLACES
        or abs(number) >= _MOST_NUMBER
    ):
        raise MisfitError(
            f"{node.name[:40]}: write a number in full, with at most 15 digits before the point "
            f"and {_MOST_PLACES} after it"
        )
    return Gives.NUMBER


def _moment(text: str) -> None:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise MisfitError(
            f"{text[:40]!r} is no moment; write it like '2026-11-21 00:00:00'"
        ) from None


def _span(node: exp.Expr) -> Gives:
    amount, unit = node.this, str(node.args.get("unit") or "").lower().removesuffix("s")
    try:
        days = abs(int(amount.name)) * _DAYS[unit] if isinstance(amount, exp.Literal) else None
    except (ValueError, KeyError):
        days = None
    if days is None or days > _MOST_DAYS:
        raise MisfitError(
            f"{node.sql('duckdb')[:60]}: write a length of time like interval '48' hour, of at "
            f"most {_MOST_DAYS:,} days"
        )
    return Gives.SPAN


def _pattern(node: exp.Expr) -> None:
    """Engines disagree on what a backslash in a pattern means, and one fails on the last."""
    if not isinstance(node, exp.Literal) or "\\" in node.name:
        raise MisfitError("the pattern of like must be a text without a backslash")


_GIVERS: tuple[tuple[tuple[type[exp.Expr], ...], Callable[[exp.Expr], Gives]], ...] = (
    ((exp.Column,), _field),
    ((exp.Literal,), _literal),
    ((exp.Boolean,), lambda _: Gives.FLAG),
    ((exp.Null,), lambda _: Gives.NOTHING),
    ((exp.Cast,), _time),
    ((exp.Interval,), _span),
    ((exp.Paren,), _inner),
    ((exp.And, exp.Or, exp.Not), _logic),
    ((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In), _comparison),
    ((exp.Is,), _is),
    ((exp.Contains, exp.StartsWith, exp.Like), _search),
    ((exp.Add, exp.Sub, exp.Neg), _sum),
    ((exp.Case, exp.If), _choice),
    ((exp.Coalesce, exp.Least, exp.Greatest), lambda n: _same(n, [n.this, *n.expressions])),
    ((exp.Lower,), lambda node: _all(node, [node.this], Gives.TEXT)),
    ((exp.Hour, exp.Year), _part_of_time),
    ((exp.Anonymous,), _business_days),
)
"""What each kind of node gives: the first that fits counts."""
