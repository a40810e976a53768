"""What a merchant knows of and does not want reported: rules, orders, products and shops of a world."""

from dataclasses import replace
from random import Random

from oracle import Ignored

from worlds.moments import DAY
from worlds.world import World, shop_of

RULES = ("", "", "DY", "DY1", "DY101", "DY3", "TM", "TB1", "TT", "PD", "TG", "AM", "TK1", "IR900")
WHOLE = ("DY101", "DY103", "DY401", "TM102", "TB101", "TT3", "IR900")
"""What stands alone in an entry: of all rules nothing would be left."""
ORDERS = ("order_id", "主订单编号", "line_id", "子订单编号")
PRODUCTS = ("product_id", "商品ID")


def with_ignored(world: World, dice: Random) -> World:
    """The world with none, or up to twelve, entries, not all of which are in force."""
    rows = [row for export in world.exports for row in export.rows]
    if not rows or dice.random() < 0.3:
        return world
    return replace(world, ignored=tuple(entry(world, dice, dice.choice(rows)) for _ in range(12)))


def entry(world: World, dice: Random, row: dict[str, str]) -> Ignored:
    """One that names a rule, or something of a row, or both."""
    rule = dice.choice(RULES)
    ids = dice.choice((ORDERS, ORDERS[::-1]))
    of_row = {"order": first(row, *ids), "product": first(row, *PRODUCTS)}
    of_row["shop"] = shop_of(row).strip("-")
    parts = dice.choice((("order",), ("product",), ("shop",), ("product", "shop"), ()))
    named = {name: of_row[name] for name in parts if of_row[name]}
    if not named:
        rule = dice.choice(WHOLE)
    until = world.as_of.date() + dice.choice((-1, 0, 0, 30)) * DAY
    return Ignored(rule=rule, **named, until=until)


def first(row: dict[str, str], *headers: str) -> str:
    """The first of these cells in which a plain id stands."""
    cells = (row.get(header, "").strip() for header in headers)
    return next((cell for cell in cells if cell.isalnum()), "")
