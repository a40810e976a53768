"""The platform of a file, by its headers or by a column that names one."""

from collections.abc import Iterable, Iterator, Mapping

from merchantwatch.fields import PLATFORMS
from merchantwatch.mapping.dictionary import dictionary
from merchantwatch.mapping.names import Header
from merchantwatch.mapping.shapes import NEARLY_ALL, Shape
from merchantwatch.mapping.spelling import folded

_OF_PLATFORMS = (
    "platform",
    "marketplace",
    "saleschannel",
    "平台",
    "平台站点",
    "来源平台",
    "订单来源",
    "平台类型",
    "店铺类型",
    "销售平台",
)
"""Names of columns that hold the platform of each row."""


def platform_of(headers: Iterable[Header], columns: Mapping[Header, Shape]) -> str | None:
    """Return the platform that a file names; None if it names none, or several."""
    listed = list(headers)
    # Values before headers: a column of platforms is meant to say it.
    platforms = set(_named_by_values(columns)) or set(_named_by_headers(listed))
    return platforms.pop() if len(platforms) == 1 else None


def known_platforms() -> frozenset[str]:
    """Return the platforms that ``--platform`` accepts."""
    return frozenset(PLATFORMS)


def _named_by_values(columns: Mapping[Header, Shape]) -> Iterator[str]:
    for header, shape in columns.items():
        if header.folded in _OF_PLATFORMS:
            for value, n in shape.counts.items():
                if n >= NEARLY_ALL * shape.filled:
                    yield from _named_in(folded(value), ())


def _named_by_headers(headers: Iterable[Header]) -> Iterator[str]:
    for header in headers:
        yield from _named_in(header.folded, header.all_words)


def _named_in(text: str, words: Iterable[str]) -> Iterator[str]:
    """Yield the platforms that a text names: long names anywhere, short ones as whole words."""
    known = known_platforms()
    for platform, names in dictionary().platforms.items():
        if platform in known and any(_occurs(folded(name), text, words) for name in names):
            yield platform


def _occurs(name: str, text: str, words: Iterable[str]) -> bool:
    # "tm" or "jd" occurs within many words; two Chinese characters hardly do.
    least = 4 if name.isascii() else 2
    return (len(name) >= least and name in text) or text == name or name in words
