"""What goes in: exports, as the cells that stand in their files."""

from collections.abc import Mapping
from dataclasses import dataclass

Cells = Mapping[str, str]


@dataclass(frozen=True)
class Export:
    """One export of order lines: Douyin's order report, or by a mapping its columns are fields."""

    name: str
    headers: tuple[str, ...]
    rows: list[dict[str, str]]


@dataclass(frozen=True)
class ParcelExport:
    """One export of the parcel centre."""

    name: str
    headers: tuple[str, ...]
    rows: list[dict[str, str]]


@dataclass(frozen=True)
class CaseExport:
    """One export of after-sales cases."""

    name: str
    headers: tuple[str, ...]
    rows: list[dict[str, str]]
