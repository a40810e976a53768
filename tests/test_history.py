"""Night after night: how the command line compares its findings with those of earlier runs."""

import json
import os
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from conftest import LATE, douyin, write_csv

from merchantwatch.cli import cli
from merchantwatch.history import ledger
from merchantwatch.history.store import opened

NEAR = {**LATE, "承诺发货时间": "2026-11-21 12:00:00"}
SHIPPED = {"发货时间": "2026-11-20 23:00:00", "订单状态": "已发货"}
DAYS = ("2026-11-21 00:00:00", "2026-11-22 00:00:00", "2026-11-23 00:00:00", "2026-11-24 00:00:00")
FRESH = {
    "订单提交时间": "2026-11-23 09:00:00",
    "支付完成时间": "2026-11-23 10:00:00",
    "承诺发货时间": "2026-11-30 10:00:00",
    **LATE,
}
"""A line of the day before that no rule minds yet."""


class Nights:
    """Scans by one rule, one after the other, each of files that were just exported."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def export(self, as_of, lines, name="orders.csv", age=timedelta(hours=1)):
        path = write_csv(self.folder / name, lines)
        exported = (
            datetime.fromisoformat(as_of).replace(tzinfo=ZoneInfo("Asia/Shanghai")) - age
        ).timestamp()
        os.utime(path, (exported, exported))
        return path

    def scan(self, as_of, *paths, select="DY100", code=0, report="run.json", more=()):
        args = [
            "scan",
            *map(str, paths),
            "--as-of",
            as_of,
            "--select",
            select,
            "-q",
            "-o",
            f"json:{report}",
            *more,
        ]
        assert (cli(args, standalone_mode=False) or 0) == code
        return json.loads((self.folder / report).read_text("utf-8"))

    def __call__(self, as_of, lines, *, age=timedelta(hours=1), **options):
        return self.scan(as_of, self.export(as_of, lines, age=age), **options)


@pytest.fixture
def nights(tmp_path):
    (tmp_path / "merchantwatch.toml").write_text('[history]\npath = "h.db"\n', "utf-8")
    return Nights(tmp_path)


def followed(report, kind="finding"):
    """The status of each item by the last two digits of its key, with its episode."""
    here = (
        report["findings"]
        if kind == "finding"
        else [{**t, "key": t["order_id"] or t["product_id"]} for t in report["tasks"]]
    )
    gone = [one for one in report["history"]["passed"] if one["kind"] == kind]
    return {one["key"][-2:]: (one["status"], one["episode"]) for one in [*here, *gone]}


def guards(report):
    return [guard["code"] for guard in report["guards"]]


def without(lines, *numbers):
    return [line for number, line in enumerate(lines, start=1) if number not in numbers]


def test_four_nights(history, tmp_path, monkeypatch):
    """One is shipped, one gets late, one leaves the export and comes back, one is always late."""
    monkeypatch.setenv(
        "MW_HISTORY", history if isinstance(history, str) else f"sqlite:///{tmp_path}/h.db"
    )
    (tmp_path / "merchantwatch.toml").write_text('[history]\nurl = "env:MW_HISTORY"\n', "utf-8")
    nights = Nights(tmp_path)
    first = nights(DAYS[0], douyin(LATE, NEAR, LATE, LATE))
    assert followed(first) == dict.fromkeys(["01", "02", "03", "04"], ("new", 1))
    assert followed(first, "task") == followed(first)
    assert (first["history"]["run"], first["history"]["previous"]) == (1, None)

    shipped = {**LATE, **SHIPPED}
    second = nights(DAYS[1], without(douyin(shipped, NEAR, LATE, LATE), 3))
    expected = {
        "01": ("resolved", 1),
        "02": ("worsened", 1),
        "03": ("gone", 1),
        "04": ("ongoing", 1),
    }
    assert followed(second) == followed(second, "task") == expected
    assert second["history"]["counts"]["findings"]["worsened"] == 1
    assert second["history"]["previous_as_of"] == "2026-11-21T00:00:00"
    reasons = {one["key"][-2:]: one["reason"] for one in second["history"]["passed"]}
    assert reasons == {"01": "resolved", "03": "gone"}

    third = nights(DAYS[2], douyin(shipped, NEAR, LATE, LATE))
    expected = {"02": ("ongoing", 1), "03": ("new", 2), "04": ("ongoing", 1)}
    assert followed(third) == followed(third, "task") == expected
    since = {one["key"][-2:]: one["since"] for one in third["findings"]}
    assert since == {
        "02": "2026-11-21T00:00:00",
        "03": "2026-11-23T00:00:00",
        "04": "2026-11-21T00:00:00",
    }

    late = {**shipped, "发货时间": "2026-11-23 20:00:00"}
    fourth = nights(DAYS[3], douyin(late, late, late, late))
    assert set(followed(fourth).values()) == {("resolved", 1), ("resolved", 2)}
    assert guards(fourth) == []


@pytest.mark.parametrize(
    ("cells", "select", "status"),
    [
        ({**LATE, **SHIPPED}, "DY100", "resolved"),
        # Its row cannot be understood, or not be judged; its rule is not there; its line is not.
        ({**LATE, **SHIPPED, "支付完成时间": "?"}, "DY100", "unknown"),
        ({**LATE, "订单状态": "没见过"}, "DY100", "unknown"),
        (None, "DY100", "gone"),
        (LATE, "DY301", "gone"),
    ],
)
def test_nothing_is_resolved_without_evidence(nights, cells, select, status):
    others = [
        {"订单提交时间": "2026-11-20 09:00:00"}
    ] * 30  # so that one bad row is no part of many
    nights(DAYS[0], douyin(LATE, *others))
    lines = douyin(cells or {}, *others, FRESH)
    lines = without(lines, 1) if cells is None else lines
    report = nights(DAYS[0], lines, select=select)
    assert guards(report) == []
    assert followed(report)["01"] == (status, 1)
    reason = {"resolved": "resolved", "unknown": None}.get(
        status, "deselected" if select != "DY100" else "gone"
    )
    assert report["history"]["passed"][0]["reason"] == reason


OVER = """
[pack]
platform = "douyin"
reviewed = 2026-11-20

