"""Files as merchants have them, read to the same lines or refused with a reason."""

import csv
import shutil
from datetime import datetime
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import AS_OF, DOUYIN, LATE, SAMPLE, douyin, rule, write_csv

import merchantwatch as mw

pytestmark = pytest.mark.looks_at("DY100", "DY101")

HEADERS_65 = (
    "主订单编号 子订单编号 选购商品 商品规格 商品数量 商品ID 商家编码 商品单价 订单应付金额 运费 优惠总金额 平台优惠 "
    "商家优惠 达人优惠 商家改价 支付优惠 红包抵扣 支付方式 手续费 收件人 收件人手机号 省 市 区 街道 详细地址 "
    "是否修改过地址 买家留言 订单提交时间 旗帜颜色 商家备注 订单完成时间 支付完成时间 APP渠道 流量来源 订单状态 "
    "承诺发货时间 订单类型 鲁班落地页ID 达人ID 达人昵称 所属门店ID 售后状态 取消原因 预约发货时间 仓库ID 仓库名称 "
    "是否安心购 广告渠道 流量类型 流量体裁 流量渠道 发货主体 发货主体明细 发货时间 降价类优惠 平台实际承担优惠金额 "
    "商家实际承担优惠金额 达人实际承担优惠金额 预计送达时间 是否平台仓自流转 车型 预约送达时间 建议发货时间（起） "
    "建议发货时间（止）"
).split()
ADDED_73 = "地址修改时段 商品69码 发货SN码 发货IMEI码1 发货IMEI码2 物流SN码 物流IMEI码1 物流IMEI码2".split()
ADDED_90 = (
    "是否福袋订单 福袋采购订单号 福袋采购订单状态 福袋采购订单采购方ID 福袋采购订单采购方名称 福袋采购订单创建时间 "
    "福袋采购订单支付时间 福袋采购订单订单应付金额 福袋采购订单订单实际付款金额 福袋采购订单订单优惠金额 福袋采购订单商品ID "
    "福袋采购订单商品名称 福袋采购订单商品单价 福袋采购订单商品数量 福袋采购订单核销数量 福袋采购订单结算数量"
).split()
VERSIONS = {
    65: HEADERS_65,
    73: HEADERS_65 + ADDED_73,
    74: [*HEADERS_65, *ADDED_73, "序列号"],
    90: [*HEADERS_65, *ADDED_73, "序列号", *ADDED_90],
}


@pytest.mark.parametrize("columns", VERSIONS)
def test_versions_of_the_douyin_report_read_alike(columns, scan, tmp_path):
    headers = VERSIONS[columns]
    assert len(headers) == columns
    rows = [{name: row.get(name, "-") for name in headers} for row in douyin(LATE, LATE, LATE, {})]
    report = scan(write_csv(tmp_path / "a.csv", rows))
    assert report.to_dict()["inputs"][0]["format"] == "douyin-orders"
    assert rule(report, "DY101") | {"hits": 3, "breached": 1} == rule(report, "DY101")


