"""The steps of a run: every table and view, in reading order (``steps.toml``).

A run creates only the steps that it needs:

- while exports are read, ``run/reading.py`` and ``run/identify.py`` create the first ones; which,
  and in how many parts, depends on what reading has found so far, such as repeated ids;
- after reading, one loop creates those that ``after_reading.py`` lists;
- the few after ``findings`` are created by ``results/findings.py`` and ``results/worklist.py``.
"""

from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from merchantwatch.engines import Engine
from merchantwatch.language.text import Text
from merchantwatch.pipeline.rendering import render_sql

VIEWS = frozenset({"ids_to_recheck", "current", "current_upcoming", "shown", "some_findings"})
"""The steps that are views; all others are tables."""

ADDED_TO = frozenset({"states", "relevant", "upcoming", "unsettled"})
"""The tables that are created empty, and filled while exports are read."""


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table or view: its ``.sql`` files, and what its rows are."""

    sql: tuple[str, ...]
    zh: str
    en: str
    kind: Literal["table", "view"] = "table"

    @property
    def rows(self) -> Text:
        """The meaning of a row, in both languages."""
        return Text(zh=self.zh, en=self.en)


@cache
def steps() -> dict[str, Step]:
    """Return all steps by their names, in reading order."""
    data = Path(__file__).with_suffix(".toml").read_bytes()
    return msgspec.toml.decode(data, type=dict[str, Step])


def row_count(engine: Engine, name: str) -> int:
    """Return how many rows a table or view has."""
    found: int = engine.table(render_sql("row_count", table=name)).to_pylist()[0]["rows"]
    return found


def make(engine: Engine, name: str, query: str) -> None:
    """Create a step of a run."""
    if name in VIEWS:
        engine.view(name, query)
    elif name in ADDED_TO:
        # Passes add to it, in parts of which none is the first.
        engine.empty(name, query)
    else:
        engine.create(name, query)
