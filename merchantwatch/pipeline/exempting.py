"""Exemptions → the SQL that lifts hits and moves deadlines of the lines that they apply to.

An exemption can only make a state milder: a hit becomes near, open or nothing, never the other way.
So lines are judged first, and exemptions are applied to those with some state.
"""

import re
from collections.abc import Collection, Mapping, Sequence

import msgspec

from merchantwatch.pipeline import judging
from merchantwatch.pipeline.judging import OPEN_FIELDS, counting_day, counts_open, opens_on_days
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.pipeline.states import EXEMPT
from merchantwatch.rules import BoundRule, covers

_PROMISE = re.compile(r"\bpromised_ship_at\b")
_STATED = "stated_promise"
_PAID_OR_CREATED = "coalesce(paid_at, created_at)"


LOOKUP_IDS = {"order_id": "order", "line_id": "order", "product_id": "product"}
"""The ids by which a line is looked up in ``exempt_ids``, and their kinds."""


def lookup_ids(plan: Plan) -> Mapping[str, str]:
    """Return the ids to look lines up by in ``exempt_ids``; none if nothing names an id."""
    if any(item.orders or item.products for item in plan.exemptions):
        return LOOKUP_IDS
    return {"order_id": "order"} if _suppressed_orders(plan) else {}


def named_ids(plan: Plan) -> list[tuple[str, str]]:
    """Return the ids in ``exempt_ids``, each with its kind, in order."""
    ids = {("order", value) for item in plan.exemptions for value in item.orders}
    ids |= {("product", value) for item in plan.exemptions for value in item.products}
    return sorted(ids | {("order", value) for value in _suppressed_orders(plan)})


def _suppressed_orders(plan: Plan) -> set[str]:
    return {entry.order for entry in plan.suppressions if entry.order}


def exempt_ids(plan: Plan) -> str:
    """Return the query of the orders and products that exemptions name, or suppressions."""
    return render_sql(
        "3_exempt_ids", ids=[(kind, literal(value)) for kind, value in named_ids(plan)]
    )


def target_tests(plan: Plan, row_fields: Collection[str]) -> list[str]:
    """Return tests of a line; a line that an exemption applies to passes at least one of them.

    So does each line of an order that a suppression names. Lines must have been joined to
    ``exempt_ids`` if there are any.
    """
    # Other lines may pass, too: that only stores more lines, and the exact test follows later.
    # Of an order that is named some line must be stored: else its id may be taken for a line's.
    tests = {"exempt_order_id.id is not null"} if _suppressed_orders(plan) else set[str]()
    for target in (target for exemption in plan.exemptions for target in exemption.targets):
        if target.order_id:
            tests |= {"exempt_order_id.id is not null", "exempt_line_id.id is not null"}
        elif target.product_id:
            tests.add("exempt_product_id.id is not null")
        elif target.region:
            ends = {"province", "sender_province"}.intersection(row_fields)
            tests |= {f"contains({end}, {literal(target.region)})" for end in ends}
        elif target.shop:
            tests.add(f"shop = {literal(target.shop)}")
        else:
            # An exemption without a target is for every line.
            tests.add("left_out = 0")
    return sorted(tests)


def exemptions(plan: Plan) -> str:
    """Return the query of the rows of the file of exemptions."""
    covered = _choices(plan)
    rows = [
        (
            str(item.row),
            literal(item.reason),
            str(item.approved).lower(),
            str(item.lifts).lower(),
            str(covered[item.rules]),
            literal(item.since),
            literal(item.until),
            literal(item.counted_by),
            literal(item.extended_to),
            str(item.extend_by or "null"),
        )
        for item in plan.exemptions
    ]
    return render_sql("7_exemptions", rows=rows)


def exemptible(plan: Plan, columns: Sequence[str]) -> str:
    """Return the query of lines, which have ``columns``, with the exemptions that apply to them."""
    shared, _ = judging.columns(_moved(plan))
    targets = [
        (str(item.row), *map(literal, target))
        for item in plan.exemptions
        for target in item.targets
    ]
    return render_sql("7_exemptible", targets=targets, columns=columns, shared=shared)


def candidates(plan: Plan) -> str:
    """Return the query of the state that each exemption would give a line, by each rule."""
    _, judged = judging.columns(_moved(plan))
    rules = []
    for bound, columns in zip(plan.rules, judged, strict=True):
        covered = _covering(plan, bound)
        if covered:
            rules.append(_candidate(bound, columns) | {"covered": ", ".join(map(str, covered))})
    return render_sql("7_candidates", rules=rules)


