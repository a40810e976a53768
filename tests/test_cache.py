"""The cache of judged exports: whatever it knows, a report has the same bytes as one made without it."""

import io
import os
import shutil
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pyarrow as pa
import pytest
from conftest import LATE, SHORT, douyin, write_csv
from hypothesis import HealthCheck, given, settings as hypothesis_settings
from worlds import FRESH, World, mapped_worlds, worlds, write_world

from merchantwatch.cli import cli
from merchantwatch.config import CacheBound, HistoryPlace
from merchantwatch.fields import ORDER_FIELDS
from merchantwatch.reading.digests import Digests
from merchantwatch.reports import hits, json, quarantine
from merchantwatch.rules import built_in
from merchantwatch.rules.answer_changes import advances, changes_at, may_differ_from_as_of
from merchantwatch.run.entry_bytes import packed, unpacked
from merchantwatch.run.scan import run
from merchantwatch.settings import Settings
from merchantwatch.support.shelf import Shelf

AS_OF = datetime(2026, 11, 21)


def _stream(rows):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows)
    return memoryview(sink.getvalue())


STEPS = (-30, 0, 26, 24 * 40, 3)
"""Hours from as-of on at which a world is judged, one after the other; the last is a step back."""

ACROSS = tuple(
    bound.code
    for bound in built_in().rules
    if (bound.reads | bound.prices)
    & {"buyer_cases_90d", "tracking_no_receivers_30d", *ORDER_FIELDS}
)
"""Rules that need a first look at all lines: where one is selected, nothing comes from the cache."""

SAME = hypothesis_settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    backend=FRESH,
    derandomize=True,
    print_blob=True,
)


def judged(paths, settings, most="5GB"):
    """The bytes of the reports of a scan, and how many inputs came from the cache."""
    finished = run([str(p) for p in paths], replace(settings, cache=CacheBound(max=most)))
    with closing(finished.engine):
        file = io.BytesIO()
        json.render(finished.results, file)
        hits.render_csv(finished.results, file)
        quarantine.render(finished.results, file)
    return file.getvalue(), finished.cache.used


@pytest.fixture
def night(tmp_path):
    """Judge files of the folder as of a moment, and hold that to what is judged without a cache."""
    without = {}

    def judge(as_of=AS_OF, paths=None, **fields):
        settings = Settings(
            as_of,
            history=HistoryPlace(path="history.db"),
            select=("DY100", "DY101", "DY202"),
            lang="en",
        )
        settings = replace(settings, **fields)
        there = paths or sorted(tmp_path.glob("*.csv"))
        cached, used = judged(there, settings)
        # Of the same files by the same settings that is the same, and judged once.
        files = [
            (p.name, p.stat().st_mtime_ns, p.read_bytes())
            for p in tmp_path.iterdir()
            if p.is_file()
        ]
        alike = (repr((there, settings)), *sorted(files))
        if alike not in without:
            without[alike] = judged(there, settings, most="0")
        assert without[alike] == (cached, 0)
        return used

    return judge


def entries(folder):
    return sorted((folder / "merchantwatch-cache").glob("rows-*"))


SENT = {"订单状态": "已发货", "发货时间": "2026-11-18 08:00:00"}


def test_ids_of_orders_and_lines_are_found_in_what_the_cache_holds(night, tmp_path):
    """With the order 3 comes the first id of both: what an earlier export's line 3 had is its."""
    pairs = [(1, 1), (2, 1), (3, 2), (4, 2)], [(5, 3), (6, 3)]
    for number, ids in enumerate(pairs):
        rows = [
            {**row, "子订单编号": str(line), "主订单编号": str(order)}
            for row, (line, order) in zip(douyin(*[SENT] * len(ids)), ids, strict=True)
        ]
        write_csv(tmp_path / f"{1_795_000_000 + number}_{number:032x}.csv", rows)
    parcel = {"运单号": "SF0000000000001", "订单编号": "3", "揽收时间": "-"}
    write_csv(tmp_path / "parcels.csv", [parcel])
    one, other, parcels = sorted(tmp_path.glob("*.csv"))
    select = ("DY301", "DY100")
    assert night(paths=[one, parcels], select=select) == 0
    assert night(paths=[one, other, parcels], select=select) == 0, (
        "parcels are looked up by another query"
    )
    assert night(paths=[one, other, parcels], select=select) == 2
    assert night(paths=[one, parcels], select=select) == 1


