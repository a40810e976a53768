"""What late and short orders cost on Tmall and Taobao: the examples of the platforms' own pages.

11000266《天猫物流时效管理规范》 and 10000177《淘宝网发货管理规范》.
"""

from decimal import Decimal

import pytest
from conftest import findings, rule

pytestmark = pytest.mark.every_engine

HEADERS = ("line_id", "status", "created_at", "paid_at", "promised_ship_at", "shipped_at", "amount")
HOURS = {48: "2026-11-08 08:00:00", 49: "2026-11-08 07:00:00", 168: "2026-11-03 08:00:00"}
"""When a line was paid that is promised for 2026-11-10 08:00:00, a number of hours later."""


@pytest.fixture
def costs(scan):
    """What one line costs by each rule, and in all."""
    import pandas as pd

    def cost(
        platform, codes, *, amount, hours=48, shipped=None, promised="2026-11-10 08:00:00", **fields
    ):
        paid = fields.pop("paid_at", HOURS[hours])
        line = {
            "line_id": "1", "status": "shipped" if shipped else "to_ship", "created_at": paid, "paid_at": paid,
            "promised_ship_at": promised, "shipped_at": shipped, "amount": amount, **fields,
        }  # fmt: skip
        table = pd.DataFrame([line], dtype="str")
        report = scan(table, platform=platform, select=codes, map={name: name for name in line})
        money = {code: [found["penalty"] for found in findings(report, code)] for code in codes}
        return money, report.to_dict()["totals"]["penalty"]

    return cost


LATE, SHORT = "2026-11-10 08:00:01", "2026-11-13 08:00:01"


@pytest.mark.looks_at("TM102", "TM103")
@pytest.mark.parametrize(
    ("amount", "hours", "late", "short"),
    [
        ("300.00", 48, "15.00", "30.00"),
        ("300.00", 168, "30.00", "45.00"),
        ("20.00", 48, "5.00", "5.00"),
        ("100.10", 48, "5.01", "10.01"),
        ("10000.00", 48, "50.00", "500.00"),
        ("10000.00", 49, "50.00", "500.00"),
        ("100.00", 49, "10.00", "15.00"),
    ],
)
def test_tmall_by_the_length_of_the_promise(costs, amount, hours, late, short):
    money, total = costs("tmall", ["TM102", "TM103"], amount=amount, hours=hours)
    assert money == {"TM102": [late], "TM103": [short]}
    # Late and short are added, up to 500 for one buyer and day of payment.
    assert Decimal(total) == min(Decimal(late) + Decimal(short), 500)


@pytest.mark.looks_at("TB102", "TB103")
@pytest.mark.parametrize(
    ("amount", "hours", "late", "short"),
    [
        ("1500.00", 48, "15.00", "100.00"),  # 1500 × 10 % = 150, at most 100
        ("1500.00", 168, "30.00", "225.00"),
        ("300.00", 48, "3.00", "30.00"),
        ("300.00", 168, "15.00", "45.00"),
        ("30.00", 168, "5.00", "5.00"),  # 30 × 5 % = 1.50, at least 5
        ("1000.00", 168, "30.00", "150.00"),  # together 180
        ("1000.00", 48, "10.00", "100.00"),  # together 100, as the page says
        ("30.00", 48, "3.00", "5.00"),
    ],
)
def test_taobao_by_the_length_of_the_promise(costs, amount, hours, late, short):
    money, total = costs("taobao", ["TB102", "TB103"], amount=amount, hours=hours)
    assert money == {"TB102": [late], "TB103": [short]}
    assert Decimal(total) == min(Decimal(late) + Decimal(short), 100 if hours == 48 else 500)


