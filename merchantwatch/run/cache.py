"""Takes over from the cache what an earlier run has judged of an export in the same way.

The cache holds for an export the result of judging it: the states of its rows, those that a rule
shows or that have upcoming deadlines, and in full those whose verdicts change soon, or that are
joined with other exports. Only these can change, when their moment has come or what they find in
the others is another, and are then judged again. The cache is never a source of truth: an entry
that is missing or damaged is read from the export again.
"""

from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

import msgspec

from merchantwatch.engines import Embedded, Engine, SourceInfo
from merchantwatch.pipeline import cache_keys, passes
from merchantwatch.pipeline.layout import groups_of_equal_columns
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.stages import stage
from merchantwatch.reading import Export, remembered
from merchantwatch.reading.arrow import Table, number
from merchantwatch.reading.digests import Digests
from merchantwatch.run.cache_entries import (
    Found,
    Held,
    entries,
    held,
    numbered,
    parted,
    schemas,
    together,
)
from merchantwatch.run.places import cache_folder
from merchantwatch.settings import Settings
from merchantwatch.support.shelf import Shelf

_MOST_ROWS = 2_000_000
"""An export of more rows is not cached: all of it would have to be in memory at once."""

_ROWS_AT_A_TIME = 500_000
"""How many rows of small exports are taken over, or cached, together."""

_TIME = "%Y%m%d%H%M%S"


@dataclass
class Cache:
    """The cache of a run: its folder, the files that it knows, and how much of it was used."""

    shelf: Shelf | None = None
    digests: Digests = field(default_factory=Digests)
    used: int = 0
    asked: int = 0
    _names: dict[int, str] = field(default_factory=dict)
    _worn: dict[int, str] = field(default_factory=dict)

    def caching(self, engine: Engine, lines: Lines) -> Lines:
        """Return the lines of a run, to be cached for other runs where that can be done.

        Lines of which a first look at all of them tells something are not.
        """
        # Where other lines say something of a line, its own export alone is no key to what it was.
        able = isinstance(engine, Embedded) and not lines.cross_line
        return replace(lines, caching=self.shelf is not None and able)

    def taken_over(
        self, engine: Engine, exports: Sequence[Export], lines: Lines, plan: Plan, info_of: "InfoOf"
    ) -> set[int]:
        """Take over exports from the cache, and return their numbers."""
        if self.shelf is None or not lines.caching or not isinstance(engine, Embedded):
            return set()
        self._names = dict(
            self._named(exports, cache_keys.judging_digests(lines, exports, plan, info_of))
        )
        turned: list[Found] = []
        written_so = schemas(engine, lines, plan)
        there = (one for one in self._held(exports, lines.as_of) if one.fits(written_so))
        known: set[int] = set()
        # To filter while inserting costs a fifth of copying all other rows before.
        holding = f" where expires_at > {cache_keys.in_seconds(lines.as_of)}"
        for able in _batched(there, lambda one: one.rows):
            some = list(self._found(engine, able, lines))
            for name, rows in together(some):
                engine.take(rows, name, f"select * from chunk{holding if name == 'states' else ''}")
            for one in some:
                known.add(one.export.number)
                if count := info_of(one.export).taken:
                    count(one.rows)
            # The engine has these tables by now: held any longer, they would be in memory twice.
            turned += [replace(one, tables={}) for one in some if len(one.again)]
        _judge_again(engine, turned, lines, plan)
        self.asked, self.used = len(exports), len(known)
        return known

    def keep(self, engine: Engine, exports: Iterable[Export], lines: Lines, plan: Plan) -> None:
        """Keep what judging exports gave: those that were read, and those whose entries are worn.

        Not of a file that is another one by now.
        """
        if self.shelf is None or not lines.caching:
            return
        rows = _rows(engine)
        worth = (e for e in exports if self._is_intact(e) and rows.get(e.number, 0) <= _MOST_ROWS)
        for some in _batched(worth, lambda export: rows.get(export.number, 0)):
            for export, entry in entries(engine, some, lines, plan):
                if export.number in self._worn:
                    self.shelf.drop(self._worn[export.number])
                self.shelf.put(f"{self._names[export.number]}-{lines.as_of:{_TIME}}", entry)
        self.shelf.tidy()

    @property
    def worn(self) -> set[int]:
        """The numbers of the exports of which so much has changed that they are cached again."""
        return {*self._worn}

    def _is_intact(self, export: Export) -> bool:
        place = remembered.place_of(export.source)
        return place is not None and export.number in self._names and self.digests.holds(place[0])

    def _named(self, exports: Iterable[Export], ways: dict[int, str]) -> Iterator[tuple[int, str]]:
        """Yield the names of the cache entries of exports judged in their ways."""
        for export in exports:
            place = remembered.place_of(export.source)
            digest = self.digests.of(place[0]) if place else None
            if place and digest:
                way = cache_keys.digest_of(digest, place[1], ways[export.number])
                yield export.number, f"rows-{way}"

    def _held(self, exports: Iterable[Export], as_of: datetime) -> Iterator[Held]:
        """Yield the newest entries of exports that are not of a later as-of."""
        there = sorted(self.shelf.names()) if self.shelf else []
        for export in exports:
            name = self._names.get(export.number, "")
            # A name ends with its as-of, so that names in order are in the order of time. States of
            # a later as-of are of no use: what had turned by then cannot be turned back.
            able = there[bisect(there, name) : bisect(there, f"{name}-{as_of:{_TIME}}")]
            data = self.shelf.get(able[-1]) if self.shelf and name and able else None
            with suppress(*_NO_ENTRY):
                if data is not None and (one := held(data, export, able[-1], as_of)):
                    yield one

    def _found(self, engine: Embedded, some: Sequence[Held], lines: Lines) -> Iterator[Found]:
        """Yield what still holds of exports, and what has turned."""
        now = _looked_up(engine, some, lines) if lines.joined else {}
        for one in some:
            with suppress(*_NO_ENTRY):
                found = parted(one, lines.as_of, now.get(one.export.number))
                self._worn |= {one.export.number: one.name} if found.unsettled is not None else {}
                yield found


