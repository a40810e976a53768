"""Decides which rows are lines: names of lines without ids, conflicts of ids, superseded rows."""

from collections.abc import Callable, Sequence
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from merchantwatch.engines import Distributed, Engine, Pass
from merchantwatch.pipeline import cross_line, identity, passes, row_states
from merchantwatch.pipeline.carried import needs_identity
from merchantwatch.pipeline.hash_ranges import HashRange, hash_ranges
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.rendering import render_sql
from merchantwatch.pipeline.steps import make, row_count
from merchantwatch.reading import Export, TextSource
from merchantwatch.run.repeating import find_repeated

MakePass = Callable[[Sequence[Export], Callable[[Export], Pass]], list[Export]]
"""A function that makes one pass over exports, and returns those that could be read."""

_ROWS_AT_A_TIME = 1 << 20
"""How many rows are compared at a time to find superseded ones: some 50 MB."""


class Identifying(Struct, frozen=True):
    """Decides which rows of exports are lines; ``make_pass`` reads some exports once more."""

    engine: Engine
    exports: Sequence[Export]
    make_pass: MakePass

    def find_early_conflicts(self, lines: Lines) -> Lines:
        """Find conflicting rows among those of the first reading, for cross-line fields."""
        _in_parts(self.engine, "cross_line_twice", identity.cross_line_twice, cross_line.TABLE)
        return self._find_conflicts(lines, "cross_line_twice", "cross_line_twice")

    def identify(self, lines: Lines) -> Lines:
        """Create the steps from ``named`` to ``current_upcoming``: which rows are lines.

        Rows of one export that share an id are read once more: if they are not one line, none of
        them counts as understood.
        """
        engine, sources = self.engine, identity.numbered(lines.exports)
        if sources:
            make(engine, "named", identity.named(sources, lines.layout.row_fields))
        self._find_repeated(sources)
        # Conflicts come first: a row that is not understood supersedes nothing.
        twice = "(select line_hash from repeated where twice)"
        lines = self._find_conflicts(lines, f"({render_sql('twice_in')})", twice)
        self._replace(lines, sources)
        make(engine, "current", render_sql("6_current"))
        make(engine, "kinds", row_states.kinds(lines))
        make(engine, "current_upcoming", render_sql("6_upcoming"))
        return lines

    def _find_repeated(self, sources: Sequence[int]) -> None:
        """Store the hashes that several rows have."""
        engine = self.engine
        rows = row_count(engine, "states")
        if rows <= _ROWS_AT_A_TIME or not find_repeated(engine, sources, rows):
            _in_parts(engine, "repeated", lambda part: identity.repeated(sources, part), "states")

    def _replace(self, lines: Lines, sources: Sequence[int]) -> None:
        """Store which rows are superseded by newer ones, or excluded by a conflict."""
        engine, conflicts = self.engine, lines.conflicts
        if conflicts:
            make(engine, identity.CONTESTED, identity.contested())

        def superseded(part: HashRange) -> str:
            return identity.superseded(sources, part, conflicts=conflicts)

        _in_parts(engine, "superseded", superseded, "repeated")
        if conflicts:
            engine.add("superseded", render_sql("contested_rows"))

    def _find_conflicts(self, lines: Lines, sources: str, twice: str) -> Lines:
        """Store the rows that share an id but are not one line, of exports not examined yet.

        ``sources`` is the SQL of exports with repeated ids, ``twice`` that of the ids' hashes.
        """
        # The ids, products and times of most rows are not stored: so these rows are read again.
        engine = self.engine
        found = engine.table(render_sql("sources_of", rows=sources)).to_pylist()
        unexamined = {row["source"] for row in found} - lines.conflicts_known_of
        again = [e for e in self.exports if e.number in unexamined and not needs_identity(e)]
        if not again:
            return lines
        make(engine, "ids_to_recheck", render_sql("6_ids_to_recheck", twice=twice))
        # The first reading may have created these tables already.
        if not lines.conflicts_known_of:
            make(engine, identity.TWINS, passes.twins_query(lines, None))
            make(engine, identity.CONFLICTS, identity.conflicts(()))
        self._read_again(again, lines)
        numbers = [export.number for export in again]
        engine.add(identity.CONFLICTS, identity.conflicts(numbers))
        examined = lines.conflicts_known_of.union(numbers)
        conflicts = bool(row_count(engine, identity.CONFLICTS))
        return replace(lines, conflicts=conflicts, conflicts_known_of=examined)

    def _read_again(self, exports: Sequence[Export], lines: Lines) -> None:
        """Read rows that share their ids once more."""
        texts = [export.source for export in exports if isinstance(export.source, TextSource)]
        bad_rows = [source.bad_rows for source in texts]
        self.make_pass(exports, partial(passes.twins, lines))
        # This reading sees fewer columns, in which fewer rows are bad: those found before count.
        for source, bad in zip(texts, bad_rows, strict=True):
            source.bad_rows = bad


def _in_parts(engine: Engine, name: str, query: Callable[[HashRange], str], source: str) -> None:
    """Create a table from ``source``, by one query for each part of the hashes if it is large."""
    for part, bounds in enumerate(hash_ranges(_parts(engine, source))):
        if part:
            engine.add(name, query(bounds))
        else:
            make(engine, name, query(bounds))


def _parts(engine: Engine, name: str) -> int:
    """Return in how many parts the rows of a table are processed."""
    # Parts keep one machine within its memory; a cluster distributes rows by itself.
    if isinstance(engine, Distributed):
        return 1
    return 1 + row_count(engine, name) // _ROWS_AT_A_TIME
