"""``init``: which columns are taken for a field by their names, and what speaks against a name."""

import json
import tomllib
from datetime import datetime, timedelta

import init_table
import pandas as pd
import pytest
from conftest import AS_OF, douyin, write_csv

from merchantwatch.mapping.proposal import Proposal
from merchantwatch.mapping.proposing import MOST_COLUMNS, propose
from merchantwatch.reading.tables import from_memory

START = datetime(2026, 11, 10, 8)


def _proposed(columns: dict[str, list[str | None]]) -> Proposal:
    return propose(from_memory(pd.DataFrame(columns, dtype=object), "erp.csv"))


def _mapped(columns: dict[str, list[str | None]]) -> dict[str, str]:
    return {entry.field: entry.header for entry in _proposed(columns).entries}


def _at(hours: float, rows: int = 6) -> list[str | None]:
    return [f"{START + timedelta(hours=hours + n)}" for n in range(rows)]


def _ids(start: int = 880001, rows: int = 6) -> list[str | None]:
    return [str(start + n) for n in range(rows)]


ORDERS = {"order no": _ids(), "created at": _at(0), "paid at": _at(1)}


@pytest.mark.parametrize(
    ("columns", "mapped"),
    [
        ({"id": _ids(), "created at": _at(0)}, {"order_id": "id", "created_at": "created at"}),
        ({"id": _ids(1)} | ORDERS, {"order_id": "order no", "created_at": "created at", "paid_at": "paid at"}),
    ],
    ids=["the only id", "beside the id of the order"],
)  # fmt: skip
def test_a_column_named_id_is_of_the_order_where_nothing_else_is(columns, mapped):
    assert _mapped(columns) == mapped


def test_orders_of_a_marketplace_are_mapped_with_their_pieces_sellers_and_deliveries():
    found = _proposed(
        {
            "id": _ids(), "order_status": ["delivered"] * 4 + ["unavailable", "out of stock"], "order_items_qty": ["1", "2"] * 3,
            "order_sellers_qty": ["1", "2"] * 3, "order_purchase_timestamp": _at(0), "order_approved_at": _at(1),
            "order_estimated_delivery_date": _at(240), "order_delivered_customer_date": [*_at(200, 4), None, None],
        }
    )  # fmt: skip
    assert {entry.field for entry in found.entries} == {
        "order_id", "status", "quantity", "sellers_of_order", "created_at", "paid_at", "estimated_delivery_at", "delivered_at",
    }  # fmt: skip
    words = {word: meaning for table in found.tables for word, meaning in table.meanings}
    assert words == {"delivered": "completed", "unavailable": "to_ship", "out of stock": "to_ship"}


@pytest.mark.parametrize("what", ["length", "lenght", "Height", "photos_qty", "weight"])
def test_a_measure_of_a_product_is_not_its_name(what):
    header = f"product_name_{what}"
    assert header not in _mapped(ORDERS | {header: ["40", "52"] * 3}).values()


def test_the_table_of_files_is_proposed_for_well():
    total = init_table.Score()
    for name, file in init_table.files("tuned").items():
        total.add(init_table.score(name, file))
    assert len(init_table.files("tuned")) >= 30
    assert total.share >= 0.8
    assert total.surely_wrong == []


@pytest.mark.parametrize(
    "header",
    ["RequiredDate", "estimated_ship_date", "Scheduled Ship Date", "latestShipDate", "SHIPBYDATE", "Ship no later than",
     "o_ship_deadline", "t_order_plan_send_time", "order.promisedShippingTime", "rtsSla", "commit date", "DueDate",
     "最晚发货", "應出貨日期", "预计发货时间", "計劃出貨", "最迟出库时间", "发货截止", "発送期限", "交货日期"],
)  # fmt: skip
def test_a_promise_is_recognised_by_its_name(header):
    assert _mapped({**ORDERS, header: _at(49)})["promised_ship_at"] == header


@pytest.mark.parametrize(
    "header",
    ["Evidence Due By (UTC)", "last-updated-date", "refund_deadline", "Refund due date", "payment due date", "Respond by",
     "earliest-ship-date", "invoice due", "review deadline", "Last login", "modify_time", "expiry date", "Created by day",
     "退款截止时间", "售后超时时间", "最早发货时间", "付款截止时间", "揽收超时时间", "最后更新时间", "举证截止时间", "評價期限"],
)  # fmt: skip
def test_no_promise_comes_from_another_deadline(header):
    """Even where it always lies the same time after the payment."""
    assert "promised_ship_at" not in _mapped({**ORDERS, header: _at(49)})


