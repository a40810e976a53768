"""Where clocks are put forward and back, hours are hours that have passed."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from conftest import rule_pack, write_csv

from merchantwatch.rules.clocks import changed, elapsed

MAP = {name: name for name in ("line_id", "created_at", "shipped_at")}
PACIFIC = "America/Los_Angeles"

# Paid at ten in the morning before the night in which a clock is changed: 48 hours later it shows nine, or eleven.
ORDERS = {
    "back in time": ("2026-10-31 10:00:00", "2026-11-02 09:00:00", False),
    "back late": ("2026-10-31 10:00:00", "2026-11-02 09:00:01", True),
    "forward in time": ("2026-03-07 10:00:00", "2026-03-09 11:00:00", False),
    "forward late": ("2026-03-07 10:00:00", "2026-03-09 11:00:01", True),
    "unchanged in time": ("2026-06-01 10:00:00", "2026-06-03 10:00:00", False),
    "unchanged late": ("2026-06-01 10:00:00", "2026-06-03 10:00:01", True),
}


@pytest.mark.every_engine
@pytest.mark.looks_at("DY101")
def test_a_promise_of_48_hours_lasts_48_hours(scan, tmp_path):
    rows = [
        {"line_id": name, "created_at": paid, "shipped_at": shipped}
        for name, (paid, shipped, _) in ORDERS.items()
    ]
    path = write_csv(tmp_path / "a.csv", rows)
    report = scan(path, tz=PACIFIC, map=MAP, platform="douyin", select=["DY101"])
    late = {name for name, (*_, is_late) in ORDERS.items() if is_late}
    assert set(report.hits("DY101")["line_id"]) == late


def test_how_late_an_order_is_counts_what_has_passed(scan, tmp_path):
    row = {
        "line_id": "1",
        "created_at": "2026-10-29 10:00:00",
        "promised_ship_at": "2026-10-31 10:00:00",
        "shipped_at": "",
    }
    report = scan(
        write_csv(tmp_path / "a.csv", [row]),
        tz=PACIFIC,
        map={name: name for name in row},
        platform="douyin",
        select=["DY100"],
        as_of="2026-11-01 10:00:00",
    )
    assert "1 d 1 h" in report.to_dict()["findings"][0]["reason"]


@pytest.mark.every_engine
def test_two_times_that_have_passed_are_compared(scan, tmp_path):
    pack = rule_pack(tmp_path, when="shipped_at - paid_at > completed_at - shipped_at")
    moments = ("created_at", "paid_at", "shipped_at", "completed_at")
    lines = {
        "25 hours and 24": ("2026-10-31 10:00:00", "2026-11-01 10:00:00", "2026-11-02 10:00:00"),
        "24 hours and 25": ("2026-10-30 10:00:00", "2026-10-31 10:00:00", "2026-11-01 10:00:00"),
        "24 hours and 24": ("2026-10-28 10:00:00", "2026-10-29 10:00:00", "2026-10-30 10:00:00"),
    }
    rows = [
        {"line_id": name, "created_at": paid, "paid_at": paid}
        | {"shipped_at": shipped, "completed_at": completed}
        for name, (paid, shipped, completed) in lines.items()
    ]
    path = write_csv(tmp_path / "a.csv", rows)
    options = {"tz": PACIFIC, "pack": pack, "select": ["MY100"]}
    mapped = {name: name for name in ("line_id", *moments)}
    report = scan(path, **options, map=mapped, platform="douyin")
    assert list(report.hits("MY100")["line_id"]) == ["25 hours and 24"]


@pytest.mark.parametrize(
    ("tz", "right"),
    [
        ("Asia/Shanghai", False),
        ("UTC", False),
        ("Asia/Kolkata", False),
        (PACIFIC, True),
        ("Europe/Berlin", True),
    ],
)
def test_zones_whose_clocks_are_changed(tz, right):
    assert changed(tz) is right


def test_what_has_passed_is_decided_by_the_instants():
    for hours in range(0, 400, 7):
        start = datetime(2026, 10, 25, 12) + timedelta(hours=hours)
        instant = start.replace(tzinfo=ZoneInfo(PACIFIC)).timestamp() + 48 * 3600
        end = datetime.fromtimestamp(instant, ZoneInfo(PACIFIC)).replace(tzinfo=None)
        assert elapsed(start, end, PACIFIC) == timedelta(hours=48)
