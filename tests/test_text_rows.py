"""Text files row by row: what stands above the header, and what quotes and line breaks do to rows.

Each file is read by itself, without being judged; an expected row is found by its id.
"""

import gzip
import re
import zipfile

import pytest
from conftest import AS_OF, DOUYIN, LATE, douyin
from workbooks import write_xlsx

import merchantwatch as mw
from merchantwatch import InputError
from merchantwatch.formats import fold
from merchantwatch.reading import Column, Content, Wanted, open_csv
from merchantwatch.reading.records import parsed, written

HEADERS = ["主订单编号", "商品ID", "买家留言", "订单提交时间", "承诺发货时间", "订单状态", "收件人"]
AROUND = " \t\r\n=\"'"
WANTED = Wanted(
    {
        0: Column(AROUND, is_time=False, is_id=True),
        3: Column(AROUND, is_time=True),
        4: Column(AROUND, is_time=True),
        5: Column(AROUND, is_time=False),
    },
    ("", "-"),
)


def row(number, note="-", name="x") -> list[str]:
    day = f"2026-11-{number:02d}"
    return [f"90{number:04d}", "37", note, f"{day} 09:00:00", f"{day} 10:00:00", "备货中", name]


def lines(*notes) -> list[str]:
    """The lines of a file whose third column, which is not read, holds these notes as they are."""
    return [",".join(HEADERS), *(",".join(row(n, note)) for n, note in enumerate(notes, start=1))]


def read(source) -> tuple[list[list[object]], list[list[object]], object]:
    """The rows with their ids, those set aside with their reasons, and the file."""
    file = open_csv(source, "a.csv") if not isinstance(source, Content) else open_csv(source)
    loaded = []

    def load(batches):
        loaded.clear()
        loaded.extend(batches)

    file.read_into(WANTED, load)
    rows = [[r["source_row"], r["c0"], str(r["c3"])[:10]] for b in loaded for r in b.to_pylist()]
    return sorted(rows), [[bad.row, bad.reason] for bad in file.bad_rows], file


def ids(rows) -> list[int]:
    """The numbers of the rows that were read; their times must be their own."""
    for _, line, day in rows:
        assert day == f"2026-11-{int(line[2:]):02d}"
    return [int(line[2:]) for _, line, _ in rows]


def scan_of(path):
    mw.scan(path, as_of=AS_OF).close()


@pytest.fixture
def write(tmp_path):
    def written_to(texts, end="\n", encoding="utf-8", last=True):
        path = tmp_path / "a.csv"
        path.write_bytes((end.join(texts) + (end if last else "")).encode(encoding))
        return path

    return written_to


# ------------------------------------------------------------------------------ above the header


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "big5"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("above", "first", "aside"),
    [
        ([], 2, []),
        ([""], 3, []),
        (["", "", ""], 5, []),
        ([",,,,,,"], 3, []),
        (["店鋪明細"], 3, [[1, "DQ307"]]),
        (["店鋪明細,,,,,,", "", "時間：2026-11-21 00:00:00,,"], 5, [[1, "DQ307"], [3, "DQ307"]]),
        (["sep=,"], 2, []),
        (["sep=,", "店鋪明細"], 3, [[1, "DQ307"]]),
        (["<<<<<<< HEAD"], 3, [[1, "DQ305"]]),
        (['"兩行的\n標題"'], 3, [[1, "DQ307"]]),
    ],
)
def test_what_stands_above_the_header(above, first, aside, end, encoding, write):
    texts = ["主订单编号,商品ID,买家留言,订单提交时间,承诺发货时间,订单状态,收件人"]
    body = [",".join([*row(n)[:5], "x", "y"]) for n in (1, 2)]
    if encoding == "big5":
        texts = ["order-id,商品ID,note,promise-date,purchase-date,sku,name"]
    rows, bad, file = read(write([*above, *texts, *body], end, encoding))
    assert [number for number, *_ in rows] == [first, first + 1]
    assert ids(rows) == [1, 2]
    assert bad == aside
    assert file.first_row == first


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_first_line_may_state_the_sign(sign, write):
    texts = [sign.join(HEADERS), sign.join(row(1))]
    rows, bad, file = read(write([f"sep={sign}", *texts]))
    assert ([number for number, *_ in rows], bad, file.header.delimiter) == ([2], [], sign)


