"""Suppressions in the JSON report: the entries, and what they suppress."""

import msgspec

from merchantwatch.reports.json_values import both
from merchantwatch.results.model import Results
from merchantwatch.results.records import Suppressed
from merchantwatch.tasks import SuppressedTask

STATUS = "suppressed"
"""The fields of a suppressed finding or task."""


def entries(results: Results) -> list[dict[str, object]]:
    """Return what became of each entry of the file of suppressions."""
    return [_entry(item) for item in results.suppressions.entries]


def _entry(item: Suppressed) -> dict[str, object]:
    values = {"until": item.entry.until.isoformat(), "state": item.state}
    counted = {"in_force": item.in_force, "judged": item.judged, "findings": item.findings}
    return msgspec.structs.asdict(item.entry) | values | counted


def apart(results: Results, findings: list[dict[str, object]]) -> dict[str, object]:
    """Return what is suppressed: totals, the worst ``findings``, and the first tasks."""
    suppressions = results.suppressions
    numbered = zip(findings, suppressions.findings, strict=True)
    return {
        # In all, beyond the listed ones: both lists are cut.
        "totals": {"findings": results.suppressed, "tasks": suppressions.tasks_in_all},
        "findings": [
            shown | {"status": STATUS, "suppressed_by": finding.suppressed_by}
            for shown, finding in numbered
        ],
        "tasks": [_task(task) for task in suppressions.tasks],
    }


def _task(task: SuppressedTask) -> dict[str, object]:
    return msgspec.structs.asdict(task) | {"status": STATUS, "text": both(task.text)}
