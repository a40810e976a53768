"""Bounds that every value of a pack or a settings file must keep, whatever it is for."""

import math
import re

_MOST, _LEAST = 10**9, 1e-9
_SPAN = re.compile(r"(\d+) (second|minute|hour|day)s?")
_PER_DAY = {"second": 86_400, "minute": 1_440, "hour": 24, "day": 1}
_MOST_DAYS = 3_660
_NOT_NOTHING = ("again_every", "window")
"""Spans that must not be zero: a clock would strike for ever, a window contain nothing."""


def fault(value: object, name: str = "") -> str | None:
    """Return the error of a TOML value, or of one inside it; None if there is none.

    Numbers are finite and of a size that some clause could state, texts hold no NUL.
    """
    if isinstance(value, dict):
        faults = (
            fault(inner, f"{name}.{key}" if name else str(key)) for key, inner in value.items()
        )
        return next(filter(None, faults), None)
    if isinstance(value, list):
        return next(filter(None, (fault(inner, name) for inner in value)), None)
    # A bool is an int, too, and passes as 0 or 1.
    if isinstance(value, int | float):
        return _of_number(value, name)
    return _of_text(value, name) if isinstance(value, str) else None


def _of_number(value: float, name: str) -> str | None:
    if not math.isfinite(value):
        return f"{name}: {value} is no number that a clause can state"
    if abs(value) > _MOST or 0 < abs(value) < _LEAST:
        return f"{name}: {str(value)[:40]} is beyond all numbers that a clause states"
    return None


def _of_text(value: str, name: str) -> str | None:
    if "\0" in value:
        return f"{name}: it holds a NUL"
    match = _SPAN.fullmatch(value)
    if match is None:
        return None
    # The number of digits first: Python refuses to convert thousands of digits to a number.
    digits = match[1].lstrip("0")
    if len(digits) > len(str(_MOST)) or int(digits or 0) / _PER_DAY[match[2]] > _MOST_DAYS:
        return f"{name}: {value[:40]} is longer than {_MOST_DAYS:,} days"
    if not digits and name.rpartition(".")[2] in _NOT_NOTHING:
        return f"{name}: {value[:40]} is no time at all"
    return None
