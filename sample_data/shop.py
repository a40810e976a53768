"""A made-up shop: what it sold and what became of it. Each platform tells that in its own way."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

AS_OF = datetime.fromisoformat("2026-11-21 00:00:00")
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
PROMISE = 48 * HOUR

Cell: TypeAlias = str | int | Decimal | datetime | None
Row: TypeAlias = dict[str, Cell]

PLACES = [
    "浙江省 杭州市 余杭区 仓前街道",
    "广东省 广州市 白云区 同和街道",
    "四川省 成都市 武侯区 浆洗街街道",
    "江苏省 南京市 鼓楼区 湖南路街道",
    "山东省 青岛市 市南区 香港中路街道",
    "北京市 北京市 朝阳区 望京街道",
]
CARRIERS = ["圆通速递", "中通快递", "极兔速递", "顺丰速运"]


def words(text: str) -> list[str]:
    """Read names that stand in a row."""
    return text.split()


def by_day(moment: datetime) -> datetime:
    """Return the same moment, or the next morning if that is out of working hours."""
    if 8 <= moment.hour < 22:
        return moment
    return moment.replace(hour=8) + (24 * HOUR if moment.hour >= 22 else 0 * HOUR)


@dataclass(frozen=True)
class Product:
    """Something the shop sells."""

    id: str
    title: str
    variant: str
    price: Decimal


@dataclass(frozen=True)
class Line:
    """One line of an order: what was bought, when it was due, and what became of it."""

    product: Product
    due: datetime  # the promise: 48 hours after the payment
    shipped: datetime | None = None
    _: KW_ONLY
    completed: datetime | None = None
    status: str = ""  # inferred from the times unless given
    after_sale: str | None = None
    cancel_reason: str | None = None
    note: str | None = None
    quantity: int = 1
    paid: bool = True
    promise_shown: bool = True
    number: int = 0  # the shop gives the numbers
    line_id: str = ""
    order_id: str = ""

    @property
    def created(self) -> datetime:
        """When it was ordered: two minutes before it was, or would have been, paid."""
        return self.due - PROMISE - 2 * MINUTE

    @property
    def paid_at(self) -> datetime | None:
        """When it was paid."""
        return self.due - PROMISE if self.paid else None

    @property
    def off(self) -> Decimal:
        """What a coupon of the shop takes off, in yuan."""
        return Decimal("10.00") if self.number % 5 == 0 else Decimal("0.00")

    @property
    def payable(self) -> Decimal:
        """What the buyer pays, in yuan."""
        return self.product.price * self.quantity - self.off

    @property
    def place(self) -> list[str]:
        """Where it goes: province, city, district and street."""
        return PLACES[self.number % len(PLACES)].split()

    @property
    def carrier(self) -> str:
        """Who brings it."""
        return CARRIERS[self.number % len(CARRIERS)]


@dataclass(frozen=True)
class Parcel:
    """What was sent together, and the troubles that the platform sees with it."""

    lines: Sequence[Line]
    picked_up: datetime | None
    signed: datetime | None
    troubles: Sequence[str | None]


class Shop:
    """Hands out numbers, from ``first`` on, and keeps what was sold and what was sent."""

    def __init__(self, first: int = 1) -> None:
        self.first = first
        self.lines: list[Line] = []
        self.exported_again: list[Line] = []
        self.parcels: list[Parcel] = []

    def sell(self, line: Line) -> Line:
        """Give a line its number; one that names no order is an order by itself."""
        number = self.first + len(self.lines)
        line_id = f"69{line.created:%y%m%d%H%M%S}{number:05}"
        order_id = line.order_id or line_id
        line = replace(line, number=number, line_id=line_id, order_id=order_id)
        self.lines.append(line)
        return line

    def send(
        self,
        *lines: Line,
        picked_up: datetime | None = None,
        signed: datetime | None = None,
        troubles: Sequence[str | None] = (None,),
    ) -> None:
        """Put lines into one parcel."""
        self.parcels.append(Parcel(lines, picked_up, signed, troubles))

    def deliver(self, *lines: Line) -> None:
        """Send shipped lines: picked up in six hours, signed for on the second day, if so far."""
        shipped = lines[0].shipped or AS_OF
        morning = shipped.replace(hour=9, minute=0, second=0) + 48 * HOUR
        signed = morning + lines[0].number * 17 % (10 * 60) * MINUTE
        self.send(*lines, picked_up=shipped + 6 * HOUR, signed=signed if signed < AS_OF else None)

    def sell_and_deliver(self, line: Line) -> None:
        """Do both for an order of one line."""
        self.deliver(self.sell(line))

    def exported(self) -> list[Line]:
        """Return the lines as they are exported: by the time of the order, then those again."""
        return sorted(self.lines, key=lambda line: line.created) + self.exported_again
