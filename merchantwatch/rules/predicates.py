"""Predicates: SQL expressions over the fields of a line, checked before they are ever run.

A predicate may compare fields, texts, numbers and times, and combine the answers. It can name no
table and call only a few functions, and so cannot read or run anything.
"""

import re
from functools import cache
from typing import NamedTuple

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from merchantwatch.fields import DERIVED_FROM, FIELDS
from merchantwatch.language.suggestions import meant
from merchantwatch.rules import business_days
from merchantwatch.rules.facts import facts
from merchantwatch.rules.kinds import MisfitError, ValueKind, kind_of

DIALECT = "duckdb"
MAX_DEPTH = 60

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?")

_ALLOWED: tuple[type[exp.Expression], ...] = (
    exp.Column,
    exp.Identifier,
    exp.Literal,
    exp.Boolean,
    exp.Null,
    exp.Paren,
    exp.And,
    exp.Or,
    exp.Not,
    exp.EQ,
    exp.NEQ,
    exp.GT,
    exp.GTE,
    exp.LT,
    exp.LTE,
    exp.Between,
    exp.In,
    exp.Like,
    exp.Is,
    exp.Case,
    exp.If,
    exp.Coalesce,
    exp.Least,
    exp.Greatest,
    exp.Lower,
    exp.Hour,
    exp.Year,
    exp.Contains,
    exp.StartsWith,
    exp.Interval,
    exp.Var,
    exp.Add,
    exp.Sub,
    exp.Neg,
)


class PredicateError(ValueError):
    """A predicate that may not be run; the message says what is wrong with it."""


class Predicate(NamedTuple):
    """A checked predicate: its SQL as generated from the parse, the fields it reads, its kind.

    ``also_names`` are further fields in its SQL, which no export has to have: those derived from
    what it reads, and those that make it more exact.
    """

    sql: str
    reads: frozenset[str]
    also_names: frozenset[str]
    kind: ValueKind


@cache
def checked(sql: str) -> Predicate:
    """Check a predicate, and return it.

    Cached, since half of all predicates repeat: many rules are about the same lines. Raises
    PredicateError for anything that is not an allowed expression over known fields.
    """
    try:
        tree = _parse(sql)
        for node in tree.walk():
            _check_node(node)
        return _predicate_of(tree)
    except MisfitError as error:
        raise PredicateError(str(error)) from None
    except RecursionError:
        raise PredicateError(f"it is nested too deeply (more than {MAX_DEPTH} levels)") from None


def _predicate_of(tree: exp.Expression) -> Predicate:
    """Return the predicate of a checked tree, with its facts replaced by their SQL."""
    names = {column.name for column in tree.find_all(exp.Column)}
    used = {name: _fact(name) for name in names & facts().keys()}
    fields = names - used.keys()
    derived = fields & DERIVED_FROM.keys()
    reads = (fields - derived).union(
        *(DERIVED_FROM[name] for name in derived), *(f.reads for f in used.values())
    )
    also = derived.union(*(fact.also_names for fact in used.values()))

    def spelt_out(node: exp.Expr) -> exp.Expr:
        fact = used.get(node.name) if isinstance(node, exp.Column) else None
        return exp.paren(_parse(fact.sql), copy=False) if fact else node

    whole = tree.transform(spelt_out)
    # Only now: a fact has the kind of the expression that replaces its name.
    kind = kind_of(whole)
    text = whole.transform(_with_calendar).sql(DIALECT, comments=False)
    return Predicate(text, frozenset(reads), frozenset(also), kind)


def _with_calendar(node: exp.Expr) -> exp.Expr:
    """Return a node with a call of ``business_days_after`` replaced by SQL for both engines."""
    return business_days.spelt_out(node) if business_days.is_business_days(node) else node


def _fact(name: str) -> Predicate:
    """Return a fact as a predicate; fields that it can do without are not among those it reads."""
    fact = facts()[name]
    found = checked(fact.sql)
    return found._replace(
        reads=found.reads - fact.refined_by, also_names=found.also_names | fact.refined_by
    )


def _parse(sql: str) -> exp.Expression:
    # Deep nesting exhausts a recursive parser: refuse it by a count before parsing.
    if max(sql.count("("), sql.lower().count("case"), sql.lower().count("not ")) > MAX_DEPTH:
        raise PredicateError(f"it is nested too deeply (more than {MAX_DEPTH} levels)")
    try:
        trees = sqlglot.parse(f"SELECT {sql}", read=DIALECT)
    except SqlglotError as error:
        raise PredicateError(f"it is no SQL expression: {str(error).splitlines()[0]}") from None
    tree = trees[0] if len(trees) == 1 else None
    # Whatever follows the expression, a FROM or a LIMIT, is an argument of the SELECT.
    plain = isinstance(tree, exp.Select) and len(tree.expressions) == 1
    if (
        not isinstance(tree, exp.Select)
        or not plain
        or any(value for key, value in tree.args.items() if key not in ("expressions", "kind"))
    ):
        raise PredicateError("it must be one expression")
    found: exp.Expression = tree.expressions[0]
    return found


def _is_time_literal(node: exp.Expr | None) -> bool:
    """Say whether a node is ``timestamp '2026-11-21 00:00:00'``, which is a cast to the parser.

    A word such as ``'now'`` is no such literal: it would read the computer's clock.
    """
    return (
        isinstance(node, exp.Cast)
        and isinstance(node.this, exp.Literal)
        and _MOMENT.fullmatch(node.this.name) is not None
        and node.to.sql(DIALECT) in ("TIMESTAMP", "DATE")
    )


def _check_node(node: exp.Expr) -> None:
    if business_days.is_business_days(node):
        try:
            business_days.check(node)
        except business_days.BusinessDaysError as error:
            raise PredicateError(str(error)) from None
        return
    # The text and the type inside of such a literal are nodes of their own.
    if _is_time_literal(node) or _is_time_literal(node.parent):
        return
    if not isinstance(node, _ALLOWED):
        raise PredicateError(f"{node.key} is not allowed in a predicate: {node.sql(DIALECT)[:80]}")
    if isinstance(node, exp.In) and (node.args.get("query") or node.args.get("unnest")):
        raise PredicateError("a subquery is not allowed in a predicate")
    if isinstance(node, exp.Column) and (node.table or node.name not in _named()):
        hint = meant(node.name, _named())
        raise PredicateError(f"{node.sql(DIALECT)} is no field of a line{hint.en}")


def _named() -> dict[str, object]:
    """Return the names that a predicate may use: fields and facts."""
    return {**FIELDS, **facts()}
