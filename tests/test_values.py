"""How a cell becomes a value: every moment and amount, however it is written, is read as itself, or
its row says why not; never as another one. What is right is computed by plain Python that wrote the cells.
"""

import csv
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from merchantwatch.config import CellWriting
from merchantwatch.engines import SourceInfo, facts_of, open_engine
from merchantwatch.fields import FIELDS
from merchantwatch.formats import mapped
from merchantwatch.pipeline import exports, layout
from merchantwatch.pipeline.keys import Keys
from merchantwatch.pipeline.platforms import platforms_of
from merchantwatch.reading import Export, moments, open_csv
from merchantwatch.reading.recognised import cells_of, positions_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
pytestmark = pytest.mark.every_engine


def read(
    folder: Path,
    engine: str,
    columns: Mapping[str, Sequence[str]],
    *,
    tz: str = "Asia/Shanghai",
    shown: str = "*",
    **cells: object,
) -> list[dict[str, object]]:
    """The typed rows of a mapped file with these cells by field."""
    rows = list(zip(*columns.values(), strict=True))
    with (folder / "cells.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [["line_id", *columns], *([f"L{n}", *row] for n, row in enumerate(rows))]
        )
    source = open_csv(folder / "cells.csv", "cells.csv")
    form = mapped(
        {name: name for name in ("line_id", *columns)}, {}, "douyin", CellWriting(**cells)
    )
    export = Export(
        source, form, cells_of(positions_of(source), form), None, None, None, None, number=0
    )
    exported = tuple(name for name, field in FIELDS.items() if field.exported)
    laid_out = layout.Layout(exported, frozenset(exported), platforms_of([export], "douyin"), tz)
    opened = open_engine(engine, "200MB", 1)
    try:
        wanted = layout.wanted_of(export, exported, Keys(), tz)
        as_text = {i: replace(column, is_time=False) for i, column in wanted.columns.items()}
        wanted = replace(wanted, columns=as_text)  # so that every spelling goes one way
        opened.open(source, wanted, exports.relation(export), SourceInfo(0, None))
        query = exports.typed_rows(export, laid_out, facts_of(source), "'douyin'")
        return opened.table(
            f"select {shown} from ({query}) as typed order by {'1' if shown != '*' else 'source_row'}"
        ).to_pylist()
    finally:
        opened.close()


def _at(moment: datetime, form: str) -> str:
    """A moment as strftime would write it, with ``%-d`` and the like on every system."""
    return moment.strftime(form)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=SHANGHAI).astimezone(UTC)


