"""The result of ``check`` as text for 80 columns."""

from collections.abc import Iterator, Sequence
from typing import IO

from merchantwatch.errors import MerchantwatchError, UnrecognisedError
from merchantwatch.formats import MAPPED, lacks
from merchantwatch.language.plurals import number_of
from merchantwatch.language.quarantine_reasons import REASONS
from merchantwatch.language.text import Text
from merchantwatch.reports.checked import inputs
from merchantwatch.reports.page import Page, cells, padded
from merchantwatch.reports.unseen import any_of
from merchantwatch.results.checks import Checked, CheckedInput, CheckedRule, Supply

MOST_FAULTS = 5
LABEL_WIDTH = 12

_WORDS = {
    "format": Text(zh="格式", en="format"),
    "encoding": Text(zh="编码", en="encoding"),
    "rows": Text(zh="行数", en="rows"),
    "shop": Text(zh="店铺", en="shop"),
    "exported": Text(zh="导出时间", en="exported"),
    "columns": Text(zh="所用列", en="columns"),
    "unused": Text(zh="未用列", en="unused"),
    "nearest": Text(zh="最接近", en="nearest"),
    "rules": Text(zh="规则", en="Rules"),
    "evaluable": Text(zh="可评估", en="can be evaluated"),
    "not_evaluable": Text(zh="不可评估", en="cannot be evaluated"),
    "elsewhere": Text(zh="不适用（没有该平台的行）", en="no line of their platform"),
    "supplies": Text(zh="补上什么就能评估", en="What would add the rest"),
    "unknown": Text(zh="不认识的取值", en="Words that no format knows"),
    "nothing": Text(zh="无", en="none"),
    "unread": Text(zh="读不了的文件", en="Files that could not be read"),
    "skipped": Text(zh="文件夹中没有认出的文件", en="Files of the folder that are not recognised"),
}


def render(checked: Checked, file: IO[bytes]) -> None:
    """Write it as text."""
    page = Page(file, checked.lang)
    _Writer(page, checked).write()
    page.write()


