"""Counts over all lines, late days and carriers, for JSON."""

from merchantwatch.results.measures import Carrier, LateDay

_OF_CARRIER = (
    *("platform", "shop", "carrier", "warehouse", "lines", "unscanned", "scanned_late"),
    *("trace_timeouts", "other_lines", "verdict"),
)


def late_day(day: LateDay) -> dict[str, object]:
    """Return a day of a shop."""
    values = {name: getattr(day, name) for name in ("platform", "shop", "lines", "late")}
    return values | {"day": day.day.isoformat()}


def carrier(one: Carrier) -> dict[str, object]:
    """Return how a carrier compares with the others."""
    values = {name: getattr(one, name) for name in _OF_CARRIER}
    shares = {name: float(getattr(one, name)) for name in ("share", "low", "high")}
    other = None if one.other_share is None else float(one.other_share)
    return values | shares | {"other_share": other}
