"""Findings in the engine → typed records, each with its first lines and its texts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from msgspec import Struct

from merchantwatch.pipeline import counting
from merchantwatch.pipeline.rendering import render_sql
from merchantwatch.pipeline.steps import make
from merchantwatch.reading.arrow import Row, Table
from merchantwatch.results import columns, evidence, particulars, rates, risks, wording
from merchantwatch.results.judged import Judged
from merchantwatch.results.records import Evidence, Finding, FindingKey, Outcome

MOST_FINDINGS = 10_000
"""At most this many findings of one rule are listed; all are counted, and can be streamed."""

MOST_LINES = 100
"""At most this many lines of one finding are listed; all are counted."""

_AT_ONCE = 10_000
"""How many findings are read from the engine at a time."""


def findings(judged: Judged, outcomes: Sequence[Outcome]) -> Iterator[Finding]:
    """Yield the findings that a report lists, the worst first, suppressed ones among them.

    ``outcomes`` have the number of findings of each rule.
    """
    # Broken ones fill the list first: where they alone are enough, near ones are not sorted.
    crowded = {o.code: o.breached >= MOST_FINDINGS for o in outcomes if o.findings > MOST_FINDINGS}
    suppressed = bool(judged.plan.suppressions)
    listed = counting.listed(crowded, MOST_FINDINGS, suppressed=suppressed)
    make(judged.engine, "listed", listed)
    yield from _FindingBuilder(judged, _fetch(judged, "listed")).findings()


def every_finding(
    judged: Judged, outcomes: Sequence[Outcome], listed: Sequence[Finding]
) -> Iterator[Finding]:
    """Yield all findings that are not suppressed, the worst first, as ``findings`` does."""
    # If no rule has more findings than are listed, all are listed.
    if all(outcome.findings <= MOST_FINDINGS for outcome in outcomes):
        yield from listed
        return
    engine = judged.engine
    if "every_finding" not in engine.names():
        make(engine, "every_finding", render_sql("9_every_finding"))
    # Orders that share a tracking number may be on different pages: they are fetched once for all.
    sharing = particulars.sharing(judged, "every_finding")
    for first in range(0, sum(outcome.findings for outcome in outcomes), _AT_ONCE):
        make(engine, "some_findings", render_sql("9_some_findings", first=first, most=_AT_ONCE))
        # A page is fetched whole before anything is yielded: meanwhile a second reader could
        # redefine the view.
        page = _fetch(judged, "some_findings", sharing)
        yield from list(_FindingBuilder(judged, page).findings())


class _Fetched(Struct, frozen=True):
    """The findings of a table, and what their records and texts need besides, by finding.

    ``members`` are their first lines, ``at_risk`` the signals of a line at risk, ``leaving`` the
    hits that leave a window next, ``needs`` the evidence of a case, ``details`` fields of a line.
    """

    table: Table
    members: Mapping[FindingKey, "_Members"]
    at_risk: Mapping[FindingKey, Sequence[risks.Hit]]
    leaving: Mapping[FindingKey, rates.Leaving]
    needs: Mapping[FindingKey, Evidence]
    details: Mapping[FindingKey, particulars.Particulars]


def _fetch(judged: Judged, table: str, sharing: particulars.Sharing | None = None) -> _Fetched:
    """Fetch the findings of a table or view of the engine, worst first."""
    engine, plan = judged.engine, judged.plan
    return _Fetched(
        table=engine.table(render_sql("listed", listed=table)),
        members=_members(judged, table),
        at_risk=risks.lines(engine, plan, table),
        leaving=rates.leaving(engine, plan, table),
        needs=evidence.of_findings(engine, plan, table),
        details=particulars.of_findings(judged, table, sharing),
    )


class _FindingBuilder:
    """Makes records of fetched findings, with texts by the rules of the run."""

    def __init__(self, judged: Judged, fetched: _Fetched) -> None:
        self._fetched, self._plan = fetched, judged.plan
        self._now = wording.Now(judged.settings.as_of, judged.settings.tz)
        self._rules = {bound.code: bound.rule for bound in judged.book.rules}
        self._titles = {bound.code: bound.rule.title for bound in judged.plan.signals}
        self._words: dict[Any, particulars.Words] = {}

    def findings(self) -> Iterator[Finding]:
        """Yield the findings in the order of their table."""
        names = self._fetched.table.column_names
        rows = columns.rows(self._fetched.table, names)
        for scope, values in zip(_scopes(self._fetched.table), rows, strict=True):
            row = dict(zip(names, values, strict=True))
            # The sum of signals, IR900, is no rule of a pack.
            is_of_rule = row["code"] in self._rules
            yield self._of_rule(row, scope) if is_of_rule else self._of_risk(row, scope)

    def _of_rule(self, row: Row, scope: FindingKey) -> Finding:
        words, fetched = self._words_of(row), self._fetched
        rule = words.rule
        rate = rates.rate(rule, row, fetched.leaving.get(scope))
        shown = fetched.details.get(scope, particulars.NOTHING_SHOWN)
        why = shown.shown(rule.reason, words, row, self._now) if rule.reason else None
        return Finding(
            severity=rule.severity,
            scope=rule.per,
            limit=words.limit,
            limit_is=words.limit_is,
            reason=wording.reason(rule, row, self._now, rate, why),
            action=shown.action(words, row, self._now),
            rate=rate,
            **self._common(row, scope),
        )

    def _words_of(self, row: Row) -> particulars.Words:
        """Return the words of the version of the rule by which a finding was counted."""
        version = (row["code"], row["alone"], row["counted_on"])
        if version not in self._words:
            rule = self._rules[row["code"]]
            in_force = rule.alone if row["alone"] else rule.on(row["counted_on"])
            self._words[version] = particulars.Words(in_force)
        return self._words[version]

    def _of_risk(self, row: Row, scope: FindingKey) -> Finding:
        risk = self._plan.risk
        assert risk is not None, "what is found by no rule is found by the risk"  # noqa: S101
        signals = risks.shares(row["risk"], self._fetched.at_risk[scope])
        return Finding(
            severity=risk.severity,
            scope="line",
            limit=risk.breached,
            limit_is="at_least",
            reason=wording.risk_reason(self._titles, row["risk"], signals),
            action=risk.action,
            risk=row["risk"],
            signals=signals,
            **self._common(row, scope),
        )

    def _common(self, row: Row, scope: FindingKey) -> dict[str, Any]:
        members = self._fetched.members[scope]
        return {
            "code": row["code"],
            "state": row["state"],
            "platform": row["platform"],
            "shop": row["shop"],
            "key": row["key"],
            "count": row["count"],
            "amount_at_stake": row["amount"],
            "currency": row["currency"],
            "penalty": row["penalty"],
            "due_at": row["due_at"],
            "next_due_at": row["next_due_at"],
            "lines": tuple(members.lines),
            "order_ids": tuple(members.order_ids),
            # The name on the first line: names of one product differ between exports.
            "product_name": members.product_name,
            "evidence": self._fetched.needs.get(scope),
            "forecast": row["forecast"],
            "suppressed_by": row["entry"],
        }


class _Members(Struct):
    """The first lines of one finding, their orders, and the name of its product."""

    lines: list[str]
    order_ids: dict[str, None]
    product_name: str | None


def _members(judged: Judged, table: str) -> dict[FindingKey, _Members]:
    """Return the first lines of each finding of a table, earliest deadline first."""
    rows = judged.engine.table(counting.first_lines(judged.plan, MOST_LINES, table))
    lines = columns.rows(rows, ("line_id", "order_id", "product_name"))
    found: dict[FindingKey, _Members] = {}
    for scope, (line_id, order_id, product_name) in zip(_scopes(rows), lines, strict=True):
        members = found.get(scope)
        if members is None:
            found[scope] = _Members([line_id], {order_id: None}, product_name)
        else:
            members.lines.append(line_id)
            members.order_ids[order_id] = None
    return found


def _scopes(table: Table) -> Iterator[FindingKey]:
    """Yield the keys of findings, as plain tuples."""
    # A plain tuple equals a FindingKey and has the same hash, but is created much faster.
    return cast("Iterator[FindingKey]", columns.rows(table, FindingKey._fields))
