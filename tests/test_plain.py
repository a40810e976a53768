"""Plain rows skip the examination of cells: the result is the same as with it."""

import random

import pandas as pd
import pyarrow as pa
import pytest
from conftest import AS_OF, LATE, douyin, write_csv

import merchantwatch as mw
from merchantwatch.reading import plain, sound_in
from merchantwatch.reading.arrow import without_nothing
from merchantwatch.reading.cells import Column, Wanted

IDS = ("主订单编号", "子订单编号", "商品ID")
TIMES = ("订单提交时间", "支付完成时间", "承诺发货时间", "发货时间", "订单完成时间")
KINDS = ["csv", "parquet"]
ODD_IDS = [
    "", "-", "6.9E+18", "690000000000000000a", "\t6900000000000009999\t", "M1;M2", "合计", "子订单编号", "\x00",
    "٣", "１２３", "690000000000000000", "6900000000000000000", "'6900000000000000777", "-1", "1,2", "+1",
]  # fmt: skip
ODD_TIMES = [
    "", "-", "41:01.0", "8:00", "2026/11/20 8:00", "46346.5", "1999-12-31 23:59:59", "2000-01-01 00:00:00",
    "2099-12-31 23:59:59", "2100-01-01 00:00:00", "2026-13-01 00:00:00", "2026-11-20T08:00:00", "2026-11-20",
    " 2026-11-20 08:00:00", "2026-11-20 08:00:00\t", "2026-11-20 08-00-00", "0000-00-00 00:00:00",
]  # fmt: skip


def _damaged(seed: int, kind: str) -> list[dict[str, str]]:
    """Lines of which some are late, and a number of cells odd."""
    draw, rows = random.Random(seed), 200
    lines = douyin(*(draw.choice([LATE, {}, {"承诺发货时间": "-"}]) for _ in range(rows)))
    apart = f"69{seed:02}{KINDS.index(kind)}"
    for line in lines:
        line["子订单编号"] = line["主订单编号"] = apart + line["子订单编号"][len(apart) :]
    for _ in range([0, 3, 9, 60][seed % 4]):
        column = draw.choice([*IDS, *TIMES])
        lines[draw.randrange(rows)][column] = draw.choice(ODD_IDS if column in IDS else ODD_TIMES)
    return lines


OF_TIMES = ["DY100", "DY101", "DY106", "DY107", "DY201", "DY303"]
"""Rules that read all times that are damaged; hits show every field, that of completion too."""


def _outcome(paths) -> tuple[dict, list, list, str]:
    report = mw.scan(paths, as_of=AS_OF, select=OF_TIMES)
    result = report.to_dict()
    return (
        {name: result[name] for name in result if name != "run"},
        report.quarantine.to_dict("records"),
        report.findings.astype(str).to_dict("records"),
        report.hits().to_csv(),
    )


def _parquet(path, rows):
    """The same rows as a warehouse has them: moments with a type, where each is one."""
    frame = pd.DataFrame(rows)
    for column in TIMES:
        moments = pd.to_datetime(
            frame[column].replace("-", None), errors="coerce", format="%Y-%m-%d %H:%M:%S"
        )
        if moments.notna().sum() == frame[column].ne("-").sum():
            frame[column] = moments
    frame.to_parquet(path, index=False)
    return path


@pytest.mark.parametrize("first", range(6))
def test_plain_rows_are_read_like_odd_ones(first, tmp_path, monkeypatch):
    """Two drawn files of each kind in a scan: with few odd cells and with many."""
    paths = []
    for seed in (first, first + 6):
        paths.append(write_csv(tmp_path / f"{seed}.csv", _damaged(seed, "csv")))
        paths.append(_parquet(tmp_path / f"{seed}.parquet", _damaged(seed, "parquet")))
    monkeypatch.setattr(plain, "_ENOUGH", 1 if first % 2 else 1000)
    monkeypatch.setattr("merchantwatch.engines.duckdb.judging._FEW_ROWS", 50 if first % 3 else 1000)
    found = _outcome(paths)
    assert found[0]["accounting"]["lines"] > 700
    monkeypatch.setattr(plain, "_with_sound", lambda batch, _sound: batch)
    assert _outcome(paths) == found


TEXT, ID, TIME = Column("", False), Column("", False, is_id=True), Column("", is_time=True)


def _parts(columns, kinds) -> list[pa.RecordBatch]:
    wanted = Wanted(dict(enumerate(kinds)), ("",))
    texts = {index: pa.array(cells, pa.string()) for index, cells in enumerate(columns)}
    return list(plain.split_plain(texts, {"source_row": pa.array(range(len(columns[0])))}, wanted))


