"""The fields of a line: the vocabulary that formats fill and predicates read.

A *line* is one order line. All times are wall-clock times of the platform without zone, money is
decimal yuan, ids are text. See ``FIELDS`` for the whole list, in the order in which it is shown.
"""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """The kind of a field's values, which decides how a cell is read and its SQL type."""

    ID = "id"
    TEXT = "text"
    WORD = "word"
    TIME = "time"
    MONEY = "money"
    NUMBER = "number"
    FLAG = "flag"

    @property
    def sql_type(self) -> str:
        """The type of such a field in the pipeline's tables."""
        return _SQL_TYPES[self]


_SQL_TYPES = {
    Kind.ID: "VARCHAR",
    Kind.TEXT: "VARCHAR",
    Kind.WORD: "VARCHAR",
    Kind.TIME: "TIMESTAMP",
    # 18 digits fit into 64 bits on both engines; sums are widened by them.
    Kind.MONEY: "DECIMAL(18, 2)",
    Kind.NUMBER: "BIGINT",
    Kind.FLAG: "BOOLEAN",
}


class Field(NamedTuple):
    """One field of a line.

    ``event`` marks a time at which something happened: null means that it has not, and a time
    after as-of counts as null. ``exported`` is false for fields that only the pipeline derives.
    """

    name: str
    kind: Kind
    event: bool = False
    exported: bool = True


_ALL = (
    Field("platform", Kind.WORD, exported=False),
    Field("shop", Kind.TEXT),
    Field("order_id", Kind.ID),
    Field("line_id", Kind.ID),
    Field("product_id", Kind.ID),
    Field("product_name", Kind.TEXT),
    Field("sku", Kind.TEXT),
    Field("quantity", Kind.NUMBER),
    Field("pieces_of_order", Kind.NUMBER),
    Field("sellers_of_order", Kind.NUMBER),
    Field("amount", Kind.MONEY),
    Field("paid_amount", Kind.MONEY),
    Field("status", Kind.WORD),
    Field("fulfilment", Kind.TEXT),
    Field("parcel_known", Kind.FLAG, exported=False),
    Field("created_at", Kind.TIME, event=True),
    Field("paid_at", Kind.TIME, event=True),
    Field("promised_ship_at", Kind.TIME),
    Field("booked_ship_at", Kind.TIME),
    Field("booked_delivery_at", Kind.TIME),
    Field("estimated_delivery_at", Kind.TIME),
    Field("pickup_due_at", Kind.TIME),
    Field("shipped_at", Kind.TIME, event=True),
    Field("picked_up_at", Kind.TIME, event=True),
    Field("last_tracked_at", Kind.TIME, event=True),
    Field("out_for_delivery_at", Kind.TIME, event=True),
    Field("delivered_at", Kind.TIME, event=True),
    Field("completed_at", Kind.TIME, event=True),
    Field("closed_at", Kind.TIME, event=True),
    Field("close_reason", Kind.TEXT),
    Field("closed_by", Kind.WORD),
    Field("seller_note", Kind.TEXT),
    Field("tracking_no", Kind.ID),
    Field("carrier", Kind.TEXT),
    Field("warehouse", Kind.TEXT),
    Field("province", Kind.TEXT),
    Field("sender_province", Kind.TEXT),
    Field("out_of_stock", Kind.FLAG),
    Field("out_of_stock_from", Kind.TEXT, exported=False),
    Field("case_id", Kind.ID),
    Field("case_type", Kind.WORD),
    Field("case_status", Kind.WORD),
    Field("case_reason", Kind.TEXT),
    Field("case_applied_at", Kind.TIME, event=True),
    Field("case_due_at", Kind.TIME),
    Field("case_answered_at", Kind.TIME, event=True),
    Field("case_closed_at", Kind.TIME, event=True),
    Field("refund_amount", Kind.MONEY),
    Field("refused", Kind.FLAG),
    Field("intervention", Kind.WORD),
    Field("evidence_due_at", Kind.TIME),
    Field("liable", Kind.WORD),
    Field("platform_advanced", Kind.FLAG),
    Field("buyer_key", Kind.TEXT, exported=False),
    Field("receiver_key", Kind.TEXT, exported=False),
    Field("refund_usual_at", Kind.TIME, exported=False),
    Field("cases_of_line", Kind.NUMBER, exported=False),
    Field("buyer_cases_90d", Kind.NUMBER, exported=False),
    Field("tracking_no_receivers_30d", Kind.NUMBER, exported=False),
    Field("sent_at", Kind.TIME, event=True, exported=False),
    Field("scanned_at", Kind.TIME, event=True, exported=False),
    Field("settled", Kind.FLAG, exported=False),
    Field("settled_at", Kind.TIME, event=True, exported=False),
    Field("as_of", Kind.TIME, exported=False),
)

FIELDS: dict[str, Field] = {field.name: field for field in _ALL}

