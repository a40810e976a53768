"""What a run judges by: which rules can judge the lines of which exports, and which lack what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from merchantwatch.fields import ALWAYS_CARRIED, FIELDS, PARCEL_EVENTS
from merchantwatch.pipeline.keys import follows
from merchantwatch.pipeline.layout import carried
from merchantwatch.reading import Export
from merchantwatch.rules import BoundRule, Exemption, Risk, Rulebook


@dataclass(frozen=True)
class Plan:
    """What a run judges by, decided before any line is judged.

    ``missing`` holds the rules that no line of their platform can be judged by, with the fields
    they lack; ``not_applicable`` those without a line of their platform; ``uncarried`` for each
    judged rule the sources whose lines lack a field it reads; ``tells_fulfilment`` whether some
    export tells which lines the merchant has not to ship.
    """

    rules: tuple[BoundRule, ...]
    signals: tuple[BoundRule, ...]
    risk: Risk | None
    uncarried: Mapping[str, Sequence[int]]
    missing: Mapping[str, tuple[str, ...]]
    not_applicable: frozenset[str]
    exemptions: tuple[Exemption, ...] = ()
    tells_fulfilment: bool = False

    @property
    def rates(self) -> tuple[BoundRule, ...]:
        """The rules that hold a share of lines against a limit."""
        return tuple(bound for bound in self.rules if bound.rule.share is not None)

    @property
    def judges_risk(self) -> bool:
        """Whether some signal is judged, and so the intervention risk."""
        return self.risk is not None and bool(self.signals)


def plan_of(
    book: Rulebook,
    exports: Sequence[Export],
    platforms: Mapping[int, str],
    supplied: Mapping[str, frozenset[str]],
    parcels: Mapping[str, frozenset[str]],
) -> Plan:
    """Decide which rules can judge the lines that were read.

    ``platforms`` is the platform of each source that has lines; ``supplied`` what joined exports
    can tell of a platform's lines; ``parcels`` what is known of the parcel of some of them.
    """
    carries = {
        e.number: _carried(e, _supplied(platforms[e.number], supplied, parcels))
        for e in exports
        if e.form.kind == "orders" and e.number in platforms
    }
    missing: dict[str, tuple[str, ...]] = {}
    uncarried: dict[str, list[int]] = {}
    not_applicable = set()
    for bound in book.rules:
        sources = [number for number in carries if bound.judges(platforms[number])]
        lacking = {n: bound.reads - carries[n] - ALWAYS_CARRIED for n in sources}
        if not sources:
            not_applicable.add(bound.code)
        elif all(lacking.values()):
            missing[bound.code] = _in_order(frozenset.intersection(*lacking.values()), lacking)
        else:
            uncarried[bound.code] = [number for number in sources if lacking[number]]
    judged = tuple(bound for bound in book.rules if bound.code in uncarried)
    signals = tuple(bound for bound in judged if bound.rule.is_signal)
    none = frozenset(not_applicable)
    told = any("fulfilment" in fields for fields in carries.values())
    return Plan(judged, signals, book.risk, uncarried, missing, none, book.exemptions, told)


def _carried(export: Export, supplied: frozenset[str]) -> frozenset[str]:
    """Return what is known of the lines of an export, of what looks across them too."""
    told = carried(export) | supplied
    return told | follows(told)


def _supplied(
    platform: str,
    supplied: Mapping[str, frozenset[str]],
    parcels: Mapping[str, frozenset[str]],
) -> frozenset[str]:
    """Return what is told of a platform's lines beside their own exports.

    Of a parcel's course only where some line's parcel is known; line by line it is looked at then.
    """
    fields = supplied.get(platform, frozenset())
    return fields - PARCEL_EVENTS | parcels.get(platform, frozenset())


def _in_order(everywhere: frozenset[str], lacking: Mapping[int, frozenset[str]]) -> tuple[str, ...]:
    """Return the fields that are missing, in the order of fields: those that all sources lack."""
    names = everywhere or frozenset[str]().union(*lacking.values())
    return tuple(name for name in FIELDS if name in names)
