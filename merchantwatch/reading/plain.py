"""Plain cells: times written in full and ids of digits alone, as nearly all are.

Rows that consist of plain cells go into separate batches: whole columns are converted at once, and
queries need no checks for them. Only the other rows are checked cell by cell.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from merchantwatch.reading.arrow import (
    Batch,
    Cells,
    Flags,
    Schema,
    counting,
    without_nothing,
)
from merchantwatch.reading.cells import Column, Wanted, cleaned_parsed, is_text

_EXACT_MOMENT = len("2026-11-21 00:00:00")
"""The length of a time written in full; shorter and longer ones are left as text."""

_IN_FULL = r"^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d$"

_CENTURY = (946_684_800, 4_102_444_800)
"""The range of plausible times of orders, 2000 to 2100, as seconds since 1970."""

_A_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}

_RARE = 0.05
"""If the share of ids with other characters than digits is lower than this, they are separated."""

_ENOUGH = 1 << 12
"""In fewer rows no odd id is separated: it would cost more than to check all."""

_SOUND = b"sound"

_FEW = 4
"""Up to this many odd rows are cut out of a batch by slicing, which copies nothing."""

_SPARSE = 1 << 8
"""If at most one row in this many is odd, the slices between are joined: faster than a mask."""


def texts_of(columns: Mapping[int, Cells], wanted: Wanted) -> dict[int, Cells]:
    """Return the wanted columns of a batch cleaned, except that times are left as they are."""
    texts = {
        index: columns[index]
        if column.is_time
        else cleaned_parsed(columns[index], column.around, wanted.empty)
        for index, column in wanted.columns.items()
    }
    if wanted.words:
        texts |= {
            index: without_nothing(text, wanted.words)
            for index, text in texts.items()
            if wanted.columns[index].content != "moments"
        }
    return texts


def split_plain(
    texts: Mapping[int, Cells], others: Mapping[str, Cells], wanted: Wanted
) -> Iterator[Batch]:
    """Yield the plain rows of text columns in one batch, and the others in another.

    In the batch of plain rows times are timestamps; in the other all cells are text. If no times
    are wanted, there is one batch of text. ``others`` are further columns.
    """
    import pyarrow as pa

    values, odd, sound = _as_values(texts, wanted)
    plain = {**{f"c{index}": value for index, value in values.items()}, **others}
    # One odd cell makes its row odd, not its batch: all others keep the short way.
    yield from _without(_with_sound(pa.record_batch(plain), sound), odd)
    if odd is not None:
        left = {
            f"c{index}": cleaned_parsed(
                text.filter(odd), wanted.columns[index].around, wanted.empty
            )
            for index, text in texts.items()
        }
        left |= {name: column.filter(odd) for name, column in others.items()}
        yield pa.record_batch(left)


def split_odd_ids(batch: Batch, wanted: Wanted) -> Iterator[Batch]:
    """Yield the rows of a batch of typed columns; those with odd ids in a separate batch."""
    odd: Flags | None = None
    sound = set[int]()
    for index, column in wanted.columns.items():
        cells = batch[f"c{index}"]
        look_at(index, column, cells, wanted)
        if column.is_id and is_text(cells.type):
            others, all_plain = _odd_ids(cells)
            odd = _either(odd, others)
            sound |= {index} if all_plain else set()
        elif column.is_time and _all_in_this_century(cells):
            sound.add(index)
    yield from _without(_with_sound(batch, sound), odd)
    if odd is not None:
        yield _written_out(batch.filter(odd))


def _written_out(batch: Batch) -> Batch:
    """Return a batch of few rows without dictionaries, which would keep all texts in memory."""
    import pyarrow as pa

    columns = [
        column.dictionary_decode() if isinstance(column, pa.DictionaryArray) else column
        for column in batch.columns
    ]
    return pa.record_batch(columns, batch.schema.names)


def sound_in(schema: Schema) -> frozenset[int]:
    """Return the columns of a batch with this schema in which no cell can be wrong.

    These are ids of digits alone, none missing, and times of this century.
    """
    stated = (schema.metadata or {}).get(_SOUND, b"")
    return frozenset(int(index) for index in stated.split())


def _with_sound(batch: Batch, sound: Collection[int]) -> Batch:
    """Return a batch whose metadata names its sound columns."""
    named = " ".join(str(index) for index in sorted(sound))
    return batch.replace_schema_metadata({_SOUND: named.encode()})


def look_at(index: int, column: Column, cells: Cells, wanted: Wanted) -> None:
    """Collect facts about a column whose cells do not become values at once."""
    import pyarrow as pa
    from pyarrow import compute

    if wanted.profile is None or not column.content:
        return
    if column.content == "words":
        texts = cells.dictionary if isinstance(cells, pa.DictionaryArray) else cells
        if is_text(texts.type):
            wanted.profile.add_words(index, texts)
        else:
            wanted.profile.words[index] = None
    elif column.content == "currencies":
        if is_text(cells.type):
            wanted.profile.add_currencies(cells)
    elif column.content == "amounts":
        if is_text(cells.type):
            wanted.profile.add_amounts(index, cells)
        else:
            wanted.profile.odd.add(index)
    elif is_text(cells.type):
        odd = compute.and_(compute.is_valid(cells), compute.invert(_in_full(cells)))
        _empty_of(index, column, cells, odd, wanted)
    elif not _all_in_this_century(cells):
        _empty_of(index, column, cells.cast("string"), compute.is_valid(cells), wanted)


def _in_full(cells: Cells) -> Flags:
    from pyarrow import compute

    full: Flags = compute.match_substring_regex(cells, _IN_FULL)
    return full


def _empty_of(index: int, column: Column, cells: Cells, odd: Flags, wanted: Wanted) -> Flags | None:
    """Return which odd cells hold something other than a word for no time; None if none does."""
    from pyarrow import compute

    if wanted.profile is None or not odd.true_count:
        return odd
    text = compute.utf8_trim(cells.filter(odd), column.around)
    is_nothing = wanted.profile.add_times(index, text)
    left = compute.replace_with_mask(odd, odd, compute.invert(is_nothing))
    return left if left.true_count else None


def _as_values(
    texts: Mapping[int, Cells], wanted: Wanted
) -> tuple[dict[int, Cells], Flags | None, set[int]]:
    """Return columns with times as timestamps, the mask of odd rows, and the sound columns."""
    values, sound = dict(texts), set[int]()
    odd: Flags | None = None
    columns = wanted.columns
    at_once = any(column.is_time for column in columns.values())
    for index, column in columns.items():
        if not column.is_time:
            look_at(index, column, texts[index], wanted)
    for index, column in columns.items() if at_once else ():
        all_plain, others = True, None
        if column.is_time:
            values[index], others = _moments(texts[index])
            if others is not None:
                others = _empty_of(index, column, texts[index], others, wanted)
        elif column.is_id:
            others, all_plain = _odd_ids(texts[index])
        odd = _either(odd, others)
        sound |= {index} if all_plain and (column.is_time or column.is_id) else set()
    return values, odd, sound


def _either(one: Flags | None, other: Flags | None) -> Flags | None:
    from pyarrow import compute

    return other if one is None else one if other is None else compute.or_(one, other)


def _without(batch: Batch, odd: Flags | None) -> Iterator[Batch]:
    """Yield the rows that are not odd; slices between a few odd ones are not copied."""
    import pyarrow as pa
    from pyarrow import compute

    if odd is None:
        yield batch
        return
    count = odd.true_count
    if count * _SPARSE > max(len(batch), _FEW * _SPARSE):
        # A mask copies the batch, which is cheaper than hundreds of slices.
        yield batch.filter(compute.invert(odd))
        return
    rows: list[Any] = compute.indices_nonzero(odd).to_pylist()
    starts, ends = [0, *(row + 1 for row in rows)], [*rows, len(batch)]
    between = [batch.slice(a, b - a) for a, b in zip(starts, ends, strict=True) if b > a]
    yield from between if count <= _FEW else [pa.concat_batches(between)]  # type: ignore[attr-defined]


def _odd_ids(ids: Cells) -> tuple[Flags | None, bool]:
    """Return which ids have other characters than digits, and whether every other id is all digits.

    The mask is None if there is no such id, and if there are too many to be separated.
    """
    from pyarrow import compute

    digits = compute.ascii_is_decimal(ids)
    others = len(ids) - digits.true_count
    if others == 0:
        return None, True
    if others > _RARE * len(ids) or len(ids) < _ENOUGH:
        return None, False
    return compute.invert(compute.and_kleene(compute.is_valid(digits), digits)), True


def _all_in_this_century(moments: Cells) -> bool:
    import pyarrow as pa
    from pyarrow import compute

    # A time with a zone is no wall-clock time yet: the query converts it.
    if not pa.types.is_timestamp(moments.type) or moments.type.tz is not None:
        return False
    ends: Any = compute.min_max(moments.cast(pa.int64())).as_py()
    first, end = (of * _A_SECOND[moments.type.unit] for of in _CENTURY)
    return ends["min"] is None or first <= ends["min"] <= ends["max"] < end


def _moments(text: Any) -> tuple[Cells, Flags | None]:
    """Return text as timestamps, and which cells are not a time of this century in full.

    The second is None if there is no such cell.
    """
    import pyarrow as pa
    from pyarrow import compute

    if text.null_count == len(text):
        return pa.nulls(len(text), pa.timestamp("us")), None
    lengths = compute.binary_length(text)
    ends: Any = compute.min_max(lengths).as_py()
    if {ends["min"], ends["max"]} <= {_EXACT_MOMENT, None}:
        moments = _cast_in_full(text)
        if moments is not None:
            return moments, None
    # The cheap test first: a cast of all cells of the right length succeeds nearly always.
    for like in _candidates(text, lengths):
        moments = _cast_in_full(compute.if_else(like, text, pa.nulls(len(text), text.type)))
        if moments is not None:
            return moments, compute.and_kleene(compute.is_valid(text), compute.invert(like))
    return pa.nulls(len(text), pa.timestamp("us")), compute.is_valid(text)


def _candidates(text: Cells, lengths: Cells) -> Iterator[Flags]:
    """Yield which cells look like a time in full: first by length, then by each character."""
    from pyarrow import compute

    length = counting(_EXACT_MOMENT, _EXACT_MOMENT + 1).cast(lengths.type)
    yield compute.is_in(lengths, value_set=length)
    yield compute.match_substring_regex(text, _IN_FULL)


def _cast_in_full(text: Cells) -> Cells | None:
    """Return text as timestamps; None unless every cell is a time of this century."""
    import pyarrow as pa

    try:
        moments = text.cast(pa.timestamp("us"))
    except pa.ArrowInvalid:
        return None
    return moments if _all_in_this_century(moments) else None
