"""Rules → the SQL that judges a line by each of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time

from merchantwatch.fields import FIELDS, PARCEL_KNOWN, Kind
from merchantwatch.pipeline import risk as risks, shares, shipping
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.pipeline.shared_expressions import SharedExpressions
from merchantwatch.pipeline.states import HIT, NEAR, OPEN, UNJUDGED
from merchantwatch.rules import BoundRule, Scope, later

_KEYS: Mapping[Scope, str] = {
    "line": "line_id",
    "order": "order_id",
    "product": "{product}",
    "shop": "coalesce({shop}, '')",
    "product-day": "{product} || ' ' || cast({day} as varchar)",
    "shop-day": "trim(coalesce({shop}, '') || ' ' || cast({day} as varchar))",
    "shop-month": "trim(coalesce({shop}, '') || ' ' || substr(cast({day} as varchar), 1, 7))",
}

_NO_DAY = "cast(null as date)"

_IDLE = {"state": "0", "due": "cast(null as timestamp)", "volume": _NO_DAY}
"""The columns of a rule that judges no line of an export, so that its SQL stays small."""

OPEN_FIELDS = ("platform", "shop", "order_id", "product_id")
"""The fields that give the scope of a line that is not stored with all its fields."""


def stated(
    plan: Plan,
    relevant: Sequence[str],
    absent: Mapping[str, str],
    as_of: datetime,
    *,
    numbered: bool,
) -> str:
    """Return the query of the lines that matter, with their deadlines.

    ``relevant`` are the columns of the rows that matter, ``absent`` the types of the fields that no
    export carries; ``numbered`` says whether lines got running numbers, as they have no ids.
    """
    shared, rules = columns(plan)
    return render_sql(
        "7_stated",
        relevant=relevant,
        absent=absent,
        standing="select * from standing",
        shared=shared,
        rules=rules,
        as_of=literal(as_of),
        numbered=numbered,
    )


def judged(plan: Plan, stated: str, also: Sequence[str]) -> str:
    """Return the query of stated lines with their intervention risk and the columns for counting.

    ``also`` are the columns that tasks need.
    """
    risk = risks.risk_columns(plan.risk, plan) if plan.risk and plan.judges_risk else None
    rules = [{"code": bound.code, "due": bound.rule.has_due} for bound in plan.rules]
    graded = [bound.code for bound in plan.signals if bound.rule.graded] if risk else []
    counted = _counted(plan, also)
    return render_sql(
        "7_judged", stated=stated, counted=counted, rules=rules, risk=risk, graded=graded
    )


def shown(
    plan: Plan, relevant: Sequence[str], absent: Mapping[str, str], also: Sequence[str]
) -> str:
    """Return the query of the lines that matter with all their fields.

    ``also`` are the columns that judged lines have for tasks.
    """
    in_judged = {*_counted(plan, also), *(f"{bound.code}_state" for bound in plan.rules)}
    return render_sql(
        "7_shown",
        relevant=[name for name in relevant if name not in in_judged],
        absent={name: kind for name, kind in absent.items() if name not in in_judged},
    )


def _counted(plan: Plan, also: Sequence[str]) -> list[str]:
    """Return the columns for counting lines and weighing hits, and those of ``also``."""
    read = {
        field
        for bound in plan.rules
        if bound.penalty
        or bound.rule.again_every
        or bound.rule.day
        or bound.rule.graded
        or bound.rule.action_done
        for field in bound.reads | bound.also_names | bound.prices
    }
    always = ("source", "source_row", "platform", "shop", "order_id", "line_id", "product_id")
    return list(
        dict.fromkeys([*always, "amount", *(name for name in FIELDS if name in read), *also])
    )


def columns(
    plan: Plan, judging: Collection[str] | None = None
) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return the expressions that rules share, by name, and the SQL of each rule's columns.

    These are its state, its deadline if it has one, and its day in the denominator of a share.
    ``judging`` are the codes of the rules that can judge a line here; None for all.
    """
    shared, measured = SharedExpressions(), {bound.code for bound in plan.measured}
    rules = [
        {
            "code": bound.code,
            "state": _state(bound, plan, shared),
            "due": shared.name(_due(bound)) if bound.rule.has_due else "",
            "volume": shares.volume(bound, plan, shared) if bound.code in measured else "",
            "opens_on": counting_day(bound) if opens_on_days(bound) else "",
        }
        if judging is None or bound.code in judging
        else {"code": bound.code} | _IDLE | {"opens_on": _NO_DAY if opens_on_days(bound) else ""}
        for bound in map(shipping.with_untimed, plan.rules)
    ]
    return {name: sql for sql, name in shared.names.items()}, rules


def _due(bound: BoundRule) -> str:
    return bound.sql["due" if bound.rule.is_clock else "by"]


def scope_key(per: Scope, day: str, shop: str = "shop", product: str = "product_id") -> str:
    """Return the SQL of the key of a scope; by day or month, the key ends with the day or month."""
    return _KEYS[per].format(day=day, shop=shop, product=product)


def counting_day(bound: BoundRule) -> str:
    """Return the day that a line counts for: by the rule's ``day``, else by its deadline."""
    at = bound.sql.get("day", bound.sql.get("due"))
    return f"cast(({at}) as date)" if at else _NO_DAY


