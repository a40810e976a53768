"""Renders the templates in ``sql/``; ``literal`` is how values from outside get into them."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from merchantwatch.language.quarantine_reasons import NO_RECORDS
from merchantwatch.support.templates import environment

HASH = "hash"
"""The placeholder for the type of a hash, which differs between engines."""


def literal(value: object) -> str:
    """Return a value as an SQL literal."""
    if value is None:
        return "null"
    if isinstance(value, datetime):
        return f"timestamp '{value:%Y-%m-%d %H:%M:%S}'"
    return "'" + str(value).replace("'", "''") + "'"


@cache
def _templates() -> Any:
    # Not escaped for HTML: values enter as literals (``literal``) or as checked predicates.
    return environment("pipeline/sql", autoescape=False)


def render_sql(name: str, **values: object) -> str:
    """Return the SQL of the template ``NAME.sql`` with its values filled in."""
    template = _templates().get_template(f"{name}.sql")
    # `no_records` is known to all templates: rows that are no records occur in many of them.
    text: str = template.render(no_records=NO_RECORDS, **values)
    return text


def no_row(columns: Mapping[str, str]) -> str:
    """Return a query that gives these columns, of these types, and no row."""
    return render_sql("no_row", columns=columns, hash=HASH)
