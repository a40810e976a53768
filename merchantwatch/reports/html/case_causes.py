"""Why buyers complain: the cases that have a task, by their reason."""

from collections import Counter

from markupsafe import Markup
from msgspec import Struct

from merchantwatch.language.text import Text
from merchantwatch.reports.html.pictures import lying
from merchantwatch.results.model import Results
from merchantwatch.support.harmless import harmless

MOST = 12
"""How many reasons are drawn and listed; the others are one."""

_OTHERS = Text(zh="其他原因", en="other reasons")
_LONGEST = 28


class CaseCauses(Struct, frozen=True):
    """The same picture in both languages, and its numbers, the most frequent reason first."""

    zh: Markup
    en: Markup
    counts: tuple[tuple[Text, int], ...]


def case_causes(results: Results) -> CaseCauses | None:
    """Return how many cases have which reason; None where there is no case."""
    found = Counter(f.evidence.title for f in results.findings if f.evidence)
    if not found:
        return None
    # By name among equals, so that equal results make equal pages.
    ranked = sorted(found.items(), key=lambda one: (-one[1], one[0].zh))
    rest = sum(n for _, n in ranked[MOST:])
    counts = (*ranked[:MOST], *([(_OTHERS, rest)] if rest else []))
    numbers = [n for _, n in counts]
    zh = lying([_name(text.zh) for text, _ in counts], numbers)
    return CaseCauses(zh, lying([_name(text.en) for text, _ in counts], numbers), counts)


def _name(text: str) -> str:
    name = harmless(text)
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
