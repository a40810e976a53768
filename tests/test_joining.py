"""Cases and parcels joined onto lines: which case counts, whose it is, and what belongs to no line."""

import codecs
import csv
import itertools
import json
from datetime import datetime

import pandas as pd
import pyarrow as pa
import pytest
from conftest import AS_OF, LATE, ROOT, douyin, rule, write_csv
from pyarrow import parquet

from merchantwatch import settings
from merchantwatch.engines import ColumnFacts
from merchantwatch.pipeline import passes
from merchantwatch.reports import unseen
from merchantwatch.run import scan

pytestmark = pytest.mark.looks_at("DY309", "DY405", "IR1")
OF_THE_PACK = pytest.mark.looks_at("IR105", "IR108", "IR111", "ZZ")

PACK = """
[pack]
platform = "any"
reviewed = 2026-11-24

[[rule]]
code = "ZZ1"
name = "every-line"
title = { zh = "每一行", en = "every line" }
when = "coalesce(case_reason, '') is not null and coalesce(refund_amount, 0) >= 0 and cases_of_line >= 0"
at_least = 1

[[rule]]
code = "ZZ2"
name = "flagged"
title = { zh = "拒绝或垫付", en = "refused or advanced" }
when = "coalesce(refused, false) or coalesce(platform_advanced, false)"
at_least = 1

[[rule]]
code = "ZZ3"
name = "not-delivered"
title = { zh = "未签收", en = "not delivered" }
when = "shipped_at is not null and delivered_at is null"
at_least = 1

[[rule]]
code = "ZZ4"
name = "pick-up-wanted"
title = { zh = "应揽收", en = "pick-up wanted" }
when = "pickup_due_at is not null"
at_least = 1
"""


def _headers(code, version):
    path = ROOT / "tests" / "formats" / code / version / "export.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(file))


@pytest.fixture
def pack(tmp_path):
    (tmp_path / "pack.toml").write_text(PACK, encoding="utf-8")
    return tmp_path / "pack.toml"


@pytest.fixture
def lines(pack):
    """The judged lines of a scan by their id, with every field of their case."""
    engines = []

    def judged(*paths, as_of=AS_OF, **flags):
        given = settings.resolve(
            {"as_of": as_of, "pack": [str(pack)], "select": ["ZZ", "DY40"], **flags}
        )
        run = scan.run([str(path) for path in paths], given)
        engines.append(run.engine)
        rows = run.engine.table("select * from shown").to_pylist()
        return {row["line_id"]: row for row in rows}

    yield judged
    for engine in engines:
        engine.close()


@pytest.fixture
def cases(tmp_path):
    """Write after-sales cases as Douyin exports them; each says what differs from a fresh one."""

    def write(*rows, name="cases.csv"):
        fresh = {"售后类型": "退货退款", "售后状态": "待商家处理", "售后原因": "质量问题",
                 "售后申请时间": "2026-11-20 08:00:00", "自动处理截止时间": "2026-11-22 08:00:00",
                 "退商品金额（元）": "99.00"}  # fmt: skip
        blank = dict.fromkeys(_headers("douyin-cases", "50"), "-")
        return write_csv(tmp_path / name, [{**blank, **fresh, **case} for case in rows])

    return write


@pytest.fixture
def refunds(tmp_path):
    """Write refunds as Tmall exports them."""

    def write(*rows, name="refunds.csv"):
        fresh = {
            "退款状态": "买家已经申请退款，等待卖家同意",
            "退款的申请时间": "2026-11-20 08:00:00",
        }
        blank = dict.fromkeys(_headers("taobao-cases", "2026"), "")
        return write_csv(tmp_path / name, [{**blank, **fresh, **case} for case in rows])

    return write


def _line(number):
    return str(6900000000000000000 + number)


def _of(number, case_id, **fields):
    return {"售后单号": case_id, "订单号": _line(number), "商品单号": _line(number), **fields}


def test_the_newest_case_is_the_lines_and_all_are_counted(export, cases, lines):
    cases_file = cases(
        _of(1, "701", 售后状态="售后关闭", 售后申请时间="2026-11-19 08:00:00"),
        _of(1, "702", 售后状态="拒绝售后申请", 售后申请时间="2026-11-19 08:00:01"),
        _of(1, "703", 售后申请时间="2026-11-18 23:59:59"),
    )
    found = lines(export({}, {}), cases_file)
    one, other = found[_line(1)], found[_line(2)]
    assert (one["case_id"], one["case_status"], one["refused"]) == ("702", "refused", True)
    assert (one["cases_of_line"], str(one["refund_amount"])) == (3, "99.00")
    assert one["case_due_at"] == datetime(2026, 11, 22, 8)
    assert (other["case_id"], other["case_status"], other["cases_of_line"]) == (None, None, 0)


