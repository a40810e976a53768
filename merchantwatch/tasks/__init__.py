"""Findings → what people do about them: tasks, in their order, with what they save."""

from merchantwatch.tasks.kinds import kinds, owner_of, owners
from merchantwatch.tasks.lines import Row, lines_of, rows_of
from merchantwatch.tasks.records import Effect, Moment, Task, Totals, WorkList
from merchantwatch.tasks.work_list import work_list

__all__ = [
    "Effect",
    "Moment",
    "Row",
    "Task",
    "Totals",
    "WorkList",
    "kinds",
    "lines_of",
    "owner_of",
    "owners",
    "rows_of",
    "work_list",
]
