"""Facts about a source's cells, collected while it is read: how columns are written, what is empty.

Which of two numbers is the day, and whether a comma is the decimal sign, is not visible in a single
cell: all cells of a column decide together, across batches. The decisions are a ``Styles``.
"""

import re
from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cache
from threading import Lock
from typing import Any

from msgspec import Struct, field

from merchantwatch.reading.amounts import (
    COMMA,
    MIXED,
    POINT,
    currencies,
    currency_of,
    evidence,
    is_plain,
    names_any,
)
from merchantwatch.reading.arrow import Cells, Encoded, flags
from merchantwatch.reading.moments import Order, shapes, shown

_BOTH: tuple[Order, Order] = ("dmy", "mdy")

_MOST_WORDS = 1 << 6
"""For a column with more words than this, a query tests for all known ones."""

_FEW_WORDS = 1 << 8
"""Up to this many words are matched in Python: Arrow compiles the pattern on each call."""


class Styles(Struct, frozen=True):
    """How the columns of a source are written, by their positions.

    ``orders`` has the order of day and month for each kind of date in a column, or "" if that is
    unknown; ``decimals`` has the decimal sign of a column's amounts.
    """

    orders: frozenset[tuple[int, str, str]] = frozenset()
    decimals: frozenset[tuple[int, str]] = frozenset()

    def order(self, index: int, kind: str) -> str:
        """Return which stands first in a column's dates of a kind."""
        return next((order for i, of, order in self.orders if (i, of) == (index, kind)), "")

    def decimal(self, index: int) -> str:
        """Return the decimal sign of a column's amounts; "" if no cell raises the question."""
        return next((style for i, style in self.decimals if i == index), "")


UNDECIDED = Styles()


