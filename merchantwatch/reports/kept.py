"""A JSON report read again: the run that it tells of, for every face that needs no engine."""

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
from merchantwatch.reports.kept_values import alike, check, check_known, money
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
    """Return the run that a JSON report in a file tells of. Raises InputError for what is none."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        _refuse(path, error.strerror or str(error), error.strerror or str(error))
    return parsed(data, path)


def parsed(data: bytes, path: Path) -> Results:
    """Return the run that a JSON report tells of. Raises InputError, which names ``path``."""
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
    """Raise InputError for what is no JSON, or JSON of another kind."""
    try:
        told = msgspec.json.decode(data, type=schema.Head).schema
    except msgspec.ValidationError:
        _refuse(path, "this is no JSON report of scan", "不是 scan 的 JSON 报告")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        _refuse(
            path,
            f"this is no JSON, or only the beginning of it ({error})",
            f"不是 JSON，或文件不完整（{error}）",
        )
    if told != SCHEMA:
        shown = told[:60]
        _refuse(
            path,
            f"its schema is {shown!r}, and {SCHEMA!r} is read; was it written by another version?",
            f"其 schema 为 {shown!r}，可读取的是 {SCHEMA!r}；是否由其他版本写出？",
        )


def _results(told: schema.Run) -> Results:
    first, last = AS_OF
    if not first <= told.as_of <= last:
        raise ValueError(f"as_of is {told.as_of}, and no moment of the years 1970 to 2099")
    for part in (told.inputs, told.accounting, told.quarantine, told.late_days, told.carriers):
        check(part)
    for item in told.quarantine:
        check_known(item.reason, REASONS, "quarantine")
    totals = told.totals
    stakes = {name or None: Decimal(n) for name, n in totals.amounts_at_stake.items()}
    mixed: dict[str | None, Decimal] = {"*": Decimal(0)} if totals.currencies_mixed else {}
    in_packs = sorted(told.rules, key=lambda rule: rule.place)
    return Results(
        as_of=told.as_of,
        tz=told.tz,
        lang=told.lang,
        engine=told.engine,
        inputs=told.inputs,
        accounting=told.accounting,
        entries=tuple(map(_entry, in_packs)),
        outcomes=tuple(map(_outcome, told.rules)),
        findings=tuple(map(_finding, told.findings)),
        work=_work(told),
        notes=tuple(Note(note.code, note.lines, note.texts) for note in told.notes),
        quarantine=told.quarantine,
        newest_event=told.newest_event,
        stakes=stakes | mixed,
        penalty=money(totals.penalty),
        causes=_causes(told.causes),
        exemptions=tuple(map(_exempted, told.exemptions)),
        failed=told.texts.failed,
        skipped=told.texts.skipped,
        read_hits=_not_kept,
        read_quarantine=lambda: iter(told.quarantine),
        late_days=told.late_days,
        carriers=told.carriers,
        guards=past.guards(told),
        past=past.read(told),
        suppressions=_suppressions(told),
    )


def _not_kept(_code: str | None) -> NoReturn:
    raise LookupError("a kept run has no hits")


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


def _finding(told: schema_findings.FindingInJson) -> Finding:
    check((told.risk, told.signals, told.rate, told.limit))
    common = alike(told, Finding)
    return Finding(
        **{
            **common,
            "amount_at_stake": money(told.amount_at_stake),
            "penalty": money(told.penalty),
            "evidence": _evidence(told.evidence),
            "reason": told.texts.reason,
            "action": told.texts.action,
        }
    )


def _evidence(told: schema_findings.EvidenceInJson | None) -> Evidence | None:
    if told is None:
        return None
    texts = told.texts
    return Evidence(told.reason, texts.title, told.due_at, texts.have, texts.missing)


def _work(told: schema.Run) -> WorkList:
    totals = told.totals
    for owner in totals.by_owner:
        check_known(owner, owners(), "totals")
    for task in told.tasks:
        if task.due_at is not None and task.due_at < told.as_of:
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
    tasks = tuple(map(_task, told.tasks))
    return WorkList(tasks, summed, lambda: iter(tasks))


def _task(told: schema.TaskInJson) -> Task:
    check_known(told.owner, owners(), told.id)
    check(told.effects)
    return Task(
        **{
            **alike(told, Task),
            "amount": money(told.amount),
            "money_to_save": Decimal(told.money_to_save),
            "money_lost": Decimal(told.money_lost),
            "then": _moment(told.then) if told.then else None,
            "later": tuple(map(_moment, told.later)),
        }
    )


def _moment(told: schema.MomentInJson) -> Moment:
    return Moment(told.at, told.code, told.texts, money(told.money))


def _causes(told: schema.CausesInJson | None) -> Causes | None:
    if told is None:
        return None
    named = (
        Cause(one.kind, one.value, one.name, one.lines, one.of, money(one.amount_at_stake))
        for one in told.named
    )
    return Causes(told.least, {str(kind): n for kind, n in told.lines.items()}, tuple(named))


def _exempted(told: schema.ExemptedInJson) -> Exempted:
    return Exempted(Exemption(**alike(told, Exemption)), told.lines, told.hits, told.applied)


def _suppressed(told: schema_findings.SuppressedInJson) -> Suppressed:
    entry = Suppression(**alike(told, Suppression))
    return Suppressed(entry, told.in_force, told.judged, told.findings)


def _suppressions(told: schema.Run) -> Suppressions:
    apart = told.suppressed
    for task in apart.tasks:
        check_known(task.kind, kinds(), task.id)
    return Suppressions(
        entries=tuple(map(_suppressed, told.suppressions)),
        findings=tuple(map(_finding, apart.findings)),
        tasks=apart.tasks,
        tasks_in_all=apart.totals.tasks,
    )
