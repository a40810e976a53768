"""One run, many faces: all add up to the JSON's totals, and a stored run gives the same bytes."""

import copy
import csv
import json
import re
from decimal import Decimal

import pyarrow.parquet as pq
import pytest
from conftest import AS_OF, LATE, ROOT, SAMPLE, SHORT, douyin, write_csv
from python_calamine import CalamineWorkbook

import merchantwatch as mw
from merchantwatch import reports
from merchantwatch.reports.stored import read
from merchantwatch.tasks import owners

pytestmark = pytest.mark.xdist_group("stored reports")  # one process scans what most look at

FROM_JSON = reports.FROM_JSON
BAD = {"支付完成时间": "?"}
EXEMPT = "订单,顺延至,批准,原因\n6900000000000000001,2026-12-01,是,台风\n"


def _exports(name, folder):
    """The files and options of a case."""
    options = {"lang": "zh"}
    if name == "sample":
        return sorted(map(str, SAMPLE.glob("*.csv"))), options
    if name == "every format":
        exports = sorted((ROOT / "tests" / "formats").rglob("export.csv"))
        newest = {path.parent.parent.name: path for path in exports}
        return list(newest.values()), options
    if name == "nothing judged":
        return [write_csv(folder / "a.csv", douyin(LATE))], {**options, "select": ["DY301"]}
    if name == "nothing found":
        return [write_csv(folder / "a.csv", douyin({}))], {"lang": "en"}
    if name == "all quarantined":
        return [write_csv(folder / "a.csv", douyin(BAD, BAD))], options
    rows = douyin(*[{**LATE, "承诺发货时间": "2026-11-18 08:00:00"}] * 4, *[SHORT] * 11, BAD)
    files = [write_csv(folder / "a.csv", rows[:8]), write_csv(folder / "b.csv", rows[8:])]
    (folder / "c.csv").write_bytes(b"\xff\xfe\x00\xd8")
    (folder / "e.csv").write_text(EXEMPT, encoding="utf-8")
    return [*files, folder / "c.csv"], {"lang": "en", "exemptions": str(folder / "e.csv")}


@pytest.fixture(
    scope="module",
    params=[
        *("sample", "every format"),
        *("nothing judged", "nothing found", "all quarantined", "one unreadable"),
    ],
)
def stored(request, tmp_path_factory):
    """A run, written in every format: its folder, its JSON, and what is special about it."""
    folder = tmp_path_factory.mktemp("stored")
    files, options = _exports(request.param, folder)
    with mw.scan(files, as_of=AS_OF, **options) as report:
        for fmt in FROM_JSON:
            report.write(folder / f"scan.{fmt}", fmt)
        result = report.to_dict()
    return folder, result, request.param


def test_a_stored_run_gives_the_same_bytes(stored):
    folder, _, _ = stored
    results = read(folder / "scan.json")
    for fmt in FROM_JSON:
        reports.write(results, fmt, folder / f"again.{fmt}")
        assert (folder / f"again.{fmt}").read_bytes() == (folder / f"scan.{fmt}").read_bytes(), fmt


