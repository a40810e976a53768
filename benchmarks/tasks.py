"""What tasks cost: scans with and without them, in turns, as user CPU time.

    python benchmarks/tasks.py FILE...

One scan is as a user makes it, with a JSON report; the other has the same findings and no task.
Exit code 1: tasks cost more than AT_MOST of the scan without them.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from harness.measuring import measure
from moment import AS_OF

AT_MOST = 0.1
WITHOUT = "--without"


def main() -> int:
    """Measure pairs of scans, or make one of them."""
    if sys.argv[1] == WITHOUT:
        return _without_tasks()
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="+")
    parser.add_argument("--select", default="DY100,DY101,DY201,DY202,DY301")
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    scan = ["scan", *given.files, "--as-of", AS_OF, "-q", "--select", given.select]
    ways = {"with": ["-m", "merchantwatch"], "without": [__file__, WITHOUT]}
    took: dict[str, list[float]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(given.repeats + 1):  # the first fills the file cache
            for name, way in ways.items():
                out = ["-o", f"json:{Path(folder) / 'report.json'}"]
                run = measure([sys.executable, *way, *scan, *out], Path(folder) / "printed.txt")
                took[name] += [run.cpu] if turn else []
    cost, base = (statistics.median(took[name]) for name in ways)
    print(f"{cost:.2f} s with tasks, {base:.2f} s without: {cost / base - 1:+.1%}")
    return 0 if cost / base - 1 <= AT_MOST else 1


def _without_tasks() -> int:
    """Run the command line with a work list that stays empty."""
    from merchantwatch.cli import main as command
    from merchantwatch.results import worklist
    from merchantwatch.tasks import Ranking, ScopeFacts, work_list

    def work(judged, _found, penalty):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        nothing = Ranking([], lambda *_: ())
        return work_list(nothing, (), ScopeFacts({}, {}, judged.settings.as_of), penalty)

    worklist.work = work
    del sys.argv[1]
    command()
    return 0


if __name__ == "__main__":
    sys.exit(main())
