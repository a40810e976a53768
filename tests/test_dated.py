"""Reports of each day, their newest copy, and the metrics of a run."""

from datetime import datetime

import pytest
from conftest import AS_OF, LATE
from prometheus_client.parser import text_string_to_metric_families

from merchantwatch.commands.dated import filled, latest_of
from merchantwatch.errors import UsageError

AT = ("--as-of", AS_OF, "--select", "DY100", "-q")


@pytest.mark.parametrize(
    ("path", "day", "latest"),
    [
        ("r.html", "r.html", None),
        ("{date}.html", "2026-11-21.html", "latest.html"),
        ("out/r-{datetime}.html", "out/r-2026-11-21-070509.html", "out/r-latest.html"),
        ("{date}/r.html", "2026-11-21/r.html", "latest/r.html"),
        ("{date}/r-{date}.html", "2026-11-21/r-2026-11-21.html", "latest/r-latest.html"),
        ("{{date}}.html", "{date}.html", None),
        ("{{{date}}}.html", "{2026-11-21}.html", "{latest}.html"),
    ],
)
def test_the_date_in_a_path(path, day, latest):
    assert filled(path, datetime(2026, 11, 21, 7, 5, 9)) == day
    assert latest_of(path) == latest


@pytest.mark.parametrize("path", ["{dat}.html", "{}.html", "{date", "date}", "{Date}.html", "{0.year}", "{date!r}"])  # fmt: skip
def test_other_words_in_braces_are_refused(path):
    with pytest.raises(UsageError, match="neither"):
        filled(path, datetime(2026, 11, 21))


def test_each_day_has_its_report_and_the_newest_is_called_latest(run, export, tmp_path):
    export(LATE)
    outputs = ("-o", "json:{date}.json", "-o", "md:days/{date}/r.md")
    for day in ("2026-11-21", "2026-11-22"):
        assert run("scan", "orders.csv", *AT, *outputs, "--as-of", day).returncode == 0
        for name, latest in ((f"{day}.json", "latest.json"), (f"days/{day}/r.md", "days/latest/r.md")):  # fmt: skip
            assert (tmp_path / name).read_bytes() == (tmp_path / latest).read_bytes()
    assert len(list(tmp_path.glob("2026-*.json"))) == 2
    assert run("report", "2026-11-21.json", "-o", "md:of-{date}.md").returncode == 0
    assert (tmp_path / "of-2026-11-21.md").exists()


def test_latest_takes_the_place_of_no_input_and_of_no_other_report(run, export, tmp_path):
    export(LATE, name="latest.csv")
    for outputs in (["csv:{date}.csv"], ["json:{date}.json", "md:latest.json"]):
        done = run("scan", "latest.csv", *AT, *(part for one in outputs for part in ("-o", one)))
        assert done.returncode == 2
        assert done.stderr.startswith("merchantwatch: latest.")
    assert [path.name for path in tmp_path.iterdir()] == ["latest.csv"]


def test_a_latest_that_cannot_be_written_is_reported(run, export, tmp_path):
    export(LATE)
    (tmp_path / "latest.json").mkdir()
    (tmp_path / "latest.json" / "x").write_text("")
    done = run("scan", "orders.csv", *AT, "-o", "json:{date}.json")
    assert (done.returncode, done.stderr.count("\n")) == (4, 1)
    assert (tmp_path / "2026-11-21.json").exists()


def _metrics(path):
    """The samples of a file, as Prometheus itself reads them."""
    families = list(text_string_to_metric_families(path.read_text("utf-8")))
    assert all(family.name.startswith("merchantwatch_") for family in families)
    return {
        (sample.name.removeprefix("merchantwatch_"), *sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.mark.looks_at("DY100", "DY102", "DY401")
def test_metrics_are_the_reports_numbers(scan, export, tmp_path):
    report = scan(export(LATE, LATE, {}, name='a "b"\\.csv'), shop='the "old"\nshop\\')
    report.write(tmp_path / "m.prom", "prometheus")
    result, wanted = _metrics(tmp_path / "m.prom"), report.to_dict()
    assert (
        result["as_of_timestamp_seconds",] == datetime.fromisoformat(f"{AS_OF}+08:00").timestamp()
    )
    assert result["rows_read",] == 3
    assert result["rows", ("state", "lines")] == 3
    assert result["nothing_judged",] == 0
    breached = ("code", "DY100"), ("severity", "high"), ("state", "breached")
    assert result["findings", *breached] == 2
    shop = ("shop", 'the "old"\nshop\\')
    assert result["shop_findings", *breached[:1], ("platform", "douyin"), breached[1], shop, breached[2]] == 2  # fmt: skip
    assert sum(value for (name, *_), value in result.items() if name == "tasks") == len(wanted["tasks"])  # fmt: skip
    assert result["money_to_save_yuan",] == float(wanted["totals"]["money_to_save"])
    assert result["rule_evaluated", ("code", "DY401")] == 0
    assert [key for key in result if key[0] == "findings" and ("code", "DY401") in key] == []


@pytest.mark.looks_at("DY100")
def test_where_nothing_was_judged_no_metric_says_zero(scan, export, tmp_path):
    report = scan(export(LATE, without=["发货时间"]))
    report.write(tmp_path / "m.prom")
    found = _metrics(tmp_path / "m.prom")
    assert found["nothing_judged",] == 1
    assert {name for name, *_ in found} & {"findings", "tasks", "tasks_all", "money_to_save_yuan"} == set()  # fmt: skip


def test_metrics_among_exports_are_passed_over(run, export, tmp_path):
    export(LATE)
    for _ in range(2):
        done = run("scan", ".", *AT, "-o", "prometheus:m.txt")
        assert (done.returncode, done.stderr) == (0, "")
