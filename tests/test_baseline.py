"""What is new since a stored report or the last run: the same either way, and in every face."""

import json
from itertools import pairwise
from zipfile import ZipFile

import pytest
from conftest import LATE, SHORT, douyin, write_csv

import merchantwatch as mw
from merchantwatch.commands.report import report
from merchantwatch.commands.scan import scan
from merchantwatch.reports.stored import read

pytestmark = pytest.mark.xdist_group("baseline")  # one process scans what most look at

NIGHTS = ("2026-11-20 23:00", "2026-11-21 23:00", "2026-11-22 23:00")
SHIPPED = {"发货时间": "2026-11-20 07:00:00", "订单状态": "已发货"}
CODES = ("DY100", "DY101", "DY201")


def nights(folder):
    """Three exports: of late lines one is shipped, one has left the export, one is added."""
    late = {**LATE, "承诺发货时间": "2026-11-20 08:00:00"}
    other = {**late, "商品ID": "37111"}
    base = douyin(late, late, late, other, SHORT, {**SHORT, "商品ID": "37112"})
    new = {**douyin(other)[0], "主订单编号": "n1", "子订单编号": "6900000000000000077"}
    second = [{**base[0], **SHIPPED}, *base[1:3], *base[4:], new]
    third = [{**row, **SHIPPED} for row in second]
    return [write_csv(folder / f"{n}.csv", rows) for n, rows in enumerate((base, second, third))]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The nights judged against the report before, and recorded in a history: their reports."""
    folder = tmp_path_factory.mktemp("nights")
    config = folder / "merchantwatch.toml"
    config.write_text('[history]\npath = "h.db"\n')
    for n, (as_of, path) in enumerate(zip(NIGHTS, nights(folder), strict=True)):
        common = {"as_of": as_of, "select": CODES, "lang": "en"}
        outputs = [f"{fmt}:{folder}/history-{n}.{fmt}" for fmt in ("json", "html")]
        assert scan([str(path)], {**common, "output": outputs}, str(config), quiet=True, verbose=False) == 0  # fmt: skip
        outputs = [
            f"{fmt}:{folder}/{n}.{fmt}" for fmt in ("json", "html", "text", "md", "md-long", "xlsx")
        ]
        flags = {**common, "output": outputs, "history": False}
        if n:
            flags["baseline"] = f"{folder}/{n - 1}.json"
        assert scan([str(path)], flags, str(config), quiet=True, verbose=False) == 0
    return folder


def report_of(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_baseline_says_what_a_history_says(runs):
    for n in (1, 2):
        stored, recorded = report_of(runs / f"{n}.json"), report_of(runs / f"history-{n}.json")
        assert stored["history"]["counts"] == recorded["history"]["counts"]
        passed = [sorted(one["history"]["passed"], key=str) for one in (stored, recorded)]
        assert passed[0] == passed[1]
        assert stored["history"]["trend"] == recorded["history"]["trend"]
        assert stored["findings"] == recorded["findings"]
        assert stored["tasks"] == recorded["tasks"]
        assert stored["history"]["previous_as_of"] == recorded["history"]["previous_as_of"]
        assert (stored["history"]["run"], stored["history"]["previous"]) == (None, None)
        assert stored["guards"] == recorded["guards"]


def test_statuses_are_those_of_the_nights(runs):
    second, third = report_of(runs / "1.json"), report_of(runs / "2.json")
    by_line = {f["key"][-2:]: f["status"] for f in second["findings"] if f["code"] == "DY100"}
    assert by_line == {"02": "ongoing", "03": "ongoing", "77": "new"}
    gone = {(p["code"], p["key"][-2:]): p["status"] for p in second["history"]["passed"]}
    assert gone["DY100", "01"] == "resolved"
    assert gone["DY100", "04"] == "gone"
    assert "history" not in report_of(runs / "0.json")
    since = {f["key"][-2:]: f["since"] for f in second["findings"] if f["code"] == "DY100"}
    assert since == {"02": "2026-11-20T23:00:00", "03": "2026-11-20T23:00:00", "77": "2026-11-21T23:00:00"}  # fmt: skip
    counts = third["history"]["counts"]["tasks"]
    assert (counts["new"], counts["resolved"]) == (0, sum(len([t]) for t in second["tasks"]))


@pytest.mark.parametrize("fmt", ["text", "md", "md-long", "html", "xlsx"])
def test_every_face_says_what_has_changed(runs, fmt):
    path = runs / f"1.{fmt}"
    counts = report_of(runs / "1.json")["history"]["counts"]["tasks"]
    if fmt == "xlsx":
        from python_calamine import CalamineWorkbook

        book = CalamineWorkbook.from_path(str(path))
        rows = book.get_sheet_by_name("Changes").to_python()
        assert [row[0] for row in rows[1:] if row[1] == "task"].count("new") == counts["new"]
        trend = book.get_sheet_by_name("Trend").to_python()
        assert len(trend) == 3
        with ZipFile(path) as packed:
            charts = [name for name in packed.namelist() if "charts/chart" in name]
            drawn = packed.read(*charts).decode()
        assert drawn.count("<c:ser>") == 3
        assert "Trend!$B$2:$B$3" in drawn
        return
    text = " ".join(path.read_text(encoding="utf-8").split())
    assert f"since 2026-11-20 23:00:00: {counts['new']} new" in text
    assert f"{counts['resolved']} resolved" in text
    if fmt in ("md", "md-long"):
        assert "Tasks, run by run: " in text
    if fmt == "html":
        assert text.count("<polyline") == 3
        assert "2026-11-20 23:00:00 以来：新增" in text


def test_an_unknown_past_is_not_mentioned(runs):
    for fmt in ("text", "md", "html"):
        text = (runs / f"0.{fmt}").read_text(encoding="utf-8")
        assert "since 2026" not in text
        assert "polyline class" not in text
    assert "the first run that is recorded" in (runs / "history-0.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("fmt", ["text", "md", "md-long", "html", "xlsx", "json"])
def test_new_only_lists_what_is_new_and_counts_all(runs, tmp_path, fmt):
    path = tmp_path / "out"
    flags = {"new_only": True, "top": 99}
    report(str(runs / "1.json"), (f"{fmt}:{path}",), "en", flags)
    stored = report_of(runs / "1.json")
    if fmt == "json":
        assert (
            report_of(path) == stored
        )  # what is stored is whole, so that the next run can be compared with it
        return
    if fmt == "xlsx":
        from python_calamine import CalamineWorkbook

        book = CalamineWorkbook.from_path(str(path))
        rows = [r for n in ("Today", "Findings") for r in book.get_sheet_by_name(n).to_python()]
        text = "\n".join(" ".join(map(str, row)) for row in rows)
    else:
        text = path.read_text(encoding="utf-8")
    tasks = [t for t in stored["tasks"] if t["status"] not in ("new", "worsened")]
    findings = [f for f in stored["findings"] if f["status"] not in ("new", "worsened")]
    message = f"only what is new or worse is listed: {len(tasks)} more tasks and {len(findings)} more findings are not"
    assert message in " ".join(text.split())
    assert "0077" in text or "order n1" in text
    lines = {f["key"] for f in findings if f["code"] == "DY100"}
    assert lines
    body = text.split('id="work"')[-1] if fmt == "html" else text
    assert [line for line in lines if line in body] == []
    if fmt in ("text", "md", "html"):
        assert f"{stored['totals']['tasks']} in all" in text or fmt == "html"


def test_a_report_may_take_the_place_of_its_baseline(runs, tmp_path):
    last = tmp_path / "last.json"
    last.write_bytes((runs / "0.json").read_bytes())
    flags = {
        "as_of": NIGHTS[1],
        "select": CODES,
        "lang": "en",
        "baseline": str(last),
        "output": [f"json:{last}"],
    }
    assert scan([str(runs / "1.csv")], flags, None, quiet=True, verbose=False) == 0
    assert report_of(last) == report_of(runs / "1.json") | {"inputs": report_of(last)["inputs"]}
    assert read(last).past.trend[0].as_of.isoformat() == "2026-11-20T23:00:00"


def test_what_a_baseline_does_not_list_is_noted(runs, tmp_path):
    cut = report_of(runs / "0.json")
    cut["tasks"] = cut["tasks"][:1]
    cut["findings"] = [f for f in cut["findings"] if f["code"] != "DY101"]
    (tmp_path / "cut.json").write_text(json.dumps(cut), encoding="utf-8")
    out = tmp_path / "out.json"
    flags = {
        "as_of": NIGHTS[1],
        "select": CODES,
        "baseline": str(tmp_path / "cut.json"),
        "output": [f"json:{out}"],
    }
    scan([str(runs / "1.csv")], flags, None, quiet=True, verbose=False)
    (guard,) = (g for g in report_of(out)["guards"] if g["code"] == "baseline-partial")
    assert "tasks, DY101" in guard["texts"]["en"]


def test_a_baseline_of_a_later_day_resolves_nothing(runs, tmp_path):
    out = tmp_path / "out.json"
    flags = {
        "as_of": "2026-11-20 22:00",
        "select": CODES,
        "baseline": str(runs / "0.json"),
        "output": [f"json:{out}"],
    }
    scan([str(runs / "1.csv")], flags, None, quiet=True, verbose=False)
    assert "clock-back" in [g["code"] for g in report_of(out)["guards"]]
    statuses = {p["status"] for p in report_of(out)["history"]["passed"]}
    assert statuses == {"unknown"}


@pytest.mark.parametrize(
    ("flags", "error", "reason"),
    [
        ({"new_only": True}, mw.UsageError, "--new-only: nothing tells what is new"),
        ({"baseline": "0.json", "history": True}, mw.UsageError, "leave one of the two out"),
        ({"baseline": "gone.json"}, mw.InputError, "gone.json: No such file"),
        ({"baseline": "0.csv"}, mw.InputError, "0.csv: this is no JSON"),
    ],
)
def test_what_is_wrong_is_reported_before_anything_is_read(runs, monkeypatch, flags, error, reason):
    monkeypatch.chdir(runs)
    with pytest.raises(error, match=reason):
        scan(["nothing.csv"], {"output": ["json"], "history": False, **flags}, None, quiet=True, verbose=False)  # fmt: skip
    with pytest.raises(mw.UsageError, match=r"0\.json was compared with no other run"):
        report("0.json", ("text",), "en", {"new_only": True})


def test_nights_follow_each_other():
    assert all(a < b for a, b in pairwise(NIGHTS))


@pytest.mark.parametrize("short", [False, True])
def test_what_is_suppressed_and_not_listed_is_not_resolved(runs, tmp_path, monkeypatch, short):
    from merchantwatch.results import findings, suppressions

    if short:
        monkeypatch.setattr(findings, "MOST_FINDINGS", 1)
        monkeypatch.setattr(suppressions, "MOST_TASKS", 1)
    ignored, out = tmp_path / "ignore.toml", tmp_path / "out.json"
    ignored.write_text('[[ignore]]\nrule = "DY100"\nreason = "x"\nuntil = 2027-01-01\n')
    flags = {"as_of": "2026-11-20 23:30", "select": ["DY100"], "output": [f"json:{out}"]}
    more = {"baseline": str(runs / "0.json"), "ignore_file": str(ignored)}
    scan([str(runs / "0.csv")], {**flags, **more}, None, quiet=True, verbose=False)
    counts = report_of(out)["history"]["counts"]["tasks"]
    passed = [p for p in report_of(out)["history"]["passed"] if p["code"] in ("DY100", "ship")]
    assert counts["suppressed"] == (1 if short else report_of(out)["suppressed"]["totals"]["tasks"])
    assert {p["status"] for p in passed} == ({"unknown"} if short else set())
