"""How a cache entry lies in its file: a head, and after it each table as an Arrow stream."""

import itertools

import msgspec

_ALIGNED = 64
"""Each part begins at a multiple of this many bytes, so that its columns are read in place."""

_SIZE_BYTES = 8


class Entry(msgspec.Struct):
    """The cache entry of an export: its tables, each as an Arrow stream.

    ``source`` is what reading found out about the file. ``unsettled`` are the rows that are stored
    in full; ``expires`` is when the first of all other rows may change, in the unit of
    ``expires_at``: from then on the entry is of no use.
    """

    source: bytes
    expires: int
    tables: dict[str, memoryview]
    unsettled: memoryview


class _Head(msgspec.Struct):
    """What is known of an entry before its tables, and how many bytes each of these has."""

    source: bytes
    expires: int
    tables: dict[str, int]
    unsettled: int


def packed(entry: Entry) -> list[bytes | memoryview]:
    """Return an entry as the parts of its file."""
    sizes = {name: len(stream) for name, stream in entry.tables.items()}
    head = _Head(entry.source, entry.expires, sizes, len(entry.unsettled))
    data = msgspec.msgpack.encode(head)
    first = len(data).to_bytes(_SIZE_BYTES, "little") + data
    parts: list[bytes | memoryview] = [first, *entry.tables.values(), entry.unsettled]
    return [piece for part in parts for piece in (part, bytes(_gap(len(part))))]


def unpacked(data: memoryview) -> Entry:
    """Return an entry whose tables are parts of ``data``; MsgspecError for data that is none."""
    size = int.from_bytes(data[:_SIZE_BYTES], "little")
    head = msgspec.msgpack.decode(data[_SIZE_BYTES : _SIZE_BYTES + size], type=_Head)
    sizes = [_SIZE_BYTES + size, *head.tables.values(), head.unsettled]
    starts = itertools.accumulate((size + _gap(size) for size in sizes), initial=0)
    parts = [data[at : at + size] for at, size in zip(starts, sizes, strict=False)][1:]
    return Entry(head.source, head.expires, dict(zip(head.tables, parts, strict=False)), parts[-1])


def _gap(size: int) -> int:
    return -size % _ALIGNED
