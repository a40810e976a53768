"""What a user most likely meant, where a name is not known: the end of an error's message."""

from collections.abc import Iterable
from difflib import get_close_matches

from merchantwatch.language.text import Text

_NOTHING = Text(zh="", en="")


def meant(name: str, names: Iterable[str], more: Text = _NOTHING, *, quoted: bool = False) -> Text:
    """Return the question which of ``names`` was meant, and further text.

    It follows the error about ``name``, and is empty where no name is similar and there is no
    further text. Names that may have blanks in them are shown ``quoted``.
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
    """Return the name that comes nearest, whatever its case, or None."""
    known = {one.casefold(): one for one in names}
    found = get_close_matches(name.casefold(), known, n=1, cutoff=0.6)
    return known[found[0]] if found else None
