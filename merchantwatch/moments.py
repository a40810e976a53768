"""Moments and time zones as a user writes them."""

from datetime import date, datetime, time, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from merchantwatch.errors import UsageError
from merchantwatch.suggesting import meant

AS_OF = (datetime(1970, 1, 1), datetime(2099, 12, 31, 23, 59, 59))  # noqa: DTZ001  wall-clock time
"""Between these every time is read, and can be added to."""


def zone(name: str) -> tzinfo:
    """Return a time zone by its name. Raises UsageError for an unknown one."""
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
        found = datetime.min  # noqa: DTZ901  wall-clock time
    if not AS_OF[0] <= found <= AS_OF[1]:
        raise UsageError(
            f"--as-of {value}: give a moment of the years 1970 to 2099",
            f"--as-of {value}：请给出 1970 至 2099 年之间的时间",
        )
    return found.replace(microsecond=0)
