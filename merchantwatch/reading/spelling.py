"""Cells of a workbook, spelled as an export would write them."""

import math
from datetime import date, datetime, time, timedelta
from typing import Any

_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  Excel's days have no zone
_THIS_CENTURY = timedelta(days=36_526)
_LAST = datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001
_AFTER_ALL = "10000-01-01 00:00:00"
"""The second after the last one of the calendar."""

EXACT = 2**53
"""Below this, a float holds every whole number exactly."""

_NO_NUMBER = "#NUM!"
"""The error values that Excel shows for infinite and invalid numbers."""


def spelled(cell: Any) -> str:
    """Return a cell as an export would write it.

    A number too large for Excel is spelled as Excel shows it, so that it is not taken for an id.
    """
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, int | float):
        return _number(cell)
    if isinstance(cell, date | time | timedelta):
        return _moment(cell)
    return str(cell)


def _number(cell: float) -> str:
    if not math.isfinite(cell):
        return _NO_NUMBER
    if cell != int(cell):
        return repr(cell)
    return str(int(cell)) if abs(cell) < EXACT else f"{cell:.15G}"


def _moment(cell: date | time | timedelta) -> str:
    """Return a moment to the nearest second: Excel's days are fractions.

    A midnight comes as a date, and a moment shown as minutes or hours as the time since 1899.
    """
    if isinstance(cell, timedelta):
        if not _THIS_CENTURY <= cell <= _LAST - _EXCEL_EPOCH:
            return str(cell)
        cell = _EXCEL_EPOCH + cell
    if isinstance(cell, datetime):
        if cell >= _LAST + timedelta(milliseconds=500):
            return _AFTER_ALL
        return (cell + timedelta(milliseconds=500)).isoformat(" ", "seconds")
    return cell.isoformat("seconds") if isinstance(cell, time) else f"{cell} 00:00:00"
