"""The lines of a run: their exports, their layout, and the tables joined onto them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field
from msgspec.structs import replace

from merchantwatch.fields import (
    FIELDS,
    PARCEL_EVENTS,
)
from merchantwatch.pipeline import (
    flags,
    joined,
    measuring,
)
from merchantwatch.pipeline.bit_flags import is_set
from merchantwatch.pipeline.filing import Filing
from merchantwatch.pipeline.joined import CASES, Joined
from merchantwatch.pipeline.judging import counts_open
from merchantwatch.pipeline.layout import Layout
from merchantwatch.pipeline.plan import Plan
from merchantwatch.reading import Export


class Lines(Struct, frozen=True):
    """The lines of a run: not the rows themselves, but what queries of them depend on.

    ``joined``              the kinds of exports joined onto lines
    ``filing``              how their parcels are filed
    ``watched``             the id of a line or an order that is stored whatever its states
    ``cross_line``          the cross-line fields derived so far
    ``judged_by``           the codes of the rules that judged lines while they were read
    ``opening``             those among them whose counts may grow by upcoming deadlines
    ``conflicts``           whether some rows share an id but are not one line
    ``conflicts_known_of``  the exports that were examined for such rows
    ``by_shop``             whether lines are counted by shop and day
    ``caching``             whether rows are cached for other runs
    """

    exports: Sequence[Export]
    layout: Layout
    as_of: datetime
    joined: Sequence[Joined]
    filing: Filing = field(default_factory=Filing)
    watched: str | None = None
    cross_line: frozenset[str] = frozenset()
    judged_by: tuple[str, ...] = ()
    opening: tuple[str, ...] = ()
    conflicts: bool = False
    conflicts_known_of: frozenset[int] = frozenset()
    by_shop: bool = False
    caching: bool = False

    @property
    def supplied(self) -> Mapping[str, frozenset[str]]:
        """The fields that joined exports can supply to the lines of each platform."""
        return joined.supplied(self.exports, self.layout.platforms)

    @property
    def events_expected(self) -> dict[str, frozenset[str]]:
        """The events that may be known of some line's parcel, by platform."""
        expected: dict[str, frozenset[str]] = {}
        for export in self.exports:
            events = PARCEL_EVENTS & {*export.cells, *export.form.always}
            for platform in self.layout.platforms.of[export.number]:
                expected[platform] = expected.get(platform, frozenset()) | events
        return expected

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags of lines."""
        unknown = (f"{name}_unknown" for name in self.layout.words)
        return (*self.standing_flags, "closed", *flags.fulfilled(self.layout.row_fields), *unknown)

    @property
    def standing_flags(self) -> tuple[str, ...]:
        """The flags that are known once a line stands as it did at as-of."""
        counted = (*flags.FLAGS, *self.layout.platforms.flags)
        # Without cases the flag would be a bit that nothing ever sets.
        return (*counted, "case_masked") if CASES in self.joined else counted

    @property
    def found_columns(self) -> list[str]:
        """The columns with the number of the joined row that a line has found, by kind."""
        return [kind.number for kind in self.joined]

    def judged(self, plan: Plan) -> "Lines":
        """Return the same lines as judged by a plan."""
        codes = tuple(bound.code for bound in plan.rules)
        return replace(self, judged_by=codes, opening=tuple(opening(plan)))

    def unjudged(self, code: str) -> str:
        """Return the test of the rows in ``states`` that a rule could not judge."""
        return is_set(self.row_flags(self.judged_by), f"{code}_unjudged")

    def flagged(self, flag: str) -> str:
        """Return the test of a flag of a row in ``states``."""
        return is_set(self.row_flags(self.judged_by), flag)

    def row_flags(self, codes: Iterable[str]) -> tuple[str, ...]:
        """Return the flags that are packed of a row judged by these rules."""
        return (*self.flags, *(f"{code}_unjudged" for code in codes))

    @property
    def absent(self) -> dict[str, str]:
        """The types of the fields that no export carries."""
        return {name: FIELDS[name].kind.sql_type for name in self.layout.absent}

    def parcel_columns(self, plan: Plan) -> dict[str, str]:
        """Return the columns about the parcel of a line; {} if no export has scans of parcels."""
        is_known = bool(plan.rules) and measuring.has_scans(self.exports)
        return measuring.parcel_columns(plan, self.layout.row_fields) if is_known else {}

    def fields(self) -> list[str]:
        """Return the fields of a row except its time of creation."""
        texts = [f"{name}_text" for name in self.layout.words]
        fields = [name for name in self.layout.row_fields if name != "created_at"]
        return ["problem", "platform", *fields, *texts, "out_of_stock_from", *self.layout.derived]


def opening(plan: Plan) -> list[str]:
    """Return the codes of the rules whose counts may grow by lines with upcoming deadlines."""
    return [bound.code for bound in plan.rules if counts_open(bound)]
