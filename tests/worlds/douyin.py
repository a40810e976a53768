"""Worlds of a Douyin merchant: order reports that overlap, the parcel centre, after-sales cases."""

from datetime import datetime

from hypothesis import strategies as st

from worlds.cases import Known, case_exports
from worlds.frames import joined
from worlds.orders import columns, order_exports, retold
from worlds.parcels import parcel_columns, parcel_exports
from worlds.stories import lines
from worlds.world import Frame, World

AS_OFS = (
    datetime(2026, 11, 21),
    datetime(2026, 11, 21, 12, 0, 30),
    datetime(2026, 8, 11, 12),  # and just after the first day of a text:
    datetime(2026, 7, 1),
    datetime(2026, 6, 3, 18),
    datetime(2026, 2, 28, 23, 59, 59),
    datetime(2024, 3, 1, 0, 0, 1),
)

IDS = ("子订单编号", "主订单编号", "商品ID")
PLATFORMS = ("douyin", "douyin", "douyin", "tmall", "taobao")
"""Whose rules judge: these have cases and parcels too, and other clauses for them."""


@st.composite
def frames(draw: st.DrawFn, *, shops: bool = False) -> Frame:
    """An export, judged by the rules of a platform; with a column of the shops, if requested."""
    headers = draw(columns())
    shop = ["店铺名称"] if shops and "店铺名称" not in headers else []
    as_of, platform = draw(st.sampled_from(AS_OFS)), draw(st.sampled_from(PLATFORMS))
    return draw(joined(Frame(as_of, platform, (*headers, *shop))))


@st.composite
def worlds(draw: st.DrawFn, *, repeats: bool = True, frame: Frame | None = None) -> World:
    """Overlapping exports of one shop; without `repeats` each line is in a file only once.

    In a frame that is given all have its columns.
    """
    alike = frame is not None
    frame = frame or draw(frames())
    as_of, platform, headers = frame[:3]
    stories = draw(lines(as_of))
    exports = [draw(order_exports(stories, headers, 0, as_of, repeats=repeats))]
    for age in range(1, draw(st.integers(1, 3))):
        fates = [(row, draw(st.integers(0, 3))) for row in stories]
        again = [retold(draw, row, as_of) if fate == 1 else row for row, fate in fates if fate < 3]
        if not alike and draw(st.integers(0, 2)) == 2:
            headers = tuple(draw(columns()))
        exports.append(draw(order_exports(again, headers, age, as_of, repeats=repeats)))
    by = draw(st.sampled_from(("主订单编号", "主订单编号", "子订单编号")))
    ids = sorted({str(row[by]) for row in stories})
    centre = [
        draw(parcel_exports(ids, n, as_of, frame.of_parcels or draw(parcel_columns(signed=signed))))
        for signed in (draw(st.booleans()),)
        for n in range(draw(st.integers(0, 2)))
    ]
    known = [Known(*(str(row[name]) for name in IDS)) for row in stories]
    after_sales = [
        draw(case_exports(known, 10 + age, as_of, frame.of_cases))
        for age in range(draw(st.integers(0, 2)))
    ]
    spelling = st.sampled_from(("utf-8-sig", "utf-8-sig", "utf-8", "gb18030"))
    names = [export.name for export in (*exports, *centre, *after_sales)]
    encodings = {name: draw(spelling) for name in names}
    return World(as_of, tuple(exports), tuple(centre), tuple(after_sales), encodings, platform)
