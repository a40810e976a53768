"""Sources whose cells are text, CSV files and sheets: read in batches, with bad rows set aside."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

from msgspec import Struct

from merchantwatch.reading.arrow import Batch
from merchantwatch.reading.cells import Wanted
from merchantwatch.reading.profile import Profile, Styles


class BadRow(Struct, frozen=True):
    """A row that is set aside while it is read, the reason, and what may be shown of it.

    ``row`` is the number that Excel shows, ``reason`` a quarantine code; some codes mean that the
    row is no record, so that nothing is wrong with it.
    """

    row: int
    reason: str
    value: str = ""


class TextSource(ABC):
    """A source whose cells are text.

    ``bad_rows`` are known once it was read, and so are the columns of ``zeroed``, in which Excel
    has cut every long id to fifteen digits. ``first_row`` is the number of the row that follows
    the header.
    """

    label: str
    headers: tuple[str, ...]
    encoding: str | None
    encoding_from: str | None
    bad_rows: list[BadRow]
    zeroed: frozenset[int]
    styles: Styles
    profile: Profile | None
    first_row: int

    @abstractmethod
    def read_into(self, wanted: Wanted, load: Callable[[Iterator[Batch]], None]) -> None:
        """Pass the batches of the wanted columns to ``load``, until one attempt succeeds.

        Plain rows and others come in separate batches; ``source_row`` is the row number that
        Excel shows. Each attempt reads the source from its beginning, so ``load`` must leave
        nothing behind when it fails. Raises InputError when the source cannot be read.
        """
