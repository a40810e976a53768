"""Exemptions: what a platform has agreed not to count, or to count from a later moment."""

import json
from datetime import datetime, timedelta
from random import Random

import pytest
from conftest import LATE, SHORT, douyin, findings, rule, write_csv

import merchantwatch as mw
from merchantwatch.reading.exemptions import read_exemptions

pytestmark = [
    pytest.mark.every_engine,
    pytest.mark.looks_at("DY100", "DY101", "DY102", "DY104", "DY201", "DY301"),
]

HEADER = "订单,商品,地区,店铺,规则,起,止,时间依据,顺延至,顺延,原因,批准"
NAMES = HEADER.split(",")


@pytest.fixture
def exempt(tmp_path):
    """Write a file of exemptions: ``exempt({"商品": "37110"})``; approved by default."""

    def written(*rows, name="exemptions.csv"):
        given = [{"原因": "洪水", "批准": "是", **row} for row in rows]
        rows = [{header: row.get(header, "") for header in NAMES} for row in given]
        return write_csv(tmp_path / name, rows)

    return written


def _states(report, code):
    """The state of each line of one rule, by the last digits of its id."""
    hits = report.hits(code)
    return {int(i) % 1000: s for i, s in zip(hits["line_id"], hits["state"], strict=True)}


def _promised(*moments):
    return [{**LATE, "承诺发货时间": moment} for moment in moments]


# --- the period ------------------------------------------------------------------------------


def test_a_period_includes_both_its_ends(export, scan, exempt):
    lines = _promised(
        "2026-11-19 07:59:59", "2026-11-19 08:00:00", "2026-11-19 20:00:00", "2026-11-19 20:00:01"
    )
    given = {"商品": "37110", "起": "2026-11-19 08:00", "止": "2026-11-19 20:00:00"}
    report = scan(export(*lines), exemptions=exempt(given))
    assert _states(report, "DY100") == {1: "hit", 2: "exempt", 3: "exempt", 4: "hit"}
    assert rule(report, "DY100")["hits"] == rule(report, "DY100")["exempt"] == 2
    assert {f["key"][-1] for f in findings(report, "DY100")} == {"1", "4"}


def test_a_day_lasts_until_its_last_second(export, scan, exempt):
    lines = _promised("2026-11-18 23:59:59", "2026-11-19 00:00:00", "2026-11-19 23:59:59")
    given = {"商品": "37110", "起": "2026/11/19", "止": "2026年11月19日"}
    report = scan(export(*lines, *_promised("2026-11-20 00:00:00")), exemptions=exempt(given))
    assert _states(report, "DY100") == {1: "hit", 2: "exempt", 3: "exempt", 4: "hit"}


def test_what_follows_from_the_promise_goes_with_it(export, scan, exempt):
    """The shortage of a line is due two days after its promise: the promise lies in the period."""
    line = {**LATE, "承诺发货时间": "2026-11-18 08:00:00"}
    given = {"商品": "37110", "起": "2026-11-18", "止": "2026-11-18"}
    report = scan(export(line), exemptions=exempt(given), select=["DY102", "DY104"])
    assert _states(report, "DY104") == _states(report, "DY102") == {1: "exempt"}


@pytest.mark.parametrize(
    ("basis", "states"),
    [("付款", {1: "exempt", 2: "hit"}), ("下单", {1: "hit", 2: "exempt"}), ("时限", {1: "hit", 2: "hit"})],
)  # fmt: skip
def test_the_period_may_be_of_payment_or_order(export, scan, exempt, basis, states):
    lines = [
        {**LATE, "支付完成时间": "2026-11-18 08:00:00", "订单提交时间": "2026-11-17 08:00:00"},
        {**LATE, "支付完成时间": "2026-11-17 08:00:00", "订单提交时间": "2026-11-18 08:00:00"},
    ]
    given = {"商品": "37110", "起": "2026-11-18", "止": "2026-11-18", "时间依据": basis}
    assert _states(scan(export(*lines), exemptions=exempt(given)), "DY100") == states


