"""UTF-8 CSV files on Spark: every byte and every row accounted for.

A file is first surveyed as lines: whether they are UTF-8, and whether a quoted cell spans lines. If
none does, as nearly always, each line is a record, all executors read the file in parts, and the
rows have the numbers that Excel shows. Else one executor reads it whole.
"""

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from merchantwatch.engines.spark.session import only_row
from merchantwatch.engines.spark.sql import spark_literal
from merchantwatch.errors import InputError
from merchantwatch.reading import BadRow
from merchantwatch.reading.headers import Header
from merchantwatch.reading.no_records import ragged
from merchantwatch.reading.records import parsed

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


MOST_BAD = 1000
"""The most ragged rows that are fetched; all are counted."""

_OPTIONS = {
    "quote": '"',
    "escape": '"',
    "mode": "PERMISSIVE",
    "columnNameOfCorruptRecord": "raw",
    "header": "false",
    "maxCharsPerColumn": "-1",
    "maxColumns": "100000",
    "encoding": "UTF-8",
}


class Survey(Struct, frozen=True):
    """A file as lines: how many each part has, and oddities of all.

    ``undecodable`` is the first line that is not UTF-8, or 0.
    """

    lines: Sequence[int]
    undecodable: int
    odd_quotes: int
    quotes: int
    blank: int


class CsvRows(Struct, frozen=True):
    """The records of a file: ``frame`` has ``raw`` (set where ragged), ``row``, and the cells.

    ``numbered`` says whether ``row`` is the number that Excel shows, or only an order; ``count``
    is the number of records, if each line is one.
    """

    frame: "DataFrame"
    numbered: bool
    count: int | None
    header: Header


def rows_of(
    spark: "SparkSession",
    address: str,
    label: str,
    header: Header,
    surveys: dict[str, Survey],
    *,
    quoted: bool,
) -> CsvRows:
    """Return the records of a CSV file after its header.

    Where it is not ``quoted``, quotes are letters. ``surveys`` are those of the run so far, by
    address. Raises InputError when it is not UTF-8, or a quote is never closed.
    """
    sign = header.delimiter
    options = {**_OPTIONS, "sep": sign} | ({} if quoted else {"quote": "", "escape": "\\"})
    lines = spark.read.text(address)
    # A survey reads the whole file: of several passes over it, only the first one makes it.
    if address not in surveys:
        surveys[address] = _survey(lines, header.lines)
    survey = surveys[address]
    if survey.undecodable:
        raise not_utf8(label, f"line {survey.undecodable:,}", f"第 {survey.undecodable:,} 行")
    names = [f"c{index}" for index in range(header.width)]
    # A line with an odd number of quotes opens or closes a cell that spans lines.
    if survey.odd_quotes and quoted:
        records = _records(spark, address, names, options, header)
        _refuse_an_open_quote(records, names, header, label, unpaired=survey.quotes % 2 == 1)
        return CsvRows(records, numbered=not survey.blank, count=None, header=header)
    count = sum(survey.lines) - survey.blank - header.lines
    frame = _one_a_line(lines, survey, names, options, header)
    return CsvRows(frame, numbered=True, count=count, header=header)


def _survey(lines: "DataFrame", above: int) -> Survey:
    """Survey a file; of the lines down to its header only whether they decode."""
    from pyspark.sql import functions as F  # noqa: N812

    below = ~((F.col("part") == 0) & (F.col("line") <= above))
    quotes = F.length("value") - F.length(F.replace("value", F.lit('"'), F.lit("")))
    parts = (
        lines.select(
            F.spark_partition_id().alias("part"),
            F.is_valid_utf8("value").alias("decodes"),
            _line_of_part().alias("line"),
            quotes.alias("quotes"),
            (F.btrim("value") == "").alias("blank"),
        )
        .groupBy("part")
        .agg(
            F.count("*").alias("lines"),
            F.min(F.when(~F.col("decodes"), F.col("line"))).alias("undecodable"),
            F.count_if((F.col("quotes") % 2 == 1) & below).alias("odd"),
            F.sum(F.when(below, F.col("quotes")).otherwise(0)).alias("quotes"),
            F.count_if(F.col("blank") & below).alias("blank"),
        )
        .collect()
    )
    lines_by_part = {part["part"]: part["lines"] for part in parts}
    lines_of = [lines_by_part.get(part, 0) for part in range(max(lines_by_part, default=-1) + 1)]
    undecodable = [
        sum(lines_of[: part["part"]]) + part["undecodable"] for part in parts if part["undecodable"]
    ]
    return Survey(
        lines=lines_of,
        undecodable=min(undecodable, default=0),
        odd_quotes=sum(part["odd"] for part in parts),
        quotes=sum(part["quotes"] for part in parts),
        blank=sum(part["blank"] for part in parts),
    )


def _one_a_line(
    lines: "DataFrame",
    survey: Survey,
    names: Sequence[str],
    options: dict[str, str],
    header: Header,
) -> Any:
    """Return a record of each line, numbered through all parts of the file."""
    from pyspark.sql import functions as F  # noqa: N812

    before = itertools.accumulate(survey.lines, initial=0)
    first = F.element_at(F.array(*map(F.lit, before)), F.spark_partition_id() + 1)
    cells = F.from_csv("value", _schema(names), options)
    row = first + _line_of_part() - header.lines + header.row
    numbered = lines.select("value", row.alias("row"))
    return (
        numbered.where(f"row > {header.row} and value <> ''")
        .select("row", cells.alias("cells"))
        .select("row", "cells.*")
    )


