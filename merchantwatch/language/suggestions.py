"""Suggestions for an unknown name, appended to an error message."""

from collections.abc import Iterable
from difflib import get_close_matches

from merchantwatch.language.text import Text

_NOTHING = Text(zh="", en="")


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
    found = get_close_matches(name.casefold(), known, n=1, cutoff=0.6)
    return known[found[0]] if found else None
