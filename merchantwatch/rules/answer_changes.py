"""The moments at which the answer of a predicate on an unchanged line can change.

The line does not change; only as-of advances. So the answer can change only when as-of passes what
it is compared with: for ``as_of > shipped_at + interval '48' hour`` that is the moment on the
right. Whatever does not depend on as-of stays as it is.
"""

from collections.abc import Iterator

from sqlglot import exp, parse_one

from merchantwatch.rules.predicates import DIALECT

AS_OF = "as_of"
"""The field that advances. As a moment of change it means: the answer may change at any time."""

_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In, exp.Like)
_FIXED_UNITS = ("SECOND", "MINUTE", "HOUR", "DAY")
_CHOICES = (exp.Coalesce, exp.Least, exp.Greatest)
_PASSING_ON = (exp.Paren, exp.Case, exp.If, exp.Coalesce)
"""Expressions that pass on the value of one part, chosen without looking at as-of's value."""


def changes_at(sql: str) -> tuple[str, ...]:
    """Return the SQL of the moments at which the answer of an expression may change."""
    if AS_OF not in sql.lower():
        return ()
    return tuple(dict.fromkeys(m.sql(DIALECT) for m in _moments_of(_parsed(sql))))


def advances(sql: str) -> bool:
    """Say whether the value of an expression itself advances with as-of.

    Not only a comparison in it, which changes at certain moments and stays the same in between.
    """
    return bool(_uncompared(sql))


def may_differ_from_as_of(sql: str) -> bool:
    """Say whether the value of an expression can advance without being as-of itself."""
    above = (node for name in _uncompared(sql) for node in _ancestors(name))
    return not all(isinstance(node, _PASSING_ON) for node in above)


def _uncompared(sql: str) -> list[exp.Column]:
    """Return each as-of in an expression that is part of no comparison."""
    if AS_OF not in sql.lower():
        return []
    return [name for name in _as_of_in(_parsed(sql)) if _comparison_around(name) is None]


def _ancestors(node: exp.Expr) -> Iterator[exp.Expr]:
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def _parsed(sql: str) -> exp.Expr:
    """Parse an expression, with each ``case x when y`` written as the comparison ``x = y``."""
    return parse_one(sql, read=DIALECT).transform(_as_comparisons)


def _as_comparisons(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Case) and (subject := node.this):
        node.set("this", None)
        for arm in node.args["ifs"]:
            arm.set("this", exp.EQ(this=exp.paren(subject.copy()), expression=exp.paren(arm.this)))
    return node


def _as_of_in(tree: exp.Expr) -> list[exp.Column]:
    return [column for column in tree.find_all(exp.Column) if column.name.lower() == AS_OF]


def _comparison_around(node: exp.Expr) -> exp.Expr | None:
    """Return the outermost comparison that a node is part of."""
    found = None
    for parent in _ancestors(node):
        found = parent if isinstance(parent, _COMPARISONS) else found
    return found


def _moments_of(tree: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the moments of all comparisons in an expression."""
    comparisons = map(_comparison_around, _as_of_in(tree))
    # By identity: one comparison may contain as-of twice, and equal ones are different nodes.
    for node in {id(node): node for node in comparisons if node is not None}.values():
        yield from _moments_of_comparison(node)


def _moments_of_comparison(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the moments at which as-of, in one of the two sides compared, reaches the other."""
    if isinstance(node, exp.Between):
        pairs = [(node.this, node.args["low"]), (node.this, node.args["high"])]
    elif isinstance(node, exp.In):
        pairs = [(node.this, one) for one in node.expressions]
    else:
        pairs = [(node.this, node.expression)]
    for left, right in pairs:
        advancing = [side for side in (left, right) if _as_of_in(side)]
        if len(advancing) > 1:
            yield exp.column(AS_OF)
        elif advancing:
            yield from _moments_of_meeting(advancing[0], right if advancing[0] is left else left)


def _moments_of_meeting(advancing: exp.Expr, fixed: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the moments at which an expression that advances with as-of equals a fixed one."""
    advancing = advancing.unnest()
    if isinstance(advancing, exp.Column):
        yield fixed.copy()
    elif isinstance(advancing, exp.Case):
        yield from _meeting_of_case(advancing, fixed)
    elif isinstance(advancing, _CHOICES):
        yield from _meeting_of_choice(advancing, fixed)
    elif isinstance(advancing, exp.Add | exp.Sub):
        yield from _meeting_of_sum(advancing, fixed)
    elif _is_year_of_as_of(advancing) and isinstance(fixed, exp.Year):
        first = exp.func("date_trunc", exp.Literal.string("year"), _moment(fixed.this))
        yield first
        yield exp.Add(this=first.copy(), expression=parse_one("interval '1' year", read=DIALECT))
    else:
        yield exp.column(AS_OF)


def _is_year_of_as_of(node: exp.Expr) -> bool:
    return isinstance(node, exp.Year) and isinstance(node.this.unnest(), exp.Column)


def _meeting_of_case(case: exp.Case, fixed: exp.Expr) -> Iterator[exp.Expr]:
    """Yield these moments for a choice by conditions, whose answers may change, too."""
    arms = case.args["ifs"]
    values = [*(arm.args["true"] for arm in arms), case.args.get("default")]
    for arm in arms:
        yield from _moments_of(arm.this.copy())  # a copy stands in no comparison
    for value in values:
        if value is not None and _as_of_in(value):
            yield from _moments_of_meeting(value, fixed)


def _meeting_of_choice(choice: exp.Expr, fixed: exp.Expr) -> Iterator[exp.Expr]:
    """Yield these moments for coalesce, least and greatest."""
    before: list[exp.Expr] = []
    for part in (choice.this, *choice.expressions):
        if not _as_of_in(part):
            before.append(part)
            continue
        for moment in _moments_of_meeting(part, fixed):
            if isinstance(choice, exp.Coalesce) and before:
                # Coalesce comes to this part only if all parts before it are null.
                unknown = exp.and_(*(exp.Is(this=b.copy(), expression=exp.null()) for b in before))
                yield exp.Case(ifs=[exp.If(this=unknown, true=moment)])
            else:
                yield moment


def _meeting_of_sum(total: exp.Expr, fixed: exp.Expr) -> Iterator[exp.Expr]:
    """Yield these moments for a moment plus or minus a span, or for the time between two."""
    left, right = total.this, total.expression
    is_sum, of_left = isinstance(total, exp.Add), bool(_as_of_in(left))
    if of_left and _is_fixed_length(right):
        # as_of + span = x  ⇔  as_of = x - span
        inverse: type[exp.Binary] = exp.Sub if is_sum else exp.Add
        yield from _moments_of_meeting(left, inverse(this=_moment(fixed), expression=right.copy()))
    elif not is_sum and _is_fixed_length(fixed) and not (of_left and _as_of_in(right)):
        # as_of - x = span  ⇔  as_of = x + span;  x - as_of = span  ⇔  as_of = x - span
        advancing, other = (left, right) if of_left else (right, left)
        inverse = exp.Add if of_left else exp.Sub
        yield from _moments_of_meeting(
            advancing, inverse(this=_moment(other), expression=fixed.copy())
        )
    else:
        yield exp.column(AS_OF)


def _moment(node: exp.Expr) -> exp.Expr:
    return exp.paren(node.copy())


def _is_fixed_length(node: exp.Expr) -> bool:
    """Say whether this is a length of time that is always the same, as no month is."""
    node = node.unnest()
    return isinstance(node, exp.Interval) and node.text("unit").upper() in _FIXED_UNITS
