"""``init``: a mapping proposed by names and by the look of values, that a scan can use at once."""

import json
import tomllib
import zipfile
from datetime import datetime, timedelta

import pytest
from conftest import AS_OF, LATE, SAMPLE, write_csv
from hypothesis import given, strategies as st
from rich.cells import cell_len
from workbooks import write_xlsx

from merchantwatch.config import Config
from merchantwatch.mapping import proposed
from merchantwatch.mapping.dictionary import is_personal
from merchantwatch.mapping.proposal import Entry, Proposal, WordTable
from merchantwatch.mapping.proposing import propose
from merchantwatch.mapping.toml import as_toml
from merchantwatch.reading.tables import from_memory
from merchantwatch.run.scan import AFTER_ALL
from merchantwatch.settings import Settings

START = datetime(2026, 11, 10, 8)
MARK = "标记Marker"


def _lines(names: dict[str, str], number: int = 40, **fixed: str) -> list[dict[str, str]]:
    """Lines of an ERP: two of each order, some of them not yet shipped; ``names`` are its headers."""
    rows = []
    for n in range(number):
        created_at = START + timedelta(minutes=7 * (n // 2), seconds=n // 2)
        paid = created_at + timedelta(minutes=1 + n // 2 % 5)
        sent = paid + timedelta(hours=40 + n % 3 * 5) if n % 4 else None
        came = sent + timedelta(days=2) if sent and n % 3 else None
        cells = {
            "order_id": f"SO{10_000_000 + n // 2}",
            "line_id": f"SO{10_000_000 + n // 2}-{n % 2}",
            "product_id": f"P{n % 3}",
            "amount": f"{n}.50",
            "quantity": "1",
            "status": "shipped" if sent else "to ship",
            "created_at": f"{created_at}",
            "paid_at": f"{paid}",
            "promised_ship_at": f"{paid + timedelta(hours=48)}",
            "shipped_at": f"{sent or ''}",
            "delivered_at": f"{came or ''}",
        }
        rows.append({names[k]: v for k, v in cells.items() if k in names} | fixed)
    return rows


ENGLISH = {
    "order_id": "Order No.", "line_id": "Order-Line_ID", "product_id": "ITEM ID", "amount": "Line Total",
    "quantity": "Qty", "status": "OrderState", "created_at": "orderDate", "paid_at": "Payment Date",
    "promised_ship_at": "Ship-by date", "shipped_at": "Dispatch Time", "delivered_at": "delivered_to_customer_at",
}  # fmt: skip
CHINESE = {
    "order_id": "线上订单号", "line_id": "子订单号", "product_id": "商品编号", "amount": "实付金额", "quantity": "数量",
    "status": "单据状态", "created_at": "下单日期", "paid_at": "付款日期", "promised_ship_at": "最晚发货时间",
    "shipped_at": "发货日期", "delivered_at": "签收日期",
}  # fmt: skip
BLIND = {name: f"c{n}" for n, name in enumerate(CHINESE) if name not in ("product_id", "quantity")}
PEOPLE = dict.fromkeys(("收货人", "收件人姓名", "收货人手机", "收货地址", "买家留言", "客户昵称", "业务员", "订单状态修改人", "发货人", "联系方式", "Customer Name", "Phone Number", "Ship-To Address", "Gift Message", "e-mail", "buyerUsername", "Consignee", "Name"), MARK)  # fmt: skip


def _propose(rows: list[dict[str, str]]) -> Proposal:
    import pandas as pd

    return propose(from_memory(pd.DataFrame(rows), "erp.csv"))


def _mapped(proposal: Proposal) -> dict[str, str]:
    return {entry.field: entry.header for entry in proposal.entries}


@pytest.mark.parametrize("names", [ENGLISH, CHINESE, BLIND], ids=["english", "chinese", "blind"])
def test_columns_are_recognised_by_name_and_unknown_ones_by_their_look(names):
    proposal = _propose(_lines(names))
    assert _mapped(proposal) == names
    sure = {entry.confidence for entry in proposal.entries}
    assert sure == ({"low", "medium"} if names is BLIND else {"high"})
    assert all(entry.why for entry in proposal.entries)


@pytest.mark.parametrize("names", [ENGLISH, CHINESE, BLIND], ids=["english", "chinese", "blind"])
@pytest.mark.parametrize("status", [True, False], ids=["status", "no status"])
@pytest.mark.looks_at("DY101")
def test_a_scan_uses_it_at_once(run, tmp_path, names, status):
    columns = {field: header for field, header in names.items() if status or field != "status"}
    write_csv(tmp_path / "erp.csv", _lines(columns, **PEOPLE), "gb18030")
    done = run("init", "erp.csv")
    assert (done.returncode, done.stderr) == (0, "")
    done = run("scan", "erp.csv", "--as-of", AS_OF, "-o", "json")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert report["accounting"]["lines"] == report["accounting"]["rows_read"] == 40
    late = next(rule for rule in report["rules"] if rule["code"] == "DY101")
    # ten of forty lines are not shipped, ten others were two hours late
    assert (late["hits"], late["unjudged"]) == (20, 0)
    assert ("status-from-times" in [note["code"] for note in report["notes"]]) != status


def test_people_are_never_mapped_and_never_shown(run, tmp_path):
    write_csv(tmp_path / "erp.csv", _lines(ENGLISH, **PEOPLE, x="13800138000"))
    for args in ((), ("-o", "-"), ("--dry-run",)):
        done = run("init", "erp.csv", *args)
        assert done.returncode == 0
        for shown in (
            done.stdout,
            done.stderr,
            (tmp_path / "merchantwatch.toml").read_text("utf-8"),
        ):
            assert MARK not in shown
            assert "13800138000" not in shown
    written = tomllib.loads((tmp_path / "merchantwatch.toml").read_text("utf-8"))["map"]
    columns = {entry if isinstance(entry, str) else entry["column"] for entry in written.values()}
    assert columns == set(ENGLISH.values())


@pytest.mark.parametrize(
    ("header", "personal"),
    [*((header, True) for header in PEOPLE), *((header, False) for header in ENGLISH.values()),
     *((header, False) for header in CHINESE.values()), ("客户订单号", False), ("确认收货时间", False),
     ("买家实付金额", False), ("product_name", False), ("收货人手机号", True), ("会员", True)],
)  # fmt: skip
def test_whose_column_it_is_is_recognised_by_its_header(header, personal):
    assert is_personal(header) == personal


@pytest.mark.parametrize(("phones", "personal"), [(11, False), (12, True)])
def test_a_column_is_personal_from_three_phones_in_ten(phones, personal):
    """A header that tells nothing: 12 phones in 40 rows are 0.3 of them."""
    rows = _lines(ENGLISH)
    for n, row in enumerate(rows):
        row["x"] = f"1380013{8000 + n}" if n < phones else f"AB-{n}"
    assert ("x" in _propose(rows).personal) == personal


def test_words_are_mapped_where_known_and_left_open_where_not(run, tmp_path):
    rows = _lines(ENGLISH)
    for row, word in zip(
        rows, ["On Review", "已签收", " Delivered ", "column", "SHIPPED"], strict=False
    ):
        row["OrderState"] = word
    write_csv(tmp_path / "erp.csv", rows)
    text = run("init", "erp.csv", "-o", "-").stdout
    written = tomllib.loads(text)["map"]["status"]
    assert written == {
        "column": "OrderState",
        "已签收": "completed",
        "Delivered": "completed",
        "SHIPPED": "shipped",
        "shipped": "shipped",
        "to ship": "to_ship",
    }
    allowed = "unknown, one of: unpaid, to_ship, part_shipped, shipped, completed, closed"
    assert f'\n# "On Review" = ""  # {allowed}\n' in text
    assert f'\n# "column" = ""  # {allowed}\n' in text


@pytest.mark.parametrize(("words", "mapped"), [(30, True), (31, False)])
def test_a_status_has_few_words(words, mapped):
    rows = _lines(ENGLISH, 62)
    for n, row in enumerate(rows):
        row["OrderState"] = f"w{n % words}"
    assert ("status" in _mapped(_propose(rows))) == mapped


@pytest.mark.parametrize(("repeats", "mapped"), [(2, True), (3, False)])
def test_ids_that_repeat_do_not_distinguish_lines(repeats, mapped):
    """2 of 40 values standing twice are lines exported twice (5%); more are no ids of lines."""
    rows = _lines(ENGLISH)
    for row in rows[:repeats]:
        row[ENGLISH["line_id"]] = rows[-1][ENGLISH["line_id"]]
    proposal = _propose(rows)
    assert ("line_id" in _mapped(proposal)) == mapped
    doubts = [header for header, _ in proposal.doubts]
    assert doubts == ([] if mapped else [ENGLISH["line_id"]])


@pytest.mark.parametrize(
    ("field", "cell"),
    [
        ("paid_at", "next week"),
        ("amount", "ten"),
        ("quantity", "1.5"),
        ("order_id", "2026-11-21"),
    ],
)
def test_values_that_contradict_a_name_outweigh_it(field, cell):
    rows = [{**row, ENGLISH[field]: cell} for row in _lines(ENGLISH)]
    proposal = _propose(rows)
    assert field not in _mapped(proposal)
    assert [header for header, _ in proposal.doubts] == [ENGLISH[field]]


@pytest.mark.parametrize(("early", "sure"), [(4, "high"), (5, "low")])
def test_a_time_before_what_it_follows_makes_unsure(early, sure):
    """4 of 40 rows out of order are one in ten."""
    rows = _lines(ENGLISH)
    for row in rows[:early]:
        row["Payment Date"] = f"{START - timedelta(days=1)}"
    entry = next(e for e in _propose(rows).entries if e.field == "paid_at")
    assert entry.confidence == sure


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({"created_at", "shipped_at"}, {"created_at": "a", "shipped_at": "d"}),
        ({"created_at", "paid_at"}, {"created_at": "a"}),
        ({"shipped_at"}, {}),
        ({"created_at", "paid_at", "promised_ship_at"}, {"created_at": "a", "paid_at": "b", "promised_ship_at": "c"}),
    ],
    ids=["gaps are shipping", "a later one alone may be anything", "one says nothing", "the same time after"],
)  # fmt: skip
def test_unnamed_times_are_recognised_by_their_order_or_not_at_all(named, expected):
    names = {"created_at": "a", "paid_at": "b", "promised_ship_at": "c", "shipped_at": "d"}
    columns = {field: header for field, header in names.items() if field in named}
    mapped = _mapped(_propose(_lines({"line_id": "line id", **columns})))
    assert {field: header for field, header in mapped.items() if field != "line_id"} == expected


def test_a_mapped_cell_that_says_no_case_is_empty(run, tmp_path):
    write_csv(tmp_path / "erp.csv", _lines(CHINESE, 退款状态="无退款"))
    assert "无退款" not in run("init", "erp.csv").stdout
    found = json.loads(run("check", "erp.csv", "-o", "json").stdout)
    assert found["inputs"][0]["columns"]["case_status"] == "退款状态"
    assert found["unknown_words"] == {}


def test_an_estimate_is_no_event():
    header = "order_estimated_delivery_date"
    rows = [{**row, header: f"{START}"} for row in _lines({**ENGLISH, "delivered_at": "x"})]
    fields = {name for name, column in _mapped(_propose(rows)).items() if column == header}
    assert fields <= {"estimated_delivery_at"}
    assert _mapped(_propose(rows))["delivered_at"] == "x"


@pytest.mark.parametrize(("rows", "whole"), [(10_000, True), (10_001, False)])
def test_only_the_first_rows_are_looked_at(run, tmp_path, rows, whole):
    path = tmp_path / "erp.csv"
    cells = [
        f"A{10_000_000 + n},2026-11-01 08:00:00,{'late' if n > 9_999 else 'sent'}"
        for n in range(rows)
    ]
    path.write_text("\n".join(["line id,created at,status", *cells, ""]), "utf-8")
    done = run("init", "erp.csv", "-o", "-", "--lang", "en")
    assert ("all of its 10,000 rows" if whole else "its first 10,000 rows") in done.stdout
    assert "late" not in done.stdout
    proposal = proposed(str(path), Settings(as_of=AFTER_ALL))
    assert (proposal.rows, proposal.whole) == (10_000, whole)


def test_what_a_format_recognises_needs_no_mapping(run, tmp_path):
    done = run("init", SAMPLE / "orders.csv")
    assert done.returncode == 0
    assert "is recognised as douyin-orders" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_configuration_is_overwritten_only_when_forced(run, tmp_path):
    write_csv(tmp_path / "erp.csv", _lines(ENGLISH))
    config = tmp_path / "merchantwatch.toml"
    config.write_text('shop = "一号店"\n', "utf-8")
    done = run("init", "erp.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert "merchantwatch.toml is there already" in done.stderr
    assert "--force" in done.stderr
    for args in (("-o", "-"), ("--dry-run",)):
        assert "[map]" in run("init", "erp.csv", *args).stdout
    assert config.read_text("utf-8") == 'shop = "一号店"\n'
    assert run("init", "erp.csv", "-o", "other.toml", "--platform", "tmall").returncode == 0
    assert tomllib.loads((tmp_path / "other.toml").read_text("utf-8"))["platform"] == "tmall"
    assert run("init", "erp.csv", "--force").returncode == 0
    assert tomllib.loads(config.read_text("utf-8"))["map"]["line_id"] == "Order-Line_ID"


@pytest.mark.parametrize(
    ("args", "code", "reason"),
    [
        (("noid.csv",), 3, "no column looks like the id of an order or a line"),
        (("nothere.csv",), 3, "no such file"),
        ((".",), 2, "a mapping is for one file or sheet, here are 3"),
        (("noid.csv", "--platform", "nosuch"), 2, "not one of"),
        (("headless.csv",), 3, "its first row holds values and no column names"),
        (("erp.csv", "-o", "none/a.toml"), 4, "cannot be written"),
    ],
)
def test_exit_codes(run, tmp_path, args, code, reason):
    write_csv(tmp_path / "noid.csv", [{"a": "x", "b": "1"}])
    write_csv(tmp_path / "erp.csv", _lines(ENGLISH))
    (tmp_path / "headless.csv").write_text(f"{MARK},13800138000\n" * 2, "utf-8")
    done = run("init", *args)
    assert (done.returncode, done.stdout) == (code, "")
    assert reason in done.stderr
    assert MARK not in done.stderr
    assert not (tmp_path / "merchantwatch.toml").exists()


@pytest.mark.parametrize("pack", ["xlsx", "zip"])
def test_of_a_workbook_or_a_zip_one_table_is_named(pack, run, tmp_path):
    orders, other = _lines(ENGLISH), [{"a": "x", "b": "1"}]
    tables = [[list(rows[0]), *([*row.values()] for row in rows)] for rows in (orders, other)]
    if pack == "xlsx":
        write_xlsx(tmp_path / "erp.xlsx", *tables, names=("orders", "other"))
        names = ("erp.xlsx[orders]", "erp.xlsx[other]")
    else:
        with zipfile.ZipFile(tmp_path / "erp.zip", "w") as archive:
            archive.write(write_csv(tmp_path / "o.csv", orders), "orders.csv")
            archive.write(write_csv(tmp_path / "x.csv", other), "other.csv")
        names = ("erp.zip[orders.csv]", "erp.zip[other.csv]")
    for several in (f"erp.{pack}", f"erp.{pack}[nothing]"):
        done = run("init", several, "--lang", "en")
        assert done.returncode == 2
        assert f"here are 2; name one of {names[0]}, {names[1]}" in done.stderr
    done = run("init", names[0], "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert f"merchantwatch scan erp.{pack}\n" in done.stdout
    assert run("scan", f"erp.{pack}", "--as-of", AS_OF, "-o", "json").returncode == 0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_reads_well_on_80_columns(run, tmp_path, lang):
    write_csv(tmp_path / "erp.csv", _lines(CHINESE, **PEOPLE))
    done = run("init", "erp.csv", "--lang", lang)
    lines = done.stdout.splitlines()
    assert [line for line in lines if cell_len(line) > 80] == []
    assert lines[-1] == "  merchantwatch scan erp.csv"


def test_a_broken_file_is_no_traceback(run, tmp_path, export):
    cells = export(LATE).read_bytes()
    (tmp_path / "cut.csv").write_bytes(cells.replace("订单".encode(), b"x") + b'"\xe5')
    (tmp_path / "odd.csv").write_bytes(b"line id,line id,,\x00\n1,2,3,4\n5\n")
    (tmp_path / "head.csv").write_bytes(b"order id,created at\n")
    for name in ("cut.csv", "odd.csv", "head.csv"):
        done = run("init", name, "-o", "-")
        assert done.returncode in (0, 3)
        assert "Traceback" not in done.stderr


@given(
    st.lists(st.text(min_size=1), min_size=2, max_size=4, unique=True),
    st.text(),
    st.text(min_size=1),
)
def test_whatever_headers_and_words_hold_the_file_says_just_them(headers, label, word):
    import msgspec

    fields = ("order_id", "line_id", "paid_at")
    entries = tuple(Entry(f, h, "low", ()) for f, h in zip(fields, headers, strict=False))
    status = Entry("status", headers[0], "low", ())
    table = WordTable("status", ((word, "closed"), ("?" + word, None)))
    proposal = Proposal(label, 1, True, (*entries, status), (table,), (), tuple(headers), ())
    text = as_toml(proposal, "douyin", "zh")
    written = msgspec.toml.decode(text.encode(), type=Config)
    words = {} if word == "column" else {word: "closed"}
    assert written.map == {
        **{entry.field: entry.header for entry in entries},
        "status": {"column": headers[0], **words},
    }
