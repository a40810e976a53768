"""Rewrites expressions over wall-clock times as ones over instants (``clocks.py`` says why)."""

from functools import cache

from sqlglot import exp, parse_one

from merchantwatch.fields import FIELDS, Kind
from merchantwatch.rules.clocks import moved
from merchantwatch.rules.predicates import DIALECT


@cache
def shifted(sql: str, tz: str) -> str:
    """Return an expression in which hours are added, and times subtracted, as instants."""
    # Most parts neither add hours nor subtract: they need not be parsed.
    if "interval" not in sql.lower() and "-" not in sql:
        return sql
    tree = parse_one(sql, read=DIALECT)
    # From the inside outwards, so that a sum is rewritten around its parts and not beside them.
    for node in reversed(list(tree.walk())):
        if not isinstance(node, exp.Add | exp.Sub):
            continue
        left, right = node.this, node.expression
        if isinstance(right, exp.Interval) and not _is_start_of_day(left):
            sign = "+" if isinstance(node, exp.Add) else "-"
            interval = right.sql(DIALECT)
            new = parse_one(moved(left.sql(DIALECT), interval, tz, sign), read=DIALECT)
        elif isinstance(node, exp.Sub) and _is_moment(left) and _is_moment(right):
            new = exp.Sub(this=_instant(left, tz), expression=_instant(right, tz))
        else:
            continue
        tree = new if node is tree else tree
        node.replace(new)
    return tree.sql(DIALECT, comments=False)


def _is_moment(node: exp.Expr) -> bool:
    """Say whether an expression is a moment: it has only columns of times, and no interval."""
    columns = list(node.find_all(exp.Column))
    is_time = (c.name in FIELDS and FIELDS[c.name].kind is Kind.TIME for c in columns)
    return bool(columns) and all(is_time) and not node.find(exp.Interval)


def _is_start_of_day(node: exp.Expr) -> bool:
    """Say whether an expression is a date, to which an interval is added by the calendar."""
    return any(cast.to.is_type("date") for cast in node.find_all(exp.Cast))


def _instant(node: exp.Expr, tz: str) -> exp.Expr:
    return exp.Anonymous(this="instant_of", expressions=[exp.Literal.string(tz), node.copy()])