# Each way to write a moment to the second, to the minute, or of a day alone.
SECONDS = {
    "iso": lambda m: _at(m, "%Y-%m-%d %H:%M:%S"),
    "iso-t": lambda m: _at(m, "%Y-%m-%dT%H:%M:%S"),
    "slashes": lambda m: _at(m, "%Y/%-m/%-d %-H:%M:%S"),
    "dots": lambda m: _at(m, "%Y.%m.%d %H:%M:%S"),
    "fraction": lambda m: _at(m, "%Y-%m-%d %H:%M:%S.000"),
    "nanoseconds": lambda m: _at(m, "%Y-%m-%d %H:%M:%S.000000000"),
    "offset": lambda m: _at(m, "%Y-%m-%dT%H:%M:%S+0800"),
    "offset-colon": lambda m: _at(m, "%Y-%m-%d %H:%M:%S +08:00"),
    "offset-hours": lambda m: _at(m, "%Y-%m-%dT%H:%M:%S+08"),
    "z": lambda m: _at(_utc(m), "%Y-%m-%dT%H:%M:%SZ"),
    "utc": lambda m: _at(_utc(m), "%Y-%m-%d %H:%M:%S UTC"),
    "go": lambda m: _at(_utc(m), "%Y-%m-%d %H:%M:%S +0000 UTC"),
    "pacific": lambda m: _at(_utc(m) - timedelta(hours=8), "%b %-d, %Y %I:%M:%S %p PST(UTC-8)"),
    "pst": lambda m: _at(_utc(m) - timedelta(hours=8), "%b %-d, %Y, %I:%M:%S %p PST"),
    "half-hour-zone": lambda m: _at(_utc(m) - timedelta(hours=3.5), "%Y-%m-%d %H:%M:%S -0330"),
    "gmt": lambda m: _at(m, "%a, %d %b %Y %H:%M:%S GMT+8"),
    "browser": lambda m: _at(m, "%Y-%m-%d %H:%M:%S GMT+0800 (中国标准时间)"),
    "java": lambda m: _at(_utc(m), "%a %b %d %H:%M:%S UTC %Y"),
    "characters": lambda m: _at(m, "%Y年%-m月%-d日 %H:%M:%S"),
    "spoken": lambda m: _at(m, "%Y年%m月%d日%H时%M分%S秒"),
    "halves-zh": lambda m: (
        _at(m, "%Y-%m-%d ") + ("上午" if m.hour < 12 else "下午") + _at(m, "%I:%M:%S")
    ),
    "halves": lambda m: _at(m, "%Y-%m-%d %I:%M:%S %p"),
    "halves-dotted": lambda m: _at(m, "%-d %B %Y %-I:%M:%S ") + ("a.m." if m.hour < 12 else "p.m."),
    "name": lambda m: _at(m, "%d %b %Y %H:%M:%S"),
    "name-dashes": lambda m: _at(m, "%d-%b-%Y %H:%M:%S"),
    "name-first": lambda m: _at(m, "%B %-d, %Y %H:%M:%S"),
    "german": lambda m: _at(m, "%-d. ") + _german(m) + _at(m, " %Y %H:%M:%S"),
    "fourteen": lambda m: _at(m, "%Y%m%d%H%M%S"),
    "compact-t": lambda m: _at(m, "%Y%m%dT%H%M%S"),
    "seventeen": lambda m: _at(m, "%Y%m%d%H%M%S000"),
    "unix": lambda m: str(int(_utc(m).timestamp())),
    "unix-ms": lambda m: str(int(_utc(m).timestamp()) * 1000),
}
MINUTES = {
    "year-first": lambda m: _at(m, "%Y/%-m/%-d %-H:%M"),
    "name": lambda m: _at(m, "%d %b %Y %H:%M"),
    "twelve": lambda m: _at(m, "%Y%m%d%H%M"),
    "iso": lambda m: _at(m, "%Y-%m-%dT%H:%M"),
}
DAYS = {
    "iso": lambda m: _at(m, "%Y-%m-%d"),
    "slashes": lambda m: _at(m, "%Y/%-m/%-d"),
    "eight": lambda m: _at(m, "%Y%m%d"),
    "short-name": lambda m: _at(m, "%-d-%b-%y"),
    "ebay": lambda m: _at(m, "%b-%d-%y"),
    "name": lambda m: _at(m, "%-d %B %Y"),
    "ordinal": lambda m: _at(m, "%B ") + _ordinal(m.day) + _at(m, ", %Y"),
    "year-and-name": lambda m: _at(m, "%Y-%b-%d"),
    "characters": lambda m: _at(m, "%Y年%m月%d日"),
}


def _german(moment: datetime) -> str:
    return "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()[
        moment.month - 1
    ]


def _ordinal(day: int) -> str:
    return f"{day}{'th' if 10 < day < 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


def _some(seed: str, since: int = 2005, count: int = 12) -> list[datetime]:
    """Moments drawn anew for each shape, and those at the edges of days, halves and years."""
    drawn = random.Random(seed)
    first = datetime(since, 1, 1)
    span = int((datetime(2031, 1, 1) - first).total_seconds())
    edges = [
        (2026, 11, 20, 0, 0, 0),
        (2026, 11, 20, 12, 0, 0),
        (2024, 2, 29, 23, 59, 59),
        (2026, 12, 31, 0, 30, 1),
    ]
    return [datetime(*edge) for edge in edges] + [
        first + timedelta(seconds=drawn.randrange(span)) for _ in range(count)
    ]


def test_a_moment_is_read_as_itself_in_every_way_to_write_it(tmp_path: Path, engine: str) -> None:
    """One column holds all shapes at once: what is plain in shape needs no column to decide it."""
    cells, right = [], []
    for name, write in SECONDS.items():
        for moment in _some(name):
            cells.append(write(moment))
            right.append(moment)
    for name, write in MINUTES.items():
        for moment in _some(name):
            cells.append(write(moment))
            right.append(moment.replace(second=0))
    rows = read(tmp_path, engine, {"shipped_at": cells})
    wrong = [
        (c, r["shipped_at"], r["problem"])
        for c, r, m in zip(cells, rows, right, strict=True)
        if r["shipped_at"] != m
    ]
    assert wrong == []


