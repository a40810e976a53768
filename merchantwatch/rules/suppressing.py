"""Which rules a suppression covers."""

from collections.abc import Sequence

import msgspec

from merchantwatch.errors import UsageError
from merchantwatch.language.suggestions import meant
from merchantwatch.rules.book import Rulebook
from merchantwatch.rules.exempting import LISTED
from merchantwatch.rules.suppression import Suppression


def suppressible(book: Rulebook, rule: str | None) -> frozenset[str]:
    """Return the codes of the rules that ``rule`` names, of all rules where it is None.

    Signals are left out, as they have no findings: these are the intervention risk's.
    """
    named = {bound.code: bound.rule.name for bound in book.rules if not bound.rule.is_signal}
    if book.risk is not None:
        named[book.risk.code] = book.risk.name
    if rule is None:
        return frozenset(named)
    start = rule.upper()  # codes are upper-case, names lower-case: none is both
    return frozenset(c for c, name in named.items() if c.startswith(start) or name == rule)


def with_suppressions(book: Rulebook, entries: Sequence[Suppression], label: str) -> Rulebook:
    """Return the book with suppressions of its findings.

    Raises UsageError for an entry whose rule is unknown or a signal.
    """
    for entry in entries:
        if entry.rule is not None and not suppressible(book, entry.rule):
            raise _refused(entry, entry.rule, book, label)
    return msgspec.structs.replace(book, suppressions=tuple(entries))


def _refused(entry: Suppression, rule: str, book: Rulebook, label: str) -> UsageError:
    where_zh, where_en = (
        f"{label} 第 {entry.number} 条 rule",
        f"{label}, entry {entry.number}, rule",
    )
    signals = {bound.code: bound.rule.name for bound in book.signals}
    risk = book.risk.code if book.risk else ""
    if any(c.startswith(rule.upper()) or name == rule for c, name in signals.items()):
        return UsageError(
            f"{where_en}: {rule} is a signal and has no findings of its own; write {risk}",
            f"{where_zh}：{rule} 是风险信号，本身没有发现项；请写 {risk}",
        )
    hint = meant(rule, [bound.code for bound in book.rules], LISTED)
    return UsageError(
        f"{where_en}: {rule}: no such rule{hint.en}", f"{where_zh}：没有 {rule} 这条规则{hint.zh}"
    )
