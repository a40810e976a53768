"""What the texts of a rule show for a finding: fields of its line, other orders, other cases."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from merchantwatch.engines import Engine
from merchantwatch.fields import FIELDS, Kind
from merchantwatch.language.text import Text
from merchantwatch.pipeline.joined import CASES, Joined
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.reading.arrow import Row
from merchantwatch.results.judged import Judged
from merchantwatch.results.records import FindingKey
from merchantwatch.results.wording import Now, clock, left, money, span
from merchantwatch.rules import BoundRule, Rule, filled

_MOST_NAMED = 3
"""At most this many other orders or cases are named."""


class Ids(NamedTuple):
    """The first ids of a list, and how many it has."""

    named: tuple[str, ...] = ()
    number: int = 0


class Words:
    """The words of a rule and its limit, looked up once for all of its findings."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.actions, self.slots = rule.actions, rule.slots
        self.limit, self.limit_is = rule.limit, rule.limit_is


class Particulars(NamedTuple):
    """What a finding's texts show.

    ``not_done`` is for how many of its lines the act is not done, ``fields`` are those of its
    single line, ``others`` the other orders with its tracking number.
    """

    not_done: int
    fields: Row
    others: Ids = Ids()
    other_cases: Ids = Ids()

    def action(self, words: Words, row: Row, now: Now) -> Text:
        """Return the action for the state of a finding."""
        # Breached, and nothing can change it any more: another action is needed than while open.
        actions, by = words.actions, words.rule.by
        passed = by is not None and row["due_at"] is not None and row["due_at"] < now.as_of
        done = (passed or not self.not_done) and row["state"] == "breached"
        state = "done" if done and "done" in actions else row["state"]
        return self.shown(actions.get(state, words.rule.action), words, row, now)

    def shown(self, text: Text, words: Words, row: Row, now: Now) -> Text:
        """Return a text of a rule with its slots filled."""
        # Most texts have no slot, and there may be a million findings.
        if "{" not in text.zh and "{" not in text.en:
            return text
        due = row["due_at"]
        values = {
            "due": Text.same(clock(due)),
            "left": left(due, now) if due else Text.same("-"),
            "others": _listed(self.others),
            "other_cases": _listed(self.other_cases),
        }
        known = {**self.fields, "as_of": now.as_of}
        for field, subtracted in words.slots:
            slot = f"{field}-{subtracted}" if subtracted else field
            value, other = known.get(field), known.get(subtracted)
            values[slot] = _value(field, value, other, row, bool(subtracted))
        return filled(text, values)


NOTHING_SHOWN = Particulars(1, {})
"""The particulars of a finding whose rule shows nothing: its act is not done yet."""


Sharing = Mapping[tuple[str, ...], Sequence[str]]
"""The orders that share a tracking number, by rule, platform and that number."""


def of_findings(
    judged: Judged, of: str, sharing: Sharing | None = None
) -> dict[FindingKey, Particulars]:
    """Return the values that the texts of each finding of a table need.

    ``sharing`` are the orders that share tracking numbers among all findings, if the table is only
    a part of them.
    """
    engine, joined = judged.engine, judged.lines.joined
    showing = [b for b in judged.plan.rules if b.rule.action_done or b.rule.shown]
    if not showing:
        return {}
    by_code = {bound.code: bound.rule for bound in showing}
    rows = engine.table(_query(showing, joined, of)).to_pylist()
    orders = _orders(rows, by_code) if sharing is None else sharing
    cases = _other_cases(engine, rows, by_code) if CASES in joined else {}
    return {
        FindingKey.of(row): Particulars(
            row["not_done"],
            {name.removeprefix("shown_"): value for name, value in row.items()},
            _others(row, orders),
            _ids(cases.get(row.get(f"shown_{CASES.number}"), ())),
        )
        for row in rows
    }


def sharing(judged: Judged, of: str) -> Sharing:
    """Return the orders that share tracking numbers among all findings of a table."""
    showing = [bound for bound in judged.plan.rules if bound.rule.has_slot("others")]
    if not showing:
        return {}
    rows = judged.engine.table(_query(showing, judged.lines.joined, of)).to_pylist()
    return _orders(rows, {bound.code: bound.rule for bound in showing})


