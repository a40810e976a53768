"""A refund settles a line only when it is whole, and all cases of a line count."""

import pytest
from conftest import LATE, douyin, write_csv

pytestmark = [pytest.mark.every_engine, pytest.mark.looks_at("DY100", "DY104", "DY105", "DY201")]

DONE = "2026-11-20 23:00:00"
PRICE, UNSENT = "保价", "未发货退款"


def _case(number, amount="-", status="退款成功", kind=UNSENT, closed=DONE, **more):
    return {
        "售后单号": f"70{number:016}",
        "商品单号": "6900000000000000001",
        "售后类型": kind,
        "售后状态": status,
        "退商品金额（元）": amount,
        "售后申请时间": "2026-11-16 08:00:00",
        "售后完结时间": closed,
        **more,
    }


@pytest.fixture
def states(scan, tmp_path):
    """What rules say of one line with these cases."""

    def states(line, *cases, **options):
        orders = write_csv(tmp_path / "orders.csv", douyin(line))
        files = [write_csv(tmp_path / "cases.csv", list(cases))] if cases else []
        hits = scan(orders, *files, **options).hits()
        return dict(zip(hits["code"], hits["state"], strict=True))

    return states


WHOLE_OR_NOT = [
    ("99.00", [("99.00",)], True),
    ("99.00", [("98.99",)], False),
    ("99.00", [("99.01",)], True),
    ("99.00", [("5.00",)], False),
    ("99.00", [("50.00",), ("49.00",)], True),
    ("99.00", [("50.00",), ("48.99",)], False),
    ("99.00", [("99.00",), ("-", "售后关闭")], True),  # a later one that is closed undoes nothing
    ("99.00", [("99.00", "退款中")], False),  # under way
    ("99.00", [("-",)], True),  # of an unknown amount: its type closes the order
    ("99.00", [("-", "退款成功", PRICE)], False),
    ("99.00", [("99.00", "退款成功", PRICE)], True),
    ("-", [("5.00",)], True),
    ("-", [("5.00", "退款成功", PRICE)], False),
    ("0.00", [("0.00",)], True),
]


def test_whole_or_not(scan, tmp_path):
    """Each by a line of its own."""
    rows = douyin(*({**LATE, "订单应付金额": paid} for paid, _, _ in WHOLE_OR_NOT))
    cases = [
        _case(10 * at + n, *case, 商品单号=row["子订单编号"])
        for at, (row, (_, of_line, _)) in enumerate(zip(rows, WHOLE_OR_NOT, strict=True))
        for n, case in enumerate(of_line)
    ]
    files = [write_csv(tmp_path / "orders.csv", rows), write_csv(tmp_path / "cases.csv", cases)]
    open_lines = set(scan(*files).hits("DY100")["line_id"])
    for row, case in zip(rows, WHOLE_OR_NOT, strict=True):
        assert (row["子订单编号"] not in open_lines) == case[-1], case


def test_a_word_that_no_format_knows_leaves_the_line_unjudged(states, scan, tmp_path):
    orders = write_csv(tmp_path / "orders.csv", douyin(LATE))
    cases = write_csv(tmp_path / "cases.csv", [_case(1, status="平台另有安排")])
    (result,) = [r for r in scan(orders, cases).to_dict()["rules"] if r["code"] == "DY100"]
    assert (result["hits"], result["unjudged"]) == (0, 1)


@pytest.mark.parametrize(
    ("cells", "settled"),
    [("退款成功", True), ("已全额退款", True), ("退款中", False), ("售后关闭", False)],
)
def test_without_an_export_of_cases_the_order_says_so_itself(states, cells, settled):
    assert ("DY100" in states({**LATE, "售后状态": cells})) != settled


@pytest.mark.parametrize(
    ("refunded", "short"),
    [("2026-11-18 08:00:00", False), ("2026-11-18 08:00:01", True)],
)
def test_what_a_line_has_cost_before_its_refund_stays(states, refunded, short):
    """Promised for 11-16 08:00: a shortage 48 hours later, sharp is in time."""
    line = {**LATE, "承诺发货时间": "2026-11-16 08:00:00"}
    assert (states(line, _case(1, "99.50", closed=refunded)).get("DY104") == "hit") == short


def test_the_refund_that_completes_the_sum_tells_since_when(states):
    line = {**LATE, "承诺发货时间": "2026-11-16 08:00:00"}
    first = _case(1, "90.00", closed="2026-11-17 08:00:00")
    last = _case(2, "9.50", closed="2026-11-18 08:00:01")
    assert states(line, first, last).get("DY104") == "hit"
    assert "DY104" not in states(line, first, last | {"售后完结时间": "2026-11-18 08:00:00"})


def test_a_refund_later_than_as_of_is_none_yet(states):
    line = {**LATE, "承诺发货时间": "2026-11-16 08:00:00"}
    assert "DY100" in states(line, _case(1, "99.50", closed="2026-11-21 00:00:01"))


RULED = {"售后类型": "已发货退款", "退款方式": "平台垫付"}
SENT = {"发货时间": "2026-11-18 08:00:00", "承诺发货时间": "2026-11-20 08:00:00"}


@pytest.mark.looks_at("DY404", "DY405", "IR121")
@pytest.mark.parametrize(
    ("status", "ruling", "codes"),
    [
        ("拒绝售后申请", "客服拒绝", set()),  # ruled for the merchant
        ("拒绝售后申请", "-", {"DY404", "DY405", "IR121"}),
        ("拒绝售后申请", "客服同意", {"DY404", "DY405", "IR121"}),
        ("退款成功", "-", {"DY404"}),
        ("退款成功", "客服拒绝", set()),
    ],
)
def test_a_ruling_for_the_merchant_leaves_nothing_owed(states, status, ruling, codes):
    case = _case(1, "99.50", status, **RULED, 仲裁状态=ruling)
    found = states(SENT, case, select=["DY404", "DY405", "IR121"])
    assert {*found} == codes
