"""Guesses which events unnamed time columns hold, by the order of the times within rows."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from merchantwatch.mapping.shapes import NEARLY_ALL, Shape

ORDER = ("created_at", "paid_at", "shipped_at", "delivered_at", "completed_at")
"""The order of a line's events. A promise comes after the payment."""

_AFTER_PAYMENT = ("promised_ship_at", "shipped_at", "delivered_at")

_COMMON_LAG = 0.9
"""A column is a promise if it is the same time after the payment in this share of rows."""

_SOON = timedelta(days=60)
"""Times of an order lie mostly within this time of its creation: others are of something else."""

Columns = Mapping[str, Shape]


def in_order(first: Shape, second: Shape) -> float | None:
    """Return the share of rows in which the second is not before the first.

    None if no row has both.
    """
    pairs = _pairs(first, second)
    if not pairs:
        return None
    return sum(a <= b for a, b in pairs) / len(pairs)


def neighbours(field: str, known: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield, for a field and each known one whose order is certain, the earlier and the later."""
    for other in known:
        if field == "promised_ship_at" and other in ("created_at", "paid_at"):
            yield other, field
        elif other == "promised_ship_at" and field in ("created_at", "paid_at"):
            yield field, other
        elif field in ORDER and other in ORDER and field != other:
            yield (field, other) if ORDER.index(field) < ORDER.index(other) else (other, field)


def guessed(named: Columns, unnamed: Columns) -> Iterator[tuple[str, str, bool]]:
    """Yield the fields of unnamed columns: field, header, and whether it is a constant promise.

    ``named`` are columns by field, ``unnamed`` columns by header, in the order of the file.
    """
    placed, left = dict(named), dict(unnamed)
    # In the order of events, as each is guessed by those placed before it.
    for field in ("created_at", "paid_at", "promised_ship_at", "shipped_at", "delivered_at"):
        if field in placed:
            continue
        fitting = (h for h, shape in left.items() if _may_be(field, shape, placed, left))
        header = next(fitting, None)
        if header is not None:
            yield field, header, field == "promised_ship_at"
            placed[field] = left.pop(header)


def _may_be(field: str, shape: Shape, placed: Columns, left: Columns) -> bool:
    """Say whether a column can be a field, by its order among the others and its empty cells."""
    if not _fits_in(field, shape, placed):
        return False
    if field == "created_at":
        others = [*placed.values(), *(other for other in left.values() if other is not shape)]
        return (
            bool(others)
            and shape.is_full
            and all(_before(shape, other) and _is_soon(shape, other) for other in others)
        )
    start = placed.get("paid_at") or placed.get("created_at")
    if start is None or not _is_soon(start, shape):
        return False
    if field == "promised_ship_at":
        return _constant_lag(start, shape)
    if field == "paid_at":
        later = [other for other in left.values() if other is not shape]
        is_followed = bool(later) or any(name in placed for name in _AFTER_PAYMENT)
        return is_followed and all(_before(shape, other) for other in later)
    # Not every order is shipped or delivered yet: the column has empty cells, and no fewer than
    # that of the event before it.
    earlier = placed.get("shipped_at") if field == "delivered_at" else start
    return earlier is not None and shape.filled <= earlier.filled and not shape.is_full


def _fits_in(field: str, shape: Shape, placed: Columns) -> bool:
    with_field = {**placed, field: shape}
    return all(_before(with_field[a], with_field[b]) for a, b in neighbours(field, tuple(placed)))


def _before(first: Shape, second: Shape) -> bool:
    share = in_order(first, second)
    return share is not None and share >= NEARLY_ALL


def _is_soon(start: Shape, shape: Shape) -> bool:
    lags = [b - a for a, b in _pairs(start, shape)]
    return bool(lags) and sorted(lags)[len(lags) // 2] <= _SOON


def _constant_lag(start: Shape, shape: Shape) -> bool:
    lags = [b - a for a, b in _pairs(start, shape)]
    # In practice so common a lag is among the first hundred; counting all would be slow.
    most_common = max(map(lags.count, set(lags[:100])), default=0)
    return most_common > 1 and most_common >= _COMMON_LAG * len(lags) and lags[0] > timedelta(0)


def _pairs(first: Shape, second: Shape) -> list[tuple[datetime, datetime]]:
    both = zip(first.moments, second.moments, strict=True)
    return [(a, b) for a, b in both if a is not None and b is not None]
