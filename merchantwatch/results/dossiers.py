"""A dossier of one line, as plain typed records: the timeline, the clauses, the evidence."""

from dataclasses import dataclass
from datetime import datetime

from merchantwatch.language.text import Text
from merchantwatch.results.records import Evidence


@dataclass(frozen=True)
class Event:
    """Something that happened, or was due; ``place`` is from 0 to 1 on the timeline."""

    at: datetime
    text: Text
    due: bool
    place: float


@dataclass(frozen=True)
class Clause:
    """A rule that this line has broken or is near to: its clause, the source, and the reason."""

    code: str
    title: Text
    broken: bool
    clause: str
    where: str
    confidence: str
    due_at: datetime | None
    reason: Text
    action: Text


@dataclass(frozen=True)
class Dossier:
    """One line, with what one attaches to an appeal."""

    line_id: str
    order_id: str | None
    product: str
    amount: str
    tracking_no: str | None
    carrier: str | None
    as_of: datetime
    tz: str
    events: tuple[Event, ...]
    clauses: tuple[Clause, ...]
    evidence: Evidence | None
