"""Hold the program to the oracle on as many made-up worlds as one likes: `python tests/agree.py 2000`.

Others are drawn than in the tests, each of one to six merchants' shops; `--engine spark` judges them there.
It ends with how many worlds, merchants, exports and lines agreed, and how often each rule hit, or
was only near; at the first disagreement it stops, says what it is, and leaves the exports in a folder.

Spark plans each rule for each world anew: there each world is judged by a dozen of the rules for its
platform, the next one by the next dozen. `--rules` says how many, here and there.
"""

import argparse
import sys
import time
import warnings
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from math import inf
from pathlib import Path
from random import Random
from tempfile import mkdtemp

from agreement import KNOWN, Said, disagreements, oracle_says, program_says
from conftest import SPARK
from hypothesis import HealthCheck, Phase, given, seed, settings
from oracle import OF_PLATFORM, RULES, SIGNALS
from worlds import FRESH, World, mapped_worlds, worlds, write_exemptions, write_world

import merchantwatch as mw

warnings.simplefilter("ignore", mw.IncompleteWarning)  # damaged rows are drawn on purpose


class Disagreement(BaseException):
    """The two do not say the same of a world. (No exception that hypothesis would look into.)"""


class TimeOverError(BaseException):
    """The minutes are over. (No exception that hypothesis would look into.)"""


class Turns:
    """Some codes after the others, again and again, in an order of their own."""

    def __init__(self, codes: Sequence[str], most: int) -> None:
        self.codes = Random(0).sample(codes, len(codes))
        self.most = min(most, len(codes))
        self.place = 0

    def next(self) -> frozenset[str]:
        """Return the next codes, ``most`` of them."""
        start, self.place = self.place, self.place + self.most
        return frozenset(self.codes[n % len(self.codes)] for n in range(start, self.place))


class Tally:
    """What was looked at, and what came of it."""

    def __init__(self, engine: str, most: int, minutes: float) -> None:
        self.engine = engine
        self.over_at = time.monotonic() + 60 * minutes
        self.turns = {name: Turns([*rules, *SIGNALS], most) for name, rules in OF_PLATFORM.items()}
        self.worlds = self.merchants = self.exports = self.lines = self.findings = 0
        self.states: Counter[tuple[str, str]] = Counter()

    def compare(self, world: World) -> None:
        """Judge a world twice, and count it."""
        if time.monotonic() > self.over_at:
            raise TimeOverError
        if self.engine == "spark":  # which reads UTF-8 alone
            world = replace(world, encodings=None)
        codes = self.turns[world.platform].next()
        wanted = oracle_says(world, codes)
        apart = disagreements(program_says(world, self.engine, codes), wanted)
        if apart:
            folder = Path(mkdtemp(prefix="disagreement-"))
            write_world(world, folder)
            write_exemptions(world, folder)
            raise Disagreement(
                "\n".join(
                    [f"{folder}, as of {world.as_of}, {world.platform}, {sorted(codes)}", *apart]
                )
            )
        self.worlds += 1
        self.merchants += world.merchants
        self.exports += world.files
        self.lines += wanted["accounting"]["lines"]
        self.findings += len(wanted["findings"])
        self.count(wanted)
        if self.worlds % 100 == 0:
            print(f"{self.worlds:,} worlds", file=sys.stderr, flush=True)

    def count(self, said: Said) -> None:
        """Count hits and near ones of lines, and findings, by rule."""
        self.states.update((code, f"lines {state}") for (code, _), state in said["hits"].items())
        self.states.update((key[0], found["state"]) for key, found in said["findings"].items())

    def summary(self) -> str:
        """The table of the rules, and the sum."""
        columns = ("lines hit", "lines near", "breached", "near")
        table = ["       " + "".join(f"{name:>12}" for name in columns)]
        for code in sorted({*RULES, *SIGNALS}):
            numbers = "".join(f"{self.states[code, name]:>12,}" for name in columns)
            table.append(f"{code}  {numbers}")
        table.append(
            f"{self.worlds:,} worlds of {self.merchants:,} merchants with {self.exports:,} exports of "
            f"{self.lines:,} lines: the program and the oracle agree on every hit and on all "
            f"{self.findings:,} findings"
        )
        return "\n".join(table)


def start_spark() -> None:
    """Start Spark as the tests do, set for little data; the program uses what runs."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").appName("agree")
    for name, value in SPARK.items():
        builder = builder.config(name, value)
    builder.getOrCreate().sparkContext.setLogLevel("ERROR")


def main() -> None:
    """Draw, compare, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("worlds", type=int, help="how many made-up worlds")
    parser.add_argument(
        "--seed", type=int, default=time.time_ns() % 2**32, help="to draw the same ones again"
    )
    parser.add_argument("--rules", type=int, help="by how many of its rules each world is judged")
    parser.add_argument("--minutes", type=float, default=inf, help="end after so many, at most")
    parser.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb")
    given_to = parser.parse_args()
    print(f"seed {given_to.seed}", flush=True)
    if given_to.engine == "spark":
        start_spark()
    usual = 12 if given_to.engine == "spark" else len(KNOWN)
    tally = Tally(given_to.engine, given_to.rules or usual, given_to.minutes)
    draws = settings(
        backend=FRESH,
        max_examples=given_to.worlds,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    @seed(given_to.seed)
    @draws
    @given(world=worlds() | mapped_worlds())
    def compare(world: World) -> None:
        tally.compare(world)

    try:
        with suppress(TimeOverError):
            compare()
    except Disagreement as apart:
        sys.exit(f"after {tally.worlds} worlds the program and the oracle disagree: {apart}")
    print(tally.summary())


if __name__ == "__main__":
    main()