def test_a_title_is_distinguished_from_an_unknown_header(write):
    file = open_csv(write(["title", "", "alpha,beta,gamma", "1,2,3", "4,5,6"]), "a.csv")
    assert (file.headers, file.first_row) == (("alpha", "beta", "gamma"), 4)


def test_the_header_is_looked_for_in_the_first_rows_alone(write):
    assert open_csv(write(["t"] * 19 + lines("-")), "a.csv").first_row == 21
    assert open_csv(write(["t"] * 20 + lines("-")), "a.csv").headers == ("t",)


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff"])
def test_a_file_in_which_nothing_stands(text, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match="the file is empty"):
        open_csv(path, "a.csv")


@pytest.mark.parametrize(
    ("header", "folded"),
    [("承诺\n发货时间", "承诺发货时间"), ("Order \r\n ID", "Order ID"), ("a\n\n b", "a b"), ("\n单号\n", "单号")],
)  # fmt: skip
def test_a_header_broken_over_lines(header, folded):
    assert fold(header) == folded


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_header_with_line_breaks_in_a_file(end, write):
    broken = [f'"{name[:2]}{end}{name[2:]}"' for name in HEADERS]
    rows, bad, file = read(write([",".join(broken), ",".join(row(1)), ",".join(row(2))], end))
    assert ([number for number, *_ in rows], bad) == ([2, 3], [])
    assert [fold(header) for header in file.headers] == HEADERS


def test_titles_are_recognised_alike_in_text_and_workbooks(scan, tmp_path):
    rows = [["订单明细"], [], list(DOUYIN), *(list(r.values()) for r in douyin(LATE, LATE))]
    text = "\n".join(",".join(cells) for cells in rows)
    (tmp_path / "a.csv").write_text(text + "\n", "utf-8")
    notes = []
    for path in (tmp_path / "a.csv", write_xlsx(tmp_path / "a.xlsx", rows)):
        report = scan(path)
        assert report.hits("DY100")["source_row"].tolist() == [4, 5]
        notes += [n["text"] for n in report.to_dict()["notes"] if n["code"] == "no-records"]
    assert [note.partition(": ")[2] for note in notes] == [notes[0].partition(": ")[2]] * 2
    assert "the row stands above the header (row 1)" in notes[0]


# --------------------------------------------------------------------------------- around the rows


@pytest.mark.parametrize(
    ("last", "aside"),
    [
        ("合计,,3", [[4, "DQ306"]]),
        ("Total:", [[4, "DQ306"]]),
        ("3,record(s) downloaded,from Nov-16-26", [[4, "DQ308"]]),
        ("Seller ID : sample", [[4, "DQ308"]]),
        ("共 2 条记录", [[4, "DQ308"]]),
        ("#-----------------------", [[4, "DQ308"]]),
        ("导出时间：2026-11-21", [[4, "DQ308"]]),
        ("=======", [[4, "DQ305"]]),
        ("   ", []),
        ("", []),
        (",,", []),
        ("900009,37", [[4, "DQ301"]]),
        ("#1001,37", [[4, "DQ301"]]),
    ],
)
def test_rows_of_another_length_are_recognised_by_their_words(last, aside, write):
    rows, bad, _ = read(write([*lines("-", "-"), last, ",".join(row(3))]))
    assert ids(rows) == [1, 2, 3]
    assert bad == aside


@pytest.mark.parametrize("more", [1, 2, 3])
def test_empty_cells_beyond_the_last_column(more, write):
    whole = lines("-", "-", "-")
    beyond = "," * more
    for texts in (
        [whole[0], *(line + beyond for line in whole[1:])],  # each row has them
        [whole[0] + beyond, *whole[1:]],  # the header alone
        [whole[0] + beyond, *(line + beyond for line in whole[1:])],
        [*whole[:2], whole[2] + beyond, whole[3]],  # some rows have them
        [whole[0], whole[1] + beyond, whole[2], whole[3] + beyond],
    ):
        rows, bad, _ = read(write(texts))
        assert (ids(rows), bad) == ([1, 2, 3], [])
    rows, bad, _ = read(write([*whole[:3], whole[3] + beyond + "x"]))
    assert (ids(rows), bad) == ([1, 2], [[4, "DQ301"]])


