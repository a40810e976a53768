"""Douyin order reports as an SQL user reads them."""

from collections.abc import Mapping
from pathlib import Path

import duckdb
from common import SHOP, TIMES, is_parquet


def cells(db: duckdb.DuckDBPyConnection, path: Path, columns: Mapping[str, str]) -> str:
    """Return the query of a report's columns; ``unreadable`` marks lines with an unreadable time.

    Beside them stand the times, with types.
    """
    scan = (
        f"read_parquet('{path}')"
        if is_parquet(path)
        else f"read_csv('{path}', header = true, all_varchar = true, nullstr = ['-', ''])"
    )
    types = {header: kind for header, kind, *_ in db.execute(f"describe from {scan}").fetchall()}
    texts, times, unreadable = [], [], []
    for header, name in {**columns, **SHOP}.items():
        if header not in types:
            texts.append(f"null as {name}")
        elif types[header] != "VARCHAR":
            times.append(f'"{header}" as {name}')
        elif name in TIMES:
            times.append(f"try_strptime(\"{header}\", '%Y-%m-%d %H:%M:%S') as {name}")
            unreadable.append(f'("{header}" is not null and {name} is null)')
        else:
            texts.append(f"trim(\"{header}\", E' \\t') as {name}")
    bad = " or ".join(unreadable) or "false"
    return f"select {', '.join([*texts, *times])}, {bad} as unreadable from {scan}"
