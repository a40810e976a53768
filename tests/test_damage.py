"""Broken files, row by row: good rows are judged, bad ones set aside with Excel's row number."""

import csv
import io
import zipfile
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pytest
from conftest import AS_OF, DOUYIN, LATE, douyin, write_csv
from pyarrow import parquet

import merchantwatch as mw
from merchantwatch.reading import is_report_file, more_than_chance

pytestmark = pytest.mark.looks_at("DY100")

IDS = [str(6900000000000000001 + n) for n in range(9)]


def _plain(rows, delimiter=",") -> list[str]:
    """The lines of a CSV file that quotes nothing it need not: what hand-editing works on."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(DOUYIN), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().splitlines()


def _write(path, lines, end="\n"):
    path.write_bytes((end.join(lines) + end).encode())
    return path


def _judged(report) -> list[list[object]]:
    """Row number and line id of every late line: all lines of these tests are late."""
    hits = report.hits("DY100")
    return hits[["source_row", "line_id"]].sort_values("source_row").values.tolist()


def _aside(report) -> list[list[object]]:
    return report.quarantine[["row", "reason"]].values.tolist()


def _balanced(report) -> bool:
    accounting = report.to_dict()["accounting"]
    return accounting.pop("rows_read") == sum(accounting.values())


@pytest.fixture
def lines():
    """A header and six late lines, in rows 1 to 7."""
    return _plain(douyin(*[LATE] * 6))


def _cut(lines):
    lines[3] = lines[3].rsplit(",", 1)[0]
    lines[5] += ",1"
    return lines


def _open_to_the_end(lines):
    lines[2] = lines[2].replace("样品", '"样品')
    return lines


def _open_in_the_last_cell(lines):
    lines[2] = lines[2].removesuffix("-") + '"-'
    return lines


def _open_and_cut(lines):
    lines[2] = lines[2].replace("样品", '"样品').rsplit(",", 1)[0]
    return lines


def _open_and_shifted(lines):
    """The row has as many cells as the header, but no times where they are."""
    lines[2] = lines[2].replace("样品", '"样品,x').rsplit(",", 1)[0]
    return lines


def _closed_two_rows_later_in_the_same_column(lines):
    """The swallowed rows make one row of the right length, in a column that is read."""
    lines[2] = lines[2].replace("样品", '"样品')
    lines[4] = lines[4].replace("样品", '"样品')
    return lines


def _closed_in_another_column(lines):
    lines[2] = lines[2].replace("样品", '"样品')
    lines[4] = lines[4].replace("37110", '"37110"')
    return lines


def _conflict(lines):
    ours, theirs = lines[3], lines[3].replace("99.00", "98.00")
    return [*lines[:3], "<<<<<<< HEAD", ours, "=======", theirs, ">>>>>>> theirs", *lines[4:]]


def _nul_in_an_id(lines):
    lines[3] = lines[3].replace(IDS[2], IDS[2][:9] + "\x00" + IDS[2][9:])
    return lines


def _nuls_at_the_end(lines):
    return [*lines, "\x00" * 5000]


def _swapped(lines):
    lines[3] = lines[3].replace("2026-11-20 08:00:00", "08:41.0")
    lines[4] = lines[4].replace("2026-11-20 08:00:00", "8:41:00")
    return lines


@pytest.mark.parametrize(
    ("breaking", "judged", "aside"),
    [
        (lambda lines: lines, [2, 3, 4, 5, 6, 7], []),
        (_cut, [2, 3, 5, 7], [[4, "DQ301"], [6, "DQ301"]]),
        (_open_to_the_end, [2, 3, 4, 5, 6, 7], []),
        (_open_in_the_last_cell, [2, 3, 4, 5, 6, 7], []),
        (_open_and_cut, [2, 4, 5, 6, 7], [[3, "DQ302"]]),
        (_open_and_shifted, [2, 4, 5, 6, 7], [[3, "DQ302"]]),
        (_closed_two_rows_later_in_the_same_column, [2, 3, 4, 5, 6, 7], []),
        (_closed_in_another_column, [2, 3, 4, 5, 6, 7], []),
        (
            _conflict,
            [2, 3, 7, 9, 10, 11],
            [[4, "DQ305"], [6, "DQ305"], [8, "DQ305"]],
        ),
        (_nul_in_an_id, [2, 3, 5, 6, 7], [[4, "DQ105"]]),
        (_nuls_at_the_end, [2, 3, 4, 5, 6, 7], [[8, "DQ301"]]),
        (_swapped, [2, 3, 6, 7], [[4, "DQ202"], [5, "DQ203"]]),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_broken_files(breaking, judged, aside, end, lines, scan, tmp_path):
    report = scan(_write(tmp_path / "a.csv", breaking(list(lines)), end))
    assert [row for row, _ in _judged(report)] == judged
    assert _aside(report) == aside
    assert _balanced(report)


def test_mixed_line_ends(lines, scan, tmp_path):
    path = tmp_path / "a.csv"
    ends = ["\r\n", "\n", "\r", "\n", "\r\n", "\r", ""]
    path.write_bytes("".join(map("".join, zip(lines, ends, strict=True))).encode())
    assert _judged(scan(path)) == [[n + 2, IDS[n]] for n in range(6)]


def test_quotes_that_are_closed_keep_their_line_breaks_beside_one_that_is_not(
    lines, scan, tmp_path
):
    lines[1] = lines[1].replace("样品", '"两行\n名称，""引号"""')
    lines[4] = lines[4].replace("样品", '"样品')
    report = scan(_write(tmp_path / "a.csv", lines))
    assert [row for row, _ in _judged(report)] == [2, 3, 4, 5, 6, 7]
    assert _aside(report) == []
    assert report.hits("DY100")["product_name"].iloc[0] == '两行\n名称，"引号"'


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_an_open_quote_in_every_encoding(encoding, lines, scan, tmp_path):
    lines[2], lines[4] = lines[2].replace("样品", '"样品'), _open_and_cut(lines[2:5])[2]
    (tmp_path / "a.csv").write_bytes("\n".join([*lines, ""]).encode(encoding))
    report = scan(tmp_path / "a.csv")
    assert [row for row, _ in _judged(report)] == [2, 3, 4, 6, 7]
    assert _aside(report) == [[5, "DQ302"]]
    assert '"样品' in report.hits("DY100")["product_name"].tolist()