def test_an_unknown_time_lies_in_no_period(scan, tmp_path, exempt):
    row = {
        "line_id": "1",
        "product_id": "37110",
        "out_of_stock": "1",
        "status": "to_ship",
        "shipped_at": "",
        "case_status": "closed",
    }
    orders = write_csv(tmp_path / "own.csv", [{**row, "paid_at": "2026-11-19", "created_at": ""}])
    given = {"商品": "37110", "规则": "DY201", "时间依据": "下单"}
    fields = {name: name for name in (*row, "paid_at", "created_at")}
    bounded = scan(orders, map=fields, exemptions=exempt({**given, "止": "2026-12-01"}))
    assert _states(bounded, "DY201") == {1: "hit"}
    assert _states(scan(orders, map=fields, exemptions=exempt(given)), "DY201") == {1: "exempt"}


# --- whom it is for --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {"订单": "m1"},
        {"订单": "6900000000000000001"},
        {"订单": "m9、m1"},
        {"商品": "37110"},
        {"地区": "四川"},
        {"地区": "重庆、四川省"},
        {"店铺": "一号店"},
        {"商品": "37110", "地区": "四川", "店铺": "一号店"},
        {"规则": "DY1"},
        {"规则": "ship-due DY3"},
    ],
)
def test_an_exemption_is_for_what_it_names(export, scan, exempt, given):
    first = {**LATE, "主订单编号": "m1", "省": "四川省", "店铺名称": "一号店"}
    other = {**LATE, "主订单编号": "m2", "省": "云南省", "店铺名称": "二号店", "商品ID": "37111"}
    unknown = {**LATE, "主订单编号": "m3", "省": "-", "店铺名称": "-", "商品ID": "-"}
    target = {} if {"订单", "商品", "地区", "店铺"} & given.keys() else {"店铺": "*"}
    report = scan(export(first, other, unknown), exemptions=exempt({**given, **target}))
    every = bool(target)
    assert _states(report, "DY100") == {
        1: "exempt", 2: "exempt" if every else "hit", 3: "exempt" if every else "hit",
    }  # fmt: skip


def test_several_conditions_of_one_row_hold_together(export, scan, exempt):
    given = {"商品": "37110", "地区": "四川"}
    lines = [
        {**LATE, "省": "四川省", "商品ID": "1"},
        {**LATE, "省": "云南省"},
        {**LATE, "省": "四川省"},
    ]
    report = scan(export(*lines), exemptions=exempt(given))
    assert _states(report, "DY100") == {1: "hit", 2: "hit", 3: "exempt"}


@pytest.mark.looks_at("IR")
def test_cases_and_signals_are_exempt_only_where_they_are_named(export, scan, exempt):
    lines = export({**LATE, "售后状态": "售后待处理"})
    report = scan(lines, exemptions=exempt({"商品": "37110"}))
    risk = findings(report, "IR900")[0]["risk"]
    assert _states(report, "IR101") == {1: "hit"}
    report = scan(lines, exemptions=exempt({"商品": "37110", "规则": "IR101"}))
    assert _states(report, "IR101") == {1: "exempt"}
    assert findings(report, "IR900")[0]["risk"] < risk
    report = scan(lines, exemptions=exempt({"商品": "37110", "规则": "IR900"}))
    assert findings(report, "IR900") == []
    from merchantwatch.rules import built_in, covers

    (blank,) = read_exemptions(exempt({"商品": "37110"}))
    covered = {bound.code for bound in built_in().rules if covers(blank, bound, "IR900")}
    assert {"DY100", "DY104", "DY301", "TM101"} <= covered
    assert not {"DY401", "DY403", "TT401", "TT404", "IR101"} & covered


# --- what it does ----------------------------------------------------------------------------


@pytest.mark.looks_at("DY")
def test_what_is_exempt_counts_towards_nothing(export, scan, exempt):
    paid = {"支付完成时间": "2026-11-16 08:00:00"}  # promised in more than 48 hours
    lines = [{**LATE, **paid, "订单应付金额": "300.00"}] * 3
    orders = export(*lines)
    plain, report = scan(orders), scan(orders, exemptions=exempt({"订单": "6900000000000000002"}))
    assert [(f["state"], f["count"]) for f in findings(plain, "DY101")] == [("breached", 3)]
    (found,) = findings(report, "DY101")
    assert (found["state"], found["count"], found["amount_at_stake"]) == ("near", 2, "600.00")
    assert "6900000000000000002" not in found["lines"]
    assert (rule(report, "DY101")["hits"], rule(report, "DY101")["exempt"]) == (2, 1)
    assert plain.to_dict()["totals"]["penalty"] == "9.00"
    assert (
        report.to_dict()["totals"] | {"penalty": "6.00", "amount_at_stake": "600.00"}
        == (report.to_dict()["totals"])
    )


