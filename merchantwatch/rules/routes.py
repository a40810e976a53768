"""Routes: how each platform classifies the way of a parcel by its two provinces, as facts."""

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import msgspec

from merchantwatch.language.text import Text
from merchantwatch.rules.terms import Source

FILE = Path(__file__).with_name("routes.toml")

ENDS = ("province", "sender_province")
"""Where a parcel goes, and where it comes from."""

MEANING = Text(
    zh="寄往何处：within（同省或同一区域）、between（跨省）、far（任一端在偏远地区）、outside（条款不适用）；"
    "收货省份未知按 far，寄出省份未知按 between",
    en="within one province or area, between two, far where either end is remote, outside of what "
    "the clause is about; an unknown destination is far, an unknown origin is between",
)


class Route(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a platform classifies the routes of parcels, and the source of that."""

    fact: str
    areas: list[list[str]]
    far: list[str]
    source: Source
    outside: list[str] = []

    @property
    def sql(self) -> str:
        """The SQL of the class of a line's route.

        Where an end is unknown it is the class with the longest limit that may apply.
        """
        receiver, sender = ENDS
        arms = [
            *([(_in(receiver, self.outside), "outside")] if self.outside else []),
            (f"{_in(receiver, self.far)} or {_in(sender, self.far)}", "far"),
            # Before the comparison, which is null for an unknown end and would end in 'between'.
            (f"{receiver} is null", "far"),
            (f"{sender} is null", "between"),
            # One column may say 浙江, the other 浙江省杭州市.
            (f"contains({receiver}, {sender}) or contains({sender}, {receiver})", "within"),
            *((f"({_in(receiver, a)}) and ({_in(sender, a)})", "within") for a in self.areas),
        ]
        arms_sql = " ".join(f"when {test} then '{way}'" for test, way in arms)
        return f"case {arms_sql} else 'between' end"


class _Routes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    provinces: list[str]
    route: list[Route]


def _in(field: str, provinces: Sequence[str]) -> str:
    return " or ".join(f"{field} like '%{name}%'" for name in provinces)


@cache
def _file() -> _Routes:
    return msgspec.convert(tomllib.loads(FILE.read_text(encoding="utf-8")), _Routes)


def routes() -> Iterator[Route]:
    """Yield the routes of all platforms."""
    yield from _file().route


def province_named(text: str) -> str | None:
    """Return the province that a text names, as 浙江 of 浙江省杭州市; None where it names none."""
    return next((name for name in _file().provinces if name in text), None)
