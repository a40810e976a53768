"""Kill nightly runs with history and alerts at random moments: `python tests/crashes.py 500 --seed 7`.

Some meet a full disk or a folder that is read-only. Whatever happened, the history opens and is
whole, reports are whole or absent, nothing temporary stays beyond the next run, and that one sends
every alert that the receiver does not have, once. Only one whose answer was lost on the way back may
be sent again, under the same id. An export of some nights ago lies beside tonight's, so that
the cache is used: what is found with it is what is found without.
"""

import argparse
import csv
import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from receiver import Receiver, receiving

HEADER = ("主订单编号", "子订单编号", "商品ID", "选购商品", "订单提交时间", "支付完成时间")
HEADER += ("承诺发货时间", "发货时间", "订单状态")
FIRST = datetime(2026, 3, 1, 0, 30)
A_NIGHT = 3
"""How many orders are new each night, and how long after that they are shipped and leave the export:"""
SHIPPED_AFTER, GONE_AFTER = 8, 20
UNCHANGED = 4
"""For how many nights the earlier export stays the same, though some of its orders become near."""

OF_THE_EARLIER = "75"

MOST_KILLS = 3
"""How many runs in a row may be ended early before one is let run to its end."""
SETTINGS = """
select = ["DY100"]
lang = "en"
[history]
path = "history.db"
[[notify.channels]]
name = "ops"
url = "env:MW_OPS_URL"
"""
OUTPUTS = ("json:r.json", "csv:hits.csv", "html:r.html")
DISK = "size=16m"


@dataclass
class Crashes:
    """What was done to runs, how they ended, and what was wrong afterwards."""

    done: Counter[str] = field(default_factory=Counter)
    ends: Counter[int] = field(default_factory=Counter)
    alerts: int = 0
    repeats: int = 0
    cached: int = 0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        done = ", ".join(f"{n} {what}" for what, n in sorted(self.done.items()))
        ends = ", ".join(f"{n} with {code}" for code, n in sorted(self.ends.items()))
        return (
            f"{done}; ended: {ends}; {self.alerts} alerts came, {self.repeats} of them again under "
            f"the same id after a lost answer; {self.cached} exports came from the cache; "
            f"{len(self.faults)} faults"
        )


class Ground:
    """A merchant's folder: an export for each night, the history, reports, temporary files."""

    def __init__(self, folder: Path, receiver: Receiver) -> None:
        self.folder, self.receiver, self.night = folder, receiver, 0
        receiver.delay = 0.03
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        (folder / "merchantwatch.toml").write_text(SETTINGS, encoding="utf-8")
        self.whole_run = 0.0
        self.write_night()

    @property
    def as_of(self) -> datetime:
        return FIRST + timedelta(hours=self.night)

    def write_night(self) -> None:
        """Write tonight's export, and from time to time one that then stays as it is."""
        nights = range(self.night - GONE_AFTER + 1, self.night + 1)
        self._write(
            "orders.csv", (self._order(night, n) for night in nights for n in range(A_NIGHT))
        )
        if self.night % UNCHANGED == 0:
            self._write("earlier.csv", map(self._due_later, range(UNCHANGED)))

    def _write(self, name: str, rows: Iterable[tuple[str, ...]]) -> None:
        """Write an export as if it had just been downloaded: whole at once."""
        path = self.folder / "new"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(rows)
        moment = (self.as_of - timedelta(minutes=1)).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
        os.utime(path, (moment.timestamp(),) * 2)
        path.replace(self.folder / name)

    def _due_later(self, nights: int) -> tuple[str, ...]:
        """Return an order of which there is nothing to say until some nights later."""
        name = f"{OF_THE_EARLIER}{self.night:08d}{nights:04d}"
        paid = self.as_of - timedelta(minutes=9)
        due = self.as_of + timedelta(hours=24 + nights) - timedelta(minutes=30)
        return (name, name, "1", "样品", *map(str, (paid, paid, due)), "-", "待发货")

    def _order(self, night: int, number: int) -> tuple[str, ...]:
        name = key(night, number)
        paid = FIRST + timedelta(hours=night) - timedelta(minutes=9)
        shipped = FIRST + timedelta(hours=night + SHIPPED_AFTER) - timedelta(minutes=5)
        is_shipped = night + SHIPPED_AFTER <= self.night
        times = (paid - timedelta(minutes=1), paid, paid + timedelta(hours=20))
        words = ("已发货", str(shipped)) if is_shipped else ("待发货", "-")
        return (name, name, "1", "样品", *map(str, times), words[1], words[0])

    def expected(self) -> Counter[tuple[str, str]]:
        """What the receiver has to have after a run of tonight that was let be."""
        open_at_first = 1 - SHIPPED_AFTER
        alerts = [(night, "opened") for night in range(open_at_first, self.night + 1)]
        alerts += [
            (night, "closed")
            for night in range(open_at_first, self.night + 1)
            if night + SHIPPED_AFTER <= self.night
        ]
        return Counter((key(night, n), state) for night, state in alerts for n in range(A_NIGHT))

    def start(self, outputs: Sequence[str] = OUTPUTS, *options: str) -> subprocess.Popen[bytes]:
        exports = [
            path.name for path in sorted(self.folder.glob("*.csv")) if path.name != "hits.csv"
        ]
        command = [sys.executable, "-m", "merchantwatch", "scan", *exports, "-q", "-v"]
        command += ["--as-of", str(self.as_of), *options]
        command += [part for output in outputs for part in ("-o", output)]
        environment = {
            "TMPDIR": str(self.temporary),
            "LC_ALL": "C.UTF-8",
            "PATH": "",
            "PYTHONPATH": str(Path(__file__).parent.parent),
            "HOME": str(self.folder),
            "MW_OPS_URL": self.receiver.url,
        }
        return subprocess.Popen(command, cwd=self.folder, env=environment, stderr=subprocess.PIPE)

    def finish(self) -> str:
        """Let a run be, and note how long it takes."""
        began = time.monotonic()
        message = _stderr_of(self.start())
        self.whole_run = time.monotonic() - began
        return message

    def found_without_cache(self) -> list[dict[str, object]]:
        """Return the findings of tonight's exports, of which nothing is known."""
        _stderr_of(self.start(["json:cold.json"], "--no-history"))
        return self.findings("cold.json")

    def findings(self, name: str) -> list[dict[str, object]]:
        """Return the findings of a report, without what a history adds to them."""
        report = json.loads((self.folder / name).read_text(encoding="utf-8"))
        added = ("status", "episode", "since")
        return [{k: v for k, v in one.items() if k not in added} for one in report["findings"]]


