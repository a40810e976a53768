"""What a run has judged: the one record from which all results are fetched."""

from dataclasses import dataclass
from typing import Self

from merchantwatch.engines import Engine
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.plan import Plan
from merchantwatch.reading import Taken
from merchantwatch.results.accounting import Tally
from merchantwatch.rules import Rulebook
from merchantwatch.settings import Settings


@dataclass(frozen=True, eq=False)
class Judged:
    """The exports that were taken, judged by the rules of a book as far as its plan can.

    The engine holds the tables, the tally says how many rows of each export became what. At the
    end of a ``with`` statement the engine is closed.
    """

    engine: Engine
    settings: Settings
    book: Rulebook
    plan: Plan
    tally: Tally
    taken: Taken

    @property
    def lines(self) -> Lines:
        """What the lines are made of."""
        return self.tally.lines

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.engine.close()