def test_the_surest_promise_counts_and_one_of_delivery_last():
    named = {
        "Est. Delivery Date": _at(200),
        "Due date": _at(50),
        "Planned dispatch": _at(49),
        "Dispatch no later than day": _at(48),
    }
    for expected in list(named)[::-1]:
        proposal = _proposed({**ORDERS, **named})
        entry = next(e for e in proposal.entries if e.field == "promised_ship_at")
        assert entry.header == expected
        assert entry.confidence == ("low" if "Delivery" in expected else "medium")
        del named[expected]


@pytest.mark.parametrize(("before", "found"), [(0, True), (1, False)])
def test_a_promise_is_not_before_the_order(before, found):
    """One of six is more than one in ten."""
    promise = _at(49)
    promise[:before] = [f"{START - timedelta(days=1)}"] * before
    assert ("promised_ship_at" in _mapped({**ORDERS, "due": promise})) == found


@pytest.mark.parametrize(
    ("header", "field"),
    [("order number", "order_id"), ("quantity", "quantity"), ("amount", "amount"), ("ship by", "promised_ship_at"), ("sku", "sku"),
     ("product id", "product_id"), ("province", "province"), ("case id", "case_id"), ("status", "status")],
)  # fmt: skip
def test_an_empty_column_is_no_field(header, field):
    columns = {"line id": _ids(), header: [None] * 6}
    assert field not in _mapped(columns)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("shipped at", "shipped_at"),
        ("tracking no", "tracking_no"),
        ("delivered at", "delivered_at"),
    ],
)
@pytest.mark.parametrize(
    ("words", "mapped"),
    [(["to ship"] * 6, True), (["to ship"] * 5 + ["completed"], False), (["odd word"] * 6, True)],
)
def test_an_empty_time_means_not_yet_unless_the_status_says_otherwise(header, field, words, mapped):
    proposal = _proposed({**ORDERS, "status": words, header: [None] * 6})
    entry = next((e for e in proposal.entries if e.field == field), None)
    assert (entry is not None) == mapped
    assert (header in dict(proposal.doubts)) != mapped
    if entry:
        assert entry.confidence == "low"


@pytest.mark.parametrize(("filled", "mapped"), [(3, True), (4, False)])
def test_a_time_filled_before_it_can_have_happened_is_a_plan(filled, mapped):
    """Of six lines that are not shipped three are half, four are more."""
    delivered = [*_at(99)[:filled], *[None] * (6 - filled)]
    columns = {**ORDERS, "status": ["to ship"] * 6, "delivered at": delivered}
    assert ("delivered_at" in _mapped(columns)) == mapped


@pytest.mark.parametrize(
    ("values", "mapped"),
    [(_ids(), False), ([f"#{n}" for n in _ids()], False), ([*_ids()[:5], "9"], True)],
    ids=["same", "same but for a sign", "one differs"],
)
def test_the_order_id_again_tells_no_lines_apart(values, mapped):
    proposal = _proposed({**ORDERS, "sub order number": values})
    assert ("line_id" in {e.field for e in proposal.entries}) == mapped
    assert ("sub order number" in dict(proposal.doubts)) != mapped


def test_no_method_of_shipping_is_an_order_and_no_date_an_id():
    columns = {
        "order": ["Standard", "Express", "Standard", "Express", "Pick up", "Express"],
        "order number": ["20261110", "20261111", "20261112", "20261113", "20261114", "20261115"],
        "order code": _ids(),
    }
    assert _mapped(columns)["order_id"] == "order code"


def test_what_a_name_plainly_means_goes_before_what_it_resembles():
    mapped = _mapped({**ORDERS, "shippingProvider": ["SF"] * 6, "shipping provinse": ["Ohio"] * 6})
    assert (mapped["carrier"], mapped["province"]) == ("shippingProvider", "shipping provinse")


COURIER = {
    "Waybill": ["SF10000001", "SF10000002"],
    "Courier": ["SF", "SF"],
    "Collected": ["2026-11-19 12:00:00", None],
    "Last scan": ["2026-11-20 12:00:00", None],
    "Signed": [None, None],
}


