"""Cells that a spreadsheet would run as formulas, escaped for the CSV reports."""

import re

from merchantwatch.reading.arrow import Cells
from merchantwatch.support.harmless import harmless

_BLANKS = "\\s\\x00\\x{00a0}\\x{200b}-\\x{200f}\\x{2028}-\\x{202f}\\x{2060}\\x{3000}\\x{feff}"
_STARTS = "=+\\-@＝＋－＠﹦﹢﹣﹫"
_FORMULA = f"^([{_BLANKS}]*[{_STARTS}]|[\\t\\r\\n\\x00])"
"""The start of a text that a spreadsheet may run: such a sign, also full-width, after any blanks.

In the syntax of RE2, which Arrow uses; Python writes the numbers of characters in another way.
"""

_HARMFUL = (
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x{9f}\\x{61c}\\x{200e}\\x{200f}"
    "\\x{2028}-\\x{202e}\\x{2066}-\\x{2069}\\x{feff}]"
)
"""The characters that ``harmless`` escapes."""

# From the same definition, so that the workbook and the CSV escape the same cells.
_IN_PYTHON = re.compile(re.sub(r"\\x\{(\w{4})\}", r"\\u\1", _FORMULA))


def as_text(cell: str) -> str:
    """Return a cell that a spreadsheet does not run, and that a terminal does not obey."""
    return harmless(f"'{cell}" if _IN_PYTHON.match(cell) else cell)


def as_texts(column: Cells) -> Cells:
    """Return an Arrow column of such cells."""
    import pyarrow as pa
    from pyarrow import compute

    # Most columns have no such cell, and to look is cheaper than to replace.
    safe = column
    if _any(compute.match_substring_regex(column, pattern=_FORMULA)):
        safe = compute.replace_substring_regex(column, pattern=_FORMULA, replacement=r"'\1")
    # To look for harmful signs costs more than to see that a column of ids has none at all.
    if compute.all(compute.ascii_is_printable(safe)).as_py() is not False:
        return safe
    if not _any(compute.match_substring_regex(safe, pattern=_HARMFUL)):
        return safe
    return pa.array([None if cell is None else harmless(cell) for cell in safe.to_pylist()])


def _any(tests: Cells) -> bool:
    from pyarrow import compute

    return bool(compute.any(tests).as_py())
