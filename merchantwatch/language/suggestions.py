"""Suggestions for an unknown name, appended to an error message."""

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches
from operator import eq

from merchantwatch.language.text import Text

_NOTHING = Text(zh="", en="")

_COMPARED = 20
"""How many similar names are compared: codes differ in a digit."""

_ALIKE = str.maketrans("oil", "011")
"""Letters that are taken for digits, so that DY1O1 is rather DY101 than DY111."""


def meant(name: str, names: Iterable[str], more: Text = _NOTHING, *, quoted: bool = False) -> Text:
    """Return "did you mean …?" with the most similar of ``names``, followed by further text.

    It is empty if no name is similar and there is no further text. Names that may contain blanks
    are shown ``quoted``.
    """
    near = _nearest(name, names)
    shown = repr(near) if quoted else near
    has_more = more != _NOTHING
    if near is None:
        return Text(zh=f"。{more.zh}", en=f"; {more.en}") if has_more else _NOTHING
    return Text(
        zh=f"，是否想写 {shown}？{more.zh}",
        en=f"; did you mean {shown}?" + (f" {more.en}" if has_more else ""),
    )


def _nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the most similar name, ignoring case, or None."""
    known = {one.casefold(): one for one in names}
    meant = name.casefold()
    # Casefolded: a wrong case is no difference, but would lower the ratio.
    close = get_close_matches(meant, known, n=_COMPARED, cutoff=0.6)
    nearest = max(close, key=lambda one: _likeness(one, meant), default=None)
    return known[nearest] if nearest is not None else None


def _likeness(known: str, written: str) -> tuple[float, int]:
    """Return how similar two names are; of equally similar ones, how many signs are in place."""
    in_place = map(eq, known.translate(_ALIKE), written.translate(_ALIKE))
    return SequenceMatcher(None, known, written).ratio(), sum(in_place)
