"""The identities by which findings and tasks are recognised from night to night."""

from merchantwatch.results.past import fingerprint
from merchantwatch.results.records import Finding
from merchantwatch.tasks.kinds import kinds
from merchantwatch.tasks.records import Task


def id_of(kind: str, platform: str, shop: str | None, about: str) -> str:
    """Return the id of a task about something, as the engine writes those that it ranks."""
    # In step with ``9_tasks.sql``: reports and history meet tasks of both by this id.
    return f"{kind}:{platform}:{shop or ''}:{about}"


def subject(kind: str, platform: str, shop: str | None, task_id: str) -> tuple[str, str]:
    """Return what a task is about: its scope, and the key within it."""
    # A stored report may have a kind that this version no longer has.
    known = kinds().get(kind)
    return known.per if known else "scope", task_id.removeprefix(id_of(kind, platform, shop, ""))


def task_fingerprint(task: Task) -> str:
    """Return the identity of a task across runs."""
    scope, key = subject(task.kind, task.platform, task.shop, task.id)
    return fingerprint(task.kind, task.platform, task.shop, scope, key)


def finding_fingerprint(finding: Finding) -> str:
    """Return the identity of a finding across runs."""
    return fingerprint(finding.code, finding.platform, finding.shop, finding.scope, finding.key)
