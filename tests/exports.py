"""Small worlds of a Douyin merchant, drawn by hypothesis and written as the platform writes them.

What happened to a line (its *story*) is drawn as true times and words around as-of; how an export
spells it (columns, blanks, TABs, dates re-saved by Excel, damage) is added afterwards.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import TypeVar

from hypothesis import strategies as st
from oracle import CaseExport, Export, ParcelExport
from oracle.cases import KINDS as CASE_KINDS, STATUS as CASE_TOLD

Story = dict[str, str | datetime | None]
Kind = Callable[[datetime, datetime], st.SearchStrategy[Story]]
AnyExport = TypeVar("AnyExport", Export, ParcelExport, CaseExport)


@dataclass(frozen=True)
class World:
    """Everything a scan is given: exports of orders and of cases stand oldest first."""

    as_of: datetime
    exports: tuple[Export, ...]
    parcels: tuple[ParcelExport, ...]
    cases: tuple[CaseExport, ...]
    encodings: Mapping[str, str]


# ----------------------------------------------------------------------------- words and times

WANTED = ("主订单编号", "子订单编号", "订单提交时间")
TIMES = ("支付完成时间", "承诺发货时间", "预约发货时间", "发货时间", "订单完成时间")
USUAL = ("选购商品", "商品数量", "商品ID", "商家编码", "订单应付金额", "订单状态", "售后状态",
         "取消原因", "商家备注")  # fmt: skip
IDENTITY = ("子订单编号", "主订单编号", "商品ID", "选购商品", "商品数量", "商家编码")
UNJUDGED = ("快递信息", "商品规格", "收件人", "旗帜颜色", "仓库名称")
MAY_LACK: tuple[tuple[str, ...], ...] = (
    *[()] * 8,
    *[(name,) for name in (*TIMES, *USUAL)],
    ("商家备注", "取消原因"),
    ("承诺发货时间", "支付完成时间"),
    ("发货时间", "售后状态"),
)
STYLES = ("iso", "iso", "iso", "minutes", "excel", "excel seconds")
PICK_UP_COLUMNS = ("", "", "揽收时间", "揽件时间")

TO_SHIP, UNPAID = ("待发货", "备货中"), ("待确认", "待支付", "待成团")
SENT, OVER = ("已发货", "已发货", "部分发货"), ("已完成", "已关闭")
CASES = ("-", "待商家处理", "售后待处理", "待买家退货处理", "待退货", "待商家收货", "待收退货",
         "退款中", "同意退款，退款成功", "退款成功", "已全额退款", "售后关闭", "换货成功",
         "补寄成功", "补寄/换货，待买家收货", "补寄/换货成功", "退货后拒绝退款")  # fmt: skip
NO_CASE = ("-",) * len(CASES)
SHORT_REASONS = ("商家缺货", "商品无货", "-")
SHORT_NOTES = ("缺货", '供应商断货，"急"', "没货,\n等下周", "仓库无货 =1+1")
AMOUNTS = ("99.50", "0.00", "19.90", "299.00", "1,234.00", "12,345.60", "-", "")
SIZES = (1, 2, 3, 4, 7, 10)
CROWDS = (0, 0, 8, 10, 11, 13)  # of lines out of stock
MOST = 40
PRODUCTS = ("3600000000000000001", "3600000000000000002", "3600000000000000003", "-")

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
SHIFTS = tuple(
    hours * HOUR + nudge
    for hours in (0, -18, -24, -48, 24, 48, -72, -96, -216, 72)
    for nudge in (timedelta(0), SECOND, -SECOND)
)
UNPICKED = tuple(shift for shift in SHIFTS if 17 * HOUR < -shift < 49 * HOUR)
AS_OFS = (
    datetime(2026, 11, 21),
    datetime(2026, 11, 21, 12, 0, 30),
    datetime(2026, 2, 28, 23, 59, 59),
    datetime(2024, 3, 1, 0, 0, 1),
)


def around(at: datetime) -> st.SearchStrategy[datetime]:
    """The moments at which a clause changes its mind."""
    return st.sampled_from([at + shift for shift in SHIFTS])


# -------------------------------------------------------------------------------------- stories


@st.composite
def stories(draw: st.DrawFn, as_of: datetime, *kinds: Kind) -> Story:
    """One story of these kinds; by default a likely one, once in a while one without sense."""
    due = draw(around(as_of))
    created = [due - 49 * HOUR] * 6 + [as_of, as_of + SECOND, None]
    kind = draw(
        st.sampled_from(kinds or (waiting, short, sent, sent, completed, closed, unpaid, odd))
    )
    return {
        **dict.fromkeys((*TIMES, *USUAL, "揽收")),
        "订单提交时间": draw(st.sampled_from(created)),
        "支付完成时间": due - 48 * HOUR,
        "承诺发货时间": draw(st.sampled_from([due, due, None])),
        "售后状态": draw(st.sampled_from(NO_CASE + CASES)),
        **draw(kind(as_of, due)),
    }


@st.composite
def waiting(draw: st.DrawFn, _as_of: datetime, _due: datetime) -> Story:
    return {"订单状态": draw(st.sampled_from(TO_SHIP))}


@st.composite
def short(draw: st.DrawFn, as_of: datetime, due: datetime) -> Story:
    reason = draw(st.sampled_from(SHORT_REASONS))
    note = draw(st.sampled_from(SHORT_NOTES)) if reason == "-" else "-"
    return {**draw(waiting(as_of, due)), "取消原因": reason, "商家备注": note}


@st.composite
def sent(draw: st.DrawFn, as_of: datetime, due: datetime) -> Story:
    picked = draw(st.none() | st.none() | around(as_of))
    overdue = st.sampled_from([as_of + shift for shift in UNPICKED])
    shipped = draw(around(due) | around(as_of) | overdue)
    return {"订单状态": draw(st.sampled_from(SENT)), "发货时间": shipped, "揽收": picked}


@st.composite
def completed(draw: st.DrawFn, as_of: datetime, due: datetime) -> Story:
    done = draw(around(as_of) | st.none())
    return {**draw(sent(as_of, due)), "订单状态": "已完成", "订单完成时间": done}


@st.composite
def closed(draw: st.DrawFn, as_of: datetime, due: datetime) -> Story:
    return {**draw(short(as_of, due) | sent(as_of, due)), "订单状态": "已关闭"}


@st.composite
def unpaid(draw: st.DrawFn, _as_of: datetime, _due: datetime) -> Story:
    status = draw(st.sampled_from(UNPAID))
    return {"订单状态": status, "支付完成时间": None, "承诺发货时间": None}


@st.composite
def odd(draw: st.DrawFn, as_of: datetime, due: datetime) -> Story:
    """A status that its times do not bear out, or none."""
    at = st.none() | around(as_of) | around(due)
    told = {name: draw(at) for name in (*TIMES, "揽收")}
    status = draw(st.sampled_from(("-", *TO_SHIP, *UNPAID, *SENT, *OVER)))
    note = draw(st.sampled_from(("-", "已联系买家", *SHORT_NOTES)))
    return {**told, "订单状态": status, "商家备注": note}


@st.composite
def lines(draw: st.DrawFn, as_of: datetime) -> list[Story]:
    """1 to 40 lines, in clusters that share product and story, so that limits are reached."""
    told: list[Story] = []
    sizes = draw(st.lists(st.sampled_from(SIZES), min_size=1, max_size=5))
    crowd = draw(st.sampled_from(CROWDS))
    for size, kinds in [(size, ()) for size in sizes] + [(crowd, (short,))]:
        product, shared = draw(st.sampled_from(PRODUCTS)), draw(stories(as_of, *kinds))
        for _ in range(min(size, MOST - len(told))):
            own = draw(st.integers(0, 7)) == 7  # one in eight has its own story
            story = draw(stories(as_of)) if own else shared
            told.append(named(draw, story, product, told))
    return told


def named(draw: st.DrawFn, story: Story, product: str, before: Sequence[Story]) -> Story:
    """The story with ids and an amount; the only line of an order often has the order's id."""
    number = len(before)
    line_id, order_id = f"69{number:017}", f"68{number:017}"
    if before and before[-1]["主订单编号"] != before[-1]["子订单编号"]:
        order_id = str(before[-1]["主订单编号"])
    return {
        **story,
        "子订单编号": line_id,
        "主订单编号": draw(st.sampled_from((line_id, line_id, order_id))),
        "商品ID": product,
        "订单应付金额": draw(st.sampled_from(AMOUNTS)),
        "选购商品": "保温杯 500ml",
        "商品数量": "1",
        "商家编码": "A01-红",
        "快递信息": "SF-9-顺丰速运",
    }


