"""A line and a case: what is known of them, whichever export it came from."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

CASE_FIELDS = (
    "case_type",
    "case_status",
    "case_reason",
    "case_applied_at",
    "case_due_at",
    "case_answered_at",
    "case_closed_at",
    "refund_amount",
    "refused",
    "intervention",
    "evidence_due_at",
    "platform_advanced",
    "refund_usual_at",
)
CASE_WORDS = ("case_type", "case_status", "intervention")
EVENTS = (
    "created_at",
    "paid_at",
    "shipped_at",
    "picked_up_at",
    "last_tracked_at",
    "out_for_delivery_at",
    "delivered_at",
    "completed_at",
    "closed_at",
    "case_applied_at",
    "case_answered_at",
    "case_closed_at",
)
"""The times at which something happened; those that lie ahead have not happened yet."""
Truth = bool | None
"""True, False, or None for "cannot be known"."""
SOMETIME = datetime(1, 1, 1)
"""When a line was shipped whose status says that it was, and of which nothing tells when."""
NOT_TO_SHIP = ("platform", "virtual", "pickup", "refunded")
"""How lines are fulfilled that the merchant has not to ship."""
STATED_ONLY = ("amazon", "shopee", "lazada", "temu", "ebay")
"""Where only a stated promise counts: none is computed as 48 hours from the payment."""
Person = tuple[str, ...]
"""What identifies a person, and the cells that do so."""


@dataclass(frozen=True, kw_only=True)
class CaseFacts:
    """What a case says, and a line of its newest case; `unknown` are fields with an unknown word."""

    case_type: str | None = None
    case_status: str | None = None
    case_reason: str | None = None
    case_applied_at: datetime | None = None
    case_due_at: datetime | None = None
    case_answered_at: datetime | None = None
    case_closed_at: datetime | None = None
    refund_amount: Decimal | None = None
    refused: bool | None = None
    intervention: str | None = None
    evidence_due_at: datetime | None = None
    platform_advanced: bool | None = None
    refund_usual_at: datetime | None = None
    out_of_stock: bool | None = None
    unknown: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Case(CaseFacts):
    """An after-sales case: whose it is, and how it stands."""

    case_id: str
    of_line: str | None = None
    of_order: str | None = None
    of_product: str | None = None


@dataclass(frozen=True, kw_only=True)
class Line(CaseFacts):
    """One order line.

    `carried` names the fields its own export can tell something about; without `has_status` the
    status is read off what has happened. Who bought and who receives is None where unknown.
    """

    line_id: str
    platform: str = "douyin"
    order_id: str | None = None
    product_id: str | None = None
    shop: str | None = None
    product_name: str | None = None
    sku: str | None = None
    province: str | None = None
    sender_province: str | None = None
    close_reason: str | None = None
    closed_by: str | None = None
    quantity: int | None = None
    pieces_of_order: int | None = None
    sellers_of_order: int | None = None
    amount: Decimal | None = None
    status: str | None = None
    fulfilment: str | None = None
    created_at: datetime | None = None
    paid_at: datetime | None = None
    promised_ship_at: datetime | None = None
    promise_stated: bool = True
    booked_delivery_at: datetime | None = None
    estimated_delivery_at: datetime | None = None
    pickup_due_at: datetime | None = None
    shipped_at: datetime | None = None
    picked_up_at: datetime | None = None
    last_tracked_at: datetime | None = None
    out_for_delivery_at: datetime | None = None
    delivered_at: datetime | None = None
    completed_at: datetime | None = None
    closed_at: datetime | None = None
    tracking_no: str | None = None
    buyer: Person | None = None
    receiver: Person | None = None
    cases_of_line: int | None = None
    settled: Truth = False
    settled_at: datetime | None = None
    buyer_cases_90d: int | None = None
    tracking_no_receivers_30d: int | None = None
    has_status: bool = True
    carried: frozenset[str] = frozenset()
