"""The parcel centre: which parcels a line is in, and what became of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from oracle.cells import UnreadableError, identifier, moment
from oracle.douyin import PICK_UP
from oracle.files import Cells, ParcelExport
from oracle.lines import Line

SIGNED = "签收时间"


@dataclass
class Parcel:
    """One tracking number: the orders inside, what has been seen of it by as-of, and whether a file
    that names it has a column of deliveries; all have one of pick-ups.
    """

    orders: set[str] = field(default_factory=set)
    picked_up: list[datetime] = field(default_factory=list)
    delivered: list[datetime] = field(default_factory=list)
    tracking_no: str = ""
    tells_delivery: bool = False


Parcels = Mapping[str, Sequence[Parcel]]
"""Order id, line id, or tracking number -> its parcels."""


def read_parcels(exports: Iterable[ParcelExport], as_of: datetime) -> Parcels:
    """Rows of one tracking number are one parcel: picked up as soon as one of them says so."""
    parcels: dict[str, Parcel] = defaultdict(Parcel)
    for export in exports:
        for cells in export.rows:
            try:
                tracking, orders, picked, signed = read_row(cells)
            except UnreadableError:
                continue
            parcel = parcels[tracking]
            parcel.tracking_no = tracking
            parcel.orders |= orders
            parcel.tells_delivery |= SIGNED in export.headers
            # Masked row by row, so that a scan of tomorrow does not hide the one of yesterday.
            parcel.picked_up += [at for at in picked if at <= as_of]
            parcel.delivered += [at for at in signed if at <= as_of]
    by_order: dict[str, list[Parcel]] = defaultdict(list)
    for parcel in parcels.values():
        for order in parcel.orders:
            by_order[order].append(parcel)
    return by_order | {number: [parcel] for number, parcel in parcels.items()}


def read_row(cells: Cells) -> tuple[str, set[str], list[datetime], list[datetime]]:
    """Tracking number, the orders inside, and the pick-ups and deliveries that one row tells."""
    tracking = identifier(cells, "运单号")
    orders = identifier(cells, "订单编号")
    if tracking is None or orders is None:
        raise UnreadableError("names no parcel")
    picked = [at for at in (moment(cells, name) for name in PICK_UP) if at is not None]
    signed = [at for at in (moment(cells, SIGNED),) if at is not None]
    return tracking, {order.strip(" \t") for order in orders.split(",")}, picked, signed


def with_parcels(
    lines: Sequence[Line], exports: Sequence[ParcelExport], as_of: datetime
) -> list[Line]:
    """Lines with what their parcels tell; of one in no file nothing is known."""
    parcels = read_parcels(exports, as_of)
    numbered = {"tracking_no"} if exports else set()
    found = [with_its_parcels(line, parcels) for line in lines]
    return [replace(line, carried=line.carried | numbered) for line in found]


def with_its_parcels(line: Line, parcels: Parcels) -> Line:
    """The line with its events: its own, else the latest of its parcels once all have one.

    Its parcels are those that name it, else those that name its order, else the one whose number
    it has. Whether all are delivered is unknown where of one nothing can be known, and all others are.
    """
    keys = (line.line_id, line.order_id, line.tracking_no)
    named = next((parcels[key] for key in keys if key and key in parcels), ())
    if not named:
        return line

    undelivered = any(one.tells_delivery and not one.delivered for one in named)
    told = undelivered or all(one.tells_delivery for one in named)

    def latest(moments: Sequence[Sequence[datetime]]) -> datetime | None:
        return max(at for times in moments for at in times) if all(moments) else None

    return replace(
        line,
        picked_up_at=line.picked_up_at or latest([parcel.picked_up for parcel in named]),
        delivered_at=line.delivered_at or latest([parcel.delivered for parcel in named]),
        tracking_no=line.tracking_no or min(parcel.tracking_no for parcel in named),
        carried=line.carried | {"picked_up_at"} | ({"delivered_at"} if told else set()),
    )
