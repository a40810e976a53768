"""Douyin order reports as a pandas user reads them."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import pandas as pd
from common import SHOP, TIMES, is_parquet

READER: Literal["c", "pyarrow"] = "pyarrow" if "PANDAS_BY_PYARROW" in os.environ else "c"
"""How pandas reads CSV: by its own reader, which is its default, or the faster one."""


def read(path: Path, columns: Mapping[str, str]) -> tuple[pd.DataFrame, "pd.Series[bool]"]:
    """Read columns of a report; return its lines, and which of them have an unreadable time."""
    lines = _read_parquet(path, columns) if is_parquet(path) else _read_csv(path, columns)
    unreadable = pd.Series(data=False, index=lines.index)
    for name in set(TIMES).intersection(lines):
        if lines[name].dtype == "str":
            text = lines[name].str.strip()
            times = pd.to_datetime(text, format="%Y-%m-%d %H:%M:%S", errors="coerce")
            unreadable |= text.notna() & times.isna()
            lines[name] = times
    return lines, unreadable


def _read_csv(path: Path, columns: Mapping[str, str]) -> pd.DataFrame:
    headers = pd.read_csv(path, nrows=0, encoding="utf-8-sig").columns
    names = _with_shop(columns, headers)
    lines = pd.read_csv(
        path,
        usecols=list(names),
        dtype=str,
        encoding="utf-8-sig",
        na_values=["-", "", "\t-"],
        keep_default_na=False,
        engine=READER,
    ).rename(columns=names)
    for name in {"line", "product"}.intersection(lines):
        lines[name] = lines[name].str.strip()
    return lines


def _read_parquet(path: Path, columns: Mapping[str, str]) -> pd.DataFrame:
    from pyarrow import parquet

    names = _with_shop(columns, parquet.read_schema(path).names)
    lines: pd.DataFrame = pd.read_parquet(path, columns=list(names))
    return lines.rename(columns=names)


def _with_shop(columns: Mapping[str, str], headers: Iterable[str]) -> dict[str, str]:
    return {**columns, **{header: name for header, name in SHOP.items() if header in headers}}