def _moments(cells) -> list[pa.RecordBatch]:
    return _parts([cells], [TIME])


@pytest.mark.parametrize(
    ("cell", "is_plain"),
    [
        ("1999-12-31 23:59:59", False),
        ("2000-01-01 00:00:00", True),
        ("2099-12-31 23:59:59", True),
        ("2100-01-01 00:00:00", False),
        ("2024-02-29 00:00:00", True),
        ("2026-11-21 0:00:00", False),
        ("2026-11-21T00:00:00", True),
        (" 2026-11-21 00:00:00", False),
    ],
)
def test_moments_in_full_are_plain_within_the_century(cell, is_plain):
    beside = ["2026-11-21 00:00:00", None]
    parts = _moments([*beside, cell])
    rows = {row: sound_in(part.schema) for part in parts for row in part["source_row"].to_pylist()}
    assert rows[0] == rows[1] == {0}
    assert rows[2] == ({0} if is_plain else set())


@pytest.mark.parametrize("cell", ["2026-02-29 00:00:00", "2026-11-21 24:00:00"])
def test_beside_a_moment_that_is_none_all_are_read_with_care(cell):
    parts = _moments(["2026-11-21 00:00:00", cell, None])
    assert sum(map(len, parts)) == 3
    assert not any(sound_in(part.schema) for part in parts if part["c0"].null_count < len(part))


@pytest.mark.parametrize(
    ("odd", "apart", "sound"),
    [(0, False, True), (1, True, True), (5, True, True), (6, False, False), (100, False, False)],
)
def test_ids_stand_apart_while_they_are_rare(odd, apart, sound, monkeypatch):
    monkeypatch.setattr(plain, "_ENOUGH", 100)
    ids = [f"A{n}" for n in range(odd)] + [str(n) for n in range(100 - odd)]
    parts = _parts([ids, ["2026-11-21 00:00:00"] * 100], [ID, TIME])
    assert sum(map(len, parts)) == 100
    assert [set(part["c0"].to_pylist()) for part in parts[-1:]] == [
        set(ids[:odd]) if apart else set(ids)
    ]
    assert (0 in sound_in(parts[0].schema)) is sound
    assert apart is (len(parts) > 1)


def test_among_few_rows_no_id_stands_apart():
    ids, moments = ["A", *map(str, range(99))], ["2026-11-21 00:00:00"] * 100
    (part,) = _parts([ids, moments], [ID, TIME])
    assert sound_in(part.schema) == {1}


def test_a_missing_id_is_not_plain(monkeypatch):
    monkeypatch.setattr(plain, "_ENOUGH", 1)
    parts = _parts([[None, *"123456789" * 5], ["2026-11-21 00:00:00"] * 46], [ID, TIME])
    assert [part["source_row"].to_pylist() for part in parts] == [list(range(1, 46)), [0]]
    assert [sound_in(part.schema) for part in parts] == [{0, 1}, set()]


def test_without_times_all_is_text_in_one_batch():
    (part,) = _parts([["1", "A", None], ["x", "y", "z"]], [ID, TEXT])
    assert part.schema.field("c0").type == pa.string()
    assert not sound_in(part.schema)


@pytest.mark.parametrize("odd", [1, 4, 5, 7, 8, 500, 1999, 2000])
def test_however_odd_rows_are_cut_out_all_others_stay_in_their_order(odd):
    at = set(random.Random(odd).sample(range(2000), odd)) | ({0, 1999} if odd > 1 else set())
    moments = ["2026-11-21" if row in at else "2026-11-21 00:00:00" for row in range(2000)]
    *whole, apart = _parts([moments], [TIME])
    rows = [row for part in whole for row in part["source_row"].to_pylist()]
    assert rows == [row for row in range(2000) if row not in at]
    assert apart["source_row"].to_pylist() == sorted(at)


def test_a_column_without_any_cell_hides_none_of_the_others():
    (part,) = _parts([["2026-11-21 00:00:00"] * 3, [None] * 3], [TIME, TIME])
    assert part.schema.field("c1").type == pa.timestamp("us")
    assert part["c1"].null_count == 3
    assert sound_in(part.schema) == {0, 1}


@pytest.mark.parametrize("empty", [(), ("",), ("-", "无", "NULL")])
@pytest.mark.parametrize(
    "cells", [["", "-", "a"], ["无", "NULL", "long enough"], ["long enough"], []]
)
def test_words_for_nothing_are_null_whatever_stands_beside_them(cells, empty):
    text = pa.array([*cells, None], pa.string())
    left = [None if cell in empty else cell for cell in cells]
    assert without_nothing(text, empty).to_pylist() == [*left, None]
