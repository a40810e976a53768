"""The commands on a history: its runs, trends, the difference of two runs, and less of it."""

import io
import json
import zlib
from datetime import datetime, timedelta
from itertools import combinations
from random import Random

import pytest
from conftest import LATE, douyin, write_csv

import merchantwatch as mw
from merchantwatch.commands import history as commands
from merchantwatch.commands.recorded import run_named
from merchantwatch.commands.report import report
from merchantwatch.commands.scan import scan
from merchantwatch.history import ledger
from merchantwatch.history.diff import HOW, differences
from merchantwatch.history.items import Item
from merchantwatch.history.recording import Night, record
from merchantwatch.history.runs import Run
from merchantwatch.history.store import opened
from merchantwatch.language.text import Text
from merchantwatch.reports import recorded
from merchantwatch.rules import SEVERITIES
from merchantwatch.run import record as run_record

pytestmark = pytest.mark.xdist_group("history commands")  # one process scans what most look at

FIRST = datetime(2026, 1, 1, 7)
SHIPPED = {"发货时间": "2026-11-19 07:00:00", "订单状态": "已发货"}


# --- the difference of two runs --------------------------------------------------------------


def night(draw, number):
    """A night in which some of ten things are found, near or broken, severe or not."""
    items = [
        Item("finding", "DY100", "douyin", None, "line", str(key), draw.choice(("near", "breached")),
             draw.choice(SEVERITIES[1:]), 1, Text(zh=f"订单 {key}", en=f"order {key}"),
             lines=(str(key),), suppressed=draw.random() < 0.1)
        for key in range(10) if draw.random() < 0.6
    ]  # fmt: skip
    verdicts = {str(key): draw.choice(("resolved", "gone", "unknown")) for key in range(10)}
    return Night(
        as_of=FIRST + timedelta(number),
        program="1",
        inputs=(),
        shops=(),
        settings={},
        totals={},
        items=items,
        guards=(),
        verdicts=lambda missing, _: {one.fingerprint: verdicts[one.key] for one in missing},
    )


def test_differences_are_those_of_the_nights(history):
    """Compared with the changes that each night itself reported, for every two of twelve nights."""
    draw, nights = Random(3), []
    with opened(history) as store:
        for number in range(12):
            with store.writing() as connection:
                run = record(connection, night(draw, number))
            nights.append({c.item.key: c for c in run.changes})
        found = {}
        with store.reading() as connection:
            for a, b in combinations(range(12), 2):
                changes = differences(connection, a + 1, b + 1)
                found[a, b] = {one.item.key: (one.how, one.episode) for one in changes}

    def is_open(change):
        return change is not None and change.reason is None

    def rank(change):
        return SEVERITIES.index(change.item.severity), change.item.state == "breached"

    kinds = set()
    for (a, b), changes in found.items():
        for key in map(str, range(10)):
            then, now = nights[a].get(key), nights[b].get(key)
            between = [nights[n][key] for n in range(a + 1, b + 1) if key in nights[n]]
            expected = None
            if is_open(now) and (not is_open(then) or then.episode != now.episode):
                expected = "opened"
            elif is_open(then) and not is_open(now):
                expected = between[-1].status
            elif is_open(then) and is_open(now):
                moved = (rank(now) > rank(then)) - (rank(now) < rank(then))
                moved = moved or sum(
                    (c.status == "worsened") - (c.status == "eased") for c in between
                )
                expected = {1: "worsened", -1: "eased"}.get((moved > 0) - (moved < 0))
            assert changes.get(key, (None,))[0] == expected, (a, b, key)
            kinds.add(expected)
    assert kinds == {*HOW, None}


# --- which run is meant ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "found"),
    [("last", 9), ("previous", 8), ("7", 7), ("007", 7), ("2026-01-03", 8), ("2026-01-01", 6),
     ("6", 6), ("5", None), ("10", None), ("2026-01-05", None), ("2026-13-01", None), ("0", None),
     ("first", None), ("-1", None), ("", None), ("²", None)],
)  # fmt: skip
def test_a_run_is_named_by_number_word_or_day(name, found):
    days = {6: 0, 7: 2, 8: 2, 9: 3}
    runs = [Run(n, FIRST + timedelta(day), "1") for n, day in sorted(days.items(), reverse=True)]
    if found is None:
        with pytest.raises(mw.UsageError, match=r"no such run; .*\(from 6 to 9\)"):
            run_named(runs, name)
    else:
        assert run_named(runs, name).id == found


def test_a_history_of_one_run_has_none_before():
    with pytest.raises(mw.UsageError, match="previous: no such run"):
        run_named([Run(1, FIRST, "1")], "previous")


