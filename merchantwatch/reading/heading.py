"""The header among the first rows of a table: exports may open with a title, or a blank row."""

from collections.abc import Collection, Sequence

from merchantwatch.formats import fold

HEADER_WITHIN = 20
"""In how many first rows the header is looked for."""

SURE = 2
"""How many known words make a row a header, wherever it stands."""


def known_in(cells: Sequence[str], words: Collection[str]) -> int:
    """Return how many cells of a header are known."""
    return sum(fold(cell) in words for cell in cells)


def header_among(rows: Sequence[Sequence[str]], words: Collection[str]) -> int | None:
    """Return the place of the header among the first rows of a table; None where all are blank.

    It is the row with the most known words. If hardly any is known, it is the first row about as
    wide as the table.
    """
    known = [known_in(row, words) for row in rows]
    best = max(known, default=0)
    if best >= SURE:
        # The first of equals: a repeated header further down is a row without a record.
        return known.index(best)
    # A title fills one cell of many, so a row half as wide as the widest is no title.
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    widest = max(filled, default=0)
    return next((n for n, cells in enumerate(filled) if 2 * cells > widest), None)
