"""The history for commands: opening it, and finding the run that a user names."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from merchantwatch.config import HistoryPlace
from merchantwatch.errors import UsageError
from merchantwatch.run.places import place_of
from merchantwatch.settings import Settings, resolve

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from merchantwatch.history.runs import Run
    from merchantwatch.history.store import Store


class History(Struct, frozen=True):
    """An open history."""

    settings: Settings
    place: Path | str
    store: "Store"


@contextmanager
def opened_history(config: str | None, flags: dict[str, object] | None = None) -> Iterator[History]:
    """Open the history that the settings name. Raises UsageError where there is none yet."""
    from merchantwatch.history.store import opened

    settings = resolve({**(flags or {}), "history": True}, config)
    place = place_of(settings.history or HistoryPlace())
    # Opening would create it, and show an empty history where --config was mistyped.
    if isinstance(place, Path) and not place.is_file():
        raise UsageError(
            f"{place}: no run is recorded there yet; 'merchantwatch scan … --history' records one, "
            "and --config FILE names another history",
            f"{place}：还没有任何运行记录；用“merchantwatch scan … --history”记录，"
            "或用 --config FILE 指定另一份历史",
        )
    with opened(place) as store:
        yield History(settings, place, store)


def runs_in(connection: "Connection", most: int | None = None) -> list["Run"]:
    """Return the runs of a history, the newest first. Raises UsageError where there is none."""
    from merchantwatch.history import ledger

    found = ledger.runs_of(connection, most)
    if not found:
        raise UsageError("the history holds no run yet", "历史中还没有任何运行记录")
    return found


def run_named(runs: Sequence["Run"], name: str) -> "Run":
    """Return the run that is meant: a number, ``last``, ``previous``, or a day's last one.

    Raises UsageError where there is none.
    """
    words = {"last": 0, "previous": 1}
    if name in words:
        found = runs[words[name]] if len(runs) > words[name] else None
    elif name.isdecimal():
        # Compared as text: int() refuses more than 4,300 digits with an error of its own.
        found = next((run for run in runs if str(run.id) == name.lstrip("0")), None)
    else:
        day = _day(name)
        found = next((run for run in runs if run.as_of.date() == day), None)
    if found is None:
        raise UsageError(
            f"{name[:40]}: no such run; 'merchantwatch history' lists them (from {runs[-1].id} to "
            f"{runs[0].id}), and last, previous or a day like 2026-11-21 will do",
            f"{name[:40]}：没有这次运行；“merchantwatch history”可列出（{runs[-1].id} 至 "
            f"{runs[0].id}），也可写 last、previous 或日期如 2026-11-21",
        )
    return found


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None
