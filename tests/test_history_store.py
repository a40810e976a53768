"""A history as a database, on SQLite and on a PostgreSQL server: what is written is read again."""

import os
import random
import shutil
import signal
import sqlite3
import string
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from merchantwatch.history import ledger, store, tables
from merchantwatch.history.faults import HistoryError
from merchantwatch.history.items import Item
from merchantwatch.history.recording import Night, record
from merchantwatch.history.runs import Input, Shop
from merchantwatch.history.store import opened
from merchantwatch.language.text import Text
from merchantwatch.results.past import Guard

FIRST = datetime(2026, 1, 1, 7)


def item(key, **fields):
    given = {"state": "near", "severity": "high", "count": 1, "scope": "line", "shop": None}
    given |= {
        "text": Text(zh=f"订单 {key}", en=f"order {key}"),
        "lines": (key,),
        "money": Decimal("9.90"),
    }
    return Item("finding", "DY100", "douyin", key=key, **{**given, **fields})


def night(number, items, guards=(), verdict="resolved"):
    moment = FIRST + timedelta(number)
    return Night(
        as_of=moment,
        program="1",
        inputs=(Input("orders.csv", f"{number:064}", 7),),
        shops=(Shop("douyin", None, 3, {"2026-01-01": 3}, FIRST),),
        settings={"tz": "Asia/Shanghai"},
        totals={"lines": 3},
        items=items,
        guards=guards,
        verdicts=lambda missing, _: {one.fingerprint: verdict for one in missing},
    )


def recorded(place, *nights, hooks=()):
    with opened(place) as history:
        for one in nights:
            with history.writing() as connection:
                last = record(connection, one, hooks)
    return last


def statuses(run):
    return [(c.item.key, c.episode, c.status, c.alert, c.reason) for c in run.changes]


def test_episodes_are_numbered_and_go_on_where_the_last_run_left_them(history):
    first = recorded(history, night(1, [item("1"), item("2")]))
    assert first.baseline
    assert statuses(first) == [("1", 1, "new", "opened", None), ("2", 1, "new", "opened", None)]
    second = recorded(history, night(2, [item("2", state="breached")]))
    assert (second.run.id, second.previous.id, second.baseline) == (2, 1, False)
    assert statuses(second) == [
        ("2", 1, "worsened", "worsened", None),
        ("1", 1, "resolved", "closed", "resolved"),
    ]
    third = recorded(history, night(3, [item("1")], verdict="unknown"))
    assert statuses(third) == [("1", 2, "new", "opened", None), ("2", 1, "unknown", None, None)]
    fourth = recorded(history, night(4, [item("2", state="breached")], verdict="gone"))
    assert statuses(fourth) == [("2", 1, "ongoing", None, None), ("1", 2, "gone", "closed", "gone")]


def test_what_is_written_is_read_again_as_it_was(history):
    long = item("".join(random.Random(1).choices(string.ascii_letters, k=10_000)))
    guard = Guard("stale-export", "一号店", Text(zh="旧", en="old"))
    hostile = item(
        "'; drop table mw_runs; -- \N{PILE OF POO} \u202e",
        shop="a'b",
        strikes=2,
        penalty=Decimal("2.00"),
    )
    recorded(history, night(1, [hostile, long], guards=[guard]))
    with opened(history) as found, found.reading() as connection:
        [run] = ledger.runs_of(connection)
        one = night(1, [])
        assert (run.inputs, run.shops, run.settings, run.totals) == (
            one.inputs,
            one.shops,
            one.settings,
            one.totals,
        )
        assert run.guards == (guard,)
        assert [episode.item for episode in ledger.open_or_pending(connection)] == [
            hostile,
            long,
        ]
        assert ledger.report_of(connection, run.id) is None


def test_alerts_wait_where_a_guard_holds_them_and_are_raised_by_the_next_run(history):
    same = Guard("same-inputs", None, Text(zh="", en=""), ("resolve", "alert"))
    recorded(history, night(1, []))
    assert statuses(recorded(history, night(2, [item("1")], guards=[same]))) == [
        ("1", 1, "new", None, None)
    ]
    assert statuses(recorded(history, night(3, [item("1")]))) == [
        ("1", 1, "ongoing", "opened", None)
    ]
    closing = recorded(history, night(4, [item("1", suppressed=True)], guards=[same]))
    assert statuses(closing) == [("1", 1, "suppressed", None, "suppressed")]
    assert statuses(recorded(history, night(5, []))) == [
        ("1", 1, "suppressed", "closed", "suppressed")
    ]
    assert statuses(recorded(history, night(6, []))) == []


def test_a_run_is_written_whole_or_not_at_all(history):
    recorded(history, night(1, [item("1")]))

    def broken(_connection, _run):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        recorded(history, night(2, [item("2")]), hooks=[broken])
    again = recorded(history, night(2, [item("2")]))
    assert (again.run.id, again.previous.id) == (2, 1)
    assert [change[:3] for change in statuses(again)] == [("2", 1, "new"), ("1", 1, "resolved")]


