"""When a file was exported: by its name, else by its modification time."""

import re
from datetime import UTC, datetime, tzinfo

from merchantwatch.formats import Format
from merchantwatch.reading.inputs import FoundFile

_DAY = r"(20\d\d)[-_.年]?(0[1-9]|1[0-2])[-_.月]?(0[1-9]|[12]\d|3[01])日?"
_CLOCK = r"([01]\d|2[0-3])[-_:.时]?([0-5]\d)(?:[-_:.分]?([0-5]\d))?(?:\d{3})?"
# Not a day and the next one, as names of periods have: 2026-11-01_2026-11-20.
_MOMENT = re.compile(rf"(?<!\d){_DAY}(?!\D{{0,3}}{_DAY})[-_ T.]?{_CLOCK}(?!\d)")


def exported_at(
    file: FoundFile | None, form: Format, tz: tzinfo
) -> tuple[datetime | None, str | None]:
    """Return the time of an export, as wall-clock time, and what states it."""
    if file is None or not file.timed:
        return None, None
    name = file.path.name
    named = form.file_time.read(name, tz) if form.file_time else None
    named = named or moment_in(name)
    if named is not None:
        return named, "file name"
    if file.zipped_at is not None:
        # The member's own time: that of the zip is when it was packed.
        return file.zipped_at, "modification time"
    modified = file.modified or int((file.packed or file.path).stat().st_mtime)
    return _wall_clock(modified, tz), "modification time"


def moment_in(name: str) -> datetime | None:
    """Return the one moment, to the minute at least, that a name states; None if it states more.

    A day alone does not tell which of two exports is newer.
    """
    stated = {_iso(found) for found in _MOMENT.finditer(name)}
    if len(stated) != 1:
        return None
    try:
        return datetime.fromisoformat(stated.pop())
    except ValueError:  # such as 30 February
        return None


def _iso(found: re.Match[str]) -> str:
    return f"{found[1]}-{found[2]}-{found[3]} {found[7]}:{found[8]}:{found[9] or '00'}"


def _wall_clock(seconds: int, tz: tzinfo) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).astimezone(tz).replace(tzinfo=None)
