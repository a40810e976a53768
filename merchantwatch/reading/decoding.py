"""Columns of bytes → text. Most cells are ASCII, which needs no decoding."""

from typing import Any

from merchantwatch.reading.arrow import Cells, texts, without_nothing

_SPLIT_AS_BYTES = ("gb18030", "big5", "cp932", "euc_jp", "cp949", "cp1252", "cp1251")
"""Encodings in which the bytes of , TAB ; " and line breaks are never part of a character."""


def splits_as_bytes(encoding: str, delimiter: str) -> bool:
    """Say whether cells can be split in undecoded bytes of an encoding other than UTF-8."""
    return encoding in _SPLIT_AS_BYTES and delimiter in ",\t;"


def decoded(cells: Cells, encoding: str, empty: tuple[str, ...]) -> Cells:
    """Return a column of bytes as text, cells that mean nothing as null.

    Each word is decoded once. Raises UnicodeDecodeError where a cell is not in this encoding.
    """
    text = _as_text(cells)
    if _is_ascii(text):
        return text
    # Names of provinces and status words repeat; decoding in Python is slow.
    words: Any = cells.dictionary_encode()
    distinct: list[bytes] = words.dictionary.to_pylist()
    known = texts([word.decode(encoding) for word in distinct])
    return without_nothing(known, empty).take(words.indices)


def _as_text(cells: Cells) -> Cells:
    """Return the same bytes declared as text, without a copy."""
    import pyarrow as pa

    buffers: list[Any] = cells.buffers()
    valid, offsets, data = buffers
    return pa.StringArray.from_buffers(
        len(cells), offsets, data, valid, cells.null_count, cells.offset
    )


def _is_ascii(text: Cells) -> bool:
    from pyarrow import compute

    return bool(compute.all(compute.string_is_ascii(text), min_count=0).as_py())
