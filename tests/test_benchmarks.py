"""The benchmarks: the same data every time, no time without equal answers, targets judged."""

import importlib.util
import json
import subprocess
import sys

import pytest
from conftest import ROOT

BENCHMARKS = ROOT / "benchmarks"
pytestmark = pytest.mark.skipif(not BENCHMARKS.exists(), reason="benchmarks are not here")

MACHINE = {"processor": "some", "cores": "2", "memory": "8 GiB", "system": "some"}


def _run(script, *arguments):
    command = [sys.executable, str(BENCHMARKS / script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def answers():
    spec = importlib.util.spec_from_file_location("answers", BENCHMARKS / "harness" / "answers.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "form", [["--files", 2], ["--parquet", "--shops", 3]], ids=["csv", "parquet"]
)
def test_the_same_arguments_make_the_same_files(tmp_path, form):
    contents = []
    for name in ("a", "b", "c"):
        seed = ["--seed", 1] if name == "c" else []
        done = _run("generate.py", 500, tmp_path / name, *form, *seed)
        assert done.returncode == 0, done.stderr
        contents.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert contents[0] == contents[1]
    assert contents[0].keys() == contents[2].keys()
    assert contents[0] != contents[2], "another seed draws another world"


SCENARIOS = """
[[scenario]]
name = "csv"
title = "CSV in two files"
data = { lines = 3000, files = 2, overlap = 0.2, damaged = 0.01 }
contenders = ["merchantwatch", "pandas"]
warm_up = false

[[scenario]]
name = "parquet"
title = "Parquet"
data = { lines = 3000, parquet = true, shops = 5, late = 10.0, damaged = 0.01 }
contenders = ["merchantwatch", "duckdb", "duckdb-lean"]
warm_up = false
chart = true

[[scenario]]
name = "joined"
title = "With parcels and cases"
data = { lines = 3000, late = 10.0, damaged = 0.01, joined = true }
contenders = ["merchantwatch-ten-rules", "duckdb-joined"]
warm_up = false

[[growth]]
title = "lines"
along = "lines"
series = [{ title = "both", scenarios = ["csv", "parquet"], contenders = ["merchantwatch"] }]
"""


def test_a_run_compares_answers_saves_results_and_writes_the_report(tmp_path):
    (tmp_path / "scenarios.toml").write_text(SCENARIOS, encoding="utf-8")
    done = _run(
        "run.py", "--repeats", 1, "--scenarios", tmp_path / "scenarios.toml",
        "--data", tmp_path, "--results", tmp_path / "results", "--docs", tmp_path / "docs",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    csv = json.loads((tmp_path / "results" / "csv.json").read_text("utf-8"))
    assert csv["accounting"]["superseded"] > 100
    assert csv["accounting"]["quarantined"] > 10
    assert [len(taken["runs"]) for taken in csv["contenders"].values()] == [1, 1]
    report = (tmp_path / "docs" / "performance.md").read_text("utf-8")
    assert "DuckDB by hand, lean" in report
    assert str(tmp_path) not in report
    for chart in ("performance.svg", "performance-growth.svg"):
        assert chart in report
        assert (tmp_path / "docs" / chart).exists()


def test_no_time_is_stored_when_answers_differ(tmp_path):
    codes = ["DY100", "DY101", "DY102", "DY201", "DY202"]
    names = ["rows_read", "lines", "quarantined", "superseded", "later"]
    wrong = {
        "accounting": dict.fromkeys(names, 1),
        "rules": {code: {"hits": 777, "breached": 777, "near": 777} for code in codes},
    }
    listed = (BENCHMARKS / "contenders.toml").read_text("utf-8")
    code = f"print('''{json.dumps(wrong)}''')".replace("{", "{{").replace("}", "}}")
    liar = f'[liar]\ntitle = "liar"\ncommand = ["{{python}}", "-c", {json.dumps(code)}]\n'
    (tmp_path / "contenders.toml").write_text(liar + listed, encoding="utf-8")
    (tmp_path / "scenarios.toml").write_text(
        '[[scenario]]\nname = "one"\ntitle = "one"\ndata = { lines = 300 }\n'
        'contenders = ["merchantwatch", "liar"]\nwarm_up = false\n',
        encoding="utf-8",
    )
    done = _run(
        "run.py", "--scenarios", tmp_path / "scenarios.toml",
        "--contenders", tmp_path / "contenders.toml",
        "--results", tmp_path / "results", "--docs", tmp_path / "docs",
    )  # fmt: skip
    assert done.returncode == 1
    assert "merchantwatch and liar differ in DY100 hits" in done.stderr
    assert not (tmp_path / "results").exists()


def test_answers_are_compared_number_by_number(answers):
    ours = {"DY100": {"hits": 5, "breached": 5, "near": 9}}
    sums = {"DY100": {"hits": 5, "findings": 14}}
    other = {"DY100": {"hits": 5, "breached": 5, "near": 8}}
    assert answers.differences(ours, ours, ["DY100"]) == []
    assert answers.differences(ours, sums, ["DY100"]) == []
    assert answers.differences(sums, ours, ["DY100"]) == []
    assert answers.differences(ours, other, ["DY100"]) == ["DY100 near: 9 and 8"]
    assert answers.differences(sums, other, ["DY100"]) == ["DY100 findings: 14 and 13"]
    assert answers.differences(ours, other, ["DY100"], within=1) == []
    assert answers.differences(ours, {}, ["DY100"]) != []
    assert answers.differences({}, {}, ["DY100"]) != []


def _result(name, lines, walls):
    contenders = {
        contender: {
            "runs": [{"wall": wall, "cpu": wall, "peak": 10**8, "others": 0} for wall in taken]
        }
        for contender, taken in walls.items()
    }
    return {
        "scenario": name, "date": "2026-11-22", "machine": MACHINE, "versions": {"Python": "3"},
        "data": {"lines": lines}, "size": 1, "accounting": {}, "contenders": contenders,
    }  # fmt: skip


TARGETS = """
[[target]]
says = "ratio"
measure = "wall"
of = { scenario = "a", contender = "merchantwatch" }
over = { scenario = "a", contender = "polars" }
at_most = 2.0

[[target]]
says = "strictly below"
measure = "wall"
of = { scenario = "a", contender = "merchantwatch" }
below = 4.0
note = "what bounds it"

[[target]]
says = "per line"
measure = "wall_per_line"
of = { scenario = "b", contender = "merchantwatch" }
over = { scenario = "a", contender = "merchantwatch" }
at_least = 0.6

[[target]]
says = "elsewhere"
measure = "peak"
of = { scenario = "c", contender = "merchantwatch" }
below = 600.0

[[target]]
says = "of two days"
measure = "wall_per_line"
of = { scenario = "d", contender = "merchantwatch" }
over = { scenario = "a", contender = "merchantwatch" }
at_most = 1.5

[[target]]
says = "memory of two days"
measure = "peak"
of = { scenario = "d", contender = "merchantwatch" }
over = { scenario = "a", contender = "merchantwatch" }
at_most = 1.5
"""


def test_targets_are_judged_by_medians_of_full_scenarios(tmp_path):
    lines = {"a": 1000, "b": 2000, "c": 3000, "d": 1000}
    scenarios = [
        f'[[scenario]]\nname = "{name}"\ntitle = "{name}"\ndata = {{ lines = {number} }}\n'
        'contenders = ["merchantwatch", "polars"]\n'
        for name, number in lines.items()
    ]
    (tmp_path / "scenarios.toml").write_text("\n".join(scenarios), encoding="utf-8")
    (tmp_path / "targets.toml").write_text(TARGETS, encoding="utf-8")
    walls = {"merchantwatch": [9.0, 4.0, 3.0], "polars": [2.0, 2.0, 2.0]}
    for name, seconds in {"a": 1000, "b": 2000, "c": 300, "d": 1000}.items():
        path = tmp_path / "results" / f"{name}.json"
        path.parent.mkdir(exist_ok=True)
        day = {"date": "2026-11-23"} if name == "d" else {}
        path.write_text(json.dumps(_result(name, seconds, walls) | day), encoding="utf-8")
    done = _run(
        "report.py", "--scenarios", tmp_path / "scenarios.toml",
        "--targets", tmp_path / "targets.toml",
        "--results", tmp_path / "results", "--docs", tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "| ratio | at most 2.00× | 2.00× | 2026-11-22 | held |" in done.stdout
    assert "| strictly below | below 4 s | 4 s | 2026-11-22 | **missed** |" in done.stdout
    assert "| per line | at least 0.60× | 0.50× | 2026-11-22 | **missed** |" in done.stdout
    assert "| elsewhere | below 600 MB |  |  | not measured |" in done.stdout
    assert "| of two days | at most 1.50× |  |  | not measured |" in done.stdout
    assert "| memory of two days | at most 1.50× | 1.00× | 2026-11-23 | held |" in done.stdout
    report = (tmp_path / "performance.md").read_text("utf-8")
    assert "*strictly below*: what bounds it" in report
    assert "### c (a try with fewer lines)" in report
