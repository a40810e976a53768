"""Writes a proposal as ``merchantwatch.toml``, each line with its reason."""

import json
from collections.abc import Iterator

from merchantwatch.fields import FIELDS, WORDS, Kind
from merchantwatch.formats import DEFAULT_PLATFORM
from merchantwatch.language.plurals import number_of
from merchantwatch.language.text import Text
from merchantwatch.mapping.proposal import Entry, Proposal, WordTable
from merchantwatch.support.harmless import harmless, in_json

CONFIDENCE = {
    "high": Text(zh="把握高", en="high"),
    "medium": Text(zh="把握中", en="medium"),
    "low": Text(zh="把握低", en="low"),
}
_COLUMN = "column"
"""The key that names the column in a table of words, so that no word "column" can be mapped."""

_INTRO = (
    Text(
        zh="{file} 的列映射：由 merchantwatch init 根据表头和{rows}推断。",
        en="A mapping for {file}, proposed by merchantwatch init from its headers and {rows}.",
    ),
    Text(
        zh="请逐行核对，尤其是“把握低”的行：这里错了，报告就会错。# 后面是理由。",
        en="Look at every line, those of low confidence above all: what is wrong here is wrong in "
        "every report.",
    ),
)
_LEFT_OUT = {
    "doubts": Text(zh="名称像某个字段、但值不符的列：", en="Named like a field, but unlike it:"),
    "personal": Text(zh="与人有关的列，从不读取：", en="Columns about people, never read:"),
    "unused": Text(zh="没有用到的列：", en="Not used:"),
}


MOST_UNUSED = 100
"""At most this many unused columns are named."""

_MEANINGS = {
    "unpaid": Text(zh="不判定", en="not judged"),
    "to_ship": Text(zh="发货计时中", en="its time to ship runs"),
    "part_shipped": Text(zh="部分未发，仍计时", en="a part is still to ship"),
    "shipped": Text(zh="已发货", en="shipped"),
    "completed": Text(zh="交易完成", en="over, received"),
    "closed": Text(zh="已取消，不判定", en="cancelled, not judged"),
}
"""What each status means for the rules."""

_OPEN = Text(
    zh="注释掉的词含义未知：读取此字段的规则不判定这些行（计为未判定）；请填上并去掉 #",
    en="The words commented out are not known: rules that read this field leave their lines "
    "unjudged. Fill them in and take the # away",
)


def as_toml(proposal: Proposal, platform: str | None, lang: str) -> str:
    """Return the file's text: a scan can use it at once, and it lists every word found."""
    return "\n".join(_lines(proposal, platform, lang)) + "\n"


def rows_read(proposal: Proposal) -> Text:
    """Return how much of the file was examined."""
    n = f"{proposal.rows:,}"
    if proposal.whole:
        return Text(zh=f"全部 {n} 行数据", en=f"all of its {number_of(n, 'row')}")
    return Text(zh=f"前 {n} 行数据", en=f"its first {number_of(n, 'row')}")


def _lines(proposal: Proposal, platform: str | None, lang: str) -> Iterator[str]:
    for text in _INTRO:
        yield "# " + text.fill(file=_quoted(proposal.label), rows=rows_read(proposal)).of(lang)
    yield ""
    yield from _platform(platform, proposal, lang)
    yield ""
    yield "[map]"
    for entry in proposal.entries:
        if FIELDS[entry.field].kind is not Kind.WORD:
            yield f"{entry.field} = {_quoted(entry.header)}  # {_why(entry, lang)}"
    yield from _writing(proposal, lang)
    yield from _left_out(proposal, lang)
    # Tables come last: TOML takes a key behind the header of a table for one of its own.
    entries = {entry.field: entry for entry in proposal.entries}
    for table in proposal.tables:
        yield ""
        yield from _table(table, entries[table.field], lang)


