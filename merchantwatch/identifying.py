"""Which rows are lines: names for lines without ids, and no row that another has replaced."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from merchantwatch.engines import Distributed, Engine, Pass
from merchantwatch.pipeline import identity
from merchantwatch.pipeline.bounds import Bounds, hashes_apart
from merchantwatch.pipeline.layout import needs_identity
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.stages import stage
from merchantwatch.reading import Export, Taken

Passed = Callable[[Engine, Sequence[Export], Callable[[Export], Pass], Taken], list[Export]]
"""What makes one pass over exports."""

_ROWS_AT_A_TIME = 1 << 20
"""So many rows are looked at together for those that newer ones replace: some 50 MB."""


def without_replaced(engine: Engine, taken: Taken, lines: Lines, passed: Passed) -> Lines:
    """Find the rows that a newer export has replaced, and those that nobody can tell apart.

    Rows of one export that share an id are looked at once more: if they are not one line, none of
    them is understood.
    """
    sources = identity.numbered(lines.exports)
    if sources:
        engine.create("named", identity.named(sources, lines.layout.kept))
    _in_parts(engine, "repeated", lambda part: identity.repeated(sources, part), "states")
    lines = replace(lines, conflicts=_conflicts(engine, taken, lines, passed))

    def superseded(part: Bounds) -> str:
        return identity.superseded(sources, part, conflicts=lines.conflicts)

    _in_parts(engine, "superseded", superseded, "repeated")
    if lines.conflicts:
        engine.add("superseded", f"select source, source_row from {identity.CONFLICTS}")
    engine.view("current", stage("6_current"))
    engine.create("kinds", lines.kinds())
    engine.view("lying_ahead", stage("6_ahead"))
    return lines


def _conflicts(engine: Engine, taken: Taken, lines: Lines, passed: Passed) -> bool:
    """Keep the rows that cannot all be the line whose id they have; say whether there are any."""
    sources = {row["source"] for row in engine.table(stage("twice_in")).to_pylist()}
    again = [e for e in taken.exports if e.number in sources and not needs_identity(e)]
    if not again:
        return False
    engine.create(identity.TWINS, lines.twins_of(None))
    passed(engine, again, lines.twins, taken)
    engine.create(identity.CONFLICTS, identity.conflicts())
    rows = engine.table(f"select count(*) as rows from {identity.CONFLICTS}").to_pylist()
    return bool(rows[0]["rows"])


def _in_parts(engine: Engine, name: str, query: Callable[[Bounds], str], of: str) -> None:
    """Keep a table by looks at a part of the hashes each, where there are many rows of another."""
    for part, bounds in enumerate(hashes_apart(_parts(engine, of))):
        (engine.add if part else engine.create)(name, query(bounds))


def _parts(engine: Engine, name: str) -> int:
    """Return in how many parts the rows of a table are looked at."""
    if isinstance(engine, Distributed):
        return 1
    rows: int = engine.table(f"select count(*) as rows from {name}").to_pylist()[0]["rows"]
    return 1 + rows // _ROWS_AT_A_TIME
