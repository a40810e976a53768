"""Counts in English texts: one line, two lines, in every text and every face."""

import re

import pytest
from conftest import LATE, ROOT, SHORT, douyin, write_csv

from merchantwatch.language.plurals import number_of, plural
from merchantwatch.language.text import Text

NOUNS = (
    "alert|case|cell|channel|charge|column|day|delivery|entry|export|field|file|finding|hit|hour|"
    "input|item|limit|line|moment|night|order|parcel|product|row|rule|run|shop|signal|step|suppression|"
    "task|thing|value|warning|word"
)
SEVERAL = "|".join(map(plural, NOUNS.split("|")))
COUNTED = re.compile(
    rf'"[^"]*\}}\s(?:(?:broken|late|more|open|order|other)\s)?(?:{SEVERAL})\b[^"]*"'
)
NEVER_ONE = (
    "PROMISE_HOURS", "LEAST_LINES", "{least} lines", "_MOST_DAYS", "MOST_ENTRIES", "most_days", "minutes % 60",
    "max(warnings)", "window_days", "MOST_MOMENTS", "{named:,} orders", "{all} tasks", "PROMISE", "{rules} rules; if",
    "{percent} of rows", "was|were}", "{usual} on", "task.fields", "of {days}", "lines.", "cases_90d", "fields >=", "{MAX",
)  # fmt: skip
"""In lines of code whose numbers are never one, or no numbers, or SQL."""


@pytest.mark.parametrize(
    ("count", "noun", "message"),
    [
        (0, "line", "0 lines"),
        (1, "line", "1 line"),
        (2, "more entry", "2 more entries"),
        (1000, "day", "1,000 days"),
        ("1", "match", "1 match"),
        ("1,001", "match", "1,001 matches"),
    ],
)
def test_a_count_agrees_with_its_noun(count, noun, message):
    assert number_of(count, noun) == message
    assert Text(zh="", en="{n|" + noun + "} {n|is|are} left of {n}").fill(n=count).en == (
        f"{message} {'is' if message.startswith('1 ') else 'are'} left of {count}"
    )


def test_no_text_has_a_noun_in_the_plural_after_any_number():
    """It says `{n|line}`, or `number_of(n, "line")`; or the number is never one."""
    found = [
        f"{path.relative_to(ROOT)}: {text[0]}"
        for path in sorted((ROOT / "merchantwatch").rglob("*"))
        if path.suffix in (".py", ".toml", ".jinja")
        for line in path.read_text("utf-8").splitlines()
        for text in COUNTED.finditer(line)
        if not any(word in line for word in NEVER_ONE)
    ]
    assert not found


def test_of_one_line_no_face_says_more(scan, run, tmp_path):
    """One order, late, short and unscanned by turns: each of its faces counts one of nearly all."""
    lines = [
        LATE,
        SHORT,
        {**LATE, "订单状态": "不认识"},
        {**LATE, "承诺发货时间": "x"},
    ]
    wrong = re.compile(rf"(?<![\d.,:])1 (?:\w+ )?(?:{SEVERAL})\b|\{{\w+\|")
    for number, line in enumerate(lines):
        path = write_csv(tmp_path / f"{number}.csv", douyin(line))
        report = scan(path, lang="en")
        for face in ("text", "md", "md-long", "html", "json", "xlsx"):
            out = report.write(tmp_path / f"out.{face}", face)
            message = out.read_bytes() if face != "xlsx" else _cells(out)
            assert not wrong.findall(message.decode("utf-8"))
    path, at = tmp_path / "0.csv", ("--as-of", "2026-11-21", "--lang", "en")
    for command in (("check", path), ("plan", path, *at, "--capacity", "1"), ("explain", path)):
        message = run(*command, "--lang", "en").stdout
        assert message
        assert not wrong.findall(message), command


def _cells(path):
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(path)
    rows = [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]
    return "\n".join(str(cell) for row in rows for cell in row).encode()
