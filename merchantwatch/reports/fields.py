"""The meanings of the JSON report's fields (``fields.toml``), for its schema and its page."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec


class About(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a field means; with a ``type`` where it is written and not read again."""

    en: str
    zh: str
    type: str | list[str] | None = None


@cache
def fields() -> Mapping[str, Mapping[str, About]]:
    """Return what the fields of each record mean, and those of ``everywhere``."""
    data = Path(__file__).with_suffix(".toml").read_bytes()
    return msgspec.toml.decode(data, type=dict[str, dict[str, About]])


def about(record: str, field: str) -> About:
    """Return what a field of a record means. Raises KeyError where nothing says it."""
    known = fields()
    # Fields like `code` mean the same in all records, and are described once.
    return known.get(record, {}).get(field) or known["everywhere"][field]


def written_alone(record: str) -> Mapping[str, About]:
    """Return the fields of a record that are written, and not read again."""
    return {name: one for name, one in fields().get(record, {}).items() if one.type}


def describe(record: str, properties: dict[str, dict[str, object]]) -> None:
    """Describe each property of a record's schema, and add those that are not read again."""
    # These have no record to take their type from: a stored report is read without them.
    for name, one in written_alone(record).items():
        properties[name] = {"type": one.type}
    for name, property_ in properties.items():
        one = about(record, name)
        properties[name] = {"description": f"{one.en} {one.zh}", **property_}
