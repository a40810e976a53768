"""The JSON report as it is read again: its fields and what each may hold. More is passed over."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from merchantwatch.language.text import Text
from merchantwatch.reports.schema_findings import ApartInJson, FindingInJson, SuppressedInJson
from merchantwatch.reports.schema_history import FollowedInJson, GuardInJson, PastInJson
from merchantwatch.reports.schema_values import MOST, Count, Money, Time
from merchantwatch.results.inputs import Accounting, InputFile, Quarantined
from merchantwatch.results.measures import Carrier, LateDay
from merchantwatch.results.records import Status
from merchantwatch.rules import Confidence, Severity, TaskKind
from merchantwatch.support.lang import Lang
from merchantwatch.tasks import Effect

CauseKind = Literal["product", "warehouse", "carrier", "reason"]


class RuleTexts(Struct):
    """What a rule says, in both languages."""

    title: Text
    action: Text
    consequence: Text | None
    limit: Text


class SourceInJson(Struct):
    """Where a number comes from: ``read_at`` is the place alone, without what stands ``beside``."""

    clause: str
    confidence: Confidence
    read_at: str
    beside: Text | None


class RuleInJson(Struct):
    """A rule, and what became of it; ``place`` is the one in its pack."""

    code: str
    name: str
    severity: Severity
    signal: bool
    status: Status
    place: Count
    texts: RuleTexts
    source: SourceInJson
    reviewed: date | None
    platforms: tuple[str, ...] | None
    tasks: tuple[TaskKind, ...]
    adds_risk: bool
    on_top: bool
    missing: tuple[str, ...] = ()
    hits: Count = 0
    near: Count = 0
    unjudged: Count = 0
    uncounted: Count = 0
    findings: Count = 0
    breached: Count = 0
    penalty: Money | None = None
    exempt: Count = 0
    suppressed: Count = 0


class MomentInJson(Struct):
    """What happens at a moment."""

    at: Time | None
    code: str
    money: Money | None
    texts: Text


class TaskInJson(FollowedInJson):
    """A task."""

    id: str
    kind: TaskKind
    owner: str
    severity: Severity
    platform: str
    shop: str | None
    order_id: str | None
    lines: tuple[str, ...]
    product_id: str | None
    product_name: str | None
    quantity: Annotated[int, Meta(ge=-MOST, le=MOST)] | None
    amount: Money | None
    currency: str | None
    warehouse: str | None
    carrier: str | None
    tracking_no: str | None
    case_id: str | None
    due_at: Time | None
    then: MomentInJson | None
    later: tuple[MomentInJson, ...]
    money_to_save: Money
    money_lost: Money
    rules: Annotated[tuple[str, ...], Meta(min_length=1)]
    effects: tuple[Effect, ...]
    text: Text
    order_ids: tuple[str, ...] = ()


class ShopInJson(Struct):
    """How many tasks a shop has."""

    platform: str
    shop: str | None
    tasks: Count


class SoonInJson(Struct):
    """What is due within a day."""

    tasks: Count
    grave: Count
    money_to_save: Money


class TotalsInJson(Struct):
    """The numbers that every face shows; amounts by currency, without those of several."""

    amounts_at_stake: dict[str, Money]
    currencies_mixed: bool
    penalty: Money | None
    orders: Count
    tasks: Count
    money_to_save: Money
    money_lost: Money
    money_lost_over: Money
    by_owner: dict[str, Count]
    by_severity: dict[Severity, Count]
    by_shop: tuple[ShopInJson, ...]
    within_24_hours: SoonInJson


class CauseInJson(Struct):
    """What lines at risk have in common."""

    kind: CauseKind
    value: str
    name: str | None
    lines: Count
    of: Annotated[int, Meta(ge=1, le=MOST)]
    amount_at_stake: Money | None


class CausesInJson(Struct):
    """All that lines at risk have in common."""

    least: Count
    lines: dict[CauseKind, Count]
    named: tuple[CauseInJson, ...]


# The words of the CSV of exemptions; `from` is a keyword in Python.
_RENAMED = {"since": "from", "until": "to", "extend_by": "extend_by_seconds"}


class ExemptedInJson(Struct, rename=_RENAMED):
    """What became of an exemption."""

    row: Count
    orders: tuple[str, ...]
    products: tuple[str, ...]
    regions: tuple[str, ...]
    shops: tuple[str, ...]
    rules: tuple[str, ...]
    since: Time | None
    until: Time | None
    counted_by: Literal["due", "paid", "created"]
    extended_to: Time | None
    extend_by: Count | None
    reason: str
    approved: bool
    lines: Count
    hits: Count
    applied: Count


class NoteInJson(Struct):
    """Something assumed, computed, masked or unknown."""

    code: str
    lines: Count
    texts: Text


class FileTexts(Struct):
    """Texts about files that were not read, in both languages."""

    failed: tuple[Text, ...]
    skipped: tuple[Text, ...]


class Run(Struct):
    """A JSON report, as far as other formats need it."""

    as_of: Time
    tz: str
    lang: Lang
    engine: str
    newest_event: Time | None
    inputs: tuple[InputFile, ...]
    texts: FileTexts
    accounting: Accounting
    totals: TotalsInJson
    tasks: tuple[TaskInJson, ...]
    rules: tuple[RuleInJson, ...]
    findings: tuple[FindingInJson, ...]
    causes: CausesInJson | None
    exemptions: tuple[ExemptedInJson, ...]
    notes: tuple[NoteInJson, ...]
    quarantine: tuple[Quarantined, ...]
    # With defaults: reports of earlier versions do not have these yet.
    late_days: tuple[LateDay, ...] = ()
    carriers: tuple[Carrier, ...] = ()
    guards: tuple[GuardInJson, ...] = ()
    history: PastInJson | None = None
    suppressions: tuple[SuppressedInJson, ...] = ()
    suppressed: ApartInJson = ApartInJson()


class Head(Struct):
    """What is looked at first."""

    schema: str
