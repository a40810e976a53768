"""What a run does unattended: it has a log, ends in time, and is watched over."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from merchantwatch import __version__
from merchantwatch.commands.heartbeat import beat
from merchantwatch.language.moments import duration
from merchantwatch.language.text import Text
from merchantwatch.settings import Settings
from merchantwatch.support import log
from merchantwatch.support.signals import limit_time

_TIMED_OUT = Text(
    zh="已超过 {limit}（--timeout），运行已中止",
    en="it took longer than {limit} (--timeout) and was ended",
)


@contextmanager
def attended(settings: Settings, inputs: Sequence[str]) -> Iterator[None]:
    """Within it, a run is logged, has its time limit, and those who watch over it are told.

    Raises UsageError for a time limit that is none.
    """
    if settings.log == "json":
        log.begin()
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
    beat(settings)
    yield
