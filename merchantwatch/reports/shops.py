"""Shops as people call them, and what each has to do."""

from functools import cache
from pathlib import Path

import msgspec

from merchantwatch.language.text import Text
from merchantwatch.results.model import Results

Shop = tuple[str, str | None]
"""A platform and the name of a shop; None where no export names it."""


@cache
def platforms() -> dict[str, Text]:
    """Return how platforms are called, by their codes."""
    data = Path(__file__).with_name("platforms.toml").read_bytes()
    return msgspec.toml.decode(data, type=dict[str, Text])


def shop_name(platform: str, shop: str | None) -> Text:
    """Return a shop by its platform and its name: ``抖店 sampleBB``."""
    of = platforms().get(platform, Text.same(platform))
    return Text(zh=f"{of.zh} {shop}", en=f"{of.en} {shop}") if shop else of


def by_shop(results: Results) -> list[tuple[Shop, Text, int]]:
    """Return how many tasks each shop has, most first; nothing where there is one shop alone."""
    counts = results.work.totals.by_shop
    # It would repeat the total.
    if len(counts) == 1:
        return []
    return [(shop, shop_name(*shop), n) for shop, n in counts.items()]
