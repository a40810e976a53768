"""The fields that an export supplies, to its own lines or to those that it is joined onto."""

from merchantwatch.fields import CASE_FIELDS, PARCEL_FIELDS, SHORTAGE_SOURCES
from merchantwatch.formats import MAPPED, fold
from merchantwatch.reading import Export

_USUAL_TIME_FIELDS = frozenset({"case_type", "case_status", "case_applied_at", "case_closed_at"})


def carried(export: Export) -> frozenset[str]:
    """Return the fields that the lines of an order export carry, computed ones too."""
    fields = {*export.cells, "platform", "shop", "line_id", "order_id", "parcel_known"}
    if infers_status(export):
        fields.add("status")
    if infers_payment(export):
        fields.add("paid_at")
    if export.form.usual_promise and "paid_at" in fields:
        fields.add("promised_ship_at")
    if fields.intersection(SHORTAGE_SOURCES):
        fields |= {"out_of_stock", "out_of_stock_from"}
    if "paid_amount" in fields:
        fields.add("amount")
    # After the computed fields: words of these may imply others.
    fields |= {item.field for item in export.form.derived if item.words_of in fields}
    fields |= {cell.hint.field for cell in export.hints if cell.hint.field == "fulfilment"}
    fields |= _order_fields_from_lines(export)
    return frozenset(fields | {*export.form.always, *export.keys})


def may_mix_sellers(export: Export) -> bool:
    """Say whether the lines of an order may be of several sellers.

    Only in a mapped export of a marketplace: a platform exports a merchant's own lines.
    """
    return export.form.code == MAPPED and {"shop", "order_id"} <= export.cells.keys()


def counts_pieces(export: Export) -> bool:
    """Say whether the lines of each order must be counted, as they may be of several sellers.

    That is not so in an export of one shop, as its format or the user says.
    """
    return may_mix_sellers(export) or (
        _may_hold_several_shops(export) and "order_id" in export.cells
    )


def _may_hold_several_shops(export: Export) -> bool:
    return export.form.code == MAPPED and export.shop is None


def _order_fields_from_lines(export: Export) -> set[str]:
    """Return the fields of an order that no column has, but all its lines together show."""
    if may_mix_sellers(export):
        return {"pieces_of_order", "sellers_of_order"}
    # A line of two pieces is no order of one piece, though it is the only line.
    knows_pieces = not export.cells.keys().isdisjoint({"order_id", "quantity"})
    return {"pieces_of_order"} if _may_hold_several_shops(export) and knows_pieces else set()


def supplied_to_lines(export: Export) -> frozenset[str]:
    """Return the fields that an export supplies to its lines or to those it is joined onto."""
    if export.form.kind == "cases":
        fields = carried(export)
        usual = {"refund_usual_at"} if fields >= _USUAL_TIME_FIELDS else set()
        return (fields & {*CASE_FIELDS, "buyer_key"}) | {"cases_of_line", *usual}
    # Only what its columns say: a parcel computes nothing for its line.
    if export.form.kind == "parcels":
        return PARCEL_FIELDS & frozenset(export.cells)
    return carried(export)


def item_columns(export: Export) -> list[int]:
    """Return the columns that hold the items of an order side by side, in order."""
    if export.form.items is None:
        return []
    headers = [fold(header) for header in export.source.headers]
    return [headers.index(name) for name in export.form.items.headers if name in headers]


def infers_payment(export: Export) -> bool:
    """Say whether an order export has no time of payment: its lines are paid when created."""
    # By the format, not by the file: a file without a usual column has merely lost it.
    form = export.form
    return form.kind == "orders" and "paid_at" not in form.columns and "created_at" in export.cells


def infers_status(export: Export) -> bool:
    """Say whether the status of an order export's lines follows from their times alone."""
    form = export.form
    return form.kind == "orders" and "status" not in {*form.columns, *form.always}


def needs_identity(export: Export) -> bool:
    """Say whether an order export has ids of orders, but not of lines."""
    return export.form.kind == "orders" and "line_id" not in export.cells