def _line_of_part() -> Any:
    """Return the number of a line in its part of the file, from 1."""
    # Spark documents the lower 33 bits of this function as the record number in the partition.
    from pyspark.sql import functions as F  # noqa: N812

    return F.monotonically_increasing_id().bitwiseAND(F.lit((1 << 33) - 1)) + 1


def _records(
    spark: "SparkSession",
    address: str,
    names: Sequence[str],
    options: dict[str, str],
    header: Header,
) -> Any:
    from pyspark.sql import functions as F  # noqa: N812

    # Spark refuses to look at ragged rows alone, without any cell.
    whole = F.length(F.concat_ws("", "raw", names[0])) >= 0
    reader = spark.read.schema(_schema(names)).options(**options, multiLine="true")
    numbered = reader.csv(address).select(
        *names,
        F.when(whole, F.col("raw")).alias("raw"),
        (F.monotonically_increasing_id() + 1).alias("row"),
    )
    if header.row == header.lines == 1:
        return numbered.where("row > 1")
    first = F.coalesce("raw", names[0]).contains(header.cells[0])
    above = only_row(numbered.where(first).agg(F.min("row")))[0] or 1
    return numbered.where(F.col("row") > above).withColumn("row", F.col("row") - above + header.row)


def _schema(names: Sequence[str]) -> str:
    return ", ".join(f"{name} string" for name in [*names, "raw"])


def _refuse_an_open_quote(
    records: "DataFrame", names: Sequence[str], header: Header, label: str, *, unpaired: bool
) -> None:
    """Raise InputError when a quote has swallowed rows: to the next one, or to the end."""
    sign = spark_literal(header.delimiter)
    lost = (f"length({name}) - length(replace({name}, {sign}, ''))" for name in names)
    broken = zip(names, lost, strict=True)
    signs = " + ".join(
        rf"case when coalesce({name} rlike '[\r\n]', false) then {count} else 0 end"
        for name, count in broken
    )
    least = max(1, (header.width - 1) // 2)
    broken_rows = records.where(f"raw is null and {signs} >= {least}")
    hidden = only_row(broken_rows.selectExpr("min(row) as row"))
    if hidden["row"] is not None:
        raise _open_quote(label, hidden["row"])
    if unpaired:
        swallowed = rf"raw is null and coalesce({names[-1]} like '%\n%', false) as swallowed"
        end = records.selectExpr("row", swallowed).orderBy("row", ascending=False).first()
        if end is not None and end["swallowed"]:
            raise _open_quote(label, end["row"])


def bad_rows(rows: CsvRows, read: Sequence[str], label: str) -> tuple[list[BadRow], int]:
    """Return the first rows set aside, of another length or without id, and how many more.

    ``read`` are the cells that are read: a row that is empty in them, but not in others, has no id.
    Raises InputError if a row spans lines: a quote has joined several rows.
    """
    from pyspark.sql import functions as F  # noqa: N812

    names = [f"c{index}" for index in range(rows.header.width)]
    nothing = " and ".join(f"({cell}) is null" for cell in read)
    something = f"btrim(concat_ws('', {', '.join(names)})) <> ''"
    bad = rows.frame.where(f"btrim(raw) <> '' or raw is null and {nothing} and {something}")
    bad = bad.selectExpr("row", "raw", r"btrim(raw, ' \t\r\n') rlike '[\r\n]' as joined")
    counts = bad.agg(
        F.count("*").alias("all"), F.min(F.when(F.col("joined"), F.col("row"))).alias("joined")
    )
    counted = only_row(counts)
    if counted["joined"] is not None:
        raise _open_quote(label, counted["joined"])
    first = bad.orderBy("row").limit(MOST_BAD).collect() if counted["all"] else []
    found = [_bad_row(row["row"], row["raw"], rows.header) for row in first]
    return [row for row in found if row is not None], counted["all"] - len(found)


def _bad_row(row: int, text: str | None, header: Header) -> BadRow | None:
    if text is None:
        return BadRow(row, "DQ101")
    return ragged(row, parsed(text.rstrip("\r\n"), header.delimiter).cells, header.width)


def _open_quote(label: str, row: int) -> InputError:
    return InputError(
        f"{label}: a quote opened in row {row} is never closed, so the rows after it cannot be "
        "distinguished here; close it there, export the file again, or use --engine duckdb",
        f"{label}：第 {row} 行的引号没有闭合，其后的行无法区分；请补上引号、重新导出，"
        "或改用 --engine duckdb",
    )


def not_utf8(label: str, where: str, where_zh: str) -> InputError:
    """Say that a file is no UTF-8 text, and what to do."""
    return InputError(
        f"{label}: {where} is not UTF-8, and Spark reads nothing else; convert the file, "
        "as with iconv -f GB18030 -t UTF-8, or scan it with --engine duckdb",
        f"{label}：{where_zh}不是 UTF-8 文本，而 Spark 只能读取 UTF-8；请先转换，"
        "例如 iconv -f GB18030 -t UTF-8，或改用 --engine duckdb",
    )