@pytest.mark.parametrize(
    ("as_of", "case_id", "count"),
    [
        ("2026-11-20 08:00:00", "702", 2),
        ("2026-11-20 07:59:59", "701", 1),
        ("2026-11-19 07:59:59", None, 0),
    ],
)
def test_a_case_applied_later_does_not_exist_yet(as_of, case_id, count, export, cases, lines):
    cases_file = cases(_of(1, "701", 售后申请时间="2026-11-19 08:00:00"), _of(1, "702"))
    line = lines(export({}), cases_file, as_of=as_of)[_line(1)]
    assert (line["case_id"], line["cases_of_line"]) == (case_id, count)


@pytest.mark.parametrize(
    ("as_of", "kind", "status"),
    [
        ("2026-11-20 12:00:00", "退货退款", "refunded"),
        ("2026-11-20 11:59:59", "退货退款", "buyer_to_return"),
        ("2026-11-20 11:59:59", "已发货仅退款", "refunding"),
        ("2026-11-20 10:00:00", "退货退款", "buyer_to_return"),
        ("2026-11-20 09:59:59", "退货退款", "seller_to_answer"),
    ],
)
def test_a_status_follows_times_after_as_of(as_of, kind, status, export, cases, lines):
    case = _of(1, "701", 售后类型=kind, 售后状态="退款成功", 同意售后申请时间="2026-11-20 10:00:00",
               售后完结时间="2026-11-20 12:00:00", 退款方式="平台垫付", 纠纷责任方="商家责任",
               仲裁状态="仲裁结束-支持买家")  # fmt: skip
    line = lines(export({}), cases(case), as_of=as_of)[_line(1)]
    over = status == "refunded"
    assert line["case_status"] == status
    assert (line["case_closed_at"] is not None) == over
    assert (line["case_answered_at"] is not None) == (status != "seller_to_answer")
    assert (line["intervention"], line["liable"]) == (
        ("buyer_won", "seller") if over else ("ruling", None)
    )
    assert line["platform_advanced"] == (True if over else None)
    assert line["case_masked"] == (not over)


def test_a_refusal_has_no_time_and_stays(export, cases, lines):
    case = _of(1, "701", 售后状态="拒绝售后申请", 售后完结时间="2026-11-21 00:00:01")
    assert lines(export({}), cases(case))[_line(1)]["case_status"] == "refused"


@pytest.mark.parametrize("later", ["同意售后申请时间", "售后完结时间"])
def test_a_case_without_a_known_outcome_stays_unknown(later, export, cases, lines):
    case = _of(1, "701", 售后状态="-", **{later: "2026-11-21 00:00:01"})
    assert lines(export({}), cases(case))[_line(1)]["case_status"] is None


@pytest.mark.parametrize(
    ("word", "refused"),
    [("拒绝售后申请", True), ("退款成功", False), ("一个新词", None), ("-", None)],
)
def test_every_known_word_tells_whether_a_request_was_refused(
    word, refused, export, cases, lines, scan
):
    cases_file = cases(_of(1, "701", 售后状态=word, 退款方式="平台垫付"))
    assert lines(export({}), cases_file)[_line(1)]["refused"] is refused
    advanced = rule(scan(export({}), cases_file), "DY405")
    assert (advanced["hits"], advanced["unjudged"]) == (refused is True, refused is None)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_same_case_in_two_exports_counts_once_and_the_newer_one_tells(
    order, export, cases, lines
):
    orders = export({})
    old = cases(_of(1, "701"), _of(1, "702", 售后申请时间="2026-11-18 08:00:00"),
                name=f"1795200000_{'a' * 32}.csv")  # fmt: skip
    new = cases(_of(1, "701", 售后状态="退款成功"), name=f"1795203600_{'b' * 32}.csv")
    files = [orders, old, new]
    line = lines(*(files[at] for at in order))[_line(1)]
    assert (line["case_status"], line["cases_of_line"]) == ("refunded", 2)


