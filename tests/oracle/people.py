"""Who bought, receives and sells, counted across lines: DY320, DY502, TT604, IR119, IR125, IR126."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from oracle.cells import text
from oracle.clause import DAY
from oracle.files import Cells
from oracle.lines import SOMETIME, Case, Line, Person

WAYS = {"phone": ("收件人", "收件人手机号"), "address": ("收件人", "详细地址")}
"""The cells that identify Douyin's receivers, the surest first."""
HIDDEN = re.compile(r"\*|^[#$~]|^[0-9]{7,}-[0-9]+$")
"""Masked, encrypted, or a number that the platform lends for one parcel: it may be anybody's."""
MADE_OF = {
    "tracking_no_receivers_30d": {"receiver_key", "tracking_no", "shipped_at"},
    "buyer_cases_90d": {"buyer_key", "cases_of_line"},
}
"""Without what cannot be counted."""


class Shipment(NamedTuple):
    """One line on its way: when it was shipped, of which order, and to whom if that is known."""

    at: datetime
    order: str
    to: Person | None


def named(cells: Cells, *headers: str) -> tuple[str, ...] | None:
    """What stands in these cells, unless one of them does not tell."""
    parts = ["".join((text(cells, header) or "").strip("'").split()) for header in headers]
    whole = [dialled(cell.lower()) for cell in parts if cell and not HIDDEN.search(cell)]
    return tuple(whole) if len(whole) == len(headers) else None


def dialled(cell: str) -> str:
    """A telephone number by its digits, without the country's code; anything else as it stands."""
    digits = re.sub(r"\.0$|[^0-9]", "", cell)
    if len(digits) < 7 or re.search(r"[^0-9+(). -]", cell):
        return cell
    return re.sub("^(00)?86(?=1[0-9]{10}$)", "", digits)


def receiver(cells: Cells) -> Person | None:
    """A receiver of Douyin."""
    for way, headers in WAYS.items():
        found = named(cells, *headers)
        if found is not None:
            return way, *found
    return None


def someone(cells: Cells, header: str) -> Person | None:
    """Somebody whom a mapped column names."""
    found = named(cells, header)
    return found and (header, *found)


def with_people(
    lines: Sequence[Line], cases: Sequence[Sequence[Case]], as_of: datetime
) -> list[Line]:
    """Lines with what follows from all of them together; `cases` are those of each line."""
    shipments: dict[str, list[Shipment]] = defaultdict(list)
    for line in lines:
        if line.tracking_no and line.shipped_at not in (None, SOMETIME):
            one = Shipment(line.shipped_at, line.order_id or line.line_id, line.receiver)
            shipments[line.tracking_no].append(one)
    recent_cases: dict[Person, set[str]] = defaultdict(set)
    for line, its_cases in zip(lines, cases, strict=True):
        applied = {case.case_id: case.case_applied_at for case in its_cases}
        if line.buyer:
            recent_cases[line.buyer] |= {
                n for n, at in applied.items() if at and at >= as_of - 90 * DAY
            }
    orders: dict[str, list[str | None]] = defaultdict(list)
    for line in lines:
        if "order_id" in line.carried:
            orders[line.order_id or line.line_id].append(line.shop)
    return [
        replace(
            of_its_order(line, orders),
            tracking_no_receivers_30d=receivers(line, shipments),
            buyer_cases_90d=len(recent_cases[line.buyer]) if line.buyer else None,
            carried=line.carried | {n for n, parts in MADE_OF.items() if parts <= line.carried},
        )
        for line in lines
    ]


def of_its_order(line: Line, orders: dict[str, list[str | None]]) -> Line:
    """A line with the pieces and the sellers of its order: by a column, else by its lines, where these tell them."""
    sellers = orders[line.order_id or line.line_id]
    counted = max(1, len({one for one in sellers if one}))
    is_known = {"order_id", "shop"} <= line.carried
    return replace(
        line,
        pieces_of_order=line.pieces_of_order or max(1, line.quantity or 0, len(sellers)),
        sellers_of_order=line.sellers_of_order or (counted if is_known else None),
    )


def receivers(line: Line, shipments: dict[str, list[Shipment]]) -> int | None:
    """How many receivers the line's number had within 30 days before and after its shipping."""
    at = line.shipped_at
    if not line.tracking_no or at in (None, SOMETIME):
        return 0
    near = [one for one in shipments[line.tracking_no] if abs(one.at - at) <= 30 * DAY]
    if len({one.order for one in near}) == 1:
        return 1
    return distinct({one.to for one in near})


def distinct(people: Iterable[Person | None]) -> int | None:
    """How many people these are: who is named in different ways, or by nothing, may be one.

    So there are at least as many as one way tells apart, and that is enough if they are several.
    """
    ways: dict[str, set[Person]] = defaultdict(set)
    for person in people:
        ways["" if person is None else person[0]].add(person or ())
    if len(ways) == 1 and "" not in ways:
        return len(next(iter(ways.values())))
    most = max((len(found) for way, found in ways.items() if way), default=0)
    return most if most > 1 else None
