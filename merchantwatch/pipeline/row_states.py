"""The state of each row by every rule, and the columns that are stored of rows."""

from datetime import datetime

from merchantwatch.engines import ColumnFacts
from merchantwatch.fields import FIELDS
from merchantwatch.pipeline import exempting, expiry, flags, judging, measuring, shares
from merchantwatch.pipeline.bit_flags import packed
from merchantwatch.pipeline.carried import needs_identity
from merchantwatch.pipeline.exports import NO_FACTS, order_rows
from merchantwatch.pipeline.filing import OBSERVED
from merchantwatch.pipeline.judging import OPEN_FIELDS
from merchantwatch.pipeline.lines import Lines, opening
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.rendering import HASH, literal, no_row, render_sql
from merchantwatch.pipeline.shared_expressions import SharedExpressions
from merchantwatch.pipeline.standing import joined_hash, standing
from merchantwatch.pipeline.states import HIT, NEAR, UNJUDGED
from merchantwatch.reading import Export

COUNTED_FROM = datetime(2035, 1, 1)  # noqa: DTZ001  wall-clock time
"""The middle of all valid times: seconds counted from it fit into 32 bits, half of a timestamp."""

MIDDLE = literal(COUNTED_FROM)

_PLACE = {"source": "integer", "source_row": "bigint"}
"""The columns that name a row of an export, and their types."""


def query(lines: Lines, export: Export, plan: Plan, facts: ColumnFacts = NO_FACTS) -> str:
    """Return the query of the rows of one export with every rule's state."""
    return judged(lines, export, plan, order_rows(export, lines.layout, facts))


def judged(lines: Lines, export: Export, plan: Plan, rows: str) -> str:
    """Return the query that judges normalised rows of an export."""
    export_plan = _plan_for_export(lines, export, plan)
    codes = {bound.code for bound in export_plan.rules}
    shared, rules = judging.columns(plan, codes)
    expires_at = _expires_at(lines, export_plan, shared) if lines.caching else ""
    return render_sql(
        "4_states",
        standing=standing(lines, export, rows),
        expires_at=expires_at,
        horizon=expiry.HORIZON,
        beside=joined_hash(lines) if lines.caching else "",
        flags=lines.standing_flags,
        fulfilled=flags.fulfilled(lines.layout.row_fields),
        noted=[*lines.found_columns, *lines.filing.observed_columns],
        marks=packed(lines.row_flags(bound.code for bound in plan.rules)),
        idle={f"{bound.code}_unjudged" for bound in plan.rules if bound.code not in codes},
        unjudged=UNJUDGED,
        words=lines.layout.words,
        platforms_named=lines.layout.platforms.naming,
        shared=shared,
        rules=rules,
        volumes=shares.volumes(plan, rules),
        parcels=lines.parcel_columns(plan),
        by_shop=lines.by_shop,
        open=opening(plan),
        open_fields=OPEN_FIELDS if opening(plan) else (),
        events=[name for name in lines.layout.row_fields if FIELDS[name].event],
        middle=MIDDLE,
        fields=lines.fields(),
        matters=_matters(lines, export, export_plan),
        exempt_ids=exempting.lookup_ids(plan),
        as_of=literal(lines.as_of),
    )


def _plan_for_export(lines: Lines, export: Export, plan: Plan) -> Plan:
    """Return the plan of the rules for an export's platform; all rules if lines name theirs."""
    platforms = lines.layout.platforms
    if export.number in platforms.naming:
        return plan
    # One platform: exports of orders are of one, unless their lines name it.
    (name,) = platforms.of[export.number]
    return plan.of(name)


def _expires_at(lines: Lines, plan: Plan, shared: dict[str, str]) -> str:
    """Return the SQL of ``expires_at``; expressions that it has in common with rules are shared."""
    common = SharedExpressions()
    common.names |= {sql: name for name, sql in shared.items()}
    moments = [
        *expiry.LINE_MOMENTS,
        *([measuring.SENT_LONG_AGO] if lines.parcel_columns(plan) else []),
    ]
    sql = expiry.expires_at(plan, common, moments)
    shared |= {name: part for part, name in common.names.items()}
    return sql


def states(lines: Lines, plan: Plan) -> dict[str, str]:
    """Return the columns of ``states`` and their types.

    Every row of every export is stored with these columns, so each of them costs memory.
    """
    row_flags = lines.row_flags(bound.code for bound in plan.rules)
    return {
        **_PLACE,
        **dict.fromkeys(("line_hash", "line_check"), HASH),
        "left_out": "tinyint",
        **{mark.column: "bigint" for mark in packed(row_flags)},
        **dict.fromkeys(lines.found_columns, "bigint"),
        **dict.fromkeys(lines.filing.observed_columns, OBSERVED),
        **_volumes(lines, plan),
        "created_on": "date",
        "newest_event": "integer",
        **({"expires_at": "integer"} if lines.caching else {}),
        **({"beside": HASH} if lines.caching and lines.joined else {}),
    }


