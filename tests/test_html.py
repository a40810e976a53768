"""Web pages that go by the name of a workbook are read as the table in them."""

import time
from html import escape

import pytest
from conftest import AS_OF, LATE, douyin

import merchantwatch as mw

pytestmark = pytest.mark.looks_at("DY100")
ROWS = douyin(*[LATE] * 3)
ROWS[0]["选购商品"] = "茶 <红> & “绿”"


def _page(rows=ROWS, cells="", head=""):
    def line(tag, texts):
        return "<tr>" + "".join(f"<{tag}>{escape(text)}</{tag}>" for text in texts) + "</tr>\n"

    body = line("th", rows[0]) + "".join(line("td", row.values()) for row in rows)
    return f"<html><head>{head}</head><body><p>订单报表</p><table border=1>{body}{cells}</table></body>"


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta http-equiv="Content-Type" content="text/html; charset=utf-8">', "utf-8"),
        ("<meta charset='gb2312'>", "gb18030"),
        ("", "utf-8"),
        ("", "utf-8-sig"),
        ("", "gb18030"),
    ],
)
@pytest.mark.parametrize("name", ["a.xls", "a.csv"])
def test_a_web_page_is_read_as_its_table(name, head, encoding, scan, tmp_path):
    (tmp_path / name).write_text(_page(head=head), encoding)
    report = scan(tmp_path / name)
    hits = report.hits("DY100").sort_values("source_row")
    assert hits["source_row"].tolist() == [2, 3, 4]
    assert hits["line_id"].tolist() == [row["子订单编号"] for row in ROWS]
    assert hits["product_name"].iloc[0] == "茶 <红> & “绿”"


def test_a_workbook_in_xml_is_read_too(scan, tmp_path):
    def line(texts):
        return (
            "<Row>"
            + "".join(f'<Cell><Data ss:Type="String">{escape(t)}</Data></Cell>' for t in texts)
            + "</Row>"
        )

    head = '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    rows = line(ROWS[0]) + "".join(line(row.values()) for row in ROWS)
    book = (
        f'{head}<Workbook xmlns:ss="urn:x"><Worksheet><Table>{rows}</Table></Worksheet></Workbook>'
    )
    (tmp_path / "a.xls").write_text(book, "utf-8")
    assert len(scan(tmp_path / "a.xls").hits("DY100")) == 3


def test_cells_that_cover_rows_and_columns_hold_their_place(scan, tmp_path):
    columns = ["主订单编号", "备注一", "备注二", *[n for n in ROWS[0] if n != "主订单编号"]]
    head = "".join(f"<th>{name}</th>" for name in columns)
    rest = ["".join(f"<td>{escape(row[n])}</td>" for n in columns[3:]) for row in ROWS]
    body = (
        f"<tr>{head}</tr><tr><td rowspan=2>69<td colspan=2>x{rest[0]}</tr>"
        f"<tr><td>a<table><tr><td>b</td></tr></table></td><td>c</td>{rest[1]}</tr>"
        f"<tr><td>70<td colspan=999999999>{rest[2]}"
    )
    (tmp_path / "a.xls").write_text(f"<table>{body}</table>", "utf-8")
    hits = scan(tmp_path / "a.xls").hits("DY100").sort_values("source_row")
    assert hits["order_id"].tolist()[:2] == ["69", "69"]
    assert hits["line_id"].tolist()[:2] == [row["子订单编号"] for row in ROWS[:2]]


@pytest.mark.parametrize(
    "page",
    [
        "<html><body>请登录</body></html>",
        "<!DOCTYPE html><table></table>",
        "<table><tr><td></table>",
    ],
)
def test_a_page_without_a_table_says_so(page, tmp_path):
    (tmp_path / "a.xls").write_text(page, "utf-8")
    with pytest.raises(mw.InputError, match="a web page without a table"):
        mw.scan(tmp_path / "a.xls", as_of=AS_OF)


def test_spans_beyond_all_bounds_take_no_time(tmp_path):
    cells = "<tr>" + "<td rowspan=999999 colspan=999999>x" * 2000 + "</tr>"
    (tmp_path / "a.xls").write_text(f"<table>{cells * 20}</table>", "utf-8")
    begun = time.process_time()
    with pytest.raises(mw.InputError):
        mw.scan(tmp_path / "a.xls", as_of=AS_OF)
    assert time.process_time() - begun < 10
