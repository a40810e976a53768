"""The kind of value of an expression, inferred from its parts, so that no mismatch is ever run.

A database casts what it compares, text to numbers or times, and fails in the middle of a run if a
text cannot be cast. So both sides must be of the same kind here, and constants within bounds.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from sqlglot import exp

from merchantwatch.fields import FIELDS, Kind

MOST_SUMS = 20
"""How many sums and differences an expression may have, so that no number outgrows its type."""

_MOST_NUMBER = Decimal(10) ** 15
_MOST_PLACES = 6
_MOST_DAYS = 3_660
# The longest that a month, a quarter or a year can be, so that the bound holds for each.
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


class ValueKind(StrEnum):
    """The kinds of values, as error messages call them."""

    TEXT = "a text"
    NUMBER = "a number"
    MOMENT = "a moment"
    SPAN = "a length of time"
    FLAG = "true or false"
    NOTHING = "null"


_OF_FIELDS = {
    Kind.ID: ValueKind.TEXT,
    Kind.TEXT: ValueKind.TEXT,
    Kind.WORD: ValueKind.TEXT,
    Kind.TIME: ValueKind.MOMENT,
    Kind.MONEY: ValueKind.NUMBER,
    Kind.NUMBER: ValueKind.NUMBER,
    Kind.FLAG: ValueKind.FLAG,
}


class MisfitError(ValueError):
    """Parts of an expression do not fit together, or a constant is beyond its bounds."""


def kind_of(tree: exp.Expr) -> ValueKind:
    """Return the kind of an expression of allowed nodes.

    Raises MisfitError where the parts of the expression do not fit together.
    """
    sums = sum(1 for _ in tree.find_all(exp.Add, exp.Sub))
    if sums > MOST_SUMS:
        raise MisfitError(f"it has {sums} sums and differences; at most {MOST_SUMS} are allowed")
    return _kind_of(tree)


def _kind_of(node: exp.Expr) -> ValueKind:
    for kinds, of_node in _KIND_BY_NODE:
        if isinstance(node, kinds):
            return of_node(node)
    raise MisfitError(f"{node.sql('duckdb')[:80]} gives no value")


def _field(node: exp.Expr) -> ValueKind:
    return _OF_FIELDS[FIELDS[node.name].kind]


def _literal(node: exp.Expr) -> ValueKind:
    return ValueKind.TEXT if node.is_string else _number(node)


def _time(node: exp.Expr) -> ValueKind:
    _moment(node.this.name)
    return ValueKind.MOMENT


def _inner(node: exp.Expr) -> ValueKind:
    return _kind_of(node.this)


def _logic(node: exp.Expr) -> ValueKind:
    return _require(node, [node.this, *filter(None, [node.args.get("expression")])], ValueKind.FLAG)


def _comparison(node: exp.Expr) -> ValueKind:
    others = [node.args.get(name) for name in ("expression", "low", "high")]
    _common_kind(node, [node.this, *filter(None, others), *node.expressions])
    return ValueKind.FLAG


def _is(node: exp.Expr) -> ValueKind:
    _common_kind(node, [node.this, node.expression])
    return ValueKind.FLAG


def _search(node: exp.Expr) -> ValueKind:
    _require(node, [node.this, node.expression], ValueKind.TEXT)
    if isinstance(node, exp.Like):
        _pattern(node.expression)
    return ValueKind.FLAG


def _part_of_time(node: exp.Expr) -> ValueKind:
    _require(node, [node.this], ValueKind.MOMENT)
    return ValueKind.NUMBER


def _business_days(node: exp.Expr) -> ValueKind:
    """Return the kind of ``business_days_after``, whose other arguments were checked before."""
    return _require(node, node.expressions[:1], ValueKind.MOMENT)


def _choice(node: exp.Expr) -> ValueKind:
    """Return the kind that all branches of a choice have in common."""
    branches = node.args["ifs"] if isinstance(node, exp.Case) else [node]
    compared = node.args.get("this") if isinstance(node, exp.Case) else None  # case x when …
    results = []
    for branch in branches:
        if compared:
            _common_kind(node, [compared, branch.this])
        else:
            _require(node, [branch.this], ValueKind.FLAG)
        results.append(branch.args["true"])
    last = node.args.get("default") or node.args.get("false")
    return _common_kind(node, [*results, *([last] if last else [])])


def _sum(node: exp.Expr) -> ValueKind:
    """Return the kind of a sum, a difference or a negation."""
    if isinstance(node, exp.Neg):
        found = _kind_of(node.this)
        if found in (ValueKind.NUMBER, ValueKind.SPAN):
            return found
        raise _misfit(node, [found])
    left, right = _kind_of(node.this), _kind_of(node.expression)
    kinds, adds = {left, right} - {ValueKind.NOTHING}, isinstance(node, exp.Add)
    if kinds <= {ValueKind.NUMBER} or kinds <= {ValueKind.SPAN}:
        return left if right is ValueKind.NOTHING else right
    if kinds == {ValueKind.MOMENT, ValueKind.SPAN} and (adds or left is ValueKind.MOMENT):
        return ValueKind.MOMENT
    if left is right is ValueKind.MOMENT and not adds:
        return ValueKind.SPAN
    raise _misfit(node, [left, right])


def _require(node: exp.Expr, parts: Sequence[exp.Expr], wanted: ValueKind) -> ValueKind:
    """Check that all parts are of the wanted kind, or null, and return that kind."""
    for part in parts:
        found = _kind_of(part)
        if found not in (wanted, ValueKind.NOTHING):
            raise MisfitError(
                f"{part.sql('duckdb')[:80]} gives {found}, where {wanted} is needed: "
                f"{node.sql('duckdb')[:80]}"
            )
    return wanted


def _common_kind(node: exp.Expr, parts: Sequence[exp.Expr]) -> ValueKind:
    """Return the kind that all parts have in common; a literal text may stand for a moment."""
    given = [_kind_of(part) for part in parts]
    kinds = [found for found in dict.fromkeys(given) if found is not ValueKind.NOTHING]
    if set(kinds) == {ValueKind.MOMENT, ValueKind.TEXT}:
        for part, found in zip(parts, given, strict=True):
            if found is ValueKind.TEXT:
                if not isinstance(part, exp.Literal):
                    raise _misfit(node, kinds)
                _moment(part.name)
        return ValueKind.MOMENT
    if len(kinds) > 1:
        raise _misfit(node, kinds)
    return kinds[0] if kinds else ValueKind.NOTHING


def _misfit(node: exp.Expr, kinds: Sequence[ValueKind]) -> MisfitError:
    names = " and ".join(dict.fromkeys(kinds))
    return MisfitError(f"{names} do not fit together: {node.sql('duckdb')[:80]}")


def _number(node: exp.Expr) -> ValueKind:
    try:
        number = Decimal(node.name)
    except InvalidOperation:
        number = Decimal("nan")
    places = -int(number.as_tuple().exponent) if number.is_finite() else 0
    if (
        not number.is_finite()
        # With an exponent it would be a float, and money is compared in decimals.
        or "e" in node.name.lower()
        or places > _MOST_PLACES
        or abs(number) >= _MOST_NUMBER
    ):
        raise MisfitError(
            f"{node.name[:40]}: write a number in full, with at most 15 digits before the point "
            f"and {_MOST_PLACES} after it"
        )
    return ValueKind.NUMBER


def _moment(text: str) -> None:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise MisfitError(
            f"{text[:40]!r} is no moment; write it like '2026-11-21 00:00:00'"
        ) from None


def _span(node: exp.Expr) -> ValueKind:
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
    return ValueKind.SPAN


def _pattern(node: exp.Expr) -> None:
    """Check the pattern of a like."""
    # Engines disagree on what a backslash means, and one fails if it is the last character.
    if not isinstance(node, exp.Literal) or "\\" in node.name:
        raise MisfitError("the pattern of like must be a text without a backslash")


_KIND_BY_NODE: tuple[tuple[tuple[type[exp.Expr], ...], Callable[[exp.Expr], ValueKind]], ...] = (
    ((exp.Column,), _field),
    ((exp.Literal,), _literal),
    ((exp.Boolean,), lambda _: ValueKind.FLAG),
    ((exp.Null,), lambda _: ValueKind.NOTHING),
    ((exp.Cast,), _time),
    ((exp.Interval,), _span),
    ((exp.Paren,), _inner),
    ((exp.And, exp.Or, exp.Not), _logic),
    ((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In), _comparison),
    ((exp.Is,), _is),
    ((exp.Contains, exp.StartsWith, exp.Like), _search),
    ((exp.Add, exp.Sub, exp.Neg), _sum),
    ((exp.Case, exp.If), _choice),
    ((exp.Coalesce, exp.Least, exp.Greatest), lambda n: _common_kind(n, [n.this, *n.expressions])),
    ((exp.Lower,), lambda node: _require(node, [node.this], ValueKind.TEXT)),
    ((exp.Hour, exp.Year), _part_of_time),
    ((exp.Anonymous,), _business_days),
)
"""How the kind of each type of node is inferred; the first entry that fits counts."""
