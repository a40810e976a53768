"""The steps of a run: what is made is what is named, and the docs show them as they are."""

import importlib.util
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
import sqlglot
from conftest import AS_OF, LATE, ROOT, douyin, write_csv

import merchantwatch as mw
from merchantwatch.config import HistoryPlace
from merchantwatch.engines.duckdb import DuckDBEngine
from merchantwatch.engines.duckdb.judging import Judging
from merchantwatch.pipeline import steps
from merchantwatch.pipeline.steps import ADDED_TO, VIEWS
from merchantwatch.run.scan import run as judge
from merchantwatch.settings import Settings

SQL = Path(steps.__file__).with_name("sql")


def named_twice(query):
    """The columns that some part of a query names twice."""
    for part in sqlglot.parse_one(query, read="duckdb").find_all(sqlglot.exp.Select):
        names = Counter(name for name in part.named_selects if name not in ("*", ""))
        yield from (name for name, times in names.items() if times > 1)


@pytest.fixture
def created(monkeypatch):
    """What an engine makes, by name: a table or a view.

    No query of a step names a column twice: DuckDB would take the first, Spark refuses it.
    """
    names: dict[str, str] = {}
    for kind in ("create", "view"):
        make = getattr(DuckDBEngine, kind)

        def noted(engine, name, query, make=make, kind=kind):
            if name not in names:
                assert list(named_twice(query)) == [], name
            names[name] = "view" if kind == "view" else "table"
            make(engine, name, query)

        monkeypatch.setattr(DuckDBEngine, kind, noted)
    return names


@pytest.fixture
def added_to(monkeypatch):
    """The tables that rows are added to, of whose types the rows are."""
    names, insert = set(), Judging._insert

    def noted(judging, portion, judged):
        columns = ", ".join(portion.columns)
        table, rows = (
            judging._database.table(f"select {columns} from {of} limit 0").schema
            for of in (portion.table, judged)
        )
        assert table == rows
        names.add(portion.table)
        insert(judging, portion, judged)

    monkeypatch.setattr(Judging, "_insert", noted)
    return names


def _everything(folder):
    """An export of each format, and rows that two exports, and one, have twice."""
    files = {
        path.parts[-3]: path
        for path in sorted((ROOT / "tests" / "formats").rglob("*"))
        if path.suffix in (".csv", ".xlsx") and path.name != "expected.csv"
    }.values()
    twice = douyin(LATE, LATE)
    twice[1]["主订单编号"], twice[1]["子订单编号"] = "1", twice[0]["子订单编号"]
    return [*files, write_csv(folder / "twice.csv", [*twice, *douyin({**LATE, "主订单编号": "2"})])]


def test_every_step_named_is_created_and_no_other(created, added_to, tmp_path, monkeypatch):
    monkeypatch.setattr("merchantwatch.results.findings.MOST_FINDINGS", 1)
    exempt = write_csv(tmp_path / "e.csv", [{"订单": "1", "原因": "x", "批准": "是"}])
    known = tmp_path / "known.toml"
    known.write_text('[[ignore]]\nrule = "DY100"\nreason = "r"\nuntil = 2027-01-01\n', "utf-8")
    with mw.scan(
        _everything(tmp_path), as_of=AS_OF, exemptions=exempt, ignore_file=known
    ) as report:
        assert list(report.results.read_findings())
    market = [{"order": "1", "seller": n, "made": "2026-11-01", "sent": ""} for n in "ab"]
    columns = {"order_id": "order", "shop": "seller", "created_at": "made", "shipped_at": "sent"}
    with mw.scan(write_csv(tmp_path / "market.csv", market), as_of=AS_OF, map=columns):
        pass
    recorded = Settings(datetime(2026, 11, 21), history=HistoryPlace(path=str(tmp_path / "h.db")))
    judge([str(write_csv(tmp_path / "cached.csv", douyin(LATE)))], recorded).engine.close()
    assert {name: step.kind for name, step in steps.steps().items() if name not in created} == {}
    assert created == {name: steps.steps()[name].kind for name in created}
    assert {name for name, kind in created.items() if kind == "view"} == VIEWS
    assert added_to == {*ADDED_TO, "cross_line", "twins"}


def test_every_numbered_query_is_of_a_step():
    files = {file for step in steps.steps().values() for file in step.sql}
    numbered = {path.stem for path in SQL.glob("[0-9]_*.sql")}
    assert numbered - files == set()
    assert {file for file in files if not (SQL / f"{file}.sql").is_file()} == set()


def test_the_picture_of_the_design_is_that_of_today():
    spec = importlib.util.spec_from_file_location("make_design", ROOT / "docs" / "make_design.py")
    assert spec
    assert spec.loader
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    assert make.PAGE.read_text("utf-8") == make.page(), "write it again: docs/make_design.py"


def test_explain_prints_the_steps_of_a_run(run):
    zh = run("explain", "sample_data/orders.csv", "--as-of", AS_OF, "--lang", "zh", cwd=ROOT)
    lines = zh.stdout.splitlines()
    assert zh.returncode == 0
    names = [line.split()[1] for line in lines if line[:3].strip().isdigit()]
    order = list(steps.steps())
    assert names == sorted(names, key=order.index)
    assert {"states", "judged", "hits", "findings", "tasks"} <= set(names)
    assert "parcels" not in names, "there are none"
    assert "每个范围按红线计数的结果" in zh.stdout
    assert all(len(line) <= 110 for line in lines)
