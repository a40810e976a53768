"""Rows that are collected until there are enough of them for a query."""

from collections.abc import Callable
from typing import NamedTuple

from merchantwatch.engines import SourceInfo
from merchantwatch.reading import UNDECIDED, Styles
from merchantwatch.reading.arrow import Rows, Schema, Table, number

_MOST_BYTES = 1 << 28
"""Beyond this, rows are processed however few they are: cells may be long."""


class BatchKey(NamedTuple):
    """The properties that rows must share to be judged by one query.

    ``cut`` are columns whose ids Excel has cut, ``sound`` those that need no test, ``styles`` what
    their cells have decided.
    """

    schema: Schema
    cut: frozenset[int] = frozenset()
    sound: frozenset[int] = frozenset()
    styles: Styles = UNDECIDED


class Waiting:
    """Rows collected by their key until ``enough`` have the same one, or they take much memory."""

    def __init__(self, enough: int, done: Callable[[Table, BatchKey], None]) -> None:
        self._enough, self._done = enough, done
        self._rows: dict[BatchKey, list[Rows]] = {}
        self._sources_added: set[int] = set()
        self._processed: set[int] = set()

    def add(self, rows: Rows, key: BatchKey) -> None:
        """Collect rows, and process those with this key once there are enough."""
        waiting = self._rows.setdefault(key, [])
        waiting.append(rows)
        self._sources_added |= _sources(rows)
        size = sum(one.nbytes for one in waiting)
        if sum(map(len, waiting)) >= self._enough or size >= _MOST_BYTES:
            self._do(key)

    def finish(self) -> None:
        """Process all that are left, those with the same schema together."""
        # A test that some rows need is made for all: that costs less than one more query.
        left: dict[BatchKey, list[BatchKey]] = {}
        for key in self._rows:
            left.setdefault(key._replace(sound=frozenset()), []).append(key)
        for like, several in left.items():
            rows = [one for key in several for one in self._rows.pop(key)]
            sound = frozenset.intersection(*(key.sound for key in several))
            self._rows[like._replace(sound=sound)] = rows
            self._do(like._replace(sound=sound))

    def forget(self, info: SourceInfo) -> bool:
        """Drop the rows of a source, and say whether others of it were processed already."""
        from pyarrow import compute

        dropped = number(info.number)
        if info.number in self._sources_added:
            for waiting in self._rows.values():
                waiting[:] = [
                    rows.filter(compute.not_equal(rows["source"], dropped)) for rows in waiting
                ]
        return info.number in self._processed

    def _do(self, key: BatchKey) -> None:
        import pyarrow as pa

        together = pa.concat_tables(map(_as_table, self._rows.pop(key)))
        if len(together):
            self._processed |= _sources(together)
            self._done(together, key)


def _sources(rows: Rows) -> set[int]:
    """Return the numbers of the sources of rows."""
    from pyarrow import compute

    found = compute.unique(rows["source"]).to_pylist()
    return {number for number in found if number is not None}


def _as_table(rows: Rows) -> Table:
    import pyarrow as pa

    return rows if isinstance(rows, pa.Table) else pa.Table.from_batches([rows])
