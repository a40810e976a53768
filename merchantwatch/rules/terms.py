"""The types that the fields of a rule are made of: spans, scopes, severities, limits, sources."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from merchantwatch.language.text import Text

Severity = Literal["low", "medium", "high", "critical"]
Scope = Literal["line", "order", "product", "shop", "product-day", "shop-day", "shop-month"]
Confidence = Literal["official", "reprinted", "seed", "assumed", "measured"]

TaskKind = Literal[
    "ship",
    "hand-over",
    "chase-carrier",
    "answer",
    "confirm-return",
    "evidence",
    "appeal",
    "refund",
    "restock",
    "hold-sale",
    "review",
]
"""What a rule asks somebody to do; ``tasks/kinds.toml`` says in words what each is."""

SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")
"""From the mildest to the most severe."""

_SPAN = re.compile(r"(\d+) (second|minute|hour|day)s?")

Days = Annotated[str, Meta(pattern=r"^\d+ of \d+$")]
Code = Annotated[str, Meta(pattern="^[A-Z]+[0-9]+$", max_length=20)]
Name = Annotated[str, Meta(pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]
Predicate = Annotated[str, Meta(min_length=1, max_length=4000)]
Span = Annotated[str, Meta(pattern=f"^{_SPAN.pattern}$")]
Share = Annotated[float, Meta(gt=0, lt=1)]
Grade = tuple[Span, Share]
"""The share of risk from this long after the deadline on."""


def span_sql(span: str) -> str:
    """Return ``24 hours`` as the SQL interval of the pipeline's dialect."""
    match = _SPAN.fullmatch(span)
    if match is None:
        raise ValueError(f"{span!r} is no span of time, write it like '24 hours'")
    return f"interval '{match[1]}' {match[2]}"


def span_of(span: str) -> timedelta:
    """Return ``24 hours`` as a length of time."""
    number, unit = span.split()
    # A timedelta is made of plurals alone: 1 hour is hours=1.
    return timedelta(**{unit.rstrip("s") + "s": int(number)})


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a number comes from: the clause, where it was read, and how sure it is.

    ``beside`` says what the platform's present rule is, where the clause differs from it.
    """

    clause: str
    where: str
    confidence: Confidence
    beside: Text | None = None

    @property
    def place(self) -> Text:
        """Where it was read, followed by the platform's present rule if that differs."""
        if self.beside is None:
            return Text(zh=self.where, en=self.where)
        return Text(zh=f"{self.where}；{self.beside.zh}", en=f"{self.where}; {self.beside.en}")


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The limit of a scope's hits: a number, a share, or both, and where the warning starts."""

    at_least: Annotated[int, Meta(ge=1)] | None = None
    more_than: Annotated[int, Meta(ge=0)] | None = None
    near: Annotated[int, Meta(ge=1)] | None = None
    share_at_least: Decimal | None = None
    share_more_than: Decimal | None = None
    share_near: Decimal | None = None
    min_volume: Annotated[int, Meta(ge=1)] | None = None

    @property
    def counts(self) -> bool:
        """Whether a number of hits is a limit."""
        return self.at_least is not None or self.more_than is not None

    @property
    def share(self) -> Decimal | None:
        """The share of hits that is a limit."""
        return self.share_more_than if self.share_at_least is None else self.share_at_least

    @property
    def limit_faults(self) -> dict[str, bool]:
        """The possible contradictions in a limit, each with whether it is present."""
        return {
            "at_least and more_than exclude each other": self.at_least is not None
            and self.more_than is not None,
            "share_at_least and share_more_than exclude each other": self.share_at_least is not None
            and self.share_more_than is not None,
            "a share lies between 0 and 1": any(
                share is not None and not 0 < share < 1
                for share in (self.share_at_least, self.share_more_than, self.share_near)
            ),
        }


LIMITS: tuple[str, ...] = tuple(Limits.__struct_fields__)
"""The fields of a limit."""


class Counted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many hits of a scope count on one day, and in one week from Monday on, at most."""

    a_day: Annotated[int, Meta(ge=1)]
    a_week: Annotated[int, Meta(ge=1)]