def test_two_lines_of_one_order_have_each_their_own_case(export, cases, lines):
    orders = export({"主订单编号": "6800"}, {"主订单编号": "6800"}, {"主订单编号": "6800"})
    cases_file = cases(
        {"售后单号": "701", "订单号": "6800", "商品单号": _line(1)},
        {"售后单号": "702", "订单号": "6800", "商品单号": _line(2), "售后状态": "售后关闭"},
    )
    found = lines(orders, cases_file)
    assert [found[_line(n)]["case_id"] for n in (1, 2, 3)] == ["701", "702", None]


def test_a_case_that_names_only_the_order_is_of_each_of_its_lines(export, cases, lines, scan):
    orders = export({"主订单编号": "6800"}, {"主订单编号": "6800"}, {})
    cases_file = cases(
        {"售后单号": "701", "订单号": "6800"},
        {
            "售后单号": "702",
            "订单号": "6800",
            "商品单号": _line(2),
            "售后申请时间": "2026-11-19 08:00:00",
        },
    )
    found = lines(orders, cases_file)
    assert [found[_line(n)]["case_id"] for n in (1, 2, 3)] == ["701", "701", None]
    assert [found[_line(n)]["cases_of_line"] for n in (1, 2, 3)] == [1, 2, 0]


@pytest.mark.parametrize("order_id", ["6800", _line(1)])
@pytest.mark.parametrize(
    ("product", "newest", "count"), [("61", "702", 2), ("62", "701", 1), ("-", "702", 2)]
)
def test_a_case_of_another_product_of_the_order_is_not_the_lines(
    order_id, product, newest, count, export, cases, lines
):
    """Though a case names the line and not its product: the line itself tells what it is."""
    orders = export({"主订单编号": order_id, "商品ID": "61"})
    cases_file = cases(
        {"售后单号": "701", "订单号": order_id, "商品单号": _line(1)},
        {
            "售后单号": "702",
            "订单号": order_id,
            "商品ID": product,
            "售后申请时间": "2026-11-20 09:00:00",
        },
    )
    line = lines(orders, cases_file)[_line(1)]
    assert (line["case_id"], line["cases_of_line"]) == (newest, count)


def test_lines_that_share_a_case_are_noted(export, cases, scan):
    orders = export({"主订单编号": "6800"}, {"主订单编号": "6800"}, {})
    report = scan(orders, cases({"售后单号": "701", "订单号": "6800"})).to_dict()
    (note,) = [note for note in report["notes"] if note["code"] == "cases-of-several-lines"]
    assert json.dumps(note["lines"]) == "2"


def _tmall(number, product):
    return {"主订单编号": "3300", "子订单编号": f"330{number}", "商品标题": "样品", "购买数量": "1",
            "商品ID": product, "订单状态": "买家已付款,等待卖家发货", "订单创建时间": "2026-11-19 08:00:00",
            "订单付款时间": "2026-11-19 08:00:00", "发货时间": ""}  # fmt: skip


def test_a_refund_names_its_line_by_the_product(refunds, lines, tmp_path):
    orders = write_csv(tmp_path / "a.csv", [_tmall(1, "61"), _tmall(2, "62"), _tmall(3, "")])
    cases_file = refunds(
        {
            "订单编号": "3300",
            "退款编号": "161",
            "商品id": "61",
            "退款的申请时间": "2026-11-20 09:00:00",
        },
        {"订单编号": "3300", "退款编号": "160"},
    )
    found = lines(orders, cases_file)
    assert found["3301"]["case_id"] == "161"
    assert found["3302"]["case_id"] == "160"  # a case of the order; the other is of another product
    assert found["3303"]["case_id"] == "161"  # its product is unknown: any case of the order
    assert [found[f"330{n}"]["cases_of_line"] for n in (1, 2, 3)] == [2, 1, 2]


def test_an_order_without_lines_has_the_cases_of_its_lines(cases, lines, tmp_path):
    row = {"编号": "6800", "付款": "2026-11-18 08:00:00"}
    orders = write_csv(tmp_path / "a.csv", [row])
    cases_file = cases({"售后单号": "701", "订单号": "6800", "商品单号": _line(1)})
    found = lines(orders, cases_file, map=["order_id=编号", "paid_at=付款"])
    assert found["6800"]["case_id"] == "701"