@pytest.mark.parametrize(
    ("moved_to", "state", "due"),
    [
        ("2026-11-20 23:59:59", "hit", "2026-11-20 23:59:59"),
        ("2026-11-21 00:00:00", "near", "2026-11-21 00:00:00"),
        ("2026-11-22 00:00:00", "near", "2026-11-22 00:00:00"),
        ("2026-11-22 00:00:01", "exempt", "2026-11-22 00:00:01"),
        ("2026-11-20 07:59:59", "hit", "2026-11-20 08:00:00"),
    ],
)
def test_a_deadline_is_moved_and_never_brought_forward(export, scan, exempt, moved_to, state, due):
    report = scan(export(LATE), exemptions=exempt({"商品": "37110", "顺延至": moved_to}))
    (hit,) = report.hits("DY100").to_dict("records")
    assert (hit["state"], str(hit["due_at"])) == (state, due)
    exempted = moved_to > "2026-11-20 08:00:00"
    assert (hit["exemption"] == "洪水") == exempted


def test_strikes_and_later_milestones_move_with_the_promise(export, scan, exempt):
    line = {**LATE, "承诺发货时间": "2026-11-16 00:00:00"}
    codes = ["DY102", "DY104"]
    report = scan(
        export(line), exemptions=exempt({"商品": "37110", "顺延": "72小时"}), select=codes
    )
    (hit,) = report.hits("DY102").to_dict("records")
    assert (hit["count"], str(hit["due_at"])) == (3, "2026-11-19 00:00:00")
    (shortage,) = report.hits("DY104").to_dict("records")
    assert (shortage["state"], str(shortage["due_at"])) == ("near", "2026-11-21 00:00:00")
    report = scan(
        export(line), exemptions=exempt({"商品": "37110", "顺延": "4 days"}), select=codes
    )
    (hit,) = report.hits("DY102").to_dict("records")
    assert (hit["count"], str(hit["next_due_at"])) == (2, "2026-11-22 00:00:00")


def test_a_clock_of_its_own_moves_by_itself(scan, tmp_path, exempt):
    shipped = {"发货时间": "2026-11-18 00:00:00", "揽收时间": "-"}
    orders = write_csv(tmp_path / "a.csv", douyin(shipped))
    assert _states(scan(orders), "DY301") == {1: "hit"}
    report = scan(orders, exemptions=exempt({"商品": "37110", "顺延": "24小时"}))
    (hit,) = report.hits("DY301").to_dict("records")
    assert (hit["state"], str(hit["due_at"])) == ("near", "2026-11-21 00:00:00")


def test_a_line_done_within_its_moved_deadline_is_on_time(export, scan, exempt):
    line = {"发货时间": "2026-11-20 20:00:00"}
    for moved_to, state in (("2026-11-20 20:00:00", "exempt"), ("2026-11-20 19:59:59", "hit")):
        report = scan(export(line), exemptions=exempt({"商品": "37110", "顺延至": moved_to}))
        assert _states(report, "DY101") == {1: state}


def test_upcoming_deadlines_are_moved_too(export, scan, exempt):
    """Of a product near its limit the next line that would count has its moved deadline."""
    far = {**LATE, "承诺发货时间": "2026-11-24 08:00:00", "商品ID": "37110"}
    orders = export(LATE, LATE, far)
    (found,) = findings(scan(orders), "DY101")
    assert found["next_due_at"] == "2026-11-24T08:00:00"
    given = {"订单": "6900000000000000003", "顺延至": "2026-11-26 08:00:00"}
    (found,) = findings(scan(orders, exemptions=exempt(given)), "DY101")
    assert found["next_due_at"] == "2026-11-26T08:00:00"
    (found,) = findings(scan(orders, exemptions=exempt({"订单": "6900000000000000003"})), "DY101")
    assert found["next_due_at"] is None
    given = {"订单": "6900000000000000001", "顺延至": "2026-11-25 08:00:00"}
    report = scan(export(LATE, LATE, LATE), exemptions=exempt(given))
    (found,) = findings(report, "DY101")
    assert (found["count"], found["next_due_at"]) == (2, "2026-11-25T08:00:00")


