"""How times are written: the shapes of ``moments.toml``, each a pattern and its meaning.

A cell that matches a shape is rewritten with its parts in one order, from which the time is parsed:
``day|half|clock|fraction|half|zone|offset``. Both engines use the same pattern.
"""

import itertools
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

Order = Literal["dmy", "mdy"]
"""Whether the day or the month stands first."""

UNDECIDED = "?"
"""The rewritten form of a cell whose day and month are ambiguous."""

_FILE = Path(__file__).with_name("moments.toml")
_TOKEN = re.compile(r"\{([A-Za-z]\w*)\}")
_CENTURIES = {"20": r"([0-6]\d)", "19": r"([7-9]\d)"}
"""The century of a year with two digits, nearly as in POSIX."""

_DIRECTIVES = {
    "Y": "{Y}",
    "y": "{y}",
    "m": "{m}",
    "d": "{d}",
    "b": "{b}",
    "B": "{b}",
    "H": "{hour}",
    "I": "{hour}",
    "M": "{M}",
    "S": "{S}",
    "f": "{micro}",
    "p": "{half}",
    "z": "{offset}",
    "Z": "{word}",
}
"""The part that each directive of strptime stands for."""

_SAME = {
    "hour": "H",
    "micro": "fraction",
    "C": "Y",
    "y": "Y",
    "MM": "m",
    "DD": "d",
    "spoken": "clock",
    "f": "fraction",
    "u": "n",
}
"""Parts that take the place of another one."""

_DAY_SHOWN = {
    "dmy": r"\D*(?:1[3-9]|2\d|3[01])[-/.] ?\d.*",
    "mdy": r"\D*\d{1,2}[-/.] ?(?:1[3-9]|2\d|3[01])[-/.].*",
}
"""A number above twelve where a day or a month may stand must be the day."""


class _Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shape as the file has it."""

    name: str
    pattern: str
    order: str = ""
    home: Order | None = None
    counts: Literal["", "seconds", "days"] = ""


class _Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    words: list[str]
    zeros: list[str]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    part: dict[str, str]
    zone: dict[str, str]
    months: dict[str, list[str]]
    shape: list[_Shape]
    nothing: _Nothing


class Shape(NamedTuple):
    """One way to write a moment.

    ``pattern`` matches a whole cell in lower case. ``days`` are the templates of its day by order;
    an unambiguous shape has one. ``order`` is the kind of date whose order each column decides,
    ``home`` the order if no cell shows it. ``named`` says that its month is a word, ``counts`` the
    unit if it is a number of days or seconds since an epoch.
    """

    name: str
    pattern: str
    days: Mapping[str, str]
    rest: str
    order: str = ""
    home: Order | None = None
    named: bool = False
    counts: str = ""

    def spelled(self, order: str = "") -> str:
        """Return the template by which a cell is rewritten."""
        if self.counts:
            return {"seconds": r"@\1", "days": "#"}[self.counts]
        return f"{self.days[order]}|{self.rest}" if order in self.days else UNDECIDED


@cache
def _file() -> _File:
    return msgspec.toml.decode(_FILE.read_bytes(), type=_File)


@cache
def shapes() -> Mapping[str, Shape]:
    """Return all shapes by their names, in the order in which they are tried."""
    listed = [shape for stated in _file().shape for shape in _shapes_of(stated)]
    return {shape.name: shape for shape in listed}


@cache
def zones() -> Mapping[str, str]:
    """Return the offset of each unambiguous zone from UTC, as ``+0530``."""
    return _file().zone


@cache
def months() -> Mapping[str, tuple[str, ...]]:
    """Return the names of each month, by its number of two digits."""
    return {number: tuple(names) for number, names in _file().months.items()}


def nothing(zone: tzinfo, words: Iterable[str] = ()) -> str:
    """Return the pattern of cells, in lower case, that hold no time; ``words`` are further ones.

    An empty time may be written as the zero of Unix time, whose hour depends on ``zone``.
    """
    stated = _file().nothing
    zero = datetime.fromtimestamp(0, UTC).astimezone(zone)
    days = "|".join(
        rf"{at.year}[-/.]0?{at.month}[-/.]0?{at.day}(?:[ t]0?{at:%-H:%M}(?::00)?(?:\.0+)?z?)?"
        for at in (zero, datetime.fromtimestamp(0, UTC))
    )
    words_of_nothing = sorted({re.escape(word.strip().lower()) for word in [*stated.words, *words]})
    return "|".join([*words_of_nothing, *stated.zeros, days])


def shown(order: str) -> str:
    """Return the pattern of cells that show this order of day and month."""
    return _DAY_SHOWN[order]


def _shapes_of(stated: _Shape) -> Iterable[Shape]:
    """Yield the shape of an entry; one for each century where the year has two digits."""
    if "{y}" not in stated.pattern:
        yield _compiled(stated, stated.name, _parts())
        return
    for century, years in _CENTURIES.items():
        yield _compiled(stated, f"{stated.name}-{century}", {**_parts(), "y": years}, century)


@cache
def _parts() -> Mapping[str, str]:
    names = sorted((name for of in months().values() for name in of), key=len, reverse=True)
    return {**_file().part, "word": f"({'|'.join(zones())})", "b": f"({'|'.join(names)})"}


def _compiled(stated: _Shape, name: str, parts: Mapping[str, str], century: str = "") -> Shape:
    """Return a shape with its parts inserted, and the group of its pattern that each part is."""
    # Parts may consist of parts: they are expanded until only simple ones are left.
    pattern = stated.pattern
    while composed := [t for t in _TOKEN.findall(pattern) if _TOKEN.search(parts[t])]:
        for token in composed:
            pattern = pattern.replace(f"{{{token}}}", parts[token])
    groups: dict[str, list[str]] = {}
    for token in _TOKEN.findall(pattern):
        # Each part with a group gets the next number in the pattern.
        if re.compile(parts[token]).groups:
            groups.setdefault(_SAME.get(token, token), []).append(f"\\{_count(groups) + 1}")
    place = {token: found[0] for token, found in groups.items()}
    year, day = century + place.get("Y", ""), place.get("d", "")
    month = place.get("b", place.get("m", ""))
    first, second = place.get("first", ""), place.get("second", "")
    clock = place.get("clock", ":".join(place[t] for t in "HMS" if t in place))
    halves = [*groups.get("half", []), "", ""][:2]
    ends = (place.get(token, "") for token in ("word", "offset"))
    return Shape(
        name=name,
        pattern=_TOKEN.sub(lambda token: parts[token[1]], pattern),
        days={"dmy": f"{year}-{second}-{first}", "mdy": f"{year}-{first}-{second}"}
        if stated.order
        else {"": f"{year}-{month}-{day}"},
        rest="|".join([halves[0], clock, place.get("fraction", ""), halves[1], *ends]),
        order=stated.order,
        home=stated.home,
        named="b" in place,
        counts=stated.counts,
    )


def _count(groups: Mapping[str, list[str]]) -> int:
    return sum(map(len, groups.values()))


def stated(form: str) -> tuple[Shape, ...]:
    """Return the shapes of moments that are written as strptime's ``form`` says; of "" none.

    Raises ValueError where it has a directive that is not understood, or names no whole day.
    """
    if not form:
        return ()
    parts = re.split(r"%(.)", form)
    unknown = [f"%{letter}" for letter in parts[1::2] if letter not in _DIRECTIVES]
    if unknown:
        raise ValueError(f"{unknown[0]} is none of %{' %'.join(_DIRECTIVES)}")
    if not all(any(letter in parts[1::2] for letter in of) for of in ("Yy", "mbB", "d")):
        raise ValueError("it names no year, month and day")
    spelled = (
        _DIRECTIVES[part] if odd else re.escape(part.lower())
        for part, odd in zip(parts, itertools.cycle((False, True)), strict=False)
    )
    return tuple(_shapes_of(_Shape(form, "".join(spelled))))