# --------------------------------------------------------------------------------- order exports

SPOILT = (
    ("子订单编号", "6.9E+18"),
    ("子订单编号", ""),
    ("子订单编号", "6900000000000000001;6900000000000000002"),
    ("主订单编号", "6.91234E+18"),
    ("主订单编号", "-"),
    ("商品ID", "3.6E+18"),
    ("商品ID", "3600000000000000001;3600000000000000002"),
    ("订单应付金额", "免费"),
    ("订单应付金额", "1.2.3"),
    ("商品数量", "两件"),
    ("订单状态", "出库中"),
    ("订单状态", "-"),
    ("售后状态", "平台介入中"),
    ("售后状态", "商家缺货"),
)
SPOILT_TIMES = (
    "2026-02-30 10:00:00",
    "2026-11-20 08:00:60",
    "1970-01-01 08:00:00",
    "2100-01-01 00:00:00",
    "2026/13/1 8:00",
    "2026-11-20 08:00:00 延期",
    "12:30.0",
    "########",
    "待定",
)
SHORT_TIMES = (
    "2026-11-20",
    "2026/11/20 8:05",
    "2026-11-20 08:05",
    "2000-01-01",
    "2099-12-31",
    "46350.5",
    "36525",
)
DAMAGE = st.one_of(
    st.sampled_from(SPOILT),
    st.tuples(
        st.sampled_from(("订单提交时间", *TIMES, *PICK_UP_COLUMNS[2:])),
        st.sampled_from(SPOILT_TIMES + SHORT_TIMES),
    ),
)


