"""The sheets of what has changed since the last run, and of what the last runs added up to."""

from collections.abc import Iterator

from merchantwatch.language.text import Text
from merchantwatch.reports import since
from merchantwatch.reports.sheet_tables import Row
from merchantwatch.results.model import Results
from merchantwatch.tasks import kinds

CHANGES = (
    Text(zh="变化", en="Change"),
    Text(zh="类别", en="Kind"),
    Text(zh="规则或动作", en="Rule or action"),
    Text(zh="内容", en="What"),
    Text(zh="店铺", en="Shop"),
    Text(zh="始于", en="Since"),
    Text(zh="第几次", en="Episode"),
)
_TASK, _FINDING = Text(zh="任务", en="task"), Text(zh="发现", en="finding")
_COLOURS = {"new": "amber", "worsened": "red", "resolved": "green", "gone": "", "unknown": ""}


def changes(results: Results) -> Iterator[Row]:
    """Yield the items that are new, worse, resolved or gone since the last run."""
    lang = results.lang
    for one in since.changed(results):
        cells = (
            since.STATUSES[one.status].of(lang),
            # Codes of rules are in capitals, those of tasks are not: they never meet.
            (_TASK if one.code in kinds() else _FINDING).of(lang),
            kinds()[one.code].title.of(lang) if one.code in kinds() else one.code,
            one.what.of(lang),
            one.shop,
            one.standing.since,
            one.standing.episode,
        )
        yield Row(_COLOURS[one.status], cells)


TREND = (
    Text(zh="判定时刻", en="As of"),
    Text(zh="触线", en="broken"),
    Text(zh="临近", en="near"),
    Text(zh="任务", en="tasks"),
)


def trend(results: Results) -> Iterator[Row]:
    """Yield what the last runs added up to, the oldest first."""
    for point in results.past.trend if results.past else ():
        yield Row("", (point.as_of, point.breached, point.near, point.tasks))
