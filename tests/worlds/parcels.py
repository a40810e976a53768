"""The parcel centre of a made-up merchant."""

from collections.abc import Sequence
from datetime import datetime

from hypothesis import strategies as st
from oracle import ParcelExport

from worlds.moments import STYLES, around, nights, spelt_time
from worlds.stories import PICK_UP_COLUMNS, SIGNED

TROUBLE = ("即将揽收超时", "揽收超时", "揽收严重超时", "中转超时")
PARCEL_DAMAGE = (("运单号", "7.8E+13"), ("订单编号", "6.9E+18"), ("揽件时间", "昨天"),
                 ("揽收时间", "2026-13-01 00:00:00"), ("发货时间", "########"))  # fmt: skip


@st.composite
def parcel_columns(draw: st.DrawFn, *, signed: bool) -> tuple[str, ...]:
    """The columns of the parcel centre; where it tells of deliveries, that one too."""
    pick_up = draw(st.sampled_from(PICK_UP_COLUMNS[2:]))
    optional = [name for name in ("发货时间", "异常类型", "物流商名称") if draw(st.booleans())]
    return ("运单号", "订单编号", pick_up, *optional, *((SIGNED,) if signed else ()))


@st.composite
def parcel_exports(
    draw: st.DrawFn, ids: Sequence[str], number: int, as_of: datetime, headers: Sequence[str]
) -> ParcelExport:
    """Parcels of known orders and of strangers; a parcel in trouble stands there twice."""
    pick_up = headers[2]
    style = draw(st.sampled_from(STYLES))
    orders = st.lists(st.sampled_from([*ids, "6988888888888888888"]), min_size=1, max_size=3)
    rows = []
    for _ in range(draw(st.integers(0, 12))):
        tracking = f"SF{draw(st.integers(0, 8)):013}"
        inside = ",".join(draw(orders))
        for trouble in draw(st.lists(st.sampled_from(TROUBLE), min_size=1, max_size=2)):
            picked = draw(st.none() | around(as_of))
            cells = {"运单号": f"\t{tracking}", "订单编号": f"\t{inside}", "异常类型": trouble}
            cells |= {pick_up: spelt_time(picked, style) if picked else "-", "物流商名称": "顺丰"}
            arrived = draw(st.none() | around(as_of) | nights(as_of))
            cells |= {SIGNED: spelt_time(arrived, style) if arrived else "-"}
            rows.append({name: cells.get(name, "-") for name in headers})
    if rows and draw(st.integers(0, 3)) == 3:  # one export in four is damaged
        name, spoilt = draw(st.sampled_from(PARCEL_DAMAGE))
        rows[-1] |= {name: spoilt} if name in headers else {}
    return ParcelExport(f"包裹中心{number}.csv", tuple(headers), rows)
