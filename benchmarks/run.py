"""Measure merchantwatch beside the same job written by hand, and write the report.

``python benchmarks/run.py`` makes the data, lets the contenders of each scenario take turns, each
as a process of its own, checks that their answers are the same, saves what they took under
results/, and writes docs/performance.md from it. Exit code 1: answers differ (then nothing is
saved of that scenario), or a contender failed.

This program stays small, for on Linux a process starts with the peak memory of its parent.
"""

import argparse
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from harness.answers import Answer
from harness.files import clean, written_files
from harness.machine import machine, versions
from harness.measuring import Run, RunFailedError
from harness.plan import HERE, Scenario, load_contenders, load_plan
from harness.results import Result, Taken, save
from harness.turns import AnswersDifferError, Contenders, check_clean, take_turns
from msgspec.structs import replace

BUSY = 0.03
"""The share of the machine above which other processes make a measurement doubtful."""


def measured(scenario: Scenario, contenders: Contenders, data: Path, repeats: int) -> Result:
    """Run a scenario. Raises AnswersDifferError or RunFailedError."""
    taking_part = {name: contenders[name] for name in scenario.contenders}
    warm_up = int(scenario.warm_up)
    with tempfile.TemporaryDirectory() as name:
        out = Path(name)
        files = written_files(data, scenario.data) if scenario.data else []
        if scenario.data and not all(contender.duties for contender in taking_part.values()):
            check_clean(taking_part, written_files(data, clean(scenario.data)), out, say)
        runs, answers = take_turns(taking_part, files, warm_up + repeats, out, say)
    counted = {name: taken[warm_up:] for name, taken in runs.items()}
    size = sum(path.stat().st_size for path in files)
    return _result(scenario, size, counted, answers)


def _result(
    scenario: Scenario, size: int, runs: dict[str, list[Run]], answers: dict[str, Answer]
) -> Result:
    first = answers.get(scenario.contenders[0], {})
    return Result(
        scenario=scenario.name,
        date=date.today().isoformat(),  # noqa: DTZ011
        machine=machine(),
        versions=versions(),
        data=scenario.data,
        size=size,
        accounting=first.get("accounting", {}),
        contenders={
            name: Taken(taken, answers.get(name, {}).get("totals", {}))
            for name, taken in runs.items()
        },
    )


def say(what: str) -> None:
    """Tell how far the run is."""
    print(what, file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", help="these scenarios, separated by commas")
    parser.add_argument("--repeats", type=int, help="no more rounds than this")
    parser.add_argument("--lines", type=int, help="for a try: no more lines than this")
    parser.add_argument("--data", type=Path, help="keep the data here (default: throw it away)")
    parser.add_argument("--results", type=Path, default=HERE / "results")
    parser.add_argument("--docs", type=Path, default=HERE.parent / "docs")
    parser.add_argument("--scenarios", type=Path, default=HERE / "scenarios.toml")
    parser.add_argument("--contenders", type=Path, default=HERE / "contenders.toml")
    return parser.parse_args()


def chosen(given: argparse.Namespace) -> list[Scenario]:
    """Return the scenarios to run, with no more lines than ``--lines``."""
    listed = load_plan(given.scenarios).scenario
    names = given.only.split(",") if given.only else [scenario.name for scenario in listed]
    if unknown := set(names) - {scenario.name for scenario in listed}:
        sys.exit(f"--only {', '.join(sorted(unknown))}: no such scenario in {given.scenarios.name}")
    scenarios = []
    for scenario in listed:
        if scenario.name in names:
            data = scenario.data
            if data and given.lines:
                data = replace(data, lines=min(data.lines, given.lines))
            scenarios.append(replace(scenario, data=data))
    return scenarios


def main() -> int:
    """Measure the chosen scenarios, then write the report."""
    given = arguments()
    contenders = load_contenders(given.contenders)
    failed = False
    with ExitStack() as stack:
        data = given.data or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for scenario in chosen(given):
            say(f"{scenario.name}: {scenario.title}")
            repeats = min(scenario.repeats, given.repeats or scenario.repeats)
            try:
                result = measured(scenario, contenders, data, repeats)
            except (AnswersDifferError, RunFailedError) as error:
                say(f"{scenario.name}: {error}")
                failed = True
                continue
            save(given.results, result)
            if result.disturbed > BUSY:
                say(f"  other processes took {result.disturbed:.0%} of the machine: run it again")
    report = [sys.executable, str(HERE / "report.py"), "--results", str(given.results)]
    report += ["--docs", str(given.docs), "--scenarios", str(given.scenarios)]
    report += ["--contenders", str(given.contenders)]
    return max(subprocess.run(report, check=False).returncode, int(failed))


if __name__ == "__main__":
    sys.exit(main())
