"""Write a page for each rule, and the list of all codes: ``python docs/make_rules.py``.

The pages are docs/rules/. tests/codes.csv lists the codes that were ever given out: new ones are
added, none is taken away. Of a rule that is gone one writes by hand on which day it was retired,
and why.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from merchantwatch.language.text import Text
from merchantwatch.reports import rule_rows
from merchantwatch.rules import BoundRule, Risk, Rulebook, built_in, packs

FOLDER = Path(__file__).parent / "rules"
CODES = Path(__file__).parents[1] / "tests" / "codes.csv"
RULES = Path(packs.__file__).parent
INTRO = """\
# The rules

Written by `docs/make_rules.py` from `merchantwatch/rules/*.toml`; `merchantwatch rule CODE` shows
the same in the terminal. How a rule is written: [docs/rules.md](../rules.md). What the seed
articles say, sentence by sentence, and what stands for it: [docs/seeds.md](../seeds.md).

## Which rules are right?

How sure a number is: **official** was read on the platform's own page, and holds for the lines of
the days that its versions name; **reprinted** in reprints of its text; **seed** stands in the
articles that the user named; **measured** was counted in real data; **assumed** is our own. What a
page says since the day up to which it was read is not known here. `merchantwatch rules --confidence
official` lists the rules of one kind.
"""
SURE = ("official", "reprinted", "seed", "measured", "assumed")


def pages() -> dict[str, str]:
    """Return the pages by their file's name."""
    book = built_in()
    written = {"README.md": "\n".join(_index(book)) + "\n"}
    written |= {f"{bound.code}.md": _page(bound) for bound in book.rules}
    if book.risk:
        written[f"{book.risk.code}.md"] = _page(book.risk)
    return written


def codes() -> str:
    """Return the list of codes, with those of today."""
    head, *given = CODES.read_text("utf-8").splitlines()
    book = built_in()
    present = {entry.code: entry for entry in (*(b.rule for b in book.rules), book.risk) if entry}
    known = {row.split(",")[0] for row in given}
    new = [f"{code},{entry.name}," for code, entry in present.items() if code not in known]
    return "\n".join([head, *sorted([*given, *new])]) + "\n"


def _how_sure(book: Rulebook) -> Iterator[str]:
    """Yield the table of how sure the rules of each platform are, and up to when they were read."""
    yield "| platform | " + " | ".join(SURE) + " | rules | texts read up to |"
    yield "|---|" + "---:|" * (len(SURE) + 1) + "---|"
    for platform, until in _read_until().items():
        sure = Counter(b.rule.source.confidence for b in book.rules if platform in b.platforms)
        counts = " | ".join(str(sure[kind]) for kind in SURE)
        yield f"| {platform} | {counts} | {sure.total()} | {until or 'reprints only'} |"
    yield ""


def _read_until() -> dict[str, date | None]:
    """Return up to which day the texts of each platform were read, the latest of its packs."""
    found: dict[str, date | None] = {}
    for file in sorted(RULES.glob("*.toml")):
        text = file.read_text(encoding="utf-8")
        if "[pack]" in text:
            head = packs.decoded(text.encode(), file.name).pack
            for platform in head.platforms:
                days = [day for day in (found.get(platform), head.read_until) if day]
                found[platform] = max(days, default=None)
    return found


def _index(book: Rulebook) -> Iterator[str]:
    yield INTRO
    yield from _how_sure(book)
    yield "| code | what | 名称 | platform | severity | per | limit | sure |"
    yield "|---|---|---|---|---|---|---|---|"
    for bound in sorted(book.rules, key=lambda bound: bound.code):
        rule = bound.rule
        if rule.is_signal:
            grade, per, limit = "signal", "line", f"risk {rule_rows.risk_of(rule)}"
        else:
            grade, per, limit = rule.severity, rule.per, rule_rows.boundary(rule).en
        platforms, sure = ", ".join(bound.platforms), rule.source.confidence
        yield _row(rule.code, rule.title, platforms, grade, per, limit, sure)
    if book.risk:
        risk = book.risk
        limit, sure = f"at least {risk.breached}", risk.source.confidence
        yield _row(risk.code, risk.title, "any", risk.severity, "line", limit, sure)


def _row(code: str, title: Text, *cells: str) -> str:
    return " | ".join([f"| [{code}]({code}.md)", title.en, title.zh, *cells]) + " |"


def _page(entry: BoundRule | Risk) -> str:
    head = entry if isinstance(entry, Risk) else entry.rule
    rows = rule_rows.risk_rows(entry) if isinstance(entry, Risk) else rule_rows.rule_rows(entry)
    lines = [
        f"# {head.code} {head.name}",
        "",
        f"{head.title.zh} · {head.title.en}",
        "",
        "| | | |",
        "|---|---|---|",
        *(_labelled(rule_rows.WORDS[name], text) for name, text in rows),
        "",
    ]
    if isinstance(entry, BoundRule):
        lines.append(f"[Its cases](../../tests/rules/{head.code}.csv)\n")
    return "\n".join(lines)


def _labelled(label: Text, text: Text) -> str:
    zh = text.zh if text.zh != text.en else ""
    return f"| {label.en} · {label.zh} | {_cell(text.en)} | {_cell(zh)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.md"):
        old.unlink()
    for name, page in pages().items():
        (FOLDER / name).write_text(page, encoding="utf-8")
    CODES.write_text(codes(), encoding="utf-8")
