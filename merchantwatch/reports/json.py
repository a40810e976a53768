"""The JSON report: the contract ``merchantwatch.report/1``. Fields may be added, never changed."""

from collections.abc import Iterator
from typing import IO

import msgspec

from merchantwatch.reports import (
    json_measures as measures,
    json_rules as rules,
    json_suppressed as suppressed,
    past,
    quarantine,
    tasks,
)
from merchantwatch.reports.json_values import both, money, number, time
from merchantwatch.results.inputs import InputFile
from merchantwatch.results.model import Results
from merchantwatch.results.past import Guard
from merchantwatch.results.records import Causes, Evidence, Exempted, Finding, Note, Rate
from merchantwatch.support.harmless import in_json
from merchantwatch.tasks import Task, finding_fingerprint, task_fingerprint

SCHEMA = "merchantwatch.report/1"

FINDING_COLUMNS = (
    "code", "state", "severity", "platform", "shop", "scope", "key", "count", "limit", "limit_is",
    "amount_at_stake", "penalty", "due_at", "next_due_at", "lines", "reason", "action", "risk",
)  # fmt: skip
"""The columns of ``Report.findings``."""


def render(results: Results, file: IO[bytes]) -> None:
    """Write the JSON report; tasks, of which there may be very many, some at a time."""
    # Only a key of the outermost object is indented by one blank, and no string holds a line end.
    before, after = _pretty(_without_tasks(results)).split(_TASKS, 1)
    file.write(before + _TASKS)
    every = results.work.tasks
    for first in range(0, len(every), _SOME_TASKS):
        some = [_task(results, task) for task in every[first : first + _SOME_TASKS]]
        # Inside the report the items of a list are indented by one blank more than in one alone.
        listed = _pretty(some).removeprefix(b"[").removesuffix(b"\n]")
        file.write((b"," if first else b"") + listed.replace(b"\n", b"\n "))
    file.write((b"\n " if every else b"") + after + b"\n")


_TASKS = b'\n "tasks": ['
# Enough to write fast, and a few MB at most in memory.
_SOME_TASKS = 1 << 10


def _pretty(content: object) -> bytes:
    return in_json(msgspec.json.format(msgspec.json.encode(content), indent=1))


def as_dict(results: Results) -> dict[str, object]:
    """Return the JSON report as a dictionary of plain values."""
    tasks = [_task(results, task) for task in results.work.tasks]
    return _without_tasks(results) | {"tasks": tasks}


def _task(results: Results, task: Task) -> dict[str, object]:
    entry = tasks.as_dict(task, results.lang)
    return entry | past.standing(results.past, task_fingerprint(task)) if results.past else entry


def _without_tasks(results: Results) -> dict[str, object]:
    lang = results.lang
    accounting = results.accounting
    # A stored report is rendered without packs, whose order decides between equal rules.
    places = {entry.code: place for place, entry in enumerate(results.entries)}
    return {
        "schema": SCHEMA,
        "as_of": time(results.as_of),
        "tz": results.tz,
        "lang": lang,
        "engine": results.engine,
        "newest_event": time(results.newest_event),
        "inputs": [_input(item) for item in results.inputs],
        "failed": [text.of(lang) for text in results.failed],
        "skipped": [text.of(lang) for text in results.skipped],
        "texts": {
            "failed": [both(text) for text in results.failed],
            "skipped": [both(text) for text in results.skipped],
        },
        "guards": [_guard(guard, lang) for guard in results.guards],
        **({} if results.past is None else {"history": past.as_dict(results.past, lang)}),
        "accounting": {name: getattr(accounting, name) for name in accounting.__struct_fields__},
        "totals": _totals(results),
        # Empty: `render` streams them into this place.
        "tasks": [],
        "rules": [rules.as_dict(results, outcome, places) for outcome in results.outcomes],
        "findings": list(_findings(results)),
        "causes": _causes(results.causes),
        "late_days": [measures.late_day(day) for day in results.late_days],
        "carriers": [measures.carrier(one) for one in results.carriers],
        "exemptions": [_exempted(item) for item in results.exemptions],
        "suppressions": suppressed.entries(results),
        "suppressed": suppressed.apart(
            results, [_finding(finding, lang) for finding in results.suppressions.findings]
        ),
        "notes": [_note(note, lang) for note in results.notes],
        "quarantine": list(quarantine.in_json(results)),
    }


def _findings(results: Results) -> Iterator[dict[str, object]]:
    for finding in results.findings:
        entry = _finding(finding, results.lang)
        if results.past:
            entry |= past.standing(results.past, finding_fingerprint(finding))
        yield entry


def _totals(results: Results) -> dict[str, object]:
    return {
        "breached": results.total("breached"),
        "near": results.total("near"),
        "amount_at_stake": money(None if results.nothing_judged else results.stake),
        "amounts_at_stake": {
            currency or "": money(amount)
            for currency, amount in results.stakes.items()
            if currency != "*"
        },
        "currencies_mixed": "*" in results.stakes,
        "penalty": money(None if results.nothing_judged else results.penalty),
        "unknown_words": results.unknown_words,
        **tasks.totals(results.work.totals),
    }