def test_a_day_alone_is_its_beginning_for_an_event_and_its_end_for_a_deadline(
    tmp_path: Path, engine: str
) -> None:
    days = [(write(m), m) for name, write in DAYS.items() for m in _some(name)]
    cells = [cell for cell, _ in days]
    rows = read(tmp_path, engine, {"shipped_at": cells, "promised_ship_at": cells})
    for row, (cell, moment) in zip(rows, days, strict=True):
        midnight = moment.replace(hour=0, minute=0, second=0)
        assert (row["shipped_at"], row["promised_ship_at"]) == (
            midnight,
            midnight + timedelta(seconds=86_399),
        ), cell


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2026-02-29", "DQ204"),
        ("2026-02-29 10:00:00", "DQ204"),
        ("2026-11-20 25:00:00", "DQ204"),
        ("2026-11-20 24:00:01", "DQ204"),
        ("2026-11-20 13:00 AM", "DQ204"),
        ("20261301", "DQ204"),
        ("31 Feb 2026", "DQ204"),
        ("1969-12-30 10:00:00", "DQ205"),
        ("2100-01-01 00:00:00", "DQ205"),
        ("05/11/2026", "DQ206"),
        ("05/11/26", "DQ206"),
        ("Wed Nov 18 10:00:00 CST 2026", "DQ207"),
        ("2026-11-18 10:00:00 IST", "DQ207"),
        ("27:40.0", "DQ202"),
        ("08:00:00", "DQ203"),
        ("tomorrow", "DQ201"),
        ("2026-11", "DQ201"),
        ("unknown", "DQ201"),
    ],
)
def test_what_is_no_moment_is_refused_with_its_true_reason(
    tmp_path: Path, engine: str, cell: str, code: str
) -> None:
    (row,) = read(tmp_path, engine, {"shipped_at": [cell]})
    assert (row["shipped_at"], str(row["problem"]).split(" ")[0]) == (None, code)


@pytest.mark.parametrize(
    ("cell", "right"),
    [
        ("2026-11-20 24:00:00", datetime(2026, 11, 21)),
        ("2026-11-20 24:00", datetime(2026, 11, 21)),
        ("1970-01-02 00:00:00", datetime(1970, 1, 2)),
        ("1996-07-04 10:00:00", datetime(1996, 7, 4, 10)),
        ("2099-12-31 23:59:59", datetime(2099, 12, 31, 23, 59, 59)),
        ("45982.5", datetime(2025, 11, 21, 12)),
        ("2-Jun-06", datetime(2006, 6, 2)),
        ("2-Jun-76", datetime(1976, 6, 2)),
        ("12:30 AM", None),
    ],
)
def test_edges_of_what_is_read(
    tmp_path: Path, engine: str, cell: str, right: datetime | None
) -> None:
    (row,) = read(tmp_path, engine, {"shipped_at": [cell]})
    assert row["shipped_at"] == right


AMBIGUOUS = ["11/05/2026", "12/01/2026 08:00:00", "3-4-2026"]


@pytest.mark.parametrize(
    ("telling", "day_first"), [(["11/16/2026"], False), (["16/11/2026"], True)]
)
def test_a_column_decides_which_of_day_and_month_stands_first(
    tmp_path: Path, engine: str, telling: list[str], day_first: bool
) -> None:
    rows = read(tmp_path, engine, {"shipped_at": AMBIGUOUS + telling})
    right = (
        [(2026, 5, 11), (2026, 1, 12, 8), (2026, 4, 3)]
        if day_first
        else [(2026, 11, 5), (2026, 12, 1, 8), (2026, 3, 4)]
    )
    assert [row["shipped_at"] for row in rows[:3]] == [datetime(*r) for r in right]
    assert rows[3]["shipped_at"] == datetime(2026, 11, 16)


def test_a_column_that_contradicts_itself_or_shows_nothing_is_not_guessed(
    tmp_path: Path, engine: str
) -> None:
    rows = read(tmp_path, engine, {"shipped_at": [*AMBIGUOUS, "11/16/2026", "16/11/2026"]})
    assert [str(row["problem"])[:5] for row in rows] == ["DQ206"] * 5
    rows = read(tmp_path, engine, {"shipped_at": AMBIGUOUS})
    assert [str(row["problem"])[:5] for row in rows] == ["DQ206"] * 3


def test_a_column_that_shows_nothing_is_read_as_the_others_of_its_file(
    tmp_path: Path, engine: str
) -> None:
    columns = {"paid_at": ["11/16/2026", "11/17/2026"], "shipped_at": ["12/01/2026", ""]}
    rows = read(tmp_path, engine, columns)
    assert rows[0]["shipped_at"] == datetime(2026, 12, 1)


