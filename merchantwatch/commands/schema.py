"""``schema``: prints the JSON Schema of the settings or of the report."""

import json
from typing import Any

from merchantwatch.support.writing import show

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLES = {"settings": "merchantwatch.toml", "report": "merchantwatch.report/1"}
"""The names of schemas, and their titles."""


def schema(name: str) -> int:
    """Print the JSON Schema of ``settings`` (merchantwatch.toml) or of ``report`` (``-o json``)."""
    show(text(name))
    return 0


def text(name: str) -> str:
    """Return a JSON Schema as text."""
    import msgspec

    found = _numbers(msgspec.json.schema(_shape(name)))
    if name == "report":
        from merchantwatch.reports.fields import describe

        for record, node in found["$defs"].items():
            describe(record, node["properties"])
    schema = {"$schema": DIALECT, "title": TITLES[name], **found}
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def _numbers(node: Any) -> Any:
    """Return a schema in which decimals are numbers, as they are written; money is text."""
    if isinstance(node, list):
        return [_numbers(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("format") == "decimal":
        return {"type": "number"}
    return {key: _numbers(value) for key, value in node.items()}


def _shape(name: str) -> type:
    if name == "settings":
        from merchantwatch.config import Config

        return Config
    from merchantwatch.reports.schema import Run

    return Run
