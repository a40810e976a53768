"""Faces in words: the text report narrowed, Markdown as chats take it, what a notebook shows."""

import io
import json
import os
import re

import pytest
from conftest import AS_OF, LATE, SAMPLE, douyin, write_csv
from markdown_it import MarkdownIt
from msgspec.structs import replace

import merchantwatch as mw
from merchantwatch.commands.outputs import view_of
from merchantwatch.reports import markdown, summary, text as text_report, work
from merchantwatch.reports.page import Page
from merchantwatch.results.model import View
from merchantwatch.settings import resolve
from merchantwatch.tasks import Soon

pytestmark = pytest.mark.xdist_group("faces")  # one process scans what most look at

HOSTILE = (
    "<script>alert(1)</script>", "a|b|c", "[x](javascript:alert(1))", "![x](http://evil.test/a.png)",
    "@all @13800138000", "a\nb\r\n# c", "**bold** _it_ `code` ~~no~~", "<@all> <at id=all></at>",
    "&lt;b&gt;", "https://evil.test www.evil.test", "\x1b[31m\u202e", "\U0001f600" * 9_000,
)  # fmt: skip


@pytest.fixture(scope="module")
def sample():
    with mw.scan(sorted(map(str, SAMPLE.glob("*.csv"))), as_of=AS_OF, lang="zh") as report:
        yield report


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    rows = douyin(*[{**LATE, "选购商品": name, "仓库名称": name} for name in HOSTILE] * 2)
    path = write_csv(tmp_path_factory.mktemp("hostile") / "orders.csv", rows)
    with mw.scan(path, as_of=AS_OF, shop="<b>|[店](x)@all", lang="zh") as report:
        yield report


def written(render, results):
    file = io.BytesIO()
    render(results, file)
    return file.getvalue().decode()


@pytest.mark.parametrize(
    ("owner", "code", "top"),
    [
        (None, None, None),
        (None, None, 3),
        (None, None, 99),
        ("warehouse", "warehouse", None),
        ("仓库", "warehouse", 11),
        ("Customer Service", "customer-service", None),
    ],
)
def test_text_and_markdown_list_what_one_asks_for(sample, owner, code, top):
    results = replace(sample.results, view=view_of(resolve({"owner": owner, "top": top})))
    by_owner = sample.to_dict()["totals"]["by_owner"]
    count = by_owner.get(code, 0) if code else sum(by_owner.values())
    shown = min(count, top or 10)
    found = written(text_report.render, results)
    todo = found.split("先做什么")[1].split("\n\n")[0]
    rows = re.findall(r"\n  (?![ …]|没有任务)", todo)
    assert len(rows) == shown
    otherwise = len(re.findall("\n +否则", todo))
    assert min(shown, 3) <= otherwise <= shown, (
        "printed once for tasks that are alike, after the first"
    )
    assert ("没有任务" in todo) == (not shown)
    assert (f"另有 {count - shown} 件" in todo) == (count > shown)
    assert ("（仓库）" in todo.splitlines()[0]) == (code == "warehouse")
    message = written(markdown.render, results)
    assert len(re.findall(r"^\d+\. ", message, re.MULTILINE)) == min(shown, 10)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--owner", "wharehouse"), "did you mean warehouse?"),
        (("--owner", "x"), "there are warehouse, logistics"),
        (("--top", "0"), "--top"),
    ],
)
def test_an_unknown_owner_is_named_before_anything_is_read(run, flags, message):
    done = run("scan", "no-such-file", *flags)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_settings_and_environment_narrow_the_list_too(run, tmp_path):
    write_csv(tmp_path / "orders.csv", douyin(*[LATE] * 4))
    (tmp_path / "merchantwatch.toml").write_text('owner = "merchandising"\ntop = 1\n')
    args = ("scan", "orders.csv", "--as-of", AS_OF, "-o", "md", "--lang", "en")
    assert "What to do first (merchandising)" in run(*args).stdout
    assert "What to do first (warehouse)" in run(*args, "--owner", "warehouse").stdout
    printed = run(*args, env={**os.environ, "MERCHANTWATCH_OWNER": "客服"}).stdout
    assert "What to do first (customer service)**\n\nnothing to do" in printed
    (tmp_path / "merchantwatch.toml").write_text('top = "x"\n')
    assert run(*args).returncode == 2


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_short_form_opens_with_the_data_and_fits_every_chat(sample, lang):
    results = replace(sample.results, lang=lang, view=View(workbook="out/risk.xlsx"))
    message = written(markdown.render, results)
    assert len(message) <= 3_500
    assert len(message.encode()) <= 4_096
    parts = message.split("\n\n")
    assert parts[0] == {
        "zh": "### 合规风险 2026-11-21 00:00:00",
        "en": "### Compliance risk 2026-11-21 00:00:00",
    }[lang]  # fmt: skip
    totals = sample.to_dict()["totals"]
    assert f"¥{totals['money_lost']}" in message
    assert all(str(n) in parts[4] for n in totals["by_owner"].values())
    assert len(re.findall(r"^\d+\. ", message, re.MULTILINE)) == 10
    assert message.rstrip().endswith("out/risk.xlsx")
    assert "|" not in message, "chats show no tables"


