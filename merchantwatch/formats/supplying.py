"""Exports and columns that would supply the fields that a rule lacks."""

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
"""The field that each cross-line field is derived from."""

_OFFICE = {"taobao": "tmall", "tmall-global": "tmall"}
"""Platforms that share the back office of another one, and so its exports."""


class Supplier(NamedTuple):
    """An export, and its columns: any one of them supplies a field, the surest stands first."""

    form: Format
    headers: tuple[str, ...]


def of_platforms(platforms: Collection[str]) -> list[Format]:
    """Return the formats of the exports of these platforms, of which some share a back office.

    Those of any platform are left out: their parcels only join lines that have a tracking number.
    """
    offices = {_OFFICE.get(platform, platform) for platform in platforms}
    return [form for form in formats() if form.platform in offices]


def supplied(
    fields: Collection[str], able: Collection[Format], read: Collection[str]
) -> dict[str, Supplier | None]:
    """Return for each field the export that would supply it, out of ``able``.

    The surest counts: for a field of a parcel an export of parcels, for one of a case an export of
    cases, else one of orders. If an export of that format is ``read`` already, only lacks columns
    and could have all the fields, it is returned for all of them.
    """
    surest = {field: _surest(field, able) for field in fields}
    for form in dict.fromkeys(one.form.code for one in surest.values() if one):
        again = [
            Supplier(one, _headers(one, field))
            for one in able
            if one.code == form
            for field in fields
        ]
        if form in read and all(one.headers for one in again):
            return dict(zip(fields, again, strict=True))
    return surest


def _surest(field: str, able: Collection[Format]) -> Supplier | None:
    source = _SOURCE_FIELD.get(field, field)
    kind = "orders"
    if source in PARCEL_FIELDS:
        kind = "parcels"
    elif source in CASE_FIELDS:
        kind = "cases"
    ordered = sorted(able, key=lambda form: (form.kind != kind, form.kind != "orders"))
    suppliers = (Supplier(form, _headers(form, field)) for form in ordered)
    return next((one for one in suppliers if one.headers), None)


def _headers(form: Format, field: str) -> tuple[str, ...]:
    """Return the headers of a field; of a derived one, those of the fields it comes from."""
    field = _SOURCE_FIELD.get(field, field)
    if field == "out_of_stock":
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
