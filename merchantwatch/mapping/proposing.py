"""The proposal: of each field the column that its name and its values speak for, and how sure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from merchantwatch.errors import InputError
from merchantwatch.fields import FIELDS, Kind
from merchantwatch.formats import fold
from merchantwatch.mapping import reasons, times
from merchantwatch.mapping.dictionary import folded, is_personal, words
from merchantwatch.mapping.names import ALIKE, KNOWN, Fit, fits
from merchantwatch.mapping.sampling import Sample, sample
from merchantwatch.mapping.shapes import Shape, is_value
from merchantwatch.reading import Source
from merchantwatch.texts import Text

Confidence = Literal["high", "medium", "low"]

_SURELY_STATUS = 0.6
"""Words of which so many rows are known status words are a status, whatever their header."""


@dataclass(frozen=True)
class Entry:
    """One field, the column proposed for it, how sure that is and why."""

    field: str
    header: str
    confidence: Confidence
    why: tuple[Text, ...]


@dataclass(frozen=True)
class WordTable:
    """The words seen of a word field, the commonest first, each with its meaning or None."""

    field: str
    meanings: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class Proposal:
    """What is proposed for one file, and what was left out: people's columns, doubts, the rest.

    ``rows`` were looked at, which is the ``whole`` file or its beginning.
    """

    label: str
    rows: int
    whole: bool
    entries: tuple[Entry, ...]
    tables: tuple[WordTable, ...]
    doubts: tuple[tuple[str, Text], ...]
    personal: tuple[str, ...]
    unused: tuple[str, ...]

    @property
    def is_enough(self) -> bool:
        """Whether lines can be told apart by it, so that a scan can use it."""
        return any(entry.field in ("line_id", "order_id") for entry in self.entries)


def propose(source: Source) -> Proposal:
    """Look at a source's header and its first rows, and propose a mapping.

    Columns about people are not even read. Raises InputError when the source is unreadable, or has
    no header: then its first row may hold anything, and nothing of it is shown.
    """
    if any(is_value(fold(header)) for header in source.headers):
        raise _headless(source.label)
    positions: dict[str, int] = {}
    for index, header in enumerate(source.headers):
        if fold(header):
            positions.setdefault(fold(header), index)
    able = {header: index for header, index in positions.items() if not is_personal(header)}
    seen = sample(source, able.values())
    shapes = {header: Shape(seen.columns[index]) for header, index in able.items()}
    about_people = {h for h, shape in shapes.items() if shape.is_personal and not _is_named_id(h)}
    shapes = {header: shape for header, shape in shapes.items() if header not in about_people}
    return _Proposing(shapes).made(
        source.label, seen, tuple(h for h in positions if h not in shapes), tuple(positions)
    )


def _headless(label: str) -> InputError:
    return InputError(
        f"{label}: its first row holds values and no column names; export it with its header, or "
        "write one above it",
        f"{label}：第一行是数据而不是列名；请带表头重新导出，或在首行补上列名",
    )


def _is_named_id(header: str) -> bool:
    return any(fit.how == KNOWN and FIELDS[fit.field].kind is Kind.ID for fit in fits(header))


class _Proposing:
    """Fields and columns brought together: by names first, then by what values look like."""

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self.shapes = shapes
        self.entries: dict[str, Entry] = {}
        self.doubts: dict[str, Text] = {}

    def made(
        self, label: str, seen: Sample, personal: tuple[str, ...], headers: tuple[str, ...]
    ) -> Proposal:
        self._by_name()
        self._by_order_of_times()
        self._ids_by_shape()
        self._status_by_words()
        self._amount_by_shape()
        entries = tuple(self.entries[name] for name in FIELDS if name in self.entries)
        used = {entry.header for entry in entries}
        return Proposal(
            label=label,
            rows=seen.rows,
            whole=seen.whole,
            entries=entries,
            tables=tuple(self._tables()),
            doubts=tuple((h, why) for h, why in self.doubts.items() if h not in used),
            personal=personal,
            unused=tuple(h for h in headers if h not in used and h not in personal),
        )

    def _by_name(self) -> None:
        """Give each field the column whose name fits best, and each column one field."""
        found = [(fit, header) for header in self.shapes for fit in fits(header)]
        order = {header: index for index, header in enumerate(self.shapes)}
        found.sort(key=lambda f: (-f[0].how, -f[0].part, f[0].place, order[f[1]]))
        for fit, header in found:
            if fit.field in self.entries or header in self._used:
                continue
            against = reasons.against(fit, self.shapes[header])
            if against:
                if fit.how == KNOWN:
                    self.doubts.setdefault(header, against)
                continue
            self.entries[fit.field] = self._named(fit, header)

    def _named(self, fit: Fit, header: str) -> Entry:
        shape = self.shapes[header]
        why = [reasons.name(fit), *(reasons.look(fit.field, shape) if shape.filled else ())]
        if not shape.filled:
            why.append(reasons.EMPTY)
        return Entry(fit.field, header, _confidence(fit, shape), tuple(why))

    def _by_order_of_times(self) -> None:
        """Say of named times whether their order bears them out, and place the unnamed ones."""
        mapped = [name for name in FIELDS if name in self.entries and _is_time(name)]
        named = {field: self.shapes[self.entries[field].header] for field in mapped}
        for field in named:
            self._heard(field, named)
        unnamed = {h: s for h, s in self._unused() if s.is_time and h not in self.doubts}
        for field, header, is_promise in times.guessed(named, unnamed):
            why = reasons.CONSTANT_LAG if is_promise else reasons.ORDER_OF_TIMES
            self.entries[field] = Entry(field, header, "medium" if is_promise else "low", (why,))

    def _heard(self, field: str, named: Mapping[str, Shape]) -> None:
        """Add to a named time's reasons the share of rows in which it keeps the order."""
        entry = self.entries[field]
        earlier = [a for a, b in times.neighbours(field, tuple(named)) if b == field]
        for other in reversed(earlier):
            share = times.in_order(named[other], named[field])
            if share is not None:
                why = (*entry.why, reasons.never_before(other, share))
                sure = entry.confidence if share >= reasons.KEEPS_ORDER else "low"
                self.entries[field] = Entry(field, entry.header, sure, why)
                return

    def _ids_by_shape(self) -> None:
        ids = [(h, s) for h, s in self._unused() if s.is_id and s.is_full and h not in self.doubts]
        repeated = [(h, s) for h, s in ids if not s.is_unique]
        unique = [(h, s) for h, s in ids if s.is_unique]
        if "order_id" not in self.entries and "line_id" not in self.entries and repeated:
            header, shape = max(repeated, key=lambda found: len(found[1].counts))
            why = reasons.repeated_ids(shape)
            self.entries["order_id"] = Entry("order_id", header, "low", (why,))
        order = self.entries.get("order_id")
        if "line_id" in self.entries or (order and self.shapes[order.header].is_unique):
            return
        if unique:
            header, shape = max(unique, key=lambda found: max(map(len, found[1].counts)))
            why = reasons.unique_ids(shape)
            self.entries["line_id"] = Entry("line_id", header, "low", (why,))

    def _status_by_words(self) -> None:
        if "status" in self.entries:
            return
        known = words("status")
        for header, shape in self._unused():
            if not shape.is_words:
                continue
            told = sum(n for word, n in shape.counts.items() if folded(word) in known)
            if told >= _SURELY_STATUS * shape.filled:
                why = reasons.status_words(told, shape.filled)
                self.entries["status"] = Entry("status", header, "medium", (why,))
                return

    def _amount_by_shape(self) -> None:
        money = [h for h, s in self._unused() if s.has_decimals and h not in self.doubts]
        if "amount" not in self.entries and len(money) == 1:
            self.entries["amount"] = Entry("amount", money[0], "low", (reasons.ONLY_AMOUNTS,))

    def _tables(self) -> Iterator[WordTable]:
        """Yield the words seen in each word field that is mapped."""
        for field, entry in self.entries.items():
            if FIELDS[field].kind is Kind.WORD:
                known, counts = words(field), self.shapes[entry.header].counts
                seen = sorted(counts, key=lambda word: (-counts[word], word))
                yield WordTable(field, tuple((word, known.get(folded(word))) for word in seen))

    @property
    def _used(self) -> set[str]:
        return {entry.header for entry in self.entries.values()}

    def _unused(self) -> list[tuple[str, Shape]]:
        used = self._used
        return [(header, shape) for header, shape in self.shapes.items() if header not in used]


def _confidence(fit: Fit, shape: Shape) -> Confidence:
    """Return how sure a name makes, of whose column the values do not speak against it.

    That values are times or ids says something; that they are text or numbers says little.
    """
    if not shape.filled:
        return "medium" if fit.how == KNOWN else "low"
    if fit.how == KNOWN:
        return "high"
    telling = FIELDS[fit.field].kind in (Kind.TIME, Kind.ID)
    return "medium" if fit.how == ALIKE or telling else "low"


def _is_time(field: str) -> bool:
    return FIELDS[field].kind is Kind.TIME
