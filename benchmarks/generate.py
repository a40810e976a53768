"""Write made-up Douyin order reports of any size, with the columns of ../sample_data/orders.csv.

``python benchmarks/generate.py 1000000 OUT_DIR --files 3`` writes a million lines (CSV: about
850 MB, ``--parquet``: about 70 MB) in three exports. From the second on, each repeats a share of
the one before it, with what has happened since. The same arguments give the same files; they are
meant to be judged at AS_OF. Memory does not grow with the size.
"""

import argparse
from pathlib import Path
from typing import Any, get_args, get_type_hints

from generator.exports import write_exports
from generator.world import World
from msgspec import structs


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("lines", type=int)
    parser.add_argument("folder", type=Path)
    for item in structs.fields(World)[1:]:
        kind, meta = get_args(get_type_hints(World, include_extras=True)[item.name])
        how: dict[str, Any] = {"action": "store_true"} if kind is bool else {"type": kind}
        parser.add_argument(f"--{item.name}", default=item.default, help=meta.description, **how)
    given = vars(parser.parse_args())
    folder = given.pop("folder")
    for path in write_exports(World(**given), folder):
        print(path)


if __name__ == "__main__":
    main()