[[rule]]
code = "ZZ1"
name = "answer"
title = { zh = "须答复", en = "to be answered" }
applies = "paid_at is not null"
due = "promised_ship_at"
done = "shipped_at"
near_before = "24 hours"
at_least = 1
task = "answer"
"""


def test_what_can_no_longer_be_done_is_over_and_not_resolved(nights):
    """Three tasks that are at an end at their deadline: done in time, too late, and not at all."""
    (nights.folder / "own.toml").write_text(OVER, "utf-8")
    options = {"select": "ZZ1", "more": ["--pack", "own.toml"]}
    first = nights(DAYS[0], douyin(NEAR, NEAR, NEAR), **options)
    assert len(first["tasks"]) == 3
    done = [
        {**NEAR, "发货时间": f"2026-11-21 {at}", "订单状态": "已发货"}
        for at in ("11:00:00", "13:00:00")
    ]
    report = nights(DAYS[1], douyin(*done, NEAR), **options)
    passed = {
        one["key"][-2:]: (one["status"], one["reason"])
        for one in report["history"]["passed"]
        if one["kind"] == "task"
    }
    assert passed == {
        "01": ("resolved", "resolved"),
        "02": ("resolved", "resolved"),
        "03": ("gone", "over"),
    }
    assert followed(report) == {"01": ("resolved", 1), "02": ("worsened", 1), "03": ("worsened", 1)}


def test_a_count_is_resolved_where_all_its_lines_are_there_and_gone_where_one_is_not(nights):
    late = {**LATE, "发货时间": "2026-11-20 23:00:00", "订单状态": "已发货"}
    for numbers, status in (([1, 2, 3], "resolved"), ([2, 3], "gone")):
        (nights.folder / "h.db").unlink(missing_ok=True)
        nights(DAYS[0], douyin(late, late, late), select="DY101")
        closed = [{**late, "订单状态": "已关闭", "取消原因": "-"}] * 3
        left_out = {1, 2, 3}.difference(numbers)
        report = nights(DAYS[0], without(douyin(*closed), *left_out), select="DY101")
        assert followed(report) == {"10": (status, 1)}


@pytest.mark.parametrize(
    ("age", "expected"),
    [(timedelta(hours=6), []), (timedelta(hours=6, seconds=1), ["stale-export"])],
)
def test_an_old_export_resolves_nothing_and_is_reported_without_a_history_too(
    nights, age, expected
):
    nights(DAYS[0], douyin(LATE))
    report = nights(DAYS[0], douyin({**LATE, **SHIPPED}), age=age)
    assert guards(report) == expected
    assert followed(report)["01"] == ("unknown" if expected else "resolved", 1)
    if expected:  # what it was stays open, as it was
        again = nights(DAYS[0], douyin(LATE))
        assert followed(again)["01"] == ("ongoing", 1)
    alone = nights(DAYS[0], douyin(LATE), age=age, more=["--no-history"])
    assert guards(alone) == expected
    assert "history" not in alone
    assert "status" not in alone["findings"][0]


@pytest.mark.parametrize(
    ("created", "expected"),
    [("2026-11-18 00:00:00", []), ("2026-11-17 23:59:59", ["stale-data"])],
)
def test_data_without_events_for_three_days_is_stale_however_new_its_file(
    nights, created, expected
):
    line = {**LATE, "订单提交时间": created, "支付完成时间": created}
    assert guards(nights(DAYS[0], douyin(line), more=["--no-history"])) == expected


def test_what_was_read_in_part_resolves_nothing(nights):
    late = douyin(LATE, FRESH)
    nights(DAYS[0], late)
    path = nights.export(DAYS[0], douyin({**LATE, **SHIPPED}, {"支付完成时间": "?"}))
    report = nights.scan(DAYS[0], path, code=3)
    assert guards(report) == ["partial"]
    assert followed(report)["01"] == ("unknown", 1)
    broken = nights.folder / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 not a workbook")
    path = nights.export(DAYS[0], douyin({**LATE, **SHIPPED}))
    report = nights.scan(DAYS[0], path, broken, code=3)
    assert guards(report) == ["partial"]
    assert followed(report)["01"] == ("unknown", 1)


def test_the_same_files_again_and_a_clock_that_was_set_back(nights):
    nights(DAYS[1], douyin(NEAR, LATE, LATE))
    again = nights(DAYS[1], douyin(NEAR, LATE, LATE))
    assert guards(again) == ["stale-data", "same-inputs"]
    back = nights(DAYS[0], douyin(NEAR, LATE, {**LATE, **SHIPPED}))
    assert guards(back) == ["clock-back"]
    assert followed(back) == {"01": ("eased", 1), "02": ("ongoing", 1), "03": ("unknown", 1)}


def test_shops_and_days_that_are_missing(nights):
    (nights.folder / "merchantwatch.toml").write_text(
        '[history]\npath = "h.db"\n[[shops]]\nmatch = "a*"\nname = "甲"\n[[shops]]\nmatch = "b*"\nname = "乙"\n',
        "utf-8",
    )
    days = [f"2026-11-{day} 09:00:00" for day in range(15, 21)]
    lines = [{"订单提交时间": day, "支付完成时间": day} for day in days]
    one = nights.export(DAYS[0], douyin(LATE, *lines), "a.csv")
    two = nights.export(
        DAYS[0],
        [{**line, "子订单编号": line["子订单编号"][::-1]} for line in douyin(LATE, *lines)],
        "b.csv",
    )
    first = nights.scan(DAYS[0], one, two)
    assert guards(first) == []
    one = nights.export(DAYS[0], douyin({**LATE, **SHIPPED}, *without(lines, 3)), "a.csv")
    second = nights.scan(DAYS[0], one)
    assert [(guard["code"], guard["shop"]) for guard in second["guards"]] == [
        ("missing-shop", "乙"),
        ("missing-day", "甲"),
    ]
    assert {one["status"] for one in second["history"]["passed"]} == {"unknown"}
    assert all(
        set(guard) == {"code", "shop", "text", "texts", "holds"} for guard in second["guards"]
    )


def test_rows_far_fewer_than_on_fourteen_nights_before(nights):
    lines = [{"订单提交时间": f"2026-11-{day} 09:00:00"} for day in range(15, 21)] * 2
    assert guards(nights(DAYS[0], douyin(*lines, LATE))) == []
    path = nights.folder / "h.db"
    with opened(path) as found, found.writing() as connection:
        [first] = ledger.runs_of(connection)
        for age in range(1, 14):
            at = first.as_of - timedelta(age)
            ledger.write_run(
                connection, msgspec.structs.replace(first, id=100 - age, as_of=at, inputs=())
            )
        ledger.write_run(connection, msgspec.structs.replace(first, id=100, inputs=()))
    report = nights(DAYS[0], douyin(*lines[:6], {**LATE, **SHIPPED}))
    assert guards(report) == ["row-count"]
    assert set(followed(report).values()) <= {("unknown", 1)}


def test_a_dry_run_writes_nothing(nights):
    assert followed(nights(DAYS[0], douyin(LATE), more=["--dry-run"]))["01"] == ("new", 1)
    assert not (nights.folder / "h.db").exists()
    nights(DAYS[0], douyin(LATE))
    before = _rows(nights.folder / "h.db")
    assert followed(nights(DAYS[0], douyin({**LATE, **SHIPPED}), more=["--dry-run"]))["01"] == (
        "resolved",
        1,
    )
    assert _rows(nights.folder / "h.db") == before


def _rows(path):
    with sqlite3.connect(path) as connection:
        return list(connection.iterdump())


def test_no_report_takes_the_place_of_the_history(nights, run):
    nights(DAYS[0], douyin(LATE))
    done = run("scan", "orders.csv", "-o", "json:h.db")
    assert (done.returncode, "is the history" in done.stderr) == (2, True)


def test_the_default_place_is_the_users_own_folder(nights, monkeypatch):
    (nights.folder / "merchantwatch.toml").unlink()
    monkeypatch.setenv("XDG_STATE_HOME", str(nights.folder / "state"))
    assert "history" not in nights(DAYS[0], douyin(LATE))
    assert not (nights.folder / "state").exists()
    assert nights(DAYS[0], douyin(LATE), more=["--history"])["history"]["run"] == 1
    with opened(nights.folder / "state" / "merchantwatch" / "history.db"):
        pass


def test_every_face_says_first_what_speaks_against_the_inputs(nights, capfd):
    nights(DAYS[0], douyin(LATE))
    path = nights.export(DAYS[0], douyin({**LATE, **SHIPPED}, LATE), age=timedelta(hours=7))
    faces = ["text:r.txt", "html:r.html", "md:r.md", "md-long:l.md", "xlsx:r.xlsx"]
    report = nights.scan(DAYS[0], path, more=[part for face in faces for part in ("-o", face)])
    message = report["guards"][0]["text"][:20]
    for name in ("r.txt", "r.html", "r.md", "l.md"):
        text = (nights.folder / name).read_text("utf-8")
        assert -1 < text.find(message) < text.lower().find("ship"), name
    import python_calamine as calamine

    sheet = calamine.CalamineWorkbook.from_path(nights.folder / "r.xlsx").get_sheet_by_index(0)
    assert any(message in str(cell) for row in sheet.to_python()[:3] for cell in row)
    # The stored run says the same again, to the byte.
    args = [
        "report",
        "run.json",
        "-o",
        "json:again.json",
        "-o",
        "html:again.html",
        "-o",
        "text:again.txt",
    ]
    assert not cli(args, standalone_mode=False)
    for first, second in (
        ("run.json", "again.json"),
        ("r.html", "again.html"),
        ("r.txt", "again.txt"),
    ):
        assert (nights.folder / first).read_bytes() == (nights.folder / second).read_bytes()


def _locked(path):
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("begin immediate")
    return holder


def _newer(path):
    with sqlite3.connect(path) as connection:
        connection.execute("update mw_schema set version_num = '9000'")


FAULTS = {
    "damaged": (lambda path: path.write_bytes(b"no database" * 1000), "not a database"),
    "newer": (_newer, "newer merchantwatch"),
    "locked": (_locked, "locked"),
    "folder": (lambda path: (path.unlink(), path.mkdir()), "unable to open"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_history_that_cannot_be_used_is_a_line_and_the_report_is_written(
    nights, fault, capfd, monkeypatch
):
    monkeypatch.setattr("merchantwatch.history.store._BUSY_SECONDS", 0.1)
    nights(DAYS[0], douyin(LATE))
    break_it, message = FAULTS[fault]
    blocker = break_it(nights.folder / "h.db")
    report = nights(DAYS[0], douyin({**LATE, **SHIPPED}, LATE), code=4)
    assert guards(report) == ["no-history"]
    assert message in report["guards"][0]["text"]
    assert "history" not in report
    assert len(report["findings"]) == 1
    [line] = capfd.readouterr().err.splitlines()
    assert line.startswith("merchantwatch: ")
    assert "h.db" in line
    assert message in line
    if hasattr(blocker, "close"):
        blocker.close()


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ('path = "a"\nurl = "b"', "not both"),
        ('keep = "long"', "[history] keep"),
        ('url = "mysql://u:s3cret@h/d"', "postgresql+psycopg://"),
        ('url = "env:NOT_THERE"', "NOT_THERE"),
        ("path = 3", "path"),
    ],
)
def test_wrong_settings_are_reported_before_anything_is_read(run, tmp_path, written, message):
    (tmp_path / "merchantwatch.toml").write_text(f"[history]\n{written}\n", "utf-8")
    done = run("scan", "nothing.csv")
    assert done.returncode == 2
    assert message in done.stderr
    assert "s3cret" not in done.stderr
    assert done.stderr.count("\n") == 1