# --- the chart -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "bars"),
    [
        ([None, [0, 0], [1, 0]], ["not judged", "0 + 0", "█" * 40 + " 1 + 0"]),
        ([[1, 0], [0, 400]], ["█ 1 + 0", "░" * 40 + " 0 + 400"]),
        ([[30, 10], [15, 5]], ["█" * 30 + "░" * 10 + " 30 + 10", "█" * 15 + "░" * 5 + " 15 + 5"]),
    ],
)
def test_a_chart_has_a_bar_for_whatever_is_not_nothing(found, bars):
    runs = [
        Run(n, FIRST, "1", totals={"rules": {} if count is None else {"DY100": count}})
        for n, count in enumerate(found, 1)
    ]
    chart = recorded.trend_of_rule(runs, "DY100", Text(zh="迟", en="late"))
    lines = [line.split("  ", 2)[2].strip() for line, _ in list(chart.lines("en"))[2:]]
    assert lines == bars
    assert [p["broken"] for p in chart.as_dict()["points"]] == [t and t[0] for t in found]


# --- the commands ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """Three recorded nights: a line is late, then another, then the first is shipped."""
    folder = tmp_path_factory.mktemp("recorded")
    config = folder / "merchantwatch.toml"
    config.write_text('[history]\npath = "h.db"\nkeep = "9000 days"\n')
    late = {**LATE, "承诺发货时间": "2026-11-19 08:00:00"}
    soon = {**LATE, "承诺发货时间": "2026-11-20 20:00:00"}
    two = douyin(late, soon)
    for n, (day, rows) in enumerate(((19, two), (20, two), (21, [{**two[0], **SHIPPED}, two[1]]))):
        path = write_csv(folder / f"{n}.csv", rows)
        outputs = [f"{fmt}:{folder}/{n}.{fmt}" for fmt in ("json", "html")]
        flags = {
            "as_of": f"2026-11-{day} 23:00",
            "select": ("DY100",),
            "lang": "en",
            "output": outputs,
        }
        assert scan([str(path)], flags, str(config), quiet=True, verbose=False) == 0
    return folder


@pytest.fixture
def config(nights, monkeypatch):
    monkeypatch.chdir(nights)
    return str(nights / "merchantwatch.toml")


def as_json(command, *given):
    """Run a command with its JSON in a file, and return that."""
    assert command(*given[:-1], ["json:out.json"], given[-1], "en") == 0
    with open("out.json", encoding="utf-8") as file:  # noqa: PTH123
        return json.load(file)


def test_runs_are_listed_with_what_changed(config, capsysbinary):
    found = as_json(commands.history, 30, config)
    assert found["schema"] == "merchantwatch.history/1"
    assert [run["id"] for run in found["runs"]] == [3, 2, 1]
    assert [run["breached"] for run in found["runs"]] == [1, 2, 1]
    assert found["runs"][1]["tasks_by_status"] == {"ongoing": 1, "worsened": 1}
    assert found["runs"][0]["tasks_by_status"] == {"ongoing": 1, "resolved": 1}
    assert len(as_json(commands.history, 2, config)["runs"]) == 2
    for lang, word in (("zh", "判定时刻"), ("en", "as of")):
        commands.history(30, (), config, lang)
        assert word.encode() in capsysbinary.readouterr().out


def test_a_trend_tells_what_was_not_judged_from_nothing(config, capsysbinary):
    points = as_json(commands.trend, "dy100", 30, config)["points"]
    assert [(p["broken"], p["near"]) for p in points] == [(1, 1), (2, 0), (1, 0)]
    points = as_json(commands.trend, "DY301", 30, config)["points"]
    assert {p["broken"] for p in points} == {None}
    points = as_json(commands.trend, None, 2, config)["points"]
    assert [(p["run"], p["broken"], p["tasks"]) for p in points] == [(2, 2, 2), (3, 1, 1)]
    commands.trend("ship-due", 30, (), config, "zh")
    assert "█" in capsysbinary.readouterr().out.decode()
    with pytest.raises(mw.UsageError, match="DY99: no such rule"):
        commands.trend("DY99", 30, (), config, "en")


def test_two_runs_are_compared(config, capsysbinary):
    found = as_json(commands.diff, "last", "1", config)
    assert (found["before"]["run"], found["after"]["run"]) == (1, 3)
    by_task = {(c["kind"], c["how"]) for c in found["changes"]}
    assert by_task >= {("finding", "resolved"), ("task", "resolved"), ("finding", "worsened")}
    commands.diff("2026-11-19", "2026-11-20", (), config, "zh")
    out = capsysbinary.readouterr().out.decode()
    assert "运行 1（2026-11-19 23:00:00）→ 2" in out
    commands.diff("2", "2", (), config, "en")
    assert "no differences" in capsysbinary.readouterr().out.decode()