@st.composite
def order_exports(
    draw: st.DrawFn, told: Sequence[Story], age: int, as_of: datetime, *, repeats: bool
) -> Export:
    """One export of the lines told of, with the columns, order and spelling of its own."""
    dice = Random(draw(st.integers(0, 255)))
    headers = draw(columns())
    rows = list(told)
    if repeats and rows:
        again = draw(st.lists(st.sampled_from(rows), max_size=3))
        rows += [retold(draw, row, as_of) for row in again]
    dice.shuffle(rows)
    style = draw(st.sampled_from(STYLES))
    cells = [{name: spelt(row, name, style, dice) for name in headers} for row in rows]
    if len(cells) > 1 and draw(st.booleans()):  # a row of a whole order
        cells[:2] = [together(cells[0], cells[1])]
    for at, (name, spoilt) in draw(st.lists(st.tuples(st.integers(0, 39), DAMAGE), max_size=3)):
        if cells and name in headers:
            cells[at % len(cells)][name] = spoilt
    return Export(file_name(age), tuple(headers), cells)


def together(one: dict[str, str], other: dict[str, str]) -> dict[str, str]:
    """One row for two lines, as in an export by order: what is a line's own is joined."""
    joined = {name: f"{one[name]};{other[name]}" for name in IDENTITY if name in one}
    whole = {name: one[name] for name in ("主订单编号", "商品数量") if name in one}
    return {**one, **joined, **whole}


@st.composite
def columns(draw: st.DrawFn) -> list[str]:
    """The headers of one export: some are missing, some mean nothing, in any order."""
    lacking = {*draw(st.sampled_from(MAY_LACK)), *draw(st.sampled_from(MAY_LACK))}
    extra = draw(st.sampled_from(PICK_UP_COLUMNS)), *draw(st.sets(st.sampled_from(UNJUDGED)))
    headers = [*WANTED, *(name for name in (*TIMES, *USUAL) if name not in lacking)]
    headers += sorted(name for name in extra if name)
    Random(draw(st.integers(0, 255))).shuffle(headers)
    return headers


def retold(draw: st.DrawFn, row: Story, as_of: datetime) -> Story:
    """What another export says of the same line: mostly something new."""
    identity = {name: row[name] for name in IDENTITY}
    amount = draw(st.sampled_from((row["订单应付金额"], "50.05")))
    return {**row, **draw(stories(as_of)), **identity, "订单应付金额": amount}


