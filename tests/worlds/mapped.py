"""Worlds of merchants on any platform, in exports that a mapping reads: its columns are fields.

Every field of a line can stand there, so every clause is reached.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from hypothesis import strategies as st
from oracle import Export

from worlds.cases import Known, case_exports
from worlds.courses import KINDS, TIMES, Cell, Kind, Story, badly, in_time
from worlds.exempting import exempted
from worlds.frames import joined
from worlds.moments import DAY, HOUR, NUDGES, SECOND, ago, spelt_time
from worlds.parcels import parcel_columns, parcel_exports
from worlds.world import Frame, World, file_name

PLATFORMS = (
    *["douyin"] * 6,
    *["tmall", "taobao"] * 4,
    *["tmall-global"] * 2,
    *["pdd", "tiktok", "amazon"] * 2,
    *("shopee", "temu"),
)
ALWAYS = ("line_id", "order_id", "created_at")
OTHERS = (
    "product_id", "product_name", "quantity", "province", "sender_province", "amount", "status", "out_of_stock", "seller_note",
    "close_reason", "closed_by", "case_type", "case_status", "case_reason", "refund_amount", "refused",
    "intervention", "platform_advanced", "tracking_no", "receiver_key", "buyer_key",
    "fulfilment", "sku",
)  # fmt: skip
AS_OFS = (
    *[datetime(2026, 11, 21)] * 8,
    datetime(2026, 8, 12),
    datetime(2026, 8, 11, 12),
    datetime(2026, 7, 1),
    datetime(2026, 6, 30, 12),
    datetime(2026, 6, 4),
    datetime(2025, 10, 1),
    datetime(2026, 11, 21, 12, 0, 30),
    datetime(2026, 1, 2),  # and two days after the first day of a text:
    datetime(2025, 9, 7),
    datetime(2025, 8, 28),
    datetime(2025, 6, 7),
    datetime(2025, 3, 9),
    datetime(2025, 2, 15),
    datetime(2024, 7, 24),
    datetime(2023, 1, 3),
    datetime(2022, 12, 8),
    datetime(2022, 7, 3),
    datetime(2022, 1, 3),
    datetime(2021, 6, 3),
    datetime(2021, 1, 3),
    datetime(2020, 1, 3),
)
"""Moments at which a text begins to hold, or a year, two days after it does; mostly the texts of today."""
FIRST_DAYS = tuple(
    datetime.fromisoformat(day)
    for day in (
        *("2025-06-05", "2025-09-05", "2025-09-29", "2026-04-09", "2026-06-02"),
        *("2026-06-29", "2026-07-08", "2026-07-09", "2026-08-03", "2026-08-10"),
    )
)
"""First days of the texts of 2025 and 2026: the lines of one export are of several."""
FULFILLED = (
    "platform",
    "virtual",
    "pickup",
    "refunded",
    "pre_order",
    "bonded",
    "direct",
    "seller",
    "普通",
)
"""How lines are fulfilled; the last two, and nothing, are the usual way."""
AMOUNTS = ("0.00", "3.00", "3.01", "33.33", "40.00", "99.50", "150.50", "299.99", "300.00", "333.30",
           "1,000.00", "2500.00", "4999.99", "5000.00", "9999.00", "20,000.00", "-")  # fmt: skip
GOODS = ("保温杯", "生鲜牛排", "进口巧克力", "-")
PROVINCES = ("浙江省", "浙江省", "新疆维吾尔自治区", "海南省", "香港", "-")
SENDERS = ("-", "江苏", "广东省", "浙江", "甘肃省")
LACKING = (*[()] * 9, *[(name,) for name in (*TIMES, *OTHERS) if name != "product_name"])

SIZES = (1, 1, 1, 1, 2, 3, 5)
SHARES = {
    "douyin": ((30, 69), (30, 70), (31, 69), (29, 0), (20, 80), (19, 81), (90, 0), (119, 0), (120, 0),
               (19, 0), (20, 0), (39, 0), (40, 0),
               (3, 57), (3, 58), (2, 38), (2, 39), (10, 29), (10, 30), (9, 9), (99, 99), (100, 100),
               (100, 101), (199, 199), (200, 200), (200, 201), (200, 299), (200, 300), (200, 466),
               (200, 467), (500, 333), (500, 334), (499, 300)),
    "tmall": ((1, 1),),
    "taobao": ((1, 1),),
    "tmall-global": ((3, 22), (4, 25), (3, 17), (15, 85), (16, 84), (79, 9), (80, 9), (99, 9), (100, 9)),
    "pdd": ((7, 2), (8, 2), (10, 90), (11, 9), (11, 208), (11, 209), (12, 209)),
    "tiktok": ((1, 23), (1, 24), (1, 32), (1, 33), (1, 9), (1, 10), (8, 92), (7, 93), (1, 39), (1, 40),
               (1, 49), (1, 50), (1, 18), (1, 19), (1, 20)),
    "amazon": ((1, 18), (1, 19), (1, 20), (1, 24), (1, 25), (1, 32), (1, 33), (1, 39), (1, 40), (1, 49), (1, 50)),
    "shopee": ((1, 1),),
    "temu": ((1, 1),),
}  # fmt: skip
"""Of a crowd: how many have done badly, how many well. 4 % of 25, 5 % of 220, 30 % of 100 …"""
OF_ORDERS = ("pieces_of_order", "sellers_of_order")
"""What an export seldom tells of an order: else its lines do."""
SAME = ("line_id", "order_id", "product_id", "created_at")
"""What one line has in each row that tells of it."""
CROWDED = ("丙店", "丁店", "戊店")
"""Shops of many orders, each of which has fared by itself."""
EARLIER = ((0,), (0,), (0,), (0, 1), (0, 2), (0, 3, 6), (0, 3, 7))
"""How many days before the last there is such a crowd."""


@st.composite
def stories(draw: st.DrawFn, as_of: datetime, due: datetime, kind: Kind) -> Story:
    """A line: when it was ordered and for how much, and what has happened to it."""
    promised = draw(
        st.sampled_from((48 * HOUR, 48 * HOUR, 48 * HOUR + SECOND, 240 * HOUR, 240 * HOUR + SECOND))
    )
    early = draw(st.sampled_from((60 * SECOND, HOUR, 24 * HOUR)))
    return {
        "created_at": due - promised - early,
        "paid_at": draw(st.sampled_from((*[due - promised] * 7, None))),  # or on delivery
        "promised_ship_at": draw(st.sampled_from((due, due, due, None))),
        "booked_delivery_at": draw(st.sampled_from((None, due, due + 96 * HOUR))),
        "estimated_delivery_at": draw(st.sampled_from((None, due - 14 * DAY, due + 24 * HOUR))),
        "amount": draw(st.sampled_from((*AMOUNTS, "99.50", "99.50"))),
        "product_name": draw(st.sampled_from(GOODS)),
        "quantity": draw(st.sampled_from(("1", "1", "2", "-"))),
        "province": draw(st.sampled_from(PROVINCES)),
        "sender_province": draw(st.sampled_from(SENDERS)),
        **{name: draw(st.sampled_from(("-", "1", "2"))) for name in OF_ORDERS},
        **draw(kind(as_of, due)),
    }


def dues(as_of: datetime) -> st.SearchStrategy[datetime]:
    """When lines were promised: not long ago, or on the first day of a text, or the day before."""
    hours = (-24, 0, 24, 48, 72, 96, 120)
    lately = ago(as_of, *(n * HOUR for n in hours), 7 * DAY, 10 * DAY, 30 * DAY)
    firsts = [day for day in FIRST_DAYS if day < as_of]
    if not firsts:
        return lately
    turns = st.sampled_from([day + nudge for day in firsts for nudge in NUDGES])
    return st.sampled_from((lately, lately, lately, turns)).flatmap(lambda dues: dues)


@st.composite
def clusters(draw: st.DrawFn, as_of: datetime, platform: str, *, crowded: bool) -> list[Story]:
    """Lines that share what happened, their product and their shop; and crowds, each in its own shop."""
    drawn: list[Story] = []
    for size in draw(st.lists(st.sampled_from(SIZES), min_size=8, max_size=24)):
        kind = draw(st.sampled_from(KINDS))
        drawn += [draw(stories(as_of, draw(dues(as_of)), kind)) | draw(places())] * size
    for shop in CROWDED[: draw(st.integers(1, len(CROWDED))) if crowded else 0]:
        drawn += draw(crowds(as_of, platform, shop))
    return drawn


@st.composite
def crowds(draw: st.DrawFn, as_of: datetime, platform: str, shop: str) -> list[Story]:
    """A day of a shop, or several, with about as many bad orders as its platform bears."""
    due, place = draw(dues(as_of)), draw(places()) | {"shop": shop}
    bad, well = draw(st.sampled_from(SHARES[platform]))
    drawn: list[Story] = []
    for days_before in draw(st.sampled_from(EARLIER)):
        then = due - days_before * DAY
        ill_fated = draw(stories(as_of, then, lambda _as_of, due: badly(platform, due)))
        drawn += [place | ill_fated] * bad
        drawn += [draw(stories(as_of, then, in_time)) | place] * well
    return drawn


@st.composite
def places(draw: st.DrawFn) -> Story:
    """What a line is counted under."""
    product = draw(st.sampled_from(("P1", "P1", "P2", "-")))
    return {
        "product_id": product,
        "shop": draw(st.sampled_from(("甲店", "甲店", "乙店", "-"))),
        "tracking_no": draw(st.sampled_from(("-", *["SF0000000000001"] * 2, "SF0000000000002"))),
        "receiver_key": draw(st.sampled_from(("甲", "乙", "甲 乙", "甲 张*", "张*", "甲 乙 张*"))),
        "sku": draw(st.sampled_from(("S1", "S2", "-"))),
        "fulfilment": draw(st.sampled_from((*FULFILLED, *["-"] * 8))),
        "buyer_key": draw(st.sampled_from(("买家甲", "买家甲", "买家乙", "t**0"))),
    }


@st.composite
def mapped_frames(draw: st.DrawFn, *, shops: bool = False) -> Frame:
    """An export of any platform with most of the columns; with that of the shops, if requested."""
    as_of = draw(st.sampled_from(AS_OFS))
    platform = draw(st.sampled_from(PLATFORMS))
    lacking = {*draw(st.sampled_from(LACKING)), *draw(st.sampled_from(LACKING))}
    beside = draw(
        st.sampled_from(
            (() if not shops else ("shop",), ("shop",), ("shop",), ("shop", *OF_ORDERS))
        )
    )
    needed = ALWAYS[1:] if draw(st.integers(0, 3)) == 3 else ALWAYS
    headers = (*needed, *beside, *(name for name in (*TIMES, *OTHERS) if name not in lacking))
    alike = draw(st.integers(0, 2)) == 2
    named = draw(st.sampled_from((ALWAYS[:2], ALWAYS[:1], ALWAYS[1:2])))
    frame = Frame(as_of, platform, headers, mapped=True, parcels_name=named, alike=alike)
    return draw(joined(frame))


@st.composite
def mapped_worlds(draw: st.DrawFn, frame: Frame | None = None, *, crowded: bool = True) -> World:
    """One export of a frame; a few lines stand there twice. Where it is ``crowded``, shops have many.

    Once in a while its cases or its parcels stand in an export of their own, or its lines have no
    ids: then some of the orders may stand in an older export, too.
    """
    frame = frame or draw(mapped_frames())
    as_of, platform, headers = frame[:3]
    drawn = draw(clusters(as_of, platform, crowded=crowded))
    exempt = draw(exempted(as_of))
    unnamed = "line_id" not in headers
    needed = ALWAYS[1:] if unnamed else ALWAYS
    rows = [spelt(story, number, frame) for number, story in enumerate(drawn)]
    named = [name for name in needed[:-1] if name in frame.parcels_name] or needed[:1]
    ids = sorted({row[name] for row in rows for name in named})
    is_centre = draw(st.integers(0, 3)) == 3
    of_parcels = frame.of_parcels or draw(parcel_columns(signed=draw(st.booleans())))
    centre = (draw(parcel_exports(ids, 0, as_of, of_parcels)),) if is_centre else ()
    if unnamed:
        exports = grown(rows, headers, draw(st.integers(0, 3)) if platform == "douyin" else 0)
        return World(as_of, exports, centre, platform=platform, mapped=True, exemptions=exempt)
    rows += again(rows, draw(st.sampled_from((0, 0, 1, 2))))
    export = Export(file_name(0), headers, rows)
    known = [Known(row["line_id"], row["order_id"], row.get("product_id", "-")) for row in rows]
    cases = (
        [draw(case_exports(known, 10, as_of, frame.of_cases))]
        if draw(st.integers(0, 2)) == 2
        else []
    )
    given = World(as_of, (export,), centre, tuple(cases), platform=platform, mapped=True)
    return replace(given, exemptions=exempt)


def again(rows: Sequence[dict[str, str]], times: int) -> list[dict[str, str]]:
    """The first lines once more, the course of the last: of the one line another time, of one another.

    The later row counts, where both are one line.
    """
    same = [{name: row[name] for name in SAME if name in row} for row in rows]
    ids = [same[0] if rows else {}, *({"line_id": row["line_id"]} for row in rows[1:])]
    return [rows[-1] | ids[n] for n in range(min(times, len(rows)))]


def grown(rows: Sequence[dict[str, str]], headers: Sequence[str], older: int) -> tuple[Export, ...]:
    """The rows as one export; before it one of the first orders, as they were: fewer lines of each."""
    newest = Export(file_name(1), tuple(headers), list(rows))
    before = [{**row, "amount": "1.00"} if "amount" in row else row for row in rows[:older]]
    return (Export(file_name(0), tuple(headers), before), newest) if before else (newest,)


def spelt(story: Story, number: int, frame: Frame) -> dict[str, str]:
    """One row of the file. The receivers of a cluster take turns."""
    line, order = "NN" if frame.alike else "LO"
    ids = {"line_id": f"{line}{number:04}", "order_id": f"{order}{number // 2:04}"}
    people = str(story.get("receiver_key") or "-").split()
    ids["receiver_key"] = people[number % len(people)]
    return {name: cell(ids.get(name, story.get(name))) for name in frame.headers}


def cell(value: Cell) -> str:
    return spelt_time(value) if isinstance(value, datetime) else str(value or "-")
