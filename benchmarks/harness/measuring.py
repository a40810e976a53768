"""One process, measured from its start to its end as the kernel counts it."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RSS_UNIT = 1 if sys.platform == "darwin" else 1024
STAT = Path("/proc/stat")

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Run:
    """What one process took.

    ``wall``: seconds; ``cpu``: seconds of all cores; ``peak``: bytes of resident memory;
    ``others``: seconds of CPU that other processes took meanwhile, where the system tells; the
    system counts roughly, so that it may be a little below zero.
    """

    wall: float
    cpu: float
    peak: int
    others: float = 0.0


class RunFailedError(Exception):
    """A measured process ended badly; its message has the command and its standard error."""


def measure(argv: Sequence[str], printed: Path) -> Run:
    """Run a process to its end, its output into a file. Raises RunFailedError when it fails.

    It runs where the checkout stands, without settings from the environment, and as on most
    machines may keep what Python compiles.
    """
    errors = printed.with_name("errors.txt")
    settings = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("MERCHANTWATCH_") and name != "PYTHONDONTWRITEBYTECODE"
    }
    with printed.open("wb") as out, errors.open("wb") as err:
        busy = busy_seconds()
        start = time.perf_counter()
        process = subprocess.Popen(argv, stdout=out, stderr=err, cwd=ROOT, env=settings)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        others = busy_seconds() - busy - used.ru_utime - used.ru_stime
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        message = errors.read_text(encoding="utf-8", errors="replace")
        raise RunFailedError(f"{' '.join(argv)}\nended with {process.returncode}: {message}")
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * RSS_UNIT, others)


def busy_seconds() -> float:
    """Return for how long the cores have worked since the system started; 0 where unknown."""
    if not STAT.exists():
        return 0.0
    with STAT.open(encoding="ascii") as file:
        user, nice, system, _idle, _wait, *interrupts = map(int, file.readline().split()[1:9])
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")
