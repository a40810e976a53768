"""The records of a proposed mapping for a file that no format knows."""

from typing import Literal

from msgspec import Struct

from merchantwatch.formats import FormatKind
from merchantwatch.language.text import Text

Confidence = Literal["high", "medium", "low"]

KNOWN_BY: dict[FormatKind, tuple[str, ...]] = {
    "orders": ("line_id", "order_id"),
    "cases": ("case_id",),
    "parcels": ("tracking_no",),
}
"""The fields one of which must be mapped in each kind of table, to identify or to join its rows."""


class Entry(Struct, frozen=True):
    """A field, the column proposed for it, the confidence and the reasons."""

    field: str
    header: str
    confidence: Confidence
    why: tuple[Text, ...]


class WordTable(Struct, frozen=True):
    """The words found in a word field, the most frequent first, each with its meaning or None."""

    field: str
    meanings: tuple[tuple[str, str | None], ...]


class Proposal(Struct, frozen=True):
    """The proposed mapping of one file, and the columns that it leaves out, each group with why.

    ``rows`` is how many rows were read, the ``whole`` file or its beginning; ``kind`` says what a
    row is. ``doubts`` are columns named like a field that their values contradict, ``personal``
    those about people, ``unused`` all others. ``platform`` is the one that the headers name, if
    any. ``empty`` are words in time columns that mean "no time", ``undecided`` the times whose
    order of day and month is unknown.
    """

    label: str
    rows: int
    whole: bool
    entries: tuple[Entry, ...]
    tables: tuple[WordTable, ...]
    doubts: tuple[tuple[str, Text], ...]
    personal: tuple[str, ...]
    unused: tuple[str, ...]
    kind: FormatKind = "orders"
    platform: str | None = None
    empty: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()

    @property
    def is_enough(self) -> bool:
        """Whether rows can be identified, or joined to others, so that a scan can use it."""
        return any(entry.field in KNOWN_BY[self.kind] for entry in self.entries)
