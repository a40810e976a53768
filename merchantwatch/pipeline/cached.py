"""Which cached rows of an export may be reused: those that were judged in exactly the same way."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from hashlib import sha256

from merchantwatch.engines import SourceInfo
from merchantwatch.pipeline import exempting, row_states
from merchantwatch.pipeline.exports import NO_FACTS, relation
from merchantwatch.pipeline.layout import groups_of_equal_columns, wanted_of
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.turning import NEVER_AT
from merchantwatch.reading import Export
from merchantwatch.support.program import stamp

_ANY_DAY = datetime(2000, 1, 1)  # noqa: DTZ001  wall-clock time
_SOURCES = re.compile(r"\bsource (not )?in \(([-0-9, ]+)\)")


def ways(
    lines: Lines, exports: Sequence[Export], plan: Plan, info_of: Callable[[Export], SourceInfo]
) -> dict[int, str]:
    """Return a digest of the way in which each export is judged, independent of as-of.

    It covers what is read, and the query of its rows: formats, mappings, settings and rules change
    nothing else. Exports with the same columns have one query.
    """
    found = {}
    for group in groups_of_equal_columns(exports):
        first, layout = group[0], lines.layout
        wanted = wanted_of(first, layout.row_fields, layout.keys, layout.tz)
        # Without as-of, and without facts about cells, which only reading would show.
        query = row_states.query(replace(lines, as_of=_ANY_DAY), first, plan, NO_FACTS)
        read = [
            repr([_in_order(getattr(wanted, part.name)) for part in fields(wanted)]),
            # The secret is kept out of every repr, but with another one all hashes differ.
            repr([key.secret for _, key in sorted(wanted.keys.items())]),
            repr((type(first.source).__name__, first.form.code, first.source.first_row)),
            # They decide which rows are stored; the query only asks the table of them.
            repr(exempting.named_ids(plan)),
        ]
        text, among = _without_numbers(query.replace(relation(first), "rows_of_it"))
        for export in group:
            shop_and_partitions = (info_of(export).shop, getattr(export.source, "partitions", ()))
            is_among = [export.number in numbers for numbers in among]
            found[export.number] = digest_of(
                stamp(), repr((shop_and_partitions, is_among)), *read, text
            )
    return found


def _in_order(value: object) -> object:
    return sorted(value.items()) if isinstance(value, Mapping) else value


def _without_numbers(query: str) -> tuple[str, list[frozenset[int]]]:
    """Return a query without the numbers of sources, and the lists of numbers that it contained.

    Sources have other numbers in another run: what matters is whether an export is in a list.
    """
    lists = {text: frozenset(map(int, text.split(","))) for _, text in _SOURCES.findall(query)}
    among = [lists[found[2]] for found in _SOURCES.finditer(query)]
    return _SOURCES.sub(r"source \1in ()", query), among


def never() -> int:
    """Return ``turns_at`` of a row that never changes."""
    return seconds(NEVER_AT)


def digest_of(*parts: str) -> str:
    """Return a digest of these texts."""
    return sha256("\0".join(parts).encode()).hexdigest()


def seconds(moment: datetime) -> int:
    """Return a moment as ``turns_at`` counts it, rounded down."""
    return (moment - row_states.COUNTED_FROM) // timedelta(seconds=1)


def tables(lines: Lines, plan: Plan) -> dict[str, Sequence[str]]:
    """Return the tables whose rows are cached for other runs, and their columns but the source."""
    found = {
        "states": row_states.states(lines, plan),
        "relevant": row_states.relevant(lines, plan),
        "upcoming": row_states.upcoming(plan),
        "unsettled": row_states.unsettled(lines),
    }
    return {name: list(columns)[1:] for name, columns in found.items() if columns}
