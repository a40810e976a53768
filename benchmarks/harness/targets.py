"""Targets: what is held, what is missed, what was not measured."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec
from harness.results import Result


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a number stands: a contender's in a scenario."""

    scenario: str
    contender: str


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bound on a measure, or on how many times another one it is (``over``)."""

    says: str
    measure: Literal["wall", "wall_per_line", "peak"]
    of: Place
    over: Place | None = None
    at_most: float | None = None
    at_least: float | None = None
    below: float | None = None
    note: str = ""

    @property
    def bound(self) -> str:
        """The bound in words."""
        words = (("at most", self.at_most), ("at least", self.at_least), ("below", self.below))
        return ", ".join(f"{word} {self.shown(limit)}" for word, limit in words if limit)

    def shown(self, value: float) -> str:
        """Write a value with its unit."""
        if self.over:
            return f"{value:.2f}×"
        return f"{value:,.0f} MB" if self.measure == "peak" else f"{value:.3g} s"

    def measured(self, results: Mapping[str, Result]) -> float | None:
        """Return the value; None where it was not measured, or not on the day of the other."""
        value = _value(self.of, self.measure, results)
        if self.over is None or value is None:
            return value
        other = _value(self.over, self.measure, results)
        # Between days the program grows and the machine is not equally fast: no time compares.
        if other and self.measure != "peak" and not self._of_one_day(results, self.over):
            return None
        return value / other if other else None

    def _of_one_day(self, results: Mapping[str, Result], over: Place) -> bool:
        return results[self.of.scenario].date == results[over.scenario].date

    def is_met(self, value: float) -> bool:
        """Say whether a value keeps within the bound."""
        return (
            (self.at_most is None or value <= self.at_most)
            and (self.at_least is None or value >= self.at_least)
            and (self.below is None or value < self.below)
        )


class Verdict(msgspec.Struct, frozen=True):
    """What became of a target, and the day of what was measured."""

    target: Target
    measured: str
    day: str
    outcome: Literal["held", "missed", "not measured"]


def load_targets(path: Path) -> list[Target]:
    """Read the targets. Raises msgspec.ValidationError for what they cannot be."""
    return msgspec.toml.decode(path.read_bytes(), type=dict[str, list[Target]])["target"]


def verdicts(targets: list[Target], results: Mapping[str, Result]) -> list[Verdict]:
    """Hold the targets against the results."""
    found = []
    for target in targets:
        value = target.measured(results)
        if value is None:
            found.append(Verdict(target, "", "", "not measured"))
        else:
            outcome: Literal["held", "missed"] = "held" if target.is_met(value) else "missed"
            day = results[target.of.scenario].date
            found.append(Verdict(target, target.shown(value), day, outcome))
    return found


def _value(place: Place, measure: str, results: Mapping[str, Result]) -> float | None:
    result = results.get(place.scenario)
    if result is None or place.contender not in result.contenders:
        return None
    taken = result.contenders[place.contender]
    if measure == "peak":
        return taken.peak / 1e6
    lines = result.data.lines if result.data and measure == "wall_per_line" else 1
    return taken.wall / lines
