"""What a Taobao or Tmall buyer paid: money by the clauses is a share of it, refunds not taken off."""

import pytest
from conftest import write_csv

ORDER = {
    "订单编号": "4100000000000000001",
    "总金额": "100.00",
    "买家实付金额": "90.00",
    "订单状态": "卖家已发货，等待买家确认",
    "订单创建时间": "2026-11-17 07:59:00",
    "订单付款时间": "2026-11-17 08:00:00",
    "发货时间": "2026-11-19 08:00:01",
    "退款金额": "无退款申请",
}


def amount_of(scan, tmp_path, **changes):
    row = {name: cell for name, cell in {**ORDER, **changes}.items() if cell is not None}
    report = scan(write_csv(tmp_path / "orders.csv", [row]), select="TM101")
    return report.findings["amount_at_stake"].tolist()


@pytest.mark.parametrize(
    ("changes", "paid"),
    [
        ({}, "90.00"),
        ({"买家实付金额": ""}, "100.00"),
        ({"买家实付金额": None, "买家应付货款": "100.00"}, "100.00"),
        ({"总金额": None}, "90.00"),
        ({"买家实付金额": "60.00", "退款金额": "40.00"}, "100.00"),
        ({"买家实付金额": "90.00", "退款金额": "5.00"}, "90.00"),
        ({"买家实付金额": "0.00", "退款金额": "90.00"}, "90.00"),
        ({"买家实付金额": "0.00"}, "0.00"),
    ],
    ids=[
        "less than the total",
        "blank",
        "no such column",
        "no total",
        "older reports: refunds taken off, with them the total",
        "a part refunded, what was paid stands whole",
        "older reports: nothing is left after a whole refund",
        "a gift",
    ],
)
@pytest.mark.every_engine
@pytest.mark.looks_at("TM101")
def test_what_the_buyer_paid(scan, tmp_path, changes, paid):
    assert [str(amount) for amount in amount_of(scan, tmp_path, **changes)] == [paid]