def _query(showing: Sequence[BoundRule], joined: Sequence[Joined], of: str) -> str:
    of_lines = [bound for bound in showing if bound.rule.shown]
    named = frozenset[str]().union(*(bound.rule.shown for bound in of_lines)) - {"as_of"}
    fields = {name: FIELDS[name].kind.sql_type for name in FIELDS if name in named}
    if any(bound.rule.has_slot("others") for bound in of_lines):
        fields["order_id"] = FIELDS["order_id"].kind.sql_type
    if CASES in joined and any(bound.rule.has_slot("other_cases") for bound in of_lines):
        fields[CASES.number] = "bigint"
    return render_sql(
        "particulars",
        listed=of,
        fields=fields,
        of_lines=_codes(of_lines),
        others=_codes([bound for bound in showing if not bound.rule.shown]),
    )


def _codes(rules: Sequence[BoundRule]) -> str:
    return ", ".join([literal(""), *(literal(bound.code) for bound in rules)])


def _orders(rows: Sequence[Row], by_code: Mapping[str, Rule]) -> dict[tuple[str, ...], list[str]]:
    """Return the orders of a rule's lines that share a tracking number, in the order of ids."""
    found: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in rows:
        if by_code[row["code"]].has_slot("others") and row["shown_tracking_no"]:
            found[_number(row)].add(row["shown_order_id"] or row["key"])
    return {number: sorted(orders) for number, orders in found.items()}


def _number(row: Row) -> tuple[str, ...]:
    return (row["code"], row["platform"], row["shown_tracking_no"])


def _others(row: Row, orders: Sharing) -> Ids:
    """Return the first of the other orders; thousands may share one number."""
    if not row.get("shown_tracking_no"):
        return Ids()
    shown, others = row.get("shown_order_id") or row["key"], orders.get(_number(row), ())
    # One more than can be named, since this line's own order may be among the first.
    first = [order for order in others[: _MOST_NAMED + 1] if order != shown]
    # Without this order itself; a line whose order is unknown stands for one.
    return Ids(tuple(first[:_MOST_NAMED]), max(len(others) - 1, 0))


def _ids(ids: Sequence[str]) -> Ids:
    return Ids(tuple(ids[:_MOST_NAMED]), len(ids))


def _other_cases(
    engine: Engine, rows: Sequence[Row], by_code: Mapping[str, Rule]
) -> dict[int | None, list[str]]:
    """Return the earlier cases of lines, by the number of their cases."""
    column = f"shown_{CASES.number}"
    showing = (row for row in rows if by_code[row["code"]].has_slot("other_cases"))
    numbers = sorted({row[column] for row in showing if row[column] is not None})
    found: dict[int | None, list[str]] = defaultdict(list)
    if numbers:
        sql = render_sql("other_cases", numbers=", ".join(map(str, numbers)))
        for row in engine.table(sql).to_pylist():
            found[row["number"]].append(row["case_id"])
    return found


def _listed(ids: Ids) -> Text:
    if not ids.number:
        return Text.same("-")
    shown, more = ids.named, ids.number - len(ids.named)
    if more <= 0:
        return Text(zh="、".join(shown), en=", ".join(shown))
    return Text(
        zh=f"{'、'.join(shown)} 等 {ids.number} 个", en=f"{', '.join(shown)} and {more} more"
    )


def _value(field: str, value: Any, subtracted: Any, row: Row, is_difference: bool) -> Text:
    """Return a value of a field in words, or the difference of two; a dash if one is unknown."""
    if value is None or (is_difference and subtracted is None):
        return Text.same("-")
    kind = FIELDS[field].kind
    if is_difference:
        value -= subtracted
    if kind is Kind.MONEY:
        return Text.same(money(Decimal(value), row["currency"]))
    if kind is Kind.TIME:
        return span(value) if is_difference else Text.same(clock(value))
    return Text.same(str(value))
