"""The exports of a shop, one after the other, each repeating a part of the one before it."""

import hashlib
from pathlib import Path

from generator.course import HOUR, MINUTE, NOW
from generator.lines import CHUNK, export_again, make_chunk
from generator.others import Others
from generator.reports import CsvReport, ParquetReport, Report
from generator.world import World

SHANGHAI = 8 * HOUR


def write_exports(world: World, folder: Path) -> list[Path]:
    """Write the exports of a world, of orders oldest first; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    moments = _moments(world.files)
    paths = [folder / _name(moment, "parquet" if world.parquet else "csv") for moment in moments]
    report = _open(world, paths, 0)
    others = Others(world, folder)
    for i, moment in enumerate(moments):
        following = _open(world, paths, i + 1) if i + 1 < len(paths) else None
        start, stop = world.lines * i // world.files, world.lines * (i + 1) // world.files
        for first in range(start, stop, CHUNK):
            chunk = make_chunk(world, first, min(CHUNK, stop - first), moment)
            report.write(chunk)
            others.write(chunk, first, moment)
            if following:
                following.write(export_again(chunk, world, first, moment))
        report.close()
        report = following or report
    others.close()
    return [*paths, *others.paths]


def _moments(files: int) -> list[int]:
    """Return when the exports were made, the last of them a little after as-of."""
    apart = min(HOUR, 12 * HOUR // files)
    return [NOW + 30 * MINUTE - apart * (files - 1 - i) for i in range(files)]


def _open(world: World, paths: list[Path], number: int) -> Report:
    path = paths[number]
    return ParquetReport(path, world) if world.parquet else CsvReport(path, world, number)


def _name(moment: int, ending: str) -> str:
    """Name a report as the platform does, by the moment of its export."""
    digits = hashlib.md5(str(moment).encode(), usedforsecurity=False).hexdigest()
    return f"{moment - SHANGHAI}_{digits}.{ending}"