def test_a_custom_report_parts_parcel_and_carrier_at_the_last_dash(scan, tmp_path):
    rows = douyin({**LATE, "快递信息": "SF-A-顺丰速运"}, {**LATE, "快递信息": "-"})
    hits = scan(write_csv(tmp_path / "a.csv", rows)).hits("DY100")
    assert hits[["tracking_no", "carrier"]].fillna("").values.tolist() == [
        ["SF-A", "顺丰速运"],
        ["", ""],
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_encodings_give_the_same_report(encoding, scan, tmp_path):
    path = write_csv(tmp_path / "a.csv", douyin(LATE, {**LATE, "商家备注": "缺货"}), encoding)
    found = scan(path).to_dict()
    (read,) = found.pop("inputs")
    assert read["encoding"] == {"gbk": "gb18030"}.get(encoding, encoding)
    same = scan(write_csv(path, douyin(LATE, {**LATE, "商家备注": "缺货"}), "utf-8")).to_dict()
    same.pop("inputs")
    assert found == same


def test_gbk_far_behind_an_ascii_beginning(scan, tmp_path):
    rows = [
        {"id": str(n), "paid": "2026-11-01 08:00:00", "sent": "-", "what": "x"}
        for n in range(40000)
    ]
    rows.append({**rows[0], "id": "last", "what": "羊毛围巾"})
    path = write_csv(tmp_path / "a.csv", rows, "gb18030")
    columns = {"line_id": "id", "paid_at": "paid", "shipped_at": "sent", "product_name": "what"}
    report = scan(path, map=columns)
    assert report.to_dict()["inputs"][0]["encoding"] == "gb18030"
    names = report.hits("DY100").set_index("line_id")["product_name"]
    assert names["last"] == "羊毛围巾"


def test_cells_are_cleaned(scan, tmp_path):
    row = douyin(LATE)[0]
    dirty = {name: f"\t {cell}\u00a0" for name, cell in row.items()}
    dirty |= {"订单应付金额": "¥1,234.50元", "子订单编号": '="6900000000000000001"'}
    hits = scan(write_csv(tmp_path / "a.csv", [dirty])).hits("DY100")
    assert hits["line_id"].tolist() == ["6900000000000000001"]
    assert hits["amount"].tolist() == [Decimal("1234.50")]


def test_headers_are_folded(scan, tmp_path):
    rows = [{f"\t{name} ": cell for name, cell in row.items()} for row in douyin(LATE)]
    assert rule(scan(write_csv(tmp_path / "a.csv", rows)), "DY100")["hits"] == 1


TIMES = [
    ("2026-11-20 08:00:00", "2026-11-20 08:00:00"),
    ("2026/11/20 8:00", "2026-11-20 08:00:00"),
    ("2026/9/1 8:00:05", "2026-09-01 08:00:05"),
    ("2026-11-20 08:00", "2026-11-20 08:00:00"),
    ("2026-11-20T08:00:00", "2026-11-20 08:00:00"),
    ("2026-11-20T00:00:00Z", "2026-11-20 08:00:00"),
    ("2026-11-20 09:00:00+09:00", "2026-11-20 08:00:00"),
    ("2026-11-20", "2026-11-20 23:59:59"),
    ("2026/11/20", "2026-11-20 23:59:59"),
    ('="2026-11-20 08:00:00"', "2026-11-20 08:00:00"),
    ("'2026-11-20 08:00:00", "2026-11-20 08:00:00"),
    ("\u202d2026-11-20 08:00:00\u202c\u200b", "2026-11-20 08:00:00"),
    ("46346.3333333333", "2026-11-20 08:00:00"),
    ("46346.33", "2026-11-20 07:55:12"),
    ("46346", "2026-11-20 23:59:59"),
    ("46346.0", "2026-11-20 00:00:00"),
    ("41:01.0", "DQ202"),
    ("8:00:00", "DQ203"),
    ("8:00", "DQ203"),
    ("8:00 PM", "DQ203"),
    ("2026-02-30 08:00:00", "DQ204"),
    ("2026-11-20 25:00:00", "DQ204"),
    ("1970-01-01 08:00:00", "2026-11-20 08:00:00"),
    ("25569", "DQ201"),
    ("463463", "DQ201"),
    ("infinity", "DQ201"),
    ("昨天", "DQ201"),
    ("2026-11-\x0020 08:00:00", "DQ201"),
]


def test_times(scan, tmp_path):
    """Each in a file of its own, where no other cell shows how it is written."""
    files, wanted = [], {}
    for number, ((cell, read), row) in enumerate(
        zip(TIMES, douyin(*[LATE] * len(TIMES)), strict=True)
    ):
        files.append(write_csv(tmp_path / f"{number}.csv", [{**row, "承诺发货时间": cell}]))
        wanted[str(files[-1])] = read
    report = scan(*files)
    hits = report.hits("DY100")
    promised = [f"{time:%Y-%m-%d %H:%M:%S}" for time in hits["promised_ship_at"]]
    aside = report.quarantine
    found = [
        *zip(hits["source_file"], promised, strict=True),
        *zip(aside["file"], aside["reason"], strict=True),
    ]
    assert dict(found) == wanted
    assert len(found) == len(wanted)


def test_times_without_seconds_are_noted(export, scan):
    report = scan(export({**LATE, "承诺发货时间": "2026/11/20 8:00"}, {}))
    notes = {note["code"]: note["lines"] for note in report.to_dict()["notes"]}
    assert notes["without-seconds"] == 1


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"子订单编号": "6.92E+18"}, "DQ102"),
        ({"主订单编号": "6.9e+18"}, "DQ102"),
        ({"商品ID": "3.71E+18"}, "DQ102"),
        ({"子订单编号": "-"}, "DQ101"),
        ({"子订单编号": "6901;6902"}, "DQ103"),
    ],
)
def test_ids_that_cannot_be_read(cells, reason, export, scan):
    report = scan(export({**LATE, **cells}, {}))
    assert report.quarantine["reason"].tolist() == [reason]
    assert report.to_dict()["accounting"]["lines"] == 1


