"""Many merchants in one scan: the worlds of a frame as one world, whose ids are apart."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from oracle import CaseExport, Exemption, Export, ParcelExport

from worlds.world import World, rename_later

AnyExport = TypeVar("AnyExport", Export, ParcelExport, CaseExport)

IDS = (
    "line_id",
    "order_id",
    "主订单编号",
    "子订单编号",
    "订单编号",
    "订单号",
    "商品单号",
    "售后单号",
)
PRODUCTS = ("product_id", "商品ID")
NUMBERS = ("tracking_no", "快递单号", "运单号")
PEOPLE = ("buyer_key", "receiver_key")
SHOPS = ("shop", "店铺名称")
NOBODY = ("", "-")


def together(worlds: Sequence[World]) -> World:
    """The worlds of one frame as one: the rows of files with the same columns stand in one file.

    Each has orders and shops of its own. One in four shares products, parcels' numbers and people
    with the others of these: what couples them, couples them for the oracle too.
    """
    merchants = [apart(world, number) for number, world in enumerate(worlds)]
    encodings: dict[str, str] = {}

    def joined(parts: Iterable[tuple[AnyExport, World]]) -> tuple[AnyExport, ...]:
        alike: dict[tuple[str, tuple[str, ...]], list[tuple[AnyExport, World]]] = defaultdict(list)
        for export, world in parts:
            alike[export.name, export.headers].append((export, world))
        files, used = [], defaultdict[str, int](int)
        for (name, _), group in alike.items():
            export, world = group[0]
            unique = rename_later(name, used[name])
            used[name] += 1
            encodings[unique] = (world.encodings or {}).get(name, "utf-8")
            rows = [row for one, _ in group for row in one.rows]
            files.append(replace(export, name=unique, rows=rows))
        return tuple(sorted(files, key=lambda file: file.name))

    return replace(
        worlds[0],
        exports=joined((one, world) for world in merchants for one in world.exports),
        parcels=joined((one, world) for world in merchants for one in world.parcels),
        cases=joined((one, world) for world in merchants for one in world.cases),
        exemptions=tuple(one for world in merchants for one in world.exemptions),
        encodings=encodings,
        together=len(worlds),
    )


def apart(world: World, number: int) -> World:
    """The world of a merchant with ids of its own."""

    def named(export: AnyExport) -> AnyExport:
        rows = [
            {name: tagged(name, cell, number) for name, cell in row.items()} for row in export.rows
        ]
        return replace(export, rows=rows)

    return replace(
        world,
        exports=tuple(map(named, world.exports)),
        parcels=tuple(map(named, world.parcels)),
        cases=tuple(map(named, world.cases)),
        exemptions=tuple(of_merchant(one, number) for one in world.exemptions),
    )


def of_merchant(one: Exemption, number: int) -> Exemption:
    """An exemption that names the things of a merchant."""
    return replace(
        one,
        order=tagged("order_id", one.order, number),
        product=tagged("product_id", one.product, number),
        shop=tagged("shop", one.shop, number),
    )


def tagged(header: str, cell: str, number: int) -> str:
    """A cell with the merchant's number in whatever identifies a thing of his."""
    shares = number % 4 == 3
    if header in SHOPS:
        return cell if cell in NOBODY and header == "shop" else f"{cell.strip('-')}{number}"
    if header in IDS:
        return re.sub(r"([LNO])(\d{4})", rf"\g<1>{number:03}\2", long_ids(cell, number))
    if header in PRODUCTS and not shares:
        return re.sub(r"P(\d)", rf"P{number:03}\1", long_ids(cell, number))
    if header in NUMBERS and not shares:
        return re.sub(r"SF(\d+)", rf"SF{number:03}\1", cell)
    if header in PEOPLE and not shares:
        return cell if cell in NOBODY else f"{cell}{number}"
    return cell


def long_ids(cell: str, number: int) -> str:
    """Ids of 18 or 19 digits that end with the number, as long as before.

    They do not end in zeros, which Excel leaves of long ids.
    """
    return re.sub(r"\d{18,19}", lambda found: f"{found[0][:2]}{found[0][7:]}{number + 1:05}", cell)
