"""Facts about a source's cells on Spark, by the same patterns, counted on the executors."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from merchantwatch.engines.spark.session import only_row
from merchantwatch.reading import Profile, Wanted, amounts, moments

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


_ORDERS = ("dmy", "mdy")


def examine(frame: "DataFrame", wanted: Wanted, profile: Profile) -> None:
    """Collect the facts that all cells of a source's relation show together."""
    texts = {name for name, kind in frame.dtypes if kind == "string"}
    counts = [
        (i, kind, of, column)
        for i, cells in wanted.columns.items()
        if f"c{i}" in texts
        for kind, of, column in _counts(f"c{i}", cells.content, profile)
    ]
    if not counts:
        return
    # One job for all columns: each job would read the source once more.
    row = only_row(frame.agg(*(one[-1].alias(f"v{n}") for n, one in enumerate(counts))))
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
) -> Iterator[tuple[str, tuple[str, ...], Any]]:
    """Yield the counts to compute for a column: the kind of fact, which one, and the count."""
    from pyspark.sql import functions as F  # noqa: N812

    small = F.lower(F.col(name))
    if content == "moments":
        yield "nothing", (), F.count_if(_fits(small, profile.nothing))
        for shape in moments.shapes().values():
            fitting = _fits(small, shape.pattern)
            yield "shape", (shape.name,), F.count_if(fitting)
            if shape.order:
                yield "date", (shape.order, ""), F.count_if(fitting)
                for order in _ORDERS:
                    shown = fitting & _fits(small, moments.shown(order))
                    yield "date", (shape.order, order), F.count_if(shown)
    elif content == "currencies":
        yield "currency", (".+",), F.count(name)
    elif content == "amounts":
        yield "currency", (amounts.amount(),), F.count_if(small.rlike(r"[^0-9.,+-]"))
        number = F.regexp_replace(small, rf"^(?:{amounts.amount()})$", "$4")
        point, comma = (_fits(number, amounts.number(s)) for s in (amounts.POINT, amounts.COMMA))
        yield "amount", (amounts.POINT,), F.count_if(point & ~comma)
        yield "amount", (amounts.COMMA,), F.count_if(comma & ~point & small.contains(","))


def _currencies(frame: "DataFrame", index: int, pattern: str) -> dict[str, int]:
    """Return how often each currency is named in the cells of a column that a pattern fits."""
    from pyspark.sql import functions as F  # noqa: N812

    cell = F.lower(F.col(f"c{index}"))
    named = F.regexp_replace(cell, rf"^(?:{amounts.amount()})$", "$2$5").alias("named")
    found = frame.where(_fits(cell, pattern)).groupBy(named).count().collect()
    counted = Counter[str]()
    for word, n in found:
        # A cell that the pattern does not fit keeps its digits: it names no currency.
        if not any(sign.isdigit() for sign in word):
            counted[amounts.currency_of(word)] += n
    return counted


def _words(frame: "DataFrame", index: int, nothing: str) -> dict[tuple[int, str], int]:
    """Return how often each word for nothing stands in a column."""
    from pyspark.sql import functions as F  # noqa: N812

    found = frame.where(_fits(F.lower(F.col(f"c{index}")), nothing)).groupBy(f"c{index}").count()
    return {(index, row[0]): row[1] for row in found.collect()}


def _fits(text: Any, pattern: str) -> Any:
    return text.rlike(rf"\A(?:{pattern})\z")
