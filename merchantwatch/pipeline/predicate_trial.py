"""A trial run of predicates on lines of extreme values, before any file is read."""

from collections.abc import Callable, Sequence
from typing import Any

from merchantwatch.engines import open_engine
from merchantwatch.errors import UsageError
from merchantwatch.fields import FIELDS, Kind
from merchantwatch.pipeline.rendering import literal
from merchantwatch.rules import BoundRule

_TEXTS = ("", " ", "0", "%_\\'\"", "中文\x7f" * 100, "2026-02-30 00:00:00")
# The bounds of valid times, and years around today, in which rules have their versions.
_YEARS = (1900, *range(2015, 2035), 2099)
_TIMES = tuple(f"{year}-{day}" for year in _YEARS for day in ("01-01 00:00:00", "12-31 23:59:59"))
_MONEY = ("-999999999999.99", "999999999999.99", "0.00")
_NUMBERS = ("-999999999999", "999999999999", "0")

_EXTREMES = {
    Kind.ID: _TEXTS,
    Kind.TEXT: _TEXTS,
    Kind.WORD: _TEXTS,
    Kind.TIME: _TIMES,
    Kind.MONEY: _MONEY,
    Kind.NUMBER: _NUMBERS,
    Kind.FLAG: ("true", "false"),
}
"""The most extreme values of a field that reading lets through; null is tried besides."""

_LINES = 100
"""How many lines there are: enough for most extremes of two fields to meet."""


def try_predicates(rules: Sequence[BoundRule]) -> None:
    """Run every predicate on lines of extreme values, and on a line of nulls.

    Types have been compared before; this shows that the database accepts each predicate, too, so
    that none fails in the middle of a run. Raises UsageError, which names file, rule and field.
    """
    engine = open_engine("duckdb", "1GB", 1)
    try:
        engine.create("extremes", _lines())
        _run(rules, engine.table)
    finally:
        engine.close()


def _run(rules: Sequence[BoundRule], table: Callable[[str], Any]) -> None:
    for bound in rules:
        expressions = [*bound.sql.items(), *(("penalty", when) for when in bound.tiers)]
        if bound.penalty:
            expressions.append(("penalty", bound.penalty))
        for field, sql in expressions:
            try:
                # Fetched, not only planned: some errors appear only with values.
                table(f"select {sql} as found from extremes").column("found").to_pylist()
            except Exception as error:  # noqa: BLE001  each engine raises other errors
                reason = str(error).splitlines()[0]
                raise UsageError(
                    f"{bound.file}: {bound.code}, {field}: {reason}",
                    f"{bound.file}：规则 {bound.code} 的 {field} 有误：{reason}",
                ) from None


def _lines() -> str:
    """Return the query of the test lines: one of nulls, the others of extreme values."""
    # A hash takes the place of a random number, so that the lines are the same each time.
    cells = (_cell(name, (None, *_EXTREMES[field.kind])) for name, field in FIELDS.items())
    return f"select {', '.join(cells)} from range({_LINES} + 1) as lines(line)"


def _cell(name: str, values: Sequence[str | None]) -> str:
    """Return the SQL of a field's cell: one of ``values``, of which the first is for line 0."""
    drawn = f"md5_number_lower(concat(line, '{name}')) % {len(values)}"
    place = f"if(line = 0, 1, 1 + cast({drawn} as bigint))"
    chosen = f"[{', '.join(map(literal, values))}][{place}]"
    return f"cast({chosen} as {FIELDS[name].kind.sql_type}) as {name}"
