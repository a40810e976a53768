"""The proposal: for each field the column that name and values suggest, with a confidence."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice

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
    # Without a header the first row may hold personal data: nothing of it may be shown.
    if any(map(is_value, islice(positions, MOST_COLUMNS))):
        raise _headless(source.label)
    looked = dict(islice(positions.items(), MOST_COLUMNS))
    headers = read_headers(looked)
    able = {text: index for text, index in looked.items() if not is_personal(text)}
    sampled = sample(source, able.values())
    shapes = {text: Shape(sampled.columns[index]) for text, index in able.items()}
    people = {
        t for t, shape in shapes.items() if shape.is_personal and not _is_named_id(headers[t])
    }
    shapes = {text: shape for text, shape in shapes.items() if text not in people}
    found = _proposed({text: headers[text] for text in shapes}, shapes)
    used = {entry.header for entry in found.entries.values()}
    return Proposal(
        label=source.label,
        rows=sampled.rows,
        whole=sampled.whole,
        entries=tuple(found.entries[name] for name in FIELDS if name in found.entries),
        tables=tuple(found.tables()),
        doubts=tuple((text, why) for text, why in found.doubts.items() if text not in used),
        personal=tuple(text for text in looked if text not in shapes),
        unused=tuple(t for t in positions if t not in used and (t in shapes or t not in looked)),
        kind=found.kind,
        empty=found.for_nothing,
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


def _proposed(headers: Mapping[str, Header], shapes: Mapping[str, Shape]) -> "_Proposing":
    """Return the proposal: rows are order lines, unless they are clearly cases or parcels."""
    found = _Proposing(headers, shapes, "orders")
    found.by_name()
    named = set(found.entries)
    if "case_id" in named and not named & _OF_LINES:
        found = _Proposing(headers, shapes, "cases")
        found.by_name()
    elif (
        "tracking_no" in named
        and named & _KNOWN_BY_COURIERS
        and not named & (_OF_ORDERS - {"shipped_at"})
    ):
        found = _Proposing(headers, shapes, "parcels")
        found.by_name()
    found.by_values()
    return found


class _Proposing:
    """The assignment of columns to fields: by names first, then by the look of values."""

    def __init__(
        self, headers: Mapping[str, Header], shapes: Mapping[str, Shape], kind: FormatKind
    ) -> None:
        self.headers = headers
        self.shapes = shapes
        self.kind = kind
        self.entries: dict[str, Entry] = {}
        self.doubts: dict[str, Text] = {}

    def by_name(self) -> None:
        """Give each field the column whose name fits best, and each column one field."""
        order = {text: index for index, text in enumerate(self.shapes)}
        found = [
            (fit, text)
            for text in self.shapes
            for fit in fits(self.headers[text], of_cases=self.kind == "cases")
            if self.kind != "parcels" or fit.field in _OF_PARCELS
        ]
        found.sort(key=lambda f: (-f[0].how, -f[0].part, f[0].place, order[f[1]]))
        for fit, text in found:
            if fit.field not in self.entries and text not in self._used:
                against = self._against(fit, text)
                if against is None:
                    self.entries[fit.field] = self._named(fit, text)
                elif fit.how == KNOWN:
                    self.doubts.setdefault(text, against)

    def by_values(self) -> None:
        """Let values confirm or contradict names, and guess columns whose names say nothing."""
        self._contradict()
        if self.kind == "orders":
            self._promise_by_words()
        for field in [name for name in self.entries if FIELDS[name].kind is Kind.TIME]:
            self._heard(field)
        if self.kind != "orders":
            return
        self._add(guesses.times_by_order(self.entries, self.shapes, self._opaque))
        self._add(guesses.ids(self.entries, self.shapes, self._opaque))
        self._add(guesses.status(self._unused, self.headers))
        self._add(guesses.amount(self._opaque))

    @property
    def for_nothing(self) -> tuple[str, ...]:
        """The words in mapped time columns that mean no time."""
        return tuple(sorted({word for _, shape in self._times for word in shape.for_nothing}))

    @property
    def undecided(self) -> tuple[str, ...]:
        """The mapped times whose order of day and month nothing in the file shows."""
        # One column that shows it decides for the file, as it does in a scan.
        read = [(field, shape) for field, shape in self._times if shape.is_undecided]
        shown = any(shape.shows_order for _, shape in self._times)
        return () if shown else tuple(field for field, _ in read)

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
        order = self.entries.get("order_id")
        if (
            fit.field == "line_id"
            and order
            and contradictions.is_same(self.shapes[order.header], self.shapes[text])
        ):
            return reasons.SAME_AS_ORDER
        return reasons.against(fit, self.shapes[text])

    def _named(self, fit: Fit, text: str) -> Entry:
        shape = self.shapes[text]
        why = [reasons.name(fit), *(reasons.look(fit.field, shape) if shape.filled else ())]
        if not shape.filled:
            why.append(reasons.EMPTY)
        sure = _confidence(fit, shape)
        if FIELDS[fit.field].kind is Kind.WORD and not reasons.has_known_word(fit.field, shape):
            why.append(reasons.NO_STATUS)
            sure = "low"
        return Entry(fit.field, text, sure, tuple(why))

    def _contradict(self) -> None:
        """Remove times that other columns contradict."""
        columns = {field: self.shapes[entry.header] for field, entry in self.entries.items()}
        for field in columns:
            against = contradictions.against(field, columns)
            if against:
                self.doubts.setdefault(self.entries.pop(field).header, against)

    def _promise_by_words(self) -> None:
        """Find the promise to ship by the words of its name: the surest, among equals the first."""
        if "promised_ship_at" in self.entries:
            return
        able = [
            (kind, text)
            for text, shape in self._unused.items()
            if shape.is_time and (kind := promised(self.headers[text]))
        ]
        start = self.entries.get("paid_at") or self.entries.get("created_at")
        for kind, text in sorted(able, key=lambda found: found[0]):
            share = times.in_order(self.shapes[start.header], self.shapes[text]) if start else None
            if share is None or share >= reasons.KEEPS_ORDER:
                sure: Confidence = "medium" if kind < Promised.DELIVERY else "low"
                why = (reasons.promise(kind), *reasons.look("promised_ship_at", self.shapes[text]))
                self.entries["promised_ship_at"] = Entry("promised_ship_at", text, sure, why)
                self.doubts.pop(text, None)
                return

    def _heard(self, field: str) -> None:
        """Add to the reasons of a named time the share of rows in which it keeps the order."""
        named = {
            name: self.shapes[self.entries[name].header]
            for name in FIELDS
            if name in self.entries and FIELDS[name].kind is Kind.TIME
        }
        entry = self.entries[field]
        earlier = [a for a, b in times.neighbours(field, tuple(named)) if b == field]
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
        """The columns left whose names mean nothing."""
        return {
            text: shape
            for text, shape in self._unused.items()
            if text not in self.doubts and is_opaque(self.headers[text])
        }


def _confidence(fit: Fit, shape: Shape) -> Confidence:
    """Return the confidence of a name that the values of its column do not contradict."""
    if not shape.filled:
        return "low"
    if fit.how == KNOWN:
        return "high"
    # That values are times or ids says something; that they are text or numbers says little.
    is_distinct = FIELDS[fit.field].kind in (Kind.TIME, Kind.ID)
    return "medium" if fit.how in (SIMILAR, SOMETIMES) or is_distinct else "low"
