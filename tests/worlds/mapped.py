"""Worlds of merchants on any platform, in exports that a mapping reads: its columns are fields.

Every field of a line can stand there, so every clause is reached; its times are so far from as-of
as clauses ask for, a second more, and a second less.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from hypothesis import strategies as st
from oracle import Export
from oracle.mapped import WORDS

from worlds.moments import DAY, HOUR, NUDGES, SECOND, ago, nights, spelt_time
from worlds.world import World, file_name

Cell = str | datetime | None
Story = dict[str, Cell]
Kind = Callable[[datetime, datetime], st.SearchStrategy[Story]]

PLATFORMS = ("douyin", "douyin", "tmall", "tmall", "taobao", "taobao", "pdd", "tiktok", "amazon")
ALWAYS = ("line_id", "order_id", "created_at")
TIMES = (
    "paid_at", "promised_ship_at", "pickup_due_at", "shipped_at", "picked_up_at", "last_tracked_at",
    "out_for_delivery_at", "delivered_at", "completed_at", "case_applied_at", "case_due_at",
    "case_answered_at", "case_closed_at", "evidence_due_at",
)  # fmt: skip
OTHERS = (
    "product_id", "product_name", "quantity", "province", "amount", "status", "out_of_stock", "seller_note",
    "close_reason", "case_type", "case_status", "case_reason", "refund_amount", "refused",
    "intervention", "platform_advanced",
)  # fmt: skip
AS_OFS = (
    datetime(2026, 11, 21),
    datetime(2026, 11, 21),
    datetime(2026, 11, 21, 12, 0, 30),
    datetime(2026, 1, 2),  # and two days after the first day of a text:
    datetime(2025, 9, 7),
    datetime(2025, 8, 28),
    datetime(2025, 6, 7),
    datetime(2025, 3, 9),
    datetime(2025, 2, 15),
    datetime(2022, 12, 8),
    datetime(2020, 1, 3),
)
"""Moments at which a text begins to hold, or a year, two days after it does."""
AMOUNTS = ("0.00", "3.00", "3.01", "33.33", "40.00", "99.50", "150.50", "299.99", "300.00", "333.30",
           "1,000.00", "2500.00", "4999.99", "5000.00", "9999.00", "20,000.00", "-")  # fmt: skip
REFUNDS = ("99.50", "99.49", "99.51", "3.00", "-")
GOODS = ("保温杯", "生鲜牛排", "进口巧克力", "-")
PROVINCES = ("浙江省", "新疆维吾尔自治区", "海南省", "-")
NOTES = ("-", "-", "已联系买家", "不缺货", "缺货", "供应商断货")
OFF = ("Buyer cancelled", "Seller: unable to ship", "Out of stock", "不想要了", "商家缺货", "-")
REASONS = (
    "未收到货", "物流停滞", "少件/空包裹", "质量问题", "与描述不符", "承诺未兑现", "不想要了", "商家缺货",
    "丢件", "-",
)  # fmt: skip
REFUSALS = (
    "拒签-外包装破损",
    "拒签-与描述不符",
    "拒收-收货人不在",
    "拒签-不想要了",
    "派送时无人",
    "拒签",
    "破损",
)
LACKING = (*[()] * 9, *[(name,) for name in (*TIMES, *OTHERS) if name != "product_name"])

SIZES = (1, 1, 1, 1, 2, 3, 5)
SHARES = ((0, 0), (1, 23), (1, 24), (1, 32), (1, 33), (1, 39), (1, 40), (1, 49), (2, 48), (8, 2), (10, 90),
          (11, 9), (11, 209), (12, 209), (20, 80), (29, 0), (30, 69), (30, 70), (31, 69), (90, 0), (119, 0),
          (120, 0), (8, 92), (7, 93))  # fmt: skip
"""Of a crowd: how many have done badly, how many well. 4 % of 25, 5 % of 220, 30 % of 100 …"""


# ------------------------------------------------------------------- what has happened to a line


@st.composite
def waiting(draw: st.DrawFn, as_of: datetime, _due: datetime) -> Story:
    """Paid and to be shipped; once in a while out of stock, or ordered half a year ago."""
    short = draw(st.sampled_from(("false", "false", "true", "-")))
    created = draw(st.none() | ago(as_of, 143 * DAY, 150 * DAY))
    said = {"created_at": created} if created and draw(st.booleans()) else {}
    note = draw(st.sampled_from(NOTES))
    return {"status": "to_ship", "out_of_stock": short, "seller_note": note, **said}


@st.composite
def sent(draw: st.DrawFn, as_of: datetime, due: datetime) -> Story:
    """Shipped about its promise or of late, picked up or not, and on its way or not."""
    spans = [span * HOUR for span in (0, 18, 24, 48, 72, 96)]
    shipped = draw(st.sampled_from([due + n for n in NUDGES]) | ago(as_of, *spans, 30 * DAY))
    span = draw(st.sampled_from((0, 6, 24, 48)))
    later = draw(ago(as_of, *spans))
    picked = draw(st.sampled_from((None, shipped + span * HOUR, shipped + DAY + SECOND, later)))
    tracked = draw(st.none() | ago(as_of, *(n * HOUR for n in (24, 36, 48, 60, 72, 96, 120))))
    return {
        "status": draw(st.sampled_from(("shipped", "shipped", "part_shipped"))),
        "shipped_at": shipped,
        "picked_up_at": picked,
        "last_tracked_at": draw(st.sampled_from((picked, tracked, tracked))),
        "out_for_delivery_at": draw(st.none() | ago(as_of, 18 * HOUR, 24 * HOUR)),
        "delivered_at": draw(
            st.none() | st.none() | nights(as_of) | ago(as_of, 0 * HOUR, 24 * HOUR)
        ),
        "pickup_due_at": draw(st.none() | ago(as_of, *(n * HOUR for n in (-12, 0, 48, 96, 120)))),
    }


@st.composite
def over(draw: st.DrawFn, as_of: datetime, due: datetime) -> Story:
    """Completed, or closed before or after it was shipped."""
    story = draw(sent(as_of, due) | waiting(as_of, due))
    status = draw(st.sampled_from(("completed", "closed", "closed")))
    off = draw(st.sampled_from(OFF)) if status == "closed" else None
    return {
        **story,
        "status": status,
        "close_reason": off,
        "completed_at": draw(ago(as_of, 0 * HOUR)),
    }


@st.composite
def disputed(draw: st.DrawFn, as_of: datetime, due: datetime) -> Story:
    """A line with an after-sales case."""
    applied = draw(ago(as_of, *(n * HOUR for n in (0, 12, 24, 36, 48, 60, 72)), 7 * DAY, 30 * DAY))
    ahead = ago(as_of, *(n * HOUR for n in (0, -12, -24)))
    return {
        **draw(sent(as_of, due) | waiting(as_of, due)),
        "case_applied_at": applied,
        "case_type": draw(st.sampled_from(("refund_only", *WORDS["case_type"][:4], "-"))),
        "case_status": draw(
            st.sampled_from((*["seller_to_answer"] * 4, *WORDS["case_status"], "-"))
        ),
        "case_reason": draw(st.sampled_from(REASONS + REFUSALS)),
        "case_due_at": draw(st.none() | ahead),
        "case_answered_at": draw(st.sampled_from((None, None, None, applied, as_of + SECOND))),
        "case_closed_at": draw(st.none() | ago(as_of, *(n * DAY for n in (0, 6, 7, 8)))),
        "evidence_due_at": draw(st.none() | ahead),
        "refund_amount": draw(st.sampled_from(REFUNDS)),
        "refused": draw(st.sampled_from(("true", "false", "-"))),
        "intervention": draw(st.sampled_from((*WORDS["intervention"], "-", "另一个词"))),
        "platform_advanced": draw(st.sampled_from(("true", "false"))),
    }


@st.composite
def not_received(draw: st.DrawFn, as_of: datetime, due: datetime) -> Story:
    """Money back is asked for, since the parcel does not come."""
    story = draw(disputed(as_of, due)) | draw(sent(as_of, due))
    return story | {
        "picked_up_at": draw(st.sampled_from((None, None, story["picked_up_at"]))),
        "delivered_at": draw(st.sampled_from((None, None, story["delivered_at"]))),
        "case_type": draw(st.sampled_from(("refund_only", "refund_unshipped", "return_refund"))),
        "case_status": draw(
            st.sampled_from(("seller_to_answer", "asked", "seller_to_answer", "refused"))
        ),
        "case_reason": draw(
            st.sampled_from(("未收到货", "物流停滞", "少件/空包裹", "丢件", "不想要了"))
        ),
        "case_answered_at": None,
    }


@st.composite
def not_taken(draw: st.DrawFn, as_of: datetime, due: datetime) -> Story:
    """The buyer did not take the delivery."""
    said = {
        "case_reason": draw(st.sampled_from(REFUSALS)),
        "case_status": draw(
            st.sampled_from(("seller_to_answer", "refunding", "refunded", "closed"))
        ),
        "amount": draw(st.sampled_from(("99.50", "4999.99", "5000.00", "-"))),
    }
    return draw(disputed(as_of, due)) | said


@st.composite
def settled(draw: st.DrawFn, as_of: datetime, due: datetime) -> Story:
    """The case went as far as it could: to a refund, to evidence, to a ruling."""
    stepped_in = ("evidence", "ruling", "buyer_won", "buyer_won", "asked")
    said = {
        "intervention": draw(st.sampled_from(stepped_in)),
        "case_status": draw(
            st.sampled_from(("refunding", "refunded", "seller_to_receive", "refused"))
        ),
        "amount": draw(st.sampled_from(("99.50", "99.50", "-"))),
    }
    return draw(disputed(as_of, due)) | said


@st.composite
def odd(draw: st.DrawFn, as_of: datetime, due: datetime) -> Story:
    """One without sense."""
    at = st.none() | ago(as_of, 0 * HOUR, 24 * HOUR, 48 * HOUR, -24 * HOUR)
    words = {
        name: draw(st.sampled_from((*known, "-", "另一个词"))) for name, known in WORDS.items()
    }
    return {name: draw(at) for name in TIMES} | words | {"promised_ship_at": due}


@st.composite
def in_time(draw: st.DrawFn, _as_of: datetime, due: datetime) -> Story:
    """Nothing to complain of."""
    shipped = due - draw(st.sampled_from((0 * HOUR, SECOND, 24 * HOUR)))
    return {"status": "shipped", "shipped_at": shipped, "picked_up_at": shipped + 6 * HOUR}


@st.composite
def badly(draw: st.DrawFn, _as_of: datetime, due: datetime) -> Story:
    """Shipped late, picked up late, called off, or nothing yet."""
    late = due + draw(st.sampled_from((SECOND, 24 * HOUR, 48 * HOUR + SECOND)))
    unpicked = {"status": "shipped", "shipped_at": due - HOUR}
    return draw(
        st.sampled_from(
            (
                {"status": "to_ship"},
                {"status": "to_ship", "seller_note": "缺货"},
                {"status": "shipped", "shipped_at": late, "picked_up_at": late + 6 * HOUR},
                unpicked,
                {**unpicked, "picked_up_at": due + 23 * HOUR + SECOND},
                {**unpicked, "status": "closed"},
                {"status": "closed", "close_reason": "Out of stock"},
                {"status": "closed", "close_reason": "Seller: unable to ship"},
            )
        )
    )


KINDS: tuple[Kind, ...] = (
    waiting,
    sent,
    sent,
    over,
    disputed,
    not_received,
    not_taken,
    settled,
    odd,
)


# ----------------------------------------------------------------------------------------- lines


@st.composite
def stories(draw: st.DrawFn, as_of: datetime, due: datetime, kind: Kind) -> Story:
    """A line: when it was ordered and for how much, and what has happened to it."""
    promised = draw(st.sampled_from((48 * HOUR, 48 * HOUR, 48 * HOUR + SECOND, 120 * HOUR)))
    early = draw(st.sampled_from((60 * SECOND, HOUR, 24 * HOUR)))
    return {
        "created_at": due - promised - early,
        "paid_at": due - promised,
        "promised_ship_at": draw(st.sampled_from((due, due, due, None))),
        "amount": draw(st.sampled_from((*AMOUNTS, "99.50", "99.50"))),
        "product_name": draw(st.sampled_from(GOODS)),
        "quantity": draw(st.sampled_from(("1", "1", "2", "-"))),
        "province": draw(st.sampled_from(PROVINCES)),
        **draw(kind(as_of, due)),
    }


def dues(as_of: datetime) -> st.SearchStrategy[datetime]:
    """When lines were promised."""
    hours = (-24, 0, 24, 48, 72, 96, 120)
    return ago(as_of, *(n * HOUR for n in hours), 7 * DAY, 10 * DAY, 30 * DAY)


@st.composite
def clusters(draw: st.DrawFn, as_of: datetime) -> list[Story]:
    """Lines that share what happened, their product and their shop."""
    told: list[Story] = []
    for size in draw(st.lists(st.sampled_from(SIZES), min_size=4, max_size=16)):
        kind = draw(st.sampled_from(KINDS))
        told += [draw(stories(as_of, draw(dues(as_of)), kind)) | draw(places())] * size
    due, place = draw(dues(as_of)), draw(places())
    for kind, size in zip((badly, in_time), draw(st.sampled_from(SHARES)), strict=True):
        told += [draw(stories(as_of, due, kind)) | place] * size
    return told


@st.composite
def places(draw: st.DrawFn) -> Story:
    """What a line is counted under."""
    product = draw(st.sampled_from(("P1", "P1", "P2", "-")))
    return {"product_id": product, "shop": draw(st.sampled_from(("甲店", "甲店", "乙店", "-")))}


@st.composite
def mapped_worlds(draw: st.DrawFn) -> World:
    """One export of any platform, with most of the columns; a few lines stand there twice."""
    as_of = draw(st.sampled_from(AS_OFS))
    told = draw(clusters(as_of))
    lacking = {*draw(st.sampled_from(LACKING)), *draw(st.sampled_from(LACKING))}
    shop = draw(st.sampled_from(((), ("shop",))))
    headers = (*ALWAYS, *shop, *(name for name in (*TIMES, *OTHERS) if name not in lacking))
    rows = [spelt(story, number, headers) for number, story in enumerate(told)]
    rows += again(rows, draw(st.sampled_from((0, 0, 1, 2))))
    export = Export(file_name(0), headers, rows)
    return World(as_of, (export,), platform=draw(st.sampled_from(PLATFORMS)), mapped=True)


def again(rows: Sequence[dict[str, str]], times: int) -> list[dict[str, str]]:
    """The first lines once more, with the course of the last: the later row counts."""
    return [rows[-1] | {"line_id": rows[n]["line_id"]} for n in range(min(times, len(rows)))]


def spelt(story: Story, number: int, headers: Sequence[str]) -> dict[str, str]:
    """One row of the file."""
    ids = {"line_id": f"L{number:04}", "order_id": f"O{number // 2:04}"}
    return {name: cell(ids.get(name, story.get(name))) for name in headers}


def cell(value: Cell) -> str:
    return spelt_time(value) if isinstance(value, datetime) else str(value or "-")
