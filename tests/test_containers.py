"""The same orders in every container are judged alike, and what cannot be opened is reported."""

import csv
import gzip
import json
import re
import subprocess
import sys
import zipfile
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

import pandas as pd
import pytest
import xlsxwriter
from conftest import AS_OF, LATE, SHORT, douyin, write_csv
from workbooks import write_encrypted, write_ods, write_xls, write_xlsb, write_xlsx

import merchantwatch as mw
from merchantwatch.reading import packed, workbook

pytestmark = pytest.mark.looks_at("DY100", "DY101")

ORDERS = douyin(
    *[LATE] * 3,
    {**LATE, "订单应付金额": "¥1,234.50", "选购商品": "羊毛围巾，“红”"},
    {"订单完成时间": "2026-11-20 10:00:00"},
    *[SHORT] * 11,
    {**LATE, "承诺发货时间": "2026/11/20 8:00"},
    {**LATE, "子订单编号": "6.9E+18"},
    {**LATE, "承诺发货时间": "41:01.0"},
    {**LATE, "支付完成时间": "-", "订单状态": "新状态"},
)


def _rows(orders=ORDERS):
    return [list(orders[0]), *(list(row.values()) for row in orders)]


def _zipped(path, *files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.name)
    return path


def _gzipped(path, file):
    with gzip.open(path, "wb") as stream:
        stream.write(file.read_bytes())
    return path


def _table(path, delimiter):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(_rows())
    return path


def _in_every_container(folder):
    plain = write_csv(folder / "utf8.csv", ORDERS, "utf-8")
    book = write_xlsx(folder / "book.xlsx", _rows())
    frame = pd.DataFrame(ORDERS)
    frame.to_parquet(folder / "a.parquet", index=False)
    return {
        "csv": plain,
        "csv with BOM": write_csv(folder / "bom.csv", ORDERS, "utf-8-sig"),
        "csv GB18030": write_csv(folder / "gb.csv", ORDERS, "gb18030"),
        "csv UTF-16": write_csv(folder / "utf16.csv", ORDERS, "utf-16"),
        "tsv": _table(folder / "a.tsv", "\t"),
        "semicolons": _table(folder / "semi.txt", ";"),
        "bars": _table(folder / "bars.txt", "|"),
        "xlsx": book,
        "xls": write_xls(folder / "a.xls", _rows()),
        "xlsb": write_xlsb(folder / "a.xlsb", _rows()),
        "ods": write_ods(folder / "a.ods", _rows()),
        "parquet": folder / "a.parquet",
        "gz": _gzipped(folder / "a.csv.gz", plain),
        "zip": _zipped(folder / "a.zip", plain),
        "zip of GB18030": _zipped(folder / "gb.zip", folder / "gb.csv"),
        "xlsx in a zip": _zipped(folder / "book.zip", book),
        "xlsx in a gz": _gzipped(folder / "book.xlsx.gz", book),
        "parquet in a zip": _zipped(folder / "parquet.zip", folder / "a.parquet"),
        "parquet in a gz": _gzipped(folder / "a.parquet.gz", folder / "a.parquet"),
        "table": frame,
    }


def _outcome(report):
    """A report without what is different by right: where the rows stood and since when."""
    result = report.to_dict()
    del result["inputs"]
    result["notes"] = [note for note in result["notes"] if note["code"] != "closed-after-as-of"]
    for item in result["quarantine"]:
        del item["file"]
    hits = report.hits().drop(columns="source_file").astype(str)
    return json.dumps(result, ensure_ascii=False), hits.values.tolist()


@pytest.mark.looks_at("DY100", "DY101", "DY104", "DY201", "DY202")
def test_every_container_gives_the_same_to_the_byte(scan, tmp_path):
    containers = _in_every_container(tmp_path)
    expected, hits = _outcome(scan(containers.pop("csv")))
    found = Counter(finding["code"] for finding in json.loads(expected)["findings"])
    assert found == {"DY100": 5, "DY101": 1, "DY201": 1, "DY202": 1}
    assert len(hits) == 32
    assert [item["reason"] for item in json.loads(expected)["quarantine"]] == ["DQ102", "DQ202"]
    for name, source in containers.items():
        assert _outcome(scan(source)) == (expected, hits), name


