"""Findings → what people do about them: tasks, in their order, with what they save."""

from merchantwatch.tasks.kinds import kinds, owner_of, owners
from merchantwatch.tasks.lines import Line, lines_of
from merchantwatch.tasks.records import Effect, Moment, Task, Totals, WorkList
from merchantwatch.tasks.work_list import work_list

__all__ = [
    "Effect",
    "Line",
    "Moment",
    "Task",
    "Totals",
    "WorkList",
    "kinds",
    "lines_of",
    "owner_of",
    "owners",
    "work_list",
]
