"""Which fields a header may name, and how well it fits each."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from functools import cache
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from merchantwatch.fields import CASE_FIELDS, FIELDS, Kind
from merchantwatch.mapping.dictionary import dictionary, names, names_of_cases
from merchantwatch.mapping.spelling import common_prefixes, folded, split, split_compound

KNOWN, SOMETIMES, SIMILAR, WITHIN = 4, 3, 2, 1
"""How a header fits a name: it is the name; it is the name, which may mean something else, too; it
is spelled similarly; it contains the name."""

_NEARLY = 0.86
"""Two names, or two long words, that are at least as similar count as spellings of one."""

_LONG_WORD = 5
"""A shorter word never counts as a misspelling of another."""

_SHORTEST = 3
"""A shorter Chinese name within a header is ignored."""

_NOISE = {Kind.TIME: "time", Kind.ID: "id", Kind.MONEY: "money", Kind.NUMBER: "number",
          Kind.TEXT: "text", Kind.WORD: "word", Kind.FLAG: "flag"}  # fmt: skip


class Header(NamedTuple):
    """A header as written, folded, and split into the words that carry its meaning.

    ``all_words`` also has the first words that only name a table or a platform.
    """

    text: str
    folded: str
    words: tuple[str, ...]
    all_words: tuple[str, ...]


class Fit(Struct, frozen=True):
    """A field that a header may name, by one of the field's names.

    ``how`` says how well they fit (``KNOWN`` …); ``place`` is the position of the ``name`` in the
    field's list, where surer names stand first; ``part`` the share of the header that it covers.
    """

    field: str
    how: int
    name: str
    place: int
    part: float = 1.0


def read_headers(texts: Iterable[str]) -> dict[str, Header]:
    """Split the headers of a file into words, without prefixes that name a table or a platform."""
    listed = list(texts)
    prefixes = common_prefixes(listed) - {"id"}
    return {text: _read(text, prefixes) for text in listed}


def _read(text: str, prefixes: frozenset[str]) -> Header:
    known = vocabulary()
    every = tuple(part for word in split(text) for part in split_compound(word, known))
    words = list(every)
    while len(words) > 1 and (words[0] in prefixes or words[0] in dictionary().noise.platforms):
        words.pop(0)
    return Header(text, folded(text), tuple(words), every)


@cache
def vocabulary() -> frozenset[str]:
    """Return all words with a known meaning in a name, whether they mean a field or not."""
    listed = dictionary()
    tables = (names(), names_of_cases(), listed.sometimes)
    named = (
        name for table in tables for names_of_field in table.values() for name in names_of_field
    )
    promise = listed.promise
    return frozenset(
        [
            *(word for name in named for word in split(name)),
            *(word for words in _noise().values() for word in words),
            *listed.noise.containers, *listed.other_things.words,
            *promise.firm, *promise.planned, *promise.sending, *promise.delivering, *promise.other,
        ]
    )  # fmt: skip


@cache
def _noise() -> Mapping[Kind, frozenset[str]]:
    noise = dictionary().noise
    return {kind: frozenset(getattr(noise, name)) for kind, name in _NOISE.items()}


class _Index:
    """The names of all fields, to be found by their letters and by their words.

    ``table`` has the names of each field, ``others`` those that mean the field only sometimes.
    """

    def __init__(
        self, table: Mapping[str, Iterable[str]], others: Mapping[str, Iterable[str]]
    ) -> None:
        self.by_letters: dict[str, list[Fit]] = defaultdict(list)
        self.by_core: dict[tuple[Kind, frozenset[str]], list[Fit]] = defaultdict(list)
        self.by_words: dict[tuple[str, ...], list[Fit]] = defaultdict(list)
        self.wide: list[tuple[str, Fit]] = []  # names in Chinese, which has no blanks
        for how, names_by_field in ((KNOWN, table), (SOMETIMES, others)):
            for field, listed in names_by_field.items():
                for place, name in enumerate(listed):
                    self._add(Fit(field, how, name, place))

    def _add(self, fit: Fit) -> None:
        name, kind = folded(fit.name), FIELDS[fit.field].kind
        words = tuple(part for word in split(fit.name) for part in word.split())
        self.by_letters[name].append(fit)
        self.by_core[kind, core(words, kind)].append(fit)
        # A name of one word, such as "status", would be found within too many headers.
        if fit.how == KNOWN and len(words) > 1:
            self.by_words[words].append(fit)
        if fit.how == KNOWN and not name.isascii():
            self.wide.append((name, fit))


@cache
def _index(of_cases: bool) -> _Index:
    if of_cases:
        general = ("order_id", "case_id", "tracking_no", "shop")
        listed = {field: named for field, named in names().items() if field in general}
        return _Index(listed | names_of_cases(), {})
    return _Index(names(), dictionary().sometimes)


def core(words: Iterable[str], kind: Kind) -> frozenset[str]:
    """Return the words of a name that distinguish it from other names of its kind of field."""
    containers = dictionary().noise.containers
    single = (word.removesuffix("s") if word in containers else word for word in words)
    distinctive = frozenset(single) - _noise()[kind]
    rest = distinctive - frozenset(containers)
    # A quantity is always a line's, so "line" or "item" in its name says nothing; elsewhere such a
    # word may be all that distinguishes a line's id from an order's.
    return rest if kind is Kind.NUMBER or rest - _noise()[Kind.ID] else distinctive


def fits(header: Header, *, of_cases: bool = False) -> Iterator[Fit]:
    """Yield the fields that a header may name, each with its best fit."""
    index = _index(of_cases)
    best: dict[str, Fit] = {}
    for fit in (
        *_by_letters(header, index),
        *_by_core(header, index),
        *_by_likeness(header, index),
    ):
        known = best.get(fit.field)
        if known is None or _rank(fit) > _rank(known):
            best[fit.field] = fit
    yield from best.values()


def _rank(fit: Fit) -> tuple[int, float, int]:
    return fit.how, fit.part, -fit.place


def _by_letters(header: Header, index: _Index) -> Iterator[Fit]:
    yield from index.by_letters.get(header.folded, ())
    # Without the prefix of a table or a platform, too.
    yield from index.by_letters.get("".join(header.words), ())


def _by_core(header: Header, index: _Index) -> Iterator[Fit]:
    """Yield names with the same distinctive words; they are less sure if the header is vague."""
    exact = index.by_letters.get(header.folded, ())
    is_vague = header.folded in _ambiguous() or any(fit.how == SOMETIMES for fit in exact)
    for kind in Kind:
        words = core(header.words, kind)
        says_kind = bool(_noise()[kind] & set(header.words))
        if not words and not (kind in (Kind.TIME, Kind.NUMBER) and says_kind):
            continue
        for fit in index.by_core.get((kind, words), ()):
            name_says_kind = bool(_noise()[kind] & set(split(fit.name)))
            # If the name says that it is an id, an amount or a number, the header must say so, too.
            agrees = says_kind or not name_says_kind or kind is Kind.TIME
            if agrees and not _is_of_parcel(fit, header):
                yield replace(fit, how=min(fit.how, SOMETIMES)) if is_vague else fit


@cache
def _ambiguous() -> frozenset[str]:
    return frozenset(map(folded, dictionary().ambiguous.names))


def _is_of_parcel(fit: Fit, header: Header) -> bool:
    """Say whether a time of creation is that of a parcel, and not that of the order."""
    promise = dictionary().promise
    return fit.field == "created_at" and not set(header.words).isdisjoint(
        (*promise.sending, *promise.delivering)
    )


def _by_likeness(header: Header, index: _Index) -> Iterator[Fit]:
    """Yield names that a header contains or is similar to, except those of cases and flags."""
    if names_another_thing(header):
        return
    found = [*_within(header, index), *_similar(header, index)]
    # "planned shipping time" contains the name of an event, but is none.
    is_plan = names_a_plan(header)
    for fit in found:
        kind = FIELDS[fit.field].kind
        is_plain = fit.field not in CASE_FIELDS and kind is not Kind.FLAG
        if is_plain and not (kind is Kind.TIME and is_plan):
            yield fit


def _within(header: Header, index: _Index) -> Iterator[Fit]:
    """Yield names that a header begins or ends with, or that a Chinese header contains."""
    words = header.words
    for length in range(2, len(words)):
        for part in (words[:length], words[-length:]):
            for fit in index.by_words.get(part, ()):
                yield Fit(fit.field, WITHIN, fit.name, fit.place, length / len(words))
    if not header.folded.isascii():
        for name, fit in index.wide:
            if len(name) >= _SHORTEST and name in header.folded and name != header.folded:
                yield Fit(fit.field, WITHIN, fit.name, fit.place, len(name) / len(header.folded))


def _similar(header: Header, index: _Index) -> Iterator[Fit]:
    """Yield names of which a header is a misspelling or a variant."""
    if header.folded.isascii():
        # Only an unknown word can be a misspelling; comparing all names is slow.
        if not all(word in vocabulary() for word in header.words):
            for words, found in index.by_words.items():
                if _is_misspelt(header.words, words):
                    yield from (Fit(fit.field, SIMILAR, fit.name, fit.place) for fit in found)
        return
    for name, fit in index.wide:
        if SequenceMatcher(None, header.folded, name).ratio() >= _NEARLY:
            yield Fit(fit.field, SIMILAR, fit.name, fit.place)


def _is_misspelt(words: tuple[str, ...], name: tuple[str, ...]) -> bool:
    """Say whether words are a misspelling of a name; a known word is never a misspelling."""
    return len(words) == len(name) and all(
        word == known
        or (
            min(len(word), len(known)) >= _LONG_WORD
            and word not in vocabulary()
            and SequenceMatcher(None, word, known).ratio() >= _NEARLY
        )
        for word, known in zip(words, name, strict=True)
    )


def names_another_thing(header: Header) -> bool:
    """Say whether a header is about something that no field holds, such as a discount."""
    other = dictionary().other_things
    return not set(header.words).isdisjoint(other.words) or any(
        part in header.folded for part in other.parts
    )


def names_a_plan(header: Header) -> bool:
    """Say whether a header names a deadline or a planned time, and no event."""
    promise = dictionary().promise
    return not set(header.words).isdisjoint((*promise.firm, *promise.planned)) or any(
        part in header.folded for part in (*promise.firm_parts, *promise.planned_parts)
    )


def is_opaque(header: Header) -> bool:
    """Say whether a header has no known meaning, so that only its values can show one."""
    noise = frozenset().union(*_noise().values())
    known = vocabulary() - noise
    promise = dictionary().promise
    parts = (
        *promise.firm_parts, *promise.planned_parts, *promise.sending_parts,
        *promise.delivering_parts, *promise.other_parts,
    )  # fmt: skip
    return (
        known.isdisjoint(header.words)
        and not names_another_thing(header)
        and not any(part in header.folded for part in parts)
    )
