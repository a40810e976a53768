"""A backtest as JSON: ``merchantwatch.backtest/1``. Fields may be added, never changed."""

from datetime import timedelta
from typing import IO

import msgspec

from merchantwatch.results.backtest import Backtest, Episode, OutcomeCounts, RuleTested
from merchantwatch.support.harmless import in_json

SCHEMA = "merchantwatch.backtest/1"

_INPUT = ("path", "format", "rows", "quarantined")


def render(backtest: Backtest, file: IO[bytes]) -> None:
    """Write a backtest as JSON."""
    content = msgspec.json.format(msgspec.json.encode(_as_dict(backtest)), indent=1)
    file.write(in_json(content) + b"\n")


def _as_dict(backtest: Backtest) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "lang": backtest.lang,
        "tz": backtest.tz,
        "from": backtest.nights[0].as_of,
        "to": backtest.nights[-1].as_of,
        "every_seconds": int(backtest.every.total_seconds()),
        "inputs": [{name: getattr(one, name) for name in _INPUT} for one in backtest.files],
        "failed": [text.of(backtest.lang) for text in backtest.failed],
        "totals": _counts(backtest.totals),
        "rules": [_rule(rule, backtest.lang) for rule in backtest.rules],
        "not_evaluated": backtest.not_evaluated,
        "moments": [
            {"as_of": one.as_of, "warned": one.warned, "broken": one.broken}
            for one in backtest.nights
        ],
    }  # fmt: skip


def _rule(rule: RuleTested, lang: str) -> dict[str, object]:
    return {
        "code": rule.code,
        "title": rule.title.of(lang),
        "scope": rule.scope,
        "warns": rule.warns,
        **_counts(rule.outcomes),
        "thresholds": [
            {
                "setting": one.setting,
                "value": one.value,
                "own": one.is_current,
                **_counts(one.outcomes),
            }
            for one in rule.tried
        ],
        "episodes": [_episode(one) for one in rule.episodes],
    }


def _counts(found: OutcomeCounts) -> dict[str, object]:
    return {
        "warned": found.warned,
        "came_true": found.came_true,
        "averted": found.averted,
        "open": found.open,
        "missed": found.missed,
        "before": found.before,
        "lead_hours": {"shortest": _hours(found.least), "median": _hours(found.middle)},
    }


def _episode(one: Episode) -> dict[str, object]:
    return {
        "platform": one.platform,
        "shop": one.shop,
        "key": one.key,
        "fate": one.outcome,
        "warned_at": one.warned_at,
        "due_at": one.due_at,
        "broken_at": one.broken_at,
        "lead_hours": _hours(one.lead),
    }


def _hours(length: timedelta | None) -> float | None:
    return None if length is None else round(length / timedelta(hours=1), 2)
