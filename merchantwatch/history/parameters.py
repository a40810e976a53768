"""Values for the parameters of statements: in batches, and as JSON text."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import msgspec

Value = TypeVar("Value", int, str)

_AT_ONCE = 500
"""The most values in one statement: databases limit their number."""


def parts(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """Yield values in batches, each small enough for the parameters of one statement."""
    return (values[first : first + _AT_ONCE] for first in range(0, len(values), _AT_ONCE))


def json_text(value: object) -> str:
    """Return a value as JSON, as columns of text hold it."""
    # Text and not bytes: readable with any client of the database.
    return msgspec.json.encode(value).decode()
