"""Personal columns → keyed hashes. What stands in their cells goes no further than this module.

A cell that the platform has masked or encrypted tells nobody apart: two of them may look alike and
be of two people, or differ and be of one. Such a row has no key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from merchantwatch.reading.arrow import texts, without_nothing

_DIGEST_BYTES = 12
_AROUND = " \t\r\n\u00a0\u3000\u200b\ufeff=\"'"
_BETWEEN = "\x1f"
_BEGINS = rf"(^|{_BETWEEN})"
_ENDS = rf"($|{_BETWEEN})"

_NOT_WHOLE = "|".join(
    (
        "[*＊•●◆█]",  # masked: 张*, 138****0000
        rf"{_BEGINS}[#$~]",  # encrypted: ##…, $$…, ~…
        "匿名|已脱敏|已加密|已隐藏",
        rf"\d{{7,}}\s*(-|转|,|#)\s*\d+{_ENDS}",  # a number that the platform lends for one parcel
    )
)


@dataclass(frozen=True)
class Way:
    """One way to tell people apart: by what, and by the columns at which positions together."""

    by: str
    columns: tuple[int, ...]


@dataclass(frozen=True)
class Keyed:
    """A column of keyed hashes to make: whose, in which ways, the surest first, and the secret."""

    name: str
    ways: tuple[Way, ...]
    secret: bytes = field(repr=False)


def keyed(columns: Mapping[int, Any], key: Keyed, empty: tuple[str, ...]) -> Any:
    """Return for each row what it is told apart by and the hash, as ``phone 5d41…``, or null."""
    from pyarrow import compute

    found = None
    for way in key.ways:
        made = _hashed([columns[index] for index in way.columns], way.by, key, empty)
        found = made if found is None else compute.coalesce(found, made)
    return found


def _hashed(cells: Sequence[Any], by: str, key: Keyed, empty: tuple[str, ...]) -> Any:
    """Return the hashes of several columns' cells together; each that occurs is hashed once."""
    import pyarrow as pa
    from pyarrow import compute

    plain = [_plain(column, empty) for column in cells]
    together = compute.binary_join_element_wise(*plain, texts((_BETWEEN,))[0])
    encoded = together.dictionary_encode()
    whole = compute.invert(compute.match_substring_regex(encoded.dictionary, _NOT_WHOLE))
    nothing = pa.nulls(len(whole), pa.string())
    hashes = compute.if_else(whole, _digests(encoded.dictionary, by, key), nothing)
    return hashes.take(encoded.indices)


def _plain(column: Any, empty: tuple[str, ...]) -> Any:
    """Return cells as they are compared: folded, nothing around them, null where nothing stands."""
    import pyarrow as pa
    from pyarrow import compute

    text = column.cast(pa.string())
    text = compute.utf8_trim(compute.utf8_normalize(text, form="NFKC"), _AROUND)
    return without_nothing(text, ("", *empty))


def _digests(cells: Any, by: str, key: Keyed) -> Any:
    """Return keyed hashes of cells."""
    import pyarrow as pa

    secret, person = key.secret, key.name.encode()
    made = (
        blake2b(cell, key=secret, digest_size=_DIGEST_BYTES, person=person).hexdigest()
        for cell in cells.cast(pa.binary()).to_pylist()
    )
    return texts([f"{by} {digest}" for digest in made])
