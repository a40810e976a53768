"""The files that scenarios are run on, made when they are first needed."""

import subprocess
import sys
from pathlib import Path

from generator.world import World
from harness.plan import HERE
from msgspec.structs import replace

CLEAN_LINES = 100_000


def written_files(folder: Path, world: World) -> list[Path]:
    """Return the exports of a world, made if they are not there yet."""
    data = folder / world.label
    if not data.exists():
        unfinished = data.with_name(f"{data.name}.unfinished")
        generate = [sys.executable, str(HERE / "generate.py"), *world.arguments, str(unfinished)]
        subprocess.run(generate, stdout=subprocess.DEVNULL, check=True)
        unfinished.rename(data)
    return sorted(data.iterdir())


def clean(world: World) -> World:
    """Return a small world like this one in which nothing is to be set aside."""
    return replace(world, lines=min(world.lines, CLEAN_LINES), files=1, damaged=0.0)