def spelt(row: Story, name: str, style: str, dice: Random) -> str:
    """One cell: `-` or nothing when empty, a TAB before what Excel must not touch."""
    value = row.get("揽收" if name in PICK_UP_COLUMNS else name)
    if value in (None, "-", ""):
        return dice.choice(("-", "", "\t-", "\t"))
    cell = spelt_time(value, style) if isinstance(value, datetime) else str(value)
    return dice.choice(("", "", "\t", " ")) + cell + dice.choice(("", "", "\t"))


def spelt_time(at: datetime, style: str) -> str:
    """A time as Douyin writes it, or as Excel leaves it."""
    if style == "iso":
        return f"{at:%Y-%m-%d %H:%M:%S}"
    if style == "minutes":
        return f"{at:%Y-%m-%d %H:%M}"
    seconds = f":{at:%S}" if style == "excel seconds" else ""
    return f"{at.year}/{at.month}/{at.day} {at.hour}:{at:%M}{seconds}"


def file_name(age: int) -> str:
    """Douyin puts the second of the export first: the later the export, the larger the number."""
    return f"{1_795_000_000 + 1000 * age}_{age:032x}.csv"


# -------------------------------------------------------------------------------- parcel exports

TROUBLE = ("即将揽收超时", "揽收超时", "揽收严重超时", "中转超时")
PARCEL_DAMAGE = (("运单号", "7.8E+13"), ("订单编号", "6.9E+18"), ("揽件时间", "昨天"),
                 ("揽收时间", "2026-13-01 00:00:00"), ("发货时间", "########"))  # fmt: skip


@st.composite
def parcel_exports(
    draw: st.DrawFn, ids: Sequence[str], number: int, as_of: datetime
) -> ParcelExport:
    """Parcels of known orders and of strangers; a parcel in trouble stands there twice."""
    pick_up = draw(st.sampled_from(PICK_UP_COLUMNS[2:]))
    style = draw(st.sampled_from(STYLES))
    optional = [name for name in ("发货时间", "异常类型", "物流商名称") if draw(st.booleans())]
    headers = ("运单号", "订单编号", pick_up, *optional)
    orders = st.lists(st.sampled_from([*ids, "6988888888888888888"]), min_size=1, max_size=3)
    rows = []
    for _ in range(draw(st.integers(0, 12))):
        tracking = f"SF{draw(st.integers(0, 8)):013}"
        inside = ",".join(draw(orders))
        for trouble in draw(st.lists(st.sampled_from(TROUBLE), min_size=1, max_size=2)):
            picked = draw(st.none() | around(as_of))
            told = {"运单号": f"\t{tracking}", "订单编号": f"\t{inside}", "异常类型": trouble}
            told |= {pick_up: spelt_time(picked, style) if picked else "-", "物流商名称": "顺丰"}
            rows.append({name: told.get(name, "-") for name in headers})
    if rows and draw(st.integers(0, 3)) == 3:  # one export in four is damaged
        name, spoilt = draw(st.sampled_from(PARCEL_DAMAGE))
        rows[-1] |= {name: spoilt} if name in headers else {}
    return ParcelExport(f"包裹中心{number}.csv", headers, rows)


# ---------------------------------------------------------------------------------- case exports

CASE_HEADERS = ("售后单号", "订单号", "商品单号", "商品ID", "售后类型", "售后状态", "售后申请时间",
                "同意售后申请时间", "售后完结时间")  # fmt: skip
CASE_DAMAGE = (("售后单号", "7.0E+17"), ("售后单号", "-"), ("售后申请时间", "昨天"), ("售后状态", "一个新词"),
               ("售后类型", "一种新类型"), ("商品单号", "6.9E+18"))  # fmt: skip


@st.composite
def case_exports(draw: st.DrawFn, told: Sequence[Story], age: int, as_of: datetime) -> CaseExport:
    """Cases of known lines and of strangers; some name only the order, or neither."""
    rows: dict[str, dict[str, str]] = {}
    at = st.none() | around(as_of)
    for _ in range(draw(st.integers(0, 12))):
        line = draw(st.sampled_from(told))
        case_id = f"70{line['子订单编号']}{draw(st.integers(0, 3))}"[-18:]
        times = [draw(at) for _ in CASE_HEADERS[6:]]
        known = draw(st.sampled_from(("line", "line", "line", "order", "nothing")))
        told_of = {
            "售后单号": f"\t{case_id}",
            "订单号": "-" if known == "nothing" else f"\t{line['主订单编号']}",
            "商品单号": f"\t{line['子订单编号']}" if known == "line" else "-",
            "商品ID": draw(st.sampled_from(("-", str(line["商品ID"])))),
            "售后类型": draw(st.sampled_from(tuple(CASE_KINDS))),
            "售后状态": draw(st.sampled_from(tuple(CASE_TOLD))),
        }
        spelt = {
            n: spelt_time(t, "iso") if t else "-"
            for n, t in zip(CASE_HEADERS[6:], times, strict=True)
        }
        rows[case_id] = told_of | spelt
    cases = list(rows.values())
    if cases and draw(st.integers(0, 3)) == 3:  # one export in four is damaged
        name, spoilt = draw(st.sampled_from(CASE_DAMAGE))
        cases[-1] = {**cases[-1], name: spoilt}
    return CaseExport(file_name(age), CASE_HEADERS, cases)


