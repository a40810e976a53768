"""What a run judges by: which rules can judge the lines of which exports, and which lack what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from merchantwatch.fields import ALWAYS_CARRIED, FIELDS, PARCEL_EVENTS
from merchantwatch.pipeline.carried import carried
from merchantwatch.pipeline.keys import follows
from merchantwatch.reading import Export
from merchantwatch.rules import BoundRule, Exemption, Risk, Rulebook, Suppression


@dataclass(frozen=True)
class Plan:
    """What a run judges by, decided before any line is judged.

    ``missing`` holds the rules that no line of their platform can be judged by, with the fields
    they lack; ``not_applicable`` those without a line of their platform; ``uncarried`` for each
    judged rule the sources whose lines lack a field it reads; ``tells_fulfilment`` whether some
    export shows which lines the merchant does not ship, ``named`` whether some lines name their
    platform themselves.
    """

    rules: tuple[BoundRule, ...]
    signals: tuple[BoundRule, ...]
    risk: Risk | None
    uncarried: Mapping[str, Sequence[int]]
    missing: Mapping[str, tuple[str, ...]]
    not_applicable: frozenset[str]
    exemptions: tuple[Exemption, ...] = ()
    tells_fulfilment: bool = False
    named: bool = False
    suppressions: tuple[Suppression, ...] = ()

    @property
    def rates(self) -> tuple[BoundRule, ...]:
        """The rules that compare a share of lines with a limit."""
        return tuple(bound for bound in self.rules if bound.rule.share is not None)

    @property
    def daily(self) -> tuple[BoundRule, ...]:
        """The rules whose hits are shown day by day: the first of each platform that can judge."""
        by_platform: dict[tuple[str, ...], BoundRule] = {}
        for bound in self.rules:
            if bound.rule.daily:
                by_platform.setdefault(bound.platforms, bound)
        return tuple(by_platform.values())

    @property
    def measured(self) -> tuple[BoundRule, ...]:
        """The rules for which it is counted how many lines they judge, day by day."""
        daily = {bound.code for bound in self.daily}
        return tuple(b for b in self.rules if b.rule.share is not None or b.code in daily)

    @property
    def judges_risk(self) -> bool:
        """Whether some signal is judged, and so the intervention risk."""
        return self.risk is not None and bool(self.signals)


def plan_of(
    book: Rulebook,
    exports: Sequence[Export],
    platforms: Mapping[int, Sequence[str]],
    supplied: Mapping[str, frozenset[str]],
    parcels: Mapping[str, frozenset[str]],
    *,
    named: bool,
) -> Plan:
    """Decide which rules can judge the lines that were read.

    ``platforms`` are those that lines of each source are of; ``supplied`` is what joined exports
    supply to a platform's lines, ``parcels`` what is known of the parcel of some of them.
    """
    carries = {
        (e.number, platform): _carried(e, _supplied(platform, supplied, parcels))
        for e in exports
        if e.form.kind == "orders"
        for platform in platforms.get(e.number, ())
    }
    left_out = {e.number: frozenset(e.form.holds_no) for e in exports}
    missing: dict[str, tuple[str, ...]] = {}
    uncarried: dict[str, list[int]] = {}
    not_applicable = set()
    for bound in book.rules:
        judged = [of for of in carries if bound.judges(of[1])]
        lacking = {of: bound.reads - carries[of] - ALWAYS_CARRIED for of in judged}
        if bound.rule.share is not None:
            lacking = {of: fields | left_out[of[0]] for of, fields in lacking.items()}
        if not judged:
            not_applicable.add(bound.code)
        elif all(lacking.values()):
            missing[bound.code] = _in_order(frozenset.intersection(*lacking.values()), lacking)
        else:
            uncarried[bound.code] = list(dict.fromkeys(of[0] for of in judged if lacking[of]))
    rules = tuple(bound for bound in book.rules if bound.code in uncarried)
    signals = tuple(bound for bound in rules if bound.rule.is_signal)
    none = frozenset(not_applicable)
    knows_fulfilment = any("fulfilment" in fields for fields in carries.values())
    return Plan(
        *(rules, signals, book.risk, uncarried, missing, none),
        exemptions=book.exemptions,
        tells_fulfilment=knows_fulfilment,
        named=named,
        suppressions=book.suppressions,
    )


def _carried(export: Export, supplied: frozenset[str]) -> frozenset[str]:
    """Return the fields that the lines of an export have, cross-line fields too."""
    fields = carried(export) | supplied
    return fields | follows(fields)


def _supplied(
    platform: str,
    supplied: Mapping[str, frozenset[str]],
    parcels: Mapping[str, frozenset[str]],
) -> frozenset[str]:
    """Return the fields of a platform's lines that come from other exports than their own.

    Events of a parcel only where some line's parcel is known; each line is then tested for it.
    """
    fields = supplied.get(platform, frozenset())
    return fields - PARCEL_EVENTS | parcels.get(platform, frozenset())


def _in_order(
    everywhere: frozenset[str], lacking: Mapping[tuple[int, str], frozenset[str]]
) -> tuple[str, ...]:
    """Return the fields that are missing, in the order of fields: those that all sources lack."""
    names = everywhere or frozenset[str]().union(*lacking.values())
    return tuple(name for name in FIELDS if name in names)
