"""When tasks are due in the next three days, by hour and by kind: a picture drawn at write time."""

from collections import Counter
from datetime import datetime, timedelta

from markupsafe import Markup
from msgspec import Struct

from merchantwatch.language.text import Text
from merchantwatch.reports.html.pictures import bars
from merchantwatch.results.model import Results
from merchantwatch.tasks import kinds

HOURS = 72
"""The number of hours after as-of whose deadlines are shown."""

_EVERY = 6
"""How many hours lie between two that are named below the picture."""


class Deadlines(Struct, frozen=True):
    """The picture, what its colours mean, and its numbers: hour by hour, where there are any.

    ``kinds`` are titles with the number of tasks, in the order of the picture's colours.
    """

    picture: Markup
    kinds: tuple[tuple[Text, int], ...]
    hours: tuple[tuple[datetime, tuple[tuple[Text, int], ...]], ...]
    total: int


def deadlines(results: Results) -> Deadlines | None:
    """Return the deadlines within three days; None where there are none."""
    # From the full hour on, so that the first bar holds what is due within this hour.
    start = results.as_of.replace(minute=0, second=0, microsecond=0)
    until = results.as_of + timedelta(hours=HOURS)
    counts: Counter[tuple[str, datetime]] = Counter()
    for task in results.work.tasks:
        if task.due_at is not None and task.due_at <= until:
            hour = task.due_at.replace(minute=0, second=0, microsecond=0)
            counts[(task.kind, hour)] += 1
    if not counts:
        return None
    shown = [kind for kind in kinds() if any(kind == of for of, _ in counts)]
    hours = [start + timedelta(hours=n) for n in range(HOURS + 1)]
    rows = {kind: [counts[kind, hour] for hour in hours] for kind in shown}
    titles = {kind: kinds()[kind].title for kind in shown}
    return Deadlines(
        picture=_picture(hours, list(rows.values())),
        kinds=tuple((titles[kind], sum(rows[kind])) for kind in shown),
        hours=tuple(
            (hour, tuple((titles[k], n) for k in shown if (n := counts[k, hour])))
            for hour in hours
            if any(counts[k, hour] for k in shown)
        ),
        total=sum(counts.values()),
    )


def _picture(hours: list[datetime], rows: list[list[int]]) -> Markup:
    named = [f"{hour:%m-%d %H:00}" for hour in hours]
    some = [name for name, hour in zip(named, hours, strict=True) if hour.hour % _EVERY == 0]
    return bars(named, some, rows)
