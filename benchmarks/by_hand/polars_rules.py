"""The five Douyin rules as a polars user writes them."""

from datetime import datetime, timedelta

import polars as pl
from common import CLOSED, REFUNDED, SHORT

HOUR = timedelta(hours=1)


def verdicts(lines: pl.LazyFrame, as_of: datetime, **beside: pl.Expr) -> pl.LazyFrame:
    """Add what each rule says of each line, and keep the columns ``beside``.

    What happened after as-of has not happened.
    """
    paid, shipped = (_happened(name, as_of) for name in ("paid", "shipped"))
    due = pl.coalesce("promised", paid + 48 * HOUR)
    ended = pl.coalesce(shipped, pl.lit(as_of))
    running = paid.is_not_null() & (pl.col("status") != CLOSED)
    unshipped = running & shipped.is_null()
    refunded = pl.col("after_sale").is_in(REFUNDED).fill_null(value=False)
    waiting, owed = unshipped & ~refunded, running & ~refunded
    marked_short = pl.any_horizontal(
        pl.col(name).str.contains_any(list(SHORT)).fill_null(value=False)
        for name in ("reason", "note", "after_sale")
    )
    return lines.select(
        pl.col("^shop|product$"),
        overdue=waiting & (due < as_of),
        soon=waiting & due.is_between(as_of, as_of + 24 * HOUR),
        late=running & (ended > due),
        strikes=pl.sum_horizontal(
            owed & (ended > due),
            owed & (ended >= due + 24 * HOUR),
            owed & (ended >= due + 48 * HOUR),
        ),
        short=waiting & marked_short,
        **beside,
    )


def _happened(name: str, as_of: datetime) -> pl.Expr:
    return pl.when(pl.col(name) <= as_of).then(name)


def count(lines: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Count the hits and findings of each rule, from its verdicts."""
    shop = [name for name in ("shop",) if name in lines.columns]
    late, short = lines.filter("late"), lines.filter("short")
    late_by_product, short_by_product = (
        hits.drop_nulls("product").group_by(*shop, "product").len()["len"] for hits in (late, short)
    )
    short_by_shop = short.group_by(shop).len()["len"] if shop else pl.Series([short.height])
    strikes = lines["strikes"]
    return {
        "DY100": _result(lines["overdue"], lines["overdue"], lines["soon"]),
        "DY101": _result(lines["late"], late_by_product >= 3, late_by_product == 2),
        "DY102": _result(strikes >= 1, strikes == 3, strikes == 2),
        "DY201": _result(lines["short"], short_by_product > 10, short_by_product.is_between(8, 10)),
        "DY202": _result(lines["short"], short_by_shop > 10, short_by_shop.is_between(8, 10)),
    }


def _result(hits: pl.Series, breached: pl.Series, near: pl.Series) -> dict[str, int]:
    """Count a rule's hits and findings."""
    return {"hits": int(hits.sum()), "breached": int(breached.sum()), "near": int(near.sum())}
