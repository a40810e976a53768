"""Write the made-up sample: three weeks of a few small shops, judged at 2026-11-21 00:00:00.

``python sample_data/make_sample.py`` writes the exports beside itself, the same bytes every time.
What the lines show stands in README.md. Nothing here is real.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import douyin
import tmall
from shop import AS_OF, HOUR, MINUTE, PROMISE, SECOND, Line, Product, Shop, by_day

HERE = Path(__file__).parent


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
LINEN = [
    product(13, "纯棉浴巾", "米色;70x140cm", "39.00"),
    product(14, "亚麻桌布", "原色;140x180cm", "85.00"),
    product(15, "隔热手套", "蓝格;一副", "19.90"),
]
PANTRY = [
    product(16, "核桃仁", "500g", "36.80"),
    product(17, "红枣干", "500g", "25.50"),
    product(18, "黑木耳", "250g", "32.00"),
]
NOTEBOOK = product(22, "手账本", "浅绿;A5", "25.00")
QUILT = product(19, "四季被", "浅灰;200x230cm", "259.00")
CUSHION = product(20, "抱枕", "姜黄;45x45cm", "35.00")
CURTAIN = product(21, "遮光窗帘", "藏蓝;2.7m", "168.00")
HOMEWARE = [QUILT, CUSHION, CURTAIN]


def at(text: str) -> datetime:
    """Read a moment of November 2026, as ``18 09:30``."""
    return datetime.fromisoformat(f"2026-11-{text}")


def late(shop: Shop) -> None:
    """DY101: three late lines of one product, two, one."""
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


def short(shop: Shop, products: Sequence[Product], *, refunding: int = 0) -> None:
    """Sell what is not in stock; for the first ``refunding`` lines a refund is under way."""
    words_found = [("商家缺货", None), (None, "断货,等补货"), ("无货", None), (None, "缺货")]
    for i, product in enumerate(products):
        cancel_reason, note = words_found[i % 4]
        line = Line(
            product,
            due=AS_OF + 25 * HOUR + i * 30 * MINUTE,
            status=("待发货", "备货中")[i % 2],
            after_sale="退款中" if i < refunding else None,  # under way is not yet handled
            cancel_reason=cancel_reason,
            note=note,
        )
        shop.sell(line)


def out_of_stock(shop: Shop) -> None:
    """DY201: eleven open lines of one product, nine, seven. DY202: all of them in one shop."""
    short(shop, [POWER_BANK] * 11 + [CAMP_CHAIR] * 9 + [CRAYONS] * 7, refunding=1)
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


def odd_parcels(shop: Shop) -> None:
    """DY105, DY309, DY321, DY322: forgotten, signed for at night, another's number, never sent."""
    shop.sell(Line(NOTEBOOK, due=AS_OF - 120 * HOUR - SECOND))
    sent = shop.sell(Line(NOTEBOOK, due=at("18 20:00"), shipped=at("17 14:00")))
    shop.send(sent, picked_up=at("17 20:00"), signed=at("20 05:59") + 59 * SECOND)
    taken = shop.sell(Line(NOTEBOOK, due=at("19 10:00"), shipped=at("17 16:00")))
    shop.send(taken, picked_up=at("17 10:00") - SECOND, signed=at("19 15:00"))
    for day in (14, 15, 16):
        untraced = Line(NOTEBOOK, due=at(f"{day} 21:00"), shipped=at(f"{day} 15:00"))
        closed = replace(untraced, status="已关闭", after_sale="退款成功", cancel_reason="不想要了")
        shop.send(shop.sell(closed), troubles=["揽收严重超时"])


def sound(
    shop: Shop, rng: random.Random, goods: Sequence[Product], settled: int, recent: int
) -> None:
    """Add orders that nothing is wrong with; a few of the recent ones are in no parcel."""
    for i in range(settled + recent):
        done = i < settled
        paid = at("01 08:00" if done else "12 08:00") + rng.randrange(5 * 24 * 60) * MINUTE
        shipped = by_day(paid + rng.randrange(2 * 60, 30 * 60) * MINUTE)
        completed = shipped + rng.randrange(3 * 24, 8 * 24) * HOUR if done else None
        lines: list[Line] = []
        for _ in range(2 if rng.random() < 1 / 8 else 1):
            line = Line(
                rng.choice(goods),
                paid + PROMISE,
                shipped,
                completed=completed,
                quantity=rng.choice([1, 1, 1, 2]),
                order_id=lines[0].order_id if lines else "",
            )
            lines.append(shop.sell(line))
        if done or i % 20:
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


def main_shop() -> Shop:
    """Tell the whole story; the lines that matter come first and have the lowest numbers."""
    shop = Shop()
    for tell in (late, due_soon, not_picked_up, out_of_stock, after_sales, quirks, odd_parcels):
        tell(shop)
    rng = random.Random(20261121)
    sound(shop, rng, ORDINARY, settled=176, recent=55)
    unfinished(shop, rng)
    return shop


def branch(goods: Sequence[Product], out: int, first: int) -> Shop:
    """Open a shop that has ``out`` lines out of stock over its goods, and little besides."""
    shop = Shop(first)
    short(shop, [goods[i % len(goods)] for i in range(out)])
    sound(shop, random.Random(first), goods, settled=6, recent=0)
    return shop


def tmall_shop() -> Shop:
    """TM101: late by a second, by two days and a second, due in 24 hours, a second after that."""
    shop = Shop(first=701)
    for ahead in (-SECOND, -48 * HOUR - SECOND, 24 * HOUR, 24 * HOUR + SECOND):
        shop.sell(Line(QUILT, due=AS_OF + ahead))
    due = at("18 12:00")
    for shipped in (due, due + SECOND):
        shop.sell(Line(CUSHION, due, shipped))
    unpaid = Line(CURTAIN, due=at("19 12:00"), paid=False)
    shop.sell(replace(unpaid, status="交易关闭", cancel_reason="买家未及时付款"))
    shop.sell(replace(unpaid, status="等待买家付款", due=AS_OF + 47 * HOUR))
    called_off = Line(CURTAIN, due=at("17 12:00"), status="交易关闭", after_sale="退款成功")
    shop.sell(replace(called_off, cancel_reason="买家不想要了"))
    for i in range(9):
        paid = at("05 09:00") + i * 31 * HOUR
        received = paid + (140 + i) * HOUR
        line = Line(HOMEWARE[i % 3], paid + PROMISE, paid + (20 + i) * HOUR, completed=received)
        shop.sell(replace(line, completed=received if received < AS_OF else None))
    return shop


def main() -> None:
    """Write the files beside this script."""
    shop = main_shop()
    orders = [douyin.order_row(line) for line in shop.exported()]
    parcels = [row for parcel in shop.parcels for row in douyin.parcel_rows(parcel)]
    douyin.write_csv(HERE / "orders.csv", douyin.COLUMNS, orders)
    douyin.write_csv(HERE / "parcels.csv", douyin.PARCEL_COLUMNS, parcels)
    douyin.write_parquet(HERE / "parquet" / "orders.parquet", orders)
    for letters, opened in (
        ("sampleBB", branch(LINEN, out=10, first=501)),
        ("sampleCC", branch(PANTRY, out=7, first=601)),
    ):
        path = HERE / douyin.file_name(AS_OF - 30 * MINUTE, letters)
        rows = [douyin.order_row(line) for line in opened.exported()]
        douyin.write_csv(path, douyin.COLUMNS, rows)
    rows = [tmall.order_row(line) for line in tmall_shop().exported()]
    tmall.write_csv(HERE / "tmall.csv", rows)


if __name__ == "__main__":
    main()
