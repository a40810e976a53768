"""Columns of cells as a source yields them."""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct, field

from merchantwatch.reading.arrow import Batch, Cells, Kind, without_nothing
from merchantwatch.reading.keys import Keyed, keyed
from merchantwatch.reading.moments import Order
from merchantwatch.reading.profile import UNDECIDED, Profile, Styles


class Column(Struct, frozen=True):
    """A column to read: the characters to trim around its cells, and what they hold.

    Cells of a column that ``is_time`` become timestamps at once if they are written in full. For
    one whose ``content`` is moments, amounts or words, facts about the cells are collected.
    """

    around: str
    is_time: bool
    is_id: bool = False
    content: Literal["", "moments", "amounts", "currencies", "words"] = ""


class Wanted(Struct, frozen=True):
    """What to read from a source: columns by their position, and the cells that mean "nothing".

    ``keys`` are columns of keyed hashes, at positions behind those of the source. If text is not
    ``quoted``, a quote is an ordinary character. ``words`` are further cells that mean "nothing",
    ``nothing`` is the pattern of those without a moment, ``homes`` the order of day and month if
    no cell shows it, ``decimal`` the decimal sign if the settings or the format state it,
    ``currency`` that of amounts that name none. ``profile`` collects facts about the cells read.
    """

    columns: Mapping[int, Column]
    empty: tuple[str, ...]
    keys: Mapping[int, Keyed] = field(default_factory=dict)
    quoted: bool = True
    words: tuple[str, ...] = ()
    nothing: str = ""
    homes: Mapping[str, Order] = field(default_factory=dict)
    decimal: str = ""
    currency: str = ""
    profile: Profile | None = None

    @property
    def read(self) -> tuple[int, ...]:
        """The positions of the columns to read; those that are only hashed come last."""
        # Last, so that positions of the wanted columns in a batch do not depend on hashes.
        personal = (i for key in self.keys.values() for way in key.ways for i in way.columns)
        return tuple(dict.fromkeys([*self.columns, *personal]))

    def hashes(self, columns: Mapping[int, Cells]) -> dict[str, Cells]:
        """Return the columns of keyed hashes of personal columns, by their names."""
        return {f"c{i}": keyed(columns, key, self.empty) for i, key in self.keys.items()}


def profile_of(wanted: Wanted, styles: Styles) -> Profile:
    """Return the empty profile of what is read, given the styles decided so far."""
    stated, columns = bool(wanted.decimal), len(wanted.columns)
    return Profile(wanted.nothing, wanted.homes, styles, stated=stated, columns=columns)


def stated_styles(wanted: Wanted) -> Styles:
    """Return the styles that are decided before any cell is read."""
    if not wanted.decimal:
        return UNDECIDED
    amounts = (i for i, column in wanted.columns.items() if column.content == "amounts")
    return Styles(decimals=frozenset((index, wanted.decimal) for index in amounts))


def is_text(kind: Kind) -> bool:
    """Say whether an Arrow type is text."""
    from pyarrow import types

    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def cleaned(column: Cells, around: str, empty: tuple[str, ...]) -> Cells:
    """Return a text column with its cells trimmed, empty ones as null.

    Of a dictionary column only the dictionary is cleaned. Columns of other types are returned as
    they are. Raises ArrowInvalid if bytes are no valid text.
    """
    import pyarrow as pa
    from pyarrow import compute

    if pa.types.is_dictionary(column.type):
        encoded: Any = column
        texts = cleaned(encoded.dictionary, around, empty)
        return pa.DictionaryArray.from_arrays(encoded.indices, texts)
    if not is_text(column.type):
        return column
    # The readers of Parquet and Arrow do not check that text is UTF-8.
    column.validate(full=True)
    return without_nothing(compute.utf8_trim(column, around), empty)


def cleaned_parsed(column: Cells, around: str, empty: tuple[str, ...]) -> Cells:
    """Return a column cleaned, whose cells that mean "nothing" untrimmed are null already."""
    from pyarrow import compute

    if column.null_count == len(column):
        return column
    text = compute.utf8_trim(column, around)
    # As many bytes: nothing was trimmed, so no cell has become a word for nothing.
    return column if text.nbytes == column.nbytes else without_nothing(text, empty)


def without_blank_lines(batch: Batch, cells: int) -> Batch:
    """Return a batch without the rows whose first ``cells`` cells are all empty."""
    from pyarrow import compute

    blank = None
    for column in batch.columns[:cells]:
        # One column without an empty cell settles it, and most batches have one.
        if column.null_count == 0:
            return batch
        empty = compute.is_null(column)
        blank = empty if blank is None else compute.and_(blank, empty)
    if blank is None or not compute.any(blank).as_py():
        return batch
    return batch.filter(compute.invert(blank))


def release_unused() -> None:
    """Give the memory that reading needed, and holds no columns, back to the system."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
