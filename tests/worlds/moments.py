"""The moments at which a clause changes its mind, and how a file writes them."""

from datetime import datetime, timedelta

from hypothesis import strategies as st

HOUR, SECOND, DAY = timedelta(hours=1), timedelta(seconds=1), timedelta(days=1)
NUDGES = (timedelta(0), SECOND, -SECOND)
SHIFTS = tuple(
    hours * HOUR + nudge
    for hours in (0, -18, -24, -48, 24, 48, -72, -96, -216, 72)
    for nudge in NUDGES
)
UNPICKED = tuple(shift for shift in SHIFTS if 17 * HOUR < -shift < 49 * HOUR)
STYLES = ("iso", "iso", "iso", "minutes", "excel", "excel seconds")


def around(at: datetime) -> st.SearchStrategy[datetime]:
    """Moments around one."""
    return st.sampled_from([at + shift for shift in SHIFTS])


def ago(as_of: datetime, *spans: timedelta) -> st.SearchStrategy[datetime]:
    """So long ago, a second more, a second less; a negative span lies ahead."""
    return st.sampled_from([as_of - span + nudge for span in spans for nudge in NUDGES])


def nights(as_of: datetime) -> st.SearchStrategy[datetime]:
    """The edges of the night before as-of's day."""
    day = as_of.replace(hour=0, minute=0, second=0) - DAY
    return st.sampled_from([day - SECOND, day, day + 6 * HOUR - SECOND, day + 6 * HOUR])


def spelt_time(at: datetime, style: str = "iso") -> str:
    """A time as Douyin writes it, or as Excel leaves it."""
    if style == "iso":
        return f"{at:%Y-%m-%d %H:%M:%S}"
    if style == "minutes":
        return f"{at:%Y-%m-%d %H:%M}"
    seconds = f":{at:%S}" if style == "excel seconds" else ""
    return f"{at.year}/{at.month}/{at.day} {at.hour}:{at:%M}{seconds}"
