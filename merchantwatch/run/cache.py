"""Reuses what an earlier run has judged of an export, if it was judged in the same way.

A cache entry holds the result of judging an export: the states of its rows, the rows that a rule
shows or that have upcoming deadlines, and, in full, the rows whose verdicts may change: those that
expire soon, and all rows if other exports are joined onto them. When a verdict has expired, or a
row finds other joined rows than before, it is judged again. The cache is never a source of truth:
if an entry is missing or damaged, the export is read again.
"""

from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from merchantwatch.engines import Embedded, Engine, SourceInfo
from merchantwatch.pipeline import cache_keys, passes
from merchantwatch.pipeline.layout import groups_of_equal_columns
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.rendering import render_sql
from merchantwatch.reading import Export, release_unused, remembered
from merchantwatch.reading.arrow import Table, number
from merchantwatch.reading.digests import Digests
from merchantwatch.run.cache_entries import (
    Reusable,
    StoredEntry,
    combined_tables,
    decoded,
    encoded,
    reusable_part,
    schemas,
    with_source_number,
)
from merchantwatch.run.entry_bytes import Entry, packed
from merchantwatch.run.places import cache_folder
from merchantwatch.settings import Settings
from merchantwatch.support.shelf import Shelf

_MOST_ROWS = 2_000_000
"""An export of more rows is not cached: all of it would have to be in memory at once."""

_ROWS_AT_A_TIME = 500_000
"""How many rows of small exports are reused, or cached, at a time."""

_MOST_HELD = 20_000_000
"""How many rows are read where the cache holds them: further ones are copied into the engine."""

_TIME = "%Y%m%d%H%M%S"


class Cache(Struct):
    """The cache of a run: its folder, the files that it knows, and how much of it was used."""

    shelf: Shelf | None = None
    digests: Digests = field(default_factory=Digests)
    used: int = 0
    lookups: int = 0
    _names: dict[int, str] = field(default_factory=dict)
    _outdated: dict[int, str] = field(default_factory=dict)
    _held: list[Table] = field(default_factory=list)

    def caching(self, engine: Engine, lines: Lines) -> Lines:
        """Return the lines of a run, marked to be cached for other runs if they can be."""
        # With cross-line fields the verdict on a line depends on lines of other exports, too: the
        # content of its own export would be no sufficient key.
        can_be_cached = isinstance(engine, Embedded) and not lines.cross_line
        return replace(lines, caching=self.shelf is not None and can_be_cached)

    def reuse(
        self, engine: Engine, exports: Sequence[Export], lines: Lines, plan: Plan, info_of: "InfoOf"
    ) -> set[int]:
        """Fill the engine's tables with cached exports, and return the numbers of these.

        Most rows of ``states`` come only once ``hold`` is called.
        """
        if self.shelf is None or not lines.caching or not isinstance(engine, Embedded):
            return set()
        self._names = dict(
            self._entry_names(exports, cache_keys.judging_digests(lines, exports, plan, info_of))
        )
        expired: list[Reusable] = []
        expected = schemas(engine, lines, plan)
        stored = (entry for entry in self._stored(exports, lines.as_of) if entry.fits(expected))
        known: set[int] = set()
        self._held = []
        # Filtering while inserting costs a fifth of copying the rows that still hold before.
        holding = f" where expires_at > {cache_keys.in_seconds(lines.as_of)}"
        for batch in _batched(stored, lambda entry: entry.rows):
            reusable = list(self._reusable(engine, batch, lines))
            for name, rows in combined_tables(reusable):
                if name == "states" and self._may_hold(rows, lines):
                    self._held.append(rows)
                    continue
                engine.take(rows, name, f"select * from chunk{holding if name == 'states' else ''}")
            for found in reusable:
                known.add(found.export.number)
                if count := info_of(found.export).taken:
                    count(found.rows)
            # The engine has these tables by now: kept any longer, they would be in memory twice.
            expired += [replace(found, tables={}) for found in reusable if len(found.again)]
        _judge_again(engine, expired, lines, plan)
        self.lookups, self.used = len(exports), len(known)
        return known

    def _may_hold(self, rows: Table, lines: Lines) -> bool:
        """Say whether rows can be read in place, so that they take no memory of the engine."""
        # Where exports are joined, some columns are computed anew: these would be in memory.
        return not lines.joined and sum(map(len, self._held)) + len(rows) <= _MOST_HELD

    def hold(self, engine: Engine, lines: Lines) -> None:
        """Let ``states`` have the reused rows that were not copied, once all others are judged."""
        import pyarrow as pa

        if self._held and isinstance(engine, Embedded):
            now = cache_keys.in_seconds(lines.as_of)
            # A mere comparison would be left to Arrow, which copies all columns for it.
            which = f"greatest(expires_at, {now}) > {now}"
            engine.hold(pa.concat_tables(self._held), "states", which)

    def store(self, engine: Engine, exports: Iterable[Export], lines: Lines, plan: Plan) -> None:
        """Write the entries of exports that were read, or whose entries are outdated.

        Exports whose files have changed since they were read are left out.
        """
        if self.shelf is None or not lines.caching:
            return
        rows = _rows(engine)
        small = (export for export in exports if rows.get(export.number, 0) <= _MOST_ROWS)
        intact = (export for export in small if self._is_intact(export))
        for batch in _batched(intact, lambda export: rows.get(export.number, 0)):
            for export, entry in encoded(engine, batch, lines, plan):
                self._put(self.shelf, export, entry, lines)
        self.shelf.tidy()
        release_unused()

    def _put(self, shelf: Shelf, export: Export, entry: Entry, lines: Lines) -> None:
        if export.number in self._outdated:
            shelf.drop(self._outdated[export.number])
        shelf.put(f"{self._names[export.number]}-{lines.as_of:{_TIME}}", *packed(entry))

    @property
    def outdated(self) -> set[int]:
        """The numbers of the exports so many of whose rows have expired that they are rewritten."""
        return {*self._outdated}

    def _is_intact(self, export: Export) -> bool:
        """Say whether an export's file still has the content that was read."""
        place = remembered.place_of(export.source)
        return (
            place is not None and export.number in self._names and self.digests.is_current(place[0])
        )

    def _entry_names(
        self, exports: Iterable[Export], how_judged: dict[int, str]
    ) -> Iterator[tuple[int, str]]:
        """Yield the names of the entries of exports: digests of their content and of how judged."""
        for export in exports:
            place = remembered.place_of(export.source)
            digest = self.digests.of(place[0]) if place else None
            if place and digest:
                key = cache_keys.digest_of(digest, place[1], how_judged[export.number])
                yield export.number, f"rows-{key}"

    def _stored(self, exports: Iterable[Export], as_of: datetime) -> Iterator[StoredEntry]:
        """Yield the newest entry of each export, among those not later than as-of."""
        names = sorted(self.shelf.names()) if self.shelf else []
        for export in exports:
            key = self._names.get(export.number, "")
            # A name ends with its as-of, so that sorted names are in the order of time. An entry of
            # a later as-of is of no use: what had expired by then cannot be undone.
            usable = names[bisect(names, key) : bisect(names, f"{key}-{as_of:{_TIME}}")]
            data = self.shelf.mapped(usable[-1]) if self.shelf and key and usable else None
            if data is None:
                continue
            with suppress(*_NO_ENTRY):
                entry = decoded(data, export, usable[-1], as_of)
                if entry:
                    yield entry

    def _reusable(
        self, engine: Embedded, stored: Sequence[StoredEntry], lines: Lines
    ) -> Iterator[Reusable]:
        """Yield what of these entries still holds, and the rows to be judged again."""
        now = _joined_rows_now(engine, stored, lines) if lines.joined else {}
        for entry in stored:
            with suppress(*_NO_ENTRY):
                found = reusable_part(entry, lines.as_of, now.get(entry.export.number))
                if found.unsettled is not None:
                    self._outdated[entry.export.number] = entry.name
                yield found


