"""The words of the page, as ``words.toml`` says them."""

from functools import cache
from pathlib import Path

import msgspec

from merchantwatch.language.text import Text


@cache
def words() -> dict[str, Text]:
    """Return the words of the page, by their names."""
    data = Path(__file__).with_name("words.toml").read_bytes()
    return msgspec.toml.decode(data, type=dict[str, Text])
