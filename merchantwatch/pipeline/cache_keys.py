"""Keys of the cache: rows may be reused if their export was judged in exactly the same way."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from msgspec.structs import replace

from merchantwatch.engines import SourceInfo
from merchantwatch.pipeline import exempting, row_states
from merchantwatch.pipeline.expiry import NEVER_AT
from merchantwatch.pipeline.exports import NO_FACTS, relation
from merchantwatch.pipeline.layout import groups_of_equal_columns, wanted_of
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.plan import Plan
from merchantwatch.reading import Export
from merchantwatch.support.program import stamp

_ANY_DAY = datetime(2000, 1, 1)  # noqa: DTZ001  wall-clock time
_SOURCES = re.compile(r"\bsource (not )?in \(([-0-9, ]+)\)")


def judging_digests(
    lines: Lines, exports: Sequence[Export], plan: Plan, info_of: Callable[[Export], SourceInfo]
) -> dict[int, str]:
    """Return for each export, by its number, a digest of how it is judged, independent of as-of.

    The digest covers which columns are read, and the query of the rows: formats, mappings, settings
    and rules have no other effect. Exports with the same columns share one query.
    """
    found = {}
    for group in groups_of_equal_columns(exports):
        first, layout = group[0], lines.layout
        wanted = wanted_of(first, layout.row_fields, layout.keys, layout.tz)
        # Without as-of, and without facts about cells, which only reading would show.
        query = row_states.query(replace(lines, as_of=_ANY_DAY), first, plan, NO_FACTS)
        read = [
            repr([_in_order(getattr(wanted, name)) for name in wanted.__struct_fields__]),
            # The secret is kept out of every repr, but with another one all hashes differ.
            repr([key.secret for _, key in sorted(wanted.keys.items())]),
            repr((type(first.source).__name__, first.form.code, first.source.first_row)),
            # They decide which rows are stored; the query only asks the table of them.
            repr(exempting.named_ids(plan)),
        ]
        text, source_lists = _without_source_numbers(query.replace(relation(first), "rows_of_it"))
        for export in group:
            shop_and_partitions = (info_of(export).shop, getattr(export.source, "partitions", ()))
            is_listed = [export.number in numbers for numbers in source_lists]
            found[export.number] = digest_of(
                stamp(), repr((shop_and_partitions, is_listed)), *read, text
            )
    return found


def _in_order(value: object) -> object:
    return sorted(value.items()) if isinstance(value, Mapping) else value


def _without_source_numbers(query: str) -> tuple[str, list[frozenset[int]]]:
    """Return a query without the numbers of sources, and the lists of numbers that it contained.

    A source may have another number in the next run: what matters is which lists it stands in.
    """
    # Queries of many rules repeat a few long lists: each text is taken apart once.
    lists = {text: frozenset(map(int, text.split(","))) for _, text in _SOURCES.findall(query)}
    in_order = [lists[found[2]] for found in _SOURCES.finditer(query)]
    return _SOURCES.sub(r"source \1in ()", query), in_order


def never_expires() -> int:
    """Return the ``expires_at`` of a row whose verdicts hold for ever."""
    return in_seconds(NEVER_AT)


def digest_of(*parts: str) -> str:
    """Return one digest of several texts."""
    return sha256("\0".join(parts).encode()).hexdigest()


def in_seconds(moment: datetime) -> int:
    """Return a moment in the unit of ``expires_at``: seconds from a fixed one, rounded down."""
    return (moment - row_states.COUNTED_FROM) // timedelta(seconds=1)


def tables(lines: Lines, plan: Plan) -> dict[str, Sequence[str]]:
    """Return the tables whose rows are cached, with their columns except the source's number."""
    found = {
        "states": row_states.states(lines, plan),
        "relevant": row_states.relevant(lines, plan),
        "upcoming": row_states.upcoming(plan),
        "unsettled": row_states.unsettled(lines),
    }
    return {name: list(columns)[1:] for name, columns in found.items() if columns}
