"""Edits the text of a file of suppressions entry by entry; everything else stays as written.

A TOML library assigns the comment above an entry to the end of the entry before, and would remove
it with that. So the text is split here, and the result is parsed again before it is written.
"""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from merchantwatch.errors import UsageError
from merchantwatch.reading.suppressions import FIELDS, TABLE, checked
from merchantwatch.rules import Suppression
from merchantwatch.support.harmless import in_json

_HEADER = re.compile(rf"\s*\[\[\s*[\"']?{TABLE}[\"']?\s*\]\]")
_NAMES = ("rule", "order", "product", "carrier", "shop")


class _Part(Struct, frozen=True):
    """The text of an entry: the comments right above it, the entry, and what follows it."""

    lead: str
    body: str
    tail: str

    @property
    def text(self) -> str:
        return self.lead + self.body + self.tail


def with_entry(path: Path, text: str, entry: Mapping[str, str]) -> tuple[str, Suppression, bool]:
    """Return a text with one more entry, that entry, and whether it has replaced another.

    An entry that names the same replaces the other, whose owner stays unless another is given.
    Sorted entries stay sorted. Raises UsageError if the entry or the text is invalid.
    """
    known = checked(path, text)
    head, parts = _parted(path, text, len(known))
    (new,) = checked(path, _written(entry))
    place = next((n for n, one in enumerate(known) if _key(one) == _key(new)), None)
    if place is not None:
        merged = {"owner": known[place].owner or ""} | dict(entry)
        parts[place] = _Part(parts[place].lead, _written(merged), parts[place].tail)
    else:
        place = next((n for n, one in enumerate(known) if _key(one) > _key(new)), len(known))
        parts.insert(place, _Part("", _written(entry), "\n"))
    content = _joined(head, parts)
    entries = checked(path, content)
    return content, entries[place], len(entries) == len(known)


def without(path: Path, text: str, numbers: Sequence[int]) -> str:
    """Return a text without the entries of these numbers, the first of which is 1."""
    known = checked(path, text)
    head, parts = _parted(path, text, len(known))
    left = []
    for number, part in enumerate(parts, start=1):
        if number not in numbers:
            left.append(part)
        # Comments with a blank line before the next entry belong to none: they stay.
        elif part.tail.strip():
            comments = part.tail.strip("\n") + "\n\n"
            if left:
                left[-1] = _Part(left[-1].lead, left[-1].body, left[-1].tail + comments)
            else:
                head = head + comments
    content = _joined(head, left)
    checked(path, content)
    return content


def _key(entry: Suppression) -> tuple[str, ...]:
    return tuple(getattr(entry, name) or "" for name in _NAMES)


def _written(entry: Mapping[str, str]) -> str:
    rows = (f"{name} = {_value(name, entry[name])}\n" for name in FIELDS if entry.get(name))
    return f"[[{TABLE}]]\n{''.join(rows)}"


def _value(name: str, value: Any) -> str:
    """Return a value as TOML writes it: JSON's escapes are TOML's."""
    if name == "until":
        return str(value)
    return in_json(json.dumps(value, ensure_ascii=False).encode()).decode()


def _joined(head: str, parts: Sequence[_Part]) -> str:
    """Return a text of its parts, with a blank line between entries and none at its end."""
    content = head
    for part in parts:
        if content and not content.endswith("\n\n"):
            content = content.rstrip("\n") + "\n\n"
        content += part.text
    return content.rstrip("\n") + "\n" if content.strip() else ""


def _parted(path: Path, text: str, entries: int) -> tuple[str, list[_Part]]:
    """Return the text above all entries, and the entries.

    Raises UsageError if entries are written in another way.
    """
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    starts = [n for n, line in enumerate(lines) if _HEADER.match(line)]
    firsts = [_first_of_lead(lines, start) for start in starts]
    ends = [*firsts[1:], len(lines)][: len(firsts)]
    parts = [
        _part(lines[first:start], lines[start:end])
        for first, start, end in zip(firsts, starts, ends, strict=True)
    ]
    # Inline tables, or a header within a text of several lines, would be split wrongly.
    if len(parts) != entries or not all(map(_is_whole, parts)):
        raise UsageError(
            f"{path}: its entries are not written as [[{TABLE}]] tables one after another; "
            "change it by hand",
            f"{path}：其条目不是逐个写成的 [[{TABLE}]] 表，请手工修改",
        )
    return "".join(lines[: firsts[0]] if firsts else lines), parts


def _first_of_lead(lines: Sequence[str], start: int) -> int:
    """Return where the comments begin that stand right above a header."""
    while start > 0 and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    return start


def _part(lead: Sequence[str], rest: Sequence[str]) -> _Part:
    end = max(n for n, line in enumerate(rest) if n == 0 or _has_content(line)) + 1
    return _Part("".join(lead), "".join(rest[:end]), "".join(rest[end:]))


def _has_content(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _is_whole(part: _Part) -> bool:
    try:
        return len(tomllib.loads(part.body).get(TABLE, [])) == 1
    except tomllib.TOMLDecodeError:
        return False