def unsettled(lines: Lines) -> list[str]:
    """Return the columns of ``unsettled``; none where rows are not cached for other runs."""
    return [*_PLACE, "again"] if lines.caching else []


def upcoming(plan: Plan) -> dict[str, str]:
    """Return the columns of ``upcoming`` and their types.

    There are none if no count may grow by upcoming deadlines.
    """
    deadlines = {f"{code}_open": "timestamp" for code in opening(plan)}
    opens_on = [bound.code for bound in plan.rules if judging.opens_on_days(bound)]
    deadlines |= {f"{code}_opens_on": "date" for code in opens_on}
    fields = {f"open_{name}": _type_of(name) for name in OPEN_FIELDS}
    return {**_PLACE, **deadlines, **fields} if deadlines else {}


def relevant(lines: Lines, plan: Plan) -> dict[str, str]:
    """Return the columns of ``relevant`` and their types."""
    return {
        **_PLACE,
        "left_out": "tinyint",
        **dict.fromkeys(lines.flags, "boolean"),
        **dict.fromkeys(lines.found_columns, "bigint"),
        **{f"{bound.code}_state": "tinyint" for bound in plan.rules},
        "created_at": "timestamp",
        **{name: _type_of(name) for name in lines.fields()},
    }


def empty(lines: Lines, plan: Plan) -> dict[str, str]:
    """Return the queries of the empty tables that passes add to, in their order."""
    # Types are stated: asking the engine for those of every rule costs as much as a small scan.
    looked_up = exempting.lookup_ids(plan)
    return {
        **({"exempt_ids": exempting.exempt_ids(plan)} if looked_up else {}),
        "states": no_row(states(lines, plan)),
        "relevant": no_row(relevant(lines, plan)),
        "upcoming": no_row(upcoming(plan) or _PLACE),
        **({"unsettled": _no_row_again(lines)} if lines.caching else {}),
    }


def _no_row_again(lines: Lines) -> str:
    """Return a query with the columns of normalised rows, and no row."""
    return render_sql("no_row_again", rows=order_rows(None, lines.layout, NO_FACTS))


def _type_of(name: str) -> str:
    """Return the type of a field, or of one of the other columns, which are all text."""
    return FIELDS[name].kind.sql_type if name in FIELDS else "varchar"


def kinds(lines: Lines) -> str:
    """Return the query that counts the rows of each source with equal flags."""
    # A history also counts lines by shop and day: counting once more would read all rows again.
    by = [*_scopes(lines), "created_on"] if lines.by_shop else []
    return render_sql(
        "6_kinds", marks=packed(lines.row_flags(lines.judged_by)), by=by, middle=MIDDLE
    )


def _scopes(lines: Lines) -> list[str]:
    """Return the columns of ``states`` by which a history counts lines."""
    return ["of_shop", *(["of_platform"] if lines.layout.platforms.naming else [])]


def _volumes(lines: Lines, plan: Plan) -> dict[str, str]:
    """Return the columns that the denominators of shares are counted by, and their types."""
    days = {shares.volume_column(bound): "date" for bound in plan.measured}
    parcels = {name: measuring.PARCEL_TYPES[name] for name in lines.parcel_columns(plan)}
    scopes = ["of_shop"] if lines.by_shop else []
    if days or parcels:
        scopes = ["of_shop", "of_product"]
    if scopes and lines.layout.platforms.naming:
        scopes.append("of_platform")
    return {**days, **parcels, **dict.fromkeys(scopes, "varchar")}


def _matters(lines: Lines, export: Export, plan: Plan) -> str:
    """Return the condition under which a row is stored with all its fields."""
    # Lines without ids are named after reading, when all lines of their orders are known.
    if needs_identity(export):
        return "true"
    tests = [
        # Rows that were not understood, or are no records: reports show their cells.
        "left_out in (1, 3)",
        "divided",
        *(f"{name}_unknown" for name in lines.layout.words),
    ]
    tests += [f"{bound.code}_state in ({HIT}, {NEAR})" for bound in plan.rules]
    tests += exempting.target_tests(plan, lines.layout.row_fields)
    if lines.watched is not None:
        tests += [f"{name} = {literal(lines.watched)}" for name in ("line_id", "order_id")]
    return f"coalesce({' or '.join(tests)}, false)"
