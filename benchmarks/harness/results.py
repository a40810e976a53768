"""Results: one JSON file per scenario, from which the report and the charts are made."""

from collections.abc import Callable
from pathlib import Path
from statistics import median

import msgspec
from generator.world import World
from harness.answers import Counts
from harness.measuring import Run


class Taken(msgspec.Struct, frozen=True):
    """What one contender's runs took, and what it found in all."""

    runs: list[Run]
    totals: Counts = {}

    def middle(self, what: Callable[[Run], float]) -> float:
        """Return the median of a measure."""
        return median(map(what, self.runs))

    @property
    def wall(self) -> float:
        """Median seconds from start to end."""
        return self.middle(lambda run: run.wall)

    @property
    def cpu(self) -> float:
        """Median seconds of all cores."""
        return self.middle(lambda run: run.cpu)

    @property
    def peak(self) -> float:
        """Median peak memory in bytes."""
        return self.middle(lambda run: run.peak)


class Result(msgspec.Struct, frozen=True):
    """What was measured of one scenario: on what, when, where, by whom.

    ``machine`` and ``versions`` are for reading; ``size`` is in bytes.
    """

    scenario: str
    date: str
    machine: dict[str, str]
    versions: dict[str, str]
    data: World | None
    size: int
    accounting: Counts
    contenders: dict[str, Taken]

    @property
    def disturbed(self) -> float:
        """The share of the machine that other processes took while it was measured."""
        runs = [run for taken in self.contenders.values() for run in taken.runs]
        there_was = sum(run.wall for run in runs) * int(self.machine["cores"])
        return max(sum(run.others for run in runs) / there_was, 0.0)


def save(folder: Path, result: Result) -> None:
    """Write a result, in place of an older one of the same scenario."""
    folder.mkdir(parents=True, exist_ok=True)
    text = msgspec.json.format(msgspec.json.encode(result), indent=1)
    (folder / f"{result.scenario}.json").write_bytes(text + b"\n")


def load_results(folder: Path) -> dict[str, Result]:
    """Read all results by scenario."""
    results = [
        msgspec.json.decode(path.read_bytes(), type=Result) for path in folder.glob("*.json")
    ]
    return {result.scenario: result for result in results}
