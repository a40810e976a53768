"""Hold the program to the oracle on as many made-up merchants as one likes: `python tests/agree.py 40`.

That many scans are judged, each of `--worlds` worlds of one to six shops in one run, since a scan of a few
lines mostly plans; others are drawn than in the tests. What couples the merchants of a run couples them
for the oracle too, which judges all as one. `--engine spark` judges them there. It ends with how many
scans, merchants, exports and lines agreed, and how often each rule hit, or was only near; at the first
disagreement it stops, says what it is, and leaves the exports in a folder (`--on` goes on after it).

By `--rules` each scan is judged by that many of the rules for its platform, the next one by the next ones.
"""

import argparse
import sys
import time
import warnings
from collections import Counter
from collections.abc import Sequence, Set as AbstractSet
from contextlib import suppress
from dataclasses import replace
from itertools import count
from math import inf
from pathlib import Path
from random import Random
from tempfile import mkdtemp

from agreement import KNOWN, Outcome, disagreements, oracle_says, program_says
from conftest import SPARK
from hypothesis import HealthCheck, Phase, assume, given, seed, settings, strategies as st
from oracle import OF_PLATFORM, RULES, SIGNALS
from worlds import (
    FRESH,
    Frame,
    World,
    frames,
    mapped_frames,
    mapped_worlds,
    together,
    with_ignored,
    worlds,
    write_exemptions,
    write_ignored,
    write_world,
)

import merchantwatch as mw

warnings.simplefilter("ignore", mw.IncompleteWarning)  # damaged rows are drawn on purpose

SELECTED = 0.2
"""The share of scans whose rules are selected by their codes; of others the rest is left out."""
MOST_SHOWN = 12
MOST_LINES = 40_000
"""Of more a report would list few of the findings of a rule."""


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

    def __init__(self, given_to: argparse.Namespace) -> None:
        self.engine, self.goes_on = given_to.engine, given_to.on
        self.over_at = time.monotonic() + 60 * given_to.minutes
        most = given_to.rules or len(KNOWN)
        self.turns = {name: Turns([*rules, *SIGNALS], most) for name, rules in OF_PLATFORM.items()}
        self.scans = self.merchants = self.exports = self.lines = self.findings = self.apart = 0
        self.ignored = self.exempt = 0
        self.states: Counter[tuple[str, str]] = Counter()

    def compare(self, world: World) -> None:
        """Judge a world twice, and count it."""
        if self.engine == "spark":  # which reads UTF-8 alone
            world = replace(world, encodings=None)
        codes = self.turns[world.platform].next()
        begun = time.monotonic()
        wanted = oracle_says(world, codes)
        apart = disagreements(program_says(world, self.engine, codes), wanted)
        print(
            f"{world.platform}, as of {world.as_of}: {wanted['accounting']['lines']:,} lines, "
            f"{time.monotonic() - begun:.0f} s",
            file=sys.stderr,
            flush=True,
        )
        if apart:
            self.report(world, codes, apart)
            return
        self.scans += 1
        self.merchants += world.merchants
        self.exports += world.files
        self.lines += wanted["accounting"]["lines"]
        self.findings += len(wanted["findings"])
        self.ignored += len(wanted["ignored"])
        self.exempt += sum(state == "exempt" for state in wanted["hits"].values())
        self.count(wanted)

    def report(self, world: World, codes: AbstractSet[str], apart: Sequence[str]) -> None:
        """Leave the exports of a disagreement in a folder, and say what it is."""
        self.apart += 1
        folder = Path(mkdtemp(prefix="disagreement-"))
        for write in (write_world, write_exemptions, write_ignored):
            write(world, folder)
        ways = (f"as of {world.as_of}", world.platform, f"{world.selected=}", str(sorted(codes)))
        message = "\n".join(
            [f"{folder}, {', '.join(ways)}: {len(apart)} apart", *apart[:MOST_SHOWN]]
        )
        if not self.goes_on:
            raise Disagreement(message)
        print(message, flush=True)

    def count(self, outcome: Outcome) -> None:
        """Count hits and near ones of lines, and findings, by rule."""
        self.states.update((code, f"lines {state}") for (code, _), state in outcome["hits"].items())
        self.states.update((key[0], found["state"]) for key, found in outcome["findings"].items())

    def summary(self) -> str:
        """The table of the rules, and the sum."""
        columns = ("lines hit", "lines near", "breached", "near")
        table = ["       " + "".join(f"{name:>12}" for name in columns)]
        for code in sorted({*RULES, *SIGNALS}):
            numbers = "".join(f"{self.states[code, name]:>12,}" for name in columns)
            table.append(f"{code}  {numbers}")
        table.append(
            f"{self.scans:,} scans of {self.merchants:,} merchants with {self.exports:,} exports of "
            f"{self.lines:,} lines: the program and the oracle agree on every hit, on all "
            f"{self.findings:,} findings, {self.ignored:,} suppressed ones and {self.exempt:,} exempt "
            f"hits; on {self.apart:,} scans they do not"
        )
        return "\n".join(table)