WORDS: dict[str, tuple[str, ...]] = {
    "status": ("unpaid", "to_ship", "part_shipped", "shipped", "completed", "closed"),
    "fulfilment": (
        *("seller", "platform", "virtual", "pickup", "refunded", "pre_order"),
        *("bonded", "direct"),
    ),
    "case_type": (
        "refund_unshipped",
        "refund_only",
        "return_refund",
        "exchange",
        "resend",
        "repair",
        "price",
    ),
    "case_status": (
        "asked",
        "seller_to_answer",
        "buyer_to_return",
        "seller_to_receive",
        "refunding",
        "refunded",
        "exchanged",
        "refused",
        "closed",
    ),
    "intervention": (
        "none",
        "asked",
        "evidence",
        "ruling",
        "buyer_won",
        "seller_won",
        "withdrawn",
    ),
    "closed_by": ("buyer", "seller", "platform"),
    "liable": ("seller", "buyer", "both", "platform", "carrier", "creator"),
}
"""The canonical words of each word field. Formats translate a platform's words into them."""

NOT_TO_SHIP = ("platform", "virtual", "pickup", "refunded")
"""Lines that the merchant need not ship: the platform does, or there is no parcel to send."""

PRE_ORDER = "pre_order"
"""A pre-order is shipped on a stated day; if the export lacks it, no promise is computed."""

SHIPPING_FIELDS = frozenset(
    {
        *("promised_ship_at", "shipped_at", "pickup_due_at", "picked_up_at", "last_tracked_at"),
        *("out_for_delivery_at", "delivered_at", "sent_at", "scanned_at"),
    }
)
"""A rule that reads one of these is about shipping, unless it reads ``case_applied_at`` too."""

PLATFORMS = (
    *("amazon", "douyin", "ebay", "jd", "jushuitan", "kuaishou", "lazada", "pdd", "shopee"),
    *("shopify", "taobao", "temu", "tiktok", "tmall", "tmall-global", "wangdiantong"),
    *("wechat", "woocommerce", "xiaohongshu"),
)
"""The platforms that an export may be of. An ERP's name is one too, but has no rules."""

FLAG_WORDS = ("true", "false")
"""The canonical words of a flag."""

ALWAYS_CARRIED = frozenset({"platform", "line_id", "as_of", "shop"})
"""Fields that every line has, whatever its export looks like."""

PARCEL_KNOWN = {"picked_up_at": "parcel_known", "delivered_at": "delivery_known"}
"""The events of a parcel, each with the flag that says whether it is known of a line's parcel."""

PARCEL_EVENTS = frozenset(PARCEL_KNOWN)

PARCEL_FIELDS = PARCEL_EVENTS | {"pickup_due_at", "last_tracked_at", "tracking_no", "carrier"}
"""Fields that a parcels export can supply to a line whose own export lacks them."""

CASE_FIELDS = (
    "case_id",
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
    "liable",
    "platform_advanced",
)
"""The fields of an after-sales case. ``refused``: the merchant refused the buyer's request;
``platform_advanced``: the platform paid the buyer in the merchant's place."""

DERIVED_FROM: dict[str, frozenset[str]] = {
    "sent_at": frozenset({"shipped_at"}),
    "scanned_at": frozenset({"picked_up_at"}),
    "settled": frozenset(),
    "settled_at": frozenset(),
}
"""The derived fields that every line gets, and the fields that each needs.

``scanned_at``: when the carrier had the parcel, by its pick-up or delivery; ``sent_at``: that scan
if the line's parcel is known, else the time of shipping. ``settled``, ``settled_at``: whether and
when all cases of the line together refunded it whole; without refunds in any export, it is not.
"""

SETTLED_BY = ("amount", "refund_amount", "case_type", "case_status")
"""The fields that show a refund, and how much of the line it is."""

REFUNDS = ("refund_unshipped", "refund_only", "return_refund")
"""The types of cases that close an order: a price protection or an exchange does not."""

DERIVED_FIELDS = (
    "refund_usual_at",
    "cases_of_line",
    "buyer_cases_90d",
    "tracking_no_receivers_30d",
    *DERIVED_FROM,
)
"""Fields derived before judging, from other lines too, and only where a rule reads them."""

ORDER_FIELDS = ("pieces_of_order", "sellers_of_order")
"""How many pieces and sellers an order has: by a column, else counted over its lines."""

KEY_FIELDS = ("buyer_key", "receiver_key")
"""Keyed hashes of the buyer and the receiver, computed while personal columns are read."""

BUYER_DAYS, RECEIVER_DAYS = 90, 30
"""Days within which the cases of a buyer, and the receivers of a tracking number, are counted."""

USUAL_DAYS, USUAL_LEAST = 90, 20
"""A shop's usual time is that of its refunds of these days, if there are at least this many."""

SHORTAGE_SOURCES = ("out_of_stock", "seller_note", "close_reason", "case_reason")
"""A shortage is recognised by any of these fields."""

JOIN_FIELDS = ("shop", "order_id", "line_id", "product_id", "product_name", "sku", "tracking_no")
"""The fields that say which line a case or a parcel belongs to, and what it is."""

DIVIDED_FIELDS = ("product_id", "product_name", "sku")
"""The fields that must have a part for each line, so that a row of a whole order can be divided."""

PROMISE_HOURS = 48
"""Hours from payment to the promised shipping time where an export states no promise."""
