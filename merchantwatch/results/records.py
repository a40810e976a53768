"""The findings of a run and the outcome of its rules, as plain typed records."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct

from merchantwatch.language.text import Text
from merchantwatch.reading.arrow import Row
from merchantwatch.rules import Exemption, Severity, Source, Suppression, TaskKind

State = Literal["breached", "near"]
Status = Literal["evaluated", "not_evaluated", "not_applicable"]

UNKNOWN_WORDS = "unknown-"
"""The beginning of the codes of notes on unknown words; the field's name follows."""

NOTHING_JUDGED = "nothing-judged"
"""The code of the note that no line was judged by any rule."""

STALE_EXPORT = "stale-export"
"""The code of the note that an export no longer shows what has happened since."""

STALE_AFTER = timedelta(hours=6)
"""An export older than this at as-of is stale."""


class Entry(msgspec.Struct, frozen=True):
    """A rule as reports show it: its texts, its tasks, the source of its numbers.

    It judges the lines of ``platforms``; None: of all. ``limit`` is the text of its limits. It
    creates ``tasks`` of these kinds. Its cost may come ``on_top`` of other clauses. A ``signal``
    breaks no limit by itself; the entry that ``adds_risk`` adds up the signals.
    """

    code: str
    title: Text
    severity: Severity
    action: Text
    consequence: Text | None
    limit: Text
    source: Source
    reviewed: date | None = None
    platforms: tuple[str, ...] | None = None
    tasks: tuple[TaskKind, ...] = ()
    signal: bool = False
    adds_risk: bool = False
    on_top: bool = False


class Outcome(Struct, frozen=True):
    """The outcome of one rule: whether it was judged, and its counts."""

    code: str
    name: str
    title: Text
    severity: str
    signal: bool
    status: Status
    missing: tuple[str, ...] = ()
    hits: int = 0
    near: int = 0
    unjudged: int = 0
    uncounted: int = 0
    findings: int = 0
    breached: int = 0
    penalty: Decimal | None = None
    exempt: int = 0
    suppressed: int = 0


class SignalShare(msgspec.Struct, frozen=True):
    """One signal of a line and the part of its risk that it accounts for."""

    code: str
    risk: Decimal
    share: Decimal


class Rate(msgspec.Struct, frozen=True):
    """A share compared with a limit: its lines, and how many more hits stay within the limit."""

    volume: int
    share: Decimal
    limit: Decimal
    left: int
    leaving: int = 0
    leaving_on: date | None = None


class Evidence(msgspec.Struct, frozen=True):
    """The evidence for a case with this ``reason``: pieces that exports prove, and missing ones."""

    reason: str
    title: Text
    due_at: datetime | None
    have: tuple[Text, ...]
    missing: tuple[Text, ...]


class FindingKey(NamedTuple):
    """The identity of a finding within a run: its rule, and its scope in a platform and shop."""

    code: str
    platform: str
    shop: str | None
    key: str | None

    @classmethod
    def of(cls, row: Row) -> "FindingKey":
        """Return the key of a row that has one."""
        return cls(row["code"], row["platform"], row["shop"], row["key"])


class Finding(msgspec.Struct, frozen=True):
    """Hits counted per scope that reached the limit (``breached``) or neared it (``near``).

    ``suppressed_by`` is the number of the entry of the file of suppressions that suppresses it.
    """

    code: str
    state: State
    severity: str
    platform: str
    shop: str | None
    scope: str
    key: str
    count: int
    limit: int | float | Decimal
    limit_is: str
    amount_at_stake: Decimal | None
    penalty: Decimal | None
    due_at: datetime | None
    next_due_at: datetime | None
    lines: tuple[str, ...]
    order_ids: tuple[str, ...]
    product_name: str | None
    reason: Text
    action: Text
    risk: Decimal | None = None
    signals: tuple[SignalShare, ...] = ()
    rate: Rate | None = None
    forecast: int | None = None
    evidence: Evidence | None = None
    currency: str | None = None
    suppressed_by: int | None = None

    @property
    def known_by(self) -> FindingKey:
        """The identity of the finding within its run."""
        return FindingKey(self.code, self.platform, self.shop, self.key)


class Cause(Struct, frozen=True):
    """Lines at risk with a value in common; ``of`` counts those whose value is known."""

    kind: str
    value: str
    name: str | None
    lines: int
    of: int
    amount: Decimal | None


class Causes(Struct, frozen=True):
    """Values that lines at risk have in common.

    ``lines`` says for how many of them each kind is known; causes are ``named`` from ``least``
    lines on.
    """

    least: int
    lines: Mapping[str, int]
    named: tuple[Cause, ...]


class Exempted(Struct, frozen=True):
    """The effect of an exemption.

    It applies to ``lines`` lines and could lift or move ``hits`` of their hits (near ones too);
    ``applied`` counts those that it does: none while it is not approved, or if another exemption
    has a greater effect.
    """

    exemption: Exemption
    lines: int
    hits: int
    applied: int

    @property
    def state(self) -> Literal["applied", "pending", "covered", "idle", "unmatched"]:
        """Its effect in a word, or why it has none."""
        if not self.lines:
            return "unmatched"
        # Before its hits: what it would lift is shown even while it is pending.
        if not self.exemption.approved:
            return "pending"
        if self.applied:
            return "applied"
        return "covered" if self.hits else "idle"


class Suppressed(Struct, frozen=True):
    """The effect of an entry of the file of suppressions.

    It matches ``findings`` findings, which are suppressed while it is ``in_force`` and reported
    again once it has expired. ``judged`` says whether any rule that it names could judge.
    """

    entry: Suppression
    in_force: bool
    judged: bool
    findings: int

    @property
    def state(self) -> Literal["applied", "expired", "unmatched", "not-judged"]:
        """Its effect in a word, or why it has none."""
        if not self.in_force:
            return "expired"
        if self.findings:
            return "applied"
        return "unmatched" if self.judged else "not-judged"


PLATFORM_ASSUMED = "platform-assumed"
"""The code of the note that stands in the head of every report."""


class Note(Struct, frozen=True):
    """Something assumed, computed, masked or unknown, and how many lines it concerns."""

    code: str
    lines: int
    text: Text
