"""The flags of lines, which are counted."""

from collections.abc import Collection

from merchantwatch.fields import NOT_TO_SHIP, PRE_ORDER

FLAGS = (
    "parcel_known",
    "delivery_known",
    "promise_computed",
    "masked",
    "without_seconds",
    "amount_unread",
    "quantity_unread",
    "divided",
    "shipped_without_time",
)
"""The flags that every line has."""


def fulfilled(row_fields: Collection[str]) -> dict[str, str]:
    """Return the flags of fulfilment, each with its test; {} if no export shows fulfilment."""
    if "fulfilment" not in row_fields:
        return {}
    tests = {f"fulfilled_{word}": f"fulfilment = '{word}'" for word in NOT_TO_SHIP}
    # A pre-order that states its promise is judged like any other line.
    return {**tests, "pre_order": f"fulfilment = '{PRE_ORDER}' and promised_ship_at is null"}
