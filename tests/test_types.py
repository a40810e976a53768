"""Columns that have types: text however it is stored, and types that no field can have."""

import gzip
from datetime import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from conftest import AS_OF, LATE, douyin, findings
from pyarrow import feather, parquet

import merchantwatch as mw

pytestmark = pytest.mark.looks_at("DY100", "DY101")

ROWS = douyin(*[LATE] * 5)
TABLE = pa.Table.from_pylist(ROWS)
TEXTS = [pa.string_view(), pa.large_string(), pa.binary(), pa.large_binary(), pa.binary_view()]
NEVER = [2**31 - 1, -(2**31), 0]


def _with(**columns):
    table = TABLE.slice(0, 3)
    for name, column in columns.items():
        table = table.set_column(table.schema.get_field_index(name), name, column)
    return table


def _apart(table, place):
    """A table of text with lines and a product of its own."""
    for name in ("主订单编号", "子订单编号", "商品ID"):
        ids = pa.array([f"{text}{place}" for text in table[name].to_pylist()])
        table = table.set_column(table.schema.get_field_index(name), name, ids)
    return table


def _in_every_container(tables, folder):
    """Write each of six tables into another kind of file; the last stays in memory."""
    parquet.write_table(tables[0], folder / "a.parquet")
    feather.write_feather(tables[1], folder / "a.feather", compression="uncompressed")
    feather.write_feather(tables[2], folder / "b.arrow", compression="lz4")
    with pa.ipc.new_stream(folder / "c.arrow", tables[3].schema) as stream:
        stream.write_table(tables[3])
    feather.write_feather(tables[4], folder / "d", compression="uncompressed")
    (folder / "d.feather.gz").write_bytes(gzip.compress((folder / "d").read_bytes()))
    (folder / "d").unlink()
    names = ("a.parquet", "a.feather", "b.arrow", "c.arrow", "d.feather.gz")
    return [*(folder / name for name in names), tables[5]]


@pytest.mark.parametrize("kind", [*TEXTS, pa.dictionary(pa.int32(), pa.string())], ids=str)
def test_text_is_text_however_it_is_stored(kind, scan, tmp_path):
    def stored(column):
        return column.dictionary_encode() if pa.types.is_dictionary(kind) else column.cast(kind)

    texts = [_apart(TABLE, place) for place in range(6)]
    tables = [pa.table(list(map(stored, text.columns)), text.column_names) for text in texts]
    report = scan(*_in_every_container(tables, tmp_path))
    hits = report.hits("DY100")
    assert hits.groupby("source_file").size().tolist() == [len(ROWS)] * 6
    assert set(hits["product_name"]) == {"样品"}
    amounts = [f["amount_at_stake"] for f in findings(report, "DY101")]
    assert amounts == ["495.00"] * 6


def test_text_in_runs_and_in_lists_of_views_is_text(scan):
    runs = pa.RunEndEncodedArray.from_arrays([2, 3], ["待发货", "备货中"])
    listed = TABLE["选购商品"].slice(0, 3).cast(pa.string_view()).dictionary_encode()
    hits = scan(_with(订单状态=runs, 选购商品=listed)).hits("DY100")
    assert set(hits["product_name"]) == {"样品"}
    assert hits["status"].tolist() == ["to_ship"] * 3


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_bytes_that_are_no_text_are_reported(form, tmp_path):
    table = _with(选购商品=pa.array([b"a", b"\xff", b"b"], pa.binary()))
    path = tmp_path / f"a.{form}"
    (parquet.write_table if form == "parquet" else feather.write_feather)(table, path)
    with pytest.raises(mw.InputError, match=rf"a\.{form}: .*(UTF8|UTF-8)"):
        mw.scan(path, as_of=AS_OF)


