"""Rules as the JSON report has them: what became of each, and what it says."""

from collections.abc import Mapping

from merchantwatch.reports.json_values import both, money
from merchantwatch.results.model import Results
from merchantwatch.results.records import Outcome


def as_dict(results: Results, outcome: Outcome, places: Mapping[str, int]) -> dict[str, object]:
    """Return a rule; ``places`` are those of all rules in their packs."""
    return _rule(outcome, results.lang) | _entry(results, places, outcome.code)


def _rule(outcome: Outcome, lang: str) -> dict[str, object]:
    shown: dict[str, object] = {
        "code": outcome.code,
        "name": outcome.name,
        "title": outcome.title.of(lang),
        "severity": outcome.severity,
        "signal": outcome.signal,
        "status": outcome.status,
    }
    if outcome.status == "not_evaluated":
        # No counts: a rule that was not evaluated has not found 0.
        return shown | {"missing": list(outcome.missing)}
    if outcome.status == "not_applicable":
        return shown
    return shown | {
        "hits": outcome.hits,
        "near": outcome.near,
        "unjudged": outcome.unjudged,
        "uncounted": outcome.uncounted,
        "findings": outcome.findings,
        "breached": outcome.breached,
        "penalty": money(outcome.penalty),
        "exempt": outcome.exempt,
        "suppressed": outcome.suppressed,
    }


def _entry(results: Results, places: Mapping[str, int], code: str) -> dict[str, object]:
    """Return where the numbers of a rule come from, and what it says in both languages."""
    entry = results.entry(code)
    if entry is None:
        return {}
    source = entry.source
    shown_source = {
        "clause": source.clause,
        "where": source.place.of(results.lang),
        "confidence": source.confidence,
        "read_at": source.where,
        "beside": both(source.beside) if source.beside else None,
    }
    return {
        "source": shown_source,
        "reviewed": entry.reviewed.isoformat() if entry.reviewed else None,
        "place": places[code],
        "platforms": None if entry.platforms is None else list(entry.platforms),
        "tasks": list(entry.tasks),
        "adds_risk": entry.adds_risk,
        "on_top": entry.on_top,
        "texts": {
            "title": both(entry.title),
            "action": both(entry.action),
            "consequence": both(entry.consequence) if entry.consequence else None,
            "limit": both(entry.limit),
        },
    }
