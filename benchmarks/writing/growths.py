"""The chart of growth: how time and memory grow along lines, files, rules and findings."""

import math
from collections.abc import Callable, Mapping, Sequence

import msgspec
from harness.plan import Growth
from harness.results import Result, Taken
from writing.svg import FAINT, GRID, curve, drawing, line, short, text

COLOURS = ("#0f766e", "#b45309", "#6d28d9")
CELL_WIDTH, CELL_HEIGHT = 430.0, 280.0
LEFT, TOP, WIDTH, HEIGHT = 62.0, 62.0, 340.0, 168.0
WIDE = 20
"""Values that differ by more than this factor are drawn on a logarithmic scale."""


class Point(msgspec.Struct, frozen=True):
    """One measurement of a series: where it stands along the growth, and what was taken."""

    series: str
    along: float
    lines: int
    taken: Taken


class Measure(msgspec.Struct, frozen=True):
    """What is drawn upwards."""

    title: str
    unit: str
    of: Callable[[Taken], float]


WALL = Measure("Wall time", "s", lambda taken: taken.wall)
PEAK = Measure("Peak memory", "MB", lambda taken: taken.peak / 1e6)


class Scale(msgspec.Struct, frozen=True):
    """Where values stand on an axis of a length, and which of them are written."""

    low: float
    high: float
    length: float
    logarithmic: bool
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        """Return how far from the axis's beginning a value stands."""
        if self.logarithmic:
            return self.length * math.log(value / self.low) / math.log(self.high / self.low)
        return self.length * (value - self.low) / (self.high - self.low)


def points(growth: Growth, results: Mapping[str, Result]) -> list[Point]:
    """Return the points of a growth that were measured, series by series."""
    found = []
    for series in growth.series:
        for name in series.scenarios:
            result = results.get(name)
            if result is None or result.data is None:
                continue
            for contender in series.contenders:
                taken = result.contenders[contender]
                # Those by hand do not say what they found in all: it is what the first one found.
                totals = taken.totals or next(iter(result.contenders.values())).totals
                along = {**totals, "lines": result.data.lines, "files": result.data.files}
                found.append(Point(series.title, along[growth.along], result.data.lines, taken))
    return found


def growths(listed: Sequence[Growth], results: Mapping[str, Result]) -> str:
    """Draw all growths, two in a row."""
    marks: list[str] = []
    panels = [
        (growth, known, measure)
        for growth in listed
        if (known := points(growth, results))
        for measure in ((WALL, PEAK) if growth.memory else (WALL,))
    ]
    for number, panel in enumerate(panels):
        x, y = CELL_WIDTH * (number % 2), CELL_HEIGHT * (number // 2)
        marks.append(f'<g transform="translate({x:g} {y:g})">')
        marks += _panel(*panel)
        marks.append("</g>")
    height = CELL_HEIGHT * math.ceil(len(panels) / 2)
    return drawing(2 * CELL_WIDTH, height, "How the cost of a scan grows", marks)


def _panel(growth: Growth, known: Sequence[Point], measure: Measure) -> list[str]:
    across = _scale([point.along for point in known], logarithmic=growth.logarithmic)
    up = _upwards([measure.of(point.taken) for point in known])
    marks = [text(20, 30, f"{measure.title} by {growth.title}", size=14, weight=600)]
    bottom = TOP + HEIGHT
    for tick in up.ticks:
        y = bottom - up.at(tick)
        marks.append(line(LEFT, y, LEFT + WIDTH, y))
        marks.append(text(LEFT - 8, y + 4, _tick(tick, measure), anchor="end", size=11, fill=FAINT))
    for tick in across.ticks:
        x = LEFT + across.at(tick)
        marks.append(line(x, bottom, x, bottom + 4, GRID))
        marks.append(text(x, bottom + 18, short(tick), anchor="middle", size=11, fill=FAINT))
    for number, series in enumerate(growth.series):
        places = [
            (LEFT + across.at(point.along), bottom - up.at(measure.of(point.taken)))
            for point in known
            if point.series == series.title
        ]
        if places:
            marks.append(curve(places, COLOURS[number]))
            marks.append(_key(number, series.title))
    return marks


def _key(number: int, title: str) -> str:
    """Write what a colour stands for."""
    x, y = LEFT + 150 * number, TOP - 12
    dot = f'<circle cx="{x + 4:.1f}" cy="{y - 4:.1f}" r="4" fill="{COLOURS[number]}"/>'
    return dot + text(x + 13, y, title, size=11, fill=FAINT)


def _tick(value: float, measure: Measure) -> str:
    return f"{value:,.10g} {measure.unit}"


def _scale(values: Sequence[float], *, logarithmic: bool) -> Scale:
    """Return the scale across: from the smallest to the largest, or linear from 0."""
    low, high = min(values), max(values)
    if logarithmic and low > 0:
        high = high if high > low else low * 10
        ticks = tuple(10.0**power for power in range(*_powers(low, high)))
        return Scale(low, high, WIDTH, logarithmic=True, ticks=ticks)
    step = _step(high or 1)
    ticks = tuple(step * i for i in range(math.floor((high or 1) / step) + 1))
    return Scale(0, high or 1, WIDTH, logarithmic=False, ticks=ticks)


def _upwards(values: Sequence[float]) -> Scale:
    """Return the scale upwards: linear from 0, or for values far apart in powers of ten."""
    if max(values) / min(values) <= WIDE:
        high = max(values) * 1.05
        step = _step(high)
        ticks = tuple(step * i for i in range(math.floor(high / step) + 1))
        return Scale(0, high, HEIGHT, logarithmic=False, ticks=ticks)
    low = 10.0 ** math.floor(math.log10(min(values)))
    high = 10.0 ** math.ceil(math.log10(max(values)))
    ticks = tuple(10.0**power for power in range(*_powers(low, high)))
    return Scale(low, high, HEIGHT, logarithmic=True, ticks=ticks)


def _powers(low: float, high: float) -> tuple[int, int]:
    """Return the range of powers of ten between two values."""
    return math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9) + 1


def _step(high: float) -> float:
    """Return the distance of about four round ticks up to a value."""
    rough = high / 4
    unit = 10.0 ** math.floor(math.log10(rough))
    return unit * next(factor for factor in (1, 2, 2.5, 5, 10) if factor * unit >= rough)
