"""How a Douyin order export spells what happened: columns, blanks, TABs, Excel's dates, damage."""

from collections.abc import Sequence
from datetime import datetime
from random import Random

from hypothesis import strategies as st
from oracle import Export

from worlds.moments import STYLES, spelt_time
from worlds.stories import (
    IDENTITY,
    MAY_LACK,
    MOST,
    NUMBER,
    PEOPLE,
    PICK_UP_COLUMNS,
    SIGNED,
    TIMES,
    UNJUDGED,
    USUAL,
    WANTED,
    Story,
    stories,
)
from worlds.world import file_name

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
    ("售后状态", "新的状态"),
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
    draw: st.DrawFn,
    stories: Sequence[Story],
    headers: Sequence[str],
    age: int,
    as_of: datetime,
    *,
    repeats: bool,
) -> Export:
    """One export of these stories' lines, with its order and spelling."""
    dice = Random(draw(st.integers(0, 255)))
    rows = list(stories)
    if repeats and rows:
        again = draw(st.lists(st.sampled_from(rows), max_size=5))
        rows += [retold(draw, row, as_of) for row in again]
    dice.shuffle(rows)
    style = draw(st.sampled_from(STYLES))
    cells = [{name: spelt(row, name, style, dice) for name in headers} for row in rows]
    if len(cells) > 1 and draw(st.booleans()):  # a row of a whole order
        cells[:2] = [together(cells[0], cells[1])]
    for at, (name, spoilt) in draw(
        st.lists(st.tuples(st.integers(0, MOST - 1), DAMAGE), max_size=5)
    ):
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
    traced = draw(st.sampled_from(PICK_UP_COLUMNS)), draw(st.sampled_from(("", "", SIGNED)))
    numbered = draw(st.sampled_from(("", NUMBER)))
    people = draw(st.sampled_from(PEOPLE))
    extra = *traced, numbered, *people, *draw(st.sets(st.sampled_from(UNJUDGED)))
    headers = [*WANTED, *(name for name in (*TIMES, *USUAL) if name not in lacking)]
    headers += sorted(name for name in extra if name)
    Random(draw(st.integers(0, 255))).shuffle(headers)
    return headers


def retold(draw: st.DrawFn, row: Story, as_of: datetime) -> Story:
    """What another row says of the same line: mostly something new."""
    identity = {name: row[name] for name in (*IDENTITY, "订单提交时间")}
    amount = draw(st.sampled_from((row["订单应付金额"], "50.05")))
    return {**row, **draw(stories(as_of)), **identity, "订单应付金额": amount}


def spelt(row: Story, name: str, style: str, dice: Random) -> str:
    """One cell: `-` or nothing when empty, a TAB before what Excel must not touch."""
    value = row.get("揽收" if name in PICK_UP_COLUMNS else name)
    if value in (None, "-", ""):
        return dice.choice(("-", "", "\t-", "\t"))
    cell = spelt_time(value, style) if isinstance(value, datetime) else str(value)
    return dice.choice(("", "", "\t", " ")) + cell + dice.choice(("", "", "\t"))
