"""What parcels that stand still cost: the examples of the platforms' own pages.

11000266《天猫物流时效管理规范》 八, 10000177《淘宝网发货管理规范》 规则解读六, aHwHroCPheig and aHzmeN9E9dBF of Douyin.
"""

import pandas as pd
import pytest
from conftest import findings, rule

pytestmark = pytest.mark.every_engine

STALLED = {
    "status": "shipped", "created_at": "2026-11-10 08:00:00", "paid_at": "2026-11-10 08:00:00",
    "promised_ship_at": "2026-11-12 08:00:00", "shipped_at": "2026-11-11 08:00:00", "picked_up_at": "2026-11-11 20:00:00",
    "last_tracked_at": "2026-11-12 08:00:00", "out_for_delivery_at": "-", "delivered_at": "-", "province": "浙江省",
    "sender_province": "上海市",
}  # fmt: skip
"""Over eight days without a trace: too long for any route."""


@pytest.fixture
def judged(scan):
    """Return the report on lines that differ from a stalled one by these cells."""

    def report(lines, **options):
        rows = [
            {**STALLED, "line_id": str(n), "order_id": str(n), **line}
            for n, line in enumerate(lines)
        ]
        table = pd.DataFrame(rows, dtype="str")
        return scan(table, map={name: name for name in table.columns}, **options)

    return report


def _money(report, code):
    return {found["key"]: found["penalty"] for found in findings(report, code)}


@pytest.mark.looks_at("TM105", "TM106", "TB105", "TB106")
@pytest.mark.parametrize(("platform", "letters"), [("tmall", "TM"), ("taobao", "TB")])
def test_timeout_and_abnormal_trace_together(judged, platform, letters):
    """1000 × 5 % = 50, then 1000 × 20 % = 200, at most 100 together; 25 × 5 % = 1.25, at least 5, then no more."""
    timeout, abnormal = f"{letters}105", f"{letters}106"
    amounts = ["1000.00", "25.00", "300.00", "10.00", "2000.00"]
    report = judged([{"amount": a} for a in amounts], platform=platform, select=[timeout, abnormal])
    assert _money(report, timeout) == {
        "0": "50.00",
        "1": "5.00",
        "2": "15.00",
        "3": "5.00",
        "4": "50.00",
    }
    assert _money(report, abnormal) == {
        "0": "50.00",
        "1": "0.00",
        "2": "45.00",
        "3": "0.00",
        "4": "50.00",
    }
    assert report.to_dict()["totals"]["penalty"] == "270.00"


DAYS = [
    ("2026-06-01 23:59:59", 48, None, None),
    ("2026-06-02 00:00:00", 48, "3.00", "38.00"),  # 150 × 25 % = 37.50, halves up
    ("2026-07-08 23:59:59", 48, "3.00", "38.00"),
    ("2026-07-08 23:59:59", 49, "8.00", "38.00"),  # 150 × 5 % = 7.50 → 8
    ("2026-07-09 00:00:00", 49, None, None),
]


@pytest.mark.looks_at("DY331", "DY332", "DY333", "DY334")
def test_douyin_takes_money_up_to_2026_07_08(judged):
    unscanned, silent = (
        {"picked_up_at": "-", "last_tracked_at": "-"},
        {"shipped_at": "2026-05-01 09:00:00"},
    )
    lines = [
        {
            "amount": "150.00", "created_at": "2026-05-01 08:00:00", "paid_at": "2026-05-01 08:00:00",
            "promised_ship_at": f"2026-05-03 0{hours - 40}:00:00",
            **(unscanned | {"shipped_at": at} if stage == "pickup" else silent | {"picked_up_at": at, "last_tracked_at": at}),
        }
        for stage in ("pickup", "dispatch")
        for at, hours, *_ in DAYS
    ]  # fmt: skip
    codes = ["DY331", "DY332", "DY333", "DY334"]
    report = judged(lines, platform="douyin", select=codes)
    for first, shift in ((0, 0), (1, len(DAYS))):
        for code, column in ((codes[first], 2), (codes[first + 2], 3)):
            wanted = {str(n + shift): day[column] for n, day in enumerate(DAYS) if n}
            late = {str(n) for n in range(shift)} if shift else set()
            assert {k: v for k, v in _money(report, code).items() if k not in late} == wanted, code


@pytest.mark.looks_at("DY302", "DY307", "DY331", "DY332")
@pytest.mark.parametrize(
    ("code", "lacking", "line"),
    [
        ("DY302", "paid_at", {"picked_up_at": "-", "last_tracked_at": "-"}),
        ("DY307", "last_tracked_at", {}),
        ("DY307", "delivered_at", {"last_tracked_at": "2026-06-15 20:00:00"}),
    ],
)
def test_what_the_rule_with_the_money_cannot_judge_is_warned_of(judged, code, lacking, line):
    """A parcel of a day on which it cost money, in an export that lacks what the money needs."""
    day = {
        "created_at": "2026-06-14 08:00:00", "paid_at": "2026-06-14 08:00:00", "promised_ship_at": "2026-06-16 08:00:00",
        "shipped_at": "2026-06-15 08:00:00", "picked_up_at": "2026-06-15 20:00:00", "last_tracked_at": "2026-06-15 20:00:00",
    }  # fmt: skip
    lines = [{**day, **line, lacking: "-"}]
    report = judged(
        lines,
        platform="douyin",
        select=["DY302", "DY307", "DY331", "DY332"],
        as_of="2026-06-20 08:00:00",
    )
    assert [found["key"] for found in findings(report, code)] == ["0"]


