"""The look of a column's values: times, ids, money, words, or personal data."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property

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
"""A property of this share of a column's cells counts as one of the column."""

MOST_WORDS = 30
"""A column of words has no more different ones."""

_LONGEST_WORD = 40
_SOME = 0.3
_MOST_FOR_NOTHING = 2
_LEAST_MOMENTS = 0.2


@dataclass(frozen=True)
class Shape:
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
        """The cells as moments, None where one is none."""
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
        able = sum(n for value, n in self.counts.items() if may_be_moment(value))
        return self.is_time or (self.filled > 0 and able >= NEARLY_ALL * self.filled)

    @cached_property
    def _odd(self) -> frozenset[str]:
        """The cells that are neither times nor known words for "no time"."""
        pairs = zip(self.cells, self.moments, strict=True)
        odd = {cell for cell, at in pairs if at is None and cell is not None}
        return frozenset(cell for cell in odd if not _nothing().fullmatch(cell.lower()))

    @cached_property
    def for_nothing(self) -> tuple[str, ...]:
        """One or two words among times that seem to mean "no time"."""
        read = sum(at is not None for at in self.moments)
        short = all(len(cell) <= _LONGEST_WORD and not _DIGIT.fullmatch(cell) for cell in self._odd)
        is_few = len(self._odd) <= _MOST_FOR_NOTHING and read >= _LEAST_MOMENTS * self.filled
        return tuple(sorted(self._odd)) if read and short and is_few else ()

    @property
    def is_full(self) -> bool:
        """Whether nearly every row has a value."""
        return self.filled > 0 and self.filled >= NEARLY_ALL * len(self.cells)

    @property
    def is_unique(self) -> bool:
        """Whether no value stands twice."""
        return len(self.counts) == self.filled

    @property
    def is_nearly_unique(self) -> bool:
        """Whether few values stand twice, as lines do that an export repeats."""
        return len(self.counts) >= NEARLY_ALL * self.filled

    @cached_property
    def is_time(self) -> bool:
        """Whether the values are moments."""
        if not any(self.moments):
            return False
        odd = sum(self.counts[cell] for cell in self._odd - {*self.for_nothing})
        return self.filled - odd >= NEARLY_ALL * self.filled

    @cached_property
    def has_digits(self) -> bool:
        """Whether nearly every value has a digit, as ids do."""
        return self._like(_DIGIT)

    @property
    def may_be_ids(self) -> bool:
        """Whether the values could be ids: with digits, or single words that hardly repeat."""
        return self.has_digits or (
            2 * len(self.counts) > self.filled and not any(" " in value for value in self.counts)
        )

    @cached_property
    def is_id(self) -> bool:
        """Whether the values are long ids."""
        return self._like(_ID) and not self.is_time

    @cached_property
    def is_money(self) -> bool:
        """Whether the values are numbers, as amounts are written."""
        return self._like(_MONEY)

    @cached_property
    def has_decimals(self) -> bool:
        """Whether the values are amounts by their look alone."""
        return self.is_money and self._like(_DECIMALS)

    @cached_property
    def is_whole(self) -> bool:
        """Whether the values are whole numbers."""
        return self._like(_WHOLE)

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
        return self._like(_PHONE, _SOME) or self._like(_MAIL, _SOME)

    def _like(self, pattern: re.Pattern[str], share: float = NEARLY_ALL) -> bool:
        fitting = sum(n for value, n in self.counts.items() if pattern.fullmatch(value))
        return self.filled > 0 and fitting >= share * self.filled


def is_value(header: str) -> bool:
    """Say whether a header is a cell of a row: a long number, a moment, a phone or mail address."""
    patterns = (_LONG_NUMBER, _PHONE, _MAIL)
    return moment(header) is not None or any(one.fullmatch(header) for one in patterns)


@cache
def _nothing() -> re.Pattern[str]:
    return re.compile(nothing(UTC))
