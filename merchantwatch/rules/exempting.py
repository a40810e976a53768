"""Which rules an exemption covers."""

from collections.abc import Sequence

import msgspec

from merchantwatch.errors import UsageError
from merchantwatch.language.suggestions import meant
from merchantwatch.language.text import Text
from merchantwatch.rules.book import BoundRule, Rulebook
from merchantwatch.rules.exemption import Exemption

LISTED = Text(zh="“merchantwatch rules” 可列出全部规则", en="'merchantwatch rules' lists them")


def covers(exemption: Exemption, bound: BoundRule, risk: str | None) -> bool:
    """Say whether an exemption covers a rule.

    An exemption that names no rules covers all that judge orders and parcels. Rules about
    after-sales cases, and signals, must be named; signals also by the code of the ``risk``.
    """
    rule = bound.rule
    if not exemption.rules:
        return not (rule.is_signal or bound.about_cases)
    return any(
        rule.code.startswith(name.upper())
        or rule.name == name
        or (rule.is_signal and name.upper() == risk)
        for name in exemption.rules
    )


def with_exemptions(book: Rulebook, exemptions: Sequence[Exemption], label: str) -> Rulebook:
    """Return the book with exemptions from its rules.

    Raises UsageError for an exemption that names an unknown rule.
    """
    risk = book.risk.code if book.risk else None
    for exemption in exemptions:
        for name in exemption.rules:
            # Each name alone: a mistyped one would go unnoticed beside a right one.
            alone = msgspec.structs.replace(exemption, rules=(name,))
            if not any(covers(alone, bound, risk) for bound in book.rules):
                raise _unknown(name, exemption.row, book, label)
    return msgspec.structs.replace(book, exemptions=tuple(exemptions))


def _unknown(name: str, row: int, book: Rulebook, label: str) -> UsageError:
    hint = meant(name, [bound.code for bound in book.rules], LISTED)
    return UsageError(
        f"{label} row {row}, rule: {name}: no such rule{hint.en}",
        f"{label} 第 {row} 行“规则”：没有 {name} 这条规则{hint.zh}",
    )