@pytest.mark.parametrize(
    "ids",
    [
        pa.array(np.array([1, 2, 3], np.float16)),
        pa.array([1, 2, 3], pa.float32()),
        pa.array([True, False, True]),
        pa.array([["1"], ["2"], ["3"]]),
        pa.array([datetime(2026, 11, 1)] * 3),
    ],
    ids=lambda ids: str(ids.type),
)
def test_a_type_that_no_id_can_have_is_refused_with_its_column(ids, tmp_path):
    table = _with(子订单编号=ids)
    parquet.write_table(table, tmp_path / "a.parquet")
    for source in (tmp_path / "a.parquet", table):
        with pytest.raises(mw.InputError, match=f"子订单编号 is of the type {str(ids.type)[:4]}"):
            mw.scan(source, as_of=AS_OF)


@pytest.mark.parametrize(
    ("amounts", "read"),
    [
        (pa.array(np.array([20, 20, 20], np.float16)), "60.00"),
        (pa.array([Decimal("20.00")] * 3, pa.decimal256(60, 2)), "60.00"),
        (pa.array([20, 20, 20], pa.uint8()), "60.00"),
        (pa.nulls(3), "0.00"),
    ],
    ids=lambda value: str(getattr(value, "type", value)),
)
def test_amounts_of_any_type(amounts, read, scan, tmp_path):
    tables = [_apart(_with(订单应付金额=amounts), place) for place in range(6)]
    found = scan(*_in_every_container(tables, tmp_path), select="DY101").to_dict()["findings"]
    assert len(found) == 6
    assert {one["amount_at_stake"] for one in found} <= {read, None}


@pytest.mark.parametrize(
    "promised",
    [
        pa.array([*NEVER[:2], 20_777], pa.date32()),
        pa.array([2**50, -(2**50), 1_795_132_800], pa.timestamp("s")),
        pa.array([2**62, -(2**62), 1_795_132_800_000], pa.timestamp("ms")),
        pa.array([2**63 - 1, -(2**63) + 1, 1_795_132_800_000_000], pa.timestamp("us")),
        pa.array([2**63 - 1, -(2**63) + 1, 1_795_132_800_000_000], pa.timestamp("us", "UTC")),
        pa.array([2**50, -(2**50), 1_795_132_800], pa.timestamp("s", "UTC")),
        pa.array(
            [2**62 // 86_400_000 * 86_400_000, -(10**9) * 86_400_000, 1_795_132_800_000],
            pa.date64(),
        ),
    ],
    ids=lambda times: str(times.type),
)
@pytest.mark.parametrize("column", ["承诺发货时间", "发货时间"])
def test_a_day_beyond_all_calendars_costs_its_row(column, promised, scan, tmp_path):
    sources = _in_every_container([_with(**{column: promised})] * 6, tmp_path)
    report = scan(*sources, select="DY100")
    of_files = {
        file: rows[["row", "column", "reason"]].values.tolist()
        for file, rows in report.quarantine.groupby("file")
    }
    aside = [[2, column, "DQ205"], [3, column, "DQ205"]]
    inputs = report.to_dict()["inputs"]
    assert of_files == {item["path"]: aside for item in inputs}
    assert len(of_files) == len(sources)
    assert [item["rows"] - item["quarantined"] for item in inputs] == [1] * len(sources)


def test_a_name_in_the_footer_that_is_no_utf8_is_reported(tmp_path):
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"商家备注": ["a"], "b": ["c"]}), path, store_schema=False)
    path.write_bytes(path.read_bytes().replace("商家".encode(), b"\xe5\x95\xe8\xae\xb6\xff"))
    with pytest.raises(mw.InputError, match="a name in it is no UTF-8"):
        mw.scan(path, as_of=AS_OF)


