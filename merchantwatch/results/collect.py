"""The engine's tables → the typed records of a run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from merchantwatch.engines import Distributed, Engine
from merchantwatch.errors import MerchantwatchError
from merchantwatch.language.text import Text
from merchantwatch.pipeline import charging
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.pipeline.steps import make
from merchantwatch.reading import Taken
from merchantwatch.reading.arrow import Row
from merchantwatch.results import (
    accounting,
    exemptions,
    findings,
    measures,
    notes,
    quarantine,
    risks,
    suppressions,
    worklist,
)
from merchantwatch.results.accounting import Tally
from merchantwatch.results.inputs import InputFile
from merchantwatch.results.judged import Judged
from merchantwatch.results.model import Results, Suppressions
from merchantwatch.results.notes.guards import guards
from merchantwatch.results.records import Entry, Finding, Note, Outcome
from merchantwatch.results.wording import limit, limits
from merchantwatch.rules import BoundRule, Risk, Rule, Rulebook
from merchantwatch.tasks import WorkList

MOST_QUARANTINED = 1000
"""At most this many quarantined rows are in memory; all are counted, and can be streamed."""


def results(judged: Judged) -> Results:
    """Fetch the results of a run from its engine."""
    engine, settings, plan, tally = judged.engine, judged.settings, judged.plan, judged.tally
    outcomes = _outcomes(judged)
    # Suppressed ones are fetched with the others: both need the same particulars.
    listed = list(findings.findings(judged, outcomes))
    found = tuple(finding for finding in listed if finding.suppressed_by is None)
    penalty = _penalty(engine, plan)
    work = worklist.work(judged, found, penalty)
    suppressed = _suppressed(judged, listed)
    files = tuple(inputs(judged.taken, tally))
    failed = tuple(_text(error) for error in judged.taken.failed)
    return Results(
        as_of=settings.as_of,
        tz=settings.tz,
        lang=settings.lang,
        engine=engine.name,
        inputs=files,
        accounting=tally.accounting(),
        entries=tuple(_entries(judged.book)),
        outcomes=tuple(outcomes),
        findings=found,
        work=work,
        notes=_notes(judged, outcomes, work, suppressed),
        # A broken file may have millions; `read_quarantine` streams them.
        quarantine=tuple(islice(quarantine.rows(judged), MOST_QUARANTINED)),
        newest_event=tally.newest_event,
        stakes=_stakes(engine),
        penalty=penalty,
        causes=risks.causes(engine, plan, tally.lines.layout.row_fields),
        exemptions=exemptions.outcomes(engine, plan),
        failed=failed,
        skipped=tuple(_text(error) for error in judged.taken.skipped),
        read_hits=lambda code: engine.batches(hit_lines(tally, plan, code)),
        read_quarantine=lambda: quarantine.rows(judged),
        read_findings=lambda: findings.every_finding(judged, outcomes, found),
        write_hits=_writer(engine, hit_lines(tally, plan, None)),
        late_days=measures.late_days(engine, plan, tally.lines, settings.as_of),
        carriers=measures.carriers(engine, plan, tally.lines),
        guards=tuple(guards(settings, tally, files, failed)),
        suppressions=suppressed,
    )


def _suppressed(judged: Judged, listed: Sequence[Finding]) -> Suppressions:
    """Return the suppressed findings, among those listed, and the suppressed tasks.

    Must be called after ``worklist.work``, which creates the table of suppressed tasks.
    """
    found = [finding for finding in listed if finding.suppressed_by is None]
    suppressed = [finding for finding in listed if finding.suppressed_by is not None]
    return suppressions.suppressions_of(judged, found, suppressed)


def _notes(
    judged: Judged, outcomes: Sequence[Outcome], work: WorkList, suppressed: Suppressions
) -> tuple[Note, ...]:
    """Return all notes; those on what a report leaves out come last."""
    return (
        *notes.notes(judged, outcomes),
        *notes.cut_short(work),
        *suppressions.notes(suppressed),
    )


def _entries(book: Rulebook) -> Iterator[Entry]:
    """Yield the rules of a run as reports describe them, in the order of their packs."""
    for bound in book.rules:
        rule = bound.rule
        yield Entry(
            **_shared(rule),
            limit=limits(rule),
            reviewed=bound.reviewed,
            platforms=None if bound.for_all else bound.platforms,
            tasks=rule.tasks,
            signal=rule.is_signal,
            on_top=bound.penalty is not None and bool(bound.on_top),
        )
    if book.risk is not None:
        shown_limit = limit(book.risk.breached, "at_least")
        yield Entry(**_shared(book.risk), limit=shown_limit, adds_risk=True)


def _shared(entry: Rule | Risk) -> dict[str, Any]:
    """Return the properties that rules and the risk share."""
    names = ("code", "title", "severity", "action", "consequence", "source")
    return {name: getattr(entry, name) for name in names}


def _writer(engine: Engine, hits: str) -> Callable[[Path | str], None] | None:
    """Return a function with which Spark writes the hits, a folder for each rule, else None."""
    # Hits of billions of lines must not pass through the driver.
    if not isinstance(engine, Distributed):
        return None
    return lambda target: engine.write(hits, target, by="code")


def _text(error: MerchantwatchError) -> Text:
    return Text(zh=error.zh, en=error.en)


def _stakes(engine: Engine) -> dict[str | None, Decimal]:
    """Return the amounts of all lines behind a breached finding, each line once, by currency."""
    return {row["currency"]: row["stake"] for row in engine.table(render_sql("stake")).to_pylist()}


def _penalty(engine: Engine, plan: Plan) -> Decimal | None:
    """Return the cost of all findings by the clauses; None if no rule states money."""
    tables = charging.costs(plan)
    for name, query in tables.items():
        make(engine, name, query)
    if not tables:
        return None
    found: Decimal | None = engine.table(charging.penalties()).to_pylist()[0]["penalty"]
    # No hit costs 0; None is for rules that never cost anything.
    return found or Decimal(0)


def inputs(taken: Taken, tally: Tally) -> Iterator[InputFile]:
    """Yield the exports as they were read, in the order in which they were named."""
    for export in sorted(taken.exports, key=lambda export: export.position):
        yield InputFile(
            path=export.label,
            format=export.form.code,
            kind=export.form.kind,
            encoding=export.encoding,
            encoding_from=export.encoding_from,
            rows=tally.rows_of(export),
            quarantined=tally.quarantined_of(export),
            exported_at=export.exported_at,
            exported_at_from=export.exported_at_from,
            shop=export.shop,
            shop_from=export.shop_from,
            unmatched=tally.unmatched_of(export),
            no_records=tally.no_records_of(export),
        )


def _outcomes(judged: Judged) -> list[Outcome]:
    engine, book, plan = judged.engine, judged.book, judged.plan
    codes = [bound.code for bound in plan.rules]
    signals = [bound.code for bound in plan.signals] if plan.judges_risk else []
    counts = engine.table(render_sql("outcomes", codes=codes, signals=signals)).to_pylist()[0]
    if plan.risk and plan.judges_risk:
        code = plan.risk.code
        risky = engine.table(render_sql("risk_outcome", code=code)).to_pylist()[0]
        counts |= {f"{code}_{name}": count for name, count in risky.items()}
        # The risk leaves a line unjudged only if every signal does: one is enough to judge it.
        counts[f"{code}_unjudged"] = counts["unsignalled"]
    counts |= {f"{c}_exempt": n for c, n in exemptions.hits_by_rule(engine, plan).items()}
    counts |= {f"{c}_suppressed": n for c, n in suppressions.by_rule(engine, plan).items()}
    found = {row["code"]: row for row in engine.table(render_sql("finding_counts")).to_pylist()}
    outcomes = [_outcome(bound, plan, counts, found) for bound in book.rules]
    if book.risk:
        outcomes.append(_risk_outcome(book.risk, judged, counts, found))
    return sorted(outcomes, key=lambda outcome: outcome.code)


def _outcome(bound: BoundRule, plan: Plan, counts: Mapping[str, int], found: Row) -> Outcome:
    rule = bound.rule
    common = _named(rule)
    if rule.code in plan.not_applicable:
        return Outcome(**common, signal=rule.is_signal, status="not_applicable")
    if rule.code in plan.missing:
        missing = plan.missing[rule.code]
        return Outcome(**common, signal=rule.is_signal, status="not_evaluated", missing=missing)
    return _evaluated(common, rule.is_signal, counts, found.get(rule.code, {}))


def _named(entry: Rule | Risk) -> dict[str, Any]:
    return {
        "code": entry.code,
        "name": entry.name,
        "title": entry.title,
        "severity": entry.severity,
    }


def _risk_outcome(risk: Risk, judged: Judged, counts: Mapping[str, int], found: Row) -> Outcome:
    common, plan = _named(risk), judged.plan
    if plan.judges_risk:
        return _evaluated(common, False, counts, found.get(risk.code, {}))
    if not judged.tally.total("lines"):
        return Outcome(**common, signal=False, status="not_applicable")
    # Any signal is enough to judge the risk: what all of them lack would do.
    missing = dict.fromkeys(field for fields in plan.missing.values() for field in fields)
    return Outcome(**common, signal=False, status="not_evaluated", missing=tuple(missing))


def _evaluated(
    common: Mapping[str, Any], signal: bool, counts: Mapping[str, int], found: Row
) -> Outcome:
    code = common["code"]
    return Outcome(
        **common,
        signal=signal,
        status="evaluated",
        hits=counts[f"{code}_hits"],
        near=counts[f"{code}_near"],
        unjudged=counts[f"{code}_unjudged"],
        uncounted=found.get("uncounted", 0),
        findings=found.get("findings", 0),
        breached=found.get("breached", 0),
        penalty=found.get("penalty"),
        exempt=counts.get(f"{code}_exempt", 0),
        suppressed=counts.get(f"{code}_suppressed", 0),
    )


def hit_lines(tally: Tally, plan: Plan, code: str | None) -> str:
    """Return the query of all hits with their lines, exempt ones too, or those of one rule."""
    # The engine knows exports by their numbers only, so the query has to name them.
    files = " ".join(
        f"when {export.number} then {literal(export.label)}" for export in tally.exports
    )
    return render_sql(
        "hit_lines",
        source_row=accounting.numbered_row(tally),
        source_file=f"case hits.source {files} end" if files else "cast(null as varchar)",
        code=literal(code) if code else "",
        exemptions=bool(plan.exemptions),
    )
