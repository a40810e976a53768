"""``rules``, ``rule`` and ``formats``: list and explain the built-in rules and formats."""

from collections.abc import Sequence
from pathlib import Path

from merchantwatch.formats import formats as known
from merchantwatch.reports import catalogue, format_list
from merchantwatch.rules import find
from merchantwatch.run.start import loaded
from merchantwatch.support.writing import show


def rules(packs: Sequence[str], confidence: Sequence[str], lang: str) -> int:
    """List the rules and signals."""
    show(catalogue.rules(loaded([Path(pack) for pack in packs]), lang, confidence))
    return 0


def rule(code: str, packs: Sequence[str], lang: str) -> int:
    """Explain one rule, or one reason of quarantine."""
    book = loaded([Path(pack) for pack in packs])
    # In this order: find() refuses a code that is no rule's.
    text = catalogue.reason(code, lang) or catalogue.rule(find(book, code), lang)
    show(text)
    return 0


def formats(lang: str) -> int:
    """List the formats."""
    show(format_list.formats(known(), lang))
    return 0