@pytest.mark.parametrize("name", ["book.xlsx", "a.zip", "a.csv.gz", "gb.csv", "a.parquet"])
def test_standard_input_takes_every_container(name, run, tmp_path):
    path = next(p for p in _in_every_container(tmp_path).values() if getattr(p, "name", "") == name)
    with path.open("rb") as file:
        done = run("scan", "-", "--as-of", AS_OF, "-o", "json", stdin=file)
    assert json.loads(done.stdout)["accounting"]["rows_read"] == len(ORDERS), done.stderr


def test_cells_as_excel_holds_them(scan, tmp_path):
    """Numbers, moments and empty cells that have a type, under a title, off the corner."""
    promised = datetime(2026, 11, 20, 8)
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet("订单明细")
        shown = [book.add_format({"num_format": form}) for form in
                 ("yyyy-mm-dd hh:mm:ss", "mm:ss.0", "[h]:mm:ss", "yyyy/m/d")]  # fmt: skip
        sheet.write(0, 0, "订单报表")
        headers = list(ORDERS[0])
        sheet.write_row(2, 1, headers)
        for at, row in enumerate(douyin(*[LATE] * 6), start=3):
            for column, (name, cell) in enumerate(row.items(), start=1):
                if name == "商品ID":
                    sheet.write_number(at, column, 37110)
                elif name == "订单应付金额":
                    sheet.write_number(at, column, 19.9)
                elif name == "承诺发货时间" and at < 7:
                    moment = promised if at < 6 else datetime(2026, 11, 20)
                    sheet.write_datetime(at, column, moment, shown[at - 3])
                elif name == "承诺发货时间" and at == 7:
                    sheet.write_number(at, column, 46346 + 1 / 3)
                elif name == "承诺发货时间":
                    sheet.write_datetime(at, column, timedelta(hours=8), shown[2])
                else:
                    sheet.write_string(at, column, "" if cell == "-" else cell)
    report = scan(tmp_path / "a.xlsx")
    hits = report.hits("DY100").sort_values("source_row")
    assert hits["source_row"].tolist() == [4, 5, 6, 7, 8]
    assert hits["promised_ship_at"].tolist() == [
        *[pd.Timestamp(promised)] * 3, pd.Timestamp("2026-11-20"), pd.Timestamp(promised),
    ]  # fmt: skip
    assert set(hits["product_id"]) == {"37110"}
    assert set(hits["amount"]) == {Decimal("19.90")}
    assert report.quarantine[["row", "column", "reason"]].values.tolist() == [
        [9, "承诺发货时间", "DQ203"]
    ]
    assert report.to_dict()["inputs"][0]["path"].endswith("a.xlsx[订单明细]")


@pytest.mark.parametrize(
    ("number", "read"),
    [
        (123456789012345, "123456789012345"),
        (1234567890123456, "1234567890123456"),
        (6912345678901234567, "DQ102"),
        (12345.5, "12345.5"),
    ],
)
def test_ids_that_are_numbers_in_a_sheet(number, read, scan, tmp_path):
    rows = _rows(douyin(LATE))
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, rows[0])
        sheet.write_row(1, 0, rows[1])
        sheet.write_number(1, rows[0].index("子订单编号"), number)
    report = scan(tmp_path / "a.xlsx")
    found = report.hits("DY100")["line_id"].tolist() + report.quarantine["reason"].tolist()
    assert found == [read]


def test_each_sheet_is_recognised_on_its_own(scan, tmp_path):
    parcels = [["运单号", "订单编号", "揽收时间"], ["SF1", ORDERS[0]["主订单编号"], "-"]]
    tables = (_rows(), parcels, [["随便写的", "说明"]], [], _rows()[:2])
    path = write_xlsx(tmp_path / "a.xlsx", *tables, names=["订单", "包裹", "说明", "空", "旧订单"])
    report = scan(path)
    result = report.to_dict()
    assert [(item["path"], item["format"]) for item in result["inputs"]] == [
        (f"{path}[订单]", "douyin-orders"),
        (f"{path}[包裹]", "douyin-parcels"),
        (f"{path}[旧订单]", "douyin-orders"),
    ]
    assert [text.split(":")[0] for text in result["skipped"]] == [f"{path}[说明]"]
    assert result["failed"] == []
    assert result["accounting"]["superseded"] == 1


