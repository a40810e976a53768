"""Which rows are one line: over all inputs, in whatever order; and nothing is merged that is not one."""

import itertools
import os

import pytest
from conftest import LATE, douyin, rule, write_csv

pytestmark = [pytest.mark.every_engine, pytest.mark.looks_at("DY100", "IR101")]

MAP = {n: n for n in ("order_id", "product_id", "sku", "paid_at", "promised_ship_at", "shipped_at")}
ROW = {
    "paid_at": "2026-11-01 08:00:00",
    "promised_ship_at": "2026-11-03 08:00:00",
    "shipped_at": "-",
    "sku": "-",
}


def item(order, product, sku="-", **fields):
    return {**ROW, "order_id": order, "product_id": product, "sku": sku, **fields}


@pytest.fixture
def written(tmp_path):
    """Write exports, each a day newer than the one before."""

    def created(*exports):
        paths = []
        for age, rows in enumerate(exports):
            paths.append(write_csv(tmp_path / f"{age}.csv", rows))
            os.utime(paths[-1], (1_795_000_000 + age * 86_400,) * 2)
        return paths

    return created


def lines(report):
    return sorted(report.hits("DY100")["line_id"])


def accounted(report):
    result = report.to_dict()["accounting"]
    assert result["rows_read"] == sum(
        result[n] for n in ("lines", "quarantined", "superseded", "later")
    )
    return result["lines"], result["quarantined"], result["superseded"]


def noted(report, code):
    return sum(n["lines"] for n in report.to_dict()["notes"] if n["code"] == code)


# --------------------------------------------------------------------------- without line ids


@pytest.mark.parametrize(
    ("exports", "found", "superseded"),
    [
        ([[item("A", "1")]], ["A"], 0),
        ([[item("A", "1")], [item("A", "1")]], ["A"], 1),
        ([[item("A", "1")], [item("A", "1"), item("A", "2")]], ["A-1", "A-2"], 1),
        ([[item("A", "1")], [item("A", "2"), item("A", "1")]], ["A-1", "A-2"], 1),
        ([[item("A", "1"), item("A", "2")], [item("A", "2")]], ["A-1", "A-2"], 1),
        ([[item("A", "1")], [item("A", "2")]], ["A-1", "A-2"], 0),
        ([[item("A", "1", "x")], [item("A", "1", "y")]], ["A-1", "A-2"], 0),
        ([[item("A", "1")] * 2, [item("A", "1")] * 3], ["A-1", "A-2", "A-3"], 2),
        ([[item("A", "-")], [item("A", "1")]], ["A-1", "A-2"], 0),
        ([[item("A", "1")], [item("B", "1")]], ["A", "B"], 0),
    ],
)
def test_a_line_is_its_order_product_sku_and_occurrence(exports, found, superseded, written, scan):
    paths = written(*exports)
    for inputs in (paths, paths[::-1]):
        report = scan(*inputs, map=MAP)
        assert lines(report) == found
        assert accounted(report) == (len(found), 0, superseded)


def test_the_number_is_that_of_the_newest_export_and_its_row_counts(written, scan):
    old = [item("A", "1"), item("A", "2", shipped_at="2026-11-02 08:00:00")]
    new = [item("A", "2"), item("A", "3", shipped_at="2026-11-02 08:00:00"), item("A", "1")]
    report = scan(*written(old, new), map=MAP)
    shown = report.hits("DY100")[["line_id", "product_id"]]
    assert sorted(shown.itertuples(index=False, name=None)) == [("A-1", "2"), ("A-3", "1")]


def test_what_cannot_be_understood_has_no_number(written, scan):
    rows = [item("A", "1", shipped_at="41:01.0"), item("A", "1"), item("A", "2")]
    report = scan(*written(rows), map=MAP)
    assert lines(report) == ["A-1", "A-2"]
    assert accounted(report) == (2, 1, 0)


def test_a_platform_has_its_own_orders(written, scan, export):
    (mapped,) = written([item("6900000000000000001", "1")])
    report = scan(mapped, export(LATE), map=MAP, platform="tmall")
    assert accounted(report)[2] == 1, "both are result to be of Tmall, and of one id"


@pytest.mark.parametrize(
    ("rows", "equal"),
    [
        ([item("A", "1"), item("A", "1")], 1),
        ([item("A", "1")] * 3 + [item("B", "1")] * 2, 3),
        ([item("A", "1"), item("A", "1", shipped_at="2026-11-09 08:00:00")], 0),
        ([item("A", "1"), item("A", "2")], 0),
    ],
)
def test_equal_rows_are_noted(rows, equal, written, scan):
    report = scan(*written(rows), map=MAP)
    assert noted(report, "equal-rows") == equal
    assert accounted(report)[0] == len(rows)


def test_equal_rows_of_an_older_export_are_not(written, scan):
    report = scan(*written([item("A", "1")] * 2, [item("A", "1")] * 2), map=MAP)
    assert noted(report, "equal-rows") == 1


