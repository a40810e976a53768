"""The moments at which the value of a predicate on an unchanged line can change.

The line does not change; only as-of advances. So the value can change only where as-of passes what
it is compared with: for ``as_of > shipped_at + interval '48' hour`` that is the moment on the
right. Everything else is as true tomorrow as today.
"""

from collections.abc import Iterator

from sqlglot import exp, parse_one

from merchantwatch.rules.predicates import DIALECT

AS_OF = "as_of"
"""The moment of an expression that may change at any time."""

_COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In, exp.Like)
_OF_ONE_LENGTH = ("SECOND", "MINUTE", "HOUR", "DAY")
_CHOICES = (exp.Coalesce, exp.Least, exp.Greatest)
_CHOSEN = (exp.Paren, exp.Case, exp.If, exp.Coalesce)
"""What has the value of one of its parts, and of which one does not depend on these values."""


def changes_at(sql: str) -> tuple[str, ...]:
    """Return the SQL of the moments at which what an expression says may change."""
    if AS_OF not in sql.lower():
        return ()
    return tuple(dict.fromkeys(m.sql(DIALECT) for m in _moments_of(_parsed(sql))))


def moves(sql: str) -> bool:
    """Say whether the value of an expression, not only a comparison in it, advances with as-of."""
    return bool(_uncompared(sql))


def strays(sql: str) -> bool:
    """Say whether the value of an expression advances, and is not as-of itself whenever it does."""
    above = (node for name in _uncompared(sql) for node in _above(name))
    return not all(isinstance(node, _CHOSEN) for node in above)


def _uncompared(sql: str) -> list[exp.Column]:
    """Return each as-of of an expression that stands in no comparison."""
    if AS_OF not in sql.lower():
        return []
    return [name for name in _names(_parsed(sql)) if _compared(name) is None]


def _above(node: exp.Expr) -> Iterator[exp.Expr]:
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def _parsed(sql: str) -> exp.Expr:
    """Return an expression in which each ``case x when y`` says that it compares the two."""
    return parse_one(sql, read=DIALECT).transform(_as_comparisons)


def _as_comparisons(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Case) and (asked := node.this):
        node.set("this", None)
        for arm in node.args["ifs"]:
            arm.set("this", exp.EQ(this=exp.paren(asked.copy()), expression=exp.paren(arm.this)))
    return node


def _names(tree: exp.Expr) -> list[exp.Column]:
    return [column for column in tree.find_all(exp.Column) if column.name.lower() == AS_OF]


def _compared(node: exp.Expr) -> exp.Expr | None:
    """Return the outermost comparison in which a node stands."""
    found = None
    for parent in _above(node):
        found = parent if isinstance(parent, _COMPARED) else found
    return found


def _moments_of(tree: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the moments of all comparisons in an expression."""
    compared = {id(node): node for name in _names(tree) if (node := _compared(name))}
    for node in compared.values():
        yield from _of_comparison(node)


def _of_comparison(node: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(node, exp.Between):
        pairs = [(node.this, node.args["low"]), (node.this, node.args["high"])]
    elif isinstance(node, exp.In):
        pairs = [(node.this, one) for one in node.expressions]
    else:
        pairs = [(node.this, node.expression)]
    for left, right in pairs:
        moving = [side for side in (left, right) if _names(side)]
        if len(moving) > 1:
            yield exp.column(AS_OF)
        elif moving:
            yield from _met(moving[0], right if moving[0] is left else left)


def _met(moving: exp.Expr, still: exp.Expr) -> Iterator[exp.Expr]:
    """Yield when an expression that advances with as-of meets one that does not."""
    moving = moving.unnest()
    if isinstance(moving, exp.Column):
        yield still.copy()
    elif isinstance(moving, exp.Case):
        yield from _met_by_case(moving, still)
    elif isinstance(moving, _CHOICES):
        yield from _met_by_choice(moving, still)
    elif isinstance(moving, exp.Add | exp.Sub):
        yield from _met_by_sum(moving, still)
    elif _is_year_of_as_of(moving) and isinstance(still, exp.Year):
        first = exp.func("date_trunc", exp.Literal.string("year"), _moment(still.this))
        yield first
        yield exp.Add(this=first.copy(), expression=parse_one("interval '1' year", read=DIALECT))
    else:
        yield exp.column(AS_OF)


def _is_year_of_as_of(node: exp.Expr) -> bool:
    return isinstance(node, exp.Year) and isinstance(node.this.unnest(), exp.Column)


def _met_by_case(case: exp.Case, still: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the same of a choice by conditions, which may change of themselves."""
    arms = case.args["ifs"]
    values = [*(arm.args["true"] for arm in arms), case.args.get("default")]
    for arm in arms:
        yield from _moments_of(arm.this.copy())  # a copy stands in no comparison
    for value in values:
        if value is not None and _names(value):
            yield from _met(value, still)


def _met_by_choice(choice: exp.Expr, still: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the same of the first that is known, of the earliest, or of the latest."""
    before: list[exp.Expr] = []
    for one in (choice.this, *choice.expressions):
        if not _names(one):
            before.append(one)
            continue
        for moment in _met(one, still):
            if isinstance(choice, exp.Coalesce) and before:
                unknown = exp.and_(*(exp.Is(this=b.copy(), expression=exp.null()) for b in before))
                yield exp.Case(ifs=[exp.If(this=unknown, true=moment)])
            else:
                yield moment


def _met_by_sum(total: exp.Expr, still: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the same for a moment plus or minus a span, or for the time between two."""
    left, right = total.this, total.expression
    is_sum, of_left = isinstance(total, exp.Add), bool(_names(left))
    if of_left and _is_length(right):
        turned: type[exp.Binary] = exp.Sub if is_sum else exp.Add
        yield from _met(left, turned(this=_moment(still), expression=right.copy()))
    elif not is_sum and _is_length(still) and not (of_left and _names(right)):
        moving, other = (left, right) if of_left else (right, left)
        turned = exp.Add if of_left else exp.Sub
        yield from _met(moving, turned(this=_moment(other), expression=still.copy()))
    else:
        yield exp.column(AS_OF)


def _moment(node: exp.Expr) -> exp.Expr:
    return exp.paren(node.copy())


def _is_length(node: exp.Expr) -> bool:
    """Say whether this is a length of time that is the same at every moment."""
    node = node.unnest()
    return isinstance(node, exp.Interval) and node.text("unit").upper() in _OF_ONE_LENGTH