def test_a_hidden_sheet_is_not_read_and_reported(scan, tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        for name in ("订单", "旧"):
            sheet = book.add_worksheet(name)
            for at, row in enumerate(_rows()):
                sheet.write_row(at, 0, row)
        sheet.hide()
    result = scan(tmp_path / "a.xlsx").to_dict()
    assert [item["path"] for item in result["inputs"]] == [f"{tmp_path}/a.xlsx[订单]"]
    assert "[旧]: the sheet is hidden" in result["skipped"][0]


def _numbered(path, ids, places=("B", "C")):
    """A workbook whose ids are numbers, written in full as some programs do and Excel does not."""
    write_xlsx(path, *[[["", "主订单编号", "子订单编号", "订单提交时间", "支付完成时间", "承诺发货时间", "发货时间", "订单状态", "商品ID"],
                        *[["", "x", "x", *["2026-11-18 08:00:00"] * 3, "", "待发货", "1"] for _ in ids]]] * 2, names=("空", "订单"))  # fmt: skip
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = parts["xl/worksheets/sheet2.xml"].decode()
    for row, digits in enumerate(ids, start=2):
        for column in places:
            sheet = re.sub(
                rf'<c r="{column}{row}" t="s"><v>\d+</v>',
                f'<c r="{column}{row}"><v>{digits}</v>',
                sheet,
            )
    parts["xl/worksheets/sheet2.xml"] = sheet.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in parts.items():
            book.writestr(name, data)
    return path


def test_ids_that_are_numbers_keep_all_digits_that_the_file_holds(scan, tmp_path):
    ids = [
        "6920000000000000101",
        "6920000000000000102",
        "9007199254740993",
        "6.92E+18",
        "12345",
        "69200000000000001031",
    ]
    path = _numbered(tmp_path / "a.xlsx", ids)
    report = scan(path, select="DY100")
    hits = report.hits()
    assert sorted(hits[hits["source_file"].str.endswith("[订单]")]["line_id"]) == sorted(
        ids[:3] + ids[4:5]
    )
    assert report.quarantine[["row", "value", "reason"]].values.tolist() == [
        [5, "6.92E+18", "DQ102"],
        [7, "6.92E+19", "DQ102"],
    ]
    packed = scan(_zipped(tmp_path / "b.zip", path), select="DY100")
    assert sorted(packed.hits()["line_id"]) == sorted(hits["line_id"])


def test_a_wrong_dimension_hides_no_rows(scan, tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", _rows())
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    start = sheet.index(b'<dimension ref="')
    end = sheet.index(b"/>", start)
    parts["xl/worksheets/sheet1.xml"] = sheet[:start] + b'<dimension ref="A1"' + sheet[end:]
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in parts.items():
            book.writestr(name, data)
    assert _outcome(scan(tmp_path / "b.xlsx")) == _outcome(scan(path))


def test_a_zip_of_several_members(scan, tmp_path):
    """Members' names tell shops and times as files' names do; old zips have them in GBK."""
    name = "订单/1795188600_" + "0a" * 16 + "sampleBB.csv"
    data = write_csv(tmp_path / "o.csv", ORDERS).read_bytes()
    book = write_xlsx(tmp_path / "b.xlsx", [["运单号", "订单编号", "揽收时间"], ["SF1", "1", "-"]])
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, data)
        archive.write(book, "包裹.xlsx")
        archive.writestr("__MACOSX/._a.csv", b"\x00")
        archive.writestr("照片.jpg", b"\xff\xd8")
        archive.writestr("说明.txt", "订单和包裹")
    result = scan(tmp_path / "a.zip").to_dict()
    assert {item["format"] for item in result["inputs"]} == {"douyin-orders", "douyin-parcels"}
    assert "说明.txt" in result["skipped"][0]
    (orders,) = [item for item in result["inputs"] if item["format"] == "douyin-orders"]
    assert orders["path"] == f"{tmp_path}/a.zip[{name}]"
    assert (orders["shop"], orders["exported_at_from"]) == ("sampleBB", "file name")


def test_names_in_a_zip_of_old_chinese_programs(scan, tmp_path):
    data = write_csv(tmp_path / "o.csv", ORDERS).read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("xxxx.csv", data)
    raw = (tmp_path / "a.zip").read_bytes().replace(b"xxxx", "订单".encode("gb18030"))
    (read,) = scan(_written(tmp_path / "b.zip", raw)).to_dict()["inputs"]
    assert read["path"] == f"{tmp_path}/b.zip[订单.csv]"


def test_a_members_own_time_is_its_export_time(scan, tmp_path):
    data = write_csv(tmp_path / "o.csv", ORDERS).read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("o.csv", (2026, 11, 20, 22, 30, 0)), data)
    (read,) = scan(tmp_path / "a.zip").to_dict()["inputs"]
    assert (read["exported_at"], read["exported_at_from"]) == (
        "2026-11-20T22:30:00", "modification time",
    )  # fmt: skip