def test_a_tracking_number_alone_joins(export, cases, lines, tmp_path):
    orders = export({"快递信息": "SF-1-顺丰速运"}, {"快递信息": "SF-2-顺丰速运"})
    cases_file = cases(
        {"售后单号": "701", "发货物流单号": "SF-1"}, _of(2, "702", 发货物流单号="SF-1")
    )
    parcels = write_csv(
        tmp_path / "p.csv", [{"运单号": "SF-2", "订单编号": "-", "揽收时间": "2026-11-19 20:00:00"}]
    )
    found = lines(orders, cases_file, parcels)
    assert [found[_line(n)]["case_id"] for n in (1, 2)] == ["701", "702"]
    assert [found[_line(n)]["parcel_known"] for n in (1, 2)] == [False, True]
    assert found[_line(2)]["picked_up_at"] == datetime(2026, 11, 19, 20)


@pytest.mark.parametrize("last", ["2026-11-19 21:00:00", "-"])
def test_a_line_is_picked_up_and_delivered_when_all_its_parcels_are(
    last, export, lines, cases, tmp_path
):
    first = {"运单号": "SF1", "订单编号": f"{_line(1)},{_line(2)}", "揽收时间": "2026-11-19 20:00:00",
             "签收时间": "2026-11-20 20:00:00"}  # fmt: skip
    parcels = [
        first,
        {**first, "运单号": "SF2", "订单编号": _line(1), "揽收时间": last, "签收时间": last},
    ]
    found = lines(export({}, {}), write_csv(tmp_path / "p.csv", parcels), cases(_of(3, "703")))
    at = datetime(2026, 11, 19, 21) if last != "-" else None
    assert (found[_line(1)]["picked_up_at"], found[_line(1)]["delivered_at"] is None) == (
        at,
        at is None,
    )
    assert found[_line(2)]["picked_up_at"] == datetime(2026, 11, 19, 20)


def test_a_delivery_is_known_of_a_parcel_and_not_of_the_file_that_names_a_line(
    export, lines, cases, tmp_path
):
    """Of a parcel in files without a column of deliveries nothing is known, and of its lines only
    that they are not delivered where another parcel is not.
    """
    then = "2026-11-20 20:00:00"
    scanned = {"揽收时间": "2026-11-19 20:00:00"}
    with_delivery = [
        {"运单号": "SF1", "订单编号": _line(1), **scanned, "签收时间": then},
        {"运单号": "SF3", "订单编号": _line(2), **scanned, "签收时间": "-"},
        {"运单号": "SF5", "订单编号": _line(4), **scanned, "签收时间": then},
    ]
    without_delivery = [
        {"运单号": "SF2", "订单编号": _line(1), **scanned},
        {"运单号": "SF4", "订单编号": _line(2), **scanned},
        {"运单号": "SF5", "订单编号": _line(3), **scanned},
    ]
    files = [
        write_csv(tmp_path / f"{n}.csv", rows)
        for n, rows in enumerate((with_delivery, without_delivery))
    ]
    found = lines(export({}, {}, {}, {}), *files, cases(_of(4, "703")))
    deliveries = [
        (found[_line(n)]["delivery_known"], found[_line(n)]["delivered_at"]) for n in range(1, 5)
    ]
    at = datetime.fromisoformat(then)
    assert deliveries == [(False, None), (True, None), (True, at), (True, at)]


@OF_THE_PACK
def test_a_line_whose_parcel_is_in_no_file_is_not_called_undelivered(export, scan, pack, tmp_path):
    parcels = [{"运单号": "SF1", "订单编号": _line(1), "揽收时间": "-", "签收时间": "-"}]
    orders, known = export({}, {}), write_csv(tmp_path / "p.csv", parcels)
    outcome = rule(scan(orders, known, pack=[pack]), "ZZ3")
    assert (outcome["hits"], outcome["unjudged"]) == (1, 1)
    assert rule(scan(orders, pack=[pack]), "ZZ3")["missing"] == ["delivered_at"]


def test_an_export_without_deliveries_leaves_only_what_was_shipped_unjudged(export, scan):
    delivered = export({"签收时间": "2026-11-20 05:59:59"}, name="a.csv")
    without_delivery = write_csv(
        delivered.with_name("b.csv"),
        [{**row, "子订单编号": row["子订单编号"][:-1] + "9"} for row in douyin(LATE)]
        + [{**row, "子订单编号": row["子订单编号"][:-1] + "8"} for row in douyin({})],
    )
    found = rule(scan(delivered, without_delivery), "DY309")
    assert (found["hits"], found["unjudged"]) == (1, 1)