def test_many_open_quotes_among_many_rows(scan, tmp_path):
    lines = _plain(douyin(*[LATE] * 300))
    broken = range(5, 300, 10)
    for number in broken:
        lines[number] = lines[number].replace("样品", '"样品').rsplit(",", number % 20 == 5)[0]
    broken = [number for number in broken if number % 20 == 5]
    report = scan(_write(tmp_path / "a.csv", lines))
    assert _aside(report) == [[number + 1, "DQ302"] for number in broken]
    assert report.to_dict()["accounting"]["lines"] == 300 - len(broken)


def test_of_two_columns_of_one_name_the_first_is_read_with_a_note(scan, tmp_path):
    lines = [f"{line},{other}" for line, other in zip(
        _plain(douyin(LATE)), ["订单应付金额", "1.00"], strict=True)]  # fmt: skip
    report = scan(_write(tmp_path / "a.csv", lines))
    assert report.hits("DY100")["amount"].tolist() == [Decimal("99.00")]
    (note,) = [n for n in report.to_dict()["notes"] if n["code"] == "repeated-column"]
    assert "订单应付金额" in note["text"]
    assert note["lines"] == 1


# ----------------------------------------------------------------- ids that Excel has cut to zeros

CUT = ["6900000000000010000", "6900000000000020000", "6900000000000030000"]


CUT_OR_NOT = [
    (CUT, [2, 3, 4]),
    ([*CUT, "6900000000000000007"], [2, 3, 4]),  # some were cut: more than chance explains
    (["6900000000000000007", *CUT[:2]], [3, 4]),
    (["6900000000000000007", CUT[0], CUT[0]], []),  # one of ten thousand is a good one
    (["6900000000000000007", "6900000000000000100", "6900000000000000200"], []),  # two zeros
    (["6900000000000000007", "690000000000001000", "690000000000002000"], [3, 4]),
    ([*CUT, "12345"], [2, 3, 4]),  # a short id tells nothing
    ([CUT[0]], []),  # one alone is a good id
    ([CUT[0], CUT[0]], []),  # and so it is when it stands there twice
    (["690000000000001", "690000000000002"], []),  # fifteen digits are never cut
    (["6900000000000010", "6900000000000020"], []),  # a zero each may be chance
    (["69000000000000100", "69000000000000200"], [2, 3]),
    (["K6900000000000010000", "K6900000000000020000"], []),  # no number, so never cut
]


@pytest.mark.parametrize("container", ["csv", "parquet", "table", "integers"])
def test_ids_cut_to_fifteen_digits(container, scan, tmp_path):
    """Each in a file of its own, which alone tells which of its ids were cut."""
    sources, wanted = [], []
    for at, (ids, aside) in enumerate(CUT_OR_NOT):
        if container == "integers" and not all(line.isdigit() for line in ids):
            continue
        rows = [{**row, "主订单编号": f"M{at}{line}", "子订单编号": f"\t{line}"}
                for row, line in zip(douyin(*[LATE] * len(ids)), ids, strict=True)]  # fmt: skip
        sources.append(_stored(rows, container, tmp_path / f"{at}"))
        wanted.append([[row, "DQ104"] for row in aside])
    report = scan(*sources)
    found = {
        file: rows[["row", "reason"]].to_numpy().tolist()
        for file, rows in report.quarantine.groupby("file")
    }
    paths = [item["path"] for item in report.to_dict()["inputs"]]
    assert [found.get(path, []) for path in paths] == wanted
    assert _balanced(report)