KILLED = """
import os, pathlib, signal, sys
sys.path.insert(0, {tests!r})
from test_history_store import item, night, recorded
place = sys.argv[1] if "://" in sys.argv[1] else pathlib.Path(sys.argv[1])
recorded(place, night(2, [item("2")]), hooks=[lambda *_: os.kill(os.getpid(), signal.SIGKILL)])
"""


def test_a_run_that_is_killed_while_it_is_recorded_never_was(history):
    recorded(history, night(1, [item("1")]))
    before = _everything(history)
    killed = KILLED.format(tests=str(Path(__file__).parent))
    assert (
        subprocess.run([sys.executable, "-c", killed, str(history)], check=False).returncode
        == -signal.SIGKILL
    )
    assert _everything(history) == before
    assert statuses(recorded(history, night(2, [item("1")]))) == [("1", 1, "ongoing", None, None)]


def test_a_full_disk_keeps_the_history_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "h.db"
    recorded(path, night(1, [item("1")]))
    before = _everything(path)
    prepare = store._prepare_sqlite

    def on_a_full_disk(connection, record):
        prepare(connection, record)
        pages = connection.execute("pragma page_count").fetchone()[0]
        connection.execute(f"pragma max_page_count = {pages}")

    monkeypatch.setattr(store, "_prepare_sqlite", on_a_full_disk)
    with pytest.raises(HistoryError, match="make room"):
        recorded(path, night(2, [item(str(n)) for n in range(1000)]))
    monkeypatch.undo()
    assert _everything(path) == before


@pytest.fixture
def unprivileged():
    """A folder of another user's, and acting as that user: root may write anywhere."""
    folder = Path(tempfile.mkdtemp(prefix="mw-unprivileged-"))
    folder.chmod(0o755)
    yield folder
    if os.geteuid() != os.getuid():
        os.seteuid(os.getuid())
    folder.joinpath("there").chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("what", ["file", "folder", "nothing"])
def test_a_history_that_may_not_be_written(unprivileged, what):
    path = unprivileged / "there" / "h.db"
    recorded(path, night(1, [item("1")]))
    if what == "nothing":
        path.unlink()
    else:
        path.chmod(0o444)
    path.parent.chmod(0o777 if what == "file" else 0o555)
    if os.geteuid() == 0:
        os.seteuid(65534)
    with pytest.raises(HistoryError) as refused:
        recorded(path, night(2, [item("1")]))
    assert refused.value.en.startswith(f"{path}: the history cannot be used")
    assert "written to" in refused.value.en or "writing to" in refused.value.en


@pytest.mark.parametrize("change", ["set guards = 3", "set inputs = '[{}]'", "set as_of = 'then'"])
def test_a_history_with_unexpected_content_is_reported(tmp_path, change):
    path = tmp_path / "h.db"
    recorded(path, night(1, [item("1")]))
    change = change.replace("set guards = 3", "set guards = '3'")
    with sqlite3.connect(path) as connection:
        connection.execute(f"update mw_runs {change}")
    with pytest.raises(HistoryError, match="move it away"):
        recorded(path, night(2, [item("1")]))


def test_a_schema_that_no_program_has_written_is_reported(tmp_path):
    path = tmp_path / "h.db"
    recorded(path, night(1, []))
    with sqlite3.connect(path) as connection:
        connection.execute("update mw_schema set version_num = '0000'")
    with pytest.raises(HistoryError, match="move it away"), opened(path):
        pass


def test_a_rehearsal_compares_and_keeps_nothing(history):
    with opened(history, dry_run=True) as found, found.rehearsing() as connection:
        assert record(connection, night(1, [item("1")])).baseline
    if isinstance(history, Path):
        assert not history.parent.exists()
    recorded(history, night(1, [item("1")]))
    with opened(history, dry_run=True) as found, found.rehearsing() as connection:
        assert statuses(record(connection, night(2, [])))[0][2] == "resolved"
    assert statuses(recorded(history, night(2, [item("1")]))) == [("1", 1, "ongoing", None, None)]


def test_old_runs_are_forgotten_and_what_is_open_is_not(history):
    nights = [night(number, [item("old"), item(str(number))]) for number in range(1, 11)]
    recorded(history, *nights)
    with opened(history) as found:
        with found.writing() as connection:
            assert ledger.prune(connection, FIRST + timedelta(8)) == 7
            assert ledger.prune(connection, FIRST + timedelta(8)) == 0
        with found.reading() as connection:
            assert [run.id for run in ledger.runs_of(connection)] == [10, 9, 8]
            followed = [(e.item.key, e.opened) for e in ledger.open_or_pending(connection)]
            assert followed == [("old", 1), ("10", 10)]
            counts = {name: connection.execute(sqlalchemy.select(sqlalchemy.func.count()).select_from(table)).scalar() for name, table in tables.metadata.tables.items()}  # fmt: skip
        # Two of each night, and what the night before had; of the oldest night that stays, what it closed.
        assert counts["mw_statuses"] == 9
        assert counts["mw_episodes"] == 5
        with found.writing() as connection:
            assert ledger.prune(connection, datetime(2100, 1, 1)) == 2
    again = recorded(history, night(11, [item("old"), item("1")]))
    assert again.run.id == 11
    assert [change[:3] for change in statuses(again)] == [
        ("old", 1, "ongoing"),
        ("1", 2, "new"),
        ("10", 1, "resolved"),
    ]


