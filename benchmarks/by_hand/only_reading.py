"""The floor under every contender: the columns of the job are read, and nothing is done with them.

``python only_reading.py FILE...`` reads CSV as text, and Parquet with the types that it has; with
``--columns A,B,C`` first, these columns in place of the job's.
"""

import sys
from pathlib import Path

import pyarrow as pa
from common import ALL, is_parquet


def rows(path: Path, wanted: list[str]) -> int:
    """Read columns of one report; return how many rows it has."""
    if is_parquet(path):
        from pyarrow import parquet

        return int(parquet.read_table(path, columns=wanted).num_rows)
    from pyarrow import csv

    with path.open("rb") as file:
        marked = file.read(3) == b"\xef\xbb\xbf"
    table = csv.read_csv(
        path,
        read_options=csv.ReadOptions(encoding="utf8" if marked else "gb18030"),
        convert_options=csv.ConvertOptions(
            include_columns=wanted, column_types=dict.fromkeys(wanted, pa.string())
        ),
    )
    return int(table.num_rows)


def main() -> None:
    """Read the files, print how many rows they have."""
    names, wanted = sys.argv[1:], list(ALL)
    if names[0] == "--columns":
        wanted, names = names[1].split(","), names[2:]
    print(sum(rows(Path(name), wanted) for name in names))


if __name__ == "__main__":
    main()
