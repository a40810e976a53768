"""The chart of contenders: for each scenario, who took how long and how much memory."""

from collections.abc import Callable, Mapping, Sequence

from harness.plan import Contender, Scenario
from harness.results import Result, Taken
from writing.svg import FAINT, INK, bar, drawing, text

WIDTH, LABEL, ROW, BAR, GAP = 860, 236, 26, 16, 56
PANEL = (WIDTH - LABEL - 40) / 2
OURS, CAREFUL, LEAN, FLOOR = "#0f766e", "#94a3b8", "#cbd5e1", "#fcd9a4"

Measure = Callable[[Taken], float]
PANELS: Sequence[tuple[str, Measure, Callable[[float], str]]] = (
    ("wall time", lambda taken: taken.wall, lambda value: f"{value:,.2f} s"),
    ("peak memory", lambda taken: taken.peak / 1e6, lambda value: f"{value:,.0f} MB"),
)


def bars(
    scenarios: Sequence[Scenario],
    contenders: Mapping[str, Contender],
    results: Mapping[str, Result],
) -> str:
    """Draw the scenarios under one another."""
    marks: list[str] = []
    y = 20.0
    for scenario in scenarios:
        marks += _scenario(y, scenario, contenders, results[scenario.name])
        y += GAP + ROW * len(scenario.contenders) + 14
    return drawing(WIDTH, y, "merchantwatch beside the same job by hand", marks)


def _scenario(
    y: float, scenario: Scenario, contenders: Mapping[str, Contender], result: Result
) -> list[str]:
    marks = [text(20, y + 16, scenario.title, size=15, weight=600)]
    for number, (title, measure, shown) in enumerate(PANELS):
        left = LABEL + number * (PANEL + 20)
        marks.append(text(left, y + 40, title, fill=FAINT))
        most = max(measure(taken) for taken in result.contenders.values())
        for row, name in enumerate(scenario.contenders):
            top = y + GAP - 8 + ROW * row
            value = measure(result.contenders[name])
            width = (PANEL - 70) * value / most
            marks.append(bar(left, top, width, BAR, _colour(name, contenders[name])))
            marks.append(text(left + width + 6, top + BAR - 3.5, shown(value)))
    for row, name in enumerate(scenario.contenders):
        weight = 600 if name.startswith("merchantwatch") else 400
        base = y + GAP - 8 + ROW * row + BAR - 3.5
        label = contenders[name].title
        marks.append(text(LABEL - 10, base, label, anchor="end", weight=weight, fill=INK))
    return marks


def _colour(name: str, contender: Contender) -> str:
    if name.startswith("merchantwatch"):
        return OURS
    if not contender.rules:
        return FLOOR
    return CAREFUL if contender.duties else LEAN
