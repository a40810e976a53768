"""The frame of an unattended run: a log, a time limit, a lock and a heartbeat."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from merchantwatch import __version__
from merchantwatch.commands.heartbeat import beat
from merchantwatch.language.moments import duration
from merchantwatch.language.text import Text
from merchantwatch.run.places import place_of
from merchantwatch.settings import Settings
from merchantwatch.support import log
from merchantwatch.support.signals import limit_time

_TIMED_OUT = Text(
    zh="已超过 {limit}（--timeout），运行已中止",
    en="it took longer than {limit} (--timeout) and was ended",
)


@contextmanager
def attended(settings: Settings, inputs: Sequence[str]) -> Iterator[None]:
    """Give a run its log, its time limit, the lock of its history and its heartbeat.

    Raises UsageError for an invalid time limit, and LockedError where another run holds the
    history's lock: no heartbeat is sent then, since the other run sends one.
    """
    if settings.log == "json":
        log.begin()
    # Before anything is read: waiting for a slow disk or a database counts too.
    if settings.timeout:
        seconds = duration(settings.timeout, "--timeout").total_seconds()
        limit_time(seconds, _TIMED_OUT.fill(limit=settings.timeout).of(settings.lang))
    log.event(
        "start",
        version=__version__,
        as_of=settings.as_of.isoformat(),
        tz=settings.tz,
        engine=settings.engine,
        inputs=list(inputs),
        config=settings.config,
    )
    # The lock first: a run that does not start sends no heartbeat, since the other one does.
    with _alone(settings):
        if not settings.dry_run:
            beat(settings)
        yield


def _alone(settings: Settings) -> AbstractContextManager[None]:
    """Return the lock of the history, if a run writes to one."""
    if settings.history is None or settings.dry_run:
        return nullcontext()
    from merchantwatch.history.lock import locked

    return locked(place_of(settings.history))