def _stderr_of(process: subprocess.Popen[bytes]) -> str:
    """Wait for a run, and return what it wrote to standard error."""
    _, message = process.communicate()
    assert process.returncode == 0, message.decode()
    return message.decode()


def key(night: int, number: int) -> str:
    """Return the id of an order, by the night it is first in the export."""
    return f"69{night + 1000:08d}{number:04d}"


# What goes wrong ----------------------------------------------------------------------------------


def killed(ground: Ground, draw: random.Random, crashes: Crashes) -> None:
    """Kill a run at a random moment: of all of it, of its end, or of the time when it sends."""
    came = len(ground.receiver.bodies)
    process = ground.start()
    when = draw.choice(("at any moment", "near the end", "while sending"))
    crashes.done[f"killed {when}"] += 1
    if when == "while sending":
        sends = came + draw.randint(1, A_NIGHT)
        while process.poll() is None and len(ground.receiver.bodies) < sends:
            time.sleep(0.001)
        time.sleep(draw.uniform(0, 2 * ground.receiver.delay))
    else:
        time.sleep(draw.uniform(0.6 if when == "near the end" else 0, 1) * ground.whole_run)
    process.send_signal(signal.SIGKILL)
    _ended(process, crashes, (0, -signal.SIGKILL))


def on_a_full_disk(ground: Ground, draw: random.Random, crashes: Crashes) -> None:
    """Let a run find that nothing more can be written, from some moment on."""
    ballast = ground.folder / "ballast"
    crashes.done["on a full disk"] += 1
    if not ground.folder.is_mount():
        most = draw.choice((0, 100, 4_000, 30_000, 100_000, 250_000))
        process = ground.start()
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, most))
        _ended(process, crashes, (0, 4))
        return
    free = shutil.disk_usage(ground.folder).free
    left = draw.choice((0, 1, 3, 8, 20, 60, 120, 200)) * 4096
    with suppress(OSError):
        ballast.write_bytes(bytes(max(0, free - left)))
    process = ground.start()
    if draw.random() < 0.3:
        crashes.done["killed there"] += 1
        time.sleep(draw.uniform(0, ground.whole_run))
        process.send_signal(signal.SIGKILL)
    _ended(process, crashes, (0, 4, -signal.SIGKILL))
    ballast.unlink()


def on_a_read_only_disk(ground: Ground, _draw: random.Random, crashes: Crashes) -> None:
    """Let a run find a folder that it may not write to."""
    if ground.folder.is_mount():
        with _remounted(ground.folder):
            _ended(ground.start(), crashes, (4,))
    elif os.geteuid() != 0:  # root may write anywhere
        ground.folder.chmod(0o500)
        _ended(ground.start(), crashes, (4,))
        ground.folder.chmod(0o700)
    else:
        return
    crashes.done["in a read-only folder"] += 1


@contextmanager
def _remounted(folder: Path) -> Iterator[None]:
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", folder], check=True)


def _ended(process: subprocess.Popen[bytes], crashes: Crashes, codes: tuple[int, ...]) -> None:
    _, message = process.communicate()
    crashes.ends[process.returncode] += 1
    if process.returncode not in codes or b"Traceback" in message:
        crashes.faults.append(f"ended with {process.returncode}: {message.decode()[-500:]}")


# What has to hold ---------------------------------------------------------------------------------


