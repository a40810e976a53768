"""Sources → batches of rows with the source info of each."""

from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from merchantwatch.engines import SourceInfo
from merchantwatch.engines.memory import bytes_of
from merchantwatch.reading import (
    CutIds,
    MemoryTable,
    ParquetFile,
    Source,
    TextSource,
    Wanted,
    held_type,
    is_text,
    profile_of,
    stated_styles,
)
from merchantwatch.reading.arrow import Batch, Kind, Table, numbers, words

CHUNK_ROWS = 1 << 17
"""The least rows judged at a time: enough that planning the query costs little of it."""

_LARGER_CHUNKS = ((4 * 10**9, 8), (2 * 10**9, 2))
"""With at least this much memory, this many times as many rows: fewer queries to plan."""
_LARGER_IF_JOINED = ((4 * 10**9, 8), (10**9, 4))
"""The same where each query hashes all parcels and cases before it looks up the first row."""


def chunk_rows(memory: str, *, joins: bool = False) -> int:
    """Return how many rows are judged at a time if a run may use this memory."""
    size, larger = bytes_of(memory), _LARGER_IF_JOINED if joins else _LARGER_CHUNKS
    return CHUNK_ROWS * next((times for least, times in larger if size >= least), 1)


def read(
    source: Source, wanted: Wanted, info: SourceInfo, load: Callable[[Iterable[Batch]], None]
) -> None:
    """Load the batches of a source, perhaps in several attempts.

    If only all cells of a column together show what they mean, the source is read once more.
    """
    if source.profile is None:
        source.styles = stated_styles(wanted)
    while True:
        profile = profile_of(wanted, source.styles)
        # An earlier reading may have examined more columns: its facts are kept.
        if source.profile is None or source.profile.columns <= profile.columns:
            source.profile = profile
        _read_once(source, replace(wanted, profile=profile), info, load)
        decided = profile.decided()
        if decided == source.styles:
            return
        source.styles = decided


def _read_once(
    source: Source, wanted: Wanted, info: SourceInfo, load: Callable[[Iterable[Batch]], None]
) -> None:
    """Load batches, until a question comes up that all cells of a column must decide.

    From there on cells are only examined, since their rows will be judged in the next reading.
    """

    def loaded(batches: Iterable[Batch]) -> None:
        load(
            _with_info(b, info) for b in batches if not (wanted.profile and wanted.profile.pending)
        )

    if isinstance(source, TextSource):
        source.read_into(wanted, loaded)
        return
    look = CutIds(i for i in _ids(source, wanted) if i not in source.zeroed)
    loaded(look.looking(source.batches(wanted)))
    if look.columns:
        # Known only now that all ids have been read: the rows are judged once more.
        source.zeroed |= look.columns
        loaded(source.batches(wanted))


def _ids(source: Source, wanted: Wanted) -> Iterator[int]:
    """Yield the columns of ids that may have been cut: text, or whole numbers."""
    from pyarrow import types

    for index, column in wanted.columns.items():
        kind = source.types[index] if not isinstance(source, TextSource) else None
        if column.is_id and kind is not None and (is_text(kind) or types.is_integer(kind)):
            yield index


def no_rows(source: Source, wanted: Wanted) -> Table:
    """Return a table without rows that has the columns and types of a source's batches."""
    import pyarrow as pa

    typed = source.types if isinstance(source, ParquetFile | MemoryTable) else ()
    types: dict[int, Kind] = dict(enumerate(map(held_type, typed)))
    columns: dict[str, Kind] = {
        **{
            f"c{index}": types[index] if index in types else pa.string() for index in wanted.columns
        },
        **{f"c{index}": pa.string() for index in wanted.keys},
        "source_row": pa.int64(),
        "source": pa.int32(),
        "own_shop": pa.string(),
    }
    # A schema's own empty_table() would load pandas.
    return pa.Table.from_batches([], pa.schema(columns))


def _with_info(batch: Batch, info: SourceInfo) -> Batch:
    """Return a batch with the source info that all its rows share."""
    if info.taken:
        info.taken(len(batch))
    rows = batch.append_column("source", numbers(info.number, len(batch)))
    return rows.append_column("own_shop", words(info.shop, len(batch)))
