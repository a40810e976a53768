"""The whole result of one run, from which every report is rendered."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from msgspec import Struct

from merchantwatch.language.text import Text
from merchantwatch.reading.arrow import Batches
from merchantwatch.results.inputs import Accounting, InputFile, Quarantined
from merchantwatch.results.measures import Carrier, LateDay
from merchantwatch.results.past import Guard, Past
from merchantwatch.results.records import (
    NOTHING_JUDGED,
    PLATFORM_ASSUMED,
    UNKNOWN_WORDS,
    Causes,
    Entry,
    Exempted,
    Finding,
    Note,
    Outcome,
    State,
    Suppressed,
)
from merchantwatch.tasks import SuppressedTask, WorkList


class View(Struct, frozen=True):
    """Options of text reports: the tasks of one ``owner``, the first ``top`` of them.

    ``workbook`` is the path of the same run's workbook. With ``new_only`` only new and worse items
    are listed.
    """

    owner: str | None = None
    top: int | None = None
    workbook: str | None = None
    new_only: bool = False


class Suppressions(Struct, frozen=True):
    """The entries of the file of suppressions, and the worst findings and first tasks suppressed.

    All suppressed findings are counted by their rules, all tasks in ``tasks_in_all``.
    """

    entries: tuple[Suppressed, ...] = ()
    findings: tuple[Finding, ...] = ()
    tasks: tuple[SuppressedTask, ...] = ()
    tasks_in_all: int = 0


class Results(Struct, frozen=True):
    """The whole result of one run.

    ``entries`` are its rules, in the order of their packs. ``read_hits`` streams the hits of one
    rule or of all; ``write_hits`` is set if the engine itself can write them, as a folder of
    Parquet files. ``guards`` say why its inputs may be wrong or incomplete; ``past`` is the
    comparison with the last run, if there is a history.

    ``read_findings`` yields all findings in the order of ``findings``, which hold the worst 10,000
    of each rule; if there are more, they are read from the engine page by page.
    """

    as_of: datetime
    tz: str
    lang: str
    engine: str
    inputs: tuple[InputFile, ...]
    accounting: Accounting
    entries: tuple[Entry, ...]
    outcomes: tuple[Outcome, ...]
    findings: tuple[Finding, ...]
    work: WorkList
    notes: tuple[Note, ...]
    quarantine: tuple[Quarantined, ...]
    newest_event: datetime | None
    stakes: Mapping[str | None, Decimal]
    penalty: Decimal | None
    causes: Causes | None
    exemptions: tuple[Exempted, ...]
    failed: tuple[Text, ...]
    skipped: tuple[Text, ...]
    read_hits: Callable[[str | None], Batches]
    read_quarantine: Callable[[], Iterator[Quarantined]]
    read_findings: Callable[[], Iterator[Finding]]
    write_hits: Callable[[Path | str], None] | None = None
    view: View = View()
    late_days: tuple[LateDay, ...] = ()
    carriers: tuple[Carrier, ...] = ()
    guards: tuple[Guard, ...] = ()
    past: Past | None = None
    suppressions: Suppressions = Suppressions()

    @property
    def suppressed(self) -> int:
        """How many findings are suppressed, also beyond those listed."""
        return sum(outcome.suppressed for outcome in self.outcomes)

    @property
    def platform_assumed(self) -> Note | None:
        """The platform whose rules judge lines that name none; None where all lines name one."""
        return next((note for note in self.notes if note.code == PLATFORM_ASSUMED), None)

    def entry(self, code: str) -> Entry | None:
        """Return the entry of a rule."""
        return next((item for item in self.entries if item.code == code), None)

    def outcome(self, code: str) -> Outcome | None:
        """Return what became of a rule."""
        return next((item for item in self.outcomes if item.code == code), None)

    @property
    def stake(self) -> Decimal | None:
        """The amounts of the lines behind breached findings; None if not of one currency."""
        if not self.total("breached"):
            return Decimal(0)
        is_one_sum = len(self.stakes) == 1 and "*" not in self.stakes
        return next(iter(self.stakes.values())) if is_one_sum else None

    @property
    def nothing_judged(self) -> Text | None:
        """Why nothing at all was judged; None if something was."""
        return next((note.text for note in self.notes if note.code == NOTHING_JUDGED), None)

    @property
    def everything_judged(self) -> bool:
        """Whether every row was understood and every rule was judged on every line."""
        # A signal may lack its fields, since it breaks no limit; an evaluated one must judge all.
        rules = [outcome for outcome in self.outcomes if not outcome.signal]
        all_judged = all(o.status != "not_evaluated" for o in rules)
        all_judged = all_judged and not any(outcome.unjudged for outcome in self.outcomes)
        open_ends = self.nothing_judged or self.failed or self.accounting.quarantined
        return all_judged and not (open_ends or self.unknown_words)

    @property
    def unknown_words(self) -> dict[str, int]:
        """The fields with words that no format knows, and in how many lines."""
        found = (note for note in self.notes if note.code.startswith(UNKNOWN_WORDS))
        fields = ((note.code.removeprefix(UNKNOWN_WORDS), note.lines) for note in found)
        return {field.replace("-", "_"): lines for field, lines in fields}

    def total(self, state: State) -> int:
        """Return how many findings are in a state, also beyond those listed."""
        breached = sum(item.breached for item in self.outcomes)
        if state == "breached":
            return breached
        return sum(item.findings for item in self.outcomes) - breached
