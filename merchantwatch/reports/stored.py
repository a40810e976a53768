"""Reads a JSON report back into the results of its run, to render it in other formats."""

from decimal import Decimal
from pathlib import Path
from typing import NoReturn

import msgspec

from merchantwatch.errors import InputError
from merchantwatch.fields import FIELDS
from merchantwatch.language.moments import AS_OF
from merchantwatch.language.quarantine_reasons import REASONS
from merchantwatch.reports import past, schema, schema_findings
from merchantwatch.reports.json import SCHEMA
from merchantwatch.reports.stored_values import check, check_known, common_fields, money
from merchantwatch.results.model import Results, Suppressions
from merchantwatch.results.records import (
    Cause,
    Causes,
    Entry,
    Evidence,
    Exempted,
    Finding,
    Note,
    Outcome,
    Suppressed,
)
from merchantwatch.rules import Exemption, Source, Suppression
from merchantwatch.tasks import Moment, Soon, Task, Totals, WorkList, kinds, owners

_MOST_BYTES = 1 << 30


def read(path: Path) -> Results:
    """Return the results in a JSON report's file. Raises InputError where it is not one."""
    try:
        with path.open("rb") as file:
            # One byte more shows that the file is too large, without reading all of it.
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        _refuse(path, error.strerror or str(error), error.strerror or str(error))
    return parsed(data, path)


def parsed(data: bytes, path: Path) -> Results:
    """Return the results in a JSON report. Raises InputError, which names ``path``."""
    if len(data) > _MOST_BYTES:
        _refuse(path, "it has more than 1 GB", "超过 1 GB")
    _look_at_schema(path, data)
    try:
        return _results(msgspec.json.decode(data, type=schema.Run))
    except (msgspec.DecodeError, ValueError, ArithmeticError, RecursionError) as error:
        _refuse(
            path,
            f"it cannot be shown again ({error}); scan again with this version",
            f"无法再次呈现（{error}），请用当前版本重新扫描",
        )


def _refuse(path: Path, en: str, zh: str) -> NoReturn:
    raise InputError(f"{path}: {en}", f"{path}：{zh}") from None


def _look_at_schema(path: Path, data: bytes) -> None:
    """Raise InputError where the data is no JSON, or not a report of this version."""
    try:
        found = msgspec.json.decode(data, type=schema.Head).schema
    except msgspec.ValidationError:
        _refuse(path, "this is no JSON report of scan", "不是 scan 的 JSON 报告")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        _refuse(
            path,
            f"this is no JSON, or only the beginning of it ({error})",
            f"不是 JSON，或文件不完整（{error}）",
        )
    if found != SCHEMA:
        shown = found[:60]
        _refuse(
            path,
            f"its schema is {shown!r}, and {SCHEMA!r} is read; was it written by another version?",
            f"其 schema 为 {shown!r}，可读取的是 {SCHEMA!r}；是否由其他版本写出？",
        )


def _results(run: schema.Run) -> Results:
    _check_values(run)
    # The report lists rules by their codes, and entries stand in the order of the packs.
    in_packs = sorted(run.rules, key=lambda rule: rule.place)
    found = tuple(map(_finding, run.findings))
    return Results(
        as_of=run.as_of,
        tz=run.tz,
        lang=run.lang,
        engine=run.engine,
        inputs=run.inputs,
        accounting=run.accounting,
        entries=tuple(map(_entry, in_packs)),
        outcomes=tuple(map(_outcome, run.rules)),
        findings=found,
        work=_work(run),
        notes=tuple(Note(note.code, note.lines, note.texts) for note in run.notes),
        quarantine=run.quarantine,
        newest_event=run.newest_event,
        stakes=_stakes(run.totals),
        penalty=money(run.totals.penalty),
        causes=_causes(run.causes),
        exemptions=tuple(map(_exempted, run.exemptions)),
        failed=run.texts.failed,
        skipped=run.texts.skipped,
        # The other readers give what the report lists: those of the engine are gone.
        read_hits=_no_hits,
        read_quarantine=lambda: iter(run.quarantine),
        read_findings=lambda: iter(found),
        late_days=run.late_days,
        carriers=run.carriers,
        guards=past.guards(run),
        past=past.read(run),
        suppressions=_suppressions(run),
    )


def _check_values(run: schema.Run) -> None:
    """Raise ValueError for values that the types let pass, and no scan would have written."""
    first, last = AS_OF
    if not first <= run.as_of <= last:
        raise ValueError(f"as_of is {run.as_of}, and no moment of the years 1970 to 2099")
    for part in (run.inputs, run.accounting, run.quarantine, run.late_days, run.carriers):
        check(part)
    for item in run.quarantine:
        check_known(item.reason, REASONS, "quarantine")


def _stakes(totals: schema.TotalsInJson) -> dict[str | None, Decimal]:
    """Return the amounts at stake by currency; "*" marks that some are of several at once."""
    stakes = {name or None: Decimal(n) for name, n in totals.amounts_at_stake.items()}
    return stakes | ({"*": Decimal(0)} if totals.currencies_mixed else {})


