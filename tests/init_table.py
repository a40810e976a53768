"""How well ``init`` proposes: over a table of files, the fields right, wrong and missed.

    .venv/bin/python tests/init_table.py [NAME …] [--missed]

Each file of ``tests/mappings/`` is made, proposed for, and compared with the mapping that a person
would make. ``tuned.toml`` was there while init was tuned, ``held_out.toml`` was written after.
"""

import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from merchantwatch.mapping.proposing import propose
from merchantwatch.reading.tables import from_memory

FOLDER = Path(__file__).parent / "mappings"
PARTS = ("tuned", "held_out")
ROWS = 24

_STATES = (1, 2, 3, 2, 1, 0, 3, 2, 4)
"""The states of lines, over and over: 0 unpaid, 1 to ship, 2 shipped, 3 completed, 4 closed."""

_START = datetime(2026, 11, 10, 8, 13, 5)
_HOURS = {
    "created": (0, 0), "paid": (0.2, 1), "promise": (48.2, 1), "shipped": (30, 2), "picked": (34, 2),
    "tracked": (60, 2), "delivered": (90, 3), "completed": (120, 3), "updated": (130, 0),
    "delivery_due": (240, 0), "refund_due": (300, 0),
}  # fmt: skip
"""Hours after the order at which something happens, and the state from which on it has."""

_TEXTS = {
    "name": ("Blue cup", "Red cup", "Tea set"), "person": ("A. Person", "B. Person"),
    "region": ("Bayern", "Hessen", "Ohio"), "shop": ("North shop", "South shop"),
    "carrier": ("SF", "YTO", "ZTO"), "flag": ("Y", "N"), "code": ("ALFKI", "ANATR", "BERGS"),
}  # fmt: skip


@dataclass
class Score:
    """Fields of one file by what became of them; ``surely_wrong`` are wrong with confidence."""

    right: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    surely_wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def add(self, other: "Score") -> None:
        for name in vars(self):
            getattr(self, name).extend(getattr(other, name))

    @property
    def share(self) -> float:
        """The share of the fields a person would map that are right."""
        return len(self.right) / max(1, len(self.right) + len(self.missed))


def files(part: str) -> Mapping[str, Mapping[str, object]]:
    """Return the files of a part of the table by name."""
    return tomllib.loads((FOLDER / f"{part}.toml").read_text("utf-8"))


def score(name: str, file: Mapping[str, object]) -> Score:
    """Return how a file's proposal compares with the mapping a person would make."""
    import pandas as pd

    columns = list(_columns(str(file["columns"])))
    rows = [[_cell(kind, n, file) for _, kind, _ in columns] for n in range(ROWS)]
    frame = pd.DataFrame(rows, columns=[header for header, _, _ in columns], dtype=object)
    proposal = propose(from_memory(frame, name))
    able: dict[str, set[str]] = {}
    for header, _, mapped in columns:
        if mapped:
            able.setdefault(mapped.rstrip("?"), set()).add(header)
    needed = {mapped for _, _, mapped in columns if mapped and not mapped.endswith("?")}
    found = Score()
    for entry in proposal.entries:
        if entry.header in able.get(entry.field, ()):
            if entry.field in needed:
                found.right.append(entry.field)
        else:
            line = f"{name}: {entry.field} = {entry.header} ({entry.confidence})"
            found.wrong.append(line)
            if entry.confidence == "high":
                found.surely_wrong.append(line)
    found.missed += [f"{name}: {n} = {min(able[n])}" for n in sorted(needed - set(found.right))]
    return found


def _columns(text: str) -> Iterator[tuple[str, str, str]]:
    for line in text.strip().splitlines():
        header, kind, mapped = (part.strip() for part in line.rsplit("|", 2))
        yield header, kind, mapped


def _cell(kind: str, row: int, file: Mapping[str, object]) -> str | None:
    """Return what stands in a row of a column of this kind."""
    per_order = int(str(file.get("lines", 1)))
    order, place = row // per_order, row % per_order
    state = _STATES[order % len(_STATES)]
    name, _, of = kind.partition(" ")
    if name in _HOURS:
        hours, since = _HOURS[name]
        at = _START + timedelta(hours=hours + order % 3 * bool(since), minutes=37 * order)
        shape = str(file.get("time", "%Y-%m-%d %H:%M:%S"))
        return at.strftime(shape) if since <= state < 4 or name == "created" else None
    if name in _TEXTS:
        return _TEXTS[name][order % len(_TEXTS[name])]
    digest = sha256(f"{order}".encode()).hexdigest()
    cells = {
        "id": lambda: str(int(of) + order),
        "ref": lambda: f"{of[:-4]}{int(of[-4:]) + order:04}",
        "hash": lambda: digest[:32],
        "letters": lambda: "".join(chr(65 + int(d, 16)) for d in digest[:9]),
        "lid": lambda: str(61_000_001 + 7 * row),
        "place": lambda: str(place + 1),
        "small": lambda: str(order % 9 + 1),
        "int": lambda: str(row % 3 + 1),
        "product": lambda: f"37110{row % 4}",
        "sku": lambda: f"AB-{row % 5}-X",
        "money": lambda: f"{20 + row}.{row % 10}9",
        "phone": lambda: f"1380013{8000 + order}",
        "tracking": lambda: f"SF{10_000_000 + order}" if 2 <= state < 4 else None,
        "tracking!": lambda: f"SF{10_000_000 + order}",
        "status": lambda: of.split("/")[state],
        "words": lambda: of.split("/")[order % len(of.split("/"))],
        "const": lambda: of or None,
        "empty": lambda: None,
    }
    return cells[name]()


def main(arguments: list[str]) -> int:
    """Print the table and return 1 where init is not as good as documented."""
    names = {argument for argument in arguments if not argument.startswith("-")}
    poor = False
    for part in PARTS:
        total = Score()
        print(f"{part:24} right missed wrong")
        for name, file in files(part).items():
            if names and name not in names:
                continue
            found = score(name, file)
            total.add(found)
            counts = (len(found.right), len(found.missed), len(found.wrong))
            print(f"  {name:24} {counts[0]:3} {counts[1]:6} {counts[2]:5}")
        if "--missed" in arguments:
            print(*(f"    missed {entry}" for entry in total.missed), sep="\n")
        print(*(f"    wrong {entry}" for entry in total.wrong), sep="\n")
        print(f"  {part}: {total.share:.1%} right, {len(total.surely_wrong)} surely wrong\n")
        poor |= total.share < 0.8 or bool(total.surely_wrong)
    return int(poor)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
