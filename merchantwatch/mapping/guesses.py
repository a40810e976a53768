"""Guesses which fields columns hold whose names say nothing: ids, statuses, amounts, times."""

from collections.abc import Iterator, Mapping

from merchantwatch.fields import FIELDS, Kind
from merchantwatch.mapping import reasons, times
from merchantwatch.mapping.dictionary import dictionary, words
from merchantwatch.mapping.names import Header, names_another_thing
from merchantwatch.mapping.proposal import Entry
from merchantwatch.mapping.shapes import Shape
from merchantwatch.mapping.spelling import folded

_SURELY_STATUS = 0.6
"""The share of known status words that makes a column a status, whatever its header."""

Columns = Mapping[str, Shape]


def times_by_order(
    entries: Mapping[str, Entry], columns: Columns, opaque: Columns
) -> Iterator[Entry]:
    """Yield the fields of time columns without telling names, by their order among the named."""
    named = {
        name: columns[entries[name].header]
        for name in FIELDS
        if name in entries and FIELDS[name].kind is Kind.TIME
    }
    unnamed = {header: shape for header, shape in opaque.items() if shape.is_time}
    for field, header, is_promise in times.guessed(named, unnamed):
        why = reasons.CONSTANT_LAG if is_promise else reasons.ORDER_OF_TIMES
        yield Entry(field, header, "medium" if is_promise else "low", (why,))


def ids(entries: Mapping[str, Entry], columns: Columns, opaque: Columns) -> Iterator[Entry]:
    """Yield the columns of order and line ids: long values, which repeat or do not."""
    listed = [(header, shape) for header, shape in opaque.items() if shape.is_id and shape.is_full]
    repeated = [(header, shape) for header, shape in listed if not shape.is_unique]
    unique = [(header, shape) for header, shape in listed if shape.is_unique]
    order = entries.get("order_id")
    if order is None and "line_id" not in entries and repeated:
        # Orders have few lines: their ids repeat less than those of products or buyers.
        header, shape = max(repeated, key=lambda found: len(found[1].counts))
        order = Entry("order_id", header, "low", (reasons.repeated_ids(shape),))
        yield order
    if "line_id" in entries or (order and columns[order.header].is_unique):
        return
    if unique:
        # The longest: row numbers are unique as well, and short.
        header, shape = max(unique, key=lambda found: max(map(len, found[1].counts)))
        yield Entry("line_id", header, "low", (reasons.unique_ids(shape),))


def status(unused: Columns, headers: Mapping[str, Header]) -> Iterator[Entry]:
    """Yield the first column whose words are mostly known words of a status."""
    known = words("status")
    for header, shape in unused.items():
        if not shape.is_words or _is_of_something_else(headers[header]):
            continue
        known_cells = sum(n for word, n in shape.counts.items() if folded(word) in known)
        if known_cells >= _SURELY_STATUS * shape.filled:
            why = reasons.status_words(known_cells, shape.filled)
            yield Entry("status", header, "medium", (why,))
            return


def amount(opaque: Columns) -> Iterator[Entry]:
    """Yield the column of amounts if there is only one."""
    # Among several it is unknown which is the price, the discount or the freight.
    money = [header for header, shape in opaque.items() if shape.has_decimals]
    if len(money) == 1:
        yield Entry("amount", money[0], "low", (reasons.ONLY_AMOUNTS,))


def _is_of_something_else(header: Header) -> bool:
    """Say whether a header shows that words are states of a parcel, a payment or a refund."""
    promise = dictionary().promise
    return (
        names_another_thing(header)
        or not set(header.words).isdisjoint((*promise.delivering, *promise.other))
        or any(part in header.folded for part in (*promise.delivering_parts, *promise.other_parts))
    )