def test_of_several_exemptions_the_one_that_leaves_least_counts(export, scan, exempt):
    path = exempt(
        {"商品": "37110", "顺延至": "2026-11-20 20:00:00", "原因": "一"},
        {"商品": "37110", "顺延至": "2026-11-20 22:00:00", "原因": "二"},
        {"商品": "37110", "顺延至": "2026-11-21 10:00:00", "批准": "否", "原因": "三"},
    )
    report = scan(export(LATE), exemptions=path)
    (hit,) = report.hits("DY100").to_dict("records")
    assert (hit["state"], str(hit["due_at"]), hit["exemption"]) == (
        "hit", "2026-11-20 22:00:00", "二",
    )  # fmt: skip
    states = {e["row"]: e["state"] for e in report.to_dict()["exemptions"]}
    assert states == {2: "covered", 3: "applied", 4: "pending"}
    path = exempt(
        {"商品": "37110", "顺延至": "2026-11-30", "原因": "一"}, {"商品": "37110", "原因": "二"}
    )
    (hit,) = scan(export(LATE), exemptions=path).hits("DY100").to_dict("records")
    assert (hit["state"], hit["exemption"]) == ("exempt", "二")


def test_a_rule_without_a_deadline_is_lifted_or_left(export, scan, exempt):
    orders = export(*[SHORT] * 11)
    report = scan(orders, exemptions=exempt({"商品": "37110", "顺延至": "2026-12-30"}))
    assert findings(report, "DY201")[0]["count"] == 11
    report = scan(orders, exemptions=exempt({"订单": "6900000000000000001"}))
    (found,) = findings(report, "DY201")
    assert (found["state"], found["count"]) == ("near", 10)


# --- what is reported ----------------------------------------------------------------------------


@pytest.fixture
def exempted(export, exempt):
    lines = [LATE, {**LATE, "商品ID": "37111"}, {"商品ID": "37112"}]
    rows = [
        {"商品": "37110"},
        {"商品": "37111", "批准": ""},
        {"商品": "37112"},
        {"订单": "6999999999999999999", "原因": "手误"},
    ]
    return export(*lines), exempt(*rows)


def test_every_exemption_says_what_became_of_it(exempted, scan):
    orders, path = exempted
    entries = scan(orders, exemptions=path).to_dict()["exemptions"]
    assert [(e["row"], e["state"], e["lines"]) for e in entries] == [
        (2, "applied", 1), (3, "pending", 1), (4, "idle", 1), (5, "unmatched", 0),
    ]  # fmt: skip
    assert entries[0]["applied"] == entries[0]["hits"] > 0
    assert entries[1]["applied"] == 0 < entries[1]["hits"]
    assert json.loads(json.dumps(entries)) == entries


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("fmt", ["text", "html"])
def test_reports_show_exemptions(exempted, scan, tmp_path, lang, fmt):
    orders, path = exempted
    report = scan(orders, exemptions=path, lang=lang)
    text = report.write(tmp_path / "out", fmt).read_text(encoding="utf-8")
    text = " ".join(text.split())
    words = {
        "zh": ("豁免", "洪水", "手误", "没有匹配到任何订单行", "尚未批准"),
        "en": ("Exemptions", "洪水", "手误", "it matched no line", "not approved"),
    }
    assert [word for word in words[lang] if word not in text.replace(" 行", "行")] == []


def test_hits_keep_what_is_exempt(exempted, scan, tmp_path):
    import pyarrow.parquet as pq

    orders, path = exempted
    report = scan(orders, exemptions=path)
    rows = pq.read_table(report.write(tmp_path / "hits.parquet")).to_pylist()
    exempted = [row for row in rows if row["state"] == "exempt"]
    assert {(row["exemption_row"], row["exemption"]) for row in exempted} == {(2, "洪水")}
    text = report.write(tmp_path / "hits.csv").read_text(encoding="utf-8-sig")
    assert "exempt" in text
    assert "洪水" in text


def test_why_shows_exemptions(exempted, run):
    orders, path = exempted
    done = run("why", "6900000000000000001", orders, "--as-of", "2026-11-21", "--exemptions", path, "--lang", "en")  # fmt: skip
    assert "DY100 Not shipped by the promised time: EXEMPT" in done.stdout
    assert "row 2: 洪水: not counted" in done.stdout
    done = run("why", "6900000000000000002", orders, "--as-of", "2026-11-21", "--exemptions", path, "--lang", "en")  # fmt: skip
    assert "row 3: 洪水: not approved yet, not applied" in done.stdout
    assert "DY100 Not shipped by the promised time: HIT" in done.stdout


