"""What one buyer gets for one day of payment, by all clauses together, on Tmall and Taobao.

11000266《天猫物流时效管理规范》 第十二条, 10000177《淘宝网发货管理规范》 第十五条 二 and 规则解读五.
"""

import pandas as pd
import pytest

pytestmark = pytest.mark.every_engine

LATE = {
    "status": "to_ship", "created_at": "2026-11-08 07:00:00", "paid_at": "2026-11-08 08:00:00",
    "promised_ship_at": "2026-11-10 08:00:00", "shipped_at": "-", "amount": "10000.00", "buyer_key": "买家甲",
}  # fmt: skip
"""Late and short: on Tmall 50 and 500, on Taobao 30 and 100."""
PRE_SALE = {"promised_ship_at": "2026-11-10 08:00:01"}
"""Promised in more than 48 hours: on Taobao 30 and 500."""
SOON_SENT = {"shipped_at": "2026-11-11 08:00:00", "status": "shipped"}
"""Late, and not short."""


@pytest.fixture
def total(scan):
    def of(platform, lines, **options):
        rows = [
            {**LATE, "line_id": f"L{n}", "order_id": f"O{n}", **line}
            for n, line in enumerate(lines)
        ]
        table = pd.DataFrame(rows, dtype="str")
        names = {name: name for name in table.columns}
        codes = [f"{'TM' if platform == 'tmall' else 'TB'}10{n}" for n in "23"]
        report = scan(table, platform=platform, map=names, select=codes, **options)
        return report.to_dict()["totals"]["penalty"]

    return of


SAME, OTHER = {}, {"buyer_key": "买家乙"}


@pytest.mark.looks_at("TM102", "TM103", "TB102", "TB103")
@pytest.mark.parametrize(
    ("platform", "lines", "money"),
    [
        ("tmall", [SAME], "500.00"),
        ("tmall", [SAME, SAME, SAME], "500.00"),
        ("tmall", [SAME, OTHER], "1000.00"),
        ("tmall", [SAME, {"paid_at": "2026-11-07 23:59:59"}], "1000.00"),  # another day
        ("tmall", [SAME, {"paid_at": "2026-11-08 23:59:59"}], "500.00"),  # the day to its last second
        ("tmall", [SAME, {"shop": "甲店"}], "1000.00"),  # another seller
        ("tmall", [{"amount": "4500.00"}], "500.00"),  # 50 and 450
        ("tmall", [{"amount": "4499.90"}], "499.99"),
        ("tmall", [{"buyer_key": "t**0"}, {"buyer_key": "t**0"}], "1000.00"),  # of an unknown buyer: by order
        ("tmall", [{"buyer_key": "-", "order_id": "O"}, {"buyer_key": "-", "order_id": "O"}], "500.00"),
        ("taobao", [SAME], "100.00"),
        ("taobao", [SAME, SAME], "100.00"),
        ("taobao", [PRE_SALE], "500.00"),
        ("taobao", [PRE_SALE, SAME], "500.00"),  # one of them is a special case
        ("taobao", [PRE_SALE | SOON_SENT] * 3, "90.00"),
        ("taobao", [PRE_SALE | SOON_SENT] * 4, "100.00"),  # late alone is none
        ("taobao", [PRE_SALE | SOON_SENT] * 3 + [OTHER], "190.00"),
    ],
)  # fmt: skip
def test_one_buyer_and_day_of_payment(total, platform, lines, money):
    shops = any("shop" in line for line in lines)
    lines = [{"shop": "乙店", **line} for line in lines] if shops else lines
    assert total(platform, lines) == money
