"""The columns of a Douyin order report: which there are, and how their cells are written."""

import csv
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa

SAMPLE = Path(__file__).parents[2] / "sample_data" / "orders.csv"

SHOP = "店铺名称"
TABBED = {
    "主订单编号",
    "子订单编号",
    "选购商品",
    "商品规格",
    "商品ID",
    "商家编码",
    "支付方式",
    "达人ID",
}
CIPHERTEXT = {"收件人": ("#", 104), "收件人手机号": ("$", 64), "详细地址": ("#", 184)}
CONSTANTS = {
    "商品规格": "白色;均码",
    "支付方式": "抖音支付",
    "运费": Decimal("0.00"),
    "优惠总金额": Decimal("0.00"),
    "省": "浙江省",
    "市": "杭州市",
    "区": "余杭区",
    "街道": "仓前街道",
    "是否修改过地址": "否",
    "APP渠道": "抖音",
    "流量来源": "小店自卖",
    "订单类型": "普通订单",
    "达人ID": "0",
    "是否安心购": "是",
    "广告渠道": "无",
    "流量类型": "非广告",
    "流量体裁": "商品卡",
    "流量渠道": "搜索",
    "是否平台仓自流转": "否",
}
"""What is the same on every line; a column that is neither here nor made is blank."""

DECIMAL = pa.decimal128(18, 2)

Chunk: TypeAlias = dict[str, pa.Array]
"""Lines being made: of each column that is not the same on all lines, its values."""


@cache
def _standard() -> tuple[str, ...]:
    """Read the headers of the report from the sample."""
    with SAMPLE.open(encoding="utf-8-sig", newline="") as file:
        return tuple(next(csv.reader(file)))


def columns(*, shops: bool) -> tuple[str, ...]:
    """Return the 73 headers of the report, and the shop's where exports name it."""
    return (*_standard(), SHOP) if shops else _standard()
