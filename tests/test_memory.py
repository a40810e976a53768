"""The database's memory: bounded, reported where it is too little, and begun with less where less will do."""

import pyarrow as pa
import pytest
from conftest import SAMPLE

from merchantwatch.engines.duckdb import waiting
from merchantwatch.engines.duckdb.database import Database
from merchantwatch.errors import UsageError

MILLION = "select range as a, hash(range) as b, hash(-range) as c from range(1000000) order by b"


def _setting(database: Database, name: str) -> str:
    return database.table(f"select current_setting('{name}') as it")["it"][0].as_py()


@pytest.mark.parametrize("command", ["scan", "check"])
def test_too_little_memory_is_reported(run, command):
    result = run(command, SAMPLE, "--memory", "1MB")
    assert result.returncode == 2
    assert "--memory 1MB: it is too little for these files" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(("memory", "is_noted"), [("649MB", True), ("650MB", False)])
def test_of_memory_below_what_reading_takes_a_note_tells(memory, is_noted, scan):
    notes = scan(SAMPLE, as_of="2026-11-21", select=["DY100"], memory=memory).to_dict()["notes"]
    texts = [note["text"] for note in notes if note["code"] == "memory-floor"]
    assert [f"--memory {memory}: large files take about 650 MB in all" in one for one in texts] == (
        [True] if is_noted else []
    )


def test_a_thrifty_database_takes_more_where_it_must():
    database = Database("600MB", 2, thrifty="4MB")
    assert _setting(database, "memory_limit") == "1.9 MiB"
    database.run(f"create table t as {MILLION}")
    assert _setting(database, "memory_limit") == "286.1 MiB"
    assert database.table("select count(*) as n, count(distinct b) as m from t").to_pylist() == [
        {"n": 1_000_000, "m": 1_000_000}
    ]
    database.close()


def test_a_database_takes_no_more_than_it_may():
    database = Database("4MB", 2, thrifty="600MB")
    with pytest.raises(UsageError, match="--memory 4MB"):
        database.run(f"create table t as {MILLION}")
    database.close()


@pytest.mark.parametrize(
    ("requested", "threads"), [(None, [1, 2, 2]), (1, [1, 1, 1]), (7, [7, 7, 7])]
)
def test_threads_have_rows_and_memory_to_work_in_unless_their_number_is_set(requested, threads):
    database, there_were = Database("100MB", requested, thrifty=None), []
    for rows in (1 << 14, 1, 1):
        database.register("rows", pa.table({"n": range(rows)}))
        there_were.append(int(_setting(database, "threads")))
    assert there_were == threads
    database.close()


@pytest.mark.parametrize("threads", [None, 1, 2])
def test_rows_come_in_the_order_that_was_requested(threads):
    database = Database("1GB", threads, None)
    database.run("create table many as select range as n, range % 10 as place from range(300000)")
    for _ in range(10):
        places = database.table("select n, place from many order by place")["place"].to_pylist()
        assert places == sorted(places)


@pytest.mark.parametrize("length", [10, 100_000])
def test_rows_of_long_cells_are_judged_before_there_are_many(monkeypatch, length):
    monkeypatch.setattr(waiting, "_MOST_BYTES", 1_000_000)
    judged = []
    rows = waiting.Waiting(1000, lambda some, _: judged.append(len(some)))
    batch = pa.record_batch({"c0": ["a" * length] * 4, "source": pa.array([0] * 4, pa.int32())})
    for _ in range(25):
        rows.add(batch, waiting.BatchKey(batch.schema))
    rows.finish()
    assert judged == ([100] if length == 10 else [12] * 8 + [4])


def test_long_cells_say_the_same_in_many_chunks(scan, monkeypatch):
    def outcome():
        report = scan(SAMPLE / "orders.csv", SAMPLE / "parcels.csv")
        return report.to_dict(), report.hits().to_csv()

    in_one = outcome()
    monkeypatch.setattr(waiting, "_MOST_BYTES", 20_000)
    monkeypatch.setattr("merchantwatch.reading.attempts.BLOCK_BYTES", 20_000)
    assert outcome() == in_one
