"""What the jobs by hand share: their columns, their words, their command line, how they answer."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

SHOP = {"店铺名称": "shop"}
"""Read where an export names its shops."""

JUDGED = {
    "商品ID": "product",
    "订单状态": "status",
    "售后状态": "after_sale",
    "取消原因": "reason",
    "商家备注": "note",
    "支付完成时间": "paid",
    "承诺发货时间": "promised",
    "发货时间": "shipped",
}
"""The columns that the five rules need, and what they are called here."""

ALL = {"子订单编号": "line", **JUDGED, "订单提交时间": "created"}
"""The same, with those by which rows are set aside."""

TIMES = ("created", "paid", "promised", "shipped")
CLOSED = "已关闭"
SHORT = ("缺货", "无货", "断货", "没货")
REFUNDED = ("退款成功", "已全额退款", "同意退款，退款成功")
DAMAGED_ID = r"[\d.]+[eE]\+?\d+"
"""What is left of an id that a spreadsheet took for a number."""


def given() -> tuple[str, list[Path]]:
    """Read the command line, ``AS_OF FILE...``: return as-of and the files, oldest export first."""
    as_of, *files = sys.argv[1:]
    return as_of, _by_age(map(Path, files))


def given_joined() -> tuple[str, list[Path], dict[str, Path]]:
    """Read the same: return as-of, the exports of orders, and those beside them by their names."""
    as_of, *files = sys.argv[1:]
    paths = [Path(file) for file in files]
    orders = [path for path in paths if path.name[0].isdigit()]
    return as_of, _by_age(orders), {path.stem: path for path in paths if path not in orders}


def _by_age(paths: Iterable[Path]) -> list[Path]:
    return sorted(paths, key=lambda path: int(path.name.partition("_")[0]))


def is_parquet(path: Path) -> bool:
    """Say whether a report is Parquet with types, not CSV."""
    return path.suffix == ".parquet"


def show(rules: dict[str, dict[str, int]], accounting: dict[str, int] | None = None) -> None:
    """Print the answer: what each rule found and, where that is a duty, where the rows went."""
    print(json.dumps({"accounting": accounting, "rules": rules}))