class _Writer:
    def __init__(self, page: Page, checked: Checked) -> None:
        self.page, self.checked, self.lang = page, checked, checked.lang

    def write(self) -> None:
        self.page.line(self._verdict(), "bold")
        if self.checked.inputs and self.checked.nothing_to_judge:
            self.page.line(self._of(self.checked.nothing_to_judge), "bold yellow")
        if self.checked.platform_assumed:
            self.page.line(self._of(self.checked.platform_assumed.text), "bold yellow")
        if self.checked.unknown_words:
            lines = (f"{f} {sum(n for _, n in words):,}" for f, words in self.checked.unknown_words)
            self.page.line(f"{self._label('unknown')}: {', '.join(lines)}", "bold yellow")
        for number, item in enumerate(self.checked.inputs, start=1):
            self._input(number, item)
        self._unread("unread", self.checked.failed)
        self._unread("skipped", self.checked.skipped)
        self._unknown_words()
        if self.checked.inputs:
            self._rules()
            self._supplies()

    def _verdict(self) -> str:
        evaluable, files = len(self.checked.of("evaluable")), len(self.checked.inputs)
        all_rules = evaluable + len(self.checked.of("not_evaluable"))
        text = Text(
            zh="merchantwatch check · {files} 个文件，{able}/{all} 条规则可评估，未作判定",
            en="merchantwatch check · {files}, {able} of {all|rule} can be evaluated, none was",
        )
        read = Text(zh=f"{files}", en=number_of(files, "file"))
        return self._of(text.fill(files=read, able=evaluable, all=all_rules))

    def _input(self, number: int, item: CheckedInput) -> None:
        self.page.line()
        self.page.line(f"{number}. {item.file.path}", "bold")
        self._row("format", inputs.format_of(item))
        self._row("encoding", inputs.encoding(item))
        self._row("rows", inputs.rows(item))
        for fault in (*item.faults[:MOST_FAULTS], *item.no_records):
            where = "".join(f", {part}" for part in (fault.column, fault.shown) if part)
            text = Text(
                zh="{reason} × {n}，首见第 {first} 行{where}：{why}",
                en="{reason} × {n}, first in row {first}{where}: {why}",
            ).fill(
                reason=fault.reason,
                n=f"{fault.rows:,}",
                first=fault.first_row,
                where=where,
                why=REASONS[fault.reason].text,
            )
            self.page.row(" " * (LABEL_WIDTH + 2), self._of(text))
        if item.form.kind == "orders":
            self._row("shop", inputs.shop(item))
        self._row("exported", inputs.exported(item.file))
        # A folder of daily exports has the same columns in every file: they are listed once.
        same = self._same_columns(item)
        if same < number:
            self._row("columns", Text(zh=f"同第 {same} 个文件", en=f"as those of file {same}"))
        else:
            self._columns(item)
            self._row("unused", inputs.unused(item))

    def _same_columns(self, item: CheckedInput) -> int:
        """Return the number of the first input of which the same columns are read."""
        read = [(one.columns, one.unused) for one in self.checked.inputs]
        return read.index((item.columns, item.unused)) + 1

    def _columns(self, item: CheckedInput) -> None:
        width = max((len(field) for field, _ in item.columns), default=0)
        for index, (field, header) in enumerate(item.columns):
            label = self._label("columns") if index == 0 else ""
            lead = "  " + padded(label, LABEL_WIDTH)
            self.page.row(f"{lead}{field:<{width}} ← ", header)

    def _unread(self, label: str, errors: Sequence[MerchantwatchError]) -> None:
        if not errors:
            return
        self.page.heading(self._label(label))
        for error in errors:
            if isinstance(error, UnrecognisedError):
                self._unrecognised(error)
            else:
                self.page.row("  · ", error.message(self.lang))

    def _unrecognised(self, error: UnrecognisedError) -> None:
        text = Text(
            zh=f"{error.label}：没有任何已知格式的表头与之相符",
            en=f"{error.label}: no known export has these headers",
        )
        self.page.row("  · ", self._of(text))
        width = max((len(form.code) for form in error.nearest), default=0)
        for index, form in enumerate(error.nearest):
            label = padded(self._label("nearest") if index == 0 else "", LABEL_WIDTH)
            self.page.row(f"    {label}{form.code:<{width}}  ", self._of(lacks(form)))
        if error.taken:
            en, zh = error.taken
            self.page.row("    ", self._of(Text(zh=zh, en=en)))
        self.page.row("    → ", error.remedy)

    def _unknown_words(self) -> None:
        if not self.checked.unknown_words:
            return
        self.page.heading(self._label("unknown"))
        for field, words in self.checked.unknown_words:
            listed = ", ".join(f"{word} ({lines:,})" for word, lines in words)
            self.page.row(f"  {field}  ", listed)

    def _rules(self) -> None:
        self.page.heading(self._label("rules"))
        evaluable = self.checked.of("evaluable")
        groups = (
            ("evaluable", [rule for rule in evaluable if not rule.signal]),
            (
                "not_evaluable",
                [rule for rule in self.checked.of("not_evaluable") if not rule.signal],
            ),
        )
        for label, rules in groups:
            self.page.row("  ", f"{self._label(label)}: {len(rules)}", "bold")
            for rule in rules:
                self.page.row(f"    {rule.code} ", self._rule(rule))
        self._signals()
        elsewhere = self.checked.of("not_applicable")
        if elsewhere:
            codes = " ".join(rule.code for rule in elsewhere)
            self.page.row("  ", f"{self._label('elsewhere')}: {codes}")

    def _signals(self) -> None:
        text = Text(zh="信号可评估：{yes}；不可评估：{no}", en="signals: {yes}; cannot be: {no}")
        evaluable = [rule.code for rule in self.checked.of("evaluable") if rule.signal]
        not_evaluable = [rule.code for rule in self.checked.of("not_evaluable") if rule.signal]
        if evaluable or not_evaluable:
            yes, no = (" ".join(codes) or _WORDS["nothing"] for codes in (evaluable, not_evaluable))
            self.page.row("  ", self._of(text.fill(yes=yes, no=no)))

    def _rule(self, rule: CheckedRule) -> str:
        text = rule.title
        if rule.missing:
            more = Text(zh="：缺少 {f}", en=": missing {f}").fill(f=", ".join(rule.missing))
            text = Text(zh=text.zh + more.zh, en=text.en + more.en)
        if rule.lacking:
            more = Text(
                zh="（以下文件的行无法判定：{f}）", en=" (lines of {f} stay unjudged)"
            ).fill(f=", ".join(rule.lacking))
            text = Text(zh=text.zh + more.zh, en=text.en + more.en)
        return self._of(text)

    def _supplies(self) -> None:
        if not self.checked.supplies:
            return
        self.page.heading(self._label("supplies"))
        for supply in self.checked.supplies:
            for lead, text in _supply(supply):
                self.page.row(lead, self._of(text))
        if any(item.file.format == MAPPED for item in self.checked.inputs):
            text = Text(
                zh="文件自己有这样的列时，也可在 [map] 里指定",
                en="or, where the mapped file has such a column itself, name it under [map]",
            )
            self.page.row("  · ", self._of(text))

    def _row(self, label: str, text: Text) -> None:
        self.page.row("  " + padded(self._label(label), LABEL_WIDTH), self._of(text))

    def _label(self, name: str) -> str:
        return self._of(_WORDS[name])

    def _of(self, text: Text) -> str:
        return text.of(self.lang)


def _supply(supply: Supply) -> Iterator[tuple[str, Text]]:
    """Yield the rows of one export: what it is, which fields it supplies, and for which rules."""
    if supply.form:
        text = Text(zh="{title}（{where}）", en="{title} ({where})")
        yield f"  {supply.form.code}  ", text.fill(title=supply.form.title, where=supply.form.where)
    else:
        yield (
            "  · ",
            Text(zh="没有已知的导出含有以下字段", en="no export that is known has these fields"),
        )
    width = max(cells(field) for field, _ in supply.fields)
    for field, headers in supply.fields:
        yield f"    {padded(field, width)}{' ← ' if headers else ''}", any_of(headers)
    codes = " ".join(supply.codes)
    yield "    ", Text(zh=f"→ {codes}", en=f"→ {codes}")
