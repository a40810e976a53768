"""What only workbooks have: merged cells, formulas, errors, numbers that are none, cells far off."""

import struct
import zipfile

import pandas as pd
import pytest
import xlsxwriter
from conftest import AS_OF, LATE, douyin, write_csv
from workbooks import write_ods, write_xls, write_xlsb, write_xlsx, write_xml, xml_rows

import merchantwatch as mw

pytestmark = pytest.mark.looks_at("DY100")

ROWS = douyin(*[LATE] * 4)
HEADERS = list(ROWS[0])
PROMISED = HEADERS.index("承诺发货时间")
ORDER = ("主订单编号", "订单提交时间", "支付完成时间", "承诺发货时间", "订单状态", "发货时间")
STYLES = (
    '<numFmts><numFmt numFmtId="164" formatCode="[h]:mm:ss"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="22"/><xf numFmtId="164"/></cellXfs>'
)


def _cells(rows=ROWS):
    return [list(rows[0]), *(list(row.values()) for row in rows)]


def _with(path, row, cell, header="承诺发货时间", extra="", rows=ROWS, styles=STYLES):
    """An xlsx in which one cell is this XML; {r} in it is the cell's place."""
    column = list(rows[0]).index(header)
    place, blank = f"{chr(65 + column)}{row}", "\x01"
    cells = _cells(rows)
    cells[row - 1][column] = blank
    xml = xml_rows(cells).replace(
        f'<c r="{place}" t="inlineStr"><is><t>{blank}</t></is></c>', cell.replace("{r}", place)
    )
    return write_xml(path, f"<sheetData>{xml}{extra}</sheetData>", styles)


