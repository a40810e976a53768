"""The ``.sql`` files, filled in."""

from datetime import datetime
from functools import cache
from typing import Any

from merchantwatch.language.quarantine_reasons import NO_RECORDS
from merchantwatch.support.templates import environment


def literal(value: object) -> str:
    """Return a value as an SQL literal."""
    if value is None:
        return "null"
    if isinstance(value, datetime):
        return f"timestamp '{value:%Y-%m-%d %H:%M:%S}'"
    return "'" + str(value).replace("'", "''") + "'"


@cache
def _templates() -> Any:
    return environment("pipeline/sql", autoescape=False)  # SQL, not HTML


def stage(name: str, **values: object) -> str:
    """Return the SQL of one stage with its blanks filled in."""
    template = _templates().get_template(f"{name}.sql")
    text: str = template.render(no_records=NO_RECORDS, **values)
    return text
