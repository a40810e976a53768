"""Whence a parcel comes: a column, the warehouse's province, or the usual one; and what that decides."""

import pandas as pd
import pytest
from conftest import write_csv

from merchantwatch.errors import UsageError

STALLED = {
    "line_id": "1", "status": "shipped", "created_at": "2026-11-15 08:00:00", "paid_at": "2026-11-15 08:00:00",
    "shipped_at": "2026-11-16 08:00:00", "picked_up_at": "2026-11-17 08:00:00", "delivered_at": "-",
    "last_tracked_at": "2026-11-18 12:00:00", "province": "浙江省", "warehouse": "", "sender_province": "",
}  # fmt: skip
"""60 hours without a trace at as-of."""


def _scan(tmp_path, rows, config, scan, **options):
    file = write_csv(tmp_path / "orders.csv", rows)
    settings = tmp_path / "merchantwatch.toml"
    settings.write_text(config, encoding="utf-8")
    names = {name: name for name in rows[0]}
    return scan(file, config=settings, map=names, platform="douyin", select=["DY305"], **options)


@pytest.mark.every_engine
@pytest.mark.looks_at("DY305")
def test_a_column_goes_before_the_warehouse_and_that_before_the_usual_province(scan, tmp_path):
    senders = [
        ("", ""),
        ("东莞仓", ""),
        (" 乌市仓 ", ""),
        ("别的仓", ""),
        ("乌市仓", "上海市"),
        ("", "广东省"),
    ]
    rows = [
        {**STALLED, "line_id": str(n), "warehouse": warehouse, "sender_province": sender}
        for n, (warehouse, sender) in enumerate(senders)
    ]
    config = (
        'sender_province = "上海"\n[warehouses]\n"东莞仓" = "广东省东莞市"\n"乌市仓" = "新疆"\n'
    )
    hits = _scan(tmp_path, rows, config, scan).hits("DY305")
    states = dict(zip(hits["line_id"], hits["state"], strict=True))
    # 48 hours from Shanghai, 72 from Guangdong (60 of them gone: near), 120 from Xinjiang
    assert states == {"0": "hit", "1": "near", "3": "hit", "4": "hit", "5": "near"}


@pytest.mark.looks_at("DY305")
def test_without_a_word_on_it_a_parcel_comes_from_another_province(scan, tmp_path):
    hits = _scan(tmp_path, [STALLED], "", scan).hits("DY305")
    assert hits["state"].tolist() == ["near"]
    assert str(hits["due_at"][0]) == "2026-11-21 12:00:00"


@pytest.mark.parametrize(
    ("config", "named"),
    [('sender_province = "加州"', "sender_province = 加州"),
     ('[warehouses]\n"一号仓" = ""', "[warehouses] 一号仓 = "),
     ('[warehouses]\n"一号仓" = "Zhejiang"', "[warehouses] 一号仓 = Zhejiang")],
)  # fmt: skip
def test_what_is_no_province_is_refused(scan, tmp_path, config, named):
    with pytest.raises(UsageError) as caught:
        _scan(tmp_path, [STALLED], config, scan)
    assert named in caught.value.en
    assert "省份" in caught.value.zh


DAYS = [
    ("2026-06-01 23:59:59", 48, None),
    ("2026-06-02 00:00:00", 48, "3.00"),
    ("2026-07-08 23:59:59", 48, "3.00"),
    ("2026-07-08 23:59:59", 49, "8.00"),  # 150 × 5 % = 7.50, halves up
    ("2026-07-09 00:00:00", 48, None),
    ("2026-07-09 00:00:00", 49, None),
]


@pytest.mark.looks_at("DY305")
def test_what_a_trace_timeout_costs_by_the_day_of_the_pick_up(scan, tmp_path):
    """aHwHroCPheig 2. (1): 1 % (3–30), promised in more than 48 hours 5 % (5–50), up to 2026-07-08."""
    rows = [
        {
            **STALLED, "line_id": str(n), "picked_up_at": picked, "last_tracked_at": picked, "amount": "150.00",
            "paid_at": "2026-05-01 08:00:00", "created_at": "2026-05-01 08:00:00",
            "promised_ship_at": f"2026-05-03 0{7 + hours - 48 + 1}:00:00",
        }
        for n, (picked, hours, _) in enumerate(DAYS)
    ]  # fmt: skip
    hits = _scan(tmp_path, rows, "", scan).hits("DY305")
    found = dict(zip(hits["line_id"], hits["penalty"], strict=True))
    wanted = {str(n): money for n, (*_, money) in enumerate(DAYS)}
    assert {k: None if pd.isna(v) else f"{v:.2f}" for k, v in found.items()} == wanted