def test_a_partitioned_folder_tells_what_its_names_tell(scan, tmp_path):
    frame = pd.DataFrame(douyin(*[LATE] * 6))
    frame["店铺名称"] = ["一号店"] * 3 + ["007"] * 3
    frame.to_parquet(tmp_path / "orders", partition_cols=["店铺名称"], index=False)
    (tmp_path / "orders" / "_SUCCESS").touch()
    found = scan(tmp_path / "orders").to_dict()["findings"]
    shops = {f["shop"] for f in found if f["code"] == "DY101"}
    assert shops == {"一号店", "007"}


def test_folders_take_every_kind_of_file(scan, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    containers = _in_every_container(folder)
    result = scan(folder).to_dict()
    assert len(result["inputs"]) == len(containers) - 1
    assert result["failed"] == result["skipped"] == []
    assert result["accounting"]["superseded"] == result["accounting"]["rows_read"] - len(
        result["inputs"]
    ) * 2 - (len(ORDERS) - 2)
    assert len(scan(str(folder / "*.zip")).to_dict()["inputs"]) == 4


# ------------------------------------------------------------------------ what cannot be opened


def _bomb(path, name="orders.csv", size=80 << 20):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        head = ",".join(ORDERS[0]) + "\n"
        archive.writestr(name, head.encode() + b"0" * size)
    return path


def _encrypted_zip(path):
    _zipped(path, write_csv(path.with_name("o.csv"), ORDERS))
    data = bytearray(path.read_bytes())
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(sign) + at] |= 1
    path.write_bytes(bytes(data))
    return path


def _broken(path, cut):
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * cut // 10])
    return path


def _bomb_of_a_workbook(path):
    write_xlsx(path, _rows())
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet9.xml", b" " * (80 << 20))
    return path


def _lying_workbook(path):
    """A bomb whose directory says that it is small."""
    _bomb_of_a_workbook(path)
    size = (80 << 20).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (999).to_bytes(4, "little")))
    return path


