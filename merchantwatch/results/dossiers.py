"""A dossier of one line, as plain typed records: the timeline, the clauses, the evidence."""

from datetime import datetime

from msgspec import Struct

from merchantwatch.language.text import Text
from merchantwatch.results.records import Evidence


class Event(Struct, frozen=True):
    """An event or a deadline; ``place`` is its position on the timeline, from 0 to 1."""

    at: datetime
    text: Text
    due: bool
    place: float


class Clause(Struct, frozen=True):
    """A rule that the line breaks or nears: its clause, the source, and the reason."""

    code: str
    title: Text
    broken: bool
    clause: str
    where: str
    confidence: str
    due_at: datetime | None
    reason: Text
    action: Text


class Dossier(Struct, frozen=True):
    """One line, with everything to attach to an appeal."""

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