def _writing(proposal: Proposal, lang: str) -> Iterator[str]:
    """Yield settings for the file's cells: words for nothing, and the order of day and month."""
    if proposal.empty:
        why = Text(
            zh="时间列中的这些词按“尚未发生”读取，请核对",
            en="these words in times are read as: not yet; check them",
        )
        yield f"empty = [{', '.join(map(_quoted, proposal.empty))}]  # {why.of(lang)}"
    if proposal.undecided:
        why = Text(
            zh="{fields} 看不出日和月谁在前：去掉 # 并按实际写（%d 日、%m 月），否则读不懂",
            en="nothing in {fields} shows whether the day or the month stands first: take the # "
            "away and write it as it is (%d day, %m month), else these rows are not understood",
        )
        fields = ", ".join(proposal.undecided)
        yield f'# time_format = "%d/%m/%Y %H:%M"  # {why.fill(fields=fields).of(lang)}'


def _platform(named: str | None, proposal: Proposal, lang: str) -> Iterator[str]:
    """Yield the platform: as the user named it, as the headers suggest, or to be checked."""
    if named:
        why = Text(zh="用哪个平台的规则", en="whose rules judge")
    elif proposal.platform:
        why = Text(
            zh="用哪个平台的规则：表头表明是该平台，请核对",
            en="whose rules judge: the headers speak for it, check it",
        )
    else:
        why = Text(
            zh="请核对：文件没有说明平台，暂按抖音的规则判定；可改为其他平台",
            en="check it: nothing says whose rules judge, so Douyin's do; name the platform",
        )
    yield f"platform = {_quoted(named or proposal.platform or DEFAULT_PLATFORM)}  # {why.of(lang)}"


def _table(table: WordTable, entry: Entry, lang: str) -> Iterator[str]:
    yield f"[map.{table.field}]"
    yield f"{_COLUMN} = {_quoted(entry.header)}  # {_why(entry, lang)}"
    unknown = Text(zh="未知，可选：", en="unknown, one of: ").of(lang)
    choices = unknown + ", ".join(WORDS[table.field])
    if not all(meaning for _, meaning in table.meanings):
        yield f"# {_OPEN.of(lang)}"
        if table.field == "status":
            meanings = (f"{word} = {meaning.of(lang)}" for word, meaning in _MEANINGS.items())
            yield f"# {'; '.join(meanings)}"
    for word, meaning in table.meanings:
        if meaning and word != _COLUMN:
            yield f"{_quoted(word)} = {_quoted(meaning)}"
        else:
            yield f'# {_quoted(word)} = ""  # {choices}'


def _left_out(proposal: Proposal, lang: str) -> Iterator[str]:
    if proposal.doubts:
        yield f"# {_LEFT_OUT['doubts'].of(lang)}"
        for header, why in proposal.doubts:
            yield f"#   {_quoted(header)}: {why.of(lang)}"
    doubted = {header for header, _ in proposal.doubts}
    unused = [header for header in proposal.unused if header not in doubted]
    for name, headers in (("personal", proposal.personal), ("unused", unused)):
        if headers:
            more = len(headers) - MOST_UNUSED
            listed = ", ".join(map(_quoted, headers[:MOST_UNUSED]))
            rest = Text(zh=f" 等，另有 {more:,} 列", en=f", and {more:,} more").of(lang)
            yield f"# {_LEFT_OUT[name].of(lang)} {listed}{rest if more > 0 else ''}"


def _why(entry: Entry, lang: str) -> str:
    why = Text(zh="；".join(t.zh for t in entry.why), en="; ".join(t.en for t in entry.why))
    sure = CONFIDENCE[entry.confidence]
    text = Text(zh=f"{sure.zh}：{why.zh}", en=f"{sure.en}: {why.en}").of(lang)
    return harmless(" ".join(text.splitlines()))


def _quoted(text: str) -> str:
    """Return a text as a TOML string on one line: JSON's escapes are TOML's."""
    return in_json(json.dumps(text, ensure_ascii=False).encode()).decode()
