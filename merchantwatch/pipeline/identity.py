"""Queries of which rows are one line: by its id, else by order, product, SKU and occurrence."""

from collections.abc import Collection, Sequence

from merchantwatch.engines import ROW_STRIDE
from merchantwatch.pipeline.carried import needs_identity
from merchantwatch.pipeline.hash_ranges import HashRange
from merchantwatch.pipeline.rendering import HASH, render_sql
from merchantwatch.reading import Export

TWINS = "twins"
"""The table of rows that share their id with another row of their export."""

TWIN_COLUMNS = (
    *("source", "source_row", "line_hash", "line_check"),
    *("line_id", "order_id", "product_id", "created_at"),
)

CONFLICTS, CONTESTED = "conflicts", "contested"
"""The tables of twins that are not one line, and so not understood; and of those counted so."""


def numbered(exports: Sequence[Export]) -> list[int]:
    """Return the numbers of the exports without line ids, whose lines get running numbers."""
    return [export.number for export in exports if needs_identity(export)]


def named(sources: Sequence[int], row_fields: Collection[str]) -> str:
    """Return the query that names the lines of orders with several lines.

    ``row_fields`` are the fields of a row. Where the product has no id, its name identifies it.
    """
    products = [name for name in ("product_id", "product_name") if name in row_fields]
    return render_sql(
        "5_named",
        sources=_listed(sources),
        # A product without id and name still is one: lines of equal "" are counted together.
        product=f"coalesce({', '.join([*products, repr('')])})",
        sku="coalesce(sku, '')" if "sku" in row_fields else "''",
    )


def equal_rows(fields: Sequence[str]) -> str:
    """Return the query that counts named lines equal to another of their export in these fields."""
    return render_sql("equal_rows", fields=[name for name in fields if name != "line_id"])


REPEATED = {"line_hash": HASH, "twice": "boolean"}
"""The columns of ``repeated``, and their types."""


def hashes(sources: Sequence[int], bounds: HashRange) -> str:
    """Return the query of the hashes of all rows that were understood."""
    return render_sql("line_hashes", numbered=bool(sources), bounds=bounds, conflicts=False)


def repeated(sources: Sequence[int], bounds: HashRange, among: str = "") -> str:
    """Return the query of the hashes that several rows have; of those in ``among``, if given."""
    given = {"numbered": bool(sources), "bounds": bounds, "among": among}
    return render_sql("6_repeated", conflicts=False, **given)


def cross_line_twice(bounds: HashRange) -> str:
    """Return the query of the hashes that some export has several times, by the first reading."""
    return render_sql("cross_line_twice", bounds=bounds)


def superseded(sources: Sequence[int], bounds: HashRange, *, conflicts: bool) -> str:
    """Return the query of the rows that newer ones have replaced."""
    given = {"numbered": bool(sources), "bounds": bounds, "conflicts": conflicts}
    return render_sql("6_superseded", row_stride=ROW_STRIDE, **given)


def twins(rows: str) -> str:
    """Return the query of an export's rows whose id occurs in it several times."""
    return render_sql("6_twins", rows=rows)


def conflicts(sources: Sequence[int]) -> str:
    """Return the query of the rows that share an id, but are not one line."""
    return render_sql("6_conflicts", twins=TWINS, sources=_listed(sources) or "-1")


def contested() -> str:
    """Return the query of conflicts among the twins of which every column was understood."""
    return render_sql("6_conflicts", twins=render_sql("6_understood"), sources="")


def _listed(sources: Sequence[int]) -> str:
    return ", ".join(map(str, sources))
