"""The fields that a header may name, and the confidence of each."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache
from typing import NamedTuple

from merchantwatch.fields import CASE_FIELDS, FIELDS, Kind
from merchantwatch.mapping.dictionary import dictionary, names, names_of_cases
from merchantwatch.mapping.spelling import common_prefixes, folded, parted, split

KNOWN, SOMETIMES, SIMILAR, WITHIN = 4, 3, 2, 1
"""How a header fits a name: equal; equal, but it may mean something else; spelled similarly; the
name is a part of it."""

_NEARLY = 0.86
"""Two names, or long words, with at least this similarity count as spellings of the same."""

_LONG_WORD = 5
"""A shorter word never counts as a misspelling of another."""

_SHORTEST = 3
"""A shorter Chinese name within a header is ignored."""

_NOISE = {Kind.TIME: "time", Kind.ID: "id", Kind.MONEY: "money", Kind.NUMBER: "number",
          Kind.TEXT: "text", Kind.WORD: "word", Kind.FLAG: "flag"}  # fmt: skip


class Header(NamedTuple):
    """A header: as written, folded, and as the words that carry its meaning.

    ``all_words`` includes those that only name a table or a platform.
    """

    text: str
    folded: str
    words: tuple[str, ...]
    all_words: tuple[str, ...]


@dataclass(frozen=True)
class Fit:
    """A field that a header may name.

    ``how`` says how well it fits; ``name`` is the matching name, ``place`` its position in the list
    of names, and ``part`` the share of the header that it covers.
    """

    field: str
    how: int
    name: str
    place: int
    part: float = 1.0


def read_headers(texts: Iterable[str]) -> dict[str, Header]:
    """Return the headers of a file, without prefixes that only name a table or a platform."""
    listed = list(texts)
    prefixes = common_prefixes(listed) - {"id"}
    return {text: _read(text, prefixes) for text in listed}


def _read(text: str, prefixes: frozenset[str]) -> Header:
    known = vocabulary()
    every = tuple(part for word in split(text) for part in parted(word, known))
    words = list(every)
    while len(words) > 1 and (words[0] in prefixes or words[0] in dictionary().noise.platforms):
        words.pop(0)
    return Header(text, folded(text), tuple(words), every)


@cache
def vocabulary() -> frozenset[str]:
    """Return all words that occur in names, or that give a name another meaning."""
    listed = dictionary()
    tables = (names(), names_of_cases(), listed.sometimes)
    named = (name for table in tables for some in table.values() for name in some)
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
    """The names of all fields, found by their letters and by their words."""

    def __init__(
        self, table: Mapping[str, Iterable[str]], others: Mapping[str, Iterable[str]]
    ) -> None:
        self.by_letters: dict[str, list[Fit]] = defaultdict(list)
        self.by_core: dict[tuple[Kind, frozenset[str]], list[Fit]] = defaultdict(list)
        self.by_words: dict[tuple[str, ...], list[Fit]] = defaultdict(list)
        self.wide: list[tuple[str, Fit]] = []
        for how, some in ((KNOWN, table), (SOMETIMES, others)):
            for field, listed in some.items():
                for place, name in enumerate(listed):
                    self._add(Fit(field, how, name, place))

    def _add(self, fit: Fit) -> None:
        name, kind = folded(fit.name), FIELDS[fit.field].kind
        words = tuple(part for word in split(fit.name) for part in word.split())
        self.by_letters[name].append(fit)
        self.by_core[kind, core(words, kind)].append(fit)
        if fit.how == KNOWN and len(words) > 1:
            self.by_words[words].append(fit)
        if fit.how == KNOWN and not name.isascii():
            self.wide.append((name, fit))


@cache
def _index(of_cases: bool) -> _Index:
    if of_cases:
        general = {
            name: some
            for name, some in names().items()
            if name in ("order_id", "case_id", "tracking_no", "shop")
        }
        return _Index(general | names_of_cases(), {})
    return _Index(names(), dictionary().sometimes)


def core(words: Iterable[str], kind: Kind) -> frozenset[str]:
    """Return the words of a name that distinguish it from others of its kind."""
    containers = dictionary().noise.containers
    single = (word.removesuffix("s") if word in containers else word for word in words)
    distinctive = frozenset(single) - _noise()[kind]
    rest = distinctive - frozenset(containers)
    # A quantity is always a line's, so "line" or "item" in its name says nothing; in another name
    # such a word is all that distinguishes a line's id from an order's.
    return rest if kind is Kind.NUMBER or rest - _noise()[Kind.ID] else distinctive


def fits(header: Header, *, of_cases: bool = False) -> Iterator[Fit]:
    """Yield the fields that a header may name, each with its best fit."""
    index = _index(of_cases)
    best: dict[str, Fit] = {}
    for fit in (*_by_letters(header, index), *_by_core(header, index), *_roughly(header, index)):
        held = best.get(fit.field)
        if held is None or (fit.how, fit.part, -fit.place) > (held.how, held.part, -held.place):
            best[fit.field] = fit
    yield from best.values()


def _by_letters(header: Header, index: _Index) -> Iterator[Fit]:
    yield from index.by_letters.get(header.folded, ())
    yield from index.by_letters.get("".join(header.words), ())


def _by_core(header: Header, index: _Index) -> Iterator[Fit]:
    """Yield names with the same words apart from noise; less sure if the header is ambiguous."""
    exact = index.by_letters.get(header.folded, ())
    is_vague = header.folded in _ambiguous() or any(fit.how == SOMETIMES for fit in exact)
    for kind in Kind:
        words = core(header.words, kind)
        named = bool(_noise()[kind] & set(header.words))
        if not words and not (kind in (Kind.TIME, Kind.NUMBER) and named):
            continue
        for fit in index.by_core.get((kind, words), ()):
            spelled = bool(_noise()[kind] & set(split(fit.name)))
            # If the name says that it is an id, an amount or a number, the header must say so, too.
            if (named or not spelled or kind is Kind.TIME) and not _is_of_parcel(fit, header):
                yield replace(fit, how=min(fit.how, SOMETIMES)) if is_vague else fit


@cache
def _ambiguous() -> frozenset[str]:
    return frozenset(map(folded, dictionary().ambiguous.names))


def _is_of_parcel(fit: Fit, header: Header) -> bool:
    """Say whether the creation is that of a parcel, and not of the order."""
    promise = dictionary().promise
    return fit.field == "created_at" and not set(header.words).isdisjoint(
        (*promise.sending, *promise.delivering)
    )


def _roughly(header: Header, index: _Index) -> Iterator[Fit]:
    """Yield names that a header contains or nearly equals; none of a case."""
    if is_of_another_thing(header):
        return
    found = [*_within(header, index), *_similar(header, index)]
    # A planned time resembles the name of its event ("planned shipping time") and is none.
    yet_to_come = is_yet_to_come(header)
    for fit in found:
        kind = FIELDS[fit.field].kind
        is_plain = fit.field not in CASE_FIELDS and kind is not Kind.FLAG
        if is_plain and not (kind is Kind.TIME and yet_to_come):
            yield fit


def _within(header: Header, index: _Index) -> Iterator[Fit]:
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


def is_of_another_thing(header: Header) -> bool:
    """Say whether a header is about something that no field holds, whatever else it says."""
    other = dictionary().other_things
    return not set(header.words).isdisjoint(other.words) or any(
        part in header.folded for part in other.parts
    )


def is_yet_to_come(header: Header) -> bool:
    """Say whether a header names a planned time, not an event."""
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
        and not is_of_another_thing(header)
        and not any(part in header.folded for part in parts)
    )