def _input(item: InputFile) -> dict[str, object]:
    return {
        "path": item.path,
        "format": item.format,
        "kind": item.kind,
        "encoding": item.encoding,
        "encoding_from": item.encoding_from,
        "rows": item.rows,
        "quarantined": item.quarantined,
        "no_records": item.no_records,
        "exported_at": time(item.exported_at),
        "exported_at_from": item.exported_at_from,
        "shop": item.shop,
        "shop_from": item.shop_from,
        # Only joined exports have it: an order has nothing to be matched with.
        **({} if item.unmatched is None else {"unmatched": item.unmatched}),
    }


def finding_rows(results: Results, lang: str) -> list[dict[str, object]]:
    """Return the findings with their values as they are: decimals, datetimes, tuples."""
    return [
        {
            **{
                name: getattr(f, name)
                for name in FINDING_COLUMNS
                if name not in ("reason", "action")
            },
            "reason": f.reason.of(lang),
            "action": f.action.of(lang),
        }
        for f in results.findings
    ]


def _exempted(item: Exempted) -> dict[str, object]:
    given = item.exemption
    return {
        "row": given.row,
        "orders": list(given.orders),
        "products": list(given.products),
        "regions": list(given.regions),
        "shops": list(given.shops),
        "rules": list(given.rules),
        "from": time(given.since),
        "to": time(given.until),
        "counted_by": given.counted_by,
        "extended_to": time(given.extended_to),
        "extend_by_seconds": given.extend_by,
        "reason": given.reason,
        "approved": given.approved,
        "state": item.state,
        "lines": item.lines,
        "hits": item.hits,
        "applied": item.applied,
    }


def _finding(finding: Finding, lang: str) -> dict[str, object]:
    shown: dict[str, object] = {
        "code": finding.code,
        "state": finding.state,
        "severity": finding.severity,
        "platform": finding.platform,
        "shop": finding.shop,
        "scope": finding.scope,
        "key": finding.key,
        "count": finding.count,
        "limit": number(finding.limit),
        "limit_is": finding.limit_is,
        "amount_at_stake": money(finding.amount_at_stake),
        # "*" stands for several currencies, whose amounts cannot be added.
        "currency": finding.currency if finding.currency != "*" else None,
        "penalty": money(finding.penalty),
        "due_at": time(finding.due_at),
        "next_due_at": time(finding.next_due_at),
        "lines": list(finding.lines),
        "order_ids": list(finding.order_ids),
        "product_name": finding.product_name,
        "reason": finding.reason.of(lang),
        "action": finding.action.of(lang),
        "texts": {"reason": both(finding.reason), "action": both(finding.action)},
    }
    if finding.risk is not None:
        # Four decimals, exact enough as a float; money stays text.
        shown["risk"] = float(finding.risk)
        shown["signals"] = [
            {"code": item.code, "risk": float(item.risk), "share": float(item.share)}
            for item in finding.signals
        ]
    if finding.evidence is not None:
        shown["evidence"] = _evidence(finding.evidence, lang)
    if finding.rate is not None:
        shown["rate"] = _rate(finding.rate)
    if finding.forecast is not None:
        shown["forecast"] = finding.forecast
    return shown


def _evidence(evidence: Evidence, lang: str) -> dict[str, object]:
    return {
        "reason": evidence.reason,
        "due_at": time(evidence.due_at),
        "have": [text.of(lang) for text in evidence.have],
        "missing": [text.of(lang) for text in evidence.missing],
        "texts": {
            "title": both(evidence.title),
            "have": [both(text) for text in evidence.have],
            "missing": [both(text) for text in evidence.missing],
        },
    }


def _rate(rate: Rate) -> dict[str, object]:
    return {
        "volume": rate.volume,
        "share": float(rate.share),
        "limit": float(rate.limit),
        "left": rate.left,
        "leaving": rate.leaving,
        "leaving_on": rate.leaving_on.isoformat() if rate.leaving_on else None,
    }


def _causes(causes: Causes | None) -> dict[str, object] | None:
    if causes is None:
        return None
    return {
        "least": causes.least,
        "lines": dict(causes.lines),
        "named": [
            {
                "kind": cause.kind,
                "value": cause.value,
                "name": cause.name,
                "lines": cause.lines,
                "of": cause.of,
                "amount_at_stake": money(cause.amount),
            }
            for cause in causes.named
        ],
    }


def _note(note: Note, lang: str) -> dict[str, object]:
    values = {"code": note.code, "lines": note.lines, "text": note.text.of(lang)}
    return values | {"texts": both(note.text)}


def _guard(guard: Guard, lang: str) -> dict[str, object]:
    return {
        "code": guard.code,
        "shop": guard.shop,
        "text": guard.text.of(lang),
        "holds": list(guard.holds),
        "texts": both(guard.text),
    }
