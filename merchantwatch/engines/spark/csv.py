"""UTF-8 CSV files on Spark: every byte and every row accounted for.

A file is first surveyed as lines: whether they are UTF-8, and whether a quoted cell goes over a
line break. Where none does, as nearly always, each line is a record, the file is read in parts by
all executors, and the rows have the numbers that Excel shows. Else one executor reads it whole.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from merchantwatch.errors import InputError
from merchantwatch.reading import BadRow

MOST_BAD = 1000
"""How many ragged rows are fetched; all are counted."""

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


@dataclass(frozen=True)
class Survey:
    """What a file is like as lines: of each part its lines, of all what is odd about them.

    ``undecodable`` is the first line that is not UTF-8, or 0.
    """

    lines: Sequence[int]
    undecodable: int
    odd_quotes: int
    quotes: int
    blank: int


@dataclass(frozen=True)
class CsvRows:
    """The records of a file: ``frame`` has ``raw`` (set where ragged), ``row``, and the cells.

    ``numbered`` says whether ``row`` is the number that Excel shows, or only an order; ``count``
    is how many records there are, where each line is one.
    """

    frame: Any
    numbered: bool
    count: int | None
    delimiter: str


def rows_of(spark: Any, address: str, label: str, columns: int, delimiter: str) -> CsvRows:
    """Return the records of a CSV file after its header.

    Raises InputError when it is not UTF-8, or a quote is never closed.
    """
    lines, options = spark.read.text(address), {**_OPTIONS, "sep": delimiter}
    survey = _survey(lines)
    if survey.undecodable:
        raise not_utf8(label, f"line {survey.undecodable:,}", f"第 {survey.undecodable:,} 行")
    names = [f"c{index}" for index in range(columns)]
    if survey.odd_quotes:
        records = _records(spark, address, names, options)
        if survey.quotes % 2:
            _refuse_an_open_quote(records, names[-1], label)
        return CsvRows(records, numbered=not survey.blank, count=None, delimiter=delimiter)
    count = sum(survey.lines) - survey.blank - 1
    return CsvRows(
        _one_a_line(lines, survey, names, options), numbered=True, count=count, delimiter=delimiter
    )


def _survey(lines: Any) -> Survey:
    from pyspark.sql import functions as F  # noqa: N812

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
            F.count_if(F.col("quotes") % 2 == 1).alias("odd"),
            F.sum("quotes").alias("quotes"),
            F.count_if("blank").alias("blank"),
        )
        .collect()
    )
    held = {part["part"]: part["lines"] for part in parts}
    lines_of = [held.get(part, 0) for part in range(max(held, default=-1) + 1)]
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


def _one_a_line(lines: Any, survey: Survey, names: Sequence[str], options: dict[str, str]) -> Any:
    """Return a record of each line, numbered through all parts of the file."""
    from pyspark.sql import functions as F  # noqa: N812

    before = itertools.accumulate(survey.lines, initial=0)
    first = F.element_at(F.array(*map(F.lit, before)), F.spark_partition_id() + 1)
    cells = F.from_csv("value", _schema(names), options)
    numbered = lines.select("value", (first + _line_of_part()).alias("row"))
    return (
        numbered.where("row > 1 and value <> ''")
        .select("row", cells.alias("cells"))
        .select("row", "cells.*")
    )


def _line_of_part() -> Any:
    """Return the number of a line in its part of the file, from 1."""
    from pyspark.sql import functions as F  # noqa: N812

    return F.monotonically_increasing_id().bitwiseAND(F.lit((1 << 33) - 1)) + 1


def _records(spark: Any, address: str, names: Sequence[str], options: dict[str, str]) -> Any:
    from pyspark.sql import functions as F  # noqa: N812

    # Spark refuses to look at ragged rows alone, without any cell.
    whole = F.length(F.concat_ws("", "raw", names[0])) >= 0
    reader = spark.read.schema(_schema(names)).options(**options, multiLine="true")
    numbered = reader.csv(address).select(
        *names,
        F.when(whole, F.col("raw")).alias("raw"),
        (F.monotonically_increasing_id() + 1).alias("row"),
    )
    return numbered.where("row > 1")


def _schema(names: Sequence[str]) -> str:
    return ", ".join(f"{name} string" for name in [*names, "raw"])


def _refuse_an_open_quote(records: Any, last: str, label: str) -> None:
    """Raise InputError when a quote that is never closed has swallowed the rows after it."""
    swallowed = rf"raw is null and coalesce({last} like '%\n%', false) as swallowed"
    end = records.selectExpr("row", swallowed).orderBy("row", ascending=False).first()
    if end is not None and end["swallowed"]:
        raise _open_quote(label, end["row"])


def bad_rows(rows: CsvRows, columns: int, label: str) -> tuple[list[BadRow], int]:
    """Return the first rows that have not as many cells as the header, and how many more.

    Raises InputError where such a row goes over lines: a quote has joined it of several.
    """
    from pyspark.sql import functions as F  # noqa: N812

    unquoted = """regexp_replace(raw, '"([^"]|"")*"', '')"""
    cells = rf"length(regexp_replace({unquoted}, '[^{rows.delimiter}]', ''))"
    bad = rows.frame.where("raw is not null").selectExpr(
        "row", f"{cells} + 1 as cells", r"btrim(raw, ' \t\r\n') rlike '[\r\n]' as joined"
    )
    seen = bad.agg(
        F.count("*").alias("all"), F.min(F.when(F.col("joined"), F.col("row"))).alias("joined")
    )
    told = seen.first()
    if told["joined"] is not None:
        raise _open_quote(label, told["joined"])
    first = bad.orderBy("row").limit(MOST_BAD).collect() if told["all"] else []
    found = [BadRow(row["row"], "DQ301", f"{row['cells']} / {columns}") for row in first]
    return found, told["all"] - len(found)


def _open_quote(label: str, row: int) -> InputError:
    return InputError(
        f"{label}: a quote opened in row {row} is never closed, so the rows after it cannot be "
        "told apart here; close it there, export the file again, or use --engine duckdb",
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
