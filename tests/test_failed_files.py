"""Of a file that breaks off nothing stays, though files alike are read and judged together."""

from itertools import chain, islice

import pytest
from conftest import LATE, SHORT, douyin, write_csv

from merchantwatch.engines.duckdb import judging
from merchantwatch.errors import InputError

LINES = {"a.csv": [LATE, SHORT, {}], "b.csv": [LATE] * 9, "c.csv": [SHORT, LATE, LATE]}
MANY = 1 << 17
CHUNK = ("just_judged", "source_")
"""What holds the last rows that were looked at, until others take their place."""


@pytest.fixture
def exports(tmp_path):
    """Three exports alike, whose ids are all different."""
    rows = iter(douyin(*chain(*LINES.values())))
    for name, lines in LINES.items():
        write_csv(tmp_path / name, list(islice(rows, len(lines))))
    return tmp_path


def breaking_off(monkeypatch, name):
    """Let a file break off after its last row."""
    real = judging.read

    def read(source, wanted, path, load):
        def broken(batches):
            yield from batches
            raise InputError("it breaks off", "文件中断")

        real(source, wanted, path, (lambda b: load(broken(b))) if name in source.label else load)

    monkeypatch.setattr(judging, "read", read)


def left_of(report):
    """What a run says and holds, but for names and numbers of files."""
    engine = report._run.engine
    query = "select distinct table_name as name from information_schema.columns where column_name = 'source'"
    names = {row["name"] for row in engine.table(query).to_pylist()}
    names = {name for name in names if not name.startswith(CHUNK)}
    result = report.to_dict()
    return {
        "hits": sorted(map(tuple, report.hits()[["code", "line_id", "state"]].to_numpy())),
        "rules": result["rules"],
        "totals": result["totals"],
        "accounting": result["accounting"],
        "tables": {name: len(engine.table(f"select source from {name}")) for name in names},
    }


@pytest.mark.looks_at("DY100", "DY101", "DY201", "IR101")
@pytest.mark.parametrize("broken", LINES)
@pytest.mark.parametrize(
    ("chunk", "few", "mattering"),
    [(MANY, MANY, MANY), (4, MANY, MANY), (4, 0, MANY), (4, 0, 2)],
    ids=["rows-wait", "rows-judged", "those-that-matter-wait", "all-in-tables"],
)
def test_of_a_failed_file_nothing_stays(broken, chunk, few, mattering, exports, scan, monkeypatch):
    monkeypatch.setattr(judging, "chunk_rows", lambda *_, **__: chunk)
    monkeypatch.setattr(judging, "_FEW_ROWS", few)
    monkeypatch.setattr(judging, "_MATTERING_ROWS", mattering)
    paths = {name: exports / name for name in LINES}
    others = left_of(scan(*(path for name, path in paths.items() if name != broken)))
    breaking_off(monkeypatch, broken)
    report = scan(*paths.values())
    assert [failed.en for failed in report.results.failed] == ["it breaks off"]
    found = left_of(report)
    assert found["hits"] == others["hits"]
    assert found == others
