"""Write the made-up sample: three weeks of one Douyin shop, judged at 2026-11-21 00:00:00.

``python sample_data/make_sample.py`` writes orders.csv, parcels.csv and parquet/orders.parquet,
the same bytes every time. What the lines show stands in README.md. Nothing here is real.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent
AS_OF = datetime.fromisoformat("2026-11-21 00:00:00")
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
PROMISE = 48 * HOUR


def words(text: str) -> list[str]:
    """Read names that stand in a row."""
    return text.split()


# The 73 columns of the standard report, in its order.
COLUMNS = words(
    """
    主订单编号 子订单编号 选购商品 商品规格 商品数量 商品ID 商家编码 商品单价 订单应付金额 运费
    优惠总金额 平台优惠 商家优惠 达人优惠 商家改价 支付优惠 红包抵扣 支付方式 手续费 收件人
    收件人手机号 省 市 区 街道 详细地址 是否修改过地址 地址修改时段 买家留言 订单提交时间
    旗帜颜色 商家备注 订单完成时间 支付完成时间 APP渠道 流量来源 订单状态 承诺发货时间 订单类型
    鲁班落地页ID 达人ID 达人昵称 所属门店ID 售后状态 取消原因 预约发货时间 仓库ID 仓库名称
    是否安心购 广告渠道 流量类型 流量体裁 流量渠道 发货主体 发货主体明细 发货时间 降价类优惠
    平台实际承担优惠金额 商家实际承担优惠金额 达人实际承担优惠金额 预计送达时间 是否平台仓自流转
    车型 商品69码 发货SN码 发货IMEI码1 发货IMEI码2 预约送达时间 建议发货时间（起）
    建议发货时间（止） 物流SN码 物流IMEI码1 物流IMEI码2
    """
)
PARCEL_COLUMNS = words("运单号 订单编号 物流公司 包裹状态 异常类型 发货时间 揽收时间 签收时间")
TIMES = {name for name in COLUMNS if "时间" in name}
MONEY = words(
    "商品单价 订单应付金额 运费 优惠总金额 商家改价 支付优惠 红包抵扣 手续费 降价类优惠 "
    "平台实际承担优惠金额 商家实际承担优惠金额 达人实际承担优惠金额"
)
TABBED = words(  # cells that the platform protects from Excel with a TAB inside quotes
    "主订单编号 子订单编号 选购商品 商品规格 商品ID 商家编码 支付方式 鲁班落地页ID 达人ID "
    "仓库ID 仓库名称 运单号 订单编号"
)
REALLY_EMPTY = {"取消原因", "异常类型"}  # every other blank is a dash

PLACES = [
    "浙江省 杭州市 余杭区 仓前街道",
    "广东省 广州市 白云区 同和街道",
    "四川省 成都市 武侯区 浆洗街街道",
    "江苏省 南京市 鼓楼区 湖南路街道",
    "山东省 青岛市 市南区 香港中路街道",
    "北京市 北京市 朝阳区 望京街道",
]
CARRIERS = ["圆通速递", "中通快递", "极兔速递", "顺丰速运"]

Cell: TypeAlias = str | int | Decimal | datetime | None
Row: TypeAlias = dict[str, Cell]


@dataclass(frozen=True)
class Product:
    """Something the shop sells."""

    id: str
    title: str
    variant: str
    price: Decimal


def product(number: int, title: str, variant: str, price: str) -> Product:
    """Give a product a made-up id of 19 digits."""
    return Product(f"37110{number:014}", title, variant, Decimal(price))


SCARF = product(1, "羊毛围巾", "驼色;180cm", "129.00")
MUG = product(2, "陶瓷马克杯", "白色;350ml", "39.90")
SOCKS = product(3, "棉袜五双装", "混色;均码", "29.90")
FLASK = product(4, "保温杯", "墨绿;500ml", "89.00")
TOTE = product(5, "帆布包", "米白;大号", "59.00")
POWER_BANK = product(6, "充电宝", "白色;20000mAh", "149.00")
CAMP_CHAIR = product(7, "露营折叠椅", "卡其;单人", "199.00")
CRAYONS = product(8, "儿童水彩笔", "36色", "45.00")
LAMP = product(9, "护眼台灯", "白色;插电", "269.00")
DESK_CHAIR = product(10, "人体工学椅", "黑色;带头枕", "1299.00")
UMBRELLA = product(11, "折叠雨伞", "藏青;八骨", "49.00")
YOGA_MAT = product(12, "瑜伽垫", "紫色;8mm", "79.00")
ORDINARY = [FLASK, TOTE, LAMP, DESK_CHAIR, UMBRELLA, YOGA_MAT]


@dataclass(frozen=True)
class Line:
    """One line of an order: what was bought, when it was due, and what became of it."""

    product: Product
    due: datetime  # the promise: 48 hours after the payment
    shipped: datetime | None = None
    _: KW_ONLY
    completed: datetime | None = None
    status: str = ""  # read off the times unless it is told
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
        """When it was ordered: two minutes before it was paid."""
        return self.due - PROMISE - 2 * MINUTE

    def row(self) -> Row:
        """Lay the line out in the report's columns."""
        blank: Row = dict.fromkeys(COLUMNS)
        return blank | self._goods() | self._person() | self._course() | self._channel()

    def _goods(self) -> Row:
        off = Decimal("10.00") if self.number % 5 == 0 else Decimal("0.00")
        nothing: Row = dict.fromkeys(MONEY, Decimal("0.00"))
        return nothing | {
            "主订单编号": self.order_id,
            "子订单编号": self.line_id,
            "选购商品": self.product.title,
            "商品规格": self.product.variant,
            "商品数量": self.quantity,
            "商品ID": self.product.id,
            "商家编码": f"SKU-{self.product.id[-2:]}",
            "商品单价": self.product.price,
            "订单应付金额": self.product.price * self.quantity - off,
            "优惠总金额": off,
            "商家优惠": f"店铺-新客券-{off}" if off else None,
            "商家实际承担优惠金额": off,
        }

    def _person(self) -> Row:
        """Stand in for the ciphertext of real exports; no person is behind it."""
        province, city, district, street = PLACES[self.number % len(PLACES)].split()
        return {
            "收件人": f"##no-such-name-{self.order_id[-5:]}##",
            "收件人手机号": f"$$no-such-phone-{self.order_id[-5:]}$$",
            "省": province,
            "市": city,
            "区": district,
            "街道": street,
            "详细地址": f"##no-such-address-{self.order_id[-5:]}##",
            "是否修改过地址": "否",
        }

    def _course(self) -> Row:
        paid_at = self.due - PROMISE if self.paid else None
        promised = self.due if self.paid and self.promise_shown else None
        reached = "已完成" if self.completed else "已发货" if self.shipped else "待发货"
        return {
            "订单提交时间": self.created,
            "支付完成时间": paid_at,
            "承诺发货时间": promised,
            "建议发货时间（起）": paid_at,
            "建议发货时间（止）": promised,
            "发货时间": self.shipped,
            "订单完成时间": self.completed,
            "订单状态": self.status or reached,
            "售后状态": self.after_sale,
            "取消原因": self.cancel_reason,
            "商家备注": self.note,
            "旗帜颜色": "红" if self.note else None,
        }

    def _channel(self) -> Row:
        return {
            "支付方式": "抖音支付" if self.paid else None,
            "APP渠道": "抖音" if self.number % 3 else "抖音极速版",
            "流量来源": "小店自卖",
            "订单类型": "普通订单",
            "达人ID": "0",
            "仓库ID": "1",
            "仓库名称": "主仓",
            "是否安心购": "是",
            "广告渠道": "无",
            "流量类型": "非广告",
            "流量体裁": "商品卡",
            "流量渠道": "搜索",
            "是否平台仓自流转": "否",
        }