@pytest.mark.parametrize(("name", "number"), [("last", 2), ("2026-11-20", 1), ("1", 0)])
def test_a_recorded_run_is_rendered_as_it_was(config, nights, name, number):
    for fmt in ("json", "html"):
        report(None, (f"{fmt}:again.{fmt}",), None, {"recorded": name, "config": config})
        assert (nights / f"again.{fmt}").read_bytes() == (nights / f"{number}.{fmt}").read_bytes()


@pytest.mark.parametrize(
    ("name", "flags", "reason"),
    [
        (None, {}, "name a report .* and not both"),
        ("0.json", {"recorded": "last"}, "name a report .* and not both"),
        (None, {"recorded": "17"}, "17: no such run"),
    ],
)
def test_a_report_is_of_one_run(config, name, flags, reason):
    with pytest.raises(mw.UsageError, match=reason):
        report(name, (), None, {**flags, "config": config})


def test_a_report_that_was_too_large_is_reported(nights, config):
    import sqlalchemy

    from merchantwatch.history.tables import runs

    with opened(nights / "h.db") as store, store.writing() as connection:
        stored = connection.execute(sqlalchemy.select(runs.c.report).where(runs.c.id == 2)).scalar()
        connection.execute(runs.update().where(runs.c.id == 2).values(report=None))
    with pytest.raises(mw.UsageError, match="the report of run 2 was too large"):
        report(None, (), None, {"recorded": "2", "config": config})
    with opened(nights / "h.db") as store, store.writing() as connection:
        connection.execute(runs.update().where(runs.c.id == 2).values(report=stored))


@pytest.mark.parametrize("room", [0, 1])
def test_a_report_is_stored_up_to_a_size(tmp_path, monkeypatch, room):
    """A report within the bound is stored whole, one beyond it not at all."""
    (tmp_path / "merchantwatch.toml").write_text('[history]\npath = "h.db"\n')
    path = write_csv(tmp_path / "a.csv", douyin(LATE))
    flags = {"as_of": "2026-11-21 23:00", "select": ("DY100",), "output": ("json:r.json",)}
    monkeypatch.setattr(run_record, "_PIECE", 100)
    for night in (1, 2):
        flags["as_of"] = f"2026-11-21 23:0{night}"
        assert scan([str(path)], flags, "merchantwatch.toml", quiet=True, verbose=False) == 0
        with opened(tmp_path / "h.db") as store, store.reading() as connection:
            stored = ledger.report_of(connection, night)
        if night == 1:
            assert json.loads(zlib.decompress(stored))["findings"]
            assert zlib.decompress(stored) == (tmp_path / "r.json").read_bytes()
        else:
            # The second has the same size but for its moment.
            assert (stored is None) is (room == 0)
        monkeypatch.setattr(run_record, "_LARGEST_REPORT", room and len(stored or b"") * 2)


def test_where_nothing_is_recorded_nothing_is_created(tmp_path):
    (tmp_path / "merchantwatch.toml").write_text('[history]\npath = "none.db"\n')
    for ask in (
        lambda: commands.history(30, (), None, "en"),
        lambda: commands.diff("1", "2", (), None, "en"),
        lambda: commands.prune("1d", None, "en"),
        lambda: report(None, (), None, {"recorded": "last"}),
    ):
        with pytest.raises(mw.UsageError, match=r"none\.db: no run is recorded there yet"):
            ask()
    assert [path.name for path in tmp_path.iterdir()] == ["merchantwatch.toml"]
    with opened(tmp_path / "none.db"):
        pass
    with pytest.raises(mw.UsageError, match="the history holds no run yet"):
        commands.history(30, (), None, "en")
    with pytest.raises(mw.UsageError, match="--keep '1 fortnight'"):
        commands.prune("1 fortnight", None, "en")


def test_an_unknown_format_is_refused(config):
    with pytest.raises(mw.UsageError, match="-o html: text or json"):
        commands.history(30, ("html",), config, "en")


def test_names_of_shops_and_products_are_harmless():
    found = recorded.trend_of_rule([Run(1, FIRST, "1")], "DY1", Text(zh="\x1b[31m", en="\x1b[31m"))
    for fmt in ("text", "json"):
        file = io.BytesIO()
        recorded.render(found, fmt, file, "en")
        assert b"\x1b" not in file.getvalue()


def test_older_runs_are_forgotten_and_the_last_one_stays(history, capsys, tmp_path):
    config = tmp_path / "merchantwatch.toml"
    key = "path" if not isinstance(history, str) else "url"
    config.write_text(f"[history]\n{key} = {json.dumps(str(history))}\n")
    draw = Random(5)
    with opened(history) as store:
        for number in range(6):
            with store.writing() as connection:
                record(connection, night(draw, number))
    for keep, left in (("5d", 6), ("4 days", 5), ("36h", 2), ("1s", 1), ("1s", 1)):
        assert commands.prune(keep, str(config), "en") == 0
        assert f"{left} {'is' if left == 1 else 'are'} kept" in capsys.readouterr().out
