"""Findings → what people do about them: tasks, in their order, with what they save."""

from merchantwatch.tasks.identity import finding_fingerprint, subject, task_fingerprint
from merchantwatch.tasks.kinds import kinds, kinds_of, owner_of, owners
from merchantwatch.tasks.lines import lines_of
from merchantwatch.tasks.listing import Ranking, work_list
from merchantwatch.tasks.of_findings import ScopeFacts
from merchantwatch.tasks.ranked import Ranked, Tables, ranked_of
from merchantwatch.tasks.records import (
    MOST_LINES,
    SEVERE,
    SOON,
    Effect,
    Moment,
    Soon,
    SuppressedTask,
    Task,
    Totals,
    WorkList,
)
from merchantwatch.tasks.suppressed import suppressed_tasks

__all__ = [
    "MOST_LINES",
    "SEVERE",
    "SOON",
    "Effect",
    "Moment",
    "Ranked",
    "Ranking",
    "ScopeFacts",
    "Soon",
    "SuppressedTask",
    "Tables",
    "Task",
    "Totals",
    "WorkList",
    "finding_fingerprint",
    "kinds",
    "kinds_of",
    "lines_of",
    "owner_of",
    "owners",
    "ranked_of",
    "subject",
    "suppressed_tasks",
    "task_fingerprint",
    "work_list",
]
