"""Which rows are lines: names for lines without ids, and no row that another has replaced."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from merchantwatch.engines import Distributed, Engine, Pass
from merchantwatch.pipeline import across, identity, passes, row_states
from merchantwatch.pipeline.bounds import Bounds, hashes_apart
from merchantwatch.pipeline.carried import needs_identity
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.stages import stage
from merchantwatch.pipeline.steps import make
from merchantwatch.reading import Export, Taken, TextSource

Passed = Callable[[Engine, Sequence[Export], Callable[[Export], Pass], Taken], list[Export]]
"""What makes one pass over exports."""

_ROWS_AT_A_TIME = 1 << 20
"""So many rows are looked at together for those that newer ones replace: some 50 MB."""


def set_apart_at_once(engine: Engine, taken: Taken, lines: Lines, passed: Passed) -> Lines:
    """Find rows in conflict among those of the first reading: cross-line fields leave them out."""
    _in_parts(engine, "twice_across", identity.twice_across, across.TABLE)
    return _set_apart(engine, taken, lines, passed, "twice_across", "twice_across")


def without_replaced(engine: Engine, taken: Taken, lines: Lines, passed: Passed) -> Lines:
    """Find the rows that a newer export has replaced, and those that are in conflict.

    Rows of one export that share an id are read once more: if they are not one line, none of them
    is understood.
    """
    sources = identity.numbered(lines.exports)
    if sources:
        make(engine, "named", identity.named(sources, lines.layout.kept))
    _in_parts(engine, "repeated", lambda part: identity.repeated(sources, part), "states")
    twice = "(select line_hash from repeated where twice)"
    lines = _set_apart(engine, taken, lines, passed, f"({stage('twice_in')})", twice)

    if lines.conflicts:
        make(engine, identity.CONTESTED, identity.contested())

    def superseded(part: Bounds) -> str:
        return identity.superseded(sources, part, conflicts=lines.conflicts)

    _in_parts(engine, "superseded", superseded, "repeated")
    if lines.conflicts:
        engine.add("superseded", f"select source, source_row from {identity.CONTESTED}")
    make(engine, "current", stage("6_current"))
    make(engine, "kinds", row_states.kinds(lines))
    make(engine, "lying_ahead", stage("6_ahead"))
    return lines


def _set_apart(
    engine: Engine, taken: Taken, lines: Lines, passed: Passed, sources: str, twice: str
) -> Lines:
    """Add the rows in conflict, which cannot all be the line of their id, of further exports.

    ``sources`` selects the exports that have an id several times, ``twice`` the hashes of such ids.
    """
    found = engine.table(f"select distinct source from {sources} as told").to_pylist()
    some = {row["source"] for row in found} - lines.set_apart
    again = [e for e in taken.exports if e.number in some and not needs_identity(e)]
    if not again:
        return lines
    make(engine, "twice_told", f"select distinct line_hash from {twice} as told")
    if not lines.set_apart:
        make(engine, identity.TWINS, passes.twins_of(lines, None))
        make(engine, identity.CONFLICTS, identity.conflicts(()))
    texts = [export.source for export in again if isinstance(export.source, TextSource)]
    bad_rows = [source.bad_rows for source in texts]
    passed(engine, again, partial(passes.twins, lines), taken)
    for source, bad in zip(texts, bad_rows, strict=True):
        source.bad_rows = bad  # of fewer columns fewer rows are bad
    numbers = [export.number for export in again]
    engine.add(identity.CONFLICTS, identity.conflicts(numbers))
    rows = engine.table(f"select count(*) as rows from {identity.CONFLICTS}").to_pylist()
    return replace(lines, conflicts=bool(rows[0]["rows"]), set_apart=lines.set_apart.union(numbers))


def _in_parts(engine: Engine, name: str, query: Callable[[Bounds], str], of: str) -> None:
    """Keep a table by looks at a part of the hashes each, where there are many rows of another."""
    for part, bounds in enumerate(hashes_apart(_parts(engine, of))):
        if part:
            engine.add(name, query(bounds))
        else:
            make(engine, name, query(bounds))


def _parts(engine: Engine, name: str) -> int:
    """Return in how many parts the rows of a table are processed."""
    if isinstance(engine, Distributed):
        return 1
    rows: int = engine.table(f"select count(*) as rows from {name}").to_pylist()[0]["rows"]
    return 1 + rows // _ROWS_AT_A_TIME
