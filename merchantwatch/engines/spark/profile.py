"""Facts about a source's cells on Spark, by the same patterns, counted on the executors."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from merchantwatch.engines.spark.session import only_row
from merchantwatch.engines.spark.sql import spark_literal
from merchantwatch.reading import Profile, Wanted, amounts, moments

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


_ORDERS = ("dmy", "mdy")


def examine(frame: "DataFrame", wanted: Wanted, profile: Profile) -> None:
    """Collect the facts that all cells of a source's relation show together."""
    texts = {name for name, kind in frame.dtypes if kind == "string"}
    counts = [
        (i, kind, of, count)
        for i, cells in wanted.columns.items()
        if f"c{i}" in texts
        for kind, of, count in _counts(f"c{i}", cells.content, profile)
    ]
    if not counts:
        return
    # One job for all columns: each job would read the source once more. As text, since a column
    # object takes a call to the JVM for each part of an expression.
    row = only_row(frame.selectExpr(*(f"{one[-1]} as v{n}" for n, one in enumerate(counts))))
    for (index, kind, of, _), n in zip(counts, row, strict=True):
        if not n:
            continue
        if kind == "shape":
            profile.shapes.add((index, of[0]))
        elif kind == "date":
            profile.dates[index, of[0], of[1]] += n
        elif kind == "amount":
            profile.amounts[index, of[0]] += n
        elif kind == "currency":
            profile.currencies.update(_currencies(frame, index, of[0]))
        else:
            profile.emptied.update(_words(frame, index, profile.nothing))


def _counts(
    name: str, content: str, profile: Profile
) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield the counts to compute for a column: the kind of fact, which one, and the count."""
    small = f"lower({name})"
    if content == "moments":
        yield "nothing", (), _count_if(_fits(small, profile.nothing))
        for shape in moments.shapes().values():
            fitting = _fits(small, shape.pattern)
            yield "shape", (shape.name,), _count_if(fitting)
            if shape.order:
                yield "date", (shape.order, ""), _count_if(fitting)
                for order in _ORDERS:
                    shown = f"{fitting} and {_fits(small, moments.shown(order))}"
                    yield "date", (shape.order, order), _count_if(shown)
    elif content == "currencies":
        yield "currency", (".+",), f"count({name})"
    elif content == "amounts":
        whole = spark_literal(rf"^(?:{amounts.amount()})$")
        yield "currency", (amounts.amount(),), _count_if(f"{small} rlike '[^0-9.,+-]'")
        number = f"regexp_replace({small}, {whole}, '$4')"
        point, comma = (_fits(number, amounts.number(s)) for s in (amounts.POINT, amounts.COMMA))
        yield "amount", (amounts.POINT,), _count_if(f"{point} and not {comma}")
        named = f"{comma} and not {point} and contains({small}, ',')"
        yield "amount", (amounts.COMMA,), _count_if(named)


def _count_if(test: str) -> str:
    return f"count_if({test})"


def _currencies(frame: "DataFrame", index: int, pattern: str) -> dict[str, int]:
    """Return how often each currency is named in the cells of a column that a pattern fits."""
    cell, whole = f"lower(c{index})", spark_literal(rf"^(?:{amounts.amount()})$")
    named = f"regexp_replace({cell}, {whole}, '$2$5') as named"
    found = frame.where(_fits(cell, pattern)).selectExpr(named).groupBy("named").count().collect()
    counted = Counter[str]()
    for word, n in found:
        # A cell that the pattern does not fit keeps its digits: it names no currency.
        if not any(sign.isdigit() for sign in word):
            counted[amounts.currency_of(word)] += n
    return counted


def _words(frame: "DataFrame", index: int, nothing: str) -> dict[tuple[int, str], int]:
    """Return how often each word for nothing stands in a column."""
    found = frame.where(_fits(f"lower(c{index})", nothing)).groupBy(f"c{index}").count()
    return {(index, row[0]): row[1] for row in found.collect()}


def _fits(text: str, pattern: str) -> str:
    whole = spark_literal(rf"\A(?:{pattern})\z")
    return f"{text} rlike {whole}"