def _no_hits(_code: str | None) -> NoReturn:
    raise LookupError("a stored report has no hits")


def _entry(rule: schema.RuleInJson) -> Entry:
    source = rule.source
    return Entry(
        code=rule.code,
        title=rule.texts.title,
        severity=rule.severity,
        action=rule.texts.action,
        consequence=rule.texts.consequence,
        limit=rule.texts.limit,
        source=Source(source.clause, source.read_at, source.confidence, source.beside),
        reviewed=rule.reviewed,
        platforms=rule.platforms,
        tasks=rule.tasks,
        signal=rule.signal,
        adds_risk=rule.adds_risk,
        on_top=rule.on_top,
    )


_COUNTS = ("hits", "near", "unjudged", "uncounted", "findings", "breached", "exempt", "suppressed")


def _outcome(rule: schema.RuleInJson) -> Outcome:
    for field in rule.missing:
        check_known(field, FIELDS, rule.code)
    return Outcome(
        code=rule.code,
        name=rule.name,
        title=rule.texts.title,
        severity=rule.severity,
        signal=rule.signal,
        status=rule.status,
        missing=rule.missing,
        penalty=money(rule.penalty),
        **{name: getattr(rule, name) for name in _COUNTS},
    )


def _finding(finding: schema_findings.FindingInJson) -> Finding:
    check((finding.risk, finding.signals, finding.rate, finding.limit))
    common = common_fields(finding, Finding)
    return Finding(
        **{
            **common,
            "amount_at_stake": money(finding.amount_at_stake),
            "penalty": money(finding.penalty),
            "evidence": _evidence(finding.evidence),
            "reason": finding.texts.reason,
            "action": finding.texts.action,
        }
    )


def _evidence(evidence: schema_findings.EvidenceInJson | None) -> Evidence | None:
    if evidence is None:
        return None
    texts = evidence.texts
    return Evidence(evidence.reason, texts.title, evidence.due_at, texts.have, texts.missing)


def _work(run: schema.Run) -> WorkList:
    totals = run.totals
    # Its names and verbs are looked up while rendering: an unknown one would fail halfway.
    for owner in totals.by_owner:
        check_known(owner, owners(), "totals")
    for task in run.tasks:
        # Time left would be negative, which no renderer expects.
        if task.due_at is not None and task.due_at < run.as_of:
            raise ValueError(f"{task.id[:40]!r} is due before as_of")
    soon = totals.within_24_hours
    summed = Totals(
        orders=totals.orders,
        tasks=totals.tasks,
        money_to_save=Decimal(totals.money_to_save),
        money_lost=Decimal(totals.money_lost),
        money_lost_over=Decimal(totals.money_lost_over),
        by_owner=totals.by_owner,
        by_severity={str(word): n for word, n in totals.by_severity.items()},
        by_shop={(one.platform, one.shop): one.tasks for one in totals.by_shop},
        soon=Soon(soon.tasks, soon.grave, Decimal(soon.money_to_save)),
    )
    tasks = tuple(map(_task, run.tasks))
    return WorkList(tasks, summed, lambda of: (t for t in tasks if of is None or t.kind in of))


def _task(task: schema.TaskInJson) -> Task:
    check_known(task.owner, owners(), task.id)
    check(task.effects)
    return Task(
        **{
            **common_fields(task, Task),
            # Older runs name the orders of no product.
            "order_ids": task.order_ids or tuple(filter(None, (task.order_id,))),
            "amount": money(task.amount),
            "money_to_save": Decimal(task.money_to_save),
            "money_lost": Decimal(task.money_lost),
            "then": _moment(task.then) if task.then else None,
            "later": tuple(map(_moment, task.later)),
        }
    )


def _moment(moment: schema.MomentInJson) -> Moment:
    return Moment(moment.at, moment.code, moment.texts, money(moment.money))


def _causes(causes: schema.CausesInJson | None) -> Causes | None:
    if causes is None:
        return None
    named = (
        Cause(one.kind, one.value, one.name, one.lines, one.of, money(one.amount_at_stake))
        for one in causes.named
    )
    return Causes(causes.least, {str(kind): n for kind, n in causes.lines.items()}, tuple(named))


def _exempted(exempted: schema.ExemptedInJson) -> Exempted:
    return Exempted(
        Exemption(**common_fields(exempted, Exemption)),
        exempted.lines,
        exempted.hits,
        exempted.applied,
    )


def _suppressed(suppressed: schema_findings.SuppressedInJson) -> Suppressed:
    entry = Suppression(**common_fields(suppressed, Suppression))
    return Suppressed(entry, suppressed.in_force, suppressed.judged, suppressed.findings)


def _suppressions(run: schema.Run) -> Suppressions:
    apart = run.suppressed
    for task in apart.tasks:
        check_known(task.kind, kinds(), task.id)
    return Suppressions(
        entries=tuple(map(_suppressed, run.suppressions)),
        findings=tuple(map(_finding, apart.findings)),
        tasks=apart.tasks,
        tasks_in_all=apart.totals.tasks,
    )