_NO_ENTRY = (msgspec.MsgspecError, ValueError, KeyError, OSError)
"""The errors that show that a file is not a cache entry of its export."""


def _joined_rows_now(
    engine: Embedded, stored: Sequence[StoredEntry], lines: Lines
) -> dict[int, Table]:
    """Return what the cached rows of each export find in joined exports now."""
    import pyarrow as pa
    from pyarrow import compute

    found = {}
    by_number = {entry.export.number: entry for entry in stored}
    for group in groups_of_equal_columns(entry.export for entry in stored):
        rows = [with_source_number(by_number[export.number].unsettled, export) for export in group]
        query = passes.joined_rows_query(lines, group[0])
        now = engine.ask(pa.concat_tables(rows), passes.CACHED_ROWS, query)
        for export in group:
            found[export.number] = now.filter(compute.equal(now["source"], number(export.number)))
    return found


def cache_of(settings: Settings) -> Cache:
    """Return the cache of a run; without a history it caches nothing."""
    folder = cache_folder(settings)
    shelf = Shelf(folder, settings.cache.bytes) if folder else None
    return Cache(shelf, Digests(shelf))


InfoOf = Callable[[Export], SourceInfo]
"""The source info of an export, which all its rows share."""

Item = TypeVar("Item")


def _judge_again(engine: Embedded, expired: Sequence[Reusable], lines: Lines, plan: Plan) -> None:
    """Judge the rows whose verdicts have expired, those of exports with equal columns together."""
    import pyarrow as pa

    rows = {found.export.number: with_source_number(found.again, found.export) for found in expired}
    # The rows of an entry that stays as it is need not be stored in full once more.
    for caching in (False, True):
        which = [found.export for found in expired if (found.unsettled is not None) is caching]
        for group in groups_of_equal_columns(which):
            again = passes.rejudging(lines, group[0], plan, caching=caching)
            engine.judge_rows(pa.concat_tables(rows[export.number] for export in group), again)


def _rows(engine: Engine) -> dict[int, int]:
    """Return how many rows of each source were judged."""
    counts = engine.table(render_sql("rows_judged")).to_pylist()
    return {row["source"]: row["rows"] for row in counts}


def _batched(items: Iterable[Item], rows: Callable[[Item], int]) -> Iterator[list[Item]]:
    """Yield items in batches of at most ``_ROWS_AT_A_TIME`` rows, or of one item with more."""
    batch: list[Item] = []
    for item in items:
        if batch and sum(map(rows, batch)) + rows(item) > _ROWS_AT_A_TIME:
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch
