"""The plan of a run: which rules can judge the lines of which exports, and what others lack."""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from merchantwatch.fields import ALWAYS_CARRIED, FIELDS, PARCEL_EVENTS
from merchantwatch.pipeline.carried import carried
from merchantwatch.pipeline.keys import derivable_from
from merchantwatch.reading import Export
from merchantwatch.rules import BoundRule, Exemption, Risk, Rulebook, Suppression


class Plan(Struct, frozen=True):
    """The plan of a run, made before any line is judged.

    ``rules``             those that judge lines; ``signals`` are among them
    ``uncarried``         for each of them the sources whose lines lack a field that it reads
    ``missing``           the rules that can judge no line of their platform, with what they lack
    ``not_applicable``    the rules without a line of their platform
    ``knows_fulfilment``  whether an export shows which lines the merchant does not ship
    ``named``             whether some lines name their platform themselves
    """

    rules: tuple[BoundRule, ...]
    signals: tuple[BoundRule, ...]
    risk: Risk | None
    uncarried: Mapping[str, Sequence[int]]
    missing: Mapping[str, tuple[str, ...]]
    not_applicable: frozenset[str]
    exemptions: tuple[Exemption, ...] = ()
    knows_fulfilment: bool = False
    named: bool = False
    suppressions: tuple[Suppression, ...] = ()

    def of(self, platform: str) -> "Plan":
        """Return the plan with only the rules that judge lines of a platform."""
        return replace(self, rules=tuple(bound for bound in self.rules if bound.judges(platform)))

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
        """The rules whose judged lines are counted day by day."""
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
    """Decide which rules can judge the lines of these exports.

    ``platforms`` are those of the lines of each source; ``supplied`` are the fields that joined
    exports supply to a platform's lines, ``parcels`` the events known of some of their parcels.
    """
    carries = {
        (e.number, platform): _carried(e, _supplied(platform, supplied, parcels))
        for e in exports
        if e.form.kind == "orders"
        for platform in platforms.get(e.number, ())
    }
    left_out = {e.number: frozenset(e.form.holds_no) for e in exports}
    lacking = {bound.code: _lacking(bound, carries, left_out) for bound in book.rules}
    return _judging_by(book, lacking, carries, named=named)


def _judging_by(
    book: Rulebook,
    lacking: Mapping[str, Mapping["_Place", frozenset[str]]],
    carries: Mapping["_Place", frozenset[str]],
    *,
    named: bool,
) -> Plan:
    """Return the plan of the rules that lack no field of the lines of at least one export."""
    judging = {code: fields for code, fields in lacking.items() if not all(fields.values())}
    # In the order of the book, which decides between equal findings.
    rules = tuple(bound for bound in book.rules if bound.code in judging)
    return Plan(
        rules=rules,
        signals=tuple(bound for bound in rules if bound.rule.is_signal),
        risk=book.risk,
        uncarried={code: _sources_lacking_some(fields) for code, fields in judging.items()},
        missing={
            code: _missing_everywhere(fields)
            for code, fields in lacking.items()
            if fields and code not in judging
        },
        not_applicable=frozenset(code for code, fields in lacking.items() if not fields),
        exemptions=book.exemptions,
        knows_fulfilment=any("fulfilment" in fields for fields in carries.values()),
        named=named,
        suppressions=book.suppressions,
    )


_Place = tuple[int, str]
"""The lines of an export that are of a platform."""


def _lacking(
    bound: BoundRule,
    carries: Mapping[_Place, frozenset[str]],
    left_out: Mapping[int, frozenset[str]],
) -> dict[_Place, frozenset[str]]:
    """Return the fields that a rule lacks, for each group of lines that it is about.

    It can judge the groups that lack none.
    """
    judged = [place for place in carries if bound.judges(place[1])]
    lacking = {place: bound.reads - carries[place] - ALWAYS_CARRIED for place in judged}
    if bound.rule.share is None:
        return lacking
    # An export that leaves out lines, as shipped ones, would make a share of the others 100 %.
    return {place: fields | left_out[place[0]] for place, fields in lacking.items()}


def _carried(export: Export, supplied: frozenset[str]) -> frozenset[str]:
    """Return the fields that the lines of an export have, cross-line fields too."""
    fields = carried(export) | supplied
    return fields | derivable_from(fields)


def _supplied(
    platform: str,
    supplied: Mapping[str, frozenset[str]],
    parcels: Mapping[str, frozenset[str]],
) -> frozenset[str]:
    """Return the fields of a platform's lines that come from other exports than their own.

    Events of a parcel only if some line's parcel is known; each line is then tested for it.
    """
    fields = supplied.get(platform, frozenset())
    # The file has the column, but if no line finds a parcel in it, it supplies nothing.
    return fields - PARCEL_EVENTS | parcels.get(platform, frozenset())


def _sources_lacking_some(lacking: Mapping[_Place, frozenset[str]]) -> list[int]:
    """Return the numbers of the exports some of whose lines lack a field of a rule."""
    return list(dict.fromkeys(source for (source, _), fields in lacking.items() if fields))


def _missing_everywhere(lacking: Mapping[_Place, frozenset[str]]) -> tuple[str, ...]:
    """Return the fields that all lines lack, or if each lacks other ones, all of these."""
    everywhere = frozenset.intersection(*lacking.values())
    names = everywhere or frozenset[str]().union(*lacking.values())
    return tuple(name for name in FIELDS if name in names)