def test_an_id_of_digits_and_one_e_is_an_id(scan, tmp_path):
    rows = [
        {"id": "7e12345678901234567890123456789012", "paid": "2026-11-01 08:00:00", "sent": "-"}
    ]
    report = scan(
        write_csv(tmp_path / "a.csv", rows),
        map={"line_id": "id", "paid_at": "paid", "shipped_at": "sent"},
    )
    assert report.hits("DY100")["line_id"].tolist() == [rows[0]["id"]]


def test_unreadable_amounts_are_unknown_and_noted(export, scan):
    """A note names the first five cells of a file: row and column, as Excel shows them."""
    bad = {**LATE, "订单应付金额": "十二块"}
    path = export(LATE, {**bad, "商品数量": "两"}, *[bad] * 5)
    report = scan(path)
    assert report.hits("DY100")["amount"].isna().sum() == 6
    notes = {note["code"]: note["text"] for note in report.to_dict()["notes"]}
    places = ", ".join(f"{path}:{row} 订单应付金额" for row in (3, 4, 5, 6, 7))
    assert notes["amount-unread"] == f"the amount cannot be read: unknown: {places} …"
    assert notes["quantity-unread"].endswith("orders.csv:3 商品数量")


@pytest.mark.parametrize("kind", [str, float, Decimal])
def test_a_part_of_a_piece_is_no_number_of_pieces(scan, kind):
    """Rounded it would be another number, unnoticed."""
    frame = pd.DataFrame(douyin(*[LATE] * 4)).assign(
        商品数量=[kind(n) for n in ("1.5", "2.0", "0.49", "3")]
    )
    report = scan(frame, select="DY100")
    assert [None if pd.isna(n) else n for n in report.hits("DY100")["quantity"]] == [
        None,
        2,
        None,
        3,
    ]
    notes = {note["code"]: note["lines"] for note in report.to_dict()["notes"]}
    assert notes["quantity-unread"] == 2


def test_ragged_rows_are_quarantined_with_excels_row_number(export, scan):
    path = export({}, {}, {}, {})
    lines = path.read_text("utf-8-sig").splitlines()
    lines[2] += ",1"
    lines.insert(4, "2,3")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    report = scan(path)
    assert report.quarantine[["row", "reason"]].values.tolist() == [[3, "DQ301"], [5, "DQ301"]]
    assert (
        report.to_dict()["accounting"] | {"rows_read": 5, "lines": 3, "quarantined": 2}
        == (report.to_dict()["accounting"])
    )


def test_row_numbers_hold_behind_quoted_line_breaks(export, scan):
    path = export({"商家备注": "一\n二"}, {}, LATE)
    assert scan(path).hits("DY100")["source_row"].tolist() == [4]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_row_numbers_hold_over_many_blocks(encoding, scan, tmp_path, monkeypatch):
    monkeypatch.setattr("merchantwatch.reading.attempts.BLOCK_BYTES", 2000)
    path = write_csv(tmp_path / "a.csv", douyin(*[{}] * 50, LATE, *[{}] * 50, LATE))
    lines = path.read_text("utf-8-sig").splitlines()
    lines[20] = "某"
    lines[90] = "某,z"
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    report = scan(path)
    assert report.hits("DY100")["source_row"].tolist() == [52, 103]
    assert report.quarantine["row"].tolist() == [21, 91]


def test_blank_lines_are_no_rows(export, scan):
    path = export({}, LATE)
    lines = path.read_text("utf-8-sig").splitlines()
    path.write_text("\n".join([*lines[:2], "", lines[2], "", ",,,,"]) + "\n", encoding="utf-8-sig")
    report = scan(path)
    assert report.hits("DY100")["source_row"].tolist() == [4]
    assert report.to_dict()["accounting"]["lines"] == 2