def _merged(path, columns, first, last, rows=ROWS, headers=True):
    """An xlsx in which these columns are merged from the row ``first`` to the row ``last``."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(_cells(rows)):
            sheet.write_row(at, 0, row)
        for name in columns:
            at = HEADERS.index(name)
            sheet.merge_range(
                first - 1, at, last - 1, at, _cells(rows)[first - 1][at], book.add_format()
            )
    return path


def test_a_merged_cell_holds_for_every_row_that_it_covers(scan, tmp_path):
    report = scan(_merged(tmp_path / "a.xlsx", ORDER, 2, 4))
    hits = report.hits("DY100").sort_values("source_row")
    assert hits["source_row"].tolist() == [2, 3, 4, 5]
    first, last = ROWS[0]["主订单编号"], ROWS[3]["主订单编号"]
    assert hits["order_id"].tolist() == [first, first, first, last]
    assert hits["promised_ship_at"].notna().all()


def test_a_merged_amount_is_of_all_its_rows_together(scan, tmp_path):
    report = scan(_merged(tmp_path / "a.xlsx", [*ORDER, "订单应付金额"], 2, 3))
    amounts = report.hits("DY100").sort_values("source_row")["amount"]
    assert amounts.isna().tolist() == [False, True, False, False]


def test_rows_that_hold_nothing_else_are_no_lines_of_a_merged_cell(scan, tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(_cells()[:2]):
            sheet.write_row(at, 0, row)
        for at, cell in enumerate(_cells()[1]):
            sheet.merge_range(1, at, 5, at, cell, book.add_format())
    assert scan(tmp_path / "a.xlsx").to_dict()["accounting"]["rows_read"] == 1


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ('<c r="{r}"><f>A1</f></c>', "DQ401"),
        ('<c r="{r}"><f>A1</f><v></v></c>', "DQ401"),
        ('<c r="{r}"><f>A1</f><v/></c>', "DQ401"),
        ('<c r="{r}" s="1"><f t="shared" si="0"/></c>', "DQ401"),
        ('<x:c r="{r}"><x:f>A1</x:f></x:c>', "DQ401"),
        ("<c s='1' r='{r}'><f>A1</f></c>", "DQ401"),
        ('<c r="{r}" t="e"><f>A1</f><v>#N/A</v></c>', "DQ402"),
        ('<c r="{r}" t="e"><v>#REF!</v></c>', "DQ402"),
    ],
)
def test_a_cell_that_holds_no_value_is_not_empty(cell, code, scan, tmp_path):
    report = scan(_with(tmp_path / "a.xlsx", 3, cell))
    result = report.quarantine[["row", "value", "reason"]].values.tolist()
    assert result == [[3, f"承诺发货时间 ({chr(65 + PROMISED)}3)", code]]
    result = report.to_dict()
    counts = result["accounting"]
    assert (counts["rows_read"], counts["lines"], counts["quarantined"]) == (4, 3, 1)
    assert not [note for note in result["notes"] if note["code"] == "promise-computed"]


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="{r}" t="str"><f>A1</f><v>2026-11-20 08:00:00</v></c>',
        '<c r="{r}" s="1"><f>A1</f><v>46346.333333</v></c>',
        '<!-- <c r="{r}"><f>A1</f></c> --><c r="{r}" s="1"><v>46346.333333</v></c>',
    ],
)
def test_a_formula_with_its_value_is_that_value(cell, scan, tmp_path):
    hits = scan(_with(tmp_path / "a.xlsx", 3, cell)).hits("DY100")
    assert hits["promised_ship_at"].astype(str).tolist() == ["2026-11-20 08:00:00"] * 4


def test_a_formula_without_a_value_in_an_unread_column_is_ignored(scan, tmp_path):
    rows = [{**row, "自定义": "x"} for row in ROWS]
    path = _with(tmp_path / "a.xlsx", 3, '<c r="{r}"><f>A1</f></c>', "自定义", rows=rows)
    assert scan(path).to_dict()["accounting"]["lines"] == 4


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="{r}" s="1"><v>2958465.999999</v></c>',
        '<c r="{r}" s="1"><v>2958466</v></c>',
        '<c r="{r}" s="1"><v>1e300</v></c>',
        '<c r="{r}" s="1"><v>-1e300</v></c>',
        '<c r="{r}" s="2"><v>3000000</v></c>',
        '<c r="{r}" s="2"><v>1e18</v></c>',
        '<c r="{r}"><v>1e999</v></c>',
        '<c r="{r}"><v>NaN</v></c>',
        '<c r="{r}"><v>-Infinity</v></c>',
    ],
)
def test_a_number_that_is_no_moment_costs_its_row(cell, scan, tmp_path):
    report = scan(_with(tmp_path / "a.xlsx", 3, cell))
    assert report.quarantine["row"].tolist() == [3]
    assert report.quarantine["reason"].isin(["DQ201", "DQ203", "DQ403"]).all()
    assert len(report.hits("DY100")) == 3


@pytest.mark.parametrize("value", ["1e999", "NaN", "1e300"])
def test_a_number_that_is_no_amount_is_unknown(value, scan, tmp_path):
    report = scan(_with(tmp_path / "a.xlsx", 3, f'<c r="{{r}}"><v>{value}</v></c>', "订单应付金额"))
    assert report.to_dict()["findings"][0]["amount_at_stake"] in ("297.00", "99.00")
    assert len(report.hits("DY100")) == 4


@pytest.mark.parametrize(
    "far",
    [
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1048576"><c r="ZZ1048576"><v>1</v></c></row>',
        '<row r="4294967295"><c r="A4294967295"><v>1</v></c></row>',
        '<row r="9"><c r="A4294967295"><v>1</v></c></row>',
        '<row r="4294967295"><c><v>1</v></c></row>',
        '<row r="9"><c r="XFE9"><v>1</v></c></row>',
        '<row r="9"><c r="ZZZZZZ9"><v>1</v></c></row>',
        '<row r="999999"><c r="zz999999"><v>1</v></c></row>',
        "<row r='999999'><c r='CV999999'><v>1</v></c></row>",
        '<row s="1" r = "999999"><c s="1"\n r\n=\n"CV999999"><v>1</v></c></row>',
        '<x:row r="999999"><x:c r="CV999999"><x:v>1</x:v></x:c></x:row>',
        f'<row r="999999">{"<c/>" * 200}<c><v>1</v></c></row>',
        f'<row r="999999">{" " * 300}<c {" " * 300}r="CV999999"><v>1</v></c></row>',
    ],
)
def test_a_cell_far_off_the_table_is_refused_by_its_name(far, tmp_path):
    path = write_xml(tmp_path / "a.xlsx", f"<sheetData>{xml_rows(_cells())}{far}</sheetData>")
    with pytest.raises(mw.InputError, match=r"a\.xlsx\[S\]: the cell [A-Z]+\d+ stands too far"):
        mw.scan(path, as_of=AS_OF)


@pytest.mark.parametrize(
    "near",
    [
        '<row r="60000"><c r="A60000"/></row>',
        '<row r="1048576"><c r="XFD1048576" s="1"/></row>',
        '<row r="10"><c r="XFD10"><v>1</v></c></row>',
        '<row r="1048576"><c r="A1048576"/></row>',
        '<!-- <row r="4294967295"><c r="A4294967295"><v>1</v></c></row> -->',
        '<row r="30000" spans="1:700"><c r="ZX30000"><v>1</v></c></row>',
    ],
)
def test_a_sheet_that_can_be_laid_out_is_read(near, scan, tmp_path):
    path = write_xml(tmp_path / "a.xlsx", f"<sheetData>{xml_rows(_cells())}{near}</sheetData>")
    assert len(scan(path).hits("DY100")) == 4


def test_numbers_that_are_commented_out_are_none(scan, tmp_path):
    cells = "".join(
        f'<c r="{a}{b}9999999"><v>1234567890123456</v></c>'
        for a in "ABCDEFGHIJ"
        for b in "ABCDEFGHIJ"
    )
    path = _with(
        tmp_path / "a.xlsx", 3, '<c r="{r}"><v>6900000000000000002</v></c>', "子订单编号",
        f'<!-- <row r="9999999">{cells}</row> -->',
    )  # fmt: skip
    assert scan(path).hits("DY100")["line_id"].tolist()[1] == "6900000000000000002"


BLANK = ("主订单编号", "订单提交时间", "支付完成时间", "承诺发货时间", "订单状态")


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_a_row_that_has_its_orders_columns_blank_is_never_judged_half_empty(form, scan, tmp_path):
    rows = [*ROWS[:1], {**ROWS[1], **dict.fromkeys(BLANK, "")}, *ROWS[2:]]
    path = tmp_path / f"a.{form}"
    if form == "csv":
        write_csv(path, rows)
    elif form == "xlsx":
        write_xlsx(path, _cells(rows))
    else:
        pd.DataFrame(rows).to_parquet(path, index=False)
    report = scan(path)
    assert report.quarantine[["row", "column", "reason"]].values.tolist() == [
        [3, "主订单编号", "DQ107"]
    ]
    assert len(report.hits("DY100")) == 3


@pytest.mark.parametrize("lines", BLANK[1:4])
def test_a_row_that_has_a_time_of_its_own_is_a_line(lines, scan, tmp_path):
    blank = {name: "" for name in BLANK if name != lines}
    report = scan(write_csv(tmp_path / "a.csv", [ROWS[0], {**ROWS[1], **blank}]))
    assert report.to_dict()["accounting"]["lines"] == 2


def _far_xls(path):
    """Another row and column for the last cell: the highest that a record can name."""
    data = write_xls(path, _cells()).read_bytes()
    at = data.rindex(struct.pack("<H", 0x0204)) + 4
    path.write_bytes(data[:at] + b"\xff" * 4 + data[at + 4 :])


def _far_xlsb(path):
    """A last row and a column beyond all that Excel has."""
    sheet = "xl/worksheets/sheet1.bin"
    parts = _parts(write_xlsb(path, _cells()))
    row = bytes([0, 17]) + struct.pack("<I", 2_000_000_000) + b"\0" * 13
    cell = bytes([6, 14]) + struct.pack("<III", 2_000_000_000, 0, 1) + b"x\0"
    _write(path, parts | {sheet: parts[sheet].replace(b"\x92\x01\0", row + cell + b"\x92\x01\0")})


def _far_ods(path):
    parts = _parts(write_ods(path, _cells()))
    far = (
        '<table:table-row table:number-rows-repeated="1000000"><table:table-cell '
        'table:number-columns-repeated="16000" office:value-type="string"><text:p>x</text:p>'
        "</table:table-cell></table:table-row></table:table>"
    )
    content = parts["content.xml"].replace(b"</table:table>", far.encode())
    _write(path, parts | {"content.xml": content})


def _parts(path):
    with zipfile.ZipFile(path) as book:
        return {name: book.read(name) for name in book.namelist()}


def _write(path, parts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in parts.items():
            book.writestr(name, data)


@pytest.mark.parametrize(
    ("name", "make"), [("a.xls", _far_xls), ("a.xlsb", _far_xlsb), ("a.ods", _far_ods)]
)
def test_a_cell_far_off_ends_no_process_in_any_kind_of_workbook(name, make, tmp_path):
    make(tmp_path / name)
    try:
        assert len(mw.scan(tmp_path / name, as_of=AS_OF).hits("DY100")) == 4
    except mw.InputError as error:
        assert f"{name}: it " in str(error)


def test_a_row_with_a_cell_that_tells_nothing_says_nothing_of_others_with_its_id(scan, tmp_path):
    rows = [ROWS[0], {**ROWS[0], "商品ID": "37119"}, ROWS[0], ROWS[1]]
    path = _with(
        tmp_path / "a.xlsx", 3, '<c r="{r}" t="e"><v>#N/A</v></c>', "订单应付金额", rows=rows
    )
    report = scan(path)
    counts = report.to_dict()["accounting"]
    assert [item.reason for item in report._run.results.quarantine] == ["DQ402"]
    assert (counts["rows_read"], counts["lines"], counts["superseded"]) == (4, 2, 1)
    assert counts["quarantined"] == 1
