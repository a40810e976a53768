"""The log of a run by ``--log json``: on standard error, one JSON object a line.

It holds no personal data and no secret: its fields are what reports show, too.
"""

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from merchantwatch.support.harmless import harmless, in_json

_STDERR = 2

_began: float | None = None
"""When the log began, by the monotonic clock; None where there is no log."""


def begin() -> None:
    """Start the log, and turn warnings of libraries into its events, so that each line is JSON."""
    global _began  # noqa: PLW0603  one process, one standard error
    if _began is None:
        _began = time.monotonic()
        _hear_libraries()


def is_on() -> bool:
    """Say whether there is a log."""
    return _began is not None


def event(name: str, **fields: Any) -> None:
    """Log an event, if the log is on. It never raises, even if standard error is closed."""
    if _began is None:
        return
    import msgspec

    record = {"time": _now(), "event": name, **_shown(fields)}
    data = in_json(msgspec.json.encode(record, enc_hook=str)) + b"\n"
    with suppress(OSError):  # standard error may be full, or closed
        # os.write may write a part only, into a pipe that is nearly full.
        while data:
            data = data[os.write(_STDERR, data) :]


def _shown(value: Any) -> Any:
    """Return a field with its texts escaped: names of files may hold bytes that are no text."""
    if isinstance(value, Mapping):
        return {_shown(key): _shown(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(inner) for inner in value]
    return harmless(str(value)) if isinstance(value, str | PurePath) else value


def end(code: int) -> None:
    """Log how the run ends, as the last line."""
    if _began is not None:
        event("end", exit=code, seconds=round(time.monotonic() - _began, 3))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _hear_libraries() -> None:
    """Log which library warns, but not its message, which may hold a secret address."""
    import logging
    import warnings

    def warned(_message: object, category: type[Warning], *_where: object) -> None:
        event("library", level="warning", logger=category.__name__)

    class Library(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            event("library", level=record.levelname.lower(), logger=record.name)

    logging.getLogger().addHandler(Library(logging.WARNING))
    warnings.showwarning = warned  # type: ignore[assignment]
