"""Sources → relations on Spark: the wanted columns, clean, as ``c<position>``; ``source_row``."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from merchantwatch.engines.spark import csv, people
from merchantwatch.engines.spark.session import only_row
from merchantwatch.engines.spark.sql import spark_literal
from merchantwatch.errors import InputError
from merchantwatch.reading import (
    EXACT_DIGITS,
    SURE_ZEROS,
    CsvFile,
    DistributedTable,
    MemoryTable,
    ParquetFile,
    Sheet,
    Wanted,
    is_text,
    more_than_chance,
)
from merchantwatch.reading.arrow import counting

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


Types = Sequence[Any] | Mapping[int, Any]
"""Arrow types by position."""

_ENOUGH_IDS, _ENOUGH_ZEROS = 5, 4
_LONG, _CUT = rf"^\d{{{EXACT_DIGITS + 1},}}$", rf"^\d{{{EXACT_DIGITS}}}0+$"
_SURELY_CUT = rf"^\d{{{EXACT_DIGITS}}}0{{{SURE_ZEROS},}}$"


def of_csv(
    spark: "SparkSession", source: CsvFile, wanted: Wanted, surveys: dict[str, csv.Survey]
) -> tuple[Any, Callable[[int], None]]:
    """Return the rows of a CSV file, and a function to call with their count.

    ``surveys`` are those of the run so far, by address. The function records the ragged rows.
    Raises InputError when the file is not UTF-8.
    """
    encoding = _utf8(source)
    place = source.address or _plain(source)
    quoted = source.is_quoted(wanted)
    rows = csv.rows_of(spark, place, source.label, source.header, surveys, quoted=quoted)
    cells = {i: _cleaned(f"c{i}", wanted, i) for i in wanted.columns}
    clean = _columns(cells)
    frame = rows.frame.where("raw is null").select(*clean, *people.hashes(wanted), _row("row"))
    frame = frame.where(" or ".join(f"c{i} is not null" for i in wanted.columns))

    def settle(count: int) -> None:
        source.encoding, source.encoding_from = encoding, source.header.reason(encoding)
        source.numbered, source.bad_rows = rows.numbered, [*source.header.above]
        # Equal counts: no line is missing among the rows, so no query for bad ones is needed.
        if count != rows.count:
            bad, source.unlisted = csv.bad_rows(rows, [*cells.values()], source.label)
            source.bad_rows += bad

    return frame, settle


def of_columns(
    spark: "SparkSession",
    source: ParquetFile | MemoryTable | Sheet | DistributedTable,
    wanted: Wanted,
) -> Any:
    """Return the rows of a Parquet file, or of a table here or on Spark."""
    from pyspark.sql import functions as F  # noqa: N812

    names = [f"c{i}" for i in range(len(source.headers))]
    if isinstance(source, ParquetFile):
        if source.unpacked is not None:
            raise _packed(source.label)
        frame = spark.read.parquet(address(source.path)).select("*", "_metadata.row_index")
        added = [F.lit(value).alias(f"folder_{n}") for n, value in enumerate(source.partitions)]
        numbered = frame.select("*", *added).toDF(*_with_row_index(names, len(added)))
        row = _row("row_index + 2")
    elif isinstance(source, Sheet):
        return spark.createDataFrame(_cells_of(source, wanted))
    elif isinstance(source, MemoryTable):
        table = _with_numbers(source, wanted)
        cells = _cells({i: table.schema.field(f"c{i}").type for i in wanted.columns}, wanted)
        return spark.createDataFrame(table).select(*cells, *_keys(wanted), _row("row"))
    else:
        numbered = _here(spark, source.frame).toDF(*names)
        row = _row("monotonically_increasing_id() + 2")
    return numbered.select(*_cells(source.types, wanted), *people.hashes(wanted), row)


def address(path: Path) -> str:
    """Return the address of a local file for Spark, with the characters of its globs escaped."""
    return re.sub(r"([*?\[\]{}\\])", r"\\\1", f"file://{path.absolute()}")


def _here(spark: "SparkSession", frame: "DataFrame") -> Any:
    """Return a user's DataFrame in this run's session, which has separate settings and names."""
    if frame.sparkSession is spark:
        return frame
    # A DataFrame belongs to its session; only global views are shared between sessions.
    name = f"merchantwatch_{uuid4().hex}"
    frame.createGlobalTempView(name)
    try:
        return spark.table(f"global_temp.{name}")
    finally:
        spark.catalog.dropGlobalTempView(name)


def _plain(source: CsvFile) -> str:
    if source.content.packing:
        raise _packed(source.label)
    return address(source.content.path)


def _packed(label: str) -> InputError:
    return InputError(
        f"{label}: Spark reads no packed exports; unpack it, or use --engine duckdb",
        f"{label}：Spark 不读取压缩的导出，请先解压，或改用 --engine duckdb",
    )


def _utf8(source: CsvFile) -> str:
    fitting = [encoding for encoding in source.header.encodings if encoding.startswith("utf-8")]
    if not fitting:
        encoding = source.header.encodings[0].upper()
        raise csv.not_utf8(source.label, f"its {encoding} text", f"其 {encoding} 文本")
    return fitting[0]


def _with_row_index(names: list[str], partitions: int) -> list[str]:
    """Return the names of a file's columns, its row index, and the columns of its folders."""
    in_file = len(names) - partitions
    return [*names[:in_file], "row_index", *names[in_file:]]


def _cells_of(sheet: Sheet, wanted: Wanted) -> Any:
    """Return the cells of a sheet as text, as they are read on this machine."""
    import pyarrow as pa

    names = [*(f"c{i}" for i in wanted.columns), *_keys(wanted), "source_row"]
    types = [pa.string()] * (len(names) - 1) + [pa.int64()]
    schema = pa.schema(list(zip(names, types, strict=True)))
    found: list[Any] = []
    sheet.read_into(wanted, lambda batches: found.extend(batch.cast(schema) for batch in batches))
    return pa.Table.from_batches(found, schema)


