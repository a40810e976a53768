"""Rows that wait until there are enough of them to be worth a query."""

from collections.abc import Callable
from typing import NamedTuple

from merchantwatch.engines import SourceInfo
from merchantwatch.reading import UNDECIDED, Styles
from merchantwatch.reading.arrow import Rows, Schema, Table, number


class Alike(NamedTuple):
    """What rows that one query can take have in common.

    ``cut`` are columns whose ids Excel has cut, ``sound`` those with which nothing is wrong,
    ``styles`` what their cells have decided.
    """

    schema: Schema
    cut: frozenset[int] = frozenset()
    sound: frozenset[int] = frozenset()
    styles: Styles = UNDECIDED


class Waiting:
    """Rows that wait, with others like them, until they are ``enough``."""

    def __init__(self, enough: int, done: Callable[[Table, Alike], None]) -> None:
        self._enough, self._done = enough, done
        self._rows: dict[Alike, list[Rows]] = {}
        self._sources_added: set[int] = set()
        self._gone: set[int] = set()

    def add(self, rows: Rows, alike: Alike) -> None:
        """Let rows wait, and do what is to be done once there are enough like them."""
        waiting = self._rows.setdefault(alike, [])
        waiting.append(rows)
        self._sources_added |= _sources(rows)
        if sum(map(len, waiting)) >= self._enough:
            self._do(alike)

    def finish(self) -> None:
        """Do what is to be done with all that are left, those of one schema together."""
        left: dict[Alike, list[Alike]] = {}
        for alike in self._rows:
            left.setdefault(alike._replace(sound=frozenset()), []).append(alike)
        for like, several in left.items():
            rows = [one for alike in several for one in self._rows.pop(alike)]
            sound = frozenset.intersection(*(alike.sound for alike in several))
            self._rows[like._replace(sound=sound)] = rows
            self._do(like._replace(sound=sound))

    def forget(self, info: SourceInfo) -> bool:
        """Drop the rows of a source, and say whether others of it are done with already."""
        from pyarrow import compute

        gone = number(info.number)
        if info.number in self._sources_added:
            for waiting in self._rows.values():
                waiting[:] = [
                    rows.filter(compute.not_equal(rows["source"], gone)) for rows in waiting
                ]
        return info.number in self._gone

    def _do(self, alike: Alike) -> None:
        import pyarrow as pa

        together = pa.concat_tables(map(_as_table, self._rows.pop(alike)))
        if len(together):
            self._gone |= _sources(together)
            self._done(together, alike)


def _sources(rows: Rows) -> set[int]:
    """Return the numbers of the sources of rows."""
    from pyarrow import compute

    found = compute.unique(rows["source"]).to_pylist()
    return {number for number in found if number is not None}


def _as_table(rows: Rows) -> Table:
    import pyarrow as pa

    return rows if isinstance(rows, pa.Table) else pa.Table.from_batches([rows])
