"""An export that a mapping reads: its columns are the fields of a line, its words the canonical ones."""

from collections.abc import Iterable, Iterator, Sequence

from oracle.cells import (
    UnreadableError,
    deadline,
    flag,
    identifier,
    moment,
    money,
    number,
    says_shortage,
    text,
)
from oracle.files import Cells, Export
from oracle.lines import EVENTS, STATED_ONLY, Line
from oracle.people import someone

WORDS = {
    "status": ("unpaid", "to_ship", "part_shipped", "shipped", "completed", "closed"),
    "closed_by": ("buyer", "seller", "platform"),
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
}
DEADLINES = (
    "promised_ship_at",
    "booked_delivery_at",
    "estimated_delivery_at",
    "pickup_due_at",
    "case_due_at",
    "evidence_due_at",
)
TEXTS = (
    "shop",
    "product_name",
    "sku",
    "province",
    "sender_province",
    "close_reason",
    "case_reason",
)
FLAGS = ("refused", "platform_advanced")
MONEY = ("amount", "refund_amount")
SHORTAGE_TOLD_BY = ("out_of_stock", "seller_note", "close_reason", "case_reason")


def read_lines(exports: Iterable[Export], platform: str) -> Iterator[Line | None]:
    """Every row in order of age; None for a quarantined one."""
    for export in exports:
        for row in export.rows:
            try:
                yield read_line(row, export.headers, platform)
            except UnreadableError:
                yield None


def read_line(cells: Cells, headers: Sequence[str], platform: str) -> Line:
    """One row as a line, or `UnreadableError`."""
    order_id = identifier(cells, "order_id")
    line_id = identifier(cells, "line_id") if "line_id" in headers else order_id and ""
    if line_id is None:
        raise UnreadableError("no id")
    texts = {name: text(cells, name) for name in WORDS}
    known = {name: word if word in WORDS[name] else None for name, word in texts.items()}
    unknown = frozenset(name for name, word in texts.items() if word and not known[name])
    if moment(cells, "closed_at") and "status" in headers:
        known["status"] = "closed"
    short = says_shortage(cells, *SHORTAGE_TOLD_BY, "case_status")
    paid = "paid_at" if "paid_at" in headers else "created_at"  # else paid when it was made
    times = {name: moment(cells, name) for name in EVENTS}
    times |= {name: deadline(cells, name) for name in DEADLINES}
    return Line(
        line_id=line_id,
        platform=platform,
        order_id=order_id,
        product_id=identifier(cells, "product_id"),
        **known,
        fulfilment=text(cells, "fulfilment"),
        **times | {"paid_at": times[paid]},
        **{name: text(cells, name) for name in TEXTS},
        quantity=number(cells, "quantity"),
        pieces_of_order=number(cells, "pieces_of_order"),
        sellers_of_order=number(cells, "sellers_of_order"),
        tracking_no=identifier(cells, "tracking_no"),
        buyer=someone(cells, "buyer_key"),
        receiver=someone(cells, "receiver_key"),
        **{name: flag(cells, name) for name in FLAGS if name in headers},
        **{name: money(cells, name) for name in MONEY},
        out_of_stock=short or flag(cells, "out_of_stock"),
        unknown=unknown,  # whatever else may supply it: the word is unknown
        has_status="status" in headers,
        carried=carried(headers, platform),
    )


def carried(headers: Sequence[str], platform: str) -> frozenset[str]:
    """What the columns tell, and what follows from them."""
    fields = {*headers, "status"}
    if "created_at" in fields:
        fields |= {"paid_at"}
    if "paid_at" in fields and platform not in STATED_ONLY:
        fields |= {"promised_ship_at"}
    if not fields.isdisjoint(SHORTAGE_TOLD_BY):
        fields |= {"out_of_stock"}
    if fields & {"quantity", "order_id"}:
        fields |= {"pieces_of_order"}
    if {"order_id", "shop"} <= fields:
        fields |= {"pieces_of_order", "sellers_of_order"}
    return frozenset(fields)
