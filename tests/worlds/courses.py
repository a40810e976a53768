"""What can happen to a line on any platform, as values of its fields.

Its times are so far from as-of as clauses ask for, a second more, and a second less.
"""

from collections.abc import Callable
from datetime import datetime

from hypothesis import strategies as st
from oracle.mapped import WORDS

from worlds.moments import DAY, HOUR, NUDGES, SECOND, ago, nights

Cell = str | datetime | None
Story = dict[str, Cell]
Kind = Callable[[datetime, datetime], st.SearchStrategy[Story]]

TIMES = (
    "paid_at", "promised_ship_at", "booked_delivery_at", "estimated_delivery_at", "pickup_due_at", "shipped_at", "picked_up_at", "last_tracked_at",
    "out_for_delivery_at", "delivered_at", "completed_at", "closed_at", "case_applied_at", "case_due_at",
    "case_answered_at", "case_closed_at", "evidence_due_at",
)  # fmt: skip
REFUNDS = ("99.50", "99.49", "99.51", "3.00", "-")
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


@st.composite
def waiting(draw: st.DrawFn, as_of: datetime, _due: datetime) -> Story:
    """Paid and to be shipped; once in a while out of stock, or ordered half a year ago."""
    short = draw(st.sampled_from(("false", "false", "true", "-")))
    created = draw(st.none() | ago(as_of, 143 * DAY, 150 * DAY, 358 * DAY, 365 * DAY))
    creation = {"created_at": created} if created and draw(st.booleans()) else {}
    note = draw(st.sampled_from(NOTES))
    return {"status": "to_ship", "out_of_stock": short, "seller_note": note, **creation}


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
        "closed_by": draw(st.sampled_from((None, "seller", "buyer", "platform", "?")))
        if off
        else None,
        "completed_at": draw(ago(as_of, 0 * HOUR)),
        "closed_at": draw(
            st.sampled_from([due + n for n in NUDGES]) | ago(as_of, 0 * HOUR) | st.none()
        )
        if status == "closed"
        else None,
    }


@st.composite
def disputed(draw: st.DrawFn, as_of: datetime, due: datetime) -> Story:
    """A line with an after-sales case."""
    moments = (*(n * HOUR for n in (0, 12, 24, 36, 48, 60, 72)), 7 * DAY, 30 * DAY)
    soon = st.sampled_from([due - 42 * HOUR + n for n in NUDGES])  # 6 hours after payment
    applied = draw(ago(as_of, *moments) | ago(as_of, *moments) | soon)
    upcoming = ago(as_of, *(n * HOUR for n in (24, 0, -12, -24)))
    return {
        **draw(sent(as_of, due) | waiting(as_of, due)),
        "case_applied_at": applied,
        "case_type": draw(st.sampled_from(("refund_only", *WORDS["case_type"][:4], "-"))),
        "case_status": draw(
            st.sampled_from((*["seller_to_answer"] * 4, *WORDS["case_status"], "-"))
        ),
        "case_reason": draw(st.sampled_from(REASONS + REFUSALS)),
        "case_due_at": draw(st.none() | upcoming),
        "case_answered_at": draw(st.sampled_from((None, None, None, applied, as_of + SECOND))),
        "case_closed_at": draw(st.none() | ago(as_of, *(n * DAY for n in (0, 6, 7, 8)))),
        "evidence_due_at": draw(st.none() | upcoming),
        "refund_amount": draw(st.sampled_from(REFUNDS)),
        "refused": draw(st.sampled_from(("true", "false", "-"))),
        "intervention": draw(st.sampled_from((*WORDS["intervention"], "-", "另一个词"))),
        "platform_advanced": draw(st.sampled_from(("true", "false"))),
    }


@st.composite
def not_received(draw: st.DrawFn, as_of: datetime, due: datetime) -> Story:
    """A refund is requested, since the parcel does not come."""
    story = draw(disputed(as_of, due)) | draw(sent(as_of, due))
    return story | {
        "picked_up_at": draw(st.sampled_from((None, story["picked_up_at"]))),
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
    details = {
        "case_reason": draw(st.sampled_from(REFUSALS)),
        "case_status": draw(
            st.sampled_from(("seller_to_answer", "refunding", "refunded", "closed"))
        ),
        "amount": draw(st.sampled_from(("99.50", "4999.99", "5000.00", "-"))),
    }
    return draw(disputed(as_of, due)) | details


@st.composite
def settled(draw: st.DrawFn, as_of: datetime, due: datetime) -> Story:
    """The case went as far as it could: to a refund, to evidence, to a ruling."""
    story = draw(disputed(as_of, due))
    stepped_in = ("evidence", "evidence", "ruling", "buyer_won", "buyer_won", "asked")
    upcoming = ago(as_of, *(n * HOUR for n in (24, 0, -12, -24)))
    details = {
        "case_due_at": draw(upcoming),
        "evidence_due_at": draw(upcoming),
        "case_closed_at": draw(st.sampled_from((None, story["case_closed_at"]))),
        "intervention": draw(st.sampled_from(stepped_in)),
        "case_status": draw(
            st.sampled_from(("refunding", "refunded", "seller_to_receive", "refused"))
        ),
        "amount": draw(st.sampled_from(("99.50", "99.50", "-"))),
    }
    return story | details


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
def badly(draw: st.DrawFn, platform: str, due: datetime) -> Story:
    """Not shipped or shipped late, not picked up or late, called off: what a platform counts."""
    late = due + draw(st.sampled_from((SECOND, 24 * HOUR, 48 * HOUR + SECOND)))
    from_abroad = due + 72 * HOUR + SECOND  # by then 120 hours have passed since the payment
    waits: Story = {"status": "to_ship"}
    sent_late: Story = {"status": "shipped", "shipped_at": late, "picked_up_at": late + 6 * HOUR}
    one_number: Story = {"tracking_no": "SF9", "receiver_key": "甲 乙"}
    unpicked: Story = {"status": "shipped", "shipped_at": due - HOUR}
    called_off = [{"status": "closed", "close_reason": reason} for reason in OFF]
    courses: dict[str, list[Story]] = {
        "douyin": [
            waits,
            waits | {"seller_note": "缺货"},
            sent_late,
            sent_late | one_number,
            unpicked | {"status": "closed"},
        ],
        "pdd": [unpicked, unpicked | {"picked_up_at": due + 23 * HOUR + SECOND}],
        "tiktok": [sent_late, unpicked | {"tracking_no": "-"}, *called_off],
        "tmall-global": [
            waits,
            sent_late | {"shipped_at": from_abroad},
            {"status": "shipped", "shipped_at": due - HOUR, "picked_up_at": from_abroad},
        ],
        "amazon": [waits, sent_late, unpicked | {"tracking_no": "-"}, *called_off],
    }
    never: Story = unpicked | {"pickup_due_at": due + 48 * HOUR}
    return draw(st.sampled_from(courses.get(platform, [waits, sent_late, unpicked, never])))


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
