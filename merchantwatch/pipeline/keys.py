"""The keyed hashes that a run needs of each export: only those that some rule can use."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from merchantwatch.fields import KEY_FIELDS
from merchantwatch.reading import Export, Keyed
from merchantwatch.rules import Rulebook

BUYER_CASES, RECEIVERS = "buyer_cases_90d", "tracking_no_receivers_30d"
ORDERS, SELLERS = "orders", "sellers"
"""Facts that the lines of an order show together: how many they are, and of how many sellers."""

REQUIRED_KEYS: Mapping[str, frozenset[str]] = {
    BUYER_CASES: frozenset({"buyer_key", "cases_of_line"}),
    RECEIVERS: frozenset({"receiver_key", "tracking_no", "shipped_at"}),
    "buyer_key": frozenset({"buyer_key"}),
    "receiver_key": frozenset({"receiver_key"}),
}
"""The inputs of a field: keyed hashes, and further fields of lines."""


@dataclass(frozen=True)
class Keys:
    """The keyed hashes that are computed for the rows of each export.

    ``by_export`` has their names by the export's number; ``cross_line`` are the cross-line fields
    to derive, and ``first_read`` the exports that are read beforehand for these. ``secret`` is the
    key of the hashes, ``unwritten`` the file in which it could not be stored, if so.
    """

    by_export: Mapping[int, frozenset[str]] = field(default_factory=dict)
    cross_line: frozenset[str] = frozenset()
    first_read: frozenset[int] = frozenset()
    secret: bytes = field(default=b"", repr=False)
    unwritten: Path | None = None

    def read_of(self, export: Export, row_fields: Collection[str]) -> list[str]:
        """Return which of these fields are keyed hashes computed for an export."""
        computed = self.by_export.get(export.number, frozenset())
        return [name for name in KEY_FIELDS if name in row_fields and name in computed]

    def columns(self, export: Export, row_fields: Collection[str]) -> dict[int, Keyed]:
        """Return the columns of hashes of an export's personal columns, by their positions."""
        return {
            export.key_column(name): Keyed(name, export.keys[name], self.secret)
            for name in self.read_of(export, row_fields)
        }


def keys_of(reads: Collection[str]) -> frozenset[str]:
    """Return the keyed hashes without which some of these fields cannot be known."""
    needed = (parts for name, parts in REQUIRED_KEYS.items() if name in reads)
    return frozenset[str]().union(*needed).intersection(KEY_FIELDS)


def keys_for_judging(book: Rulebook) -> frozenset[str]:
    """Return the keyed hashes that lines are judged by, or joined by."""
    # Counting receivers happens in the first reading, before lines are judged.
    return keys_of(book.reads - {RECEIVERS})


def derivable_from(known: frozenset[str]) -> frozenset[str]:
    """Return the cross-line fields that can be derived for lines with these fields."""
    return frozenset(name for name in (BUYER_CASES, RECEIVERS) if REQUIRED_KEYS[name] <= known)
