"""Lines: what was bought, by which order, and how an export shows it."""

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from generator.columns import CIPHERTEXT, SHOP, Chunk
from generator.course import MINUTE, course, kinds, known_times
from generator.draw import Draw, Numbers, decimal, named
from generator.world import World

CHUNK = 100_000
"""Lines made at a time, so that memory does not grow with the size."""

WAREHOUSES = 40
MADE, REPEATED, SHOPS = range(3)  # what a seed is used for


def make_chunk(world: World, first: int, size: int, exported: int) -> Chunk:
    """Make the lines from number ``first`` on as an export of that moment would show them."""
    draw = Draw([world.seed, MADE, first], size)
    kind = kinds(draw, world)
    times = course(draw, kind, world, exported)
    chunk = {
        name: pa.array(value).cast(pa.string()) for name, value in _identity(draw, first).items()
    }
    chunk |= _goods(draw, world)
    chunk |= {
        name: pa.array(value, pa.string()) for name, value in known_times(draw, kind, times).items()
    }
    chunk |= {name: pa.array(value.view("M8[s]")) for name, value in times.items()}
    chunk["仓库名称"] = named("{} 号仓", 1 + draw.skewed(WAREHOUSES), WAREHOUSES + 1)
    damaged = pa.array(draw.chance(world.damaged))
    for name in ("主订单编号", "子订单编号"):
        chunk[name] = pc.if_else(damaged, "6.92E+18", chunk[name])
    if not world.parquet:
        chunk |= {name: draw.ciphertext(*shape) for name, shape in CIPHERTEXT.items()}
    return chunk


def export_again(chunk: Chunk, world: World, first: int, exported: int) -> Chunk:
    """Take a share of the lines as the next export shows them: some have been shipped since."""
    draw = Draw([world.seed, REPEATED, first], len(chunk["子订单编号"]))
    again = pa.table(chunk).filter(pa.array(draw.chance(world.overlap)))
    draw.size = again.num_rows
    since = pa.array((exported + draw.between(MINUTE, 30 * MINUTE)).view("M8[s]"))
    shipped_since = pc.and_(
        pc.is_in(again["订单状态"], pa.array(["待发货", "备货中"])), pa.array(draw.chance(0.5))
    )
    columns = dict(zip(again.column_names, again.combine_chunks().columns, strict=True))
    columns["发货时间"] = pc.if_else(shipped_since, since, columns["发货时间"])
    columns["订单状态"] = pc.if_else(shipped_since, "已发货", columns["订单状态"])
    return {name: column.combine_chunks() for name, column in columns.items()}


def _identity(draw: Draw, first: int) -> dict[str, Numbers]:
    """Give each line a number of its own; every eighth is of the order of the line before it."""
    running = np.arange(first, first + draw.size)
    numbers = 6_920_000_000_000_000_000 + running * 7_368_787 % 10**16
    further = draw.chance(1 / 8)
    further[0] = False
    # An order has the number of its first line, as on the platform.
    begun = np.maximum.accumulate(np.where(further, 0, np.arange(draw.size)))
    return {"主订单编号": numbers[begun], "子订单编号": numbers}


def _goods(draw: Draw, world: World) -> Chunk:
    """Draw what was bought: few products sell much, many sell little; each is of one shop."""
    products = world.catalogue
    numbers = draw.skewed(products)
    quantity = 1 + (draw.between(0, 10) == 0)
    cents = 990 + (numbers * 7919) % 200 * 1000
    goods = {
        "商品ID": pc.cast(pa.array(3_711_000_000_000_000_000 + numbers), pa.string()),
        "选购商品": named("样品 {:05} 秋冬新款 加厚保暖", numbers, products),
        "商家编码": named("SKU-{:06}", numbers, products),
        "商品数量": pa.array(quantity),
        "商品单价": decimal(cents),
        "订单应付金额": decimal(cents * quantity),
    }
    if world.shops:
        goods[SHOP] = named("样品店 {:04}", _shop_of_products(world)[numbers], world.shops)
    return goods


@cache
def _shop_of_products(world: World) -> Numbers:
    """Draw the shop of each product: few shops have many products."""
    return Draw([world.seed, SHOPS], world.catalogue).skewed(world.shops)
