"""A made-up merchant: every file of a scan and its moment; the same in another order; written."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import NamedTuple, TypeVar

from oracle import CaseExport, Exemption, Export, Ignored, ParcelExport

from worlds.moments import HOUR

AnyExport = TypeVar("AnyExport", Export, ParcelExport, CaseExport)


class Frame(NamedTuple):
    """What merchants have in common whose orders stand in one export.

    The columns of their parcels and of their cases, too, unless each has files of its own. Parcels
    name orders and lines, or one of these; both may be `alike`: numbered from the same number on.
    """

    as_of: datetime
    platform: str
    headers: tuple[str, ...]
    mapped: bool = False
    of_parcels: tuple[str, ...] = ()
    of_cases: tuple[str, ...] = ()
    parcels_name: tuple[str, ...] = ("line_id", "order_id")
    alike: bool = False


@dataclass(frozen=True)
class World:
    """Everything a scan is given: exports of orders and of cases stand oldest first.

    They are Douyin's, or where they are `mapped` their columns are fields; the rules of `platform`
    judge them. It is the union of as many worlds as are `together`. What is `ignored` is known and
    not reported; where the rules are `selected` they are named one by one, else all others are left out.
    The `shop` is that of exports that name none.
    """

    as_of: datetime
    exports: tuple[Export, ...]
    parcels: tuple[ParcelExport, ...] = ()
    cases: tuple[CaseExport, ...] = ()
    encodings: Mapping[str, str] | None = None
    platform: str = "douyin"
    mapped: bool = False
    exemptions: tuple[Exemption, ...] = ()
    together: int = 1
    ignored: tuple[Ignored, ...] = ()
    selected: bool = False
    shop: str = ""

    @property
    def files(self) -> int:
        """How many exports it has."""
        return len(self.exports) + len(self.parcels) + len(self.cases)

    @property
    def merchants(self) -> int:
        """Whose orders they are: each shop has a merchant of its own."""
        shops = {shop_of(row) for export in self.exports for row in export.rows}
        return max(len(shops), 1)

    @property
    def mapping(self) -> dict[str, str]:
        """The mapping of its exports, if they need one: field by field, as their columns are called."""
        return {n: n for export in self.exports for n in export.headers} if self.mapped else {}


def shop_of(row: Mapping[str, str]) -> str:
    """The shop of a row; the one without a name is one, too."""
    return row.get("shop") or row.get("店铺名称") or "-"


def file_name(age: int) -> str:
    """Douyin puts the second of the export first: the later the export, the larger the number."""
    return f"{1_795_000_000 + 1000 * age}_{age:032x}.csv"


def rename_later(name: str, seconds: int) -> str:
    """The name of a file exported that many seconds later; of one that tells no moment, another name."""
    moment, _, rest = name.partition("_")
    return f"{int(moment) + seconds}_{rest}" if rest else f"{seconds or ''}{name}"


def shuffled(world: World, seed: int) -> World:
    """The same files with their rows and columns in another order."""
    dice = Random(seed)

    def again(export: AnyExport) -> AnyExport:
        rows, headers = list(export.rows), list(export.headers)
        dice.shuffle(rows)
        dice.shuffle(headers)
        return replace(export, rows=rows, headers=tuple(headers))

    return replace(
        world,
        exports=tuple(again(export) for export in world.exports),
        parcels=tuple(again(export) for export in world.parcels),
        cases=tuple(again(export) for export in world.cases),
    )


def split(world: World, seed: int) -> World:
    """Every order export in two files, exported one second after the other."""
    dice = Random(seed)
    parts, encodings = [], dict(world.encodings or {})
    for export in world.exports:
        later = rename_later(export.name, 1)
        cut = dice.randint(0, len(export.rows))
        parts += [
            replace(export, rows=export.rows[:cut]),
            replace(export, name=later, rows=export.rows[cut:]),
        ]
        encodings[later] = encodings[export.name]
    return replace(world, exports=tuple(parts), encodings=encodings)


def write_csv(export: Export | ParcelExport | CaseExport, path: Path, encoding: str) -> None:
    """A file as Douyin writes it: all quoted, or as Excel leaves it: quoted where it must be."""
    with path.open("w", encoding=encoding, newline="") as file:
        dialect = "excel" if encoding == "gb18030" else "unix"
        writer = csv.DictWriter(file, export.headers, dialect=dialect)
        writer.writeheader()
        writer.writerows(export.rows)


def write_exemptions(world: World, folder: Path) -> Path | None:
    """The file of what a merchant is exempt from, if he is of anything."""
    if not world.exemptions:
        return None
    path = folder / "exemptions.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            "order product shop rule counted_by from to extended_to extend_by approved reason".split()
        )
        for one in world.exemptions:
            named = (one.order, one.product, one.shop, one.rules, one.counted_by)
            days = (str(at) if at else "" for at in (one.first, one.last))
            to, by = one.extended_to or "", one.extend_by
            moves = (to, f"{by // HOUR} hours" if by else "")
            writer.writerow([*named, *days, *moves, "yes" if one.approved else "no", "洪水"])
    return path


def write_ignored(world: World, folder: Path) -> Path | None:
    """The file of what is known and not reported, if anything is."""
    if not world.ignored:
        return None
    path = folder / "merchantwatch-ignore.toml"
    entries = []
    for one in world.ignored:
        named = {"rule": one.rule, "order": one.order, "product": one.product, "shop": one.shop}
        words = [f'{name} = "{value}"' for name, value in named.items() if value]
        entries += ["[[ignore]]", *words, 'reason = "已知"', f"until = {one.until}", ""]
    path.write_text("\n".join(entries), encoding="utf-8")
    return path


def write_world(world: World, folder: Path) -> list[Path]:
    """All files of a world, the newest first: it is the file name that tells their age."""
    paths = []
    files: tuple[Export | ParcelExport | CaseExport, ...] = (
        *reversed(world.exports),
        *world.parcels,
        *reversed(world.cases),
    )
    for export in files:
        path = folder / export.name
        write_csv(export, path, (world.encodings or {}).get(export.name, "utf-8"))
        paths.append(path)
    return paths