def test_what_exemptions_and_suppressions_name_decides_what_is_cached(night, three, tmp_path):
    """A line without a finding by itself is stored only where its order is named."""
    ids = "690" + "0" * 15 + "1", "692" + "0" * 15 + "2"
    suppressed = '[[ignore]]\norder = "{}"\nreason = "known"\nuntil = 2026-12-31\n'
    exempt = "order,approved,reason,extend_by\n{},yes,flood,24 hours\n"
    for name, content, field in (
        ("ignore.toml", suppressed, "ignore_file"),
        ("exempt.txt", exempt, "exemptions"),
    ):
        file = tmp_path / name
        for order in (*ids, ids[1]):
            file.write_text(content.format(order), encoding="utf-8")
            used = night(**{field: file})
        assert used == 3, "the same ids as before"


OPEN = {**LATE, "承诺发货时间": "2026-11-22 08:00:00"}
PARTS = [(LATE, OPEN), (SHORT, {}), ({}, OPEN, OPEN)]


@pytest.fixture
def three(tmp_path):
    """Three exports, of which the first is the oldest."""
    for number, lines in enumerate(PARTS):
        rows = [
            {
                **row,
                "子订单编号": f"69{number}{place:016d}",
                "主订单编号": f"69{number}{place:016d}",
            }
            for place, row in enumerate(douyin(*lines))
        ]
        write_csv(tmp_path / f"{1_795_000_000 + number}_{number:032x}.csv", rows)
    return sorted(tmp_path.glob("*.csv"))


def test_what_is_unchanged_is_not_read_again(night, three):
    assert night(paths=three[:2]) == 0
    assert night(AS_OF + timedelta(days=1)) == 2, "one is new"
    assert night(AS_OF + timedelta(days=2)) == 3


def test_what_would_be_judged_otherwise_is_read_again(night, three):
    night()
    for otherwise in (
        {"as_of": AS_OF - timedelta(seconds=1)},
        {"select": ("DY100",)},
        {"tz": "Asia/Tokyo"},
        {"platform": "tmall"},
        {"shop": "another"},
        {"rules": {"DY101": {"window_days": 3}}},
    ):
        assert night(**otherwise) == 0, otherwise
        assert night(**otherwise) == 3, otherwise


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_a_line_turns_at_its_moment(night, export, seconds):
    """Before, at and after the deadline, the start of the warning, and the end of a window."""
    export(OPEN, {**LATE, "承诺发货时间": "2026-11-19 08:00:00"})
    window = {"DY101": {"window_days": 3}}
    night(rules=window)
    for moment in (AS_OF, AS_OF + timedelta(days=1)):
        at = moment + timedelta(hours=8, seconds=seconds)
        assert night(at, rules=window) == 1


def test_a_line_with_a_future_event_is_judged_again(night, export):
    export({"发货时间": "2026-11-21 09:00:00"}, {"支付完成时间": "2026-11-21 09:00:00"})
    night()
    for seconds in (-1, 0, 1):
        assert night(AS_OF + timedelta(hours=9, seconds=seconds)) == 1


def test_a_newer_twin_replaces_what_the_cache_knows(night, export):
    export(LATE, OPEN, name=f"1795000000_{0:032x}.csv")
    assert night() == 0
    export({}, OPEN, name=f"1795000001_{1:032x}.csv")
    assert night(AS_OF + timedelta(hours=2)) == 1
    assert night(AS_OF + timedelta(hours=3)) == 2


def test_an_id_twice_in_a_file_is_looked_at_again(night, export):
    twin = {"子订单编号": "6900000000000000001"}
    export(LATE, {**twin, "商品ID": "1"}, {}, {**twin, "商品ID": "2"})
    night()
    assert night(AS_OF + timedelta(days=1)) == 1


def test_what_reading_tells_is_known_of_a_file_that_is_not_read(night, tmp_path):
    rows = douyin(
        LATE,
        {"子订单编号": "6.9E+18"},
        {"支付完成时间": "8/9/2026 8:00"},
        {"订单状态": "飞走了"},
        {"订单应付金额": "$5"},
    )
    path = write_csv(tmp_path / "odd.csv", rows, encoding="gb18030")
    path.write_bytes(path.read_bytes() + '"无","两"\n"总计"\n'.encode("gb18030"))
    night()
    assert night() == 1
    assert night(AS_OF + timedelta(days=1)) == 1


