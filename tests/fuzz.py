"""Give the whole command whatever one can think of: `python tests/fuzz.py 10000 --seed 7`.

Files in every container, options, environment, settings and packs, sound and odd ones. Each run is a
process of its own, forked from one that has loaded everything. None may end otherwise than by a code
of the contract, with a traceback, without a line for each reason or with a sign that a terminal obeys; take
more than a minute of a processor or more memory than it may; lose a row; change an input; or leave anything behind.
"""

import argparse
import contextlib
import hashlib
import json
import os
import random
import re
import resource
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from forked import at_home, load
from fuzzing import Given, draw_files, draw_given

CODES = {0, 1, 2, 3, 4}
SECONDS = 60
MOST_ADDRESSES = 16 << 30
MOST_BYTES = 900 << 20
"""Of files of some rows, whatever stands in them, with ``--memory`` of 1 GB or less."""

_REASONS = re.compile(r"(?:merchantwatch: [^\n]+\n)+")
A_STRETCH = 250
"""Progress is printed after this many runs."""

HARMFUL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]")


@dataclass
class Ended:
    """How one run ended."""

    code: int
    output: str
    errors: str
    seconds: float
    bytes: int


class Fuzz:
    """Runs in folders of their own, and what was wrong with them."""

    def __init__(self) -> None:
        self.codes: Counter[int] = Counter()
        self.slowest, self.largest = 0.0, 0
        self.faults: list[str] = []
        load()

    def run(self, seed: int) -> None:
        """Draw one run by a seed, make it, and note what was wrong."""
        with tempfile.TemporaryDirectory(prefix="fuzz-") as place:
            folder, given, before = _drawn(seed, Path(place))
            ended = _ended(folder, given, Path(place))
            self.codes[ended.code] += 1
            self.slowest = max(self.slowest, ended.seconds)
            self.largest = max(self.largest, ended.bytes)
            for fault in _faults(folder, Path(place), ended, before):
                self.faults.append(
                    f"seed {seed}: {fault}\n    {given.arguments} {given.environment}"
                )

    def __str__(self) -> str:
        codes = ", ".join(f"{n} with {code}" for code, n in sorted(self.codes.items()))
        return f"{self.codes.total()} runs: {codes}; most {self.slowest:.1f} s of a processor, largest {self.largest >> 20} MB; {len(self.faults)} faults"


def _drawn(seed: int, place: Path) -> tuple[Path, Given, dict[str, str]]:
    draw = random.Random(seed)
    folder = place / "work"
    folder.mkdir()
    (place / "temporary").mkdir()
    names = draw_files(draw, folder)
    given = draw_given(draw, folder, names)
    return folder, given, _digests(folder)


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _ended(folder: Path, given: Given, place: Path) -> Ended:
    """Make a run in a forked process, within bounds of time and memory."""
    child = os.fork()
    if not child:
        _be_the_command(folder, given, place)
    _, status, used = os.wait4(child, 0)
    output, errors = (
        (place / name).read_bytes().decode(errors="replace") for name in ("stdout", "stderr")
    )
    return Ended(
        os.waitstatus_to_exitcode(status),
        output,
        errors,
        used.ru_utime + used.ru_stime,
        used.ru_maxrss * 1024,
    )


def _be_the_command(folder: Path, given: Given, place: Path) -> None:
    """Become one run of the command line; never returns."""
    code = 1
    try:
        for number, name in ((1, "stdout"), (2, "stderr")):
            os.dup2(os.open(place / name, os.O_WRONLY | os.O_CREAT), number)
        places = {"TMPDIR": str(place / "temporary"), "XDG_CONFIG_HOME": str(place / "home")}
        drawn = {name: value.replace("\0", "") for name, value in given.environment.items()}
        at_home(folder, places | {"LC_ALL": "C.UTF-8"} | drawn)
        resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESSES, MOST_ADDRESSES))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        signal.alarm(10 * SECONDS)  # others may be at work on the machine: but none may hang
        from merchantwatch.cli import main

        main(given.arguments)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001  it is what is looked for
        traceback.print_exc()
    with contextlib.suppress(BaseException):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def _faults(folder: Path, place: Path, ended: Ended, before: dict[str, str]) -> Iterator[str]:
    if ended.code not in CODES:
        yield f"ended with {ended.code}"
    if "Traceback" in ended.errors:
        yield ended.errors[-1500:]
    elif ended.code and not _REASONS.fullmatch(ended.errors):
        yield f"{ended.code}, printed more or less than its reasons: {ended.errors[:500]!r}"
    if HARMFUL.search(ended.output + ended.errors):
        yield f"a sign reached the terminal: {HARMFUL.search(ended.output + ended.errors)}"
    if ended.bytes > MOST_BYTES:
        yield f"took {ended.bytes >> 20} MB"
    left = [*(place / "temporary").iterdir(), *folder.glob(".*.part")]
    if left:
        yield f"left {left}"
    after = _digests(folder)
    changed = [name for name, digest in before.items() if after.get(name) != digest]
    if changed:
        yield f"changed {changed}"
    yield from _lost(folder)


def _lost(folder: Path) -> Iterator[str]:
    """Yield where the rows of a report do not add up."""
    for name in ("report.json", "r.json"):
        path = folder / name
        if not path.exists():
            continue
        report = json.loads(path.read_text(encoding="utf-8"))
        rows = report.get("accounting")
        if rows and rows["rows_read"] != sum(
            n for kind, n in rows.items() if kind in ("lines", "quarantined", "superseded", "later")
        ):
            yield f"rows do not add up: {rows}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", type=int, nargs="?", default=10_000)
    parser.add_argument(
        "--seed", type=int, default=1, help="of the first run; the others follow it"
    )
    given = parser.parse_args()
    fuzz = Fuzz()
    for seed in range(given.seed, given.seed + given.runs):
        known = len(fuzz.faults)
        fuzz.run(seed)
        for fault in fuzz.faults[known:]:
            print(fault, flush=True)
        if fuzz.codes.total() % A_STRETCH == 0:
            print(fuzz, flush=True)
    print(fuzz)
    return 1 if fuzz.faults else 0


if __name__ == "__main__":
    sys.exit(main())