def test_rows_blank_where_somebody_reads_are_rows(write):
    """Rows that hold something in unread columns have no id; blank ones are none."""
    texts = [*lines("-", "-"), "", ",,,,,,", ",,x,,,,", ",".join(row(3)), ",,,,,,张三", "", ""]
    rows, bad, _ = read(write(texts))
    assert (ids(rows), bad) == ([1, 2, 3], [[6, "DQ101"], [8, "DQ101"]])
    assert read(write([*lines("-"), "", "", ",,,,,,"]))[1] == []


# ------------------------------------------------------------------- quotes in an unread column


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "notes",
    [
        ["-", '"5寸', "-", "-", '"5寸', "-"],
        ['"5寸', '"5寸', "-", "-"],
        ["-", '"5', '5"', "-"],
        ["-", '5"', '6" x 8"', "-"],
        ["-", '"', "-", '"'],
        ["-", '"', '"a, b"', "-"],
        ['"a', '"two\nlines"', "-"],
        ['"two\nlines"', '"a', "-", '"b\n\nc"', "-", '"a'],
        ['"a" b', "-", '"c"d"', "-"],
        ['"say ""hello""\n""again"""', "-"],
        ['"a, b\nc, d, e\nf"', "-"],
        ['"\n"', "-", '"\n\n\n"'],
        ["-", '"x', *["-"] * 20, '"y', "-"],
    ],
)
def test_no_quote_hides_a_row(notes, end, write):
    notes = [note.replace("\n", end) for note in notes]
    rows, bad, _ = read(write(lines(*notes), end))
    assert (ids(rows), bad) == (list(range(1, len(notes) + 1)), [])
    assert [number for number, *_ in rows] == list(range(2, len(notes) + 2))


@pytest.mark.parametrize("packing", ["", "gz", "zip"])
def test_packed_files_hide_no_row(packing, write, tmp_path):
    plain = write(lines("-", '"5寸', "-", '"5寸', "-"))
    content = Content(plain, "a.csv")
    if packing == "gz":
        (tmp_path / "a.gz").write_bytes(gzip.compress(plain.read_bytes()))
        content = Content(tmp_path / "a.gz", "a.csv", "gz")
    elif packing == "zip":
        with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(plain, "a.csv")
        content = Content(tmp_path / "a.zip", "a.csv", "zip", "a.csv")
    rows, bad, _ = read(content)
    assert (ids(rows), bad) == ([1, 2, 3, 4, 5], [])


def test_many_rows_between_two_quotes(write):
    notes = ["-"] * 9
    texts = lines(*notes)
    far = [*texts[:4], *[",".join(row(5, name=f"n{n}")) for n in range(9000)], *texts[4:]]
    far[100], far[8000] = (line.replace(",-,", ',"5寸,', 1) for line in (far[100], far[8000]))
    rows, bad, file = read(write(far))
    assert (len(rows), bad, file.letters) == (9009, [], [101, 8001])


def test_the_hidden_row_in_two_is_reported(write):
    """Two quotes make one row of the right length of two: both are rows still."""
    texts = lines("-", "-", "-")
    texts[1] = texts[1].replace("37,-", '"37,-')
    texts[2] = texts[2].replace(",37,", ',3"7,')
    rows, bad, _ = read(write(texts))
    assert (ids(rows), bad) == ([1, 2, 3], [])


def test_a_quote_whose_row_is_not_whole_costs_its_row_alone(write):
    texts = lines("-", '"5寸', "-", "-")
    texts[2] = texts[2].removesuffix(",x")
    rows, bad, _ = read(write(texts))
    assert (ids(rows), bad) == ([1, 3, 4], [[3, "DQ302"]])