@OF_THE_PACK
def test_alerts_tell_when_a_pick_up_is_wanted_and_nothing_of_the_pick_up(
    scan, pack, lines, tmp_path
):
    orders = write_csv(tmp_path / "a.csv", [{**_tmall(1, "61"), "发货时间": "2026-11-19 09:00:00"},
                                            _tmall(2, "62")])  # fmt: skip
    alert = {
        "交易单号": "3300",
        "子交易单号": "3301",
        "运单号": "YT1",
        "应揽收时间": "2026-11-20 20:00:00",
    }
    alerts = write_csv(tmp_path / "p.csv", [alert])
    report = scan(orders, alerts, pack=[pack])
    assert rule(report, "ZZ4")["hits"] == 1
    assert report.hits("ZZ4")["tracking_no"].tolist() == ["YT1"]
    assert rule(report, "IR105")["status"] == "not_evaluated"


def test_the_exports_word_stands_where_no_case_is_found(export, cases, lines):
    cells = {"售后状态": "退款成功"}
    found = lines(export(cells, cells), cases(_of(1, "701", 售后状态="待商家收货")))
    assert [found[_line(n)]["case_status"] for n in (1, 2)] == ["seller_to_receive", "refunded"]


def test_rules_over_cases_are_evaluated_once_a_case_export_is_there(export, cases, scan, pack):
    orders = export({}, {}, without=["售后状态"])
    cases_file = cases(_of(1, "701", 售后状态="拒绝售后申请"))
    options = {"pack": [pack], "select": ["ZZ2", "IR108", "IR111"]}
    assert rule(scan(orders, **options), "ZZ2")["missing"] == ["refused", "platform_advanced"]
    assert rule(scan(orders), "IR111")["status"] == "not_evaluated"
    report = scan(orders, cases_file, **options)
    for code in ("ZZ2", "IR111"):
        assert (rule(report, code)["hits"], rule(report, code)["unjudged"]) == (1, 0)
    assert rule(report, "IR108")["hits"] == 0


def test_an_unknown_word_of_a_case_leaves_its_line_unjudged(export, cases, scan):
    report = scan(export({}, {}), cases(_of(1, "701", 售后状态="一个新词")))
    assert rule(report, "IR108")["unjudged"] == 1
    (note,) = [n for n in report.to_dict()["notes"] if n["code"] == "unknown-case-status"]
    assert note["lines"] == 1


def test_what_belongs_to_no_line_is_counted_and_named(export, cases, scan, tmp_path):
    cases_file = cases(_of(1, "701"), _of(8, "708"), _of(9, "709"), {"售后单号": "700"})
    parcels = [{"运单号": "SF1", "订单编号": f"{_line(9)},{_line(1)}", "揽收时间": "-"},
               {"运单号": "SF9", "订单编号": _line(9), "揽收时间": "-"}]  # fmt: skip
    report = scan(export(LATE), cases_file, write_csv(tmp_path / "p.csv", parcels)).to_dict()
    assert [entry.get("unmatched") for entry in report["inputs"]] == [None, 3, 1]
    notes = {note["code"]: note["text"] for note in report["notes"]}
    assert "3 (700, 708, 709)" in notes["cases-unmatched"]
    assert "1 (SF9)" in notes["parcels-unmatched"]
    assert report["accounting"] == {"rows_read": 1, "lines": 1, "quarantined": 0,
                                    "superseded": 0, "later": 0}  # fmt: skip


def test_a_case_row_that_cannot_be_read_is_quarantined_and_replaces_nothing(
    export, cases, lines, scan
):
    orders = export({})
    old = cases(_of(1, "701"), name=f"1795200000_{'a' * 32}.csv")
    new = cases(_of(1, "701", 售后申请时间="昨天"), _of(1, "-"), name=f"1795203600_{'b' * 32}.csv")
    assert lines(orders, old, new)[_line(1)]["case_status"] == "seller_to_answer"
    report = scan(orders, old, new).to_dict()
    assert [(row["row"], row["reason"]) for row in report["quarantine"]] == [
        (2, "DQ201"),
        (3, "DQ101"),
    ]
    assert report["inputs"][2]["quarantined"] == 2


def test_cases_alone_are_read_and_belong_to_no_line(cases, scan):
    report = scan(cases(_of(1, "701"))).to_dict()
    assert (report["accounting"]["rows_read"], report["inputs"][0]["unmatched"]) == (0, 1)


