"""Sources at an address: each CSV file is one, and each Parquet folder or table."""

from pathlib import Path
from typing import TYPE_CHECKING

from merchantwatch.engines.spark.csv import not_utf8
from merchantwatch.errors import InputError
from merchantwatch.reading import Content, CsvFile, FoundFile, Source, distributed, header_in

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


_TABLE = "table:"
_HEADER_LINES = 50
"""How many lines surely hold a header, which may break lines inside its quotes."""


def find(spark: "SparkSession", address: str) -> list[tuple[FoundFile, Source]]:
    """Return the exports at an address that Spark can read.

    A CSV file is an export; the Parquet files of a folder are one table, with the columns that the
    folders' names give; ``table:NAME`` is a table of the catalogue. Raises InputError if nothing
    is there.
    """
    if address.startswith(_TABLE):
        frame = spark.table(address.removeprefix(_TABLE))
        return [
            (
                FoundFile(Path(address), address, named=True, timed=False),
                distributed(frame, address),
            )
        ]
    files = _files(spark, address)
    found = [
        _csv(spark, place, address, modified) for place, modified in files if _is(place, "csv")
    ]
    tables: dict[str, int] = {}
    for place, modified in files:
        if _is(place, "parquet"):
            root = place if place == address else _root(place)
            tables[root] = max(modified, tables.get(root, 0))
    found += [_parquet(spark, root, address, modified) for root, modified in tables.items()]
    if not found:
        raise InputError(
            f"{address}: no file to read there (.csv, .parquet)",
            f"{address}：其中没有可读取的文件（.csv、.parquet）",
        )
    return found


def _files(spark: "SparkSession", address: str) -> list[tuple[str, int]]:
    """Return the files at an address in the order of their names, and when each was written."""
    # Spark's own listing knows every file system that it can read; contents are not fetched.
    listing = spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(address)
    rows = listing.selectExpr("path", "unix_seconds(modificationTime) as modified").collect()
    return sorted((row["path"], row["modified"]) for row in rows)


def _is(place: str, extension: str) -> bool:
    name = place.rsplit("/", 1)[-1].lower()
    # Hadoop marks files that are no data, such as _SUCCESS, by these letters.
    return name.endswith(f".{extension}") and not name.startswith((".", "_"))


def _root(place: str) -> str:
    """Return the folder of a table, above those that are named like ``day=2026-11-20``."""
    folders = place.split("/")[:-1]
    while "=" in folders[-1]:
        folders.pop()
    return "/".join(folders)


def _csv(
    spark: "SparkSession", place: str, address: str, modified: int
) -> tuple[FoundFile, Source]:
    header = header_in(_head(spark, place))
    if header is None:
        raise not_utf8(place, "its header", "表头")
    content = Content(Path(place), place)
    first = header.row + 1
    source = CsvFile(place, header.cells, content, header, first_row=first, address=place)
    return _found(place, address, modified), source


def _head(spark: "SparkSession", place: str) -> bytes:
    """Return the first lines of a file, among which its header stands."""
    lines = spark.read.text(place).selectExpr("cast(value as binary) as line")
    return b"\n".join(bytes(row["line"]) for row in lines.head(_HEADER_LINES))


def _parquet(
    spark: "SparkSession", place: str, address: str, modified: int
) -> tuple[FoundFile, Source]:
    frame = spark.read.parquet(place)
    return _found(place, address, modified), distributed(frame, place)


def _found(place: str, address: str, modified: int) -> FoundFile:
    return FoundFile(Path(place), place, named=place == address, modified=modified)
