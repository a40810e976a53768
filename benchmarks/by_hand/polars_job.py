"""The five Douyin rules as a careful polars user judges by them; the same job as pandas_job.py.

``python polars_job.py AS_OF FILE...``
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl
from common import ALL, DAMAGED_ID, given, show
from polars_reading import scan
from polars_rules import count, verdicts


def newest(paths: Sequence[Path], as_of: datetime) -> tuple[pl.DataFrame, dict[str, int]]:
    """Return the verdicts on the newest state of each line, and where the rows went."""
    line = pl.col("line")
    damaged = line.is_null() | line.str.contains(f"^{DAMAGED_ID}$")
    later = (pl.col("created") > as_of).fill_null(value=False)
    reports = [
        verdicts(scan(path, ALL), as_of, line=line, bad=damaged | pl.col("unreadable"), later=later)
        for path in paths
    ]
    rows = pl.concat(reports).collect()
    readable = rows.filter(~pl.col("bad"))
    newest = readable.unique("line", keep="last")
    lines = newest.filter(~pl.col("later"))
    accounting = {
        "rows_read": rows.height,
        "lines": lines.height,
        "quarantined": rows.height - readable.height,
        "superseded": readable.height - newest.height,
        "later": newest.height - lines.height,
    }
    return lines, accounting


def main() -> None:
    """Read the command line, print the answer."""
    text, paths = given()
    lines, accounting = newest(paths, datetime.fromisoformat(text))
    show(count(lines), accounting)


if __name__ == "__main__":
    main()