def test_why_names_the_cases_and_parcels_of_a_line(export, cases, run, tmp_path):
    cases_file = cases(_of(1, "701", 售后申请时间="2026-11-19 08:00:00"), _of(1, "702"))
    parcels = [{"运单号": "SF1", "订单编号": _line(1), "揽收时间": "-"}]
    files = [export({}).name, cases_file.name, write_csv(tmp_path / "p.csv", parcels).name]
    done = run("why", _line(1), *files, "--as-of", AS_OF)
    assert done.returncode == 0, done.stderr
    shown = [line.split() for line in done.stdout.splitlines()]
    assert ["cases", "702", "(cases.csv:3)"] in shown
    assert ["cases", "701", "(cases.csv:2)"] in shown
    assert ["parcels", "SF1", "(p.csv)"] in shown


def test_without_cases_and_parcels_nothing_is_joined(export, lines, pack):
    given = settings.resolve({"as_of": AS_OF})
    with_none = scan.run([str(export({}))], given)
    try:
        (export_,) = with_none.lines.exports
        query = passes.judging(with_none.lines, export_, with_none.plan).query(ColumnFacts())
    finally:
        with_none.engine.close()
    assert " join " not in query
    assert "union" not in query


def test_a_case_for_want_of_stock_says_that_the_line_is_out_of_stock(export, cases, scan):
    cases_file = cases(_of(1, "701", 售后原因="商家缺货"), _of(2, "702"))
    report = scan(export(LATE, LATE), cases_file)
    assert report.hits("IR104")[["line_id", "out_of_stock_from"]].to_numpy().tolist() == [
        [_line(1), "case_reason"]
    ]


# ------------------------------------------------------------------------------- whole orders

TWO = {"主订单编号": "6800", "子订单编号": "6801;\t6802", "选购商品": "杯;壶", "商品ID": "2001;2002",
       "商品数量": "3", "订单应付金额": "150.00"}  # fmt: skip


def test_a_row_of_a_whole_order_becomes_its_lines(export, lines, scan, cases):
    orders = export({**LATE, **TWO}, LATE)
    cases_file = cases({"售后单号": "702", "订单号": "6800", "商品单号": "6802"})
    found = lines(orders, cases_file)
    assert {
        n: (row["order_id"], row["product_id"], row["product_name"]) for n, row in found.items()
    } == {
        "6801": ("6800", "2001", "杯"),
        "6802": ("6800", "2002", "壶"),
        _line(2): (_line(2), "37110", "样品"),
    }
    assert [found[n]["case_id"] for n in ("6801", "6802")] == [None, "702"]
    assert (found["6801"]["amount"], found["6802"]["quantity"]) == (None, None)
    report = scan(orders)
    assert report.to_dict()["accounting"] == {"rows_read": 3, "lines": 3, "quarantined": 0,
                                              "superseded": 0, "later": 0}  # fmt: skip
    late = report.hits("IR101")
    assert sorted(zip(late["line_id"], late["source_row"], strict=True)) == [
        ("6801", 2),
        ("6802", 2),
        (_line(2), 3),
    ]
    (note,) = [note for note in report.to_dict()["notes"] if note["code"] == "divided"]
    assert note["lines"] == 2


@pytest.mark.parametrize("kind", ["csv", "parquet", "table"])
def test_of_a_divided_row_each_line_is_judged_by_itself(kind, export, scan, tmp_path):
    path = export({**TWO, "售后状态": "-;待商家收货"}, {})
    if kind != "csv":
        table = pd.read_csv(path, dtype=str)
        table.to_parquet(tmp_path / "orders.parquet")
        path = tmp_path / "orders.parquet" if kind == "parquet" else table
    report = scan(path)
    assert report.hits("IR109")["line_id"].tolist() == ["6802"]
    assert report.to_dict()["accounting"]["lines"] == 3


def test_parts_of_an_amount_are_distinguished(export, lines, cases):
    found = lines(
        export({**TWO, "订单应付金额": "100.00;1,050.00", "商品数量": "1;2"}), cases(_of(1, "1"))
    )
    assert [str(found[n]["amount"]) for n in ("6801", "6802")] == ["100.00", "1050.00"]
    assert [found[n]["quantity"] for n in ("6801", "6802")] == [1, 2]


