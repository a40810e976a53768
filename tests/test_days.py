"""What a day of late or short orders leads to on Douyin: each boundary, each version, and today's forecast."""

from datetime import date, timedelta

import pytest
from conftest import douyin, findings, rule_pack, write_csv

pytestmark = [
    pytest.mark.every_engine,
    pytest.mark.looks_at("DY108", "DY109", "DY110", "DY111", "DY114", "DY203"),
]

LATE, GOOD = "12:00:01", "12:00:00"
CODES = ["DY108", "DY109", "DY110", "DY111", "DY114", "DY203"]


def _lines(day, late, of, **cells):
    """Lines promised for noon of a day: a number of them shipped a second late, the others in time."""
    return [
        {
            "订单提交时间": f"{date.fromisoformat(day) - timedelta(2)} 09:00:00",
            "支付完成时间": f"{date.fromisoformat(day) - timedelta(2)} 12:00:00",
            "承诺发货时间": f"{day} 12:00:00",
            "发货时间": f"{day} {LATE if n < late else GOOD}",
            "订单状态": "已发货",
            **cells,
        }
        for n in range(of)
    ]


def _open(day, number, at="18:00:00", **cells):
    """Lines promised for a day that are not shipped yet."""
    return [
        {"承诺发货时间": f"{day} {at}", "发货时间": "-", "订单状态": "待发货", **cells}
        for _ in range(number)
    ]


@pytest.fixture
def found(scan, tmp_path):
    """What rules find in lines: code -> key -> state and count."""

    def count(*days, code=None, **options):
        orders = write_csv(tmp_path / "a.csv", douyin(*(line for day in days for line in day)))
        given = {"as_of": "2026-11-21", "select": [code] if code else CODES, **options}
        report = scan(orders, **given)
        return {
            code: {f["key"]: (f["state"], f["count"]) for f in findings(report, code)}
            for code in CODES
        }

    return count


@pytest.mark.parametrize(
    ("late", "of", "breached"),
    [(100, 200, True), (100, 201, False), (99, 198, False), (99, 99, False), (101, 202, True)],
)
def test_a_day_of_a_product(found, late, of, breached):
    reported = found(_lines("2026-07-01", late, of))["DY109"]
    assert reported == ({"37110 2026-07-01": ("breached", late)} if breached else {})


@pytest.mark.parametrize(
    ("day", "late", "of", "breached"),
    [("2026-08-09", 200, 400, True), ("2026-08-09", 200, 401, False), ("2026-08-09", 199, 199, False),
     ("2026-08-10", 200, 666, True), ("2026-08-10", 200, 667, False), ("2026-08-10", 199, 250, False),
     ("2026-06-29", 200, 400, True), ("2026-06-28", 400, 400, False)],
)  # fmt: skip
def test_a_day_of_a_shop_by_the_version_of_the_day(found, day, late, of, breached):
    reported = found(_lines(day, late, of))["DY111"]
    assert reported == ({day: ("breached", late)} if breached else {})


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ("-", "stopped: have the late orders picked up"),
        ("2026-08-21 10:00:00", "check the next day"),
    ],
)
def test_the_example_of_the_page(scan, tmp_path, sent, message):
    """aHwH9wK4Je2N 2.2: 1000 due, 800 late, no sales the next day; lifted the day after all were picked up."""
    late = {"发货时间": sent, "订单状态": "待发货" if sent == "-" else "已发货"}
    lines = _lines("2026-08-20", 0, 200) + _lines("2026-08-20", 0, 800, **late)
    orders = write_csv(tmp_path / "a.csv", douyin(*lines))
    report = scan(orders, as_of="2026-08-22", select=["DY111"], lang="en")
    (stopped,) = findings(report, "DY111")
    assert (stopped["key"], stopped["state"], stopped["count"]) == ("2026-08-20", "breached", 800)
    assert stopped["rate"]["volume"] == 1000
    assert message in stopped["action"]


def test_the_limit_of_its_version_is_shown(scan, tmp_path):
    lines = _lines("2026-08-09", 200, 400) + _lines("2026-08-10", 200, 400)
    report = scan(write_csv(tmp_path / "a.csv", douyin(*lines)), select=["DY111"])
    limits = {f["key"]: f["rate"]["limit"] for f in findings(report, "DY111")}
    assert limits == {"2026-08-09": 0.5, "2026-08-10": 0.3}