def start_spark() -> None:
    """Start Spark as the tests do, set for little data; the program uses what runs."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]").appName("agree")
    for name, value in SPARK.items():
        builder = builder.config(name, value)
    builder.getOrCreate().sparkContext.setLogLevel("ERROR")


@st.composite
def any_frame(draw: st.DrawFn) -> Frame:
    """One that a mapping reads, or one of Douyin's; mostly with a column of the shops."""
    shops = draw(st.integers(0, 4)) < 4
    made = draw(st.sampled_from((mapped_frames, mapped_frames, frames)))
    return draw(made(shops=shops))


@st.composite
def any_mapped(draw: st.DrawFn, frame: Frame, crowds: float) -> World:
    """One that a mapping reads. A share of them has crowds: few, where a scan is of many merchants."""
    crowded = draw(st.integers(1, 100)) <= 100 * crowds
    return draw(mapped_worlds(frame, crowded=crowded))


def merchants(number: int, crowds: float, frame: Frame, draws: settings, first: int) -> World:
    """One scan of several worlds of a frame, all in its exports; and what is not reported of them."""
    drawn: list[World] = []
    one = any_mapped(frame, crowds) if frame.mapped else worlds(frame=frame)

    @seed(first)
    @settings(draws, max_examples=number)
    @given(world=one)
    def draw(world: World) -> None:
        drawn.append(world)

    draw()
    dice, lines = Random(first), 0
    few: list[World] = []
    for world in drawn:
        lines += sum(len(export.rows) for export in world.exports)
        if not few or lines <= MOST_LINES:
            few.append(world)
    shop = dice.choice(("", "样例店"))
    union = replace(together(few), shop=shop, selected=dice.random() < SELECTED)
    return with_ignored(union, dice)


def arguments() -> argparse.Namespace:
    """The arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scans", type=int, help="how many scans")
    parser.add_argument("--worlds", type=int, default=50, help="of how many worlds each")
    parser.add_argument(
        "--crowds", type=float, default=0.2, help="the share of worlds with shops of many orders"
    )
    parser.add_argument(
        "--seed", type=int, default=time.time_ns() % 2**32, help="to draw the same ones again"
    )
    parser.add_argument("--rules", type=int, help="by how many of its rules each scan is judged")
    parser.add_argument("--platform", help="by the rules of one platform alone")
    parser.add_argument("--minutes", type=float, default=inf, help="end after this many, at most")
    parser.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb")
    parser.add_argument("--on", action="store_true", help="go on after a disagreement")
    return parser.parse_args()


def main() -> None:
    """Draw, compare, and tell."""
    given_to = arguments()
    print(f"seed {given_to.seed}", flush=True)
    if given_to.engine == "spark":
        start_spark()
    tally = Tally(given_to)
    draws = settings(
        backend=FRESH,
        max_examples=given_to.scans,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    drawn = count()

    @seed(given_to.seed)
    @draws
    @given(frame=any_frame())
    def compare(frame: Frame) -> None:
        if time.monotonic() > tally.over_at:
            raise TimeOverError
        assume(next(drawn))  # by any seed the first is the simplest of all
        assume(given_to.platform in (None, frame.platform))
        if given_to.engine == "spark":  # which plans each file anew
            assume(frame.of_parcels)
        of_scan = given_to.seed + 1000 * (tally.scans + tally.apart)
        tally.compare(merchants(given_to.worlds, given_to.crowds, frame, draws, of_scan))

    try:
        with suppress(TimeOverError):
            compare()
    except Disagreement as apart:
        sys.exit(f"after {tally.scans} scans the program and the oracle disagree: {apart}")
    print(tally.summary())
    sys.exit(tally.apart > 0)


if __name__ == "__main__":
    main()
