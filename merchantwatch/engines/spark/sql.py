"""DuckDB's dialect → Spark's, with the same answers.

sqlglot translates most of it. What it leaves untranslated, or translates into something with other
answers, is translated here, by one function each.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from sqlglot import exp, parse_one

_Turned = exp.Expr | None


def _full_match(node: exp.Expr) -> _Turned:
    """Spark searches only; ``$`` would also match before a line break at the end."""
    pattern = node.expression
    if not isinstance(pattern, exp.Literal):
        return None
    whole = exp.Literal.string(rf"\A(?:{pattern.this})\z")
    return exp.RegexpLike(this=node.this, expression=whole)


def _bytes_apart(node: exp.Expr) -> _Turned:
    """LIKE knows no escapes in DuckDB; in Spark a backslash is one unless it is doubled."""
    pattern = node.expression
    if not isinstance(pattern, exp.Literal) or "\\" not in pattern.this:
        return None
    return exp.Like(
        this=node.this, expression=exp.Literal.string(pattern.this.replace("\\", "\\\\"))
    )


def _replaced(node: exp.Expr) -> _Turned:
    """In Spark the groups of a pattern are ``$1``."""
    new = node.args.get("replacement")
    if isinstance(new, exp.Literal) and re.search(r"\\\d", new.this):
        node.set("replacement", exp.Literal.string(re.sub(r"\\(\d)", r"$\1", new.this)))
    return None


def _try_cast(node: exp.Expr) -> _Turned:
    """Round a decimal to an integer, do not cut it; take ASCII digits, not those of any script.

    Text reaches a decimal through a function that removes signs; a bare column is a number.
    """
    kind, value = node.args["to"], node.this
    if kind.is_type("bigint"):
        node.set("this", exp.func("round", value, exp.Literal.number(0)))
    elif kind.is_type("decimal") and not isinstance(value, exp.Column):
        size = exp.Anonymous(this="octet_length", expressions=[value.copy()])
        plain = exp.EQ(this=size, expression=exp.Length(this=value.copy()))
        return exp.Case().when(plain, node.copy())
    return None


def _of_one(node: exp.Expr) -> _Turned:
    """Spark's greatest and least want two values."""
    return None if node.expressions else node.this


def _instant(node: exp.Expr) -> _Turned:
    """Name the type of an instant in full: a plain timestamp has no zone in our sessions."""
    return exp.DataType.build("timestampltz") if node.is_type("timestamptz") else None


def _named(node: exp.Expr) -> _Turned:
    """Functions that sqlglot knows only by their name."""
    turn = _BY_NAME.get(node.name.lower())
    return turn(node.expressions) if turn else None


def _hash(values: list[exp.Expr]) -> exp.Expr:
    """Spark's ``hash`` has 32 bits only."""
    return exp.Anonymous(this="xxhash64", expressions=values)


def _timezone(values: list[exp.Expr]) -> exp.Expr:
    """Read an instant off the session's clock, which is UTC, and go from there."""
    zone, instant = values
    utc = exp.cast(instant, "timestampntz")
    return exp.Anonymous(
        this="convert_timezone", expressions=[exp.Literal.string("UTC"), zone, utc]
    )


def _instant_of(values: list[exp.Expr]) -> exp.Expr:
    """Return what clocks of UTC showed when those of a zone showed this."""
    zone, wall = values
    utc = exp.Literal.string("UTC")
    return exp.Anonymous(this="convert_timezone", expressions=[zone, utc, wall])


_BY_NAME = {"hash": _hash, "timezone": _timezone, "instant_of": _instant_of}

_TURNS: dict[type[exp.Expr], Callable[[exp.Expr], _Turned]] = {
    exp.DataType: _instant,
    exp.RegexpFullMatch: _full_match,
    exp.RegexpReplace: _replaced,
    exp.Like: _bytes_apart,
    exp.TryCast: _try_cast,
    exp.Greatest: _of_one,
    exp.Least: _of_one,
    exp.Anonymous: _named,
}


_MOMENT = re.compile(r"timestamp '([\d:. -]+)'")
_PLACE = re.compile(r"CAST\('moment (\d+)' AS TIMESTAMP_NTZ\)")


def spark_sql(query: str) -> str:
    """Return a query of the pipeline in Spark's dialect."""
    # The next run asks the same of other moments: they are put into what is translated already.
    moments = list(dict.fromkeys(_MOMENT.findall(query)))
    places = {moment: f"timestamp 'moment {place}'" for place, moment in enumerate(moments)}
    translated = _translated(_MOMENT.sub(lambda found: places[found[1]], query))
    return _PLACE.sub(
        lambda found: f"CAST('{moments[int(found[1])]}' AS TIMESTAMP_NTZ)", translated
    )


@lru_cache(maxsize=256)
def _translated(query: str) -> str:
    tree = parse_one(query, read="duckdb")
    # From the leaves up: what is replaced may stand inside something else that is replaced.
    for node in reversed(list(tree.walk())):
        turned = _turned(node)
        if turned is not None:
            node.replace(turned)
    for select in list(tree.find_all(exp.Select)):
        _unnest_apart(select)
    # The tree is ours alone: writing it may change it, and a copy would cost as much as writing.
    return tree.sql("spark", comments=False, copy=False)


def spark_literal(text: str) -> str:
    """Return a text as Spark writes it."""
    return exp.Literal.string(text).sql("spark")


def _turned(node: exp.Expr) -> _Turned:
    turn = _TURNS.get(type(node))
    return turn(node) if turn else None


def _unnest_apart(select: exp.Select) -> None:
    """Move an unnested column beside the source: Spark has none inside an expression."""
    for number, unnest in enumerate(list(_unnests_of(select))):
        name = f"unnested_{number}"
        select.append(
            "laterals",
            exp.Lateral(
                this=exp.Explode(this=unnest.expressions[0] if unnest.expressions else unnest.this),
                view=True,
                alias=exp.TableAlias(
                    this=exp.to_identifier(f"{name}_of"), columns=[exp.to_identifier(name)]
                ),
            ),
        )
        unnest.replace(exp.column(name))


def _unnests_of(select: exp.Select) -> list[exp.Expr]:
    return [
        node
        for column in select.expressions
        for node in column.find_all(exp.Unnest, exp.Explode)
        if node.find_ancestor(exp.Select) is select
    ]
