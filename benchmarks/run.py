"""Measure merchantwatch beside the same job written by hand.

``python benchmarks/run.py --lines 1000000 --repeats 5`` makes the reports, lets the contenders of
contenders.toml take turns, each as a process of its own, checks that all of them give the same
answer, and prints a table. Exit code 1: the answers differ, and no time is shown.

This program stays small, for on Linux a process starts with the peak memory of its parent.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

from moment import AS_OF

HERE = Path(__file__).parent
RULES = ("DY100", "DY101", "DY102", "DY201", "DY202")
RSS_UNIT = 1 if sys.platform == "darwin" else 1024

Answer: TypeAlias = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Run:
    """What one process took: seconds, seconds of all cores, bytes."""

    wall: float
    cpu: float
    peak: int


@dataclass
class Contender:
    """A command that does the job, and what its runs took."""

    name: str
    command: list[str]
    answer: str = ""
    judges: bool = True
    runs: list[Run] = field(default_factory=list)

    def run(self, files: Sequence[Path], out: Path) -> Answer | None:
        """Do the job once and return its answer."""
        argv: list[str] = []
        for word in self.command:
            argv += map(str, files) if word == "{files}" else [fill(word, out)]
        printed = out / "printed.json"
        self.runs.append(measure(argv, printed))
        if not self.judges:
            return None
        answer = Path(fill(self.answer, out)) if self.answer else printed
        return comparable(json.loads(answer.read_text(encoding="utf-8")))

    def middle(self, what: Callable[[Run], float]) -> float:
        """Return the median of the runs but the first, which only warmed the machine up."""
        return median(map(what, self.runs[1:]))


def fill(word: str, out: Path) -> str:
    """Fill in what a command leaves open."""
    return word.format(python=sys.executable, here=HERE, out=out, as_of=AS_OF)


def measure(argv: Sequence[str], printed: Path) -> Run:
    """Run a process to its end. Raises RuntimeError when it fails."""
    errors = printed.with_name("errors.txt")
    with printed.open("wb") as out, errors.open("wb") as err:
        start = time.perf_counter()
        process = subprocess.Popen(argv, stdout=out, stderr=err, cwd=HERE.parent)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(
            f"{' '.join(argv)}\nended with {process.returncode}: {errors.read_text()}"
        )
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * RSS_UNIT)


def comparable(answer: dict[str, Any]) -> Answer:
    """Bring a report, or what a job by hand printed, into one shape."""
    rules = answer["rules"]
    if isinstance(rules, list):
        rules = {rule["code"]: counts(rule, answer["findings"]) for rule in rules}
    return {"accounting": answer["accounting"]} | {code: rules.get(code, {}) for code in RULES}


def counts(rule: dict[str, Any], findings: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Count a rule's findings by state.

    A report lists only the worst of very many, breached ones first: as long as one that is near is
    among them, the others are near too. Without one, only the sum is known.
    """
    if rule["status"] != "evaluated":
        return {}
    states = [finding["state"] for finding in findings if finding["code"] == rule["code"]]
    breached = states.count("breached")
    if breached == len(states) < rule["findings"]:
        return {"hits": rule["hits"], "findings": rule["findings"]}
    return {"hits": rule["hits"], "breached": breached, "near": rule["findings"] - breached}


def differences(expected: Answer, given: Answer) -> list[str]:
    """Say in which numbers an answer is another than the expected one."""
    found = []
    for part, numbers in expected.items():
        known = given[part]
        if "findings" in numbers:
            known = known | {"findings": known.get("breached", 0) + known.get("near", 0)}
        found += [
            f"{part} {name}: {number} and {known.get(name)}"
            for name, number in numbers.items()
            if known.get(name) != number
        ]
        if not numbers:
            found.append(f"{part}: not evaluated")
    return found


def take_turns(
    contenders: Sequence[Contender], files: Sequence[Path], repeats: int, out: Path
) -> list[str]:
    """Run all contenders one after the other, again and again; return where answers differ.

    The first round warms the machine up. The first contender's answer is the expected one.
    """
    expected: Answer | None = None
    wrong = []
    for turn in range(repeats + 1):
        for contender in contenders:
            print(f"round {turn} of {repeats}: {contender.name}", file=sys.stderr)
            answer = contender.run(files, out)
            if answer is None:
                continue
            expected = expected or answer
            wrong += [
                f"{contenders[0].name} and {contender.name} differ in {difference}"
                for difference in differences(expected, answer)
            ]
        if wrong:
            break
    return wrong


def table(contenders: Sequence[Contender]) -> str:
    """Write medians, and in brackets how many times the first contender's they are."""
    rows = ["| contender | wall s | CPU s | peak MB |", "|---|---:|---:|---:|"]
    measures: list[tuple[Callable[[Run], float], str]] = [
        (lambda run: run.wall, ".2f"),
        (lambda run: run.cpu, ".2f"),
        (lambda run: run.peak / 1e6, ",.0f"),
    ]
    for contender in contenders:
        cells = []
        for what, shape in measures:
            value, base = contender.middle(what), contenders[0].middle(what)
            cells.append(f"{value:{shape}} ({value / base:.2f}×)")
        rows.append(f"| {' | '.join([contender.name, *cells])} |")
    return "\n".join(rows)


def reports(folder: Path, lines: int, files: int) -> list[Path]:
    """Return the reports of a folder, made if there are none."""
    data = folder / f"{lines}-lines-{files}-files"
    if not data.exists():
        unfinished = data.with_name(f"{data.name}.unfinished")
        command = [sys.executable, str(HERE / "generate.py"), str(lines), str(unfinished)]
        subprocess.run([*command, "--files", str(files)], stdout=sys.stderr, check=True)
        unfinished.rename(data)
    return sorted(data.glob("*.csv"))


def main() -> int:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument(
        "--data", type=Path, help="keep the reports here (default: throw them away)"
    )
    parser.add_argument("--contenders", type=Path, default=HERE / "contenders.toml")
    given = parser.parse_args()
    listed = tomllib.loads(given.contenders.read_text(encoding="utf-8"))["contender"]
    contenders = [Contender(**entry) for entry in listed]
    with ExitStack() as stack:
        temporary = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        files = reports(given.data or temporary, given.lines, given.files)
        wrong = take_turns(contenders, files, given.repeats, temporary)
        size = sum(path.stat().st_size for path in files) / 1e6
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 1
    print(
        f"{given.lines:,} lines in {len(files)} file(s), {size:,.0f} MB; {os.cpu_count()} cores, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}; "
        f"medians of {given.repeats}\n"
    )
    print(table(contenders))
    return 0


if __name__ == "__main__":
    sys.exit(main())
