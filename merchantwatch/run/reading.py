"""Exports → rows, which are judged while they are read, and then identified as lines."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from merchantwatch.engines import Engine, Pass, SourceInfo
from merchantwatch.errors import InputError
from merchantwatch.pipeline import cross_line, filing, joined, passes, row_states
from merchantwatch.pipeline.exports import relation
from merchantwatch.pipeline.filing import Filing
from merchantwatch.pipeline.keys import Keys
from merchantwatch.pipeline.layout import groups_of_equal_columns, layout_of, wanted_of
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.plan import plan_of
from merchantwatch.pipeline.platforms import platforms_of
from merchantwatch.pipeline.senders import senders_of
from merchantwatch.pipeline.steps import make
from merchantwatch.reading import Export, Taken
from merchantwatch.reading.hash_key import installation_key
from merchantwatch.rules import Rulebook
from merchantwatch.run.cache import Cache
from merchantwatch.run.identify import Identifying
from merchantwatch.settings import Settings


class Progress(Protocol):
    """A receiver of the progress of a run."""

    def begin(self, exports: Sequence[Export]) -> None:
        """Announce the order exports that will be judged, perhaps once more from the beginning."""

    def of(self, export: Export) -> Callable[[int], None]:
        """Return a function to call with the number of further rows read of an export."""


class Reading(Struct):
    """Reads everything that the rules of ``book`` need, and judges rows by those of ``judged_by``.

    The line or order with the id ``watched`` is stored whatever its states; ``progress`` is called
    with the rows that are judged.
    """

    engine: Engine
    settings: Settings
    taken: Taken
    book: Rulebook
    judged_by: Rulebook
    watched: str | None = None
    progress: Progress | None = None
    cache: Cache = field(default_factory=Cache)

    def lines(self) -> Lines:
        """Read the exports and judge their rows; exports that cannot be read become failures."""
        prepared = self._open_joined(self._keys())
        lines = self._judge_while_reading(self._with_cross_line(prepared))
        filed = self._filed_again(lines)
        if filed != lines.filing:  # rare: so it is found out by judging
            again = replace(prepared, exports=self.taken.exports, filing=filed)
            lines = self._judge_while_reading(self._with_cross_line(again))
        lines = self._identifying.identify(lines)
        # At the end: a file may have been written at any moment while it was read.
        self.taken.note_rewritten()
        return lines

    @property
    def _identifying(self) -> Identifying:
        return Identifying(self.engine, self.taken.exports, self._make_pass)

    def _keys(self) -> Keys:
        """Decide which personal columns are read, as keyed hashes, and get the key for these."""
        exports, settings = self.taken.exports, self.settings
        platforms = platforms_of(exports, settings.platform)
        return cross_line.keys(
            self.judged_by, exports, platforms, lambda: installation_key(settings)
        )

    def _open_joined(self, keys: Keys) -> Lines:
        """Open the exports that are joined onto lines, and create their tables."""
        taken, settings = self.taken, self.settings

        def opened(export: Export) -> None:
            wanted = wanted_of(export, (), keys, settings.tz)
            self.engine.open(export.source, wanted, relation(export), self._info(export))

        taken.exports = [
            e for e in taken.exports if e.form.kind == "orders" or self._could_be_read(opened, e)
        ]
        layout = layout_of(self.book, taken.exports, settings.platform, settings.tz, keys)
        layout = replace(layout, senders=senders_of(settings))
        filed = filing.filing_of(taken.exports)
        for name, query in joined.tables(taken.exports, layout, settings.as_of, filed):
            make(self.engine, name, query)
        return Lines(
            taken.exports,
            layout,
            settings.as_of,
            joined.kinds(taken.exports),
            filed,
            self.watched,
            by_shop=settings.history is not None,
        )

    def _filed_again(self, lines: Lines) -> Filing:
        """File parcels again if some id is that of an order and of another order's line, too."""
        if not lines.filing.is_observed:
            return lines.filing
        filed = filing.decided(self.engine, lines.filing)
        if filed.is_decided:
            for name, query in joined.parcels(lines.exports, lines.as_of, filed):
                make(self.engine, name, query)
        return filed

    def _with_cross_line(self, lines: Lines) -> Lines:
        """Read beforehand what cross-line fields need, and derive these."""
        keys, taken = lines.layout.keys, self.taken
        if not keys.cross_line:
            return lines
        slim = replace(lines, layout=lines.layout.of_first_reading)
        make(self.engine, cross_line.TABLE, passes.first_reading_query(slim, None))
        first = [export for export in taken.exports if export.number in keys.first_read]
        read = self._make_pass(first, partial(passes.first_reading, lines))
        taken.exports = [e for e in taken.exports if e not in first or e in read]
        lines = self._identifying.find_early_conflicts(lines)
        for name, query in cross_line.tables(
            keys.cross_line, lines.exports, lines.joined, lines.as_of, conflicts=lines.conflicts
        ):
            make(self.engine, name, query)
        return replace(lines, exports=taken.exports, cross_line=keys.cross_line)

    def _judge_while_reading(self, lines: Lines) -> Lines:
        """Judge the rows of the order exports as they are read.

        What only all rows show, such as whether any line's parcel is known, is assumed here and
        checked afterwards (``scan._final_plan``).
        """
        taken, engine, cache = self.taken, self.engine, self.cache
        orders = [export for export in taken.exports if export.form.kind == "orders"]
        platforms = lines.layout.platforms
        plan = plan_of(
            *(self.judged_by, orders, platforms.of, lines.supplied, lines.events_expected),
            named=bool(platforms.naming),
        )
        lines = cache.caching(engine, lines)
        for name, query in row_states.empty(lines, plan).items():
            make(engine, name, query)
        if self.progress:
            self.progress.begin(orders)
        # Before reading: an export whose rows are cached need not be opened at all.
        known = cache.reuse(engine, orders, lines, plan, self._counted_info)
        fresh = [export for export in orders if export.number not in known]
        read = self._make_pass(fresh, lambda e: passes.judging(lines, e, plan), self._counted_info)
        cache.hold(engine, lines)
        judged = known.union(export.number for export in read)
        to_store = [e for e in orders if e.number in judged - known | cache.outdated]
        cache.store(engine, to_store, lines, plan)
        taken.exports = [e for e in taken.exports if e.form.kind != "orders" or e.number in judged]
        return replace(lines.judged(plan), exports=taken.exports)

    def _make_pass(
        self,
        exports: Sequence[Export],
        over: Callable[[Export], Pass],
        info_of: Callable[[Export], SourceInfo] | None = None,
    ) -> list[Export]:
        """Make one pass over exports, and return those that could be read; others are failures."""
        info_of = info_of or self._info
        read = []
        for group in groups_of_equal_columns(exports):
            # One query for the group: planning it costs as much as judging many rows.
            with self.engine.judging(over(group[0])) as judge:
                read += [
                    e
                    for e in group
                    if self._could_be_read(lambda e: judge(e.source, info_of(e)), e)
                ]
        return read

    def _info(self, export: Export) -> SourceInfo:
        return SourceInfo(export.number, export.shop, None)

    def _counted_info(self, export: Export) -> SourceInfo:
        """Return the source info of an export, with the progress bar's counter if there is one."""
        taken = self.progress.of(export) if self.progress else None
        return SourceInfo(export.number, export.shop, taken)

    def _could_be_read(self, step: Callable[[Export], None], export: Export) -> bool:
        """Take a step with an export, and say whether it could be read; if not, note a failure."""
        try:
            step(export)
        except InputError as error:
            self.taken.failed.append(error)
            return False
        return True