@pytest.mark.looks_at("TM101", "TM102", "TM103", "TB101", "TB102", "TB103")
@pytest.mark.parametrize(("platform", "letters"), [("tmall", "TM"), ("taobao", "TB")])
@pytest.mark.parametrize(
    ("shipped", "hit"),
    [
        ("2026-11-10 08:00:00", ""),
        (LATE, "12"),
        ("2026-11-13 08:00:00", "12"),
        (SHORT, "123"),
    ],
    ids=["at the promise", "a second late", "72 hours late", "72:00:01 late"],
)
def test_boundaries(costs, platform, letters, shipped, hit):
    codes = [f"{letters}10{n}" for n in "123"]
    money, _ = costs(platform, codes, amount="99.00", shipped=shipped)
    assert [code for code in codes if money[code]] == [f"{letters}10{n}" for n in hit]


VERSIONS = [
    ("tmall", "TM102", "2025-03-06 23:59:59", "89.70"),
    ("tmall", "TM102", "2025-03-07 00:00:00", "29.90"),
    ("tmall", "TM102", "2026-04-08 23:59:59", "29.90"),
    ("tmall", "TM102", "2026-04-09 00:00:00", "14.95"),
    ("taobao", "TB102", "2025-09-04 23:59:59", "14.95"),
    ("taobao", "TB102", "2025-09-05 00:00:00", "3.00"),
    ("tmall", "TM103", "2026-04-08 23:59:59", None),
    ("tmall", "TM103", "2026-04-09 00:00:00", "29.90"),
    ("taobao", "TB103", "2025-09-04 23:59:59", None),
    ("taobao", "TB103", "2025-09-05 00:00:00", "29.90"),
]


@pytest.mark.looks_at("TM102", "TM103", "TB102", "TB103")
@pytest.mark.parametrize(("platform", "code", "promised", "cost"), VERSIONS)
def test_a_line_is_judged_by_the_text_of_its_own_day(costs, platform, code, promised, cost):
    """The day of the promise. Before the newest text a shortage had to be noted."""
    paid = {"2025-03": "2025-03-05", "2026-04": "2026-04-07", "2025-09": "2025-09-03"}[promised[:7]]
    money, _ = costs(
        platform,
        [code],
        amount="299.00",
        promised=promised,
        paid_at=f"{paid} 08:00:00",
        seller_note="-",
    )
    assert money[code] == ([] if cost is None else [cost])


@pytest.mark.looks_at("TM101", "TM102")
@pytest.mark.parametrize(
    ("picked_up", "delivered", "late"),
    [
        ("2026-11-10 08:00:00", None, False),
        (LATE, None, True),
        (None, None, True),
        (None, "2026-11-10 07:00:00", False),
    ],
    ids=[
        "scanned at the promise",
        "scanned a second late",
        "never scanned",
        "delivered counts as a scan",
    ],
)
def test_shipped_is_the_scan_where_the_parcel_is_known(costs, picked_up, delivered, late):
    cells = {"picked_up_at": picked_up, "delivered_at": delivered}
    codes = ["TM101", "TM102"]
    money, _ = costs("tmall", codes, amount="99.00", shipped="2026-11-09 08:00:00", **cells)
    assert [bool(money[code]) for code in codes] == [late, late]


@pytest.mark.looks_at("TM103")
def test_a_shortage_is_judged_without_notes_and_cases(costs, scan):
    """Status, payment, promise and shipping suffice; a note makes it sharper."""
    money, _ = costs(
        "tmall",
        ["TM103"],
        amount="99.00",
        promised="2026-11-20 08:00:00",
        paid_at="2026-11-18 08:00:00",
    )
    assert money == {"TM103": []}
    cells = {
        "promised": "2026-11-20 08:00:00",
        "paid_at": "2026-11-18 08:00:00",
        "seller_note": "缺货",
    }
    money, _ = costs("tmall", ["TM103"], amount="99.00", **cells)
    assert money == {"TM103": ["9.90"]}
    money, _ = costs("tmall", ["TM103"], amount="99.00", paid_at=None, created_at=HOURS[49])
    assert money == {"TM103": ["14.85"]}  # on delivery: counted from the order


def test_no_shortage_is_not_evaluated_for_want_of_cases(scan):
    import pandas as pd

    row = dict.fromkeys(HEADERS, "2026-11-08 08:00:00") | {
        "line_id": "1",
        "status": "to_ship",
        "amount": "9",
    }
    report = scan(
        pd.DataFrame([row], dtype="str"), platform="taobao", map={name: name for name in HEADERS}
    )
    assert {rule(report, code)["status"] for code in ("TB101", "TB102", "TB103")} == {"evaluated"}


@pytest.mark.looks_at("TM102", "TM103", "TB102", "TB103", "TT303")
@pytest.mark.parametrize(
    ("hours", "picked_up", "costs_of", "total"),
    [
        # Not scanned: short since 72 hours past the promise, and no second time two days later.
        (168, None, ("30.00", "150.00", "0.00"), "180.00"),
        (48, None, ("10.00", "100.00", "0.00"), "100.00"),  # 100 for one buyer and day
        (168, SHORT, ("30.00", "150.00", "0.00"), "180.00"),
        # Scanned late, in time to be no shortage, and then not received: it comes on top.
        (168, "2026-11-13 08:00:00", ("30.00", None, "150.00"), "180.00"),
        (168, LATE, ("30.00", None, "150.00"), "180.00"),
    ],
)
def test_one_line_is_short_once_on_taobao(costs, hours, picked_up, costs_of, total):
    line = {"picked_up_at": picked_up, "delivered_at": None, "pickup_due_at": "2026-11-10 08:00:00"}
    codes = ["TB102", "TB103", "TT303"]
    money, together = costs(
        "taobao", codes, amount="1000.00", hours=hours, shipped="2026-11-09 08:00:00", **line
    )
    assert money == {
        code: [] if cost is None else [cost] for code, cost in zip(codes, costs_of, strict=True)
    }
    assert together == total


@pytest.mark.looks_at("TM102", "TM103", "TT303")
@pytest.mark.parametrize(
    ("picked_up", "total"),
    [(None, "200.00"), (SHORT, "200.00"), ("2026-11-13 08:00:00", "200.00")],
)
def test_one_line_is_short_once_on_tmall(costs, picked_up, total):
    """50 for being late, 150 for the shortage, whichever clause finds it."""
    line = {"picked_up_at": picked_up, "delivered_at": None, "pickup_due_at": "2026-11-10 08:00:00"}
    codes = ["TM102", "TM103", "TT303"]
    _, together = costs(
        "tmall", codes, amount="1000.00", hours=168, shipped="2026-11-09 08:00:00", **line
    )
    assert together == total


@pytest.mark.looks_at("TM105", "TM106", "TB105", "TB106", "TT303", "TT304")
@pytest.mark.parametrize(
    ("platform", "amount", "hours", "pickup_due", "costs_of", "total"),
    [
        ("taobao", "300.00", 48, None, ("15.00", "45.00", None, "30.00"), "90.00"),
        ("taobao", "300.00", 168, None, ("15.00", "45.00", None, "45.00"), "105.00"),
        ("taobao", "1000.00", 48, None, ("50.00", "50.00", None, "100.00"), "100.00"),
        ("tmall", "1000.00", 48, None, ("50.00", "50.00", None, "100.00"), "200.00"),
        # Picked up late, too: one shortage all the same.
        ("tmall", "1000.00", 48, "2026-11-09 07:59:59", ("50.00", "50.00", "100.00", "0.00"), "200.00"),
    ],
)  # fmt: skip
def test_what_stalls_and_never_comes_is_short(
    costs, platform, amount, hours, pickup_due, costs_of, total
):
    line = {"picked_up_at": "2026-11-09 08:00:00", "last_tracked_at": "2026-11-10 08:00:00",
            "delivered_at": None, "pickup_due_at": pickup_due, "province": "浙江", "sender_province": "上海"}  # fmt: skip
    codes = [f"{'TB' if platform == 'taobao' else 'TM'}10{n}" for n in "56"] + ["TT303", "TT304"]
    money, together = costs(
        platform, codes, amount=amount, hours=hours, shipped="2026-11-09 07:00:00", **line
    )
    assert money == {
        code: [] if cost is None else [cost] for code, cost in zip(codes, costs_of, strict=True)
    }
    assert together == total
