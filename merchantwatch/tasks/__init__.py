"""Findings → what people do about them: tasks, in their order, with what they save."""

from merchantwatch.tasks.identity import finding_fingerprint, subject, task_fingerprint
from merchantwatch.tasks.kinds import kinds, owner_of, owners
from merchantwatch.tasks.lines import Row, lines_of, rows_of
from merchantwatch.tasks.listing import work_list
from merchantwatch.tasks.records import GRAVE, SOON, Effect, Moment, Soon, Task, Totals, WorkList

__all__ = [
    "GRAVE",
    "SOON",
    "Effect",
    "Moment",
    "Row",
    "Soon",
    "Task",
    "Totals",
    "WorkList",
    "finding_fingerprint",
    "kinds",
    "lines_of",
    "owner_of",
    "owners",
    "rows_of",
    "subject",
    "task_fingerprint",
    "work_list",
]