def test_without_exemptions_nothing_is_done_for_them(export, scan):
    report = scan(export(LATE))
    assert report.to_dict()["exemptions"] == []
    assert report.hits()["exemption"].isna().all()
    with pytest.raises(Exception, match=r"(?i)exemptible"):
        report._run.engine.table("select * from exemptible")


# --- the file --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "row", "reason"),
    [
        ("商品,原因,批准", "37110,,是", r"ex\.csv row 2, 原因: give a reason"),
        ("商品,原因,批准", "37110,洪水,也许", r"row 2, 批准: '也许' is not one of 是"),
        ("原因,批准", "洪水,是", "row 2, 订单: it names no order"),
        ("订单,原因", "6.9E+18,洪水", r"row 2, 订单: Excel has turned the id into 6\.9E\+18"),
        ("order,reason,from", "1,x,10-01", "row 2, from: '10-01' is no time"),
        ("order,reason,from", "1,x,2026-02-30", "row 2, from: '2026-02-30' is no time"),
        ("order,reason,from,to", "1,x,2026-10-02,2026-10-01", "row 2, to: it ends before"),
        ("order,reason,extend_by", "1,x,2 weeks", "row 2, extend_by: '2 weeks' is no length"),
        ("order,reason,extend_by,extended_to", "1,x,3天,2026-10-01", "either extended_to or"),
        ("order,reason,counted_by", "1,x,shipped", "counted_by: 'shipped' is not one of"),
        ("order,reason,rule", "1,x,DY999", "row 2, rule: DY999: no such rule; did you mean"),
        ("order,reason,aproved", "1,x,yes", "'aproved' is not known; did you mean 'approved'"),
        ("order,order_id,reason", "1,2,x", "'order_id' stands there twice"),
        ("order,reason", "1,x,y", "row 2: it has more or fewer cells"),
    ],
)
def test_what_is_wrong_is_reported_by_row_and_column(export, scan, tmp_path, header, row, reason):
    path = tmp_path / "ex.csv"
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    with pytest.raises(mw.UsageError, match=reason):
        scan(export(LATE), exemptions=path)


def test_a_damaged_file_is_refused_or_read_and_never_more(exempt, tmp_path):
    good = exempt({"商品": "37110", "起": "2026-10-01", "顺延": "3天"}, {"订单": "1"}).read_bytes()
    path = tmp_path / "damaged.csv"
    odd = (b"\x00", b'"', b",", b"\n", b"\xff", b"\xe4\xb8", b"9" * 400, b"'; drop table x; --")
    for seed in range(100):
        draw, data = Random(seed), bytearray(good)
        at = draw.randrange(len(data))
        data[at : at + draw.choice((0, 1, 30))] = draw.choice(odd)
        path.write_bytes(data)
        try:
            assert all(item.reason for item in read_exemptions(path))
        except mw.UsageError as error:
            assert "damaged.csv" in str(error)
    for name, data in (("a.csv", b""), ("a.xlsx", b"PK\x03\x04no"), ("a.gz", b"\x1f\x8bno")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(mw.UsageError, match=name):
            read_exemptions(tmp_path / name)


def test_a_file_that_is_not_there(export, run):
    done = run("scan", export(LATE), "--exemptions", "gone.csv", "-q")
    assert done.returncode == 2
    assert "gone.csv: there is no such file of exemptions" in done.stderr


def test_files_as_people_save_them(tmp_path):
    import xlsxwriter

    text = '商品,起,止,原因,批准,备注\n="37110",2026/10/1,2026-10-05,洪水,已批准,x\n,,,,,\n'
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode("gb18030"))
    (found,) = read_exemptions(path)
    assert (found.products, found.since, found.until) == (
        ("37110",), datetime(2026, 10, 1), datetime(2026, 10, 5, 23, 59, 59),
    )  # fmt: skip
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        days = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["商品", "起", "止", "原因", "批准"])
        sheet.write_row(1, 0, ["37110"])
        sheet.write_datetime(1, 1, datetime(2026, 10, 1), days)
        sheet.write_datetime(1, 2, datetime(2026, 10, 5), days)
        sheet.write_row(1, 3, ["洪水", "是"])
    (same,) = read_exemptions(tmp_path / "a.xlsx")
    assert (same.products, same.since, same.until) == (found.products, found.since, found.until)
    assert same.approved


def test_it_may_lie_among_the_exports(export, scan, exempt, tmp_path):
    export(LATE)
    path = exempt({"商品": "37110"})
    for inputs in ([tmp_path], [str(tmp_path / "*.csv")]):
        report = scan(*inputs, exemptions=path)
        assert _states(report, "DY100") == {1: "exempt"}
        assert report.to_dict()["skipped"] == report.to_dict()["failed"] == []