def test_all_faces_add_up_to_the_same(stored):
    folder, result, _ = stored
    totals = result["totals"]
    save, lost, over = (
        Decimal(totals[name]) for name in ("money_to_save", "money_lost", "money_lost_over")
    )
    assert len(result["tasks"]) == totals["tasks"] == sum(totals["by_owner"].values())
    assert sum(totals["by_severity"].values()) == totals["tasks"]

    table = pq.read_table(folder / "scan.tasks-parquet").to_pylist()
    assert (len(table), sum((row["money_to_save"] for row in table), Decimal(0))) == (
        totals["tasks"], save,
    )  # fmt: skip
    assert sum((row["money_lost"] for row in table), Decimal(0)) + over == lost

    with (folder / "scan.tasks-csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))[1:]
    assert len(rows) == totals["tasks"]
    assert sum((Decimal(row[10]) for row in rows), Decimal(0)) == save
    assert sum((Decimal(row[11]) for row in rows), Decimal(0)) + over == lost

    book = CalamineWorkbook.from_path(str(folder / "scan.xlsx"))
    sheet = book.get_sheet_by_index(0).to_python()
    header = next(
        place for place, row in enumerate(sheet) if row[10] in ("可避免损失", "Can be saved")
    )
    cells = sheet[header + 1 :]
    assert len(cells) == totals["tasks"]
    assert sum((Decimal(str(row[10])) for row in cells), Decimal(0)) == save
    assert sum((Decimal(str(row[11])) for row in cells), Decimal(0)) + over == lost

    for fmt in ("text", "md", "md-long"):
        face = " ".join((folder / f"scan.{fmt}").read_text("utf-8").split())
        _says(face, totals, result["lang"], fmt)
    page = re.sub(
        "<style.*?</style>|<script.*?</script>",
        " ",
        (folder / "scan.html").read_text("utf-8"),
        flags=re.DOTALL,
    )
    words = " ".join(re.sub("<[^>]*>", " ", page).split())
    for name, label in (
        ("money_lost", "已损失"),
        ("money_to_save", "可保"),
        ("money_lost_over", ""),
    ):
        shown = f"¥{Decimal(totals[name]):,.2f} {label}".strip()
        assert totals[name] == "0.00" or shown in words, name
    for name, count in totals["by_owner"].items():
        assert f"{owners()[name].zh} {owners()[name].en} {count}" in words
    for name, count in totals["by_severity"].items():
        assert f" {name} {count}" in words


def _says(face, totals, lang, fmt):
    """A face in words says the money, whose work it is, and of how many orders."""
    shown = {
        name: f"{Decimal(totals[name]):,.2f}"
        for name in ("money_lost", "money_lost_over", "money_to_save")
    }
    if any(shown[name] != "0.00" for name in ("money_lost", "money_to_save")):
        line = {
            "zh": "已损失 ¥{lost}（¥{over} 已无法挽回）",
            "en": "lost ¥{lost} (¥{over} for good)",
        }[lang].format(lost=shown["money_lost"], over=shown["money_lost_over"])
        assert line in face, fmt
        save = {"zh": "可保 ¥{}", "en": "¥{} to save"}[lang].format(shown["money_to_save"])
        assert save in face, fmt
    else:
        assert "¥0" not in face, fmt
    if totals["tasks"]:
        whose = [f"{getattr(owners()[name], lang)} {n}" for name, n in totals["by_owner"].items()]
        assert " · ".join(whose) in face, fmt
        all_of = {"zh": "共 {} 件，{} 单", "en": "{} in all, of {} order"}[lang]
        assert all_of.format(totals["tasks"], totals["orders"]) in face, fmt


def test_each_face_says_first_what_is_not_known(stored):
    folder, _, name = stored
    if name in ("sample", "every format"):
        return
    message, colour = {
        "nothing judged": ("什么也没有判定", "🟡"),
        "all quarantined": ("什么也没有判定", "🟡"),
        "nothing found": ("nothing to do, in what could be judged", "🟡"),
        "one unreadable": ("not read: ", "🔴"),
    }[name]
    book = CalamineWorkbook.from_path(str(folder / "scan.xlsx"))
    assert message in book.get_sheet_by_index(0).to_python()[0][0]
    for fmt in ("md", "md-long"):
        assert (
            f"{colour} **{message}" in (folder / f"scan.{fmt}").read_text("utf-8").split("\n\n")[1]
        )
    text = " ".join((folder / "scan.text").read_text("utf-8").split("\n\n")[0].split())
    assert {"one unreadable": "1 file unread", "nothing found": "in what could be judged"}.get(
        name, message
    ) in text
    green = '"fgColor rgb="FFD5F0DC"'
    assert green not in (folder / "scan.xlsx").read_bytes().decode("latin-1")
    assert "🟢" not in (folder / "scan.md").read_text("utf-8")


def _cut(given):
    return json.dumps(given)[:3000]


def _with(part, **values):
    """What changes one record of a report."""

    def changed(given):
        record = given
        for step in part:
            record = record[step]
        record.update(values)

    return changed


HOSTILE = {
    "truncated": (_cut, "only the beginning"),
    "empty": (lambda _: "", "only the beginning"),
    "no report": (lambda _: "[]", "no JSON report of scan"),
    "no text": (lambda _: b"\xff\xfe", "this is no JSON"),
    "deep": (lambda _: '{"schema": ' + "[" * 100_000, "this is no JSON"),
    "newer": (_with((), schema="merchantwatch.report/2"), "'merchantwatch.report/2'"),
    "of check": (_with((), schema="merchantwatch.check/1"), "'merchantwatch.check/1'"),
    "older": (lambda given: [rule.pop("texts") for rule in given["rules"]], "scan again"),
    "another type": (_with(("tasks", 0), due_at=5), "$.tasks[0].due_at"),
    "no money": (_with(("tasks", 0), money_to_save="NaN"), "$.tasks[0].money_to_save"),
    "much money": (_with(("tasks", 0), amount="9" * 40 + ".00"), "$.tasks[0].amount"),
    "a huge number": (_with(("findings", 0), count=10**30), "$.findings[0].count"),
    "a huge risk": (_with(("findings", 0), risk=1e300), "no number of a report"),
    "a zone": (_with((), as_of="2026-11-21T00:00:00Z"), "$.as_of"),
    "beyond all time": (_with((), as_of="9999-12-31T23:59:59"), "1970 to 2099"),
    "before all time": (_with((), as_of="0001-01-01T00:00:00"), "1970 to 2099"),
    "due in the past": (_with(("tasks", 0), due_at="2026-11-20T23:59:59"), "due before as_of"),
    "no such owner": (_with(("tasks", 0), owner="bob"), "'bob'"),
    "no kind": (_with(("tasks", 0), kind="fly"), "'fly'"),
    "no reason": (_with(("quarantine", 0), reason="DQ999"), "'DQ999'"),
    "null": (_with((), tasks=None), "$.tasks"),
    "another language": (_with((), lang="fr"), "$.lang"),
}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The JSON report of a few lines."""
    path = write_csv(tmp_path_factory.mktemp("small") / "a.csv", douyin(*[LATE] * 3, BAD))
    with mw.scan(path, as_of=AS_OF, lang="en") as report:
        return report.to_dict()


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_stored_run_is_refused_in_a_line(small, tmp_path, name):
    change, message = HOSTILE[name]
    report = copy.deepcopy(small)
    broken = change(report)
    data = broken if isinstance(broken, str | bytes) else json.dumps(report)
    (tmp_path / "run.json").write_bytes(data if isinstance(data, bytes) else data.encode())
    with pytest.raises(mw.InputError) as caught:
        read(tmp_path / "run.json")
    assert message in caught.value.en
    assert "run.json" in caught.value.zh
    assert "\n" not in caught.value.en


def test_a_stored_run_at_the_ends_of_time_and_with_more_fields_is_shown(small, tmp_path):
    # What is due must not be past: the tasks go with the last moment.
    for moment, tasks in (("1970-01-01T00:00:00", small["tasks"]), ("2099-12-31T23:59:59", [])):
        changed = {**small, "as_of": moment, "tasks": tasks, "further": {"x": [1]}}
        (tmp_path / "run.json").write_text(json.dumps(changed))
        results = read(tmp_path / "run.json")
        for fmt in FROM_JSON:
            reports.write(results, fmt, tmp_path / f"out.{fmt}")


def test_a_run_that_was_stored_without_order_ids_is_rendered_with_lines(tmp_path):
    path = write_csv(tmp_path / "a.csv", douyin(*[SHORT] * 11, LATE))
    with mw.scan(path, as_of=AS_OF, lang="en") as report:
        older = report.to_dict()
    for one in (*older["tasks"], *older["findings"]):
        del one["order_ids"]
    (tmp_path / "run.json").write_text(json.dumps(older))
    results = read(tmp_path / "run.json")
    tasks = {task.kind: task for task in results.work.tasks}
    assert tasks["ship"].order_ids == (tasks["ship"].order_id,)
    assert tasks["restock"].order_ids == ()
    reports.write(results, "html", tmp_path / "out.html")
    assert "11 order lines" in (tmp_path / "out.html").read_text()


def test_a_run_with_more_tasks_than_it_holds_says_so_when_it_is_rendered(run, small, tmp_path):
    """Its tables look whole: a warehouse that prints one would ship these orders alone."""
    (tmp_path / "run.json").write_text(json.dumps(small))
    assert not run("report", "run.json", "-o", "tasks-csv:all.csv").stderr
    held = len(small["tasks"])
    small = {**small, "tasks": small["tasks"][:-1]}
    (tmp_path / "run.json").write_text(json.dumps(small))
    done = run("report", "run.json", "-o", "tasks-csv:first.csv", "--lang", "en")
    assert done.returncode == 0
    assert f"the {held - 1} most urgent of {held} tasks" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_report_renders_what_needs_no_rows(run, small, tmp_path):
    (tmp_path / "run.json").write_text(json.dumps(small))
    done = run("report", "run.json")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("merchantwatch · 2026-11-21")
    assert "What to do first" in done.stdout
    done = run(
        "report", "run.json", "--lang", "zh", "--owner", "仓库", "-o", "md", "-o", "xlsx:w.xlsx"
    )
    assert "先做什么（仓库）" in done.stdout
    assert "工作簿: w.xlsx" in done.stdout
    for args, code, message in (
        (("run.json", "-o", "csv"), 2, "does not hold every row"),
        (("run.json", "-o", "quarantine:q.csv"), 2, "scan again"),
        (("run.json", "-o", "parquet:h.parquet"), 2, "scan again"),
        (("run.json", "-o", "json:run.json"), 2, "is an input"),
        (("run.json", "-o", "nothing"), 2, "not built yet"),
        (("no.json",), 3, "no.json"),
    ):
        done = run("report", *args)
        assert (done.returncode, len(done.stderr.splitlines())) == (code, 1), done.stderr
        assert message in done.stderr