@pytest.mark.parametrize(
    ("days", "keys"),
    [
        ([("07-01", 200, 500), ("07-02", 200, 500)], ["2026-07-02"]),
        ([("07-01", 200, 500), ("07-03", 200, 500)], []),
        ([("07-01", 200, 501), ("07-02", 200, 500)], []),
        ([("07-01", 199, 400), ("07-02", 200, 500)], []),
        ([("06-28", 200, 500), ("06-29", 200, 500)], []),
        ([("06-29", 200, 500), ("06-30", 200, 500)], ["2026-06-30"]),
        ([("07-01", 200, 500), ("07-02", 200, 500), ("07-03", 200, 500)], ["2026-07-02", "2026-07-03"]),
    ],
)  # fmt: skip
def test_two_days_running(found, days, keys):
    reported = found(*(_lines(f"2026-{day}", late, of) for day, late, of in days), code="DY110")
    assert sorted(reported["DY110"]) == keys
    assert all(finding == ("breached", 200) for finding in reported["DY110"].values())


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (["06-01", "06-04", "06-07"], ("breached", 3)),
        (["06-01", "06-04", "06-08"], ("near", 2)),
        (["06-01", "06-02", "06-03", "06-05"], ("breached", 4)),
        (["06-01", "06-09"], None),
        (["06-26", "06-27", "06-28"], ("breached", 3)),
        (["06-27", "06-28", "06-29"], ("near", 2)),
        (["06-01"], None),
    ],
)
def test_three_of_seven_days(found, days, expected):
    lines = found(*(_lines(f"2026-{day}", 10, 39) for day in days), code="DY108")["DY108"]
    assert lines == ({"37110": expected} if expected else {})


def test_the_next_deadline_of_a_product_may_lie_on_a_later_day(scan, tmp_path):
    """Of several days what is due tomorrow adds to the count too; of another product nothing does."""
    bad = [line for day in ("2026-06-01", "2026-06-02") for line in _lines(day, 10, 39)]
    times = {"订单提交时间": "2026-06-01 09:00:00", "支付完成时间": "2026-06-01 12:00:00"}
    cells_by_day = {"2026-06-06": times, "2026-06-05": times, "2026-06-04": times | {"商品ID": "1"}}
    upcoming = [line for day, cells in cells_by_day.items() for line in _open(day, 1, **cells)]
    orders = write_csv(tmp_path / "a.csv", douyin(*bad, *upcoming))
    report = scan(orders, as_of="2026-06-03 09:00:00", select=["DY108"])
    (near,) = findings(report, "DY108")
    assert (near["count"], near["next_due_at"]) == (2, "2026-06-05T18:00:00")


def test_the_next_deadline_of_a_day_may_lie_on_a_later_day(scan, tmp_path):
    """A day with many noted shortages counts other lines of it once their 48 hours are over."""
    short = _open("2026-11-19", 31, "12:00:00", 商家备注="缺货")
    waiting = [
        *_open("2026-11-20", 1, "09:00:00"),
        *_open("2026-11-19", 1),
        *_open("2026-11-19", 1, "20:00:00"),
    ]
    orders = write_csv(tmp_path / "a.csv", douyin(*waiting, *short))
    moved = [
        {
            "订单": "6900000000000000002",
            "顺延至": "2026-11-20 18:00:00",
            "批准": "是",
            "原因": "洪水",
        }
    ]
    exemptions = write_csv(tmp_path / "exemptions.csv", moved)
    for options, expected in (
        ({}, "2026-11-21T18:00:00"),
        ({"exemptions": exemptions}, "2026-11-21T20:00:00"),
        ({"as_of": "2026-11-21 18:00:00"}, "2026-11-21T18:00:00"),
        ({"as_of": "2026-11-21 18:00:01"}, "2026-11-21T20:00:00"),
    ):
        report = scan(orders, **{"as_of": "2026-11-21", "select": ["DY203"], **options})
        found = {f["key"]: f["next_due_at"] for f in findings(report, "DY203")}
        assert found == {"2026-11-19": expected}, options


def test_the_next_deadline_of_a_day_that_is_not_foreseen(scan, tmp_path):
    clock = {"applies": "paid", "due": "promised_ship_at", "done": "shipped_at"}
    pack = rule_pack(tmp_path, **clock, day="promised_ship_at", per="product-day")
    lines = [*_open("2026-11-21", 1, "08:00:00"), *_open("2026-11-21", 1), *_open("2026-11-22", 1)]
    orders = write_csv(tmp_path / "a.csv", douyin(*lines))
    report = scan(orders, as_of="2026-11-21 09:00:00", pack=pack, select=["MY100"])
    (found,) = findings(report, "MY100")
    assert (found["count"], found["next_due_at"]) == (1, "2026-11-21T18:00:00")


@pytest.mark.parametrize(("late", "of", "bad"), [(10, 39, 1), (10, 40, 0), (9, 20, 0), (11, 43, 1)])
def test_what_makes_a_day_of_the_three(found, late, of, bad):
    days = ["2026-06-01", "2026-06-02", "2026-06-03"]
    assert len(found(*(_lines(day, late, of) for day in days), code="DY108")["DY108"]) == bad


@pytest.mark.parametrize(
    ("late", "of", "expected"),
    [(500, 833, ("breached", 500)), (499, 600, None), (500, 834, None)],
)
def test_one_day_alone(found, scan, tmp_path, late, of, expected):
    """More than 60 % and at least 500: 500 of 833 are 60.02 %, of 834 59.95 %."""
    lines = found(_lines("2026-06-10", late, of), code="DY108")["DY108"]
    assert lines == ({"37110": expected} if expected else {})


