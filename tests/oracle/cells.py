"""Reading a cell: its value, or that it is unknown."""

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from oracle.files import Cells


class UnreadableError(ValueError):
    """A cell that must not be guessed: its row is quarantined."""


EMPTY = ("", "-")
SPOILT_ID = re.compile(r"[0-9]+(\.[0-9]+)?[Ee]\+[0-9]+")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
MOMENT = re.compile(
    r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?:[ T]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?"
)
NOT_YET = re.compile(
    r"null|n/a|\\n|nat|nan|none|/|无|未发货|0+|0000-00-00( 0?0:00(:00)?)?|9999-12-31.*"
    r"|1970[-/]0?1[-/]0?1 0?8:00(:00)?",
    re.IGNORECASE,
)
"""What stands where nothing has happened; in China the count of seconds began at eight."""
EXCEL_DAYS = re.compile(r"[0-9]{5}(\.[0-9]+)?")
"""A moment as Excel counts it: days since 1899-12-30."""
END_OF_DAY = time(23, 59, 59)
SHORTAGE = ("缺货", "无货", "断货", "没货", "缺码", "库存不足", "售罄", "out of stock", "sold out")
NO_SHORTAGE = re.compile("(不会|不|未|没有|并非|非)(缺货|断货|无货)|无货运|断货架")


def text(cells: Cells, header: str) -> str | None:
    """The cell without its padding; None where the export has no such column or says nothing."""
    cell = cells.get(header, "").strip(" \t")
    return None if cell in EMPTY else cell


def identifier(cells: Cells, header: str) -> str | None:
    """An id, which Excel may have turned into a number, or a merged cell into several."""
    cell = text(cells, header)
    if cell is not None and (SPOILT_ID.fullmatch(cell) or ";" in cell):
        raise UnreadableError(cell)
    return cell


def moment(cells: Cells, header: str) -> datetime | None:
    """A wall-clock time from 1970 to 2099, a day alone from its beginning; else it is unreadable."""
    found = stated_time(cells, header)
    return datetime.combine(found, time()) if type(found) is date else found


def deadline(cells: Cells, header: str) -> datetime | None:
    """By when something is to be done: a day alone lasts to its end."""
    found = stated_time(cells, header)
    return datetime.combine(found, END_OF_DAY) if type(found) is date else found


def stated_time(cells: Cells, header: str) -> datetime | date | None:
    """The moment, or the day where the cell says no more."""
    cell = text(cells, header)
    if cell is None or NOT_YET.fullmatch(cell):
        return None
    if EXCEL_DAYS.fullmatch(cell):
        return counted_days(cell)
    match = MOMENT.fullmatch(cell)
    if match is None:
        raise UnreadableError(cell)
    year, _, month, day, *clock = match.groups()
    try:
        on = date(int(year), int(month), int(day))
        if not 1970 <= on.year <= 2099:
            raise UnreadableError(cell)
        return on if clock[0] is None else datetime.combine(on, time(*(int(c or 0) for c in clock)))
    except ValueError as error:
        raise UnreadableError(cell) from error


def counted_days(cell: str) -> datetime | date:
    """The moment that Excel counts, of this century; the day where it counts whole ones."""
    seconds = (Decimal(cell) * 86_400).quantize(Decimal(1), ROUND_HALF_UP)
    found = datetime(1899, 12, 30) + timedelta(seconds=int(seconds))
    if not 2000 <= found.year <= 2099:
        raise UnreadableError(cell)
    return found if "." in cell else found.date()


def money(cells: Cells, header: str) -> Decimal | None:
    """An amount in yuan. An unreadable one is unknown: no reason to lose the line."""
    cell = (text(cells, header) or "").replace(",", "")
    return Decimal(cell) if NUMBER.fullmatch(cell) else None


def number(cells: Cells, header: str) -> int | None:
    """A count of pieces."""
    amount = money(cells, header)
    return None if amount is None else int(amount)


def flag(cells: Cells, header: str) -> bool | None:
    """A yes or a no; a blank says no."""
    return {None: False, "true": True, "false": False}.get(text(cells, header))


def says_shortage(cells: Cells, *headers: str) -> bool:
    """Whether any of these cells names a shortage, and does not deny it."""
    texts = (NO_SHORTAGE.sub("", text(cells, name) or "").lower() for name in headers)
    return any(word in cell for cell in texts for word in SHORTAGE)


def has(text: str | None, *words: str) -> bool | None:
    """Whether a text holds any of these words; None without a text."""
    return None if text is None else any(word in text for word in words)