def faults_after_a_crash(ground: Ground) -> Iterator[str]:
    """Say what is broken before anything has mended it."""
    with tempfile.TemporaryDirectory() as copied:
        for path in ground.folder.glob("history.db*"):
            shutil.copy(path, copied)
        with closing(sqlite3.connect(Path(copied) / "history.db")) as history:
            yield from _faults_of_history(history)
    for name in ("r.json", "hits.csv", "r.html", "cold.json"):
        path = ground.folder / name
        if path.exists() and not _is_whole(path):
            yield f"{name} is half written"


def _faults_of_history(history: sqlite3.Connection) -> Iterator[str]:
    for check in ("integrity_check", "foreign_key_check"):
        found = history.execute(f"pragma {check}").fetchall()
        if found not in ([("ok",)], []):
            yield f"history: {found}"
    for what, query in _INCONSISTENT.items():
        number = history.execute(query).fetchone()[0]
        if number:
            yield f"history: {number} {what}"


_INCONSISTENT = {
    "deliveries of no run": "select count(*) from mw_deliveries where run_id not in (select id from mw_runs)",
    "deliveries without alerts": "select count(*) from mw_deliveries where delivery_id not in (select delivery_id from mw_delivered_alerts)",
    "alerts without a delivery": "select count(*) from mw_alerts where alert_id not in (select alert_id from mw_delivered_alerts)",
    "items without an episode": "select count(*) from mw_items where id not in (select item_id from mw_episodes)",
    "runs without a status": "select count(*) from mw_runs where id not in (select run_id from mw_statuses)",
}


def _is_whole(path: Path) -> bool:
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix == ".json":
        with suppress(ValueError):
            return bool(json.loads(text)["schema"])
        return False
    return text.rstrip().endswith("</html>") if path.suffix == ".html" else text.endswith("\n")


def faults_after_a_night(ground: Ground, crashes: Crashes) -> Iterator[str]:
    """Let a run be, and say what is not as it has to be after it."""
    message = ground.finish()
    if "Traceback" in message:
        yield message
    crashes.cached += "cache: 1 of 2 inputs came from it" in message
    if ground.findings("r.json") != ground.found_without_cache():
        yield "with the cache other findings than without"
    parts = [path.name for path in ground.folder.iterdir() if path.name.endswith(".part")]
    yield from (
        f"left {name}" for name in (*parts, *(path.name for path in ground.temporary.iterdir()))
    )
    yield from faults_after_a_crash(ground)
    came: dict[tuple[str, str], set[tuple[str, str]]] = {}
    times: Counter[tuple[str, str]] = Counter()
    for body in ground.receiver.bodies:
        for alert in body["alerts"]:
            one = alert["key"], alert["state"]
            times[one] += 1
            came.setdefault(one, set()).add((alert["alert_id"], body["delivery_id"]))
            if times[one] > 1 and body["attempt"] == 1:
                yield f"{one} came again as if it were new"
    crashes.alerts, crashes.repeats = len(came), sum(times.values()) - len(came)
    in_flight = crashes.ends[-signal.SIGKILL] + crashes.ends[4]
    if crashes.repeats > in_flight:
        yield f"{crashes.repeats} alerts came again, though only {in_flight} runs ended early"
    expected = ground.expected()
    yield from (f"lost: {one}" for one in expected if one not in came)
    yield from (
        f"made up: {one}"
        for one in came
        if one not in expected and not one[0].startswith(OF_THE_EARLIER)
    )
    yield from (f"{one} has several ids: {ids}" for one, ids in came.items() if len(ids) > 1)


def crashed(times: int, seed: int, disk: bool = True) -> Crashes:
    """End this many runs early, and let one run to its end after each one to three of them."""
    draw, crashes = random.Random(seed), Crashes()
    with _folder(disk) as folder, receiving() as receiver:
        ground = Ground(folder, receiver)
        crashes.faults += faults_after_a_night(ground, crashes)
        done = 0
        while done < times and not crashes.faults:
            for _ in range(draw.randint(1, MOST_KILLS)):
                if draw.random() < 0.8:
                    ground.night += 1
                    ground.write_night()
                how = draw.choices((killed, on_a_full_disk, on_a_read_only_disk), (16, 3, 1))[0]
                how(ground, draw, crashes)
                crashes.faults += faults_after_a_crash(ground)
                done += 1
            ground.night += 1
            ground.write_night()
            crashes.faults += faults_after_a_night(ground, crashes)
    return crashes


@contextmanager
def _folder(disk: bool) -> Iterator[Path]:
    """Give a folder, on a disk of its own where that may be had, which can be full."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = ["mount", "-t", "tmpfs", "-o", DISK, "tmpfs", name]
        mounted = disk and os.geteuid() == 0
        mounted = (
            mounted and not subprocess.run(command, check=False, capture_output=True).returncode
        )
        try:
            yield folder
        finally:
            if mounted:
                subprocess.run(["umount", name], check=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("times", type=int, nargs="?", default=500)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    found = crashed(given.times, given.seed)
    print(found, *found.faults[:20], sep="\n  ")
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