def test_the_order_is_that_of_the_whole_column_wherever_a_batch_ends(
    tmp_path: Path, engine: str
) -> None:
    """The one cell that shows it stands last, tens of megabytes after the first."""
    if engine == "spark":
        pytest.skip("it has no batches")
    cells = ["11/05/2026 10:00:00"] * 300_000 + ["11/30/2026 10:00:00"]
    columns = {"paid_at": cells, "seller_note": ["x" * 60] * len(cells)}
    rows = read(tmp_path, engine, columns, shown="distinct paid_at")
    assert [row["paid_at"] for row in rows] == [
        datetime(2026, 11, 5, 10),
        datetime(2026, 11, 30, 10),
    ]


NOTHING = [
    *(
        "NULL",
        "null",
        "(null)",
        "N/A",
        "\\N",
        "NaT",
        "nan",
        "NaN",
        "None",
        "-",
        "--",
        "/",
        "无",
        "0",
        "0.0",
    ),
    *("0000-00-00", "0000-00-00 00:00:00", "0000/00/00 0:00", "1900-01-00", "1900-01-00 00:00:00"),
    *(
        "1900-01-01 00:00:00",
        "1970-01-01 00:00:00",
        "1970-01-01 08:00:00",
        "1970/1/1 8:00",
        "1970-01-01",
    ),
    *("0001-01-01 00:00:00", "1899-12-30", "9999-12-31 23:59:59", "未发货", "NULL "),
]


def test_words_for_nothing_are_empty_in_a_time(tmp_path: Path, engine: str) -> None:
    rows = read(tmp_path, engine, {"shipped_at": NOTHING, "promised_ship_at": NOTHING})
    assert [(c, r["problem"]) for c, r in zip(NOTHING, rows, strict=True) if r["problem"]] == []
    assert {row["shipped_at"] for row in rows} == {None}


@pytest.mark.parametrize("cell", ["1970-01-01 08:00:01", "1970-01-02", "1970-01-01 12:00:00"])
def test_the_day_on_which_counting_began_is_nothing_at_its_hour_only(
    tmp_path: Path, engine: str, cell: str
) -> None:
    (row,) = read(tmp_path, engine, {"shipped_at": [cell]})
    assert row["shipped_at"] is not None


def test_the_hour_at_which_counting_began_is_that_of_the_zone(tmp_path: Path, engine: str) -> None:
    cells = ["1969-12-31 16:00:00", "1970-01-01 00:00:00"]
    rows = read(tmp_path, engine, {"shipped_at": cells}, tz="America/Los_Angeles")
    assert [row["problem"] for row in rows] == [None, None]


def test_a_mapping_says_how_its_cells_are_written(tmp_path: Path, engine: str) -> None:
    columns = {"shipped_at": ["05/11/2026 10h30", "noch nicht"], "amount": ["1.234", "noch nicht"]}
    rows = read(
        tmp_path,
        engine,
        columns,
        time_format={"": "%d/%m/%Y %Hh%M"},
        decimal=",",
        empty=["noch nicht"],
    )
    assert [(r["shipped_at"], r["amount"], r["problem"]) for r in rows] == [
        (datetime(2026, 11, 5, 10, 30), Decimal("1234.00"), None),
        (None, None, None),
    ]
    assert not rows[1]["amount_unread"]


def test_a_stated_form_goes_before_what_a_cell_looks_like(tmp_path: Path, engine: str) -> None:
    (row,) = read(
        tmp_path,
        engine,
        {"shipped_at": ["2026-05-11 10:00:00"]},
        time_format={"": "%Y-%d-%m %H:%M:%S"},
    )
    assert row["shipped_at"] == datetime(2026, 11, 5, 10)


@pytest.mark.parametrize("form", ["%Q", "%H:%M", "%Y-%m", "%d.%m."])
def test_a_form_that_is_not_understood_is_refused(form: str, engine: str) -> None:
    with pytest.raises(ValueError):
        moments.stated(form)


def _grouped(whole: str, sign: str) -> str:
    return f"{int(whole):,}".replace(",", sign)


def _lakhs(whole: str) -> str:
    head, tail = whole[:-3], whole[-3:]
    pairs = [head[max(i - 2, 0) : i] for i in range(len(head), 0, -2)][::-1]
    return ",".join([*pairs, tail])