def test_where_it_is_named(tmp_path, exempt, monkeypatch):
    from merchantwatch.settings import resolve

    exempt({"商品": "37110"})
    (tmp_path / "merchantwatch.toml").write_text("exemptions = 'exemptions.csv'\n")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    assert resolve({}).exemptions == tmp_path / "exemptions.csv"
    assert str(resolve({"exemptions": "b.csv"}).exemptions) == "b.csv"


# --- compared with plain Python --------------------------------------------------------------

AS_OF = datetime(2026, 11, 21)
NEAR = timedelta(hours=24)


def _drawn(random):
    """Return lines and exemptions whose times crowd around as-of and each other."""
    moments = [
        AS_OF + timedelta(hours=h, seconds=s)
        for h in (-72, -48, -24, 0, 24, 48)
        for s in (-1, 0, 1)
    ]
    lines = [
        {
            "promised": random.choice(moments),
            "shipped": random.choice([None, None, *moments[:9]]),
            "product": random.choice(["37110", "37111"]),
            "province": random.choice(["四川省", "云南省", None]),
        }
        for _ in range(60)
    ]
    exemptions = [
        {
            "product": random.choice(["37110", "37111", None]),
            "region": random.choice(["四川", None]),
            "since": random.choice([None, *moments[:6]]),
            "until": random.choice([None, *moments[6:]]),
            "to": random.choice([None, None, *moments]),
            "approved": random.random() < 0.8,
        }
        for _ in range(4)
    ]
    return lines, [e for e in exemptions if e["product"] or e["region"]]


def _expected(line, exemptions):
    """State and deadline of a clock that runs from payment to the promise."""
    at = line["shipped"] or AS_OF

    def judged(due):
        if at > due:
            return "hit"
        return "near" if line["shipped"] is None and due - NEAR <= AS_OF else "no"

    promised = line["promised"]
    fits = [
        e
        for e in exemptions
        if e["approved"]
        and (e["product"] is None or e["product"] == line["product"])
        and (e["region"] is None or (line["province"] or "").startswith(e["region"]))
        and (e["since"] is None or promised >= e["since"])
        and (e["until"] is None or promised <= e["until"])
    ]
    before = judged(promised)
    if any(e["to"] is None for e in fits):
        return (before != "no" and "exempt") or "no", promised
    due = max([promised, *(e["to"] for e in fits)])
    after = judged(due)
    return ("exempt" if after == "no" and before != "no" else after), due


@pytest.mark.looks_at("MY1")
@pytest.mark.parametrize("seed", range(4))
def test_exemptions_agree_with_plain_python(scan, tmp_path, exempt, seed):
    lines, exemptions = _drawn(Random(seed))
    rows = [
        {
            "支付完成时间": "2026-11-01 08:00:00",
            "承诺发货时间": str(line["promised"]),
            "发货时间": str(line["shipped"] or "-"),
            "订单状态": "已发货" if line["shipped"] else "待发货",
            "商品ID": line["product"],
            "省": line["province"] or "-",
        }
        for line in lines
    ]
    given = [
        {
            "商品": e["product"] or "",
            "地区": e["region"] or "",
            "起": str(e["since"] or ""),
            "止": str(e["until"] or ""),
            "顺延至": str(e["to"] or ""),
            "批准": "是" if e["approved"] else "否",
        }
        for e in exemptions
    ]
    pack = tmp_path / "own.toml"
    pack.write_text(CLOCK, encoding="utf-8")
    report = scan(
        write_csv(tmp_path / "a.csv", douyin(*rows)), exemptions=exempt(*given), pack=pack
    )
    hits = report.hits("MY1").to_dict("records")
    found = {int(h["line_id"]) % 1000: (h["state"], h["due_at"].to_pydatetime()) for h in hits}
    wanted = {n: _expected(line, exemptions) for n, line in enumerate(lines, start=1)}
    assert found == {n: one for n, one in wanted.items() if one[0] != "no"}


CLOCK = """
[pack]
platform = "douyin"
reviewed = 2026-11-22

[[rule]]
code = "MY1"
name = "mine"
title = { zh = "自定义", en = "mine" }
applies = "paid_at is not null"
due = "promised_ship_at"
done = "shipped_at"
near_before = "24 hours"
at_least = 1
"""
