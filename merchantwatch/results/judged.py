"""The state of a run after judging: the record from which all results are fetched."""

from typing import Self

from msgspec import Struct

from merchantwatch.engines import Engine
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.plan import Plan
from merchantwatch.reading import Taken
from merchantwatch.results.accounting import Tally
from merchantwatch.rules import Rulebook
from merchantwatch.settings import Settings


class Judged(Struct, frozen=True, eq=False):
    """The exports of a run, judged by the rules that its plan contains.

    The engine holds the tables, the tally counts the rows of each export. A ``with`` statement
    closes the engine at its end.
    """

    engine: Engine
    settings: Settings
    book: Rulebook
    plan: Plan
    tally: Tally
    taken: Taken

    @property
    def lines(self) -> Lines:
        """The lines of the run, as queries."""
        return self.tally.lines

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        # Also after an error: temporary tables and files of the engine must not stay.
        self.engine.close()