@pytest.mark.parametrize(("encoding", "cuts"), [("utf-8-sig", 60), ("gb18030", 12)])
def test_a_file_cut_off_loses_its_last_row_only(encoding, cuts, export, scan):
    paths = []
    for cut in range(1, cuts):
        path = export({}, {}, {}, name=f"{cut}.csv")
        whole = path.read_text("utf-8-sig").replace("690000", f"69{cut:04}")
        path.write_bytes(whole.encode(encoding)[: -cut - 20])
        paths.append(path)
    result = scan(*paths).to_dict()
    found = {item["path"]: (item["rows"], item["quarantined"]) for item in result["inputs"]}
    assert found == {str(path): (3, 1) for path in paths}
    assert result["accounting"]["lines"] == 2 * len(paths)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_an_open_quote_swallows_nothing_in_silence(encoding, export):
    path = export({}, {}, {})
    lines = path.read_text("utf-8-sig").replace('"', "").splitlines()
    lines[2] = lines[2][:-1] + '"-'
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    with mw.scan(path, as_of=AS_OF) as report:
        assert len(report.quarantine) == 0
        (note,) = [n for n in report.to_dict()["notes"] if n["code"] == "quotes-as-letters"]
        assert "row 3" in note["text"]
        assert report.to_dict()["accounting"]["lines"] == 3


@pytest.mark.parametrize("native", [True, False])
def test_parquet(native, scan, tmp_path):
    rows = douyin(LATE, LATE, LATE, {"订单应付金额": "1,234.00"})
    frame = pd.DataFrame(rows).replace("-", None)
    if native:
        for name in frame.columns[frame.columns.str.endswith("时间")]:
            frame[name] = pd.to_datetime(frame[name])
        frame["订单应付金额"] = [Decimal(a.replace(",", "")) for a in frame["订单应付金额"]]
        frame["子订单编号"] = frame["子订单编号"].astype("int64")
    frame.to_parquet(tmp_path / "a[1].parquet", index=False)
    report = scan(tmp_path / "a[1].parquet")
    assert rule(report, "DY101") | {"hits": 3, "breached": 1} == rule(report, "DY101")
    assert report.hits("DY101")["source_row"].tolist() == [2, 3, 4]
    assert report.hits("DY101")["line_id"].iloc[0] == "6900000000000000001"


