"""What is measured: contenders, scenarios and growths, as the TOML files beside run.py say."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec
from generator.world import World
from moment import AS_OF

HERE = Path(__file__).parents[1]
RULES = ("DY100", "DY101", "DY102", "DY201", "DY202")
"""The rules that everyone judges by."""


class Contender(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A command that does the job, or a part of it.

    ``answer`` is the file that holds its answer, by default what it prints; ``rules`` are those
    that it judges by, none for a command that gives no answer. One without ``duties`` does not say
    where the rows went, and judges those too that cannot be read or are superseded.
    """

    title: str
    command: tuple[str, ...]
    answer: str = ""
    rules: tuple[str, ...] = RULES
    duties: bool = True

    def argv(self, files: Sequence[Path], out: Path) -> list[str]:
        """Return the command on these files, with a folder for its output."""
        argv: list[str] = []
        for word in self.command:
            argv += map(str, files) if word == "{files}" else [_fill(word, out)]
        return argv

    def answered(self, printed: Path, out: Path) -> Path:
        """Return the file that holds the answer of a run."""
        return Path(_fill(self.answer, out)) if self.answer else printed


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Contenders that take turns on the same data; the first is what the others are compared with.

    ``repeats`` counts the rounds after the first, which only warms the machine up; without
    ``warm_up`` there is no such round. ``chart`` puts it into the chart of contenders.
    """

    name: str
    title: str
    contenders: tuple[str, ...]
    data: World | None = None
    repeats: int = 5
    warm_up: bool = True
    chart: bool = False


class Series(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Points of a growth: each contender in each scenario."""

    title: str
    scenarios: tuple[str, ...]
    contenders: tuple[str, ...]


class Growth(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How cost grows along something; with ``memory`` the chart shows peak memory too."""

    title: str
    along: Literal["lines", "files", "rules", "hits", "findings"]
    series: tuple[Series, ...]
    logarithmic: bool = False
    memory: bool = False


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that is measured."""

    scenario: tuple[Scenario, ...]
    growth: tuple[Growth, ...] = ()


def load_plan(path: Path) -> Plan:
    """Read the scenarios and growths. Raises msgspec.ValidationError for what it cannot be."""
    return msgspec.toml.decode(path.read_bytes(), type=Plan)


def load_contenders(path: Path) -> dict[str, Contender]:
    """Read the contenders by name. Raises msgspec.ValidationError for what they cannot be."""
    return msgspec.toml.decode(path.read_bytes(), type=dict[str, Contender])


def _fill(word: str, out: Path) -> str:
    """Fill in what a command leaves open."""
    return word.format(python=sys.executable, here=HERE, out=out, as_of=AS_OF)