def counts_open(bound: BoundRule) -> bool:
    """Say whether a line that is not late yet could add to the count of a scope of several."""
    rule = bound.rule
    several = rule.per in ("order", "product", "shop") or rule.by_month
    # By day, lines due later on a day that is foreseen are near: it has no other open ones.
    several |= rule.by_day and not (rule.forecast and bound.sql["day"] == bound.sql["due"])
    return rule.is_clock and several and not (rule.is_signal or rule.again_every)


def opens_on_days(bound: BoundRule) -> bool:
    """Say whether open lines could add to a scope by day or month: they need their day for it."""
    return counts_open(bound) and (bound.rule.by_day or bound.rule.by_month)


def _state(bound: BoundRule, plan: Plan, shared: SharedExpressions) -> str:
    """Return a rule as a CASE from the fields of a line to its state.

    The first arm that fits decides, so that their order matters.
    """
    arms = _not_judged(bound, plan, shared)
    parcel = [
        (_untraced(bound, known), UNJUDGED)
        for event, known in PARCEL_KNOWN.items()
        if event in bound.reads
    ]
    if bound.rule.is_clock:
        applies = shared.name(bound.sql["applies"])
        # `applies` comes before the parcel: a line that the clause is not about needs none.
        arms += [(f"{applies} is null", UNJUDGED), (f"not {applies}", 0), *parcel]
        arms += _clock(bound, shared)
    else:
        when = shared.name(bound.sql["when"])
        hit = " and ".join([when, *shares.counted_for(bound)])
        if ended := _ended(bound):
            arms.append((ended, 0))
        arms += [*parcel, (f"{when} is null", UNJUDGED), (hit, HIT)]
    return "case " + " ".join(f"when {test} then {state}" for test, state in arms) + " else 0 end"


def _not_judged(bound: BoundRule, plan: Plan, shared: SharedExpressions) -> list[tuple[str, int]]:
    """Return the arms for lines that a rule is not about, and for lines that it cannot judge."""
    uncarried = plan.uncarried[bound.code]
    # What a clause is not about comes before what cannot be known: a line of another platform, or
    # one that the platform ships, must not count as unjudged.
    arms: list[tuple[str, int]] = []
    if plan.named and not bound.for_all:
        arms.append(("platform_text is not null", UNJUDGED))
    if not bound.for_all:
        arms.append((f"platform not in ({shares.platforms(bound)})", 0))
    if shipping.depends_on_shipper(bound, plan):
        arms.append((shared.name(shipping.NOT_TO_SHIP_SQL), 0))
    if uncarried:
        arms.append((f"source in ({', '.join(map(str, uncarried))})", UNJUDGED))
    if never := shipping.untimed(bound, "day"):
        arms.append((never, UNJUDGED))
    arms += [
        (f"{name}_text is not null", UNJUDGED)
        for name in sorted(bound.reads | bound.also_names)
        if FIELDS[name].kind is Kind.WORD and (name != "platform" or plan.named)
    ]
    return arms


def _ended(bound: BoundRule) -> str | None:
    """Return the test of lines of days after the clause has ended; None for one without an end."""
    until = bound.rule.in_force[-1].until if bound.rule.in_force else None
    if until is None:
        return None
    return f"({bound.sql['day']}) >= {literal(datetime.combine(until, time.min))}"


def _untraced(bound: BoundRule, known: str) -> str:
    """Return the test of a shipped line whose parcel is in no file."""
    # A line that is not shipped has no parcel, so that it means nothing that none is known.
    if bound.rule.is_clock or "shipped_at" not in bound.reads:
        return f"not {known}"
    return f"not {known} and (shipped_at is not null or shipped_without_time)"


def _clock(bound: BoundRule, shared: SharedExpressions) -> list[tuple[str, int]]:
    """Return the arms for lines that a clock runs for: late, near its deadline, or open."""
    rule, due, done = bound.rule, f"({bound.sql['due']})", f"({bound.sql['done']})"
    # "By a deadline" includes it: what is done exactly then is in time, and what is open is not
    # late.
    hit = shared.name(f"coalesce({done}, as_of) > {due}")
    if rule.while_open:
        hit += f" and {done} is null"
    hit = " and ".join([hit, *shares.counted_for(bound)])
    is_open = shared.name(f"{done} is null and {due} >= as_of")
    arms = [(f"{shared.name(bound.sql['due'])} is null", UNJUDGED)]
    if never := shipping.untimed(bound, "done"):
        # Done at an unknown time: in time if before the deadline; if after it, nothing is known.
        never = shared.name(never)
        arms += [(f"{never} and {hit}", UNJUDGED), (never, 0)]
    arms.append((hit, HIT))
    if rule.near_before:
        warned = later(due, rule.near_before, bound.tz, "-")
        arms.append((f"{is_open} and {warned} <= as_of", NEAR))
    if rule.near_after:
        start = later(f"({bound.sql['start']})", rule.near_after, bound.tz)
        arms.append((f"{is_open} and {start} <= as_of", NEAR))
    if rule.forecast:
        day = shared.name(bound.sql["day"])
        arms.append((f"{is_open} and cast({day} as date) = cast(as_of as date)", NEAR))
    # Only counts that an open line may yet add to, and tasks that can still save it, read this
    # state.
    if counts_open(bound) or rule.tasks:
        arms.append((is_open, OPEN))
    return arms
