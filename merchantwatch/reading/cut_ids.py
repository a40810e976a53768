"""Recognises ids that Excel has cut to fifteen digits, by their whole column."""

from collections.abc import Iterable, Iterator, Mapping
from math import sqrt
from typing import Any

from msgspec import Struct, field

from merchantwatch.reading.arrow import Batch, Cells, Number, Texts, number

EXACT_DIGITS = 15
"""How many digits of a number Excel stores; the others become zeros."""

_LONG, _CUT = rf"^\d{{{EXACT_DIGITS + 1},}}$", rf"^\d{{{EXACT_DIGITS}}}0+$"

_ENOUGH_ZEROS = 4
"""If all ids end in zeros, fewer zeros than this, summed over different ids, may be chance."""

SURE_ZEROS = 3
"""Among whole ids only those with this many final zeros are examined: fewer are often genuine."""

_SURELY_CUT = rf"^\d{{{EXACT_DIGITS}}}0{{{SURE_ZEROS},}}$"

_FIRST_LOOK = 64
"""The first rows nearly always decide: one whole id among them shows that not all are cut."""

_PATIENCE = 1 << 17
"""After this many rows without a long number, a column holds ids of another kind."""

_MOST = 10_000
"""At most this many different cut ids are counted: more cannot be chance in any file."""


def more_than_chance(different: int, rows: int, zeros: int) -> bool:
    """Say whether there are more different ids with this many final zeros than chance explains."""
    expected = rows / 10**zeros
    # Six standard deviations of a Poisson count, so that chance hardly ever refuses a good file.
    return different > 1 and different > expected + 6 * sqrt(expected) + 1


class _Ids(Struct):
    """Findings about a column's ids: rows seen, whether one is whole, and those that are cut."""

    rows: int = 0
    whole: bool = False
    cut: set[str] = field(default_factory=set)

    @property
    def zeros(self) -> int:
        return min(len(one) for one in self.cut) - EXACT_DIGITS

    @property
    def are_cut(self) -> bool:
        # Good ids may end in zeros, too: only more of them than chance prove damage.
        if self.whole:
            return bool(self.cut) and more_than_chance(len(self.cut), self.rows, self.zeros)
        zeros = sum(len(one) - EXACT_DIGITS for one in self.cut)
        return len(self.cut) > 1 and zeros >= _ENOUGH_ZEROS


class CutIds:
    """Looks for columns in which Excel has cut long ids to fifteen digits: all of them, or some.

    One id that ends in zeros may be genuine. If several different ones all do, and none is whole,
    they were cut. Among whole ones they were cut if there are more of them than chance explains.
    """

    def __init__(self, columns: Iterable[int]) -> None:
        self._open = {column: _Ids() for column in columns}

    @property
    def undecided(self) -> bool:
        """Whether all long ids of some column may still turn out to be cut."""
        return any(not ids.whole for ids in self._open.values())

    @property
    def columns(self) -> frozenset[int]:
        """The columns in which ids were cut, once all cells are read."""
        return frozenset(column for column, ids in self._open.items() if ids.are_cut)

    def look(self, columns: Mapping[int, Cells]) -> None:
        """Look at columns of cleaned cells, by their positions."""
        for column, ids in list(self._open.items()):
            cells = columns[column]
            ids.rows += len(cells)
            others = not ids.whole and _are_others(ids, cells)
            if others:
                self._open.pop(column, None)
            elif ids.whole:
                _look_among_whole(ids, cells)

    def looking(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """Yield batches, having looked at each."""
        for batch in batches:
            self.look({index: batch[f"c{index}"] for index in self._open})
            yield batch


def _are_others(ids: _Ids, cells: Cells) -> bool:
    """Look whether some long id is whole, and say whether the column is one of other ids."""
    # One whole id settles a column, and most columns have it in their first rows.
    for some in (cells[:_FIRST_LOOK], cells[_FIRST_LOOK:]):
        if not ids.whole:
            _look_for_a_whole_one(ids, _texts(some))
    return not ids.whole and not ids.cut and ids.rows > _PATIENCE


def _look_for_a_whole_one(ids: _Ids, cells: Texts) -> None:
    from pyarrow import compute

    lengths: Cells = compute.binary_length(cells)
    if (compute.max(lengths).as_py() or 0) <= EXACT_DIGITS:
        return
    long = cells.filter(compute.match_substring_regex(cells, _LONG))
    cut = long.filter(compute.match_substring_regex(long, _CUT))
    ids.whole = len(cut) < len(long)
    if len(ids.cut) <= _ENOUGH_ZEROS:
        ids.cut.update(filter(None, compute.unique(cut)[: _ENOUGH_ZEROS + 1].to_pylist()))
    if ids.whole:
        ids.cut = {one for one in ids.cut if len(one) >= EXACT_DIGITS + SURE_ZEROS}


def _look_among_whole(ids: _Ids, cells: Cells) -> None:
    """Collect ids that may be cut: few ids end in zeros, and only these are examined."""
    from pyarrow import compute

    if len(ids.cut) > _MOST:
        return
    rare = cells.filter(_ends_in_zeros(cells))
    if len(rare):
        few = compute.unique(_texts(rare))
        cut = few.filter(compute.match_substring_regex(few, _SURELY_CUT))
        ids.cut.update(filter(None, cut.to_pylist()))


def _ends_in_zeros(cells: Cells) -> Cells:
    import pyarrow as pa
    from pyarrow import compute

    if not pa.types.is_integer(cells.type):
        return compute.ends_with(cells, "0" * SURE_ZEROS)
    unit: Number = number(10**SURE_ZEROS).cast(cells.type)
    whole = compute.multiply(compute.divide(cells, unit), unit)
    return compute.equal(cells, whole)


def _texts(cells: Any) -> Any:
    import pyarrow as pa

    return cells.cast(pa.string()) if pa.types.is_integer(cells.type) else cells
