"""Which exports, and which of their columns, would supply the fields that rules lack."""

from collections.abc import Collection
from typing import NamedTuple

from merchantwatch.fields import CASE_FIELDS, PARCEL_FIELDS, SHORTAGE_SOURCES
from merchantwatch.formats import formats
from merchantwatch.formats.model import Format, Part

_SOURCE_FIELD = {
    "cases_of_line": "case_id",
    "refund_usual_at": "case_closed_at",
    "buyer_cases_90d": "buyer_key",
    "tracking_no_receivers_30d": "receiver_key",
}
"""The field of an export from which each of these fields is derived."""

_OFFICE = {"taobao": "tmall", "tmall-global": "tmall"}
"""Platforms that use the back office of another one, and so have its exports."""


class Supplier(NamedTuple):
    """An export, and those of its columns each of which supplies a field, the surest first."""

    form: Format
    headers: tuple[str, ...]


def of_platforms(platforms: Collection[str]) -> list[Format]:
    """Return the formats of the exports of these platforms, or of those whose back office they use.

    Formats for any platform are left out: their parcels join only lines with a tracking number.
    """
    offices = {_OFFICE.get(platform, platform) for platform in platforms}
    return [form for form in formats() if form.platform in offices]


def supplied(
    fields: Collection[str], candidates: Collection[Format], read: Collection[str]
) -> dict[str, Supplier | None]:
    """Return for each field the export that would supply it, out of ``candidates``.

    For a field of a parcel an export of parcels is surest, for one of a case an export of cases,
    else one of orders. ``read`` are the formats of the exports at hand: if one of them could supply
    all the fields, it only lacks columns, and is returned for each.
    """
    surest = {field: _surest(field, candidates) for field in fields}
    by_code = {form.code: form for form in candidates}
    for code in dict.fromkeys(supplier.form.code for supplier in surest.values() if supplier):
        again = {field: Supplier(by_code[code], _headers(by_code[code], field)) for field in fields}
        if code in read and all(supplier.headers for supplier in again.values()):
            return dict(again)
    return surest


def _surest(field: str, candidates: Collection[Format]) -> Supplier | None:
    """Return the export that is surest to supply a field; None if none of them can."""
    source = _SOURCE_FIELD.get(field, field)
    kind = "orders"
    if source in PARCEL_FIELDS:
        kind = "parcels"
    elif source in CASE_FIELDS:
        kind = "cases"
    ordered = sorted(candidates, key=lambda form: (form.kind != kind, form.kind != "orders"))
    suppliers = (Supplier(form, _headers(form, field)) for form in ordered)
    return next((supplier for supplier in suppliers if supplier.headers), None)


def _headers(form: Format, field: str) -> tuple[str, ...]:
    """Return the headers of a field; of a derived one, those of the fields it comes from."""
    field = _SOURCE_FIELD.get(field, field)
    if field == "out_of_stock":
        # Of each source only the header that counts first.
        specs = [spec for name in SHORTAGE_SOURCES for spec in _columns(form, name)[:1]]
    else:
        specs = _columns(form, field)[:1]
    return tuple(spec.header if isinstance(spec, Part) else spec for spec in specs)


def _columns(form: Format, field: str) -> list[str | Part]:
    """Return the columns of a field, else those of a field whose words imply this one."""
    personal: list[str | Part] = [key.of[0][0] for key in form.keys if key.field == field]
    if form.columns.get(field) or personal:
        return form.columns.get(field) or personal
    others = [item.words_of for item in form.derived if item.field == field]
    return [spec for other in others for spec in form.columns.get(other, [])]