def test_a_table_of_parcels_is_mapped_by_their_numbers_and_joined(run, tmp_path):
    rows = [dict(zip(COURIER, row, strict=True)) for row in zip(*COURIER.values(), strict=True)]
    write_csv(tmp_path / "traces.csv", [{k: v or "" for k, v in row.items()} for row in rows])
    done = run("init", "traces.csv")
    assert (done.returncode, done.stderr) == (0, "")
    written = tomllib.loads((tmp_path / "merchantwatch.toml").read_text("utf-8"))["map"]
    assert written == {
        "tracking_no": "Waybill", "carrier": "Courier", "picked_up_at": "Collected", "last_tracked_at": "Last scan",
        "delivered_at": "Signed",
    }  # fmt: skip
    numbers = ({"快递信息": f"{n}"} for n in COURIER["Waybill"])
    write_csv(
        tmp_path / "orders.csv",
        douyin(*({"发货时间": "2026-11-18 08:00:00", **number} for number in numbers)),
    )
    done = run("scan", ".", "--as-of", AS_OF, "--select", "DY301", "-o", "json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    (picked_up,) = report["rules"]
    assert (picked_up["hits"], picked_up["unjudged"]) == (1, 0)  # the second never was
    assert report["accounting"]["rows_read"] == 2


def test_a_table_of_disputes_is_one_of_cases(run, tmp_path):
    rows = [
        {
            "Claim ID": f"cl_{n}0000001", "Reason": "not received", "Status": "needs_response",
            "Claim opened": "2026-11-18 09:00:00", "Evidence Due By (UTC)": "2026-11-25 09:00:00",
            "order_id (metadata)": f"10000{n}",
        }
        for n in range(3)
    ]  # fmt: skip
    write_csv(tmp_path / "disputes.csv", rows)
    assert run("init", "disputes.csv").returncode == 0
    written = tomllib.loads((tmp_path / "merchantwatch.toml").read_text("utf-8"))["map"]
    assert written["evidence_due_at"] == "Evidence Due By (UTC)"
    assert written["case_applied_at"] == "Claim opened"
    assert written["case_status"] == {"column": "Status", "needs_response": "seller_to_answer"}
    assert {"promised_ship_at", "created_at", "status", "amount"}.isdisjoint(written)
    found = json.loads(run("check", "disputes.csv", "-o", "json").stdout)
    assert found["inputs"][0]["kind"] == "cases"


@pytest.mark.parametrize(
    ("columns", "platform"),
    [
        ({"amazon-order-id": _ids()}, "amazon"),
        ({"order no": _ids(), "平台": ["抖音"] * 6}, "douyin"),
        ({"order no": _ids(), "平台站点": ["天猫"] * 6}, "tmall"),
        ({"order no": _ids(), "平台": ["天猫", "抖音"] * 3}, None),
        ({"order no": _ids(), "remark": ["amazon"] * 6}, None),
        ({"order no": _ids(), "amazon sku": _ids(), "shopify sku": _ids()}, None),
    ],
)
def test_the_platform_that_the_file_speaks_for(columns, platform):
    assert _proposed(columns).platform == platform


@pytest.mark.parametrize(
    ("args", "header", "platform", "expected"),
    [
        ((), "order no", "douyin", "check it: nothing says whose rules judge"),
        ((), "amazon-order-id", "amazon", "the headers speak for it, check it"),
        (("--platform", "tmall"), "amazon-order-id", "tmall", "whose rules judge"),
    ],
)
def test_a_platform_is_always_written_and_used(run, tmp_path, args, header, platform, expected):
    rows = [{header: f"88000{n}", "created at": "2026-11-10 08:00:00"} for n in range(3)]
    write_csv(tmp_path / "erp.csv", rows)
    assert run("init", "erp.csv", "--lang", "en", *args).returncode == 0
    text = (tmp_path / "merchantwatch.toml").read_text("utf-8")
    assert tomllib.loads(text)["platform"] == platform
    assert expected in next(line for line in text.splitlines() if line.startswith("platform"))
    assert run("scan", "erp.csv", "--as-of", AS_OF, "-o", "json").returncode == 0


@pytest.mark.parametrize(("place", "looked_at"), [(MOST_COLUMNS - 1, True), (MOST_COLUMNS, False)])
def test_only_the_first_columns_are_looked_at(place, looked_at):
    headers = ["order no", *(f"c{n}" for n in range(2, 20_000))]
    headers.insert(place, "created at")
    columns = {
        header: ["2026-11-10 08:00:00" if header == "created at" else "10000001"]
        for header in headers
    }
    proposal = _proposed(columns)
    assert ({e.field for e in proposal.entries} >= {"order_id", "created_at"}) == looked_at
    assert ("created at" in proposal.unused) != looked_at


def test_a_header_of_a_hundred_thousand_columns_is_bounded(run, tmp_path):
    headers = ["order no", *(f"c{n}" for n in range(99_999))]
    (tmp_path / "wide.csv").write_text(
        f"{','.join(headers)}\n{','.join(['1'] * 100_000)}\n", "utf-8"
    )
    done = run("init", "wide.csv", "-o", "-", "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) < 5_000
    assert "and 99,899 more" in done.stdout


def test_open_words_are_reported_to_leave_lines_unjudged(run, tmp_path):
    rows = [{"order no": f"88000{n}", "status": word} for n, word in enumerate(("shipped", "odd"))]
    write_csv(tmp_path / "erp.csv", rows)
    text = run("init", "erp.csv", "-o", "-", "--lang", "en").stdout
    assert "leave their lines unjudged" in text
    assert "to_ship = its time to ship runs" in text
    assert '# "odd" = ""' in text
    rows.pop()
    write_csv(tmp_path / "erp.csv", rows)
    assert "unjudged" not in run("init", "erp.csv", "-o", "-", "--lang", "en").stdout


def _init(run, tmp_path, columns: dict[str, list[str]]) -> tuple[str, dict]:
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    write_csv(tmp_path / "erp.csv", rows)
    text = run("init", "erp.csv", "-o", "-", "--lang", "en").stdout
    return text, tomllib.loads(text)["map"]


@pytest.mark.parametrize(
    ("words", "written"),
    [
        (["open point"] * 4, ["open point"]),
        (["open point", "later"] * 2, ["later", "open point"]),
        (["NULL", "-", "N/A", "open point"], ["open point"]),
        (["NULL"] * 4, None),
        (["a", "b", "c", "c"], None),
        (["room 4"] * 4, None),
    ],
)
def test_words_for_nothing_in_times_are_written_where_they_are_few(run, tmp_path, words, written):
    _, mapped = _init(run, tmp_path, {**ORDERS, "shipped at": [*words, *_at(9)[:2]]})
    assert mapped.get("empty") == written
    assert ("shipped_at" in mapped) == (written is not None or words == ["NULL"] * 4)


@pytest.mark.parametrize(
    ("days", "left_open"),
    [(["01/02/2026 08:00"] * 6, True), (["01/02/2026 08:00"] * 5 + ["13/02/2026 08:00"], False), (["02/02/2026 08:00"] * 6, False)],
    ids=["nothing shows it", "one cell shows it", "it is the same either way"],
)  # fmt: skip
def test_the_order_of_day_and_month_is_left_open_where_nothing_shows_it(
    run, tmp_path, days, left_open
):
    text, mapped = _init(run, tmp_path, {"order no": _ids(), "created at": days})
    assert mapped["created_at"] == "created at"
    assert ("# time_format =" in text) == left_open
    assert "time_format" not in mapped


def test_long_numbers_are_ids_and_times_only_by_name():
    numbers = [f"2026111010{n:02}00" for n in range(10, 16)]
    mapped = _mapped({"order no": numbers, "created at": numbers, "x": numbers})
    assert mapped == {"order_id": "order no", "created_at": "created at"}


@pytest.mark.parametrize(
    "cell",
    ["16 Nov 2026 09:00", "Nov 16, 2026, 09:00 am PST(UTC-8)", "2-Jun-06", "2026年11月16日 上午9:05", "20261116", "16.11.2026",
     "2026-11-16T09:00:00.000+0800"],
)  # fmt: skip
def test_a_time_may_be_written_in_any_way_that_a_scan_reads(cell):
    assert _mapped({**ORDERS, "latest ship": [cell] * 6}).get("promised_ship_at") == "latest ship"
