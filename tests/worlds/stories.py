"""What happened to the lines of a Douyin merchant: true times and words around as-of."""

from collections.abc import Callable, Sequence
from datetime import datetime

from hypothesis import strategies as st

from worlds.moments import HOUR, SECOND, UNPICKED, around, nights

Story = dict[str, str | datetime | None]
Kind = Callable[[datetime, datetime], st.SearchStrategy[Story]]

WANTED = ("主订单编号", "子订单编号", "订单提交时间")
TIMES = ("支付完成时间", "承诺发货时间", "预约发货时间", "发货时间", "订单完成时间")
USUAL = ("选购商品", "商品数量", "商品ID", "商家编码", "订单应付金额", "订单状态", "售后状态",
         "取消原因", "商家备注")  # fmt: skip
IDENTITY = ("子订单编号", "主订单编号", "商品ID", "选购商品", "商品数量", "商家编码")
UNJUDGED = ("商品规格", "旗帜颜色", "仓库名称", "订单类型")
PEOPLE = (
    (),
    (),
    ("收件人", "收件人手机号"),
    ("收件人", "详细地址"),
    ("收件人", "收件人手机号", "详细地址"),
)
RECEIVERS = (("甲", "13800000001", "一号"), ("甲 ", "+86 138-0000-0001", "一 号"), ("乙", "13800000002", "二号"), ("甲", "13800000002", "一号"),
             ("张*", "138****0001", "三*"), ("丙", "138****0001", "三号"), ("丙", "-", "三号"))  # fmt: skip
NUMBER = "快递单号"
MAY_LACK: tuple[tuple[str, ...], ...] = (
    *[()] * 8,
    *[(name,) for name in (*TIMES, *USUAL)],
    ("商家备注", "取消原因"),
    ("承诺发货时间", "支付完成时间"),
    ("发货时间", "售后状态"),
)
PICK_UP_COLUMNS = ("", "", "揽收时间", "揽件时间")
SIGNED = "签收时间"

TO_SHIP, UNPAID = ("待发货", "备货中"), ("待确认", "待支付", "待成团")
SENT, OVER = ("已发货", "已发货", "部分发货"), ("已完成", "已关闭")
CASES = ("-", "待商家处理", "售后待处理", "待买家退货处理", "待退货", "待商家收货", "待收退货",
         "退款中", "同意退款，退款成功", "退款成功", "已全额退款", "售后关闭", "换货成功",
         "补寄成功", "补寄/换货，待买家收货", "补寄/换货成功", "退货后拒绝退款")  # fmt: skip
NO_CASE = ("-",) * len(CASES)
SHORT_REASONS = ("商家缺货", "商品无货", "-")
SHORT_NOTES = ("并不缺货", "缺货", '供应商断货，"急"', "没货,\n等下周", "仓库无货 =1+1")
AMOUNTS = ("99.50", "0.00", "19.90", "299.00", "1,234.00", "12,345.60", "-", "")
SIZES = (1, 2, 3, 4, 7, 10)
CROWDS = (0, 0, 8, 10, 11, 13)  # of lines out of stock
MOST = 90
PRODUCTS = ("3600000000000000001", "3600000000000000002", "3600000000000000003", "-")


@st.composite
def stories(draw: st.DrawFn, as_of: datetime, *kinds: Kind) -> Story:
    """One story of these kinds; by default a likely one, once in a while one without sense."""
    due = draw(around(as_of))
    created = [due - 49 * HOUR] * 6 + [as_of, as_of + SECOND, None]
    kind = draw(
        st.sampled_from(kinds or (waiting, short, sent, sent, completed, closed, unpaid, odd))
    )
    return {
        **dict.fromkeys((*TIMES, *USUAL, "揽收", SIGNED)),
        "订单提交时间": draw(st.sampled_from(created)),
        "支付完成时间": draw(st.sampled_from((*[due - 48 * HOUR] * 7, None))),  # or on delivery
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
    signed = draw(st.none() | st.none() | around(as_of) | nights(as_of))
    status = draw(st.sampled_from(SENT))
    return {"订单状态": status, "发货时间": shipped, "揽收": picked, SIGNED: signed}


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
    cells = {name: draw(at) for name in (*TIMES, "揽收", SIGNED)}
    status = draw(st.sampled_from(("-", *TO_SHIP, *UNPAID, *SENT, *OVER)))
    note = draw(st.sampled_from(("-", "已联系买家", *SHORT_NOTES)))
    return {**cells, "订单状态": status, "商家备注": note}


@st.composite
def lines(draw: st.DrawFn, as_of: datetime) -> list[Story]:
    """1 to 90 lines, in clusters that share product and story, so that limits are reached."""
    all_stories: list[Story] = []
    sizes = draw(st.lists(st.sampled_from(SIZES), min_size=4, max_size=16))
    crowd = draw(st.sampled_from(CROWDS))
    for size, kinds in [(size, ()) for size in sizes] + [(crowd, (short,))]:
        product, shared = draw(st.sampled_from(PRODUCTS)), draw(stories(as_of, *kinds))
        for _ in range(min(size, MOST - len(all_stories))):
            differs = draw(st.integers(0, 7)) == 7  # one in eight has its own story
            story = draw(stories(as_of)) if differs else shared
            all_stories.append(named(draw, story, product, all_stories))
    return all_stories


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
        "订单类型": draw(st.sampled_from(("普通订单", "普通订单", "-", "虚拟订单", "电子凭证"))),
        NUMBER: draw(
            st.sampled_from(("-", "SF0000000000001", "SF0000000000001", "SF0000000000002"))
        ),
        **dict(zip(PEOPLE[-1], draw(st.sampled_from(RECEIVERS)), strict=True)),
    }
