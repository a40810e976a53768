"""Stores and restores the facts that reading has collected about a source, together with its rows.

So a report says the same of a file whose rows come from the cache as of one that is read.
"""

from collections import Counter
from pathlib import Path

import msgspec

from merchantwatch.reading.columnar import ParquetFile
from merchantwatch.reading.csv import CsvFile
from merchantwatch.reading.export import Source
from merchantwatch.reading.moments import Order
from merchantwatch.reading.profile import Profile, Styles
from merchantwatch.reading.text import BadRow


class _Profile(msgspec.Struct):
    """``Profile`` without its lock, which cannot be stored."""

    nothing: str
    homes: dict[str, Order]
    styles: Styles
    stated: bool
    columns: int
    shapes: set[tuple[int, str]]
    emptied: dict[tuple[int, str], int]
    assumed: dict[tuple[int, str], str]
    dates: dict[tuple[int, str, str], int]
    amounts: dict[tuple[int, str], int]
    examined: set[int]
    odd: set[int]
    currencies: dict[str, int]
    words: dict[int, frozenset[str] | None]


class _Known(msgspec.Struct):
    zeroed: frozenset[int]
    styles: Styles
    profile: _Profile | None
    encoding: str | None = None
    encoding_from: str | None = None
    rows: int = 0
    bad_rows: list[BadRow] = []
    letters: list[int] = []


_COUNTED = ("emptied", "dates", "amounts", "currencies")
_OF_TEXT = ("encoding", "encoding_from", "rows", "bad_rows", "letters")


def place_of(source: Source) -> tuple[Path, str] | None:
    """Return the file of a source and the part of it; None if the cache would not help.

    A sheet is read as soon as its workbook is opened, and a table has no file.
    """
    if isinstance(source, CsvFile) and not source.address:
        member = source.content.member
        name = member if isinstance(member, str) else member.filename
        return source.content.path, f"{source.content.packing} {name}"
    if isinstance(source, ParquetFile) and source.unpacked is None:
        return source.path, ""
    return None


def written(source: Source) -> bytes:
    """Return the facts collected about a source, encoded."""
    profile = source.profile
    of_text = {name: getattr(source, name) for name in _OF_TEXT if isinstance(source, CsvFile)}
    known = _Known(
        source.zeroed, source.styles, _without_lock(profile) if profile else None, **of_text
    )
    return msgspec.msgpack.encode(known)


def put_back(source: Source, data: bytes | memoryview) -> None:
    """Restore a source to its state after reading. Raises MsgspecError for invalid data."""
    known = msgspec.msgpack.decode(data, type=_Known)
    source.zeroed, source.styles = known.zeroed, known.styles
    source.profile = _with_lock(known.profile) if known.profile else None
    if isinstance(source, CsvFile):
        for name in _OF_TEXT:
            setattr(source, name, getattr(known, name))


def _without_lock(profile: Profile) -> _Profile:
    return _Profile(**{name: getattr(profile, name) for name in _Profile.__struct_fields__})


def _with_lock(profile: _Profile) -> Profile:
    values = {name: getattr(profile, name) for name in _Profile.__struct_fields__}
    return Profile(**values | {name: Counter(values[name]) for name in _COUNTED})
