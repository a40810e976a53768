"""What the values of a column look like: times, ids, money, words, or personal data."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache, cached_property

from msgspec import Struct

from merchantwatch.mapping.moments import Moments, may_be_moment, moment, moments
from merchantwatch.reading.moments import nothing

_ID = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9_-]{7,63}")
_WHOLE = re.compile(r"-?\d+(?:\.0+)?")
_CURRENCY = r"(?:[A-Z]{1,3}\$?|[¥￥$€£₩฿₫₱]|元)"
_MONEY = re.compile(rf"{_CURRENCY}? ?-?\d[\d,.]* ?{_CURRENCY}?")
_DECIMALS = re.compile(rf"{_CURRENCY}.*|.*[.,]\d{{1,4}}|.*{_CURRENCY}")
_DIGIT = re.compile(r".*\d.*", re.DOTALL)
_PHONE = re.compile(
    r"(?:\+?86[- ]?)?1[3-9]\d[\d*]{4}\d{4}(?:[-转]\d+)?|\+?\d{1,3}[ -]\(?\d{2,4}\)?[ -][\d -]{5,}"
)
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LONG_NUMBER = re.compile(r"\d{8,}")
_NO_WORD = re.compile(r".*(?:\d{6}|[@\n]).*", re.DOTALL)

NEARLY_ALL = 0.95
"""What is true of this share of a column's filled cells counts as true of the column."""

MOST_WORDS = 30
"""A column with more different values than this is no column of words."""

_LONGEST_WORD = 40
_SHARE_OF_PERSONAL = 0.3
_MOST_EMPTY_WORDS = 2
_LEAST_MOMENTS = 0.2


class Shape(Struct, frozen=True, dict=True):
    """One column of a sample, None where a cell is empty, and the properties of its values."""

    cells: Sequence[str | None]

    @cached_property
    def filled(self) -> int:
        """How many cells are not empty."""
        return sum(cell is not None for cell in self.cells)

    @cached_property
    def counts(self) -> Counter[str]:
        """Each value and how often it occurs."""
        return Counter(cell for cell in self.cells if cell is not None)

    @cached_property
    def _read(self) -> Moments:
        return moments(self.cells)

    @property
    def moments(self) -> list[datetime | None]:
        """The cells as moments, None where a cell is none."""
        return self._read.read

    @property
    def is_undecided(self) -> bool:
        """Whether these are times of which none shows the order of day and month."""
        return self.is_time and self._read.undecided

    @property
    def shows_order(self) -> bool:
        """Whether these are times of which one shows the order of day and month."""
        return self.is_time and self._read.shown

    @cached_property
    def may_be_time(self) -> bool:
        """Whether the values are times, or could be: numbers that may also be ids."""
        possible = sum(n for value, n in self.counts.items() if may_be_moment(value))
        return self.is_time or (self.filled > 0 and possible >= NEARLY_ALL * self.filled)

    @cached_property
    def _unreadable(self) -> frozenset[str]:
        """The cells that are neither times nor known words for "no time"."""
        pairs = zip(self.cells, self.moments, strict=True)
        odd = {cell for cell, at in pairs if at is None and cell is not None}
        return frozenset(cell for cell in odd if not _nothing().fullmatch(cell.lower()))

    @cached_property
    def empty_words(self) -> tuple[str, ...]:
        """One or two words among times that seem to mean "no time"; () if there are others, too."""
        times = sum(at is not None for at in self.moments)
        are_words = all(
            len(cell) <= _LONGEST_WORD and not _DIGIT.fullmatch(cell) for cell in self._unreadable
        )
        are_few = len(self._unreadable) <= _MOST_EMPTY_WORDS
        if times and times >= _LEAST_MOMENTS * self.filled and are_words and are_few:
            return tuple(sorted(self._unreadable))
        return ()

    @property
    def is_full(self) -> bool:
        """Whether nearly every row has a value."""
        return self.filled > 0 and self.filled >= NEARLY_ALL * len(self.cells)

    @property
    def is_unique(self) -> bool:
        """Whether no value occurs twice."""
        return len(self.counts) == self.filled

    @property
    def is_nearly_unique(self) -> bool:
        """Whether few values occur twice, as those of lines do that an export repeats."""
        return len(self.counts) >= NEARLY_ALL * self.filled

    @cached_property
    def is_time(self) -> bool:
        """Whether the values are moments."""
        if not any(self.moments):
            return False
        others = sum(self.counts[cell] for cell in self._unreadable - {*self.empty_words})
        return self.filled - others >= NEARLY_ALL * self.filled

    @cached_property
    def has_digits(self) -> bool:
        """Whether nearly every value has a digit, as ids do."""
        return self._nearly_all_match(_DIGIT)

    @property
    def may_be_ids(self) -> bool:
        """Whether the values could be ids: they have digits, or are single words that differ."""
        return self.has_digits or (
            2 * len(self.counts) > self.filled and not any(" " in value for value in self.counts)
        )

    @cached_property
    def is_id(self) -> bool:
        """Whether the values are long ids."""
        # A day such as 2026-11-21 is written like an id with hyphens.
        return self._nearly_all_match(_ID) and not self.is_time

    @cached_property
    def is_money(self) -> bool:
        """Whether the values are numbers, as amounts are written."""
        return self._nearly_all_match(_MONEY)

    @cached_property
    def has_decimals(self) -> bool:
        """Whether the values are surely amounts: they have decimals or a currency."""
        return self.is_money and self._nearly_all_match(_DECIMALS)

    @cached_property
    def is_whole(self) -> bool:
        """Whether the values are whole numbers."""
        return self._nearly_all_match(_WHOLE)

    @cached_property
    def is_words(self) -> bool:
        """Whether the values are few short words, and none of them could be a person's data."""
        return 0 < len(self.counts) <= MOST_WORDS and not any(
            len(word) > _LONGEST_WORD or _NO_WORD.fullmatch(word) or _PHONE.fullmatch(word)
            for word in self.counts
        )

    @cached_property
    def is_personal(self) -> bool:
        """Whether the values look like phone numbers or mail addresses."""
        # Far fewer than nearly all: a column left out by mistake can still be mapped by hand.
        return any(self._nearly_all_match(kind, _SHARE_OF_PERSONAL) for kind in (_PHONE, _MAIL))

    def _nearly_all_match(self, pattern: re.Pattern[str], share: float = NEARLY_ALL) -> bool:
        fitting = sum(n for value, n in self.counts.items() if pattern.fullmatch(value))
        return self.filled > 0 and fitting >= share * self.filled


def is_value(header: str) -> bool:
    """Say whether a header is a value: a long number, a moment, a phone number, a mail address."""
    patterns = (_LONG_NUMBER, _PHONE, _MAIL)
    return moment(header) is not None or any(pattern.fullmatch(header) for pattern in patterns)


@cache
def _nothing() -> re.Pattern[str]:
    return re.compile(nothing(UTC))
