"""The five Douyin rules as a careful pandas user writes them.

``python pandas_job.py AS_OF FILE...`` reads Douyin order reports and prints what was read and, for
each rule, how many lines it hits and how many findings are breached or near. See ../README.md.
"""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

# Which reader pandas uses: "pyarrow", the faster, or "c", the one it takes when nobody says.
READER = os.environ.get("PANDAS_READER", "pyarrow")

COLUMNS = {
    "子订单编号": "line",
    "商品ID": "product",
    "订单状态": "status",
    "售后状态": "after_sale",
    "取消原因": "reason",
    "商家备注": "note",
    "订单提交时间": "created",
    "支付完成时间": "paid",
    "承诺发货时间": "promised",
    "发货时间": "shipped",
}
TIMES = ["created", "paid", "promised", "shipped"]
SHORT = "缺货|无货|断货|没货"
REFUNDED = ["退款成功", "已全额退款", "同意退款，退款成功"]
HOURS = pd.Timedelta(hours=1)


def read(path: Path) -> tuple[pd.DataFrame, int]:
    """Read one report; return its readable lines and the number of unreadable ones."""
    lines = pd.read_csv(
        path,
        usecols=list(COLUMNS),
        dtype=str,
        encoding="utf-8-sig",
        na_values=["-", "", "\t-"],
        keep_default_na=False,
        engine=READER,
    ).rename(columns=COLUMNS)
    for name in ["line", "product"]:
        lines[name] = lines[name].str.strip()
    bad = lines["line"].isna() | lines["line"].str.fullmatch(r"[\d.]+[eE]\+?\d+", na=True)
    for name in TIMES:
        times = pd.to_datetime(lines[name].str.strip(), format="%Y-%m-%d %H:%M:%S", errors="coerce")
        bad |= lines[name].notna() & times.isna()
        lines[name] = times
    return lines[~bad], int(bad.sum())


def exported(path: Path) -> int:
    """Read the moment of the export from the file's name."""
    return int(path.name.partition("_")[0])


def newest(paths: Sequence[Path], as_of: pd.Timestamp) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the newest state of each line as of the moment, and where the rows went."""
    reports = [read(path) for path in sorted(paths, key=exported)]
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


def judge(lines: pd.DataFrame, as_of: pd.Timestamp) -> dict[str, dict[str, int]]:
    """Count the hits and findings of each rule."""
    due = lines["promised"].fillna(lines["paid"] + 48 * HOURS)
    running = lines["paid"].notna() & (lines["status"] != "已关闭")
    unshipped = running & lines["shipped"].isna()
    ended = lines["shipped"].fillna(as_of)

    overdue = unshipped & (as_of > due)
    soon = unshipped & (due >= as_of) & (due <= as_of + 24 * HOURS)

    late = running & (ended > due)
    late_by_product = lines.loc[late, "product"].value_counts()

    strikes = (
        late.astype("int8")
        + (running & (ended >= due + 24 * HOURS))
        + (running & (ended >= due + 48 * HOURS))
    )

    words = [lines[name].str.contains(SHORT, na=False) for name in ("reason", "note", "after_sale")]
    short = unshipped & (words[0] | words[1] | words[2]) & ~lines["after_sale"].isin(REFUNDED)
    short_by_product = lines.loc[short, "product"].value_counts()
    short_in_shop = pd.Series([short.sum()])

    return {
        "DY100": result(overdue, overdue, soon),
        "DY101": result(late, late_by_product >= 3, late_by_product == 2),
        "DY102": result(strikes >= 1, strikes == 3, strikes == 2),
        "DY201": result(short, short_by_product > 10, short_by_product.between(8, 10)),
        "DY202": result(short, short_in_shop > 10, short_in_shop.between(8, 10)),
    }


def result(
    hits: "pd.Series[bool]", breached: "pd.Series[bool]", near: "pd.Series[bool]"
) -> dict[str, int]:
    """Count a rule's hits and findings."""
    return {"hits": int(hits.sum()), "breached": int(breached.sum()), "near": int(near.sum())}


def main() -> None:
    """Read the command line, print the answer."""
    as_of = pd.Timestamp(sys.argv[1])
    lines, accounting = newest([Path(name) for name in sys.argv[2:]], as_of)
    print(json.dumps({"accounting": accounting, "rules": judge(lines, as_of)}))


if __name__ == "__main__":
    main()
