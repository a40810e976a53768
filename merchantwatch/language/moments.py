"""Moments, lengths of time and time zones as a user writes them."""

import re
from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from merchantwatch.errors import UsageError
from merchantwatch.language.suggestions import meant

AS_OF = (datetime(1970, 1, 1), datetime(2099, 12, 31, 23, 59, 59))  # noqa: DTZ001  wall-clock time
"""Bounds of a valid as-of: years and days may be added to any time between without overflow."""

_PART = re.compile(
    r"(\d{1,6})\s*(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)(?=[\s\d]|$)\s*", re.IGNORECASE
)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def zone(name: str) -> tzinfo:
    """Return a time zone by its name. Raises UsageError for an unknown one."""
    # ValueError for a path or NUL in the name, OSError for a folder such as "Asia".
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = meant(name, ("Asia/Shanghai", "Asia/Hong_Kong", "Asia/Tokyo", "UTC"))
        raise UsageError(
            f"--tz {name}: no such time zone{hint.en}", f"--tz {name}：没有这个时区{hint.zh}"
        ) from None


def moment(value: object, tz: tzinfo) -> datetime:
    """Return a moment as wall-clock time in ``tz``, to the second; None is now.

    Takes ``YYYY-MM-DD[ HH:MM[:SS]]``, a date or a datetime, with or without a zone. Raises
    UsageError for anything else.
    """
    if value is None:
        found = datetime.now(tz)
    elif isinstance(value, datetime):
        found = value
    elif isinstance(value, date):
        found = datetime.combine(value, time())
    else:
        try:
            found = datetime.fromisoformat(str(value).strip().replace("/", "-"))
        except ValueError:
            raise UsageError(
                f'--as-of {value!r} is no moment; write it like "2026-11-21 00:00"',
                f"--as-of {value!r} 不是有效时间；请写成“2026-11-21 00:00”",
            ) from None
    try:
        if found.tzinfo is not None:
            found = found.astimezone(tz).replace(tzinfo=None)
    except OverflowError:
        # An offset would move it before year 1 or after 9999: the bounds below refuse it.
        found = datetime.min  # noqa: DTZ901  wall-clock time
    if not AS_OF[0] <= found <= AS_OF[1]:
        raise UsageError(
            f"--as-of {value}: give a moment of the years 1970 to 2099",
            f"--as-of {value}：请给出 1970 至 2099 年之间的时间",
        )
    # Exports have whole seconds: a fraction could only decide between equal ones.
    return found.replace(microsecond=0)


def duration(value: str, name: str) -> timedelta:
    """Return a length of time: ``30m``, ``1h 30m``, ``90 seconds``, ``2 days``.

    Raises UsageError, which begins with ``name``, for anything else and for none at all.
    """
    text, parts = value.strip(), list(_PART.finditer(value.strip()))
    total = timedelta()
    for part in parts:
        total += timedelta(**{_UNITS[part[2][0].lower()]: int(part[1])})
    # finditer skips what it cannot match: whatever stands between the parts is an error.
    if "".join(part[0] for part in parts) != text or not total:
        raise UsageError(
            f"{name} {value!r}: write it like 90s, 30m, 2h or 1 day",
            f"{name} {value!r}：请写成 90s、30m、2h 或 1 day",
        )
    return total
