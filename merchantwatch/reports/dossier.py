"""A dossier as Markdown and as an HTML page: the timeline, the clauses, the evidence."""

from collections.abc import Callable, Iterator, Sequence
from typing import IO

from merchantwatch.errors import UsageError
from merchantwatch.language.text import Text
from merchantwatch.results.dossiers import Clause, Dossier
from merchantwatch.results.records import Evidence
from merchantwatch.results.wording import clock
from merchantwatch.support.harmless import harmless, harmless_value
from merchantwatch.support.templates import environment

FORMATS = ("md", "html")

_WORDS = {
    "title": Text(zh="申诉材料", en="Dossier"),
    "as_of": Text(zh="判定时刻", en="As of"),
    "order": Text(zh="订单", en="Order"),
    "line": Text(zh="订单行", en="Line"),
    "product": Text(zh="商品", en="Product"),
    "amount": Text(zh="金额", en="Amount"),
    "parcel": Text(zh="运单", en="Parcel"),
    "timeline": Text(zh="时间线", en="Timeline"),
    "when": Text(zh="时间", en="When"),
    "what": Text(zh="事项", en="What"),
    "due": Text(zh="时限", en="deadline"),
    "clauses": Text(zh="涉及条款", en="Clauses"),
    "none": Text(zh="没有触犯或临近的规则", en="no rule is broken or near"),
    "broken": Text(zh="触线", en="broken"),
    "near": Text(zh="临近", en="near"),
    "source": Text(zh="依据", en="Source"),
    "action": Text(zh="怎么办", en="What to do"),
    "evidence": Text(zh="凭证", en="Evidence"),
    "have": Text(zh="已有（导出可证明）", en="in hand (the exports prove it)"),
    "missing": Text(zh="待收集", en="to be collected"),
    "until": Text(zh="截止", en="until"),
    "official": Text(zh="平台原文", en="platform's own page"),
    "reprinted": Text(zh="转载", en="reprint"),
    "seed": Text(zh="文章", en="article"),
    "measured": Text(zh="统计", en="measured"),
    "assumed": Text(zh="假设", en="assumed"),
}


def check_format(name: str) -> None:
    """Raise UsageError for a format that a dossier does not have."""
    if name not in FORMATS:
        known = ", ".join(FORMATS)
        raise UsageError(f"-o {name}: a dossier is {known}", f"-o {name}：申诉材料可用 {known}")


def render(dossiers: Sequence[Dossier], fmt: str, lang: str, file: IO[bytes]) -> None:
    """Write the dossiers of one line, or of the lines of one order, in one language."""
    if fmt == "md":
        # One order, one document: an appeal takes a single attachment.
        text = "\n\n---\n\n".join("\n".join(_markdown(one, lang)) for one in dossiers)
        file.write(f"{text}\n".encode())
        return
    # Escaped twice over: HTML by Jinja, and what steers a terminal or turns text around by us.
    pages = environment(
        "reports", autoescape=True, trim_blocks=True, lstrip_blocks=True, finalize=harmless_value
    )
    words = {name: text.of(lang) for name, text in _WORDS.items()}
    page = pages.get_template("dossier.html.jinja")
    values = {"dossiers": dossiers, "lang": lang, "words": words, "clock": clock}
    file.write(page.render(values).encode())


_Word = Callable[[str], str]
"""A word of a dossier, in its language."""


def _markdown(dossier: Dossier, lang: str) -> Iterator[str]:
    def word(name: str) -> str:
        return _WORDS[name].of(lang)

    yield from _head(dossier, word)
    yield from ["", f"## {word('timeline')}", ""]
    yield from [f"| {word('when')} | {word('what')} |", "| --- | --- |"]
    for event in dossier.events:
        due = f" ({word('due')})" if event.due else ""
        yield f"| {clock(event.at)} | {event.text.of(lang)}{due} |"
    yield from ["", f"## {word('clauses')}", ""]
    if not dossier.clauses:
        yield word("none")
    for clause in dossier.clauses:
        yield from _clause(clause, word, lang)
    if dossier.evidence:
        yield from _evidence(dossier.evidence, word, lang)


def _head(dossier: Dossier, word: _Word) -> Iterator[str]:
    yield f"# {word('title')} {plain(dossier.line_id)}"
    yield ""
    yield f"- {word('as_of')}: {clock(dossier.as_of)} {dossier.tz}"
    yield f"- {word('order')}: {plain(dossier.order_id or '-')}"
    yield f"- {word('line')}: {plain(dossier.line_id)}"
    yield f"- {word('product')}: {plain(dossier.product)} · {word('amount')}: {dossier.amount}"
    if dossier.tracking_no:
        parcel = f"{plain(dossier.tracking_no)} {plain(dossier.carrier or '')}"
        yield f"- {word('parcel')}: {parcel}".rstrip()


def _clause(clause: Clause, word: _Word, lang: str) -> Iterator[str]:
    state = word("broken" if clause.broken else "near")
    due = f" ({word('until')} {clock(clause.due_at)})" if clause.due_at else ""
    title, reason = clause.title.of(lang), clause.reason.of(lang)
    yield f"- **{clause.code} {title}** — {state}, {reason}{due}"
    where = f"{plain(clause.where)} ({word(clause.confidence)})"
    yield f"  - {word('source')}: {plain(clause.clause)} — {where}"
    yield f"  - {word('action')}: {clause.action.of(lang)}"


def _evidence(evidence: Evidence, word: _Word, lang: str) -> Iterator[str]:
    due = f" ({word('until')} {clock(evidence.due_at)})" if evidence.due_at else ""
    yield from ["", f"## {word('evidence')}: {evidence.title.of(lang)}{due}", ""]
    for mark, name, pieces in (("x", "have", evidence.have), (" ", "missing", evidence.missing)):
        yield from (f"- [{mark}] {piece.of(lang)} ({word(name)})" for piece in pieces)


# Line ends are among them: a name of two lines would end a table's row.
_SIGNS = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>|#~"} | {"\n": " ", "\r": " "})


def plain(text: str) -> str:
    """Return a text of a file that Markdown takes for nothing but text."""
    return harmless(text.translate(_SIGNS))
