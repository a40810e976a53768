"""How amounts are written, by ``amounts.toml``, and which cells show a column's decimal sign."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from merchantwatch.reading.arrow import Cells

POINT, COMMA, MIXED = "point", "comma", "mixed"
"""The decimal sign of a column's amounts; ``MIXED`` where its cells contradict each other."""

PARTS = r"\1\3\6|\4|\2\5"
"""The template that rewrites an amount: its signs, its number, its currency."""

_PLAINLY = r"(?:\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(?:\.\d\d?)?"
"""An amount that is unambiguous, and below a million millions."""

_FILE = Path(__file__).with_name("amounts.toml")


class _Currency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    headers: list[str]
    codes: list[str]
    shared: list[str]
    signs: dict[str, list[str]]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    number: dict[str, str]
    currency: _Currency


@cache
def _file() -> _File:
    return msgspec.toml.decode(_FILE.read_bytes(), type=_File)


@cache
def names_currencies(header: str) -> bool:
    """Say whether a column of this folded header holds the currency of the amounts of its row."""
    return header.lower() in _file().currency.headers


@cache
def plain() -> str:
    """Return the pattern of amounts that hold nothing but digits and, before decimals, a point."""
    return rf"[+-]?\d+(?:\.{_file().number['cents']})?"


@cache
def number(style: str) -> str:
    """Return the pattern of numbers whose decimal sign is a point, or a comma."""
    stated = _file().number
    return stated[style].replace("{cents}", stated["cents"])


@cache
def signs() -> Mapping[str, str]:
    """Return the currency of each sign or word that means one."""
    return {sign: code for code, several in _file().currency.signs.items() for sign in several}


@cache
def amount() -> str:
    """Return the pattern of an amount with whatever stands around its number."""
    stated = _file().currency
    # The longest first: "us$" must not be taken for "$" with letters before it.
    words = sorted([*stated.codes, *stated.shared, *signs()], key=len, reverse=True)
    units = "|".join(map(re.escape, words))
    digits = "[0-9.,'’ \u00a0\u202f]*[0-9]"
    return rf"([(+-])? ?({units})? ?([+-])? ?({digits}) ?({units})? ?([)-])?"


def evidence(cells: Cells, *, is_point_shown: bool = False) -> Mapping[str, int]:
    """Return how many cells show that a point, or that a comma, is the decimal sign.

    If a point ``is_point_shown`` already, a column without any comma costs next to nothing: its
    bytes are searched as a whole, not cell by cell.
    """
    from pyarrow import compute

    has_comma, has_point = _has(cells, b","), _has(cells, b".")
    if not has_comma and (is_point_shown or not has_point):
        return {}
    shown = has_point and compute.any(_fits(cells, r"\d+\.\d\d?")).as_py()
    if not (shown or is_point_shown):
        return _of_odd(cells)
    found = _of_odd(_not_fitting(cells, r"\d{1,3}(?:,\d{3})+\.\d\d?")) if has_comma else {COMMA: 0}
    return {COMMA: found[COMMA], POINT: 1}


def is_plain(cells: Cells) -> bool:
    """Say whether amounts are digits with two decimals at most, or with commas between thousands.

    Such columns need no check whether their cells can be read.
    """
    from pyarrow import compute

    # Any other byte ends the test at once; the pattern costs far more for each cell.
    if _bytes(cells).translate(None, b"0123456789.,"):
        return False
    return bool(compute.all(_fits(cells, _PLAINLY), min_count=0).as_py())


def _not_fitting(cells: Cells, pattern: str) -> Cells:
    """Return the cells with a comma that a pattern does not fit."""
    from pyarrow import compute

    found = cells.filter(compute.match_substring(cells, ","))
    return found.filter(compute.invert(_fits(found, pattern)))


def _of_odd(cells: Cells) -> Mapping[str, int]:
    from pyarrow import compute

    text = compute.replace_substring_regex(compute.utf8_lower(cells), rf"\A(?:{amount()})\z", r"\4")
    fits = {style: _fits(text, number(style)) for style in (POINT, COMMA)}
    commas = compute.and_(
        compute.match_substring(cells, ","), compute.and_(fits[COMMA], compute.invert(fits[POINT]))
    )
    points = compute.and_(fits[POINT], compute.invert(fits[COMMA]))
    return {POINT: points.true_count, COMMA: commas.true_count}


def names_any(cells: Cells) -> bool:
    """Say whether cells hold more than numbers: perhaps a currency."""
    return bool(_bytes(cells).translate(None, b"0123456789.,+-"))


def currencies(cells: Cells) -> Iterable[tuple[str, int]]:
    """Yield the currencies that cells name next to their numbers, each with its number of cells."""
    from pyarrow import compute

    small = compute.utf8_lower(cells)
    fits = _fits(small, amount())
    named = compute.replace_substring_regex(small.filter(fits), rf"\A(?:{amount()})\z", r"\2\5")
    counted: Any = compute.value_counts(named)
    for item in counted.to_pylist():
        yield currency_of(item["values"]), item["counts"]


def currency_of(word: str) -> str:
    """Return the currency that a word, a sign, or a separate cell names."""
    small = word.strip().lower()
    return signs().get(small, small.upper())


def _fits(cells: Cells, pattern: str) -> Cells:
    from pyarrow import compute

    return compute.match_substring_regex(cells, rf"\A(?:{pattern})\z")


def _has(cells: Cells, sign: bytes) -> bool:
    """Say whether a byte occurs in the buffer of a column, which may hold more than its cells."""
    return sign in _bytes(cells)


def _bytes(cells: Cells) -> bytes:
    # The third buffer of a text column: after validity and offsets.
    data = cells.buffers()[2]
    return b"" if data is None else bytes(data.to_pybytes())