@pytest.mark.parametrize(
    ("days", "late", "of", "expected"),
    [
        (["06-01", "06-04", "06-07"], 4, 4, ("breached", 3)),
        (["06-01", "06-04", "06-08"], 4, 4, ("near", 2)),
        (["06-26", "06-27", "06-28"], 4, 4, ("breached", 3)),
        (["06-27", "06-28", "06-29"], 4, 4, ("near", 2)),
        (["06-01"], 600, 600, None),
        (["06-01", "06-02", "06-03"], 3, 3, None),
        (["06-01", "06-02", "06-03"], 8, 10, None),
        (["06-01", "06-02", "06-03"], 9, 11, ("breached", 3)),
    ],
    ids=["", "two", "last", "over", "one big day", "three late ones", "80 %", "81.8 %"],
)
def test_days_of_a_product_that_are_severe(found, days, late, of, expected):
    """More than 80 % and more than three, on three of seven days until 2026-06-28 (aHwH9wK4Je2N)."""
    lines = found(*(_lines(f"2026-{day}", late, of) for day in days), code="DY114")["DY114"]
    assert lines == ({"37110": expected} if expected else {})


@pytest.mark.parametrize(
    ("day", "short", "of", "state"),
    [("2026-06-02", 31, 100, "breached"), ("2026-06-02", 30, 100, None), ("2026-06-02", 29, 32, None),
     ("2026-06-02", 30, 99, "breached"), ("2026-06-01", 30, 100, "near")],
)  # fmt: skip
def test_the_shortages_of_a_day(found, day, short, of, state):
    lines = _open(day, short, "12:00:00", 商家备注="缺货") + _lines(day, 0, of - short)
    reported = found(lines, code="DY203")["DY203"]
    assert reported == ({day: (state, short)} if state else {})


def test_what_is_closed_before_its_promise_is_no_part(found):
    """Of 100 late and 100 in time, a hundred more that were closed are no part; nor are the unpaid."""
    closed = _lines("2026-07-01", 0, 100, 订单状态="已关闭", 发货时间="-")
    unpaid = _lines("2026-07-01", 0, 100, 订单状态="待支付", 发货时间="-", 支付完成时间="-")
    reported = found(_lines("2026-07-01", 100, 200), closed, unpaid)["DY109"]
    assert reported == {"37110 2026-07-01": ("breached", 100)}


@pytest.mark.parametrize(
    ("late", "open_", "good", "state"),
    [(50, 50, 100, "near"), (50, 49, 100, None), (100, 50, 50, "breached"), (0, 100, 100, "near"),
     (0, 100, 101, None)],
)  # fmt: skip
def test_the_forecast_of_today(scan, tmp_path, late, open_, good, state):
    today = "2026-11-20"
    lines = _lines(today, late, late + good) + _open(today, open_)
    orders = write_csv(tmp_path / "a.csv", douyin(*lines))
    report = scan(orders, as_of=f"{today} 15:00:00", select=["DY109"])
    found = [(f["state"], f["count"], f.get("forecast")) for f in findings(report, "DY109")]
    forecast = late + open_ if state == "near" else None
    assert found == ([(state, late, forecast)] if state else [])


@pytest.mark.parametrize(("day", "state"), [("2026-06-01", None), ("2026-06-02", "near")])
def test_a_version_that_warns_by_a_number_has_no_forecast(day, state, scan, tmp_path):
    """DY203 foresees a day since 2026-06-02; until then it warned of 20 that were short."""
    times = {"订单提交时间": "2026-05-20 09:00:00", "支付完成时间": "2026-05-20 12:00:00"}
    orders = write_csv(tmp_path / "a.csv", douyin(*_open(day, 40, **times)))
    found = findings(scan(orders, as_of=f"{day} 18:00:00", select=["DY203"]), "DY203")
    assert [finding["state"] for finding in found] == ([state] if state else [])


def test_what_is_due_tomorrow_is_no_part_of_the_forecast(scan, tmp_path):
    lines = _lines("2026-11-20", 50, 150) + _open("2026-11-21", 200)
    report = scan(
        write_csv(tmp_path / "a.csv", douyin(*lines)), as_of="2026-11-20 15:00:00", select=["DY109"]
    )
    assert findings(report, "DY109") == []


def test_the_forecast_says_how_many_to_ship(scan, tmp_path):
    lines = _lines("2026-11-20", 60, 139) + _open("2026-11-20", 61)
    report = scan(
        write_csv(tmp_path / "a.csv", douyin(*lines)),
        as_of="2026-11-20 15:00:00",
        select=["DY109"],
        lang="en",
    )
    (near,) = findings(report, "DY109")
    assert "200 due today, 60 late, 61 open; 40 more late ones" in near["reason"]
    assert "ship at least 22 of them" in near["reason"]
