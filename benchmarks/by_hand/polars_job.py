"""The five Douyin rules as a careful polars user writes them; the same job as pandas_job.py.

``python polars_job.py AS_OF FILE...``
"""

import json
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

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
SHORT = ["缺货", "无货", "断货", "没货"]
REFUNDED = ["退款成功", "已全额退款", "同意退款，退款成功"]
HOUR = timedelta(hours=1)
DAMAGED_ID = r"^[\d.]+[eE]\+?\d+$"


def read(path: Path) -> pl.LazyFrame:
    """Read one report, and mark the lines that cannot be read."""
    cells = pl.col(*COLUMNS).str.strip_chars()
    times = {
        name: pl.col(name).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False) for name in TIMES
    }
    bad = pl.any_horizontal(
        pl.col("line").is_null(),
        pl.col("line").str.contains(DAMAGED_ID),
        *(pl.col(name).is_not_null() & time.is_null() for name, time in times.items()),
    )
    return (
        pl.scan_csv(path, infer_schema=False)
        .select(pl.when(~cells.is_in(["-", ""])).then(cells).name.keep())
        .rename(COLUMNS)
        .with_columns(bad=bad, **times)
    )


def exported(path: Path) -> int:
    """Read the moment of the export from the file's name."""
    return int(path.name.partition("_")[0])


def newest(paths: Sequence[Path], as_of: datetime) -> tuple[pl.DataFrame, dict[str, int]]:
    """Return the newest state of each line as of the moment, and where the rows went."""
    rows = pl.concat([read(path) for path in sorted(paths, key=exported)]).collect()
    readable = rows.filter(~pl.col("bad"))
    newest = readable.unique("line", keep="last")
    lines = newest.filter(~(pl.col("created") > as_of).fill_null(value=False))
    accounting = {
        "rows_read": rows.height,
        "lines": lines.height,
        "quarantined": rows.height - readable.height,
        "superseded": readable.height - newest.height,
        "later": newest.height - lines.height,
    }
    happened = pl.col("paid", "shipped")
    return lines.with_columns(pl.when(happened <= as_of).then(happened).name.keep()), accounting


def judge(lines: pl.DataFrame, as_of: datetime) -> dict[str, dict[str, int]]:
    """Count the hits and findings of each rule."""
    due = pl.coalesce("promised", pl.col("paid") + 48 * HOUR)
    ended = pl.coalesce("shipped", pl.lit(as_of))
    running = pl.col("paid").is_not_null() & (pl.col("status") != "已关闭")
    unshipped = running & pl.col("shipped").is_null()
    says_short = pl.any_horizontal(
        pl.col(name).str.contains_any(SHORT).fill_null(value=False)
        for name in ("reason", "note", "after_sale")
    )
    refunded = pl.col("after_sale").is_in(REFUNDED).fill_null(value=False)
    lines = lines.select(
        "product",
        overdue=unshipped & (due < as_of),
        soon=unshipped & due.is_between(as_of, as_of + 24 * HOUR),
        late=running & (ended > due),
        strikes=pl.sum_horizontal(
            running & (ended > due),
            running & (ended >= due + 24 * HOUR),
            running & (ended >= due + 48 * HOUR),
        ),
        short=unshipped & says_short & ~refunded,
    )
    late, short = lines.filter("late"), lines.filter("short")
    by_product = {
        name: hits.drop_nulls("product")["product"].value_counts()["count"]
        for name, hits in (("late", late), ("short", short))
    }
    shop = pl.Series([short.height])
    strikes = lines["strikes"]
    return {
        "DY100": result(lines["overdue"], lines["overdue"], lines["soon"]),
        "DY101": result(lines["late"], by_product["late"] >= 3, by_product["late"] == 2),
        "DY102": result(strikes >= 1, strikes == 3, strikes == 2),
        "DY201": result(
            lines["short"], by_product["short"] > 10, by_product["short"].is_between(8, 10)
        ),
        "DY202": result(lines["short"], shop > 10, shop.is_between(8, 10)),
    }


def result(hits: pl.Series, breached: pl.Series, near: pl.Series) -> dict[str, int]:
    """Count a rule's hits and findings."""
    return {"hits": int(hits.sum()), "breached": int(breached.sum()), "near": int(near.sum())}


def main() -> None:
    """Read the command line, print the answer."""
    as_of = datetime.fromisoformat(sys.argv[1])
    lines, accounting = newest([Path(name) for name in sys.argv[2:]], as_of)
    print(json.dumps({"accounting": accounting, "rules": judge(lines, as_of)}))


if __name__ == "__main__":
    main()
