"""The ``.sql`` files, filled in."""

from datetime import datetime
from functools import cache
from typing import Any


def literal(value: object) -> str:
    """Return a value as an SQL literal."""
    if value is None:
        return "null"
    if isinstance(value, datetime):
        return f"timestamp '{value:%Y-%m-%d %H:%M:%S}'"
    return "'" + str(value).replace("'", "''") + "'"


@cache
def _templates() -> Any:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader("merchantwatch", "sql"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701  SQL, not HTML
    )


def stage(name: str, **values: object) -> str:
    """Return the SQL of one stage with its blanks filled in."""
    text: str = _templates().get_template(f"{name}.sql").render(**values)
    return text
