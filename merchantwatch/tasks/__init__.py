"""Findings → what people do about them: tasks, in their order, with what they save."""

from merchantwatch.tasks.identity import finding_fingerprint, subject, task_fingerprint
from merchantwatch.tasks.kinds import kinds, owner_of, owners
from merchantwatch.tasks.lines import lines_of
from merchantwatch.tasks.listing import work_list
from merchantwatch.tasks.making import MOST_LINES
from merchantwatch.tasks.ranked import Ranked, Tables, ranked_of
from merchantwatch.tasks.records import GRAVE, SOON, Effect, Moment, Soon, Task, Totals, WorkList

__all__ = [
    "GRAVE",
    "MOST_LINES",
    "SOON",
    "Effect",
    "Moment",
    "Ranked",
    "Soon",
    "Tables",
    "Task",
    "Totals",
    "WorkList",
    "finding_fingerprint",
    "kinds",
    "lines_of",
    "owner_of",
    "owners",
    "ranked_of",
    "subject",
    "task_fingerprint",
    "work_list",
]