def test_the_newest_migration_makes_the_tables_that_the_program_knows(history):
    scripts = ScriptDirectory(str(Path(store.__file__).parent / "migrations"))
    assert scripts.get_current_head() == tables.SCHEMA
    with opened(history) as found, found.reading() as connection:
        options = {"version_table": tables.VERSION_TABLE, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, tables.metadata) == []


def test_an_upgrade_keeps_everything_or_does_not_happen(history, monkeypatch, tmp_path):
    """From the first schema to one that is not there yet, in one transaction."""
    recorded(history, night(1, [item("1")]), night(2, [item("1"), item("2")]))
    with opened(history) as found, found.writing() as connection:
        waiting = {
            "delivery_id": "d",
            "run_id": 2,
            "channel": "ops",
            "state": "waiting",
            "attempts": 1,
        }
        waiting |= {"unclear": False, "reported": False, "counts": "{}"}
        connection.execute(sqlalchemy.insert(tables.deliveries), waiting)
    before = _everything(history)
    assert before["mw_deliveries"]
    scripts = tmp_path / "migrations"
    (scripts / "versions").mkdir(parents=True)
    ours = Path(store.__file__).parent / "migrations"
    (scripts / "env.py").write_text((ours / "env.py").read_text())
    for one in (ours / "versions").glob("0*.py"):
        (scripts / "versions" / one.name).write_text(one.read_text())
    step = scripts / "versions" / "9999_next.py"
    code = f"revision = '9999'\ndown_revision = '{tables.SCHEMA}'\nfrom alembic import op\nimport sqlalchemy as sa\n\ndef upgrade():\n    op.add_column('mw_runs', sa.Column('more', sa.Text))\n"
    monkeypatch.setattr(store, "_MIGRATIONS", scripts)
    monkeypatch.setattr(store, "SCHEMA", "9999")
    step.write_text(code + "    op.execute('select nothing from nowhere')\n")
    with pytest.raises(HistoryError), opened(history):
        pass
    monkeypatch.setattr(store, "SCHEMA", tables.SCHEMA)
    assert _everything(history) == before
    monkeypatch.setattr(store, "SCHEMA", "9999")
    step.write_text(code)
    assert [row[:-1] for row in _everything(history)["mw_runs"]] == before["mw_runs"]
    assert {**_everything(history), "mw_runs": before["mw_runs"]} == before
    # What an older program finds then is a history of a newer one.
    monkeypatch.setattr(store, "SCHEMA", tables.SCHEMA)
    with pytest.raises(HistoryError, match="newer merchantwatch"), opened(history):
        pass
    with (
        pytest.raises(HistoryError, match="newer merchantwatch"),
        opened(history, dry_run=True) as found,
        found.rehearsing(),
    ):
        pass


def _everything(place):
    with opened(place) as found, found.reading() as connection:
        return {
            name: [
                tuple(row)
                for row in connection.execute(
                    sqlalchemy.text(f"select * from {name} order by 1, 2")
                )
            ]
            for name in tables.metadata.tables
        }


def test_a_year_of_nights_stays_small_and_quick(tmp_path):
    """A twentieth of it: 100 findings a night, of which a quarter is new each time."""
    nights = [
        night(number, [item(f"{number - age}-{place}") for age in range(4) for place in range(25)])
        for number in range(1, 19)
    ]
    path = tmp_path / "history.db"
    recorded(path, *nights)
    with sqlite3.connect(path) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    assert path.stat().st_size * 365 / 18 < 50_000_000


def test_what_cannot_be_a_url_is_refused_without_its_password():
    for url in (
        "postgres://u:s3cret@h/d",
        "mysql://u:s3cret@h/d",
        "s3cret",
        "postgresql+psycopg://u:s3cret@h:port/d",
    ):
        with pytest.raises(store.UsageError) as refused:
            store.check_url(url)
        assert "s3cret" not in refused.value.en + refused.value.zh
        assert "postgresql+psycopg://" in refused.value.en


def test_an_unreachable_server_is_reported_without_the_password():
    url = "postgresql+psycopg://u:s3cret@127.0.0.1:1/d"
    store.check_url(url)
    with pytest.raises(HistoryError) as refused, opened(url):
        pass
    assert "s3cret" not in refused.value.en + refused.value.zh
    assert "127.0.0.1" in refused.value.en
