"""The five Douyin rules as a careful pandas user judges by them. See ../README.md.

``python pandas_job.py AS_OF FILE...`` reads Douyin order reports and prints what was read and, for
each rule, how many lines it hits and how many findings are breached or near.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from common import ALL, DAMAGED_ID, given, show
from pandas_reading import read
from pandas_rules import judge


def newest(paths: Sequence[Path], as_of: pd.Timestamp) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the newest state of each line as of the moment, and where the rows went."""
    reports = [_readable(path) for path in paths]
    rows = pd.concat([lines for lines, _ in reports], ignore_index=True)
    quarantined = sum(bad for _, bad in reports)
    lines = rows.drop_duplicates("line", keep="last")
    superseded = len(rows) - len(lines)
    later = lines["created"] > as_of
    lines = lines[~later].copy()
    for name in ["paid", "shipped"]:
        lines[name] = lines[name].where(lines[name] <= as_of)
    accounting = {
        "rows_read": len(rows) + quarantined,
        "lines": len(lines),
        "quarantined": quarantined,
        "superseded": superseded,
        "later": int(later.sum()),
    }
    return lines, accounting


def _readable(path: Path) -> tuple[pd.DataFrame, int]:
    """Read one report; return its readable lines and the number of unreadable ones."""
    lines, bad = read(path, ALL)
    bad |= lines["line"].isna() | lines["line"].str.fullmatch(DAMAGED_ID, na=True)
    return lines[~bad], int(bad.sum())


def main() -> None:
    """Read the command line, print the answer."""
    text, paths = given()
    as_of = pd.Timestamp(text)
    lines, accounting = newest(paths, as_of)
    show(judge(lines, as_of), accounting)


if __name__ == "__main__":
    main()
