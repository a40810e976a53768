"""The findings of a JSON report as they are read again, those that are suppressed too."""

from decimal import Decimal

from msgspec import Struct

from merchantwatch.language.text import Text
from merchantwatch.reports.schema_history import FollowedInJson
from merchantwatch.reports.schema_values import Count, Money, Time
from merchantwatch.results.records import Rate, SignalShare, State
from merchantwatch.rules import Severity, Suppression
from merchantwatch.tasks import SuppressedTask


class EvidenceTexts(Struct):
    """What a case needs, in both languages."""

    title: Text
    have: tuple[Text, ...]
    missing: tuple[Text, ...]


class EvidenceInJson(Struct):
    """What a case needs."""

    reason: str
    due_at: Time | None
    texts: EvidenceTexts


class FindingTexts(Struct):
    """Why a finding stands and what to do, in both languages."""

    reason: Text
    action: Text


class FindingInJson(FollowedInJson):
    """A finding."""

    code: str
    state: State
    severity: Severity
    platform: str
    shop: str | None
    scope: str
    key: str
    count: Count
    limit: int | float
    limit_is: str
    amount_at_stake: Money | None
    currency: str | None
    penalty: Money | None
    due_at: Time | None
    next_due_at: Time | None
    lines: tuple[str, ...]
    product_name: str | None
    texts: FindingTexts
    order_ids: tuple[str, ...] = ()
    risk: Decimal | None = None
    signals: tuple[SignalShare, ...] = ()
    evidence: EvidenceInJson | None = None
    rate: Rate | None = None
    forecast: Count | None = None
    suppressed_by: Count | None = None


class SuppressedInJson(Suppression, frozen=True):
    """What became of an entry of the file of suppressions."""

    in_force: bool = True
    judged: bool = True
    findings: Count = 0


class ApartTotals(Struct, frozen=True):
    """How much is suppressed."""

    findings: Count = 0
    tasks: Count = 0


class ApartInJson(Struct, frozen=True):
    """What is suppressed."""

    totals: ApartTotals = ApartTotals()
    findings: tuple[FindingInJson, ...] = ()
    tasks: tuple[SuppressedTask, ...] = ()
