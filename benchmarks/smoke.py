"""Say whether a scan costs more CPU time than it did, compared with the same job by hand.

    python benchmarks/smoke.py

For each scenario of smoke.toml the two processes take turns. The least CPU time that one took is
what it costs: what the machine does besides only ever adds. The ratio of the two is compared with
the one that stands there. Where it is worse by more than WORSE, more turns are taken, up to MOST.
Exit code 1: a ratio stays worse, or answers differ. Where a change is worth what it costs, write
its ratio there.
"""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec
from generator.world import World
from harness.files import written_files
from harness.measuring import RunFailedError
from harness.plan import HERE, Contender, load_contenders
from harness.turns import AnswersDifferError, take_turns

WORSE = 0.15
TURNS = 3
MOST = 15


class Smoke(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A scenario: what is measured, the job by hand it is compared with, and the ratio to keep."""

    name: str
    data: World
    contender: str
    floor: str
    ratio: float


def main() -> int:
    """Measure all scenarios, and print of each whether it keeps its ratio."""
    scenarios = msgspec.toml.decode(
        (HERE / "smoke.toml").read_bytes(), type=dict[str, list[Smoke]]
    )["scenario"]
    contenders = load_contenders(HERE / "contenders.toml")
    with tempfile.TemporaryDirectory() as folder:
        return max([_check(scenario, contenders, Path(folder)) for scenario in scenarios])


def _check(scenario: Smoke, contenders: Mapping[str, Contender], folder: Path) -> int:
    """Measure a scenario until it keeps its ratio, or MOST turns were taken."""
    names = (scenario.contender, scenario.floor)
    pair = {name: contenders[name] for name in names}
    out = folder / f"out-{scenario.name}"
    out.mkdir()
    at_most, ratio, turns = scenario.ratio * (1 + WORSE), float("inf"), 0
    least = dict.fromkeys(names, float("inf"))
    try:
        files = written_files(folder, scenario.data)
        while ratio > at_most and turns < MOST:
            runs, _ = take_turns(pair, files, TURNS, out, lambda _: None)
            least = {name: min([least[name], *(run.cpu for run in runs[name])]) for name in names}
            ratio, turns = least[scenario.contender] / least[scenario.floor], turns + TURNS
    except (AnswersDifferError, RunFailedError) as error:
        print(f"{scenario.name}: {error}")
        return 1
    result = f"{ratio:.2f} times {pair[scenario.floor].title}, of {at_most:.2f} at most"
    print(f"{scenario.name}: {result} ({turns} turns)", flush=True)
    return int(ratio > at_most)


if __name__ == "__main__":
    sys.exit(main())
