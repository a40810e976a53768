"""Kill real runs at random moments, and say what was left: `python tests/kills.py 200 --seed 7`.

By SIGINT, SIGTERM and SIGHUP a run ends with one line, its code, and nothing left behind; what
SIGKILL leaves, the next run removes. Reports are whole or absent in any case. Most runs are forked
from a process that has loaded the command; every tenth starts afresh, so that starting is killed, too.
"""

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from forked import Forked, load

HEADER = (
    "主订单编号,子订单编号,商品ID,订单提交时间,支付完成时间,承诺发货时间,发货时间,订单状态,选购商品"
)
LATE = "2026-11-01 09:00:00,2026-11-01 10:00:00,2026-11-11 10:00:00,,备货中,样品"
OUTPUTS = ("json:r.json", "csv:hits.csv", "html:r.html", "parquet:hits.parquet")
CLEAN = ("SIGINT", "SIGTERM", "SIGHUP")
AS_OF = "2026-11-21 00:00"
FEW = "DY100,DY101,IR101"
"""Rules to judge by: to plan them all would be half of a run, and no rule ends otherwise than another."""

A_FRESH_ONE = 10
"""One run of this many starts with an empty folder."""

A_STRETCH = 50
"""Progress is printed after this many kills."""

Process = Forked | subprocess.Popen[bytes]


@dataclass
class Kills:
    """The kills by one signal: how the runs ended, what was wrong, and how long ending took."""

    name: str
    ends: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def __str__(self) -> str:
        ends = ", ".join(f"{n} with {code}" for code, n in sorted(self.ends.items()))
        return f"{self.name}: {sum(self.ends.values())} runs ended: {ends}; slowest end {self.slowest:.2f} s; {len(self.faults)} faults"


class Ground:
    """A folder with an export, in which runs write their reports and have their temporary files."""

    def __init__(self, folder: Path, rows: int) -> None:
        self.folder, self.temporary = folder, folder / "temporary"
        self.temporary.mkdir()
        self._write("many.csv", rows)
        self._write("few.csv", 3)
        self.whole_run = {fresh: self._measured(fresh) for fresh in (True, False)}
        self.whole = {self._digest()}
        self.finish("few.csv")
        self.whole.add(self._digest())

    def _write(self, name: str, rows: int) -> None:
        lines = [f"9{n:07d},9{n:07d},{n % 97},{LATE}" for n in range(rows)]
        (self.folder / name).write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")

    def start(self, name: str, *, fresh: bool = False) -> Process:
        outputs = [part for output in OUTPUTS for part in ("-o", output)]
        arguments = ["scan", name, "--as-of", AS_OF, "--select", FEW, *outputs]
        places = {"TMPDIR": str(self.temporary), "PYTHONPATH": str(Path(__file__).parents[1])}
        environment = {**places, "LC_ALL": "C.UTF-8", "PATH": ""}
        if not fresh:
            return Forked(arguments, self.folder, environment)
        command = [sys.executable, "-m", "merchantwatch", *arguments]
        return subprocess.Popen(command, cwd=self.folder, env=environment, stderr=subprocess.PIPE)

    def finish(self, name: str, *, fresh: bool = False) -> None:
        _, message = (process := self.start(name, fresh=fresh)).communicate()
        assert process.returncode == 0, message.decode()

    def _measured(self, fresh: bool) -> float:
        """Return how long a run over all rows takes."""
        began = time.monotonic()
        self.finish("many.csv", fresh=fresh)
        return time.monotonic() - began

    def left(self) -> list[str]:
        """What lies where nothing should: temporary folders, and parts of reports."""
        parts = [path.name for path in self.folder.iterdir() if path.name.endswith(".part")]
        return [*parts, *(path.name for path in self.temporary.iterdir())]

    def _digest(self) -> frozenset[tuple[str, int]]:
        paths = (self.folder / output.partition(":")[2] for output in OUTPUTS)
        return frozenset((path.name, hash(path.read_bytes())) for path in paths if path.exists())

    def broken(self) -> list[str]:
        """Reports that are neither absent nor those of a whole run."""
        known = frozenset().union(*self.whole)
        return [name for name, digest in self._digest() if (name, digest) not in known]


def kill(ground: Ground, moments: random.Random, kills: Kills) -> None:
    """Send one run a signal at a random moment, and note what came of it."""
    name, fresh = kills.name, kills.ends.total() % A_FRESH_ONE == 0
    process = ground.start("many.csv", fresh=fresh)
    number = signal.Signals[name]
    if name in CLEAN:
        _wait_until_heeded(process)
    time.sleep(moments.uniform(0, ground.whole_run[fresh]))
    sent = time.monotonic()
    process.send_signal(number)
    _, message = process.communicate()
    kills.slowest = max(kills.slowest, time.monotonic() - sent)
    code = process.returncode or 0
    kills.ends[code] += 1
    kills.faults += [f"{name}: {fault}" for fault in _faults(ground, name, code, message.decode())]


def _faults(ground: Ground, name: str, code: int, message: str) -> Iterator[str]:
    if name == "SIGKILL":
        ground.finish("few.csv")
    elif code and (code != 128 + signal.Signals[name] or message.count("\n") != 1):
        yield f"ended with {code}: {message}"
    yield from (f"left {path}" for path in ground.left())
    yield from (f"{path} is broken" for path in ground.broken())


def _wait_until_heeded(process: Process) -> None:
    """Wait for Python itself to have started: before, no line can be printed."""
    with suppress(OSError):
        while process.poll() is None:
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
            caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
            # Python heeds SIGINT from its first moment; SIGHUP is heeded by us alone, as the last.
            if int(caught.split()[1], 16) >> (signal.SIGHUP - 1) & 1:
                return
            time.sleep(0.002)


def killed(names: tuple[str, ...], times: int, rows: int, seed: int) -> list[Kills]:
    """Kill runs over an export of ``rows`` rows, a number of times by each signal."""
    load()
    moments = random.Random(seed)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        ground = Ground(Path(folder), rows)
        for name in names:
            found.append(Kills(name))
            for _ in range(times):
                known = len(found[-1].faults)
                kill(ground, moments, found[-1])
                for fault in found[-1].faults[known:]:
                    print(fault, flush=True)
                if found[-1].ends.total() % A_STRETCH == 0:
                    print(found[-1], flush=True)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("times", type=int, nargs="?", default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=2_000)
    parser.add_argument("--signals", default=",".join((*CLEAN, "SIGKILL")))
    given = parser.parse_args()
    found = killed(tuple(given.signals.split(",")), given.times, given.rows, given.seed)
    for kills in found:
        print(kills)
    return 1 if any(kills.faults for kills in found) else 0


if __name__ == "__main__":
    sys.exit(main())
