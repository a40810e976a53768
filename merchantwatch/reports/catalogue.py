"""The catalogue: rules, signals and the reasons of quarantine, listed and explained."""

from collections.abc import Collection, Iterator

from merchantwatch.language.quarantine_reasons import REASONS
from merchantwatch.language.text import Text
from merchantwatch.reports.rule_rows import WORDS, risk_of, risk_rows, rule_rows
from merchantwatch.rules import BoundRule, Risk, Rulebook

_REASONS = Text(
    zh="隔离原因（读不懂的行为什么没有参与判定）",
    en="Reasons of quarantine (why a row could not be judged)",
)
_SIGNALS = Text(
    zh="信号（本身不触线，合计为 IR900）",
    en="Signals (none breaks a limit; together they make IR900)",
)


def rules(book: Rulebook, lang: str, confidence: Collection[str] = ()) -> str:
    """Return the list of rules, of signals, and of the reasons of quarantine, a line each.

    With ``confidence`` only the rules and signals whose numbers are that sure.
    """
    if confidence:
        return "\n".join(_rule_list(_as_sure_as(book, confidence), lang)) + "\n"
    return "\n".join([*_rule_list(book, lang), *_reason_list(lang)]) + "\n"


def _as_sure_as(book: Rulebook, confidence: Collection[str]) -> Rulebook:
    rules = tuple(b for b in book.rules if b.rule.source.confidence in confidence)
    # The sum of signals is no rule of a platform, but has a confidence like one.
    risk = book.risk if book.risk and book.risk.source.confidence in confidence else None
    return Rulebook(rules=rules, risk=risk)


def _reason_list(lang: str) -> Iterator[str]:
    yield ""
    yield _REASONS.of(lang)
    for code, entry in REASONS.items():
        yield f"{code}  {entry.text.of(lang)}"


def reason(code: str, lang: str) -> str | None:
    """Return one reason of quarantine, explained; None where there is no such code."""
    entry = REASONS.get(code.upper())
    if entry is None:
        return None
    action = WORDS["action"].of(lang)
    colon = "：" if lang == "zh" else ": "
    return f"{code.upper()}\n{entry.meaning.of(lang)}\n\n{action}{colon}{entry.remedy.of(lang)}\n"


def _rule_list(book: Rulebook, lang: str) -> Iterator[str]:
    # By code: packs are ordered for judging, and a reader looks a code up.
    for bound in sorted(book.rules, key=lambda b: b.code):
        if not bound.rule.is_signal:
            rule = bound.rule
            yield _row(
                rule.code, rule.severity, rule.source.confidence, rule.title.of(lang), rule.name
            )
    if book.risk:
        risk = book.risk
        yield _row(risk.code, risk.severity, risk.source.confidence, risk.title.of(lang), risk.name)
    if book.signals:
        yield ""
        yield _SIGNALS.of(lang)
    for bound in book.signals:
        rule = bound.rule
        yield _row(rule.code, risk_of(rule), rule.source.confidence, rule.title.of(lang), rule.name)


def _row(code: str, severity: str, confidence: str, title: str, name: str) -> str:
    return f"{code}  {severity:<9} {confidence:<10} {title} ({name})"


def rule(entry: BoundRule | Risk, lang: str) -> str:
    """Return one rule, explained."""
    head = entry if isinstance(entry, Risk) else entry.rule
    rows = risk_rows(entry) if isinstance(entry, Risk) else rule_rows(entry)
    lines = [f"{head.code} {head.name}", head.title.of(lang), ""]
    for name, text in rows:
        label = WORDS[name].of(lang)
        lines.append(f"{label}: {text.of(lang)}" if lang == "en" else f"{label}：{text.of(lang)}")
    return "\n".join(lines) + "\n"