def _candidate(bound: BoundRule, columns: Mapping[str, str]) -> dict[str, str]:
    code = bound.code
    named = {"code": code, "state": columns["state"], "opens": str(counts_open(bound)).lower()}
    promised = _about_promise(bound)
    if not bound.rule.is_clock:
        due = f"{code}_due" if bound.rule.by else "cast(null as timestamp)"
        time = _STATED if promised else bound.sql.get("day", _PAID_OR_CREATED)
        moved = f"({columns['state']}) <> {code}_state" if promised else "false"
        return named | {"time": time, "due": due, "moved": moved}
    due = f"case when lifts then {code}_due else {columns['due']} end"
    moved = f"{columns['due']} > {code}_due"
    return named | {"time": _STATED if promised else f"{code}_due", "due": due, "moved": moved}


def exempt() -> str:
    """Return the query of the lines that are exempt from a rule, with the exemption that counts."""
    return render_sql("7_exempt")


def pardoned(plan: Plan, codes: Sequence[str]) -> str:
    """Return the query of the states that exemptions from these rules leave lines with."""
    days = {bound.code: counting_day(bound) for bound in _on_days(plan, codes)}
    return render_sql("7_pardoned", codes=codes, days=days, open_fields=OPEN_FIELDS)


def overruled(lines: str, columns: Sequence[str], codes: Sequence[str]) -> str:
    """Return the query of a relation's rows, as changed by exemptions from these rules."""
    changed = {f"{code}_{what}": f"{code}_state" for code in codes for what in ("state", "due")}
    return render_sql("7_overruled", lines=lines, columns=columns, changed=changed)


def current_upcoming(plan: Plan, opening: Sequence[str], codes: Sequence[str]) -> str:
    """Return the query of the upcoming deadlines by some rules, as exemptions leave them."""
    columns = {f"{code}_open": code for code in opening}
    columns |= {f"{bound.code}_opens_on": bound.code for bound in _on_days(plan, opening)}
    return render_sql("7_upcoming", columns=columns, codes=codes, fields=OPEN_FIELDS)


def _on_days(plan: Plan, codes: Sequence[str]) -> list[BoundRule]:
    return [bound for bound in plan.rules if bound.code in codes and opens_on_days(bound)]


def exempt_hits() -> str:
    """Return the query of the lines that only an exemption keeps from being hit or near."""
    return render_sql("8_exempt", exempt=EXEMPT)


def _moved(plan: Plan) -> Plan:
    """Return a plan whose rules judge by the deadlines that exemptions have moved.

    A deadline computed from the promise follows the moved promise; any other is moved itself.
    """
    # Moving both the promise and the deadline would add the extension twice.
    rules = tuple(bound if _about_promise(bound) else _moved_alone(bound) for bound in plan.rules)
    return Plan(rules, (), None, plan.uncarried, {}, frozenset())


def _moved_alone(bound: BoundRule) -> BoundRule:
    sql = {name: _PROMISE.sub(_STATED, text) for name, text in bound.sql.items()}
    if bound.rule.is_clock:
        sql["due"] = _later(sql["due"])
    return msgspec.structs.replace(bound, sql=sql)


def _later(due: str) -> str:
    return render_sql("moved_due", due=due)


def _about_promise(bound: BoundRule) -> bool:
    """Say whether a rule depends on the promise: then exemptions move the promise."""
    expressions = [bound.sql["due"]] if bound.rule.is_clock else bound.sql.values()
    return any(_PROMISE.search(sql) for sql in expressions)


def _choices(plan: Plan) -> dict[tuple[str, ...], int]:
    """Return a number for each set of rules that an exemption names."""
    # Numbered sets: an exemption of all rules would else be repeated for each of them.
    choices = dict.fromkeys(item.rules for item in plan.exemptions)
    return {rules: number for number, rules in enumerate(choices)}


def _covering(plan: Plan, bound: BoundRule) -> list[int]:
    """Return the numbers of the sets of rules that contain a rule."""
    risk = plan.risk.code if plan.risk else None
    chosen = {item.rules: item for item in plan.exemptions}
    return [n for rules, n in _choices(plan).items() if covers(chosen[rules], bound, risk)]
