"""The comparison of a run with earlier ones, as plain values of the JSON report."""

from collections.abc import Iterator

import msgspec

from merchantwatch.reports import schema
from merchantwatch.reports.json_values import both, time
from merchantwatch.reports.schema_history import PassedInJson
from merchantwatch.reports.stored_values import common_fields
from merchantwatch.results.past import Guard, Passed, Past, Point, Standing, fingerprint
from merchantwatch.tasks import subject


def as_dict(past: Past, lang: str) -> dict[str, object]:
    """Return the history as the JSON report has it; ``passed`` items were not found again."""
    return {
        "run": past.run,
        "previous": past.previous,
        "previous_as_of": time(past.previous_as_of),
        "counts": {kind: dict(counts) for kind, counts in past.counts.items()},
        "passed": [_passed(item, lang) for item in past.passed],
        "trend": [msgspec.structs.asdict(p) | {"as_of": time(p.as_of)} for p in past.trend],
    }


def standing(past: Past | None, fingerprint: str) -> dict[str, object]:
    """Return the fields that a history adds to a finding or a task."""
    found = past.standings.get(fingerprint) if past else None
    return {} if found is None else _standing(found)


def guards(run: schema.Run) -> tuple[Guard, ...]:
    """Return the guards of a stored run."""
    return tuple(Guard(one.code, one.shop, one.texts, one.holds) for one in run.guards)


def read(report: schema.Run) -> Past | None:
    """Return how a stored run compares with those before it."""
    history = report.history
    if history is None:
        return None
    return Past(
        run=history.run,
        previous=history.previous,
        previous_as_of=history.previous_as_of,
        counts={str(kind): counts for kind, counts in history.counts.items()},
        standings=dict(_standings(report)),
        passed=tuple(map(_read_passed, history.passed)),
        trend=tuple(Point(p.as_of, p.breached, p.near, p.tasks) for p in history.trend),
    )


def _standings(run: schema.Run) -> Iterator[tuple[str, Standing]]:
    # A report of an older version, or without a history, has neither field.
    for finding in run.findings:
        if finding.status and finding.since:
            name = fingerprint(
                finding.code, finding.platform, finding.shop, finding.scope, finding.key
            )
            yield name, Standing(finding.status, finding.episode, finding.since)
    for task in run.tasks:
        if task.status and task.since:
            scope, key = subject(task.kind, task.platform, task.shop, task.id)
            name = fingerprint(task.kind, task.platform, task.shop, scope, key)
            yield name, Standing(task.status, task.episode, task.since)


def _read_passed(item: PassedInJson) -> Passed:
    return Passed(
        **common_fields(item, Passed),
        standing=Standing(item.status, item.episode, item.since),
        text=item.texts,
    )


def _standing(found: Standing) -> dict[str, object]:
    return {"status": found.status, "episode": found.episode, "since": time(found.since)}


def _passed(item: Passed, lang: str) -> dict[str, object]:
    return {
        "kind": item.kind,
        "code": item.code,
        "platform": item.platform,
        "shop": item.shop,
        "scope": item.scope,
        "key": item.key,
        **_standing(item.standing),
        "reason": item.reason,
        "text": item.text.of(lang),
        "texts": both(item.text),
    }
