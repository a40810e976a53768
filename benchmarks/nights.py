"""What the next night costs: all exports but one are in the cache, beside a night without a cache.

    python benchmarks/nights.py --lines 1000000

Exports of one shop are made (5 % of the lines not shipped yet). All but the last are judged as of
half a day before as-of, then all of them at as-of: with the cache of the first time, and without
one. Both write the same bytes. Then a late as-of, other rules, a deleted and a damaged cache: the
same bytes again. CPU times are printed, beyond that of a scan of no lines; the two take turns.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from harness.measuring import measure
from moment import AS_OF

HERE = Path(__file__).parent
BEFORE, LATE = "2026-11-20 12:00:00", "2026-12-24 00:00:00"
RULES = "DY101,DY201,DY202,DY301"
FEW = (
    "[rules.DY101]\nat_least = 1000000\nnear = 1000000\n"
    "[rules.DY201]\nmore_than = 1000000\nnear = 1000000\n"
)
"""Little is found, as on a usual night: recording tens of thousands is not what is measured."""

OTHERS = "DY101,DY202"
AT_MOST = 0.2


class Nights:
    """Two folders of a merchant, one with a cache, that see the same nights."""

    def __init__(self, folder: Path) -> None:
        self.places = {"cached": folder / "cached", "cold": folder / "cold"}
        for name, place in self.places.items():
            place.mkdir()
            most = "0" if name == "cold" else "50GB"
            settings = f'[history]\npath = "h.db"\n[cache]\nmax = "{most}"\n{FEW}'
            (place / "merchantwatch.toml").write_text(settings, encoding="utf-8")

    def scan(self, name: str, as_of: str, exports: Sequence[Path], rules: str = RULES) -> float:
        """Scan in one of the folders, and return the seconds of CPU that it took."""
        place = self.places[name]
        command = [sys.executable, "-m", "merchantwatch", "scan", *map(str, exports)]
        options = [
            "--as-of",
            as_of,
            "--select",
            rules,
            "--config",
            str(place / "merchantwatch.toml"),
        ]
        return measure(
            [*command, *options, "-q", "-v", "-o", f"json:{place / 'report.json'}"],
            place / "printed.txt",
        ).cpu

    def keep(self) -> None:
        """Keep both folders as they are."""
        for place in self.places.values():
            shutil.copytree(place, place.with_suffix(".saved"))

    def go_back(self) -> None:
        """Put both folders back as they were saved."""
        for place in self.places.values():
            shutil.rmtree(place)
            shutil.copytree(place.with_suffix(".saved"), place)

    @property
    def entries(self) -> list[Path]:
        """What the cache holds of exports."""
        return sorted((self.places["cached"] / "merchantwatch-cache").glob("rows-*"))

    def same(self) -> bool:
        """Whether both have written the same report."""
        one, other = (place / "report.json" for place in self.places.values())
        return one.read_bytes() == other.read_bytes()

    def used(self) -> str:
        """Return the last run's message about its cache."""
        messages = (self.places["cached"] / "errors.txt").read_text(encoding="utf-8")
        return next((line for line in messages.splitlines() if line.startswith("cache: ")), "")


def main() -> int:
    """Measure nights, and return 1 where bytes differ or the bound is missed."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(dir=arguments.data) as name:
        folder = Path(name)
        exports = _exports(arguments.lines, arguments.files, arguments.data or folder)
        nothing = folder / "1795000000_nothing.csv"
        nothing.write_text(_header(exports[0]), encoding="utf-8")
        nights = Nights(folder)
        start = statistics.median(nights.scan("cold", AS_OF, [nothing]) for _ in range(3))
        (nights.places["cold"] / "h.db").unlink()
        first = {of: nights.scan(of, BEFORE, exports[:-1]) for of in nights.places}
        print(f"start-up {start:.2f} s; before {first['cold']:.1f} s, {first['cached']:.1f} s")
        nights.keep()
        measured = [_night(nights, exports) for _ in range(arguments.repeats)]
        cold, cached = (statistics.median(one[of] for one in measured) for of in ("cold", "cached"))
        ratio = (cached - start) / (cold - start)
        print(f"the next {cold:.1f} s, {cached:.1f} s with the cache: {ratio:.3f} beyond start-up")
        sound = _others(nights, exports) and all(one["same"] for one in measured)
    print("the same bytes" if sound else "BYTES DIFFER")
    return 0 if sound and ratio <= AT_MOST else 1


def _night(nights: Nights, exports: Sequence[Path]) -> dict[str, float]:
    nights.go_back()
    took = {of: nights.scan(of, AS_OF, exports) for of in nights.places}
    print(f"  {took['cold']:.1f} s, {took['cached']:.1f} s; {nights.used()}", flush=True)
    return {**took, "same": nights.same()}


def _others(nights: Nights, exports: Sequence[Path]) -> bool:
    """Whether reports are the same in whatever state the cache is."""
    found = []
    for what, as_of, rules in (
        ("a late as-of", LATE, RULES),
        ("other rules", AS_OF, OTHERS),
        ("deleted", AS_OF, RULES),
        ("damaged", AS_OF, RULES),
    ):
        nights.go_back()
        for place, entry in enumerate(nights.entries):
            if what == "deleted":
                entry.unlink()
            elif what == "damaged":
                data = bytearray(entry.read_bytes())
                data[len(data) * place // len(nights.entries)] ^= 1
                entry.write_bytes(data if place % 2 else data[: len(data) // 2])
        for of in nights.places:
            nights.scan(of, as_of, exports, rules)
        found.append(nights.same())
        print(
            f"  {what}: {'the same' if found[-1] else 'OTHER'} bytes; {nights.used()}", flush=True
        )
    return all(found)


def _exports(lines: int, files: int, folder: Path) -> list[Path]:
    """Return the exports, written unless they are there already."""
    folder_of_exports = folder / f"nights-{lines}-{files}"
    if not folder_of_exports.exists():
        shape = ["--files", str(files), "--open", "0.05"]
        command = [
            sys.executable,
            str(HERE / "generate.py"),
            str(lines),
            str(folder_of_exports),
            *shape,
        ]
        measure(command, folder / "made.txt")
    return sorted(folder_of_exports.glob("*.csv"))


def _header(export: Path) -> str:
    with export.open(encoding="utf-8-sig") as file:
        return file.readline()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--files", type=int, default=91)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--data", type=Path, help="keep the exports here for the next time")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