class Examined(NamedTuple):
    """What all rows show: of the ids that were looked at the cut ones, and the separators found.

    A separator, by its column, is that of several lines in a row.
    """

    ids: frozenset[str]
    cut: frozenset[int]
    separators: frozenset[tuple[str, str]]
    several: frozenset[tuple[str, str]]


NOTHING_EXAMINED = Examined(*(frozenset() for _ in Examined._fields))


def examined(
    frame: "DataFrame", known: Examined, ids: frozenset[str], several: tuple[str, str] | None
) -> Examined:
    """Find the columns of ids in which Excel has cut long ones to fifteen digits.

    ``several`` is a column and the separator in it of the lines that a row holds. What is ``known``
    is not looked at again.
    """
    from pyspark.sql import functions as F  # noqa: N812

    new = sorted(ids - known.ids)
    values = [value for name in new for value in _id_counts(name)]
    asked = frozenset({several} if several else ()) - known.separators
    if several in asked and dict(frame.dtypes)[several[0]] == "string":
        values.append(F.bool_or(F.contains(F.col(several[0]), F.lit(several[1]))))
    # One query for all: each reads the source once more.
    row = (
        [*only_row(frame.agg(*(value.alias(f"v{n}") for n, value in enumerate(values))))]
        if values
        else []
    )
    width = len(_IdCounts._fields)
    counts = {name: row[width * n : width * (n + 1)] for n, name in enumerate(new)}
    cut = (name for name, of in counts.items() if _IdCounts(*(n or 0 for n in of)).are_cut)
    return Examined(
        known.ids | ids,
        known.cut.union(int(name[1:]) for name in cut),
        known.separators | asked,
        known.several | (asked if any(row[width * len(new) :]) else frozenset()),
    )


class _IdCounts(NamedTuple):
    """Counts of a column of ids: rows, whole long ids, different cut ones, their fewest zeros.

    The last two count only the cut ids that end in more zeros than good ids do.
    """

    rows: int
    whole: int
    cut: int
    zeros: int
    surely: int
    sure_zeros: int

    @property
    def are_cut(self) -> bool:
        if self.whole:
            return more_than_chance(self.surely, self.rows, self.sure_zeros)
        return self.cut > 1 and min(self.cut, _ENOUGH_IDS) * self.zeros >= _ENOUGH_ZEROS


def _id_counts(name: str) -> list[Any]:
    """Return the counts of a column of ids."""
    from pyspark.sql import functions as F  # noqa: N812

    text = F.col(name).cast("string")
    counts = [F.count(F.lit(1)), F.count_if(text.rlike(_LONG) & ~text.rlike(_CUT))]
    for pattern in (_CUT, _SURELY_CUT):
        some = F.when(text.rlike(pattern), text)
        counts += [F.approx_count_distinct(some), F.min(F.length(some)) - EXACT_DIGITS]
    return counts


def _with_numbers(source: MemoryTable, wanted: Wanted) -> Any:
    """Return the wanted columns of a table, hashed here, so that no personal data leaves."""
    import pyarrow as pa

    read = {index: source.table.column(index).combine_chunks() for index in wanted.read}
    cells = {f"c{index}": _in_micros(read[index]) for index in wanted.columns}
    numbers = counting(2, 2 + source.table.num_rows)
    return pa.table({**cells, **wanted.hashes(read), "row": numbers})


def _in_micros(column: Any) -> Any:
    """Return a column with times in microseconds, the finest unit of Spark."""
    import pyarrow as pa

    kind = column.type
    if not pa.types.is_timestamp(kind) or kind.unit != "ns":
        return column
    return column.cast(pa.timestamp("us", kind.tz), safe=False)


def _keys(wanted: Wanted) -> list[str]:
    """Return the names of the columns of keyed hashes."""
    return [f"c{index}" for index in wanted.keys]


def _row(value: str) -> Any:
    from pyspark.sql import functions as F  # noqa: N812

    return F.expr(f"cast({value} as bigint)").alias("source_row")


def _cells(types: Types, wanted: Wanted) -> list[Any]:
    return _columns({i: _cell(f"c{i}", types[i], wanted, i) for i in wanted.columns})


def _columns(cells: Mapping[int, str]) -> list[Any]:
    """Return SQL as columns ``c<position>``.

    As one text: built by functions, each column would take dozens of calls into the JVM.
    """
    from pyspark.sql import functions as F  # noqa: N812

    return [F.expr(f"{cell} as c{i}") for i, cell in cells.items()]


def _cell(name: str, kind: Any, wanted: Wanted, index: int) -> str:
    from pyarrow import types

    if is_text(kind):
        return _cleaned(name, wanted, index)
    # Spark's Parquet reader has no nanoseconds: the setting nanosAsLong gives them as numbers.
    if types.is_timestamp(kind) and kind.unit == "ns":
        instant = f"timestamp_micros({name} div 1000)"
        return instant if kind.tz else f"cast({instant} as timestamp_ntz)"
    return name


def _cleaned(name: str, wanted: Wanted, index: int) -> str:
    """Return the SQL of a text column trimmed, empty cells as null."""
    text = f"btrim({name}, {spark_literal(wanted.columns[index].around)})"
    if not wanted.empty:
        return text
    more = () if wanted.columns[index].content == "moments" else wanted.words
    nothing = ", ".join(map(spark_literal, (*wanted.empty, *more)))
    return f"case when {text} not in ({nothing}) then {text} end"