@pytest.mark.parametrize(
    "cell", [{"商品ID": "2001"}, {"商品ID": "2001;2002;2003"}, {"选购商品": "杯;壶;盖"}]
)
def test_a_whole_order_that_cannot_be_divided_is_quarantined(cell, export, scan):
    report = scan(export({**TWO, **cell})).to_dict()
    assert report["accounting"]["rows_read"] == report["accounting"]["quarantined"] == 1
    assert report["quarantine"][0]["reason"] == "DQ103"


@pytest.mark.parametrize("cell", [{"商品ID": "2001"}, {"选购商品": "杯"}, {"商家编码": "A"}])
def test_what_cannot_be_divided_is_none_of_the_lines_that_it_names(cell, export, scan):
    """Two rows of 6801 alone may differ as they like: the whole order's row says nothing of it."""
    one = {"主订单编号": "6800", "子订单编号": "6801", "选购商品": "杯", "商品ID": "2001"}
    rows = [{**TWO, **cell, "主订单编号": "6809"}, one, {**one, **LATE}]
    report = scan(export(*rows)).to_dict()
    assert report["accounting"] == {"rows_read": 3, "lines": 1, "quarantined": 1,
                                    "superseded": 1, "later": 0}  # fmt: skip
    assert [(row["row"], row["reason"]) for row in report["quarantine"]] == [(2, "DQ103")]


def test_a_part_without_an_id_costs_one_line(export, scan):
    report = scan(export({**TWO, "子订单编号": "6801;"})).to_dict()
    assert (report["accounting"]["lines"], report["accounting"]["quarantined"]) == (1, 1)
    assert [(row["row"], row["reason"]) for row in report["quarantine"]] == [(2, "DQ101")]


def test_the_later_row_wins_among_divided_rows(export, scan, pack):
    swapped = {"子订单编号": "6802;6801", "选购商品": "壶;杯", "商品ID": "2002;2001"}
    orders = export({**TWO, **LATE}, {**TWO, **swapped}, {**TWO, "子订单编号": "6802", "选购商品": "壶",
                    "商品ID": "2002", **LATE})  # fmt: skip
    report = scan(orders)
    assert report.to_dict()["accounting"]["superseded"] == 3
    assert report.hits("IR101")[["line_id", "source_row"]].to_numpy().tolist() == [["6802", 4]]


def test_a_typed_product_id_is_not_copied_to_every_line(scan):

    rows = [
        {name: cell for name, cell in {**TWO, "订单状态": "待发货"}.items() if name != "选购商品"}
    ]
    table = pd.DataFrame(rows).assign(商品ID=2001, 订单提交时间="2026-11-18 08:00:00")
    assert scan(table).to_dict()["quarantine"][0]["reason"] == "DQ103"


@OF_THE_PACK
def test_the_export_that_would_tell_of_cases_is_named(export, scan, pack):
    results = scan(export({}, without=["售后状态"]), pack=[pack]).results
    found = {outcome.code: text.en for outcome, text in unseen.not_evaluated(results)}
    assert "售后单号 of douyin-cases" in found["ZZ1"]
    assert found["ZZ2"] == (
        "missing 售后状态, 退款方式 of douyin-cases (Doudian back-office > After-sales > Workbench > Export)"
    )


@pytest.mark.parametrize(
    "kind", ["douyin-cases", "douyin-parcels", "taobao-cases", "taobao-parcels"]
)
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_an_export_of_cases_or_parcels_may_hold_a_header_alone(
    export, scan, tmp_path, kind, suffix
):
    """Also where hashes are made of its columns, and where these have types of their own."""
    data = next((ROOT / "tests" / "formats" / kind).glob("*/export.csv")).read_bytes()
    text = data.decode("utf-8-sig" if data.startswith(codecs.BOM_UTF8) else "gb18030")
    headers = next(csv.reader([text.splitlines()[0]]))
    path = tmp_path / f"empty.{suffix}"
    if suffix == "csv":
        path.write_text(",".join(headers) + "\n", encoding="utf-8")
    else:
        types = [pa.float64() if header.endswith("时间") else pa.string() for header in headers]
        parquet.write_table(pa.schema(zip(headers, types, strict=True)).empty_table(), path)
    result = scan(export(LATE), path).to_dict()
    assert result["accounting"]["lines"] == 1
    assert [entry["rows"] for entry in result["inputs"] if entry["path"] == str(path)] == [0]