def test_lines_without_ids_are_named_again(night, export):
    without = {"without": ["子订单编号"]}
    one = {"主订单编号": "1"}
    export(
        {**LATE, **one}, {**OPEN, **one, "商品ID": "2"}, name=f"1795000000_{0:032x}.csv", **without
    )
    night()
    export({**OPEN, **one, "商品ID": "2"}, name=f"1795000001_{1:032x}.csv", **without)
    assert night(AS_OF + timedelta(hours=1)) == 1


DAMAGES = {
    "cut off": lambda data: data[:-1],
    "cut short": lambda data: data[:100],
    "empty": lambda data: data[:0],
    "a bit flipped": lambda data: data[:200] + bytes([data[200] ^ 1]) + data[201:],
    "longer": lambda data: data + b"0",
    "of another kind": lambda data: b"MWCACHE0" + data[8:],
}


@pytest.mark.parametrize("three_of", [list(DAMAGES)[:3], list(DAMAGES)[3:]])
def test_a_damaged_cache_is_no_cache(night, three, tmp_path, three_of):
    """The entry of each of three exports, otherwise damaged each."""
    night()
    for path, damage in zip(entries(tmp_path), three_of, strict=True):
        path.write_bytes(DAMAGES[damage](path.read_bytes()))
    assert night() == 0, three_of
    assert night() == 3, "and it is made good"


def test_an_entry_of_something_else_is_no_entry(night, three, tmp_path):
    """Whoever can write into the cache can write a sound checksum, too."""
    night()
    shelf = Shelf(tmp_path / "merchantwatch-cache", 10**9)
    for path in entries(tmp_path):
        shelf.put(path.stem, b"\x93nothing")
    assert night() == 0


def _with_states(entry, rows):
    return msgspec.structs.replace(entry, tables=entry.tables | {"states": _stream(rows)})


OTHERS = {
    "a column is missing": lambda e, s: _with_states(e, s.drop_columns(["newest_event"])),
    "a column is of another type": lambda e, s: _with_states(
        e, s.set_column(s.column_names.index("line_hash"), "line_hash", pa.array(["x"] * len(s)))
    ),
    "a table is missing": lambda e, _: msgspec.structs.replace(
        e, tables={name: rows for name, rows in e.tables.items() if name == "states"}
    ),
    "a table is another": lambda e, s: msgspec.structs.replace(
        e, tables={**e.tables, "relevant; drop table states": _stream(s)}
    ),
    "rows are not in full": lambda e, s: msgspec.structs.replace(
        e, unsettled=_stream(s.select(["source_row"]).slice(0, 0))
    ),
    "nothing is known of its reading": lambda e, _: msgspec.structs.replace(e, source=b"\x80"),
}


def test_an_entry_with_other_tables_is_no_entry(night, tmp_path):
    """Each of as many exports has another."""
    for number in range(len(OTHERS)):
        ids = [dict.fromkeys(("主订单编号", "子订单编号"), f"69{number}{n}") for n in "01"]
        rows = douyin({**OPEN, **ids[0]}, ids[1])
        write_csv(tmp_path / f"{1_795_000_000 + number}_{number:032x}.csv", rows)
    night()
    shelf = Shelf(tmp_path / "merchantwatch-cache", 10**9)
    for path, other in zip(entries(tmp_path), OTHERS.values(), strict=True):
        entry = unpacked(shelf.get(path.stem))
        states = pa.ipc.open_stream(entry.tables["states"]).read_all()
        shelf.put(path.stem, *packed(other(entry, states)))
    assert night() == 0


@pytest.mark.parametrize("most", [0, 3, 5])
def test_rows_beyond_those_read_in_place_are_copied(night, three, monkeypatch, most):
    """The three exports have 2, 2 and 3 rows: none, the first, or the first two are read there."""
    monkeypatch.setattr("merchantwatch.run.cache._ROWS_AT_A_TIME", 1)
    monkeypatch.setattr("merchantwatch.run.cache._MOST_HELD", most)
    night()
    assert night() == 3
    assert night(AS_OF + timedelta(hours=26)) == 3


def test_a_file_is_read_in_place_even_after_it_was_deleted(tmp_path):
    shelf = Shelf(tmp_path / "cache", 10**9)
    shelf.put("a", b"content" * 10**6)
    found = shelf.mapped("a")
    shelf.drop("a")
    assert found == b"content" * 10**6
    assert shelf.mapped("a") is None


