"""Merged cells: a value that Excel shows over several rows holds for each of them."""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, NamedTuple

Range = tuple[tuple[int, int], tuple[int, int]]
"""The first and the last cell, each by row and column, from 0."""

Rows = Iterator[tuple[int, list[Any]]]
"""Rows of cells with their numbers, from 1."""


class Spread(NamedTuple):
    """A merged cell that is copied down: its column, its row and the last row, from 1."""

    row: int
    column: int
    last: int


def spreads(
    ranges: Iterable[Range], header: int, wanted: Collection[int], adds_up: Callable[[int], bool]
) -> list[Spread]:
    """Return the merged cells below the header that span several rows, in their order.

    Only those of ``wanted`` columns. A value that ``adds_up`` over rows, such as an amount, is not
    spread: it is the sum of all these rows.
    """
    found = (
        Spread(first[0] + 1, first[1], last[0] + 1)
        for first, last in ranges
        if first[0] >= header and last[0] > first[0] and first[1] in wanted
    )
    return sorted(spread for spread in found if not adds_up(spread.column))


def filled_down(rows: Rows, spreads: list[Spread]) -> Rows:
    """Yield rows with merged cells filled in; a row with no other cell stays empty."""
    if not spreads:
        yield from rows
        return
    waiting, holding = iter(spreads), dict[int, tuple[int, Any]]()
    following = next(waiting, None)
    for number, cells in rows:
        if any(cell != "" for cell in cells):
            for column, (last, value) in holding.items():
                # A cell with a value of its own below a merged one is not covered by it.
                if number <= last and cells[column] == "":
                    cells[column] = value
        while following is not None and following.row <= number:
            if following.row == number:
                holding[following.column] = (following.last, cells[following.column])
            following = next(waiting, None)
        yield number, cells
