"""``plan``: the orders to pack so that the least money is lost."""

import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from merchantwatch.commands.concluding import conclude, undelivered
from merchantwatch.commands.outputs import Output, deliver, parsed, places
from merchantwatch.errors import UsageError
from merchantwatch.language.moments import moment
from merchantwatch.language.text import Text
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.pipeline.task_lines import backlog_lines, rules_with_tasks
from merchantwatch.reports import plans, summary
from merchantwatch.reports.places import refuse_taken
from merchantwatch.results.bad_rows import BadRows, unread
from merchantwatch.results.model import Results
from merchantwatch.results.records import FindingKey
from merchantwatch.rules import Rule
from merchantwatch.settings import Settings, resolve
from merchantwatch.support.options import Flags
from merchantwatch.support.writing import write
from merchantwatch.tasks import lines_of
from merchantwatch.tasks.backlog import PlanRequest
from merchantwatch.tasks.dangers import NEXT, endangers, fixed_by_shipping, unweighed
from merchantwatch.tasks.planning import Planned, plan as planned

_OF_TODAY = re.compile(r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?")

_WORKING_HOURS = 8
"""The hours of packing that are assumed if ``--until`` is not given."""


def plan(
    inputs: Sequence[str],
    capacity: int,
    until: str | None,
    flags: Flags,
    config: str | None,
) -> int:
    """Scan, plan, write the pick list, and return the exit code of the contract."""
    # A plan shows what is so: an order whose findings are suppressed is still to be shipped.
    settings = replace(resolve(flags, config), ignore_file=None)
    outputs = parsed(settings.output, plans.check_format, settings.as_of) or [Output("text", None)]
    refuse_taken(places(outputs), inputs, settings)
    end = _end(until, settings)
    hours = (end - settings.as_of).total_seconds() / 3600 or _WORKING_HOURS
    bound = BadRows.parse(settings.max_bad_rows)
    more = max(round(min(capacity, sys.maxsize) / hours), 1)  # a float has bounds
    result, results = _planned(inputs, settings, capacity, end, more)
    missed = list(deliver(lambda fmt, path: _write(result, fmt, path), outputs))
    reasons = [*unread(results.failed, results.inputs, bound), *undelivered(missed)]
    if result.nothing and all(output.fmt == "csv" for output in outputs):
        # A pick list without rows would look like a day without work.
        reasons.append((0, result.nothing))
    return conclude(reasons, settings.lang)


def _write(result: Any, fmt: str, path: Path | str | None) -> None:
    write(lambda file: plans.render(result, fmt, file), path)


def _end(until: str | None, settings: Settings) -> datetime:
    """Return the end of packing. Raises UsageError for an invalid or a past time."""
    if until is None:
        return settings.as_of
    # An hour may be written with one digit: 8:00.
    of_today = f"{settings.as_of:%Y-%m-%d} {until.strip():0>5}"
    text = of_today if _OF_TODAY.fullmatch(until.strip()) else until
    try:
        found = moment(text, settings.zone)
    except UsageError:
        raise UsageError(
            f'--until {until!r}: write it like 18:00 or "2026-11-21 18:00"',
            f"--until {until!r}：请写成 18:00 或“2026-11-21 18:00”",
        ) from None
    if found < settings.as_of:
        raise UsageError(
            f"--until {until}: that is before as-of ({settings.as_of})",
            f"--until {until}：早于判定时刻（{settings.as_of}）",
        )
    if found > settings.as_of + NEXT:
        raise UsageError(
            f"--until {until}: that is after the next judgement ({settings.as_of + NEXT})",
            f"--until {until}：晚于下一次判定（{settings.as_of + NEXT}）",
        )
    return found


def _planned(
    inputs: Sequence[object], settings: Settings, capacity: int, until: datetime, more: int
) -> tuple[Planned, Results]:
    """Scan inputs, and plan which of their orders to pack."""
    from merchantwatch.run.scan import run

    with run(inputs, settings) as finished:
        results = finished.results
        counts = _counts(finished)
        request = PlanRequest(capacity, settings.as_of, until, more, settings.plan, counts)
        rules = rules_with_tasks(finished.plan)
        query = backlog_lines(finished.plan, finished.tally.currencies)
        backlog = lines_of(finished.engine.table(query), rules) if rules else []
        plan = planned(backlog, results.findings, request)
    result = Planned(
        plan=plan,
        as_of=settings.as_of,
        lang=settings.lang,
        unweighed=unweighed({bound.code: bound.rule for bound in rules}, results.findings),
        failed=results.failed,
        unjudged=summary.unjudged_line(results),
        nothing=results.nothing_judged or _unplannable(results, [bound.rule for bound in rules]),
    )
    return result, results


def _unplannable(results: Results, rules: Sequence[Rule]) -> Text | None:
    """Return that no rule by which an order is late could judge any line, if so.

    A backlog that nothing is known of would otherwise be shown as one that is empty.
    """
    judging = {
        outcome.code
        for outcome in results.outcomes
        if outcome.status == "evaluated" and outcome.unjudged < results.accounting.lines
    }
    if any(rule.code in judging and fixed_by_shipping(rule) for rule in rules):
        return None
    return Text(
        zh="无法计划：没有发货规则能判定任何一行，导出缺少规则要读的列，或未选用",
        en="nothing can be planned: no rule on shipping could judge a line, since the exports lack "
        "what it reads, or it was not selected",
    )


def _counts(finished: Any) -> dict[FindingKey, int]:
    """Return how many lines each product and shop has been counted for, by rule.

    A line that is judged again and again is counted by how often.
    """
    rules = [bound for bound in rules_with_tasks(finished.plan) if endangers(bound.rule)]
    if not rules:
        return {}
    query = render_sql("scope_counts", codes=[literal(bound.code) for bound in rules])
    rows: list[dict[str, Any]] = finished.engine.table(query).to_pylist()
    return {FindingKey.of(row): row["count"] for row in rows}
