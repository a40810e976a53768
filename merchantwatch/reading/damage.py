"""What Excel and hand-editing do to files, seen where nothing else tells: in whole columns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

EXACT_DIGITS = 15
"""Excel keeps so many digits of a number and makes zeros of the others."""

_LONG, _CUT = rf"^\d{{{EXACT_DIGITS + 1},}}$", rf"^\d{{{EXACT_DIGITS}}}0+$"

_ENOUGH_ZEROS = 4
"""Fewer zeros than this, over different ids, may be chance."""

_FIRST_LOOK = 64
"""Rows that decide nearly always: one whole id among them is enough."""

_PATIENCE = 1 << 17
"""After so many rows without a long number, a column is one of other ids."""


@dataclass
class _Ids:
    """What was seen of a column's ids: how many rows, and a few of the cut ones."""

    seen: int = 0
    cut: set[str] = field(default_factory=set)


class CutIds:
    """Looks for columns in which Excel has cut every long id to fifteen digits.

    One id that ends in zeros may be a good one; where each of several different ones does, and
    none is whole, they were cut. As soon as one whole id is seen, nobody looks any further.
    """

    def __init__(self, columns: Iterable[int]) -> None:
        self._open = {column: _Ids() for column in columns}

    @property
    def undecided(self) -> bool:
        """Whether some column may still turn out to be cut."""
        return bool(self._open)

    @property
    def columns(self) -> frozenset[int]:
        """The columns whose ids were all cut, once all is seen."""
        return frozenset(
            column
            for column, ids in self._open.items()
            if len(ids.cut) > 1 and sum(len(one) - EXACT_DIGITS for one in ids.cut) >= _ENOUGH_ZEROS
        )

    def look(self, columns: Mapping[int, Any]) -> None:
        """Look at columns of cleaned cells, by their positions."""
        for column, ids in list(self._open.items()):
            cells = columns[column]
            if _is_good(ids, cells[:_FIRST_LOOK]) or _is_good(ids, cells[_FIRST_LOOK:]):
                self._open.pop(column, None)


def _is_good(ids: _Ids, cells: Any) -> bool:
    """Take note of some cells of a column, and say whether they show that it was not cut."""
    from pyarrow import compute

    ids.seen += len(cells)
    if (compute.max(compute.binary_length(cells)).as_py() or 0) > EXACT_DIGITS:
        long = cells.filter(compute.match_substring_regex(cells, _LONG))
        cut = long.filter(compute.match_substring_regex(long, _CUT))
        if len(cut) < len(long):
            return True
        if len(ids.cut) <= _ENOUGH_ZEROS:
            ids.cut.update(compute.unique(cut)[: _ENOUGH_ZEROS + 1].to_pylist())
    return not ids.cut and ids.seen > _PATIENCE