class Profile(Struct):
    """Facts collected in one reading of a source.

    Given: ``nothing`` is the pattern of cells that hold no moment, ``homes`` the order of day and
    month in such an export if its cells do not show it, ``styles`` what an earlier reading has
    decided, or the settings have ``stated`` of amounts; ``columns`` is the number of columns.

    Collected, by column: ``shapes`` of times, ``emptied`` counts cells without a moment by word,
    ``assumed`` are orders that no cell has shown, ``currencies`` counts amounts by currency,
    ``examined`` are the columns of amounts, ``odd`` those that are not all plain, ``words`` the
    words of a column with few, None for one with many.
    """

    nothing: str
    homes: Mapping[str, Order] = field(default_factory=dict)
    styles: Styles = UNDECIDED
    stated: bool = False
    columns: int = 0
    shapes: set[tuple[int, str]] = field(default_factory=set)
    emptied: Counter[tuple[int, str]] = field(default_factory=Counter)
    assumed: dict[tuple[int, str], str] = field(default_factory=dict)
    dates: Counter[tuple[int, str, str]] = field(default_factory=Counter)
    amounts: Counter[tuple[int, str]] = field(default_factory=Counter)
    examined: set[int] = field(default_factory=set)
    odd: set[int] = field(default_factory=set)
    currencies: Counter[str] = field(default_factory=Counter)
    words: dict[int, frozenset[str] | None] = field(default_factory=dict)
    lock: AbstractContextManager[bool] = field(default_factory=Lock)

    def begin(self) -> None:
        """Clear what a failed attempt has collected."""
        for observed in (
            self.shapes,
            self.emptied,
            self.assumed,
            self.dates,
            self.amounts,
            self.odd,
            self.words,
        ):
            observed.clear()
        self.currencies.clear()

    @property
    def plain(self) -> frozenset[int]:
        """The columns whose amounts are all plain, as far as all cells were examined."""
        return frozenset(self.examined - self.odd)

    @property
    def pending(self) -> bool:
        """Whether a question has come up that is not decided yet."""
        settled = {(index, kind) for index, kind, _ in self.styles.orders}
        decided = {index for index, _ in self.styles.decimals}
        with self.lock:
            undecided = any((index, kind) not in settled for index, kind, _ in self.dates)
            commas = [i for (i, style), n in self.amounts.items() if n and style == COMMA]
        return undecided or any(index not in decided for index in commas)

    def add_times(self, index: int, cells: Cells) -> Cells:
        """Examine cells that are not times in full, and return which of them hold no time."""
        from pyarrow import compute

        encoded = cells.dictionary_encode()
        words = compute.utf8_lower(encoded.dictionary)
        # Several threads clean batches, so what they add to is locked.
        is_nothing: Any = _fits(words, self.nothing)
        times = _times(encoded)
        with self.lock:
            places: list[Any] = compute.indices_nonzero(is_nothing).to_pylist()
            for place in places:
                self.emptied[index, encoded.dictionary[place].as_py()] += times[place]
            self._add_shapes(index, words.filter(compute.invert(is_nothing)))
        found: Cells = is_nothing.take(encoded.indices)
        return found

    def _add_shapes(self, index: int, words: Cells) -> None:
        from pyarrow import compute

        # Shapes that the column has shown come first: the next batch is written like the last one.
        known, is_sifted = [name for i, name in self.shapes if i == index], False
        for name in dict.fromkeys([*known, *shapes()]):
            if name not in known and not is_sifted:
                words, is_sifted = words.filter(_fits(words, _any_shape())), True
            if not len(words):
                return
            shape = shapes()[name]
            fitting = _fits(words, shape.pattern)
            if not fitting.true_count:
                continue
            self.shapes.add((index, name))
            if shape.order:
                ours = words.filter(fitting)
                self.dates[index, shape.order, ""] += 1
                for order in _BOTH:
                    self.dates[index, shape.order, order] += _fits(ours, shown(order)).true_count
            words = words.filter(compute.invert(fitting))

    def add_amounts(self, index: int, cells: Cells) -> None:
        """Look for amounts that show the decimal sign of their column; each distinct cell once."""
        words = cells.unique()
        is_point_shown = self.amounts[index, POINT] > 0
        shown = evidence(words, is_point_shown=is_point_shown)
        named = dict(currencies(cells)) if names_any(words) else {}
        odd = set() if index in self.odd or is_plain(words) else {index}
        with self.lock:
            self.examined.add(index)
            self.odd |= odd
            for style, n in shown.items():
                self.amounts[index, style] += n
            self.currencies.update(named)

    def add_words(self, index: int, cells: Cells) -> None:
        """Collect the words of a column, so that queries test for no others."""
        if self.words.get(index, frozenset()) is None:
            return
        found: list[Any] = cells.unique().drop_null()[: _MOST_WORDS + 1].to_pylist()
        words = frozenset(found)
        with self.lock:
            before = self.words.get(index, frozenset())
            every = words if before is None else words | before
            self.words[index] = None if before is None or len(every) > _MOST_WORDS else every

    def add_currencies(self, cells: Cells) -> None:
        """Look at cells that name a currency and nothing else."""
        from pyarrow import compute

        with self.lock:
            counted: Any = compute.value_counts(cells.drop_null())
            for item in counted.to_pylist():
                self.currencies[currency_of(str(item["values"]))] += item["counts"]

    def decided(self) -> Styles:
        """Return the styles that all cells together show, and record what had to be assumed."""
        ambiguous = sorted({(index, kind) for index, kind, _ in self.dates})
        orders_shown = {at: self._shown_order(*at) for at in ambiguous}
        self.assumed.clear()
        orders = set()
        for (index, kind), order in orders_shown.items():
            found = order
            # No cell of the column shows it: other columns of the file decide, if they agree.
            if found is None:
                others = {o for (_, of), o in orders_shown.items() if of == kind and o}
                found = others.pop() if len(others) == 1 else "" if others else self._home(kind)
                if found:
                    self.assumed[index, kind] = found
            orders.add((index, kind, found))
        commas = [index for index, style in self.amounts if style == COMMA]
        decimals = {(i, self._style(i)) for i in commas if self.amounts[i, COMMA]}
        columns, before = {index for index, _ in ambiguous}, self.styles
        stated = {index for index, _ in before.decimals} if self.stated else set()
        decimals = {one for one in decimals if one[0] not in stated}
        amounts = {index for index, _ in decimals}
        return Styles(
            frozenset(orders | {one for one in before.orders if one[0] not in columns}),
            frozenset(decimals | {one for one in before.decimals if one[0] not in amounts}),
        )

    def _shown_order(self, index: int, kind: str) -> str | None:
        """Return the order that a column's cells show; "" where they contradict each other."""
        day, month = (self.dates[index, kind, order] for order in _BOTH)
        if day and kind.startswith("short"):
            return ""  # the number beyond twelve may as well be a year
        if day and month:
            return ""
        return "dmy" if day else "mdy" if month else None

    def _home(self, kind: str) -> str:
        shape = next(shape for shape in shapes().values() if shape.order == kind)
        return shape.home or self.homes.get(kind) or ""

    def _style(self, index: int) -> str:
        return MIXED if self.amounts[index, POINT] else COMMA


@cache
def _any_shape() -> str:
    """Return the pattern that fits any shape: most odd cells fit none."""
    return "|".join(f"(?:{shape.pattern})" for shape in shapes().values())


def _times(encoded: Encoded) -> Mapping[int, int]:
    """Return how often each word of a dictionary occurs in its column, by its index."""
    from pyarrow import compute

    counted = compute.value_counts(encoded.indices)
    places: list[Any] = counted.field("values").to_pylist()
    times: list[Any] = counted.field("counts").to_pylist()
    return dict(zip(places, times, strict=True))


def _fits(words: Cells, pattern: str) -> Any:
    """Return which words a pattern fits as a whole; for few, Arrow would take longer to read it."""
    from pyarrow import compute

    if len(words) <= _FEW_WORDS:
        fits = _compiled(pattern).fullmatch
        few: list[Any] = words.to_pylist()
        return flags([fits(word) is not None for word in few])
    return compute.match_substring_regex(words, rf"\A(?:{pattern})\z")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)
