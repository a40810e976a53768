"""A sample of a source: its first rows as text, column by column."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct

from merchantwatch.formats import empty_anywhere
from merchantwatch.pipeline.layout import AROUND
from merchantwatch.reading import Column, Source, TextSource, Wanted
from merchantwatch.reading.arrow import Batch, Table

SAMPLE_ROWS = 10_000
"""At most this many rows of a file are examined."""


class Sample(Struct, frozen=True):
    """The first rows of a source: cells as text by column position, None if empty.

    ``whole`` says whether the source has no further rows.
    """

    columns: Mapping[int, Sequence[str | None]]
    rows: int
    whole: bool


def sample(source: Source, positions: Collection[int]) -> Sample:
    """Read the first rows of these columns. Raises InputError when the source is unreadable."""
    if not positions:
        return Sample({}, 0, whole=True)
    # As in a mapped file: any word for nothing counts, since no format says which ones are used.
    wanted = Wanted(
        {index: Column(AROUND[True], is_time=False) for index in positions}, ("", *empty_anywhere())
    )
    table = _first_rows(source, wanted)
    rows = min(table.num_rows, SAMPLE_ROWS)
    columns = {
        index: [_text(cell) for cell in table.column(f"c{index}").slice(0, rows).to_pylist()]
        for index in sorted(positions)
    }
    return Sample(columns, rows, whole=table.num_rows <= SAMPLE_ROWS)


def _first_rows(source: Source, wanted: Wanted) -> Table:
    """Read the rows of a sample, and at least one more, which shows that the source goes on."""
    import pyarrow as pa

    found: list[Batch] = []

    def load(batches: Iterable[Batch]) -> None:
        # A failed attempt may have left batches of another encoding.
        found.clear()
        rows = 0
        for batch in batches:
            found.append(batch)
            rows += batch.num_rows
            if rows > SAMPLE_ROWS:
                return

    if isinstance(source, TextSource):
        source.read_into(wanted, load)
    else:
        load(source.batches(wanted))
    empty = {f"c{index}": pa.array([], pa.string()) for index in wanted.columns}
    return pa.Table.from_batches(found) if found else pa.table(empty)


def _text(cell: object) -> str | None:
    return None if cell is None else str(cell)
