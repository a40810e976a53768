"""A plan as a pick list by warehouse: as text, as CSV, and as JSON."""

from importlib import import_module
from typing import IO

from merchantwatch.errors import UsageError
from merchantwatch.tasks.planning import Planned

FORMATS = ("text", "json", "csv")


def check_format(name: str) -> None:
    """Raise UsageError for a format that a plan does not have."""
    if name not in FORMATS:
        known = ", ".join(FORMATS)
        raise UsageError(f"-o {name}: a plan is {known}", f"-o {name}：计划可用 {known}")


def render(planned: Planned, fmt: str, file: IO[bytes]) -> None:
    """Write a plan in one of its formats."""
    import_module(f"merchantwatch.reports.plans.{fmt}").render(planned, file)
