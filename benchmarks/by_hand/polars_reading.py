"""Douyin order reports as a polars user reads them."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl
from common import SHOP, TIMES, is_parquet


def scan(path: Path, columns: Mapping[str, str]) -> pl.LazyFrame:
    """Scan columns of a report; ``unreadable`` marks lines that have an unreadable time."""
    rows = pl.scan_parquet(path) if is_parquet(path) else pl.scan_csv(path, infer_schema=False)
    schema = rows.collect_schema()
    names = {**columns, **{header: name for header, name in SHOP.items() if header in schema}}
    texts = [header for header in names if schema[header] == pl.String]
    cells = pl.col(*texts).str.strip_chars()
    rows = rows.select(
        pl.when(~cells.is_in(["-", ""])).then(cells).name.keep(), *set(names).difference(texts)
    ).rename(names)
    times = {
        name: pl.col(name).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
        for header, name in names.items()
        if name in TIMES and header in texts
    }
    unreadable = [pl.col(name).is_not_null() & time.is_null() for name, time in times.items()]
    return rows.with_columns(
        unreadable=pl.any_horizontal(unreadable) if unreadable else pl.lit(value=False), **times
    )
