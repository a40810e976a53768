"""What a report makes of values: whose money, days alone, words for nothing, what was closed later."""

import pytest
from conftest import LATE, write_csv

pytestmark = [pytest.mark.every_engine, pytest.mark.looks_at("DY100")]

LINE = {
    "line_id": "1",
    "created_at": "2026-11-15 10:00:00",
    "promised_ship_at": "2026-11-17 10:00:00",
    "shipped_at": "",
}


def _scanned(scan, tmp_path, *rows, **options):
    lines = [{**LINE, "line_id": str(n), **row} for n, row in enumerate(rows, start=1)]
    path = write_csv(tmp_path / "own.csv", lines)
    names = {name: name for name in lines[0] if name != "currency"}
    return scan(path, map=names, select=["DY100"], lang="en", **options)


def _found(report):
    return {f["key"]: f["state"] for f in report.to_dict()["findings"]}


@pytest.mark.parametrize(
    ("closed_at", "as_of", "found"),
    [
        ("2026-11-18 10:00:00", "2026-11-18 09:59:59", {"1": "breached"}),
        ("2026-11-18 10:00:00", "2026-11-18 10:00:00", {}),
        ("2026-11-18 10:00:00", "2026-11-18 10:00:01", {}),
        ("", "2026-11-18 10:00:00", {}),
    ],
)
def test_what_was_closed_after_as_of_was_not_closed_yet(scan, tmp_path, closed_at, as_of, found):
    row = {"closed_at": closed_at, "paid_at": LINE["created_at"], "status": "closed"}
    report = _scanned(scan, tmp_path, row, as_of=as_of)
    assert _found(report) == found
    reported = {note["code"] for note in report.to_dict()["notes"]}
    assert ("closed-after-as-of" in reported) == (not closed_at)


def test_what_was_never_paid_is_unpaid_before_it_was_closed(scan, tmp_path):
    row = {"closed_at": "2026-11-18 10:00:00", "paid_at": "", "status": "closed"}
    assert _found(_scanned(scan, tmp_path, row, as_of="2026-11-18 09:00:00")) == {}


@pytest.mark.parametrize(
    ("as_of", "state"),
    [
        ("2026-11-17 00:00:00", "near"),
        ("2026-11-17 23:59:59", "near"),
        ("2026-11-18 00:00:00", "breached"),
    ],
)
def test_a_promise_of_a_day_lasts_to_its_end(scan, tmp_path, as_of, state):
    report = _scanned(scan, tmp_path, {"promised_ship_at": "2026-11-17"}, as_of=as_of)
    (finding,) = report.to_dict()["findings"]
    assert (finding["state"], finding["due_at"]) == (state, "2026-11-17T23:59:59")


def test_what_is_shipped_on_the_day_of_its_promise_is_in_time(scan, tmp_path):
    rows = [
        {"shipped_at": "2026-11-17"},
        {"shipped_at": "2026-11-18", "promised_ship_at": "2026-11-17"},
    ]
    report = _scanned(scan, tmp_path, *rows)
    assert len(report.hits("DY100")) == 0


def test_words_for_nothing_are_counted(scan, tmp_path):
    report = _scanned(scan, tmp_path, *[{"shipped_at": word} for word in ("NULL", "NULL", "N/A")])
    (note,) = (n for n in report.to_dict()["notes"] if n["code"] == "words-for-nothing")
    assert "3 cells of shipped_at" in note["text"]
    assert "NULL (2), N/A (1)" in note["text"]
    assert set(_found(report)) == {"1", "2", "3"}


def test_an_order_of_day_and_month_that_no_cell_shows_is_noted(scan, tmp_path):
    report = _scanned(scan, tmp_path, {"promised_ship_at": "05.11.2026 10:00"})
    (note,) = (n for n in report.to_dict()["notes"] if n["code"] == "day-order-assumed")
    assert "day first" in note["text"]


def _amounts(report):
    result = report.to_dict()
    return result["totals"]["amount_at_stake"], result["totals"]["amounts_at_stake"], [
        (f["amount_at_stake"], f["currency"]) for f in result["findings"]
    ]  # fmt: skip


def test_an_amount_keeps_whose_money_it_is(scan, tmp_path):
    report = _scanned(scan, tmp_path, {"amount": "₹1,23,456.78"}, {"amount": "₹12.00"})
    total, _, findings = _amounts(report)
    assert (total, findings) == ("123468.78", [("123456.78", "INR"), ("12.00", "INR")])
    report.write(tmp_path / "r.html", "html")
    page = (tmp_path / "r.html").read_text("utf-8")
    assert "₹123,468.78" in page
    assert "¥" not in page.split("<footer")[0].split("Sources")[0]


def test_amounts_of_several_currencies_are_not_added_up(scan, tmp_path):
    rows = [{"amount": "12.00", "currency": "EUR"}, {"amount": "13.00", "currency": "USD"}]
    assert _amounts(_scanned(scan, tmp_path, *rows))[:2] == (None, {})


def test_amounts_of_unknown_currency_have_no_sign(scan, tmp_path):
    report = _scanned(scan, tmp_path, {"amount": "12.00"})
    assert _amounts(report) == ("12.00", {"": "12.00"}, [("12.00", None)])
    named = _scanned(scan, tmp_path, {"amount": "12.00"}, platform="douyin")
    assert _amounts(named)[2] == [("12.00", "CNY")]


def test_where_no_amount_is_known_no_sum_is_shown(scan, tmp_path):
    report = _scanned(scan, tmp_path, {})
    assert _amounts(report) == (None, {}, [(None, None)])
    report.write(tmp_path / "r.txt", "text")
    report.write(tmp_path / "r.html", "html")
    text = (tmp_path / "r.txt").read_text("utf-8")
    assert "\nMoney       amount of the broken orders unknown\n" in text
    assert "0.00" not in (tmp_path / "r.html").read_text("utf-8").split("<footer")[0]


@pytest.mark.looks_at("PD101")
@pytest.mark.parametrize("amount", ["", "99.00"])
def test_what_clauses_cost_stands_beside_unknown_amounts(scan, tmp_path, amount):
    path = write_csv(tmp_path / "own.csv", [{**LINE, "amount": amount}])
    names = {name: name for name in (*LINE, "amount")}
    report = scan(path, map=names, platform="pdd", lang="en")
    text = " ".join(report.write(tmp_path / "r.txt", "text").read_text("utf-8").split())
    assert "Money lost ¥3.00" in text
    assert ("to save; amount of the broken orders unknown" in text) == (not amount)


def test_yuan_of_a_recognised_export_are_yuan(scan, export):
    report = scan(export({**LATE, "订单应付金额": "99.00"}), select=["DY100"])
    assert _amounts(report)[2] == [("99.00", "CNY")]