class Shop:
    """Hands out numbers and keeps what was sold and what was sent."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.exported_again: list[Line] = []
        self.parcels: list[Row] = []

    def sell(self, line: Line) -> Line:
        """Give a line its number; one that names no order is an order by itself."""
        number = len(self.lines) + 1
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
        """Put lines into one parcel; the parcel centre lists it once for each trouble it has."""
        number = lines[0].number
        parcel: Row = {
            "运单号": f"MW{number:013}",
            "订单编号": ",".join(dict.fromkeys(line.order_id for line in lines)),
            "物流公司": CARRIERS[number % len(CARRIERS)],
            "包裹状态": "已签收" if signed else "运输中" if picked_up else "待揽收",
            "发货时间": lines[0].shipped,
            "揽收时间": picked_up,
            "签收时间": signed,
        }
        self.parcels += [parcel | {"异常类型": trouble} for trouble in troubles]

    def deliver(self, *lines: Line) -> None:
        """Send shipped lines: picked up six hours later, signed for after two days, if so far."""
        shipped = lines[0].shipped or AS_OF
        signed = shipped + 54 * HOUR
        self.send(*lines, picked_up=shipped + 6 * HOUR, signed=signed if signed < AS_OF else None)

    def sell_and_deliver(self, line: Line) -> None:
        """Do both for an order of one line."""
        self.deliver(self.sell(line))


def at(text: str) -> datetime:
    """Read a moment of November 2026, as ``18 09:30``."""
    return datetime.fromisoformat(f"2026-11-{text}")


def late(shop: Shop) -> None:
    """DY101: three late lines of one product, two, one. DY102: three strikes, two, nearly two."""
    shop.sell_and_deliver(Line(SCARF, due=at("15 10:00"), shipped=at("15 13:00")))
    shop.sell(Line(SCARF, due=AS_OF - 48 * HOUR, after_sale="售后待处理", status="备货中"))
    shop.sell(Line(SCARF, due=AS_OF - 36 * HOUR))
    due = at("16 09:30")
    shop.sell_and_deliver(Line(MUG, due, shipped=due + 24 * HOUR - SECOND))
    shop.sell_and_deliver(Line(MUG, due=at("17 15:00"), shipped=at("17 17:00")))
    due = at("14 20:00")
    shop.sell_and_deliver(Line(SOCKS, due, shipped=due + SECOND))


def due_soon(shop: Shop) -> None:
    """DY100: due in 24 hours, due a second after that, shipped at the very second."""
    shop.sell(Line(FLASK, due=AS_OF + 24 * HOUR))
    shop.sell(Line(FLASK, due=AS_OF + 24 * HOUR + SECOND, status="备货中"))
    shop.sell_and_deliver(Line(FLASK, due=at("18 12:00"), shipped=at("18 12:00")))


def not_picked_up(shop: Shop) -> None:
    """DY301: waiting for 48:00:01, for 48:00:00, and for a second less than 18 hours."""
    for waiting, troubles in (
        (48 * HOUR + SECOND, ["揽收超时", "揽收严重超时"]),
        (48 * HOUR, ["揽收超时"]),
        (18 * HOUR - SECOND, [None]),
    ):
        shipped = AS_OF - waiting
        shop.send(
            shop.sell(Line(TOTE, due=shipped + 12 * HOUR, shipped=shipped)), troubles=troubles
        )


def out_of_stock(shop: Shop) -> None:
    """DY201: eleven open lines of one product, nine, seven. DY202: all of them in one shop."""
    words_found = [("商家缺货", None), (None, "断货,等补货"), ("无货", None), (None, "缺货")]
    for i, product in enumerate([POWER_BANK] * 11 + [CAMP_CHAIR] * 9 + [CRAYONS] * 7):
        cancel_reason, note = words_found[i % 4]
        line = Line(
            product,
            due=AS_OF + 25 * HOUR + i * 30 * MINUTE,
            status=("待发货", "备货中")[i % 2],
            after_sale="退款中" if i == 0 else None,  # under way is not yet handled
            cancel_reason=cancel_reason,
            note=note,
        )
        shop.sell(line)
    closed = Line(CRAYONS, AS_OF + 39 * HOUR, status="已关闭", after_sale="退款成功")
    shop.sell(replace(closed, cancel_reason="商家缺货"))
    shop.sell(Line(CRAYONS, AS_OF + 40 * HOUR, after_sale="已全额退款", cancel_reason="无货"))
    sent = Line(CRAYONS, at("17 09:00"), shipped=at("16 20:00"), note="曾缺货,已补发")
    shop.sell_and_deliver(sent)


def after_sales(shop: Shop) -> None:
    """Show what a buyer may take to the platform, in the words of both generations."""
    done = Line(LAMP, at("08 12:00"), shipped=at("07 12:00"), completed=at("15 12:00"))
    sent = Line(LAMP, at("16 12:00"), shipped=at("15 12:00"))
    for line, word in (
        (done, "退货后拒绝退款"),
        (done, "售后关闭"),
        (sent, "待商家收货"),
        (sent, "待退货"),
    ):
        shop.sell_and_deliver(replace(line, after_sale=word))
    shop.sell(Line(LAMP, AS_OF + 30 * HOUR, after_sale="待商家处理", status="备货中"))


def quirks(shop: Shop) -> None:
    """Show what real files hold besides: a line exported twice, a damaged id, a blank promise."""
    before = shop.sell(Line(UMBRELLA, due=at("20 18:00")))
    after = replace(before, shipped=at("20 15:00"))
    shop.exported_again.append(after)
    shop.send(after, picked_up=at("20 21:00"))

    shop.sell(Line(UMBRELLA, at("10 18:00"), at("09 18:00"), completed=at("17 18:00")))
    shop.lines[-1] = replace(shop.lines[-1], line_id="6.92E+18")  # as Excel leaves it

    shop.sell(Line(UMBRELLA, AS_OF + 28 * HOUR, promise_shown=False))
    shop.sell_and_deliver(Line(UMBRELLA, at("17 10:00"), at("16 10:00"), promise_shown=False))

    orders = [shop.sell(Line(YOGA_MAT, at(f"18 1{i}:00"), at("17 09:00"))) for i in (0, 1)]
    shop.deliver(*orders)


def sound(shop: Shop, rng: random.Random) -> None:
    """Fill the shop with orders that nothing is wrong with, a few of them in no parcels file."""
    for i in range(235):
        settled = i < 180
        paid = at("01 08:00" if settled else "12 08:00") + rng.randrange(5 * 24 * 60) * MINUTE
        shipped = paid + rng.randrange(2 * 60, 40 * 60) * MINUTE
        completed = shipped + rng.randrange(3 * 24, 8 * 24) * HOUR if settled else None
        lines: list[Line] = []
        for _ in range(2 if rng.random() < 1 / 8 else 1):
            line = Line(
                rng.choice(ORDINARY),
                paid + PROMISE,
                shipped,
                completed=completed,
                quantity=rng.choice([1, 1, 1, 2]),
                order_id=lines[0].order_id if lines else "",
            )
            lines.append(shop.sell(line))
        if settled or i % 20:
            shop.deliver(*lines)


def unfinished(shop: Shop, rng: random.Random) -> None:
    """Add what was paid yesterday, what was never paid, and what was called off in time."""
    for i in range(45):
        paid = at("20 01:00") + rng.randrange(21 * 60) * MINUTE
        status = ("待发货", "备货中")[i % 2]
        shop.sell(Line(rng.choice(ORDINARY), paid + PROMISE, status=status))
    for i in range(40):
        due = at("03 08:00") + rng.randrange(17 * 24 * 60) * MINUTE
        closed = Line(rng.choice(ORDINARY), due, status="已关闭")
        if i % 2:
            shop.sell(replace(closed, paid=False, cancel_reason="超时未支付"))
        else:
            refunded = ("退款成功", "同意退款，退款成功")[i % 4 // 2]
            shop.sell(replace(closed, after_sale=refunded, cancel_reason="不想要了"))
    for i, product in enumerate(ORDINARY[:4]):
        due = AS_OF + 47 * HOUR + i * 10 * MINUTE
        shop.sell(Line(product, due, paid=False, status="待支付"))


def build() -> Shop:
    """Tell the whole story; the lines that matter come first and have the lowest numbers."""
    shop = Shop()
    for tell in (late, due_soon, not_picked_up, out_of_stock, after_sales, quirks):
        tell(shop)
    rng = random.Random(20261121)
    sound(shop, rng)
    unfinished(shop, rng)
    return shop


def csv_cell(column: str, cell: Cell) -> str:
    """Write a cell as the platform does: dashes, thousands commas, TABs inside quotes."""
    if cell is None:
        return "" if column in REALLY_EMPTY else "-"
    text = f"{cell:,.2f}" if isinstance(cell, Decimal) else str(cell)
    if column in TABBED and "E+" not in text:
        return f'"\t{text}"'
    return f'"{text}"' if "," in text else text


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write UTF-8 with a BOM and CRLF line ends."""
    table = [columns, *([csv_cell(name, row[name]) for name in columns] for row in rows)]
    text = "".join(",".join(cells) + "\r\n" for cells in table)
    path.write_text(text, encoding="utf-8-sig", newline="")


def arrow_type(column: str) -> pa.DataType:
    """Say how a typed file holds the column."""
    if column in TIMES:
        return pa.timestamp("us")
    if column in MONEY:
        return pa.decimal128(18, 2)
    return pa.int64() if column == "商品数量" else pa.string()


def main() -> None:
    """Write the files beside this script."""
    shop = build()
    lines = sorted(shop.lines, key=lambda line: line.created) + shop.exported_again
    rows = [line.row() for line in lines]
    write_csv(HERE / "orders.csv", COLUMNS, rows)
    write_csv(HERE / "parcels.csv", PARCEL_COLUMNS, shop.parcels)
    schema = pa.schema([(name, arrow_type(name)) for name in COLUMNS])
    (HERE / "parquet").mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema), HERE / "parquet" / "orders.parquet")


if __name__ == "__main__":
    main()