@pytest.mark.looks_at("DY335")
def test_a_day_with_more_than_a_tenth_of_its_shipments_abnormal(judged):
    """20 of 199, 20 of 200 (10 % sharp), 19 of 100 shipped on a day; and the last day before the text."""
    days = {
        "2026-11-11": (20, 199),
        "2026-11-12": (20, 200),
        "2026-11-13": (19, 100),
        "2026-06-01": (30, 40),
    }
    lines = [
        {"shipped_at": f"{day} 08:00:00", "picked_up_at": "-" if n < bad else f"{day} 09:00:00", "paid_at": f"{day} 07:00:00",
         "last_tracked_at": f"{day} 10:00:00", "created_at": f"{day} 07:00:00"}
        for day, (bad, of) in days.items()
        for n in range(of)
    ]  # fmt: skip
    report = judged(lines, platform="douyin", select=["DY335"])
    assert [(f["key"], f["state"], f["count"]) for f in findings(report, "DY335")] == [
        ("2026-11-11", "breached", 20)
    ]
    assert rule(report, "DY335")["status"] == "evaluated"


@pytest.mark.looks_at("DY305", "TM105", "TM106", "TB105", "TB106", "TG103", "TT304")
@pytest.mark.parametrize(
    ("platform", "code", "tracked", "as_of", "found"),
    [
        # Until 2026-06-01 48 hours counted for any two provinces, since then 72; its money ended on 2026-07-08.
        ("douyin", "DY305", "2026-06-01 23:59:59", "2026-06-04 00:00:00", ("breached", None)),
        ("douyin", "DY305", "2026-06-02 00:00:00", "2026-06-04 00:00:01", None),
        ("douyin", "DY305", "2026-07-08 23:59:59", "2026-07-20 00:00:00", ("breached", "3.00")),
        ("douyin", "DY305", "2026-07-09 00:00:00", "2026-07-20 00:00:00", ("breached", None)),
        ("tmall", "TM105", "2026-04-08 23:59:59", "2026-04-20 00:00:00", None),
        ("tmall", "TM105", "2026-04-09 00:00:00", "2026-04-20 00:00:00", ("breached", "15.00")),
        ("tmall", "TM106", "2026-04-08 23:59:59", "2026-04-20 00:00:00", None),
        ("tmall", "TM106", "2026-04-09 00:00:00", "2026-04-20 00:00:00", ("breached", "45.00")),
        ("taobao", "TB105", "2025-09-04 23:59:59", "2025-09-20 00:00:00", None),
        ("taobao", "TB105", "2025-09-05 00:00:00", "2025-09-20 00:00:00", ("breached", "15.00")),
        ("taobao", "TB106", "2025-09-04 23:59:59", "2025-09-20 00:00:00", None),
        ("taobao", "TB106", "2025-09-05 00:00:00", "2025-09-20 00:00:00", ("breached", "45.00")),
        ("tmall", "TT304", "2026-04-08 23:59:59", "2026-04-20 00:00:00", None),
        ("tmall", "TT304", "2026-04-09 00:00:00", "2026-04-20 00:00:00", ("breached", "30.00")),
        ("tmall-global", "TG103", "2026-04-21 23:59:59", "2026-05-01 00:00:00", None),
        ("tmall-global", "TG103", "2026-04-22 00:00:00", "2026-05-01 00:00:00", ("breached", "90.00")),
    ],
)  # fmt: skip
def test_a_stall_is_judged_by_the_text_of_the_day_it_begins(
    judged, platform, code, tracked, as_of, found
):
    """Not of the pick-up, days before; at 48, 72 hours and more with a parcel that is on its way."""
    year = tracked[:4]
    line = {
        "created_at": f"{year}-03-30 08:00:00", "paid_at": f"{year}-03-30 08:00:00", "promised_ship_at": f"{year}-04-01 08:00:00",
        "shipped_at": f"{year}-03-31 08:00:00", "picked_up_at": f"{year}-03-31 20:00:00", "last_tracked_at": tracked,
        "province": "浙江省", "sender_province": "广东省", "amount": "300.00", "fulfilment": "bonded",
    }  # fmt: skip
    report = judged([line], platform=platform, select=[code], as_of=as_of)
    shown = [(f["state"], f["penalty"]) for f in findings(report, code)]
    assert shown == ([] if found is None else [found])