# ---------------------------------------------------------------------------------------- worlds


@st.composite
def worlds(draw: st.DrawFn, *, repeats: bool = True) -> World:
    """Overlapping exports of one shop; without `repeats` each line is in a file only once."""
    as_of = draw(st.sampled_from(AS_OFS))
    told = draw(lines(as_of))
    exports = [draw(order_exports(told, 0, as_of, repeats=repeats))]
    for age in range(1, draw(st.integers(1, 3))):
        fates = [(row, draw(st.integers(0, 3))) for row in told]
        again = [retold(draw, row, as_of) if fate == 1 else row for row, fate in fates if fate < 3]
        exports.append(draw(order_exports(again, age, as_of, repeats=repeats)))
    by = draw(st.sampled_from(("主订单编号", "主订单编号", "子订单编号")))
    ids = sorted({str(row[by]) for row in told})
    centre = [draw(parcel_exports(ids, n, as_of)) for n in range(draw(st.integers(0, 2)))]
    after_sales = [
        draw(case_exports(told, 10 + age, as_of)) for age in range(draw(st.integers(0, 2)))
    ]
    spelling = st.sampled_from(("utf-8-sig", "utf-8-sig", "utf-8", "gb18030"))
    names = [export.name for export in (*exports, *centre, *after_sales)]
    encodings = {name: draw(spelling) for name in names}
    return World(as_of, tuple(exports), tuple(centre), tuple(after_sales), encodings)


def shuffled(world: World, seed: int) -> World:
    """The same files with their rows and columns in another order."""
    dice = Random(seed)

    def again(export: AnyExport) -> AnyExport:
        rows, headers = list(export.rows), list(export.headers)
        dice.shuffle(rows)
        dice.shuffle(headers)
        return replace(export, rows=rows, headers=tuple(headers))

    return replace(
        world,
        exports=tuple(again(export) for export in world.exports),
        parcels=tuple(again(export) for export in world.parcels),
        cases=tuple(again(export) for export in world.cases),
    )


def split(world: World, seed: int) -> World:
    """Every order export in two files, exported one second after the other."""
    dice = Random(seed)
    parts, encodings = [], dict(world.encodings)
    for export in world.exports:
        second, rest = export.name.split("_")
        later = f"{int(second) + 1}_{rest}"
        cut = dice.randint(0, len(export.rows))
        parts += [
            replace(export, rows=export.rows[:cut]),
            replace(export, name=later, rows=export.rows[cut:]),
        ]
        encodings[later] = encodings[export.name]
    return replace(world, exports=tuple(parts), encodings=encodings)


# --------------------------------------------------------------------------------------- writing


def write_csv(export: Export | ParcelExport | CaseExport, path: Path, encoding: str) -> None:
    """A file as Douyin writes it: all quoted, or as Excel leaves it: quoted where it must be."""
    with path.open("w", encoding=encoding, newline="") as file:
        dialect = "excel" if encoding == "gb18030" else "unix"
        writer = csv.DictWriter(file, export.headers, dialect=dialect)
        writer.writeheader()
        writer.writerows(export.rows)


def write_world(world: World, folder: Path) -> list[Path]:
    """All files of a world, the newest first: it is the file name that tells their age."""
    paths = []
    files: tuple[Export | ParcelExport | CaseExport, ...] = (
        *reversed(world.exports),
        *world.parcels,
        *reversed(world.cases),
    )
    for export in files:
        path = folder / export.name
        write_csv(export, path, world.encodings[export.name])
        paths.append(path)
    return paths