def _stored(rows, container, path):
    """Rows as a file of a kind, or as a table."""
    if container == "csv":
        return write_csv(path.with_suffix(".csv"), rows)
    frame = pd.DataFrame(rows)
    if container == "integers":
        frame["子订单编号"] = frame["子订单编号"].astype("int64")
    if container == "table":
        return frame
    frame.to_parquet(path.with_suffix(".parquet"), index=False)
    return path.with_suffix(".parquet")


@pytest.mark.parametrize("whole", [1, 0])
def test_the_whole_column_tells_which_ids_were_cut(whole, scan, tmp_path, monkeypatch):
    """However far behind the cut ones the whole ids stand, or before them."""
    monkeypatch.setattr("merchantwatch.reading.attempts.BLOCK_BYTES", 2000)
    ids = [f"69{n:013}0000" for n in range(1, 200)]
    for order in ([*ids, *IDS[:whole]], [*IDS[:whole], *ids]):
        rows = [{**row, "子订单编号": line}
                for row, line in zip(douyin(*[LATE] * len(order)), order, strict=True)]  # fmt: skip
        report = scan(write_csv(tmp_path / "a.csv", rows))
        assert len(report.quarantine) == 199
        assert report.to_dict()["accounting"]["quarantined"] == 199


@pytest.mark.parametrize(
    ("different", "rows", "zeros", "more"),
    [
        (1, 10, 4, False),  # one alone may be good
        (2, 10, 4, True),
        (2, 10_000, 4, False),  # one is expected
        (8, 10_000, 4, False),  # 1 + 6 + 1
        (9, 10_000, 4, True),
        (100, 1_000_000, 4, False),
        (161, 1_000_000, 4, False),
        (162, 1_000_000, 4, True),
    ],
)
def test_good_ids_end_in_zeros_by_chance(different, rows, zeros, more):
    assert more_than_chance(different, rows, zeros) == more


def test_cut_ids_of_one_order_are_never_merged(scan, tmp_path):
    """Equal when cut, in every column: yet they are not one line."""
    whole = douyin(*[LATE] * 9)
    cut = [{**row, "主订单编号": line, "子订单编号": line} for row, line in zip(whole, [*CUT[:2]] * 2, strict=False)]  # fmt: skip
    report = scan(write_csv(tmp_path / "a.csv", [*whole, *cut]))
    result = report.to_dict()["accounting"]
    assert (result["lines"], result["quarantined"], result["superseded"]) == (9, 4, 0)


@pytest.mark.parametrize("column", ["子订单编号", "选购商品"])
def test_text_in_parquet_that_is_none_is_reported(column, tmp_path):
    table = pa.Table.from_pylist(douyin(*[LATE] * 3))
    texts = [row.as_py().encode() for row in table[column]]
    broken = pa.array([b"\xff\xfe", *texts[1:]], pa.binary()).view(pa.string())
    path = tmp_path / "orders.parquet"
    table = table.set_column(table.column_names.index(column), column, broken)
    parquet.write_table(table, path)
    with pytest.raises(mw.InputError, match="cannot be read as Parquet"):
        mw.scan(path, as_of=AS_OF)


def _report_workbook(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        text = "<cp:coreProperties><dc:creator>merchantwatch</dc:creator></cp:coreProperties>"
        book.writestr("docProps/core.xml", text + " " * 300)
    return path


def _report_parquet(path):
    names = ("code", "state", "line_id", "source_file", "source_row")
    pd.DataFrame([dict.fromkeys(names, "a")]).to_parquet(path)
    return path


@pytest.mark.parametrize("write", [_report_workbook, _report_parquet])
def test_whatever_is_damaged_is_no_earlier_report_or_one_and_never_a_traceback(write, tmp_path):
    whole = write(tmp_path / f"whole.{'xlsx' if write is _report_workbook else 'parquet'}")
    assert is_report_file(whole)
    data, broken = whole.read_bytes(), whole.with_stem("broken")
    for at in range(0, min(len(data), 900), 3):
        for place in (at, len(data) - 1 - at):
            for value in (0x00, 0x55, 0xFF):
                broken.write_bytes(data[:place] + bytes([value]) + data[place + 1 :])
                is_report_file(broken)
        broken.write_bytes(data[:at])
        assert not is_report_file(broken)
