"""The inputs and the accounting of their rows, as plain typed records."""

from datetime import datetime

from msgspec import Struct


class InputFile(Struct, frozen=True):
    """One export as it was read.

    ``no_records`` are further rows of the file, not counted in ``rows``: titles, totals, repeated
    headers. ``unmatched`` are its cases or parcels without a line.
    """

    path: str
    format: str
    kind: str
    encoding: str | None
    encoding_from: str | None
    rows: int
    quarantined: int
    exported_at: datetime | None
    exported_at_from: str | None
    shop: str | None
    shop_from: str | None
    # None for orders, which are matched with nothing.
    unmatched: int | None = None
    no_records: int = 0


class Accounting(Struct, frozen=True):
    """Where the rows of the order exports went: rows_read is the sum of the others."""

    rows_read: int
    lines: int
    quarantined: int
    superseded: int
    later: int


class Quarantined(Struct, frozen=True):
    """A row that could not be understood, with the row number that Excel shows, if it is known."""

    file: str
    row: int | None
    column: str
    value: str
    reason: str


class Fault(Struct, frozen=True):
    """A reason why rows were quarantined or are no records, their number, and the first row.

    ``column`` is the header of the faulty cell; empty if the row as a whole is at fault. ``shown``
    is what may be shown of the first such row.
    """

    reason: str
    column: str
    rows: int
    first_row: int
    shown: str = ""