_NO_ENTRY = (msgspec.MsgspecError, ValueError, KeyError, OSError)
"""The errors that show that a file is not a cache entry of its export."""


def _looked_up(engine: Embedded, some: Sequence[Held], lines: Lines) -> dict[int, Table]:
    """Return what the rows of each export find in joined ones now."""
    import pyarrow as pa
    from pyarrow import compute

    found = {}
    by_number = {one.export.number: one for one in some}
    for alike in groups_of_equal_columns(one.export for one in some):
        rows = [numbered(by_number[export.number].unsettled, export) for export in alike]
        query = passes.joined_rows_query(lines, alike[0])
        now = engine.ask(pa.concat_tables(rows), passes.CACHED_ROWS, query)
        for export in alike:
            found[export.number] = now.filter(compute.equal(now["source"], number(export.number)))
    return found


def cache_of(settings: Settings) -> Cache:
    """Return the cache of a run, which is none where nothing is recorded."""
    folder = cache_folder(settings)
    shelf = Shelf(folder, settings.cache.bytes) if folder else None
    return Cache(shelf, Digests(shelf))


InfoOf = Callable[[Export], SourceInfo]
"""The source info of an export, which all its rows share."""

Item = TypeVar("Item")


def _judge_again(engine: Embedded, turned: Iterable[Found], lines: Lines, plan: Plan) -> None:
    """Judge the rows whose moment has come, those of exports with the same columns together."""
    import pyarrow as pa

    rows = {found.export.number: numbered(found.again, found.export) for found in turned}
    for alike in groups_of_equal_columns(found.export for found in turned):
        over = passes.rejudging(lines, alike[0], plan)
        engine.judge_rows(pa.concat_tables(rows[export.number] for export in alike), over)


def _rows(engine: Engine) -> dict[int, int]:
    """Return how many rows of each source were judged."""
    counts = engine.table(stage("rows_judged")).to_pylist()
    return {row["source"]: row["rows"] for row in counts}


def _batched(items: Iterable[Item], rows: Callable[[Item], int]) -> Iterator[list[Item]]:
    """Yield items in batches of at most a number of rows, or one item with more."""
    some: list[Item] = []
    for item in items:
        if some and sum(map(rows, some)) + rows(item) > _ROWS_AT_A_TIME:
            yield some
            some = []
        some.append(item)
    if some:
        yield some
