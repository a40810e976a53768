"""The rows that could not be understood, and what to do: all as CSV for Excel, some in JSON."""

import codecs
import csv
from collections.abc import Iterator
from typing import IO

from merchantwatch.language.quarantine_reasons import REASONS
from merchantwatch.reports.formulas import as_text
from merchantwatch.results.model import Results

COLUMNS = ("file", "row", "column", "value", "reason", "what_to_do")

MOST_IN_JSON = 100

_LONGEST_VALUE = 80


def render(results: Results, file: IO[bytes]) -> None:
    """Write the whole quarantine, in the order of files and rows: UTF-8 with BOM, cells harmless.

    It holds only cells that a rule or the accounting reads, and those are never personal.
    """
    # Excel takes a CSV without this mark for the code page of Windows, and garbles Chinese.
    file.write(codecs.BOM_UTF8)
    writer = csv.writer(codecs.getwriter("utf-8")(file))
    writer.writerow(COLUMNS)
    for item in results.read_quarantine():
        reason = REASONS[item.reason].text.of(results.lang)
        # Cut: a row whose quotes are broken may be as long as its file.
        cells = (item.file, item.row, item.column, item.value[:_LONGEST_VALUE], item.reason)
        writer.writerow(
            [*(as_text(cell) if isinstance(cell, str) else cell for cell in cells), reason]
        )


def in_json(results: Results) -> Iterator[dict[str, object]]:
    """Yield the first rows as the JSON report has them."""
    for item in results.quarantine[:MOST_IN_JSON]:
        yield {
            "file": item.file,
            "row": item.row,
            "column": item.column,
            "value": item.value,
            "reason": item.reason,
            "text": REASONS[item.reason].text.of(results.lang),
        }