def test_parquet_with_zones_is_read_on_the_platforms_clock(scan, tmp_path):
    table = pa.table(
        {
            "id": ["1"],
            "paid": pa.array([datetime(2026, 11, 18)], pa.timestamp("us", "UTC")),
            "sent": pa.array([None], pa.timestamp("us", "UTC")),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    columns = {"line_id": "id", "paid_at": "paid", "shipped_at": "sent"}
    hits = scan(tmp_path / "a.parquet", map=columns).hits("DY100")
    assert hits["paid_at"].tolist() == [pd.Timestamp("2026-11-18 08:00:00")]


def test_float_ids_are_read_where_nothing_is_lost(scan):
    frame = pd.DataFrame({"id": [12345.0, None], "paid": ["2026-11-01 08:00:00"] * 2, "sent": "-"})
    columns = {"line_id": "id", "paid_at": "paid", "shipped_at": "sent"}
    report = scan(frame, map=columns)
    assert report.hits("DY100")["line_id"].tolist() == ["12345"]
    assert report.quarantine["reason"].tolist() == ["DQ101"]
    with pytest.raises(mw.InputError, match="have lost their last digits"):
        scan(frame.assign(id=[12345.0, 6.9e18]), map=columns)


def test_a_folder_is_read_without_what_is_not_meant(scan, tmp_path, export):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / ".hidden").mkdir()
    shutil.copy(export(LATE), folder / "orders.csv")
    shutil.copy(export(LATE), folder / ".hidden" / "orders.csv")
    (folder / "notes.txt").write_bytes(b"\xff\xfe\xfd no export")
    (folder / "other.csv").write_text("a,b\n1,2\n")
    scan(folder / "orders.csv").write(folder / "hits.csv")
    report = scan(folder)
    assert [item["path"] for item in report.to_dict()["inputs"]] == [str(folder / "orders.csv")]
    notes, other = report.to_dict()["skipped"]
    assert "notes.txt" in notes
    assert "other.csv" in other
    assert report.to_dict()["failed"] == []


def test_the_sample_reads_alike_as_csv_and_parquet(scan):
    def result(path):
        found = scan(path).to_dict()
        keep = ("rules", "findings", "accounting")
        return {name: found[name] for name in keep}

    assert result(SAMPLE / "orders.csv") == result(SAMPLE / "parquet" / "orders.parquet")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_broken_header_is_reported(export, encoding):
    path = export({})
    path.write_bytes(
        path.read_text("utf-8-sig").encode(encoding).replace("订单".encode(), b"\xff", 1)
    )
    with pytest.raises(mw.InputError, match=r"byte \d+ \(line 1\) is no UTF-8"):
        mw.scan(path)


def test_a_header_alone_is_no_fault(scan, tmp_path):
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(DOUYIN)
    report = scan(tmp_path / "a.csv")
    assert report.to_dict()["accounting"]["rows_read"] == 0
    assert {entry["status"] for entry in report.to_dict()["rules"]} == {"not_applicable"}


@pytest.mark.parametrize("orders", ["orders.csv", "parquet/orders.parquet"])
def test_a_file_judged_in_many_chunks_gives_the_same(scan, monkeypatch, orders):
    def outcome():
        report = scan(SAMPLE / orders, SAMPLE / "parcels.csv")
        return report.to_dict(), report.hits().to_csv()

    in_one = outcome()
    monkeypatch.setattr("merchantwatch.engines.duckdb.sources.CHUNK_ROWS", 7)
    monkeypatch.setattr("merchantwatch.engines.duckdb.judging._MATTERING_ROWS", 3)
    monkeypatch.setattr("merchantwatch.engines.duckdb.judging._FEW_ROWS", 5)
    monkeypatch.setattr("merchantwatch.reading.attempts.BLOCK_BYTES", 20_000)
    for module in ("tables", "columnar"):
        monkeypatch.setattr(f"merchantwatch.reading.{module}.BATCH_ROWS", 5)
    assert outcome() == in_one


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_of_exports_that_are_alike_one_that_fails_takes_nothing_with_it(
    chunk, scan, tmp_path, monkeypatch
):
    monkeypatch.setattr("merchantwatch.engines.duckdb.sources.CHUNK_ROWS", chunk)
    monkeypatch.setattr("merchantwatch.engines.duckdb.judging._MATTERING_ROWS", 2)
    monkeypatch.setattr("merchantwatch.engines.duckdb.judging._FEW_ROWS", 3)
    monkeypatch.setattr("merchantwatch.reading.attempts.BLOCK_BYTES", 2000)

    def written(name, first, count):
        rows = [LATE | {"子订单编号": str(69200 + first + n)} for n in range(count)]
        return write_csv(tmp_path / name, douyin(*rows))

    good = [written("a.csv", 0, 12), written("d.csv", 300, 5)]
    bad = written("b.csv", 100, 40)
    whole = bad.read_bytes()
    last = whole.rindex("样品".encode())
    bad.write_bytes(whole[:last] + b"\xff\xff" + whole[last + 2 :])
    ragged = written("c.csv", 200, 20)
    lines = ragged.read_text("utf-8-sig").splitlines()
    ragged.write_text("\n".join([*lines[:15], "x,y", *lines[15:]]) + "\n", encoding="utf-8-sig")

    together = scan(good[0], bad, ragged, good[1])
    (failed,) = together.to_dict()["failed"]
    assert str(bad) in failed
    found = set(together.hits("DY100")["line_id"])
    assert found == {str(69200 + n) for n in (*range(12), *range(200, 220), *range(300, 305))}
    assert together.quarantine[["file", "row"]].values.tolist() == [[str(ragged), 16]]
    rows = {read["path"]: read["rows"] for read in together.to_dict()["inputs"]}
    assert rows == {str(good[0]): 12, str(ragged): 21, str(good[1]): 5}


def test_temporary_files_are_removed(tmp_path, monkeypatch):
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with mw.scan(SAMPLE / "orders.csv", as_of="2026-11-21"):
        assert list(tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []
