"""The block of what has changed since the last run: counts, the things themselves, a trend."""

from collections.abc import Iterator

from msgspec import Struct

from merchantwatch.language.text import Text
from merchantwatch.reports import since
from merchantwatch.reports.since import Changed
from merchantwatch.results.model import Results
from merchantwatch.results.past import Point

MOST_CHANGED = 30
"""How many things of each kind of change are shown."""

WIDTH, HEIGHT = 240, 44
_MARGIN = 3

_COLOURS = {"new": "amber", "worsened": "red", "resolved": "green", "gone": "dim", "unknown": "dim"}


class Group(Struct, frozen=True):
    """The changes with one status: ``count`` in all, and those that are shown."""

    status: str
    name: Text
    colour: str
    count: int
    shown: tuple[Changed, ...]


class Curve(Struct, frozen=True):
    """One number over the last runs: its line, and what it was first and is now."""

    name: str
    points: str
    first: int
    now: int


class Since(Struct, frozen=True):
    """The block; ``rest`` names what is left out, where only new and worse items are listed."""

    line: Text
    rest: Text | None
    groups: tuple[Group, ...]
    curves: tuple[Curve, ...]
    runs: int


def block(results: Results) -> Since | None:
    """Return the block; None where there is no earlier run to compare with."""
    line = since.line(results)
    if results.past is None or line is None:
        return None
    first = results.past.previous_as_of is None
    return Since(
        line=line,
        rest=since.not_listed(results),
        groups=() if first else tuple(_groups(results)),
        curves=tuple(_curves(results.past.trend)),
        runs=len(results.past.trend),
    )


def _groups(results: Results) -> Iterator[Group]:
    found = list(since.changed(results))
    for status, count in since.counts(results).items():
        some = tuple(one for one in found if one.status == status)[:MOST_CHANGED]
        if count:
            yield Group(status, since.STATUSES[status], _COLOURS[status], count, some)


def _curves(trend: tuple[Point, ...]) -> Iterator[Curve]:
    """Yield a line for each number, all by the same measure; none for a single run."""
    # From 0, and all lines by one scale: they are compared with each other.
    highest = max((n for p in trend for n in (p.tasks, p.breached, p.near)), default=0)
    if len(trend) > 1 and highest:
        for name in ("tasks", "breached", "near"):
            numbers = [getattr(point, name) for point in trend]
            yield Curve(name, _line(numbers, highest), numbers[0], numbers[-1])


def _line(numbers: list[int], highest: int) -> str:
    """Return numbers as the points of a line in a picture of ``WIDTH`` by ``HEIGHT``."""
    step = (WIDTH - 2 * _MARGIN) / (len(numbers) - 1)
    room = HEIGHT - 2 * _MARGIN
    places = (
        (_MARGIN + i * step, HEIGHT - _MARGIN - n * room / highest) for i, n in enumerate(numbers)
    )
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