# Each style writes a whole number of units and two digits of cents.
POINT = {
    "plain": lambda w, c: f"{w}.{c}",
    "four": lambda w, c: f"{w}.{c}00",
    "commas": lambda w, c: f"{_grouped(w, ',')}.{c}",
    "lakhs": lambda w, c: f"₹{_lakhs(w)}.{c}",
    "blanks": lambda w, c: f"{_grouped(w, ' ')}.{c}",
    "swiss": lambda w, c: f"CHF {_grouped(w, chr(39))}.{c}",
    "yuan": lambda w, c: f"¥{w}.{c}",
    "yuan-word": lambda w, c: f"{_grouped(w, ',')}.{c}元",
    "dollars": lambda w, c: f"US$ {_grouped(w, ',')}.{c}",
    "code-after": lambda w, c: f"{w}.{c} USD",
    "negative": lambda w, c: f"-{w}.{c}",
    "negative-sign": lambda w, c: f"-¥{w}.{c}",
    "books": lambda w, c: f"({_grouped(w, ',')}.{c})",
    "behind": lambda w, c: f"{w}.{c}-",
    "plus": lambda w, c: f"+{w}.{c}",
}
COMMA = {
    "plain": lambda w, c: f"{w},{c}",
    "points": lambda w, c: f"{_grouped(w, '.')},{c}",
    "blanks": lambda w, c: f"{_grouped(w, chr(160))},{c} €",
    "narrow": lambda w, c: f"{_grouped(w, chr(0x202F))},{c}",
    "reais": lambda w, c: f"BRL {_grouped(w, '.')},{c}",
    "reais-sign": lambda w, c: f"R$ {_grouped(w, '.')},{c}",
    "negative": lambda w, c: f"-{_grouped(w, '.')},{c}",
    "books": lambda w, c: f"({w},{c})",
}
NEGATIVE = ("negative", "negative-sign", "books", "behind")


@pytest.mark.parametrize("styles", [POINT, COMMA], ids=["point", "comma"])
def test_an_amount_is_read_as_itself_in_every_style_of_its_column(
    tmp_path: Path, engine: str, styles: Mapping[str, object]
) -> None:
    drawn = random.Random(7)
    cells, right = [], []
    for name, write in styles.items():
        for digits in (1, 2, 3, 4, 5, 6, 7, 9):
            whole, cents = (
                str(drawn.randrange(10 ** (digits - 1), 10**digits)),
                f"{drawn.randrange(100):02}",
            )
            cells.append(write(whole, cents))
            right.append(Decimal(f"{whole}.{cents}") * (-1 if name in NEGATIVE else 1))
    rows = read(tmp_path, engine, {"amount": cells})
    got = [row["amount"] for row in rows]
    assert [(c, g) for c, g, r in zip(cells, got, right, strict=True) if g != r] == []


def test_cells_that_contradict_each_other_are_unknown_and_never_another_amount(
    tmp_path: Path, engine: str
) -> None:
    cells = [
        "129,58元",
        "9,99",
        "1.299,00",
        "1,299.00",
        "12,50",
        "1.234,56",
        "10.005",
        "12.50",
        "1,299",
        "17",
    ]
    rows = read(tmp_path, engine, {"amount": cells})
    known = {"1,299.00": Decimal("1299.00"), "12.50": Decimal("12.50"), "17": Decimal("17.00")}
    assert [row["amount"] for row in rows] == [known.get(cell) for cell in cells]
    assert [row["amount_unread"] for row in rows] == [cell not in known for cell in cells]


@pytest.mark.parametrize(
    ("cells", "right"),
    [
        (["1,299"], ["1299.00"]),
        (["10.005"], [None]),
        (["1.234"], [None]),
        (["1,2345"], [None]),
        (["150.000"], [None]),
        (["0.30000000000000004"], ["0.30"]),
        (["12.309999999999999"], ["12.31"]),
        (["12.34001"], [None]),
        (["about 12"], [None]),
        (["12 or 13"], [None]),
        (["1,23"], ["1.23"]),
        (["1,23", "1.299"], ["1.23", "1299.00"]),
        (["12.00)", "(12.00"], [None, None]),
        ([".50", "-.5"], ["0.50", "-0.50"]),
        (["１２"], [None]),
    ],
)
def test_amounts_at_the_edges(
    tmp_path: Path, engine: str, cells: list[str], right: list[str | None]
) -> None:
    rows = read(tmp_path, engine, {"amount": cells})
    assert [row["amount"] for row in rows] == [r and Decimal(r) for r in right]


def test_no_cell_is_of_two_shapes(engine: str) -> None:
    """So that the order in which shapes are looked for, which batches decide, says nothing."""
    import re

    written = [
        w(m) for of in (SECONDS, MINUTES, DAYS) for n, w in of.items() for m in _some(n, count=5)
    ]
    for cell in written:
        fits = {s.name for s in moments.shapes().values() if re.fullmatch(s.pattern, cell.lower())}
        assert len(fits) <= 1, (cell, fits)
