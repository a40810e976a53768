"""The sample tells of its rules, and its README tells the truth about it."""

import re
import shlex
import subprocess
import sys
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
import pytest
from conftest import ROOT, SAMPLE

import merchantwatch as mw
from merchantwatch.rules import built_in

pytestmark = pytest.mark.xdist_group("sample")  # one process scans what most look at

README = (SAMPLE / "README.md").read_text(encoding="utf-8")
FIRST, WHOLE = re.findall(r"^merchantwatch scan .+$", README, re.MULTILINE)
BOOK = built_in()
ENTRIES = {bound.code: bound.rule for bound in BOOK.rules} | {BOOK.risk.code: BOOK.risk}
STORY = {"DY100", "DY101", "DY201", "DY202", "DY301", "TM101", BOOK.risk.code}
"""The rules that the sample tells of in full: broken, near, and just missed."""
SIGNALS = {bound.code for bound in BOOK.signals if bound.code < "IR112"}
"""The signals that orders and parcels show; the others need after-sales exports."""
LIMITS = sorted(STORY)
NOWHERE = "–"


def _table(heading):
    """The rows of the table under a heading, by the code that each begins with."""
    section = README.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in section.splitlines()]
    return {row[0].split()[0]: row for row in rows if row and row[0].split()[0] in ENTRIES}


def _numbers(cell):
    """The lines that a cell names: ``4–5, 7: two late lines``."""
    ranges = [part.split("–") for part in cell.split(":")[0].split(",")]
    return {n for ends in ranges for n in range(int(ends[0]), int(ends[-1]) + 1)}


def _number(line_id):
    return int(line_id[-5:])


def _scan(command, **options):
    """Scan what a command of the README names, as it says or otherwise."""
    _, _, *words = shlex.split(command)
    inputs, moment = words[: words.index("--as-of")], words[words.index("--as-of") + 1]
    paths = [path for word in inputs for path in sorted(ROOT.glob(word))]
    with mw.scan(paths, **{"as_of": moment, **options}) as report:
        hits = report.hits()
        lines = hits[hits["state"] == "hit"].groupby("code")["line_id"]
        return report.to_dict(), {code: {*map(_number, ids)} for code, ids in lines}


@cache
def _scanned():
    return _scan(WHOLE)


def _found(report, code, *states):
    """The lines behind the findings of a rule that are in these states."""
    found = [f for f in report["findings"] if f["code"] == code and f["state"] in states]
    return {_number(line) for finding in found for line in finding["lines"]}


def _edge(entry):
    """What makes a rule near, by its own data: a count, a span of time, a risk, or nothing."""
    named = ("near", "near_before", "near_after")
    return next((name for name in named if getattr(entry, name, None)), None)


@cache
def _sooner(by_limit):
    """Scan again with all limits nearer by the least there is: the limits themselves, or the moment."""
    if not by_limit:
        moment = datetime.fromisoformat(_scanned()[0]["as_of"]) + timedelta(seconds=1)
        return _scan(WHOLE, as_of=moment)[0]
    nearer = {
        # Every signal's risk is a multiple of 0.05.
        code: round(entry.near - (1 if isinstance(entry.near, int) else 0.05), 2)
        for code, entry in ENTRIES.items()
        if code in STORY and _edge(entry) == "near"
    }
    with TemporaryDirectory() as folder:
        config = Path(folder, "sooner.toml")
        config.write_text("".join(f"[rules.{c}]\nnear = {n}\n" for c, n in nearer.items()), "utf-8")
        return _scan(WHOLE, config=config)[0]


def test_the_readme_begins_with_the_sample():
    first = next(
        line for line in (ROOT / "README.md").read_text("utf-8").splitlines() if "scan " in line
    )
    assert first.endswith(FIRST)
    assert set(shlex.split(FIRST)) >= {"sample_data/orders.csv", "sample_data/parcels.csv"}


def test_every_rule_that_finds_something_is_listed():
    assert _table("Where each rule stands").keys() == STORY | SIGNALS
    assert _table("What comes out").keys() == STORY
    found = {entry["code"] for entry in _scanned()[0]["rules"] if entry.get("findings")}
    assert _table("What else it meets").keys() == found - STORY


