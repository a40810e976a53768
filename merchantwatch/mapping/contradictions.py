"""Contradictions between columns: what a status, or an order id, says against a field."""

from collections.abc import Mapping

from merchantwatch.language.text import Text
from merchantwatch.mapping import reasons
from merchantwatch.mapping.dictionary import words
from merchantwatch.mapping.shapes import Shape
from merchantwatch.mapping.spelling import folded

_NOT_YET_SHIPPED = frozenset({"unpaid", "to_ship"})
_DONE = {
    "paid_at": frozenset({"to_ship", "part_shipped", "shipped", "completed"}),
    "shipped_at": frozenset({"shipped", "completed"}),
    "tracking_no": frozenset({"shipped", "completed"}),
    "picked_up_at": frozenset({"completed"}),
    "delivered_at": frozenset({"completed"}),
    "completed_at": frozenset({"completed"}),
    "closed_at": frozenset({"closed"}),
}
"""The states that imply that an event has happened."""

_AFTER_SHIPPING = frozenset({"shipped_at", "picked_up_at", "delivered_at", "completed_at"})
_HALF = 0.5


def states(shape: Shape) -> list[str | None]:
    """Return the canonical status of each row; None where its word is unknown."""
    known = words("status")
    return [known.get(folded(cell)) if cell else None for cell in shape.cells]


def not_yet_shipped(entries: Mapping[str, Shape]) -> list[bool]:
    """Return for each row whether its line is not shipped yet; [] if no column shows it.

    ``entries`` are the columns by field. A line is unshipped if any of them says so.
    """
    signs: list[list[bool]] = []
    if "status" in entries:
        signs.append([state in _NOT_YET_SHIPPED for state in states(entries["status"])])
    # A parcel gets its tracking number when it is shipped.
    shipping = [entries[name] for name in ("shipped_at", "tracking_no") if name in entries]
    signs += [[cell is None for cell in shape.cells] for shape in shipping if shape.filled]
    return [any(of_row) for of_row in zip(*signs, strict=True)]


def against(field: str, columns: Mapping[str, Shape]) -> Text | None:
    """Return how the columns of other fields contradict that of a field; None if they do not.

    A column that is empty although the status says that the event has happened is never filled. A
    column that is filled before the event can have happened holds a planned time.
    """
    shape, status = columns[field], columns.get("status")
    if not shape.filled:
        done = _DONE.get(field, frozenset())
        never = status is not None and not done.isdisjoint(filter(None, states(status)))
        return reasons.EMPTY_THOUGH_DONE if never else None
    if field in _AFTER_SHIPPING:
        others = {name: other for name, other in columns.items() if name != field}
        early = [
            at is not None
            for at, is_early in zip(shape.moments, not_yet_shipped(others), strict=False)
            if is_early
        ]
        # Not one cell: statuses are often updated later than times.
        if early and sum(early) > _HALF * len(early):
            return reasons.FILLED_TOO_EARLY
    return None


def is_same(first: Shape, second: Shape) -> bool:
    """Say whether two columns hold the same ids in every row, apart from punctuation."""
    return all(
        folded(a or "") == folded(b or "") for a, b in zip(first.cells, second.cells, strict=True)
    )
