"""Small worlds of a merchant, drawn by hypothesis and written as platforms write them.

What happened to a line (its *story*) is drawn as true times and words around as-of; how an export
spells it (columns, blanks, TABs, dates re-saved by Excel, damage) is added afterwards.
"""

from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS

from worlds.douyin import frames, worlds
from worlds.ignoring import with_ignored
from worlds.mapped import mapped_frames, mapped_worlds
from worlds.union import together
from worlds.world import (
    Frame,
    World,
    shuffled,
    split,
    write_exemptions,
    write_ignored,
    write_world,
)

FRESH = "fresh"
"""The backend that draws every world anew; hypothesis by itself changes most of them only a little."""
AVAILABLE_PROVIDERS[FRESH] = "hypothesis.internal.conjecture.providers.HypothesisProvider"

__all__ = [
    "FRESH",
    "Frame",
    "World",
    "frames",
    "mapped_frames",
    "mapped_worlds",
    "shuffled",
    "split",
    "together",
    "with_ignored",
    "worlds",
    "write_exemptions",
    "write_ignored",
    "write_world",
]