@pytest.mark.parametrize("code", sorted(_table("What else it meets")))
def test_what_else_it_meets(code):
    _, *cells = _table("What else it meets")[code]
    for cell, state in zip(cells, ("breached", "near"), strict=True):
        assert (_numbers(cell) if cell != NOWHERE else set()) == _found(_scanned()[0], code, state)


def test_every_signal_that_hits_is_listed():
    met = {code for code in _scanned()[1] if code in {bound.code for bound in BOOK.signals}}
    assert met == SIGNALS


@pytest.mark.parametrize("code", sorted(SIGNALS))
def test_every_signal_hits_somewhere(code):
    _, *cells = _table("Where each rule stands")[code]
    assert _numbers(cells[0]) == _scanned()[1][code] != set()
    assert cells[1:] == [NOWHERE, NOWHERE], "a signal has no limit that could be near or missed"


@pytest.mark.parametrize("code", LIMITS)
def test_every_limit_is_broken_and_near(code):
    report = _scanned()[0]
    _, breached, near, _ = _table("Where each rule stands")[code]
    assert _numbers(breached) == _found(report, code, "breached") != set()
    if _edge(ENTRIES[code]):
        assert _numbers(near) == _found(report, code, "near") != set()
    else:
        assert near == NOWHERE


@pytest.mark.parametrize("code", LIMITS)
def test_every_limit_is_just_missed(code):
    missed = _numbers(_table("Where each rule stands")[code][-1])
    assert missed
    assert not missed & _found(_scanned()[0], code, "breached", "near")
    if edge := _edge(ENTRIES[code]):
        assert missed <= _found(_sooner(edge == "near"), code, "near"), "it was not a near thing"


@pytest.mark.parametrize("code", LIMITS)
def test_the_documented_counts_are_right(code):
    counts = [int(re.match(r"\d+", cell)[0]) for cell in _table("What comes out")[code][1:]]
    outcome = next(entry for entry in _scanned()[0]["rules"] if entry["code"] == code)
    assert counts == [
        outcome["hits"],
        outcome["breached"],
        outcome["findings"] - outcome["breached"],
    ]


def test_the_documented_rows_are_right():
    prose = " ".join(README.split())
    rows = _scan(FIRST)[0]["accounting"]
    assert (
        "{rows_read} rows are read: {lines} lines, {quarantined} quarantined, {superseded} superseded, {later} later."
        .format(**rows) in prose
    )  # fmt: skip
    more = _scanned()[0]["accounting"]
    assert f"Of the second {more['rows_read']}: {more['lines']} lines, and the same rows" in prose
    assert all(rows[name] == more[name] for name in ("quarantined", "superseded", "later"))


def test_the_typed_file_holds_the_same_orders():
    def outcome(path):
        with mw.scan(path, as_of="2026-11-21") as report:
            return {
                name: part
                for name, part in report.to_dict().items()
                if name in ("rules", "findings", "accounting")
            }

    assert outcome(SAMPLE / "parquet" / "orders.parquet") == outcome(SAMPLE / "orders.csv")
    columns = (SAMPLE / "orders.csv").read_text("utf-8-sig").splitlines()[0].split(",")
    assert pq.read_schema(SAMPLE / "parquet" / "orders.parquet").names == columns
    assert len(columns) == 73


def test_every_file_is_described():
    files = [path for path in SAMPLE.rglob("*") if path.suffix in (".csv", ".parquet", ".py")]
    names = [re.sub("_[0-9a-f]{32}", "_…", path.relative_to(SAMPLE).as_posix()) for path in files]
    assert [name for name in names if f"`{name}`" not in README] == []


def test_the_sample_is_what_its_script_makes(tmp_path):
    for script in SAMPLE.glob("*.py"):
        (tmp_path / script.name).write_bytes(script.read_bytes())
    subprocess.run([sys.executable, "make_sample.py"], cwd=tmp_path, check=True)

    def contents(folder: Path):
        return {path.name: path.read_bytes() for path in folder.glob("*.csv")}

    assert contents(tmp_path) == contents(SAMPLE)
    typed = Path("parquet", "orders.parquet")
    assert pq.read_table(tmp_path / typed).equals(pq.read_table(SAMPLE / typed))