def test_a_quote_at_the_cut_end_costs_the_last_row(write):
    texts = lines("-", "-", "-")
    texts[3] = texts[3].removesuffix("备货中,x") + '"备货中'
    assert read(write(texts, last=False))[1] == [[4, "DQ301"]]


def test_a_legitimate_note_costs_no_second_parsing_by_lines(write, monkeypatch):
    monkeypatch.setattr("merchantwatch.reading.attempts.repaired_source", None)
    notes = ['"two\nlines"', "-", '"three\n\nlines"', "-"]
    assert ids(read(write(lines(*notes)))[0]) == [1, 2, 3, 4]


@pytest.mark.parametrize("size", [(1 << 20) - 40, 1 << 20, 3 << 20, 20 << 20])
def test_rows_longer_than_a_block(size, write):
    notes = ["-", '"' + "x" * size + '"', "-", '"' + "y\n" * (size // 4000) + '"', "-"]
    rows, bad, _ = read(write(lines(*notes)))
    assert (ids(rows), bad) == ([1, 2, 3, 4, 5], [])


# ------------------------------------------------------------------------------------------- TABs


def test_excel_quotes_where_tabs_part_cells(write):
    notes = ['"a\tb"', '"say ""x"""', '"two\nlines"', "-"]
    texts = ["\t".join(HEADERS), *("\t".join(row(n, note)) for n, note in enumerate(notes, 1))]
    rows, bad, _ = read(write(texts))
    assert (ids(rows), bad) == ([1, 2, 3, 4], [])


@pytest.mark.parametrize("notes", [['"a', "-", "-"], ['"a" b', '"c"', '6"'], ['"', '"x', "-"]])
def test_quotes_are_letters_where_some_closes_nothing(notes, write):
    texts = ["\t".join(HEADERS), *("\t".join(row(n, note)) for n, note in enumerate(notes, 1))]
    rows, bad, file = read(write(texts))
    assert (ids(rows), bad, file.letters) == ([1, 2, 3], [], [])


# ------------------------------------------------------------------------------------ cell by cell


@pytest.mark.parametrize(
    ("text", "cells", "is_open"),
    [
        ("a,b", ["a", "b"], False),
        ("", [""], False),
        (",", ["", ""], False),
        ('"a,b",c', ["a,b", "c"], False),
        ('"a""b",c', ['a"b', "c"], False),
        ('"a" b,c', ["a b", "c"], False),
        ('a"b,c"', ['a"b', 'c"'], False),
        ('a,"b,c', ["a", '"b', "c"], True),
        ('"a""', ['"a""'], True),
        ('"a\nb",c', ["a\nb", "c"], False),
        ('""', [""], False),
        ('"""",c', ['"', "c"], False),
    ],
)
def test_cells_of_a_record(text, cells, is_open):
    assert parsed(text, ",")[:2] == (cells, is_open)
    if not is_open:
        assert parsed(written(cells, ","), ",")[:2] == (cells, False)


# --------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (["alpha,beta", "1,2"], "row 1 was taken for the header: 'alpha, beta'"),
        (["title", "", "alpha,beta", "1,2"], "row 3 was taken for the header: 'alpha, beta'"),
        (["张三,13800001111,x", "李四,13800002222,y"], "row 1 was taken for the header, but looks like data"),
        (["2026-11-21 08:00:00,张三"], "row 1 was taken for the header, but looks like data"),
        ([",".join(f"column{'abc'[n % 3]}" for n in range(40))], "columnb, c …'"),
    ],
)  # fmt: skip
def test_a_refusal_shows_the_row_it_took_for_the_header(texts, shown, write, run):
    with pytest.raises(InputError) as error:
        scan_of(write(texts))
    assert shown in str(error.value)
    assert "张三" not in str(error.value) + error.value.zh
    printed = run("check", "a.csv")
    assert "row was taken for the header" in re.sub(
        r"row \d", "row", " ".join(printed.stdout.split())
    )
    assert "张三" not in printed.stdout + printed.stderr
