"""merchantwatch: which platform rules a merchant's orders break or are about to break.

import merchantwatch as mw

report = mw.scan("orders.csv", as_of="2026-11-21")
report.findings          # pandas DataFrame, one row per finding
report.hits("DY101")     # the lines behind it
report.write("risk.html")
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeAlias

from merchantwatch.errors import (
    IncompleteWarning,
    InputError,
    MerchantwatchError,
    OutputError,
    UsageError,
)

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from pyspark.sql import DataFrame as SparkFrame

    from merchantwatch.report import Report

    Input: TypeAlias = str | PathLike[str] | pd.DataFrame | pa.Table | SparkFrame

__all__ = [
    "IncompleteWarning",
    "InputError",
    "MerchantwatchError",
    "OutputError",
    "Report",
    "UsageError",
    "__version__",
    "scan",
]

__version__ = "0.1.0"


def scan(
    inputs: "Input | Iterable[Input]",
    *,
    words: Mapping[str, Mapping[str, str]] | None = None,
    # What follows is written by docs/make_options.py from settings.py.
    # options
    as_of: str | datetime | None = None,
    tz: str | None = None,
    map: Mapping[str, str] | None = None,
    select: Sequence[str] | str | None = None,
    ignore: Sequence[str] | str | None = None,
    pack: "Sequence[str | PathLike[str]] | str | PathLike[str] | None" = None,
    exemptions: "str | PathLike[str] | None" = None,
    shop: str | None = None,
    platform: str | None = None,
    max_bad_rows: str | int | None = None,
    config: "str | PathLike[str] | None" = None,
    lang: str | None = None,
    engine: str | None = None,
    memory: str | None = None,
    threads: int | None = None,
    ignore_file: "str | PathLike[str] | None" = None,
    # end of options
) -> "Report":
    """Scan exports and return the report.

    ``inputs`` is a path (file, folder or glob), a pandas DataFrame, a pyarrow Table, a Spark
    DataFrame (which Spark then judges where it lies), or several of them in a list or an iterator.
    ``as_of`` is the moment to judge at, by default now in ``tz``; ``map`` is field → column for
    exports that no format recognises, ``words`` maps their status words, as in
    ``{"status": {"delivered": "completed"}}``.
    The other options are those of the command line, and what is not given comes from the
    environment and the nearest ``merchantwatch.toml``.

    Raises UsageError for wrong options and InputError when nothing could be read. Warns with an
    IncompleteWarning of an input that failed among others (``results.failed``), and of more rows
    that could not be understood than ``max_bad_rows`` (a number, or a share like "5%").
    """
    given = {**locals()}
    from merchantwatch.report import scanned

    return scanned(given)


def __getattr__(name: str) -> Any:
    if name == "Report":
        from merchantwatch.report import Report

        return Report
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