ORDERS = [
    [item("A", "1")],
    [item("B", "1"), item("B", "1"), item("B", "2", "x")],
    [item("C", "1", shipped_at="2026-11-04 08:00:00"), item("C", "2")],
    [item("D", "-"), item("D", "-", "y")],
]


def test_order_number_and_repetition_of_files_change_nothing(written, scan):
    """Of exports of one moment, an order whole in each: however they are cut and given."""
    whole = list(itertools.chain(*ORDERS))
    wanted = scan(*written(whole), map=MAP).to_dict()
    for cut, again in ((1, False), (2, True), (3, False)):
        parts = [list(itertools.chain(*some)) for some in (ORDERS[:cut], ORDERS[cut:])]
        paths = written(*parts)
        for path in paths:
            os.utime(path, (1_795_000_000,) * 2)
        for given in (paths, paths[::-1]):
            report = scan(*given, *(given if again else ()), map=MAP)
            for part in ("rules", "findings"):
                assert report.to_dict()[part] == wanted[part], (cut, again, part)


# ------------------------------------------------------------------------------- with line ids


def twin(**fields):
    (row,) = douyin(LATE)
    return {**row, **fields}


@pytest.mark.parametrize(
    ("other", "quarantined"),
    [
        ({}, 0),
        ({"订单应付金额": "1.00", "售后状态": "退款中", "商家备注": "急"}, 0),
        ({"主订单编号": "6800000000000000001"}, 2),
        ({"商品ID": "37111"}, 2),
        ({"订单提交时间": "2026-11-18 07:55:01"}, 2),
        ({"主订单编号": "-"}, 0),
        ({"商品ID": "-"}, 0),
        ({"订单提交时间": "-"}, 0),
    ],
)
def test_one_id_of_two_lines_is_no_line(other, quarantined, scan, tmp_path):
    path = write_csv(tmp_path / "a.csv", [twin(), twin(**other)])
    report = scan(path)
    assert accounted(report) == (1 - quarantined // 2, quarantined, 1 - quarantined // 2)
    assert rule(report, "DY100").get("hits", 0) == 1 - quarantined // 2
    reasons = {item.reason for item in report._run.results.quarantine}
    assert reasons == ({"DQ106"} if quarantined else set())


def test_what_is_no_line_replaces_none_and_leaves_others_alone(export, scan, tmp_path):
    old = export(LATE, LATE, name=f"1795100000_{'0f' * 16}shop.csv")
    rows = [twin(), twin(商品ID="37111"), *douyin({}, {})[1:]]
    new = write_csv(tmp_path / f"1795180000_{'0f' * 16}shop.csv", rows)
    report = scan(old, new)
    assert accounted(report) == (2, 2, 1)
    assert lines(report) == ["6900000000000000001"], "as the older export has it"


def test_the_same_line_in_two_exports_may_change(export, scan):
    old = export(LATE, name=f"1795100000_{'0f' * 16}shop.csv")
    new = export({**LATE, "商品ID": "37111"}, name=f"1795180000_{'0f' * 16}shop.csv")
    assert accounted(scan(old, new)) == (1, 0, 1)


def test_of_an_order_id_mapped_as_a_lines_the_remedy_is_shown(run, tmp_path):
    rows = [{"no": "A", "goods": n, "due": "2026-11-03 08:00:00", "sent": ""} for n in ("1", "2")]
    path = write_csv(tmp_path / "a.csv", rows)
    mapping = ("line_id=no", "product_id=goods", "promised_ship_at=due", "shipped_at=sent")
    options = [part for one in mapping for part in ("--map", one)]
    done = run("scan", path, "--as-of", "2026-11-21", *options, "-o", "text", "--lang", "en")
    assert done.returncode == 3
    assert "map it as order_id" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    "spelt",
    ["６900000000000000001", "６９００００００００００００００００1", "6900000000000000001.0", "'6900000000000000001", '="6900000000000000001"'],
)  # fmt: skip
@pytest.mark.parametrize("column", ["子订单编号", "主订单编号", "商品ID"])
def test_an_id_is_undone(spelt, column, scan, tmp_path):
    row = twin(**{"商品ID": "6900000000000000001", column: spelt})
    found = scan(write_csv(tmp_path / "a.csv", [row])).hits("DY100")
    names = {"子订单编号": "line_id", "主订单编号": "order_id", "商品ID": "product_id"}
    assert list(found[names[column]]) == ["6900000000000000001"]


@pytest.mark.parametrize("expected", ["A1.0", "1.5", "1.00.0", "v2.0", "1001.10"])
def test_what_is_no_number_stays_as_it_is(expected, scan, tmp_path):
    found = scan(write_csv(tmp_path / "a.csv", [twin(商品ID=expected)])).hits("DY100")
    assert list(found["product_id"]) == [expected]
