"""Writes a proposal as text, 80 columns wide."""

from typing import IO

from merchantwatch.language.text import Text
from merchantwatch.mapping.proposal import Proposal
from merchantwatch.mapping.toml import CONFIDENCE, rows_read
from merchantwatch.reports.page import Page

MOST_UNUSED = 8

_WORDS = {
    "fields": Text(zh="字段 ← 列", en="Fields ← columns"),
    "words": Text(zh="取值 → 含义（{field}）", en="Words of {field}"),
    "left": Text(zh="没有映射的列", en="Not mapped"),
    "unknown": Text(
        zh="?（请在文件中补上；此前读取它的规则不判定）",
        en="? (to be filled in; till then unjudged where read)",
    ),
}


def render(proposal: Proposal, lang: str, file: IO[bytes]) -> None:
    """Write a proposal as text; of a file's values it shows only the words of its statuses."""
    page = Page(file, lang)
    title = Text(
        zh="merchantwatch init · {file}：没有已知格式；根据表头和{rows}推断",
        en="merchantwatch init · {file}: no known format; proposed from its headers and {rows}",
    )
    page.line(title.fill(file=proposal.label, rows=rows_read(proposal)).of(lang), "bold")
    page.heading(_WORDS["fields"].of(lang))
    width = max((len(entry.field) for entry in proposal.entries), default=0)
    for entry in proposal.entries:
        page.row(f"  {entry.field:<{width}} ← ", entry.header, "bold")
        why = Text(zh="；".join(t.zh for t in entry.why), en="; ".join(t.en for t in entry.why))
        reason = Text(zh="{sure}：{why}", en="{sure}: {why}")
        page.row(
            " " * (width + 5), reason.fill(sure=CONFIDENCE[entry.confidence], why=why).of(lang)
        )
    for table in (table for table in proposal.tables if table.meanings):
        page.heading(_WORDS["words"].fill(field=table.field).of(lang))
        for word, meaning in table.meanings:
            page.row("  ", f"{word} → {meaning or _WORDS['unknown'].of(lang)}")
    _left_out(proposal, page)
    page.write()


def _left_out(proposal: Proposal, page: Page) -> None:
    if not (proposal.doubts or proposal.personal or proposal.unused):
        return
    page.heading(_WORDS["left"].of(page.lang))
    for header, why in proposal.doubts:
        page.row(f"  {header}: ", why.of(page.lang))
    if proposal.personal:
        n = len(proposal.personal)
        text = Text(zh=f"与人有关、从不读取的列：{n}", en=f"columns about people, never read: {n}")
        page.row("  ", text.of(page.lang))
    doubted = {header for header, _ in proposal.doubts}
    unused = [header for header in proposal.unused if header not in doubted]
    if unused:
        n, more = len(unused), " …" if len(unused) > MOST_UNUSED else ""
        shown = ", ".join(unused[:MOST_UNUSED]) + more
        page.row(
            "  ", Text(zh=f"没有用到：{n} 列：{shown}", en=f"not used, {n}: {shown}").of(page.lang)
        )