@pytest.mark.parametrize("how", ["get", "mapped"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_dropped(tmp_path, how, damage):
    shelf = Shelf(tmp_path / "cache", 10**9)
    shelf.put("a", b"content" * 100)
    assert getattr(shelf, how)("a") == b"content" * 100
    (path,) = (tmp_path / "cache").iterdir()
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    assert getattr(shelf, how)("a") is None
    assert not path.exists()


@pytest.mark.parametrize("known", [b"\xff", b"", b"a" * 63, b"a" * 65, b"../" * 21 + b"a"])
def test_what_is_no_digest_is_none(tmp_path, monkeypatch, known):
    file = tmp_path / "a.csv"
    file.write_bytes(b"a")
    monkeypatch.setattr(Shelf, "get", lambda *_: memoryview(known))
    assert Digests(Shelf(tmp_path / "cache", 10**6)).of(file) == sha256(b"a").hexdigest()


def test_a_cache_may_be_deleted_at_any_time(night, three, tmp_path):
    night()
    shutil.rmtree(tmp_path / "merchantwatch-cache")
    assert night() == 0
    assert night() == 3


def test_a_cache_that_cannot_be_written_costs_nothing(night, three, tmp_path):
    (tmp_path / "merchantwatch-cache").write_text("a file in its place")
    assert night() == 0
    assert night() == 0


def test_a_file_that_is_written_again_at_the_same_time_is_another(night, export):
    path = export(LATE)
    night()
    status = path.stat()
    export(OPEN)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert night() == 0


def test_the_cache_is_its_owners_alone(night, three, tmp_path):
    night()
    assert {
        path.stat().st_mode & 0o777 for path in (tmp_path / "merchantwatch-cache").iterdir()
    } == {0o600}
    assert (tmp_path / "merchantwatch-cache").stat().st_mode & 0o777 == 0o700


def test_what_has_turned_is_written_down_and_replaces_the_older(night, three, tmp_path):
    night()
    before = entries(tmp_path)
    night(AS_OF + timedelta(days=2))
    assert len(entries(tmp_path)) == 3
    assert set(entries(tmp_path)) != set(before)


def test_the_least_recently_used_go_first(tmp_path):
    shelf = Shelf(tmp_path, 10**9)
    for number, name in enumerate("abc"):
        shelf.put(name, bytes(1000))
        os.utime(tmp_path / f"{name}.cached", (number, number))
    assert shelf.get("a") is not None
    Shelf(tmp_path, 2_200).tidy()
    assert sorted(shelf.names()) == ["a", "c"]
    Shelf(tmp_path, 0).tidy()
    assert list(shelf.names()) == []


def test_what_a_killed_run_has_left_of_a_file_is_removed(tmp_path):
    (tmp_path / ".rows-1.cached.0123.part").write_bytes(b"half")
    Shelf(tmp_path, 10**9).tidy()
    assert list(tmp_path.iterdir()) == []


def test_a_digest_is_taken_once_of_a_file_that_stays(tmp_path, monkeypatch):
    monkeypatch.setattr("merchantwatch.reading.digests._SURE", -(10**18))
    path = tmp_path / "a"
    path.write_bytes(b"1")
    shelf = Shelf(tmp_path / "cache", 10**9)
    first = Digests(shelf).of(path)
    with monkeypatch.context() as patch:
        patch.setattr("merchantwatch.reading.digests.file_digest", None)
        assert Digests(shelf).of(path) == first
    path.write_bytes(b"2")
    assert Digests(shelf).of(path) != first
    assert Digests(shelf).of(tmp_path / "none") is None


def test_of_a_file_just_written_nothing_is_noted(tmp_path):
    """It may be written again before its time is another."""
    path = tmp_path / "a"
    path.write_bytes(b"1")
    shelf = Shelf(tmp_path / "cache", 10**9)
    Digests(shelf).of(path)
    assert list(shelf.names()) == []


def test_the_log_says_how_many_inputs_came_from_it(three, capsys, tmp_path):
    (tmp_path / "merchantwatch.toml").write_text('[history]\npath = "h.db"\n', encoding="utf-8")
    args = [
        "scan",
        *map(str, three),
        "--as-of",
        "2026-11-21",
        "--select",
        "DY100",
        "-o",
        "json:a.json",
    ]
    for counts in ("0 of 3", "3 of 3"):
        cli([*args, "-v"], standalone_mode=False)
        assert f"cache: {counts} inputs" in capsys.readouterr().err
    cli([*args, "-v", "--no-history"], standalone_mode=False)
    assert "cache:" not in capsys.readouterr().err


@pytest.mark.parametrize(("most", "size"), [("5GB", 5 * 10**9), ("1.5 mb", 1_500_000), ("0", 0)])
def test_the_bound_is_a_size(most, size):
    assert CacheBound(max=most).bytes == size


@pytest.mark.parametrize("most", ["", "much", "-1GB", "5 bananas"])
def test_what_is_no_size_is_refused(most):
    with pytest.raises(ValueError, match="max under"):
        CacheBound(max=most)


@pytest.mark.parametrize(
    ("sql", "at"),
    [
        ("paid_at is null", ()),
        ("as_of > shipped_at + interval '48' hour", ("shipped_at + INTERVAL '48' HOUR",)),
        (
            "coalesce(scanned_at, as_of) > due_at",
            ("CASE WHEN scanned_at IS NULL THEN due_at END",),
        ),
        ("as_of - shipped_at > interval '3' day", ("(shipped_at) + INTERVAL '3' DAY",)),
        ("due_at - as_of < interval '3' hour", ("(due_at) - INTERVAL '3' HOUR",)),
        ("as_of - interval '2' day >= due_at", ("(due_at) + INTERVAL '2' DAY",)),
        ("as_of between paid_at and due_at", ("paid_at", "due_at")),
        (
            "year(paid_at) = year(as_of)",
            ("DATE_TRUNC('YEAR', (paid_at))", "DATE_TRUNC('YEAR', (paid_at)) + INTERVAL '1' YEAR"),
        ),
        ("year(as_of + interval '40' day) = year(paid_at)", ("as_of",)),
        ("year(due_at - (as_of - paid_at)) = year(paid_at)", ("as_of",)),
        ("case when as_of > paid_at then due_at end > paid_at", ("paid_at",)),
        ("case due_at when as_of then 1 else 0 end = 1", ("(due_at)",)),
        ("case as_of when due_at then true when paid_at then false end", ("(due_at)", "(paid_at)")),
        ("case hour(as_of) when 3 then paid_at end > due_at", ("as_of",)),
        ("case when status = 'closed' then as_of end > due_at", ("due_at",)),
        ("hour(as_of) > 3", ("as_of",)),
        ("as_of > as_of - interval '1' hour", ("as_of",)),
        ("as_of + interval '1' month > due_at", ("as_of",)),
        ("as_of - paid_at > closed_at - paid_at", ("as_of",)),
        ("as_of - as_of > interval '1' hour", ("as_of",)),
        ("case when status = 'closed' then null else as_of end > due_at", ("due_at",)),
        ("greatest(paid_at, as_of) > due_at", ("due_at",)),
        ("coalesce(as_of, paid_at) > due_at", ("due_at",)),
        ("due_at in (paid_at, as_of)", ("due_at",)),
        ("year(as_of) > 2020", ("as_of",)),
        ("month(as_of) = month(paid_at)", ("as_of",)),
    ],
)
def test_an_answer_turns_where_as_of_passes_what_it_is_compared_with(sql, at):
    """``as_of`` itself stands for an unknown moment."""
    assert changes_at(sql) == at
    assert not advances(sql)


def test_a_value_goes_on_with_as_of_where_nothing_compares_it():
    assert advances("case when status = 'closed' then as_of end")
    assert changes_at("case when status = 'closed' then as_of end") == ()


@pytest.mark.parametrize(
    ("sql", "right"),
    [
        ("as_of", False),
        ("coalesce(shipped_at, (as_of))", False),
        ("case when status = 'closed' then as_of end", False),
        ("case when as_of - interval '1' hour > paid_at then paid_at end", False),
        ("as_of - interval '1' hour", True),
        ("greatest(as_of, paid_at)", True),
    ],
)
def test_a_value_strays_where_it_is_not_as_of_itself(sql, right):
    assert may_differ_from_as_of(sql) == right


OF_ONES_OWN = """
[pack]
platform = "douyin"
reviewed = 2026-11-22
title = {{ zh = "本店", en = "our own" }}
[[rule]]
code = "MY101"
name = "own"
title = {{ zh = "本店", en = "our own" }}
severity = "high"
action = {{ zh = "看", en = "look" }}
source = {{ clause = "-", where = "-", confidence = "assumed" }}
{}
"""


@pytest.mark.parametrize(
    "rule",
    [
        """per = "shop"\nat_least = 1\napplies = "paid"\ndue = "promised_ship_at"
        done = "coalesce(shipped_at, as_of - interval '3' hour)" """,
        """per = "shop-day"\nshare_at_least = 0.1\nday = "coalesce(shipped_at, as_of)"
        when = "shipped_at is null"\nof = "paid_at is not null" """,
        """per = "shop"\nat_least = 1\nday = "paid_at"
        when = "case promised_ship_at when as_of then true else false end" """,
        """per = "shop"\nat_least = 1\nday = "paid_at"
        when = "year(as_of + interval '40' day) = year(paid_at)" """,
    ],
    ids=["done", "day", "case", "year"],
)
def test_what_advances_in_a_rule_of_ones_own_is_judged_again(night, export, tmp_path, rule):
    export(OPEN, LATE, {})
    pack = tmp_path / "own.toml"
    pack.write_text(OF_ONES_OWN.format(rule), encoding="utf-8")
    options = {"pack": (pack,), "select": ("MY101",)}
    night(**options)
    for hours in (32, 33, 36):
        night(AS_OF + timedelta(hours=hours), **options)


def same_nights(world: World, *, orders_only: bool, steps=STEPS, select=()) -> int:
    """Judge a world night after night, with a cache and without; return what came from the cache."""
    if orders_only:
        world = replace(world, parcels=(), cases=())
    with TemporaryDirectory() as name:
        folder = Path(name)
        paths, used = write_world(world, folder), 0
        place = HistoryPlace(path=str(folder / "history.db"))
        settings = Settings(
            world.as_of,
            map=world.mapping,
            platform=world.platform,
            history=place,
            key="k" * 16,
            select=select,
            ignore=ACROSS,
        )
        for night, hours in enumerate(steps):
            tonight = replace(settings, as_of=world.as_of + timedelta(hours=hours))
            there = paths[min(1, len(paths) - 1) :] if night == 0 else paths
            cached, from_cache = judged(there, tonight)
            cold, nothing = judged(there, tonight, most="0")
            assert cached == cold, f"{hours} hours from {world.as_of}"
            assert nothing == 0
            used += from_cache
        return used


SOME = ("DY1", "DY20", "DY301", "DY4", "DY501")
"""Clocks, windows, shares, strikes, cases and parcels: each run plans for all rules that it has."""


@given(world=worlds())
@hypothesis_settings(SAME, max_examples=1)
def test_nights_of_exports_of_douyin_say_the_same(world: World) -> None:
    assert same_nights(world, orders_only=True, select=SOME)


@given(world=worlds())
@hypothesis_settings(SAME, max_examples=2)
def test_nights_of_exports_with_cases_and_parcels_say_the_same(world: World) -> None:
    assert same_nights(world, orders_only=False, select=SOME)


@given(world=mapped_worlds())
@hypothesis_settings(SAME, max_examples=1)
def test_nights_of_mapped_exports_say_the_same(world: World) -> None:
    assert same_nights(world, orders_only=True)


def test_a_line_whose_parcel_changed_is_judged_again(night, three, tmp_path):
    """Of lines that find what they found before, nothing is otherwise."""
    first = "6900000000000000000"
    cells = {"运单号": "MW1", "订单编号": first, "物流公司": "中通快递", "包裹状态": "运输中"}
    blank = {"异常类型": "", "发货时间": "2026-11-18 09:00:00", "揽收时间": "", "签收时间": ""}
    parcels, select = tmp_path / "parcels.csv", ("DY100", "DY301")
    other = {**cells, "运单号": "MW2", "订单编号": "69" + "1" * 17}
    for rows, used in (
        ([{**cells, **blank}], 0),
        ([{**cells, **blank}], 3),
        ([{**other, **blank}, {**cells, **blank, "揽收时间": "2026-11-19 09:00:00"}], 3),
        ([{**other, **blank}], 3),
        ([], 3),
    ):
        write_csv(parcels, rows or [{**cells, **blank, "订单编号": "1"}])
        assert night(paths=[*three, parcels], select=select) == used
