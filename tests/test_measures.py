"""Late lines day by day, and carriers beside each other: what is counted of lines that are fine too."""

import pytest
from conftest import AS_OF, douyin, write_csv

import merchantwatch as mw
from merchantwatch.results.measures import LEAST_LINES, compared, wilson

DAY = "2026-11-18"
SENT = {"订单状态": "已发货", "发货时间": f"{DAY} 10:00:00"}
PROMISE = {"承诺发货时间": f"{DAY} 12:00:00"}
TM = {
    "订单编号": "7", "买家应付货款": "100.00", "订单状态": "卖家已发货，等待买家确认", "宝贝标题": "样品",
    "订单创建时间": "2026-11-17 00:00:00", "订单付款时间": "2026-11-17 00:00:00",
    "发货时间": "2026-11-20 00:00:00",
}  # fmt: skip


def _rows(**bad):
    """A row of the engine for each carrier: bad lines of all."""
    return [
        {"platform": "douyin", "shop": None, "carrier": carrier, "warehouse": None, "lines": lines,
         "unscanned": unscanned, "scanned_late": 0, "trace_timeouts": 0}
        for carrier, (unscanned, lines) in bad.items()
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [
        ((1, 66), (0, 207), "alike"),  # one of 66 is no reason to call anybody
        ((17, 40), (4, 200), "worse"),
        ((4, 40), (20, 200), "alike"),
        ((LEAST_LINES, LEAST_LINES), (0, LEAST_LINES), "worse"),
        ((LEAST_LINES - 1, LEAST_LINES - 1), (0, 500), "few"),
        ((LEAST_LINES, LEAST_LINES), (0, LEAST_LINES - 1), "few"),
        ((0, 40), (40, 400), "alike"),  # better is not worse
    ],
)
def test_a_carrier_is_worse_beyond_all_doubt_or_not_at_all(a, b, verdict):
    first, _ = compared(_rows(a=a, b=b))
    assert first.verdict == verdict
    assert (first.lines, first.other_lines) == (a[1], b[1])


def test_one_carrier_alone_is_not_compared_and_shops_are_apart():
    (alone,) = compared(_rows(a=(40, 40)))
    assert (alone.verdict, alone.other_share) == ("few", None)
    other = [{**row, "shop": "B"} for row in _rows(b=(0, 400))]
    assert {one.verdict for one in compared([*_rows(a=(40, 40)), *other])} == {"few"}


def test_wilsons_interval_is_that_of_the_books():
    low, high = wilson(1, 10)
    assert (round(low, 4), round(high, 4)) == (0.0179, 0.4042)
    assert wilson(0, 10)[0] == 0
    assert wilson(10, 10)[1] == 1


@pytest.mark.every_engine
@pytest.mark.looks_at("DY100", "DY111", "DY305", "TM102", "TB102")
def test_what_is_fine_is_counted_beside_what_is_not(scan, tmp_path):
    lines = [
        SENT | PROMISE,
        SENT | PROMISE | {"发货时间": f"{DAY} 12:00:00"},  # exactly in time
        SENT | PROMISE | {"发货时间": f"{DAY} 12:00:01"},
        PROMISE | {"订单状态": "待发货", "发货时间": "-"},
        PROMISE | {"订单状态": "已关闭", "发货时间": "-"},  # nothing is due
        SENT | {"承诺发货时间": "2026-10-23 12:00:00"},  # the first of thirty days, and before it
        SENT | {"承诺发货时间": "2026-10-22 12:00:00"},
        PROMISE | {"订单状态": "待发货", "发货时间": "-", "承诺发货时间": "2026-11-22 08:00:00"},
        *[SENT | {"承诺发货时间": "2026-11-19 12:00:00"}] * 3,
    ]
    orders = write_csv(tmp_path / "o.csv", douyin(*lines))
    ids = [str(6900000000000000009 + n) for n in range(3)]
    scans = [
        "",
        "2026-11-20 10:00:00",
        "2026-11-20 10:00:01",
    ]  # exactly 48 hours, and a second more
    parcels = [
        {"订单号": line, "运单号": f"YT{line[-4:]}", "物流公司": "圆通", "发货时间": f"{DAY} 10:00:00",
         "揽收时间": scanned}
        for line, scanned in zip(ids, scans, strict=True)
    ]  # fmt: skip
    files = [orders, write_csv(tmp_path / "p.csv", parcels), write_csv(tmp_path / "t.csv", [TM])]
    report = scan(*files).to_dict()
    days = [(d["platform"], d["day"], d["lines"], d["late"]) for d in report["late_days"]]
    assert days == [
        ("douyin", "2026-10-23", 1, 1),
        ("douyin", DAY, 4, 2),
        ("douyin", "2026-11-19", 3, 3),  # scanned too late is late, whatever was uploaded
        ("tmall", "2026-11-19", 1, 1),
    ]
    (one,) = report["carriers"]
    stands = (one["carrier"], one["lines"], one["unscanned"], one["scanned_late"])
    assert stands == ("圆通", 3, 1, 1)


@pytest.mark.parametrize("select", [["IR103"], ["DY100"], ["TM"]])
def test_what_no_rule_tells_is_drawn_nowhere(select, tmp_path):
    path = write_csv(tmp_path / "o.csv", douyin(SENT | PROMISE))
    report = mw.scan(path, as_of=AS_OF, select=select)
    assert report.to_dict()["late_days"] == report.to_dict()["carriers"] == []
    report.write(tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text("utf-8")
    assert 'id="late-days"' not in page
    assert 'id="carriers"' not in page
