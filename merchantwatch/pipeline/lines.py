"""Rows → lines: as-of applied, parcels and cases joined, every rule's word on each."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from merchantwatch.engines import Pass, Seen
from merchantwatch.fields import (
    FIELDS,
    KEY_FIELDS,
    PARCEL_EVENTS,
    PRE_ORDER,
)
from merchantwatch.pipeline import (
    across,
    exempting,
    flags,
    identity,
    joined,
    judging,
    measuring,
    settling,
    shipping,
)
from merchantwatch.pipeline.carried import infers_status, needs_identity
from merchantwatch.pipeline.dividing import several_in
from merchantwatch.pipeline.exports import NOTHING_SEEN, order_rows, relation
from merchantwatch.pipeline.joined import CASES, Joined
from merchantwatch.pipeline.judging import OPEN_FIELDS, counts_open, volume_column
from merchantwatch.pipeline.keys import Keys
from merchantwatch.pipeline.layout import Layout, wanted_of
from merchantwatch.pipeline.marks import is_set, marks_of
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.stages import literal, stage
from merchantwatch.pipeline.states import HIT, NEAR, UNJUDGED
from merchantwatch.reading import Export
from merchantwatch.rules import changed

Look = Callable[[Export | None, Seen], str]
"""What makes a query of the rows of one export, or of no row, for what is seen of them."""

MIDDLE = literal(datetime(2035, 1, 1))  # noqa: DTZ001  wall-clock time
"""The middle of the years that times lie within."""


@dataclass(frozen=True)
class Lines:
    """The lines of a run, as queries.

    ``joined`` are the kinds of exports that are joined onto them; ``watched`` is the id of a line
    or an order that is kept whatever the rules say of it; ``made`` are the fields that are made of
    several lines together, since these were looked at; ``judged_by`` are the codes of the rules
    that lines were judged by while they were read, ``opening`` those among them to whose counts
    lines may yet add whose deadlines lie ahead; ``conflicts`` says whether some rows of one id are
    not one line, ``set_apart`` of which exports these are known; ``by_shop`` says that lines are to
    be counted by their shop and day.
    """

    exports: Sequence[Export]
    layout: Layout
    as_of: datetime
    joined: Sequence[Joined]
    watched: str | None = None
    made: frozenset[str] = frozenset()
    judged_by: tuple[str, ...] = ()
    opening: tuple[str, ...] = ()
    conflicts: bool = False
    set_apart: frozenset[int] = frozenset()
    by_shop: bool = False

    @property
    def supplied(self) -> Mapping[str, frozenset[str]]:
        """The fields that joined exports can tell of the lines of each platform."""
        return joined.supplied(self.exports, self.layout.platforms)

    @property
    def events_expected(self) -> dict[str, frozenset[str]]:
        """What may turn out to be known of some line's parcel, by platform."""
        expected: dict[str, frozenset[str]] = {}
        for export in self.exports:
            events = PARCEL_EVENTS & {*export.cells, *export.form.always}
            for platform in self.layout.platforms.of[export.number]:
                expected[platform] = expected.get(platform, frozenset()) | events
        return expected

    @property
    def flags(self) -> tuple[str, ...]:
        """What is counted of lines, yes or no."""
        unknown = (f"{name}_unknown" for name in self.layout.words)
        return (*self._flags, "closed", *flags.fulfilled(self.layout.kept), *unknown)

    @property
    def _flags(self) -> tuple[str, ...]:
        """The flags that a line has since it stands as it did at as-of."""
        counted = (*flags.FLAGS, *self.layout.platforms.flags)
        return (*counted, "case_masked") if CASES in self.joined else counted

    @property
    def _asked(self) -> list[str]:
        """The columns that say which joined row a line has found."""
        return [kind.number for kind in self.joined]

    def judged(self, plan: Plan) -> "Lines":
        """Return the same lines since they were judged by a plan."""
        codes = tuple(bound.code for bound in plan.rules)
        return replace(self, judged_by=codes, opening=tuple(_opening(plan)))

    def passed(self, export: Export, plan: Plan) -> Pass:
        """Return the pass that judges the rows of an export, and of others like it."""
        return Pass(
            wanted=wanted_of(export, self.layout.kept, self.layout.keys, self.layout.tz),
            relation=relation(export),
            query=lambda seen: self._states_of(export, plan, seen),
            states=self._states(plan),
            kept=self._kept(plan),
            ahead=self._ahead(plan),
            several=several_in(export),
            whole=bool(export.form.once),
        )

    def looked_at(self, export: Export) -> Pass:
        """Return the pass that takes a first look at an export, and at others like it."""
        slim = replace(self, layout=self.layout.slim)
        return slim.looking(export, slim.look, across.COLUMNS, across.TABLE)

    def twins(self, export: Export) -> Pass:
        """Return the pass that looks again at rows of an export whose ids it has several times."""
        slim = replace(self, layout=replace(self.layout.slim, keys=Keys()))
        return slim.looking(export, slim.twins_of, identity.TWIN_COLUMNS, identity.TWINS)

    def looking(self, export: Export, query: Look, columns: Sequence[str], table: str) -> Pass:
        """Return a pass that judges nothing: what its query tells of a row goes to one table."""
        return Pass(
            wanted=wanted_of(export, self.layout.kept, self.layout.keys, self.layout.tz),
            relation=relation(export),
            query=lambda seen: query(export, seen),
            states=columns,
            several=several_in(export),
            whole=bool(export.form.once),
            table=table,
        )

    def look(self, export: Export | None, seen: Seen = NOTHING_SEEN) -> str:
        """Return the query of a first look at the rows of one export, or of no row."""
        null = "cast(null as varchar)"
        keys = {name: name if name in self.layout.kept else null for name in KEY_FIELDS}
        return stage(
            "2_across",
            standing=self._standing(export, order_rows(export, self.layout, seen)),
            case_number=CASES.number if CASES in self.joined else "cast(null as bigint)",
            **keys,
        )

    def twins_of(self, export: Export | None, seen: Seen = NOTHING_SEEN) -> str:
        """Return the query of such rows, or of no row."""
        return identity.twins(order_rows(export, self.layout, seen))

    def empty(self, plan: Plan) -> dict[str, str]:
        """Return the queries of the tables that passes add to, without any row, in their order."""
        columns = {
            "states": self._states(plan),
            "kept": self._kept(plan),
            "ahead": self._ahead(plan) or ["source", "source_row"],
        }
        asked = exempting.asked_ids(plan.exemptions)
        ids = {"exempt_ids": exempting.exempt_ids(plan.exemptions)} if asked else {}
        tables = {name: f"select {', '.join(own)} from nothing" for name, own in columns.items()}
        return ids | {"nothing": self._states_of(None, plan)} | tables

    def stated(self, plan: Plan) -> str:
        """Return the query of the lines that matter, as ``plan`` judges them."""
        numbered = bool(identity.numbered(self.exports))
        return judging.stated(plan, self._kept(plan), self._absent, self.as_of, numbered=numbered)

    def stated_columns(self, plan: Plan) -> list[str]:
        """Return the columns of stated lines that somebody may ask for."""
        dues = [f"{bound.code}_due" for bound in plan.rules if bound.rule.has_due]
        return [*self._kept(plan), *self.layout.absent, *dues, "as_of"]

    def shown(self, plan: Plan) -> str:
        """Return the query of the same lines with all their fields."""
        return judging.shown(plan, self._kept(plan), self._absent)

    def kinds(self) -> str:
        """Return the query of how many lines of each source are alike in all that is counted."""
        return stage("6_kinds", marks=marks_of(self._marked(self.judged_by)), middle=MIDDLE)

    def unjudged(self, code: str) -> str:
        """Return the test of the rows that could not be judged by a rule."""
        return is_set(self._marked(self.judged_by), f"{code}_unjudged")

    def flagged(self, flag: str) -> str:
        """Return the test of the rows of which something is counted, in ``states``."""
        return is_set(self._marked(self.judged_by), flag)

    def _marked(self, codes: Iterable[str]) -> tuple[str, ...]:
        """Return what the marks of a row tell, since it was judged by these rules."""
        return (*self.flags, *(f"{code}_unjudged" for code in codes))

    @property
    def _absent(self) -> dict[str, str]:
        """The types of the fields that no export carries."""
        return {name: FIELDS[name].kind.sql_type for name in self.layout.absent}

    def _states_of(self, export: Export | None, plan: Plan, seen: Seen = NOTHING_SEEN) -> str:
        """Return the query of the rows of one export (or of no row) with every rule's state."""
        shared, rules = judging.columns(plan)
        return stage(
            "4_states",
            standing=self._standing(export, order_rows(export, self.layout, seen)),
            flags=self._flags,
            fulfilled=flags.fulfilled(self.layout.kept),
            asked=self._asked,
            marks=marks_of(self._marked(bound.code for bound in plan.rules)),
            unjudged=UNJUDGED,
            words=self.layout.words,
            platforms_told=self.layout.platforms.told,
            shared=shared,
            rules=rules,
            volumes=judging.volumes(plan, rules),
            parcels=self._parcels(plan),
            by_shop=self.by_shop,
            open=_opening(plan),
            open_fields=OPEN_FIELDS if _opening(plan) else (),
            events=[name for name in self.layout.kept if FIELDS[name].event],
            middle=MIDDLE,
            fields=self.fields(),
            matters=self._matters(export, plan),
            exempt_ids=exempting.asked_ids(plan.exemptions),
            as_of=literal(self.as_of),
        )

    def _states(self, plan: Plan) -> list[str]:
        """Return the columns of ``states``, of which every row costs memory."""
        marked = self._marked(bound.code for bound in plan.rules)
        return [
            *("source", "source_row", "line_hash", "line_check", "left_out"),
            *(mark.column for mark in marks_of(marked)),
            *self._asked,
            *self._volumes(plan),
            *("created_on", "newest_event"),
        ]

    def _ahead(self, plan: Plan) -> list[str]:
        """Return the columns of ``ahead``: none where no line could yet add to a count."""
        opening = [f"{code}_open" for code in _opening(plan)]
        fields = [f"open_{name}" for name in OPEN_FIELDS]
        return ["source", "source_row", *opening, *fields] if opening else []

    def _volumes(self, plan: Plan) -> list[str]:
        """Return the columns that tell how many lines a share is taken of."""
        told = ["of_platform"] if self.layout.platforms.told else []
        columns = dict.fromkeys([*map(volume_column, plan.measured), *self._parcels(plan)])
        if not columns:
            return ["of_shop", *told] if self.by_shop else []
        return [*columns, "of_shop", "of_product", *told]

    def _parcels(self, plan: Plan) -> dict[str, str]:
        """Return what is noted of the parcel of every line, where exports tell how parcels go."""
        told = bool(plan.rules) and measuring.tells_parcels(self.exports)
        return measuring.parcel_columns(plan, self.layout.kept) if told else {}

    def _kept(self, plan: Plan) -> list[str]:
        """Return the columns of ``kept``."""
        return [
            *("source", "source_row", "left_out", *self.flags, *self._asked),
            *(f"{bound.code}_state" for bound in plan.rules),
            *("created_at", *self.fields()),
        ]

    def fields(self) -> list[str]:
        """Return the fields of a row, but for its creation."""
        texts = [f"{name}_text" for name in self.layout.words]
        fields = [name for name in self.layout.kept if name != "created_at"]
        return ["problem", "platform", *fields, *texts, "out_of_stock_from", *self.layout.derived]

    def _matters(self, export: Export | None, plan: Plan) -> str:
        """Return the condition under which a row is kept with all its fields."""
        if export and needs_identity(export):
            return "true"
        tests = [
            "left_out in (1, 3)",
            "divided",
            *(f"{name}_unknown" for name in self.layout.words),
        ]
        alone = [bound.code for bound in plan.rules if bound.code not in plan.beside]
        tests += [f"{code}_state in ({HIT}, {NEAR})" for code in alone]
        tests += exempting.fits_any(plan.exemptions, self.layout.kept)
        if self.watched is not None:
            tests += [f"{name} = {literal(self.watched)}" for name in ("line_id", "order_id")]
        return f"coalesce({' or '.join(tests)}, false)"

    def _standing(self, export: Export | None, rows: str) -> str:
        """Return the query of the rows of an export as lines that stood at as-of."""
        apart = {"line_id", "shop", "status"}
        untold = [str(e.number) for e in self.exports if infers_status(e)]
        texts = [f"{name}_text" for name in self.layout.words]
        values = joined.own_or_of(self.joined, self.layout.kept)
        asked = across.joins(self.made, self.joined, values)
        values |= across.of_orders(self.made, self.layout.kept)
        if CASES in self.joined:
            asked |= settling.joins(CASES.number, self.layout.derived)
        clocks = self.layout.tz if changed(self.layout.tz) else ""
        return stage(
            "3_standing",
            rows=rows,
            as_of=literal(self.as_of),
            plain=[n for n in self.layout.kept if n not in apart and not FIELDS[n].event]
            + [*texts, "out_of_stock_from"],
            events=[n for n in self.layout.kept if FIELDS[n].event],
            promise=shipping.promise(self.exports, clocks),
            pre_order=PRE_ORDER if "fulfilment" in self.layout.kept else None,
            stated_only=", ".join(str(e.number) for e in self.exports if not e.form.usual_promise),
            joined=[
                {**vars(kind), "lookups": joined.lookups(kind, export)} for kind in self.joined
            ],
            own_or_of=values,
            across=asked,
            told=joined.told(self.joined, self.exports, values)
            | across.told(asked, values)
            | settling.told(CASES.number, asked, self.layout.kept, self.exports, values),
            untold_status=", ".join(untold),
            platforms_told=self.layout.platforms.several,
        )


def _opening(plan: Plan) -> list[str]:
    """Return the rules to whose counts lines may yet add."""
    return [bound.code for bound in plan.rules if counts_open(bound)]