REFUSED = {
    "zip bomb": (lambda f: _bomb(f / "a.zip"), "unpacks to more than 64 MB"),
    "gz bomb": (
        lambda f: _gzipped_bytes(f / "a.csv.gz", (",".join(ORDERS[0]) + "\n").encode() + b"0" * (80 << 20)),
        "unpacks to more than 64 MB",
    ),
    "xlsx bomb": (lambda f: _bomb_of_a_workbook(f / "a.xlsx"), "unpacks to more than 64 MB"),
    "encrypted zip": (lambda f: _encrypted_zip(f / "a.zip"), "it is encrypted"),
    "cut zip": (lambda f: _broken(_zipped(f / "a.zip", write_csv(f / "o.csv", ORDERS)), 7), "damaged or was not copied"),
    "cut gz": (lambda f: _broken(_gzipped(f / "a.csv.gz", write_csv(f / "o.csv", ORDERS * 99)), 7), "damaged or was not copied"),
    "cut xlsx": (lambda f: _broken(write_xlsx(f / "a.xlsx", _rows()), 7), "damaged or was not copied"),
    "no workbook": (lambda f: _written(f / "a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000), "cannot be read as an Excel workbook"),
    "nothing in it": (lambda f: _zipped(f / "a.zip", _written(f / "a.jpg", b"x")), "no table to read in it"),
    "zip in a zip": (lambda f: _zipped(f / "b.zip", _zipped(f / "a.zip", write_csv(f / "o.csv", ORDERS))), "packed twice"),
    "cut parquet in a zip": (lambda f: _zipped(f / "b.zip", _written(f / "a.parquet", b"PAR1" + b"x" * 99)), r"\[a.parquet\]: it cannot be read as Parquet"),
    "parquet bomb": (lambda f: _gzipped_bytes(f / "a.parquet.gz", b"PAR1" + b"0" * (80 << 20)), "unpacks to more than 64 MB"),
    "empty sheet": (lambda f: write_xlsx(f / "a.xlsx", []), "no table to read in it"),
    "unknown sheet": (lambda f: write_xlsx(f / "a.xlsx", [["a", "b"]]), r"\[Sheet1\]: no known export"),
    "empty in a zip": (lambda f: _zipped(f / "a.zip", _written(f / "o.csv", b"")), "the file is empty"),
}  # fmt: skip


def _gzipped_bytes(path, data):
    path.write_bytes(gzip.compress(data, 9))
    return path


def _written(path, data):
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_opened_is_refused_with_a_reason(name, tmp_path):
    content, reason = REFUSED[name]
    path = content(tmp_path)
    with pytest.raises(mw.InputError, match=reason) as error:
        mw.scan(path, as_of=AS_OF)
    assert str(path) in str(error.value)


def test_a_workbook_that_lies_about_its_size_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_IN_A_WORKBOOK", 1 << 20)
    with pytest.raises(mw.InputError, match=r"damaged|unpacks to more"):
        mw.scan(_lying_workbook(tmp_path / "a.xlsx"), as_of=AS_OF)


def test_a_workbook_with_a_password_is_refused(tmp_path):
    """Excel keeps an encrypted workbook in an OLE file whose streams say so."""
    with pytest.raises(mw.InputError, match="it is encrypted"):
        mw.scan(write_encrypted(tmp_path / "a.xlsx"), as_of=AS_OF)


def test_the_rest_of_a_zip_is_judged_when_a_member_fails(scan, tmp_path):
    good, bad = write_csv(tmp_path / "o.csv", ORDERS), _written(tmp_path / "b.csv", b"\xff\xff")
    report = scan(_zipped(tmp_path / "a.zip", good, bad))
    assert report.to_dict()["accounting"]["rows_read"] == len(ORDERS)
    assert "a.zip[b.csv]" in report.to_dict()["failed"][0]


def test_of_a_file_that_breaks_off_nothing_is_judged(scan, tmp_path):
    """Its first rows were judged before the end was reached: they are taken back."""
    good = write_csv(tmp_path / "good.csv", douyin(*[LATE] * 3))
    rows = [{**row, "子订单编号": f"7{n:018}"} for n, row in enumerate(douyin(*[LATE] * 9000))]
    cut = _broken(_gzipped(tmp_path / "a.csv.gz", write_csv(tmp_path / "o.csv", rows)), 9)
    result = scan(good, cut).to_dict()
    assert result["accounting"]["lines"] == result["accounting"]["rows_read"] == 3
    assert [item["path"] for item in result["inputs"]] == [str(good)]
    assert "damaged or was not copied" in result["failed"][0]


def test_what_is_packed_is_never_unpacked_as_a_whole(tmp_path):
    """A zip of 60 MB of orders is read from its member a few megabytes at a time."""
    row = ",".join(ORDERS[0].values()).replace(ORDERS[0]["子订单编号"], "{n}")
    name, count = tmp_path / "a.zip", 330_000
    with (
        zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("o.csv", "w") as member,
    ):
        member.write((",".join(ORDERS[0]) + "\n").encode())
        for n in range(count):
            member.write((row.replace("{n}", f"69{n:017}") + "\n").encode())
    with packed.Content(name, "a.zip", "zip", "o.csv").open() as stream:
        size = sum(len(block) for block in iter(lambda: stream.read(1 << 20), b""))
    script = (
        "import merchantwatch as mw\n"
        "from merchantwatch.reading import packed\n"
        "seen = []\n"
        "real = packed._Bounded.readinto\n"
        "def counted(self, buffer):\n"
        "    seen.append(len(buffer)); return real(self, buffer)\n"
        "packed._Bounded.readinto = counted\n"
        f"r = mw.scan({str(name)!r}, as_of={AS_OF!r}, select='DY301')\n"
        "print(r.to_dict()['accounting']['rows_read'], max(seen), len(seen))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    rows, largest, reads = map(int, done.stdout.split())
    assert rows == count
    assert largest <= 4 << 20
    assert reads > size >> 22


@pytest.mark.parametrize("header", ["currency", "Currency", "币种"])
def test_a_workbook_may_say_whose_money_its_amounts_are(scan, tmp_path, header):
    """Of a workbook only known columns are read: that of the currency is one of them."""
    rows = [{**row, header: "USD"} for row in douyin(LATE, LATE)]
    path = write_xlsx(
        tmp_path / "orders.xlsx", [list(rows[0]), *(list(row.values()) for row in rows)]
    )
    result = scan(path).to_dict()
    assert result["accounting"]["lines"] == 2
    assert "USD" in json.dumps(result)
