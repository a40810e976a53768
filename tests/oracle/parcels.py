"""The parcel centre: which parcels a line is in, and what became of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from oracle.cells import UnreadableError, identifier, moment
from oracle.douyin import PICK_UP
from oracle.files import Cells, ParcelExport
from oracle.lines import Line

SIGNED = "签收时间"


@dataclass
class Parcel:
    """One tracking number: what has been seen of it by as-of, and whether a file that names it has a
    column of deliveries; all have one of pick-ups.
    """

    picked_up: list[datetime] = field(default_factory=list)
    delivered: list[datetime] = field(default_factory=list)
    tracking_no: str = ""
    tells_delivery: bool = False


Ids = Sequence[tuple[str, str | None]]
"""The ids of the lines of the data, each with its order's; "" for a line without one."""


class Parcels:
    """The parcels of files, by what names them.

    A row names an id that is an order's, or a line's: `either`, as long as no id of the data is that
    of an order, and of another order's line as well. Where a file has such ids, all of it names lines
    if more of its ids are a line's alone than an order's alone; else all of it names orders.
    """

    def __init__(self, exports: Sequence[ParcelExport], ids: Ids, as_of: datetime) -> None:
        self.numbered: dict[str, Parcel] = defaultdict(Parcel)
        named = [self.read(export, as_of) for export in exports]
        orders = {order for _, order in ids if order}
        lines = {line for line, order in ids if line and line != order}
        doubtful = orders & lines & {one for file in named for one in file}
        self.lines: dict[str, dict[str, Parcel]] = defaultdict(dict)
        self.orders: dict[str, dict[str, Parcel]] = defaultdict(dict)
        self.either: dict[str, dict[str, Parcel]] = defaultdict(dict)
        for file in named:
            filed = self.either
            if doubtful & {*file}:
                alone = [len(file.keys() & (one - other)) for one, other in
                         ((lines, orders), (orders, lines))]  # fmt: skip
                filed = self.lines if alone[0] > alone[1] else self.orders
            for one, numbers in file.items():
                filed[one] |= {number: self.numbered[number] for number in numbers}

    def read(self, export: ParcelExport, as_of: datetime) -> dict[str, set[str]]:
        """The ids that a file names, and which tracking numbers each has.

        Rows of one tracking number are one parcel: picked up as soon as one of them says so.
        """
        named: dict[str, set[str]] = defaultdict(set)
        for cells in export.rows:
            try:
                tracking, ids, picked, signed = read_row(cells)
            except UnreadableError:
                continue
            for one in ids:
                named[one].add(tracking)
            parcel = self.numbered[tracking]
            parcel.tracking_no = tracking
            parcel.tells_delivery |= SIGNED in export.headers
            # Masked row by row, so that a scan of tomorrow does not hide the one of yesterday.
            parcel.picked_up += [at for at in picked if at <= as_of]
            parcel.delivered += [at for at in signed if at <= as_of]
        return named

    def of(self, line: Line) -> list[Parcel]:
        """Those that name a line, else those that name its order, else the one whose number it has."""
        lookups = (
            (self.lines, line.line_id),
            (self.either, line.line_id),
            (self.orders, line.order_id),
            (self.either, line.order_id),
        )
        for filed, key in lookups:
            if key and key in filed:
                return [*filed[key].values()]
        return [self.numbered[key] for key in [line.tracking_no] if key in self.numbered]


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
    lines: Sequence[Line], exports: Sequence[ParcelExport], ids: Ids, as_of: datetime
) -> list[Line]:
    """Lines with what their parcels tell; of one in no file nothing is known."""
    parcels = Parcels(exports, ids, as_of)
    numbered = {"tracking_no"} if exports else set()
    found = [with_its_parcels(line, parcels.of(line)) for line in lines]
    return [replace(line, carried=line.carried | numbered) for line in found]


def with_its_parcels(line: Line, named: Sequence[Parcel]) -> Line:
    """The line with its events: its own, else the latest of its parcels once all have one.

    Whether all are delivered is unknown where of one nothing can be known, and all others are.
    """
    if not named:
        return line

    undelivered = any(one.tells_delivery and not one.delivered for one in named)
    delivery_known = undelivered or all(one.tells_delivery for one in named)

    def latest(moments: Sequence[Sequence[datetime]]) -> datetime | None:
        return max(at for times in moments for at in times) if all(moments) else None

    return replace(
        line,
        picked_up_at=line.picked_up_at or latest([parcel.picked_up for parcel in named]),
        delivered_at=line.delivered_at or latest([parcel.delivered for parcel in named]),
        tracking_no=line.tracking_no or min(parcel.tracking_no for parcel in named),
        carried=line.carried | {"picked_up_at"} | ({"delivered_at"} if delivery_known else set()),
    )
