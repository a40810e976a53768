"""Rows that are no records, by their words: totals, remarks on the file, merge conflict markers."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import msgspec

from merchantwatch.reading.text import BadRow

_LONGEST_MARK = 40


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    totals: tuple[str, ...]
    of_the_file: tuple[str, ...]
    conflicts: tuple[str, ...]


@cache
def _words() -> _Words:
    return msgspec.toml.decode(Path(__file__).with_suffix(".toml").read_bytes(), type=_Words)


@cache
def _of_the_file() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in _words().of_the_file))


def totals() -> tuple[str, ...]:
    """Return the words of totals, in lower case and without blanks."""
    return _words().totals


def is_conflict(text: str) -> bool:
    """Say whether a line is a merge conflict marker."""
    return text.startswith(_words().conflicts)


def ragged(row: int, cells: Sequence[str], expected: int) -> BadRow | None:
    """Return why a row with more or fewer cells than the header is no record; None if it is blank.

    Its content is never shown, except for a merge conflict marker: it may be personal data.
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled:
        return None
    if is_conflict(filled[0]):
        return BadRow(row, "DQ305", filled[0][:_LONGEST_MARK])
    # Blanks are ignored, as in "合 计".
    text = re.sub(r"\s", "", ",".join(filled)).lower()
    if text.split(",")[0].rstrip(":：") in _words().totals:
        return BadRow(row, "DQ306")
    if _of_the_file().match(text):
        return BadRow(row, "DQ308")
    return BadRow(row, "DQ301", f"{len(cells)} / {expected}")


def above(rows: Iterable[tuple[int, Sequence[str]]]) -> list[BadRow]:
    """Return the rows above a header, given with their numbers, without those that are blank."""
    found = []
    for row, cells in rows:
        filled = [cell.strip() for cell in cells if cell.strip()]
        if filled and is_conflict(filled[0]):
            found.append(BadRow(row, "DQ305", filled[0][:_LONGEST_MARK]))
        elif filled:
            found.append(BadRow(row, "DQ307"))
    return found
