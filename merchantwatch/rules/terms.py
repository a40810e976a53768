"""The small words of a rule: spans of time, scopes, severities, where a number was read."""

import re
from datetime import timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Severity = Literal["low", "medium", "high", "critical"]
Scope = Literal["line", "order", "product", "shop", "product-day", "shop-day"]
Confidence = Literal["official", "reprinted", "seed", "assumed", "measured"]

SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")
"""From the mildest to the gravest."""

_SPAN = re.compile(r"(\d+) (second|minute|hour|day)s?")

Code = Annotated[str, Meta(pattern="^[A-Z]+[0-9]+$", max_length=20)]
Name = Annotated[str, Meta(pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]
Predicate = Annotated[str, Meta(min_length=1, max_length=4000)]
Span = Annotated[str, Meta(pattern=f"^{_SPAN.pattern}$")]
Share = Annotated[float, Meta(gt=0, lt=1)]
Grade = tuple[Span, Share]
"""From this long after the deadline on, the share of risk."""


def span_sql(span: str) -> str:
    """Return ``24 hours`` as the SQL interval of the pipeline's dialect."""
    match = _SPAN.fullmatch(span)
    if match is None:
        raise ValueError(f"{span!r} is no span of time, write it like '24 hours'")
    return f"interval '{match[1]}' {match[2]}"


def span_of(span: str) -> timedelta:
    """Return ``24 hours`` as a length of time."""
    number, unit = span.split()
    return timedelta(**{unit.rstrip("s") + "s": int(number)})


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a number comes from: the clause, where it was read, and how sure it is."""

    clause: str
    where: str
    confidence: Confidence
