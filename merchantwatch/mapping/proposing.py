"""Proposes a mapping: for each field the column that names and values suggest, and how surely."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from msgspec.structs import replace

from merchantwatch.errors import InputError
from merchantwatch.fields import FIELDS, PARCEL_FIELDS, Kind
from merchantwatch.formats import FormatKind, fold
from merchantwatch.language.text import Text
from merchantwatch.mapping import contradictions, guesses, reasons, times
from merchantwatch.mapping.dictionary import is_personal, words
from merchantwatch.mapping.names import (
    KNOWN,
    SIMILAR,
    SOMETIMES,
    Fit,
    Header,
    fits,
    is_opaque,
    read_headers,
)
from merchantwatch.mapping.platforms import platform_of
from merchantwatch.mapping.promises import Promised, promised
from merchantwatch.mapping.proposal import Confidence, Entry, Proposal, WordTable
from merchantwatch.mapping.sampling import sample
from merchantwatch.mapping.shapes import Shape, is_value
from merchantwatch.mapping.spelling import folded
from merchantwatch.reading import Source

MOST_COLUMNS = 1_000
"""At most this many columns of a file are examined."""

_OF_LINES = frozenset(
    {"line_id", "product_id", "product_name", "sku", "quantity", "promised_ship_at", "shipped_at"}
)
"""Fields of a table of orders that one of cases does not have."""

_OF_ORDERS = _OF_LINES | {"order_id", "created_at", "paid_at"}
_OF_PARCELS = PARCEL_FIELDS | {"shipped_at", "last_tracked_at", "out_for_delivery_at"}
_KNOWN_BY_COURIERS = frozenset({"picked_up_at", "last_tracked_at", "delivered_at"})


def propose(source: Source) -> Proposal:
    """Examine a source's header and its first rows, and propose a mapping.

    Raises InputError when the source is unreadable or has no header.
    """
    positions: dict[str, int] = {}
    for index, header in enumerate(source.headers):
        positions.setdefault(fold(header), index)
    positions.pop("", None)
    examined = dict(islice(positions.items(), MOST_COLUMNS))
    # In a file without a header the first row may hold personal data: none of it may be shown.
    if any(map(is_value, examined)):
        raise _headless(source.label)
    headers = read_headers(examined)
    # Columns about people are not read if their headers show it, and dropped if their values do.
    readable = {text: index for text, index in examined.items() if not is_personal(text)}
    sampled = sample(source, readable.values())
    shapes = {text: Shape(sampled.columns[index]) for text, index in readable.items()}
    shapes = {
        text: shape
        for text, shape in shapes.items()
        # An id may have as many digits as a phone number: then its name decides.
        if not shape.is_personal or _is_named_id(headers[text])
    }
    found = _assign({text: headers[text] for text in shapes}, shapes)
    used = {entry.header for entry in found.entries.values()}
    return Proposal(
        label=source.label,
        rows=sampled.rows,
        whole=sampled.whole,
        entries=tuple(found.entries[name] for name in FIELDS if name in found.entries),
        tables=tuple(found.tables()),
        doubts=tuple((text, why) for text, why in found.doubts.items() if text not in used),
        personal=tuple(text for text in examined if text not in shapes),
        unused=tuple(t for t in positions if t not in used and (t in shapes or t not in examined)),
        kind=found.kind,
        empty=found.empty_words,
        undecided=found.undecided,
        platform=platform_of(headers.values(), {headers[t]: s for t, s in shapes.items()}),
    )


def _headless(label: str) -> InputError:
    return InputError(
        f"{label}: its first row holds values and no column names; export it with its header, or "
        "write one above it",
        f"{label}：第一行是数据而不是列名；请带表头重新导出，或在首行补上列名",
    )


def _is_named_id(header: Header) -> bool:
    return any(fit.how == KNOWN and FIELDS[fit.field].kind is Kind.ID for fit in fits(header))


def _assign(headers: Mapping[str, Header], shapes: Mapping[str, Shape]) -> "_Assignment":
    """Assign columns to fields, taking rows for order lines unless they are clearly others."""
    found = _Assignment(headers, shapes, "orders")
    found.assign_by_name()
    named = set(found.entries)
    if "case_id" in named and not named & _OF_LINES:
        # Anew: in a table of cases the same names mean other fields.
        found = _Assignment(headers, shapes, "cases")
        found.assign_by_name()
    elif (
        "tracking_no" in named
        and named & _KNOWN_BY_COURIERS
        and not named & (_OF_ORDERS - {"shipped_at"})
    ):
        found = _Assignment(headers, shapes, "parcels")
        found.assign_by_name()
    found.assign_by_values()
    return found


class _Assignment:
    """Assigns columns to fields: by names first, then by what values look like.

    ``entries`` are the columns assigned so far, by field; ``doubts`` the columns that were not
    assigned although their names fit, each with the reason.
    """

    def __init__(
        self, headers: Mapping[str, Header], shapes: Mapping[str, Shape], kind: FormatKind
    ) -> None:
        self.headers = headers
        self.shapes = shapes
        self.kind = kind
        self.entries: dict[str, Entry] = {}
        self.doubts: dict[str, Text] = {}

    def assign_by_name(self) -> None:
        """Give each field the column whose name fits best; a column gets one field at most."""
        order = {text: index for index, text in enumerate(self.shapes)}
        found = [
            (fit, text)
            for text in self.shapes
            for fit in fits(self.headers[text], of_cases=self.kind == "cases")
            if self.kind != "parcels" or fit.field in _OF_PARCELS
        ]
        # The best fit first, so that no weaker one takes its field or its column.
        found.sort(key=lambda f: (-f[0].how, -f[0].part, f[0].place, order[f[1]]))
        for fit, text in found:
            if fit.field not in self.entries and text not in self._used:
                against = self._against(fit, text)
                if against is None:
                    self.entries[fit.field] = self._named(fit, text)
                elif fit.how == KNOWN:
                    self.doubts.setdefault(text, against)

    def assign_by_values(self) -> None:
        """Let values confirm or contradict names, and guess columns whose names say nothing."""
        self._remove_contradicted()
        if self.kind == "orders":
            self._add_promise()
        for field in [name for name in self.entries if FIELDS[name].kind is Kind.TIME]:
            self._confirm_order(field)
        if self.kind != "orders":
            return
        self._add(guesses.times_by_order(self.entries, self.shapes, self._opaque))
        self._add(guesses.ids(self.entries, self.shapes, self._opaque))
        self._add(guesses.status(self._unused, self.headers))
        self._add(guesses.amount(self._opaque))

    @property
    def empty_words(self) -> tuple[str, ...]:
        """The words in mapped time columns that mean "no time"."""
        return tuple(sorted({word for _, shape in self._times for word in shape.empty_words}))

    @property
    def undecided(self) -> tuple[str, ...]:
        """The mapped times whose order of day and month nothing in the file shows."""
        # One column that shows it decides for the whole file, as it does in a scan.
        if any(shape.shows_order for _, shape in self._times):
            return ()
        return tuple(field for field, shape in self._times if shape.is_undecided)

    @property
    def _times(self) -> list[tuple[str, Shape]]:
        return [
            (field, self.shapes[entry.header])
            for field, entry in self.entries.items()
            if FIELDS[field].kind is Kind.TIME
        ]

    def tables(self) -> Iterator[WordTable]:
        """Yield the words found in each word field that is mapped."""
        for field, entry in self.entries.items():
            if FIELDS[field].kind is Kind.WORD:
                known, counts = words(field), self.shapes[entry.header].counts
                found = sorted(counts, key=lambda word: (-counts[word], word))
                yield WordTable(field, tuple((word, known.get(folded(word))) for word in found))

    def _add(self, guessed: Iterable[Entry]) -> None:
        """Add guesses of fields that have no column yet."""
        for entry in list(guessed):
            self.entries.setdefault(entry.field, entry)

    def _against(self, fit: Fit, text: str) -> Text | None:
        """Return what the values of a column say against a field; None if nothing."""
        order = self.entries.get("order_id")
        if (
            fit.field == "line_id"
            and order
            and contradictions.is_same(self.shapes[order.header], self.shapes[text])
        ):
            return reasons.SAME_AS_ORDER
        return reasons.against(fit, self.shapes[text])

    def _named(self, fit: Fit, text: str) -> Entry:
        """Return the entry of a field for the column whose name fits, with reasons."""
        shape = self.shapes[text]
        why = [reasons.name(fit), *(reasons.look(fit.field, shape) if shape.filled else ())]
        if not shape.filled:
            why.append(reasons.EMPTY)
        sure = _confidence(fit, shape)
        if FIELDS[fit.field].kind is Kind.WORD and not reasons.has_known_word(fit.field, shape):
            why.append(reasons.NO_STATUS)
            sure = "low"
        return Entry(fit.field, text, sure, tuple(why))

    def _remove_contradicted(self) -> None:
        """Remove the entries that other columns contradict."""
        # All that is named by now: removing one entry must not change the verdict on the next.
        columns = {field: self.shapes[entry.header] for field, entry in self.entries.items()}
        for field in columns:
            against = contradictions.against(field, columns)
            if against:
                self.doubts.setdefault(self.entries.pop(field).header, against)

    def _add_promise(self) -> None:
        """Add the promise to ship by the words of its name: the surest, of equals the first."""
        if "promised_ship_at" in self.entries:
            return
        times_left = [text for text, shape in self._unused.items() if shape.is_time]
        promises = [(promised(self.headers[text]), text) for text in times_left]
        candidates = [(kind, text) for kind, text in promises if kind is not None]
        start = self.entries.get("paid_at") or self.entries.get("created_at")
        for kind, text in sorted(candidates, key=lambda found: found[0]):
            share = times.in_order(self.shapes[start.header], self.shapes[text]) if start else None
            if share is None or share >= reasons.KEEPS_ORDER:
                sure: Confidence = "medium" if kind < Promised.DELIVERY else "low"
                why = (reasons.promise(kind), *reasons.look("promised_ship_at", self.shapes[text]))
                self.entries["promised_ship_at"] = Entry("promised_ship_at", text, sure, why)
                self.doubts.pop(text, None)
                return

    def _confirm_order(self, field: str) -> None:
        """Add to the reasons of a named time in how many rows it is not before an earlier event."""
        named = {
            name: self.shapes[self.entries[name].header]
            for name in FIELDS
            if name in self.entries and FIELDS[name].kind is Kind.TIME
        }
        entry = self.entries[field]
        earlier = [a for a, b in times.neighbours(field, tuple(named)) if b == field]
        # The last of them is the nearest, so that its order says most.
        for other in reversed(earlier):
            share = times.in_order(named[other], named[field])
            if share is not None:
                why = (*entry.why, reasons.never_before(other, share))
                sure = entry.confidence if share >= reasons.KEEPS_ORDER else "low"
                self.entries[field] = replace(entry, confidence=sure, why=why)
                return

    @property
    def _used(self) -> set[str]:
        return {entry.header for entry in self.entries.values()}

    @property
    def _unused(self) -> dict[str, Shape]:
        used = self._used
        return {text: shape for text, shape in self.shapes.items() if text not in used}

    @property
    def _opaque(self) -> dict[str, Shape]:
        """The unused columns whose names mean nothing, so that only values can show a field."""
        return {
            text: shape
            for text, shape in self._unused.items()
            if text not in self.doubts and is_opaque(self.headers[text])
        }


def _confidence(fit: Fit, shape: Shape) -> Confidence:
    """Return how sure a name is that the values of its column do not contradict."""
    if not shape.filled:
        return "low"
    if fit.how == KNOWN:
        return "high"
    # Values that are times or ids confirm a name; text or numbers confirm little.
    is_distinct = FIELDS[fit.field].kind in (Kind.TIME, Kind.ID)
    return "medium" if fit.how in (SIMILAR, SOMETIMES) or is_distinct else "low"