def test_the_workbook_is_named_where_it_was_written(run, tmp_path):
    write_csv(tmp_path / "orders.csv", douyin(LATE))
    args = ("scan", "orders.csv", "--as-of", AS_OF, "-o", "md", "--lang", "en")
    assert "Workbook: w.xlsx" in run(*args, "-o", "xlsx:w.xlsx").stdout
    done = run(*args, "-o", "xlsx:no/such/folder/w.xlsx")
    assert done.returncode == 4
    assert "Workbook" not in done.stdout


@pytest.mark.parametrize("form", ["render", "render_long"])
def test_hostile_names_are_text_in_markdown(hostile, form):
    message = written(getattr(markdown, form), hostile.results)
    short = form == "render"
    assert not short or (len(message) <= 3_500 and len(message.encode()) <= 4_096)
    assert "script" in message
    for sign in (
        "<",
        "`",
        "[",
        "@",
        "&",
        "\\",
        "~",
        "\x1b",
        "\u202e",
        "://",
        "javascript:",
        "www.",
    ):
        assert sign not in message, sign
    page = MarkdownIt("commonmark").enable("table").render(message)
    tags = set(re.findall(r"<(\w+)", page))
    plain = {"h3", "h2", "p", "strong", "ol", "li"}
    assert tags <= (plain if short else plain | {"table", "thead", "tbody", "tr", "th", "td"})
    if not short:
        first = message.split("\n## ")[1].splitlines()[2:]
        rows = [line for line in first if line.startswith("|")]
        assert {row.count("|") for row in rows} == {14}
        assert len(rows) - 2 == len(hostile.results.work.tasks)


def test_a_message_without_room_for_its_tasks_keeps_what_stands_before_them(hostile, monkeypatch):
    monkeypatch.setattr(markdown, "MOST_BYTES", 700)
    message = written(markdown.render, hostile.results)
    assert len(message.encode()) <= 700
    assert message.startswith("### 合规风险")


@pytest.mark.parametrize(("severe", "how"), [(0, ""), (2, ", 2 of them high or critical"), (5, "")])
def test_of_urgent_tasks_it_is_counted_how_many_are_severe_unless_all_are(sample, severe, how):
    totals = replace(sample.results.work.totals, soon=Soon(tasks=5, severe=severe), tasks=5)
    results = replace(sample.results, work=replace(sample.results.work, totals=totals))
    assert work.sentence(results).en == f"5 things must be done within 24 hours{how}"


def test_a_notebook_shows_the_first_tasks(sample, hostile):
    page = sample._repr_html_()
    assert work.sentence(sample.results).zh in page
    assert f"¥{sample.to_dict()['totals']['money_lost']}" in page
    assert page.index(f"未判定：{summary.unjudged_line(sample.results).zh}") < page.index("<table")
    for task in sample.to_dict()["tasks"][:3]:
        assert f"¥{(task['then']['money'] or task['money_to_save'])}" in page, "what it costs"
    assert page.count("<tr>") == 6
    assert "发货 订单 …0002 羊毛围巾 ×1（主仓）" in page
    assert len(page) < 5_000
    shown = hostile._repr_html_()
    assert "<script" not in shown
    assert "\x1b" not in shown


def test_python_and_the_command_line_give_findings_in_one_order(sample, run):
    files = sorted(map(str, SAMPLE.glob("*.csv")))
    done = run("scan", *files, "--as-of", AS_OF, "-o", "json", "--lang", "zh")
    result = json.loads(done.stdout)
    names = ("code", "state", "platform", "key")
    assert sample.findings[list(names)].to_numpy().tolist() == [
        [finding[name] for name in names] for finding in result["findings"]
    ]
    assert list(sample.tasks["id"]) == [task["id"] for task in result["tasks"]]


@pytest.mark.parametrize(("most", "lines"), [(1, 1), (2, 2), (0, 129)])
def test_a_row_has_no_more_lines_than_it_may(most, lines):
    file = io.BytesIO()
    page = Page(file, "en")
    page.row("12", "x" * 9_990 + "\n" * (most > 0) + "x" * 10, most=most)
    page.write()
    shown = file.getvalue().decode().splitlines()
    assert len(shown) == lines
    assert all(len(line) <= 80 for line in shown)
    assert ("…" in shown[-1]) == (most > 0)
