"""Write docs/rules/ from the packs, a page for each rule: ``python docs/make_rules.py``."""

from collections.abc import Iterator
from pathlib import Path

from merchantwatch.reports import catalogue
from merchantwatch.rules import BoundRule, Risk, Rulebook, built_in
from merchantwatch.texts import Text

FOLDER = Path(__file__).parent / "rules"
INTRO = """\
# The rules

Written by `docs/make_rules.py` from `merchantwatch/rules/*.toml`; `merchantwatch rule CODE` shows
the same in the terminal. How a rule is written: [docs/rules.md](../rules.md). What the seed
articles say, sentence by sentence, and what stands for it: [docs/seeds.md](../seeds.md).

How sure a number is: **official** was read on the platform's own page; **reprinted** in reprints
of its text; **seed** in a seed article only; **assumed** is our own. No page of a platform's rule
centre could be read.
"""


def pages() -> dict[str, str]:
    """Return the pages by their file's name."""
    book = built_in()
    made = {"README.md": "\n".join(_index(book)) + "\n"}
    made |= {f"{bound.code}.md": _page(bound) for bound in book.rules}
    if book.risk:
        made[f"{book.risk.code}.md"] = _page(book.risk)
    return made


def _index(book: Rulebook) -> Iterator[str]:
    yield INTRO
    yield "| code | what | 名称 | platform | severity | per | limit | sure |"
    yield "|---|---|---|---|---|---|---|---|"
    for bound in sorted(book.rules, key=lambda bound: bound.code):
        rule = bound.rule
        if rule.is_signal:
            grade, per, limit = "signal", "line", f"risk {catalogue.risk_of(rule)}"
        else:
            grade, per, limit = rule.severity, rule.per, catalogue.boundary(rule).en
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
    rows = catalogue.risk_rows(entry) if isinstance(entry, Risk) else catalogue.rule_rows(entry)
    lines = [
        f"# {head.code} {head.name}",
        "",
        f"{head.title.zh} · {head.title.en}",
        "",
        "| | | |",
        "|---|---|---|",
        *(_told(catalogue.WORDS[name], text) for name, text in rows),
        "",
    ]
    if isinstance(entry, BoundRule):
        lines.append(f"[Its cases](../../tests/rules/{head.code}.csv)\n")
    return "\n".join(lines)


def _told(label: Text, text: Text) -> str:
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
