"""Personal columns → keyed hashes. Plain personal values never leave this module.

A cell that the platform has masked or encrypted identifies no one: two such cells may look the same
and be of two people, or differ and be of one. Such a row has no key. Differences in writing are
ignored: blanks, case, full or half width, country code, hyphens.

Executors of Spark are sent this module, and have pyarrow alone: it needs no other package.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from merchantwatch.reading.arrow import Cells, texts, without_nothing

_DIGEST_BYTES = 12
_AROUND = "=\"'"
_BLANKS = r"[\s\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}\x{feff}]+"
_BETWEEN = "\x1f"

_MASKED = "[*＊•●◆█]|匿名|已脱敏|已加密|已隐藏"  # 张*, 138****0000
_ENCRYPTED = "^[#$~]"  # ##…, $$…, ~…
_LENT = r"\d{7,}(-|转|,|#)\d+$"  # a number that the platform lends for one parcel
_NOT_WHOLE = f"{_MASKED}|{_ENCRYPTED}|{_LENT}"

_A_NUMBER = r"^[\d().+-]{5,}$"
_PHONE_REWRITES = (
    (r"\.0+$", ""),  # what a spreadsheet adds
    (r"[().-]", ""),
    (r"^(\+|00)", ""),
    (r"^86(\d{11})$", r"\1"),
)
"""The patterns that are replaced in a telephone number, in this order."""

_DIALLED = ("phone", "mapped")
"""The keys in which a number may be a telephone number."""


@dataclass(frozen=True)
class Way:
    """One way to identify a person: by what, and the positions of the columns that it takes."""

    by: str
    columns: tuple[int, ...]


@dataclass(frozen=True)
class Keyed:
    """A column of keyed hashes to compute: its name, the ways, the surest first, and the secret."""

    name: str
    ways: tuple[Way, ...]
    secret: bytes = field(repr=False)


def keyed(columns: Mapping[int, Cells], key: Keyed, empty: tuple[str, ...]) -> Cells:
    """Return for each row its key, what it is by and the hash, as ``phone 5d41…``, or null."""
    from pyarrow import compute

    found, *others = (
        _hashed([columns[index] for index in way.columns], way.by, key, empty) for way in key.ways
    )
    # The surest way that a row has: phone before address, by the order of the format.
    for hashes in others:
        found = compute.coalesce(found, hashes)
    return found


def _hashed(cells: Sequence[Cells], by: str, key: Keyed, empty: tuple[str, ...]) -> Cells:
    """Return the hashes of several columns' cells together; each that occurs is hashed once."""
    from pyarrow import compute

    plain = [_plain(column, by, empty) for column in cells]
    together = compute.binary_join_element_wise(*plain, texts((_BETWEEN,))[0])
    encoded = together.dictionary_encode()
    return _digests(encoded.dictionary, by, key).take(encoded.indices)


def _plain(column: Cells, by: str, empty: tuple[str, ...]) -> Cells:
    """Return cells as they are compared; each distinct one is normalised once.

    Null stands for a cell that identifies no one.
    """
    import pyarrow as pa
    from pyarrow import compute

    encoded = _written_out(column).dictionary_encode()
    text = compute.utf8_normalize(encoded.dictionary, form="NFKC")  # type: ignore[attr-defined]
    text = compute.utf8_lower(text)
    text = compute.utf8_trim(compute.replace_substring_regex(text, _BLANKS, ""), _AROUND)
    text = without_nothing(text, ("", *empty))
    hidden = compute.match_substring_regex(text, _NOT_WHOLE)
    text = compute.if_else(hidden, pa.nulls(len(text), pa.string()), text)
    return (_dialled(text) if by in _DIALLED else text).take(encoded.indices)


def _written_out(column: Cells) -> Cells:
    """Return a column as text; a whole number that came as a float is one."""
    import pyarrow as pa
    from pyarrow import compute

    text = column.cast(pa.string())
    if not pa.types.is_floating(column.type):
        return text
    whole = compute.equal(compute.floor(column), column)
    exact = compute.and_(whole, compute.less(compute.abs(column), pa.scalar(2.0**53)))
    number = compute.if_else(exact, column, pa.nulls(len(column), column.type)).cast(pa.int64())
    return compute.coalesce(number.cast(pa.string()), text)


def _dialled(text: Cells) -> Cells:
    """Return text in which every telephone number is written in one way."""
    from pyarrow import compute

    number = text
    for pattern, instead in _PHONE_REWRITES:
        number = compute.replace_substring_regex(number, pattern, instead)
    dialled: Cells = compute.if_else(compute.match_substring_regex(text, _A_NUMBER), number, text)
    return dialled


def _digests(cells: Cells, by: str, key: Keyed) -> Cells:
    """Return keyed hashes of cells. Keying a hash is slow, so it is done once and copied."""
    import pyarrow as pa

    # ``person`` separates buyers from receivers: the same phone number gives two unrelated hashes.
    keyed_once = blake2b(key=key.secret, digest_size=_DIGEST_BYTES, person=key.name.encode())
    digests = []
    plain: list[Any] = cells.cast(pa.binary()).to_pylist()
    for cell in plain:
        one = keyed_once.copy()
        one.update(cell)
        digests.append(f"{by} {one.hexdigest()}")
    return texts(digests)