def test_arrow_files_that_are_cut_off_or_of_old_are_reported(tmp_path):
    feather.write_feather(TABLE, tmp_path / "a.feather")
    whole = (tmp_path / "a.feather").read_bytes()
    for data in (whole[:300], whole[:-20], b"ARROW1\0\0", b"FEA1" + whole, b"\xff\xff\xff\xff\x01"):
        (tmp_path / "b.feather").write_bytes(data)
        with pytest.raises(mw.InputError, match=r"b\.feather: it cannot be read as Arrow"):
            mw.scan(tmp_path / "b.feather", as_of=AS_OF)


def test_a_damaged_file_is_never_a_traceback(tmp_path):
    """One byte after the other of a file turned over: it is read, or refused in one line."""
    small = pd.DataFrame(ROWS[:2])
    small.to_parquet(tmp_path / "a.parquet", index=False)
    feather.write_feather(small, tmp_path / "a.feather")
    for name in ("a.parquet", "a.feather"):
        whole = (tmp_path / name).read_bytes()
        for at in range(0, len(whole), len(whole) // 12):
            damaged = whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
            (tmp_path / f"b-{name}").write_bytes(damaged)
            try:
                mw.scan(tmp_path / f"b-{name}", as_of=AS_OF, select="DY100").close()
            except mw.InputError as error:
                assert "\n" not in str(error)


def test_a_column_of_lengths_of_time_is_no_column_of_moments(scan, tmp_path):
    """However long they are: a database can hold no length beyond its own bounds."""
    rows = douyin(LATE, LATE)
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    columns["承诺发货时间"] = pa.array([90, 400_000 * 86_400], pa.duration("s"))
    path = tmp_path / "orders.parquet"
    parquet.write_table(pa.table(columns), path)
    result = scan(path).to_dict()
    assert result["accounting"]["quarantined"] == 2


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_moments_that_stand_for_none_and_beyond_all_years_in_every_unit(unit):
    moments = [datetime(1970, 1, 1), datetime(2150, 1, 1), datetime(2026, 11, 19, 12)]
    paid = pa.array([datetime(2026, 11, 18)] * 3, pa.timestamp(unit))
    table = _with(支付完成时间=paid, 承诺发货时间=pa.array(moments, pa.timestamp(unit)))
    with mw.scan(table, as_of=AS_OF, max_bad_rows="50%") as report:
        accounting = report.to_dict()["accounting"]
    assert (accounting["lines"], accounting["quarantined"]) == (2, 1)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_of_day_are_no_moments_however_long(unit, scan, tmp_path):
    """A database can format no time beyond its day, and hold none by itself."""
    day = {"s": 86_400, "ms": 86_400_000, "us": 86_400 * 10**6, "ns": 86_400 * 10**9}[unit]
    kind = (pa.time32 if unit in ("s", "ms") else pa.time64)(unit)
    width = pa.int32() if unit in ("s", "ms") else pa.int64()
    counts = [day // 3, day - 1, day, 2**31 - 1 if unit in ("s", "ms") else 2**60, -1, None]
    rows = douyin(*[LATE] * len(counts))
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    columns["承诺发货时间"] = pa.array(counts, width).view(kind)
    path = tmp_path / "orders.parquet"
    parquet.write_table(pa.table(columns), path)
    result = scan(path, max_bad_rows="100%").to_dict()
    assert result["accounting"]["rows_read"] == len(counts)
    assert result["accounting"]["quarantined"] == len(counts) - 1


def test_half_floats_of_a_joined_file_are_read(export, scan, tmp_path):
    cases = {
        "售后单号": ["7"],
        "订单号": ["6900000000000000001"],
        "商品单号": ["6900000000000000001"],
    }
    cells = {**cases, "售后状态": ["待商家处理"], "售后申请时间": ["2026-11-20 08:00:00"]}
    table = pa.table({**cells, "退款金额": pa.array([1.5], pa.float16())})
    parquet.write_table(table, tmp_path / "cases.parquet")
    report = scan(export(LATE), tmp_path / "cases.parquet").to_dict()
    assert [item["rows"] for item in report["inputs"]] == [1, 1]
