"""Why a line is, or is not, in the report: every rule on it, with the clock's arithmetic."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from math import prod

from merchantwatch.fields import KEY_FIELDS, NOT_TO_SHIP
from merchantwatch.language.text import Text
from merchantwatch.pipeline import shipping, states
from merchantwatch.pipeline.dividing import row_in_file
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.reading.arrow import Row
from merchantwatch.reports.page import padded
from merchantwatch.results import evidence, risks, wording
from merchantwatch.rules import BoundRule, Rule, elapsed, span_of
from merchantwatch.run.scan import Run
from merchantwatch.run.watched import lines_of

_LABEL_WIDTH = 9
_HIDDEN = ("seller_note", *KEY_FIELDS)
"""Fields that predicates read, but that are never shown."""

_STATES = {
    0: Text(zh="未命中", en="no hit"),
    states.HIT: Text(zh="命中", en="HIT"),
    states.NEAR: Text(zh="临近", en="NEAR"),
    states.UNJUDGED: Text(zh="无法判定", en="unjudged"),
    states.OPEN: Text(zh="未到期", en="open"),
    states.EXEMPT: Text(zh="已豁免", en="EXEMPT"),
}
_WORDS = {
    "line": Text(zh="订单行", en="line"),
    "fields": Text(zh="字段", en="fields"),
    "not_yet": Text(zh="（尚未发生）", en="(has not happened)"),
    "unknown": Text(zh="（未知）", en="(unknown)"),
    "late": Text(zh="晚 {span}", en="{span} late"),
    "early": Text(zh="早 {span}", en="{span} in time"),
    "left": Text(zh="还剩 {span}", en="{span} left"),
    "counted": Text(zh="计数", en="counted"),
    "true": Text(zh="真", en="true"),
    "false": Text(zh="假", en="false"),
    "breached": Text(zh="触线", en="broken"),
    "near": Text(zh="临近", en="near"),
    "below": Text(zh="未触线", en="below the limit"),
    "missing": Text(zh="未评估：缺少 {f}", en="not evaluated: missing {f}"),
    "not_to_ship": Text(
        zh="不适用：这一行无需商家发货（{how}）", en="does not apply: not to be shipped ({how})"
    ),
    "evidence": Text(zh="备好凭证（× 导出已能证明）", en="Have in hand (× the exports prove it)"),
    "until": Text(zh="截止", en="until"),
    "share": Text(zh="占", en="share"),
    "penalty": Text(zh="赔付", en="costs"),
    "strikes": Text(zh="判定次数", en="strikes"),
    "exempt": Text(zh="豁免", en="exempt"),
    "exemption": Text(zh="第 {row} 行：{reason}", en="row {row}: {reason}"),
    "lifted": Text(zh="不计", en="not counted"),
    "moved": Text(zh="时限顺延至 {due}", en="the deadline is moved to {due}"),
    "moved_on": Text(zh="承诺时间顺延", en="the promise is moved"),
    "pending": Text(zh="尚未批准，未采用", en="not approved yet, not applied"),
    "other_counts": Text(zh="另一条豁免更宽", en="another one leaves less"),
}


def explain(run: Run, line_id: str, lang: str) -> str:
    """Return the explanation of a line, or of each line of an order.

    Raises UsageError as ``lines_of`` does.
    """
    assumed = run.results.platform_assumed
    parts = [assumed.text.of(lang), ""] if assumed else []
    parts += [
        part for line in lines_of(run, line_id) for part in _Explained(run, line, lang).parts()
    ]
    return "\n".join(parts) + "\n"


class _Explained:
    """One line and what each rule makes of it."""

    def __init__(self, run: Run, line: Row, lang: str) -> None:
        self.run, self.line, self.lang = run, line, lang
        self.as_of: datetime = run.results.as_of

    def parts(self) -> Iterator[str]:
        export = next(e for e in self.run.lines.exports if e.number == self.line["source"])
        place = f"{export.label}:{row_in_file(self.line['source_row'])}"
        yield f"{self._word('line')} {self.line['line_id']}  ({place})"
        for name, value in self._shown_fields():
            yield f"  {name:<17} {value}"
        yield from self._joined()
        yield f"  {'as_of':<17} {wording.clock(self.as_of)} {self.run.results.tz}"
        for bound in self.run.book.rules:
            if bound.judges(self.line["platform"]):
                yield ""
                yield from self._rule(bound)
        yield ""
        yield from self._risk()
        yield from self._evidence()

    def _shown_fields(self) -> Iterator[tuple[str, str]]:
        reads = {field for bound in self.run.plan.rules for field in bound.reads}
        if self.line["fulfilment"]:
            reads |= {"fulfilment"}
        for name in ("platform", "shop", "order_id", "product_id", "amount", *sorted(reads)):
            if name in self.line and name not in _HIDDEN:
                yield name, self._value(name)

    def _joined(self) -> Iterator[str]:
        """Yield the cases and parcels of the line, the newest case first, and their exports."""
        labels = {export.number: export.label for export in self.run.lines.exports}
        for kind in self.run.lines.joined:
            number = self.line[kind.number]
            if number is not None:
                sql = render_sql(f"why_{kind.kind}", number=number)
                for row in self.run.engine.table(sql).to_pylist():
                    place = f":{row['source_row']}" if "source_row" in row else ""
                    yield f"  {kind.table:<17} {row['name']}  ({labels[row['source']]}{place})"

    def _rule(self, bound: BoundRule) -> Iterator[str]:
        rule, code = bound.rule, bound.code
        title = f"{code} {rule.title.of(self.lang)}"
        missing = self.run.plan.missing.get(code)
        if missing is not None:
            yield f"{title}: {_WORDS['missing'].fill(f=', '.join(missing)).of(self.lang)}"
            return
        fulfilled = self.line["fulfilment"]
        if fulfilled in NOT_TO_SHIP and shipping.depends_on_shipper(bound, self.run.plan):
            yield f"{title}: {_WORDS['not_to_ship'].fill(how=fulfilled).of(self.lang)}"
            return
        state = self.line[f"{code}_state"]
        yield f"{title}: {_STATES[state].of(self.lang)}"
        condition = rule.applies or rule.when
        name = "applies" if rule.is_clock else "when"
        yield f"  {name:<9} {self._truth(self.line[f'{code}_applies'])}  {condition}"
        if rule.is_clock:
            yield from self._clock(bound)
        yield from self._exemptions(code)
        if not rule.is_signal and state in (states.HIT, states.NEAR):
            yield f"  {padded(self._word('counted'), _LABEL_WIDTH)} {self._count(bound)}"

    def _exemptions(self, code: str) -> Iterator[str]:
        """Yield the exemptions that could lift a hit of this line or move its deadline."""
        if not self.run.plan.exemptions:
            return
        place = {"source": self.line["source"], "row": self.line["source_row"]}
        reasons = {item.row: item.reason for item in self.run.plan.exemptions}
        for found in self.run.engine.table(render_sql("why_exempt", **place)).to_pylist():
            if found["code"] == code:
                text = _WORDS["exemption"].fill(
                    row=found["number"], reason=reasons[found["number"]]
                )
                label = padded(self._word("exempt"), _LABEL_WIDTH)
                yield f"  {label} {text.of(self.lang)}: {self._exempted(found)}"

    def _exempted(self, found: Row) -> str:
        if not found["approved"]:
            return self._word("pending")
        if not found["counts"]:
            return self._word("other_counts")
        if found["lifts"]:
            return self._word("lifted")
        due = found["due_at"]
        return (
            _WORDS["moved"].fill(due=wording.clock(due)).of(self.lang)
            if due
            else self._word("moved_on")
        )

    def _clock(self, bound: BoundRule) -> Iterator[str]:
        due = self.line[f"{bound.code}_due"]
        done = self.line[f"{bound.code}_done"]
        for name, moment, without in (("due", due, "unknown"), ("done", done, "not_yet")):
            if name in bound.rule.predicates:
                shown = wording.clock(moment) if moment else self._word(without)
                yield f"  {name:<9} {shown}  {bound.rule.predicates[name]}"
        if due:
            yield f"  {'=':<9} {self._arithmetic(due, done)}"
        if bound.rule.again_every and due:
            strikes = self._strikes(bound.rule, due, done or self.as_of)
            yield f"  {padded(self._word('strikes'), _LABEL_WIDTH)} {strikes}"

    def _arithmetic(self, due: datetime, done: datetime | None) -> str:
        end = done or self.as_of
        name = "late" if end > due else ("early" if done else "left")
        length = elapsed(due, end, self.run.results.tz)
        shown = _WORDS[name].fill(span=wording.span(length)).of(self.lang)
        seconds = int(length.total_seconds())
        ended = "done" if done else "as_of"
        return f"{ended} - due = {seconds:+,} s: {shown}"

    def _strikes(self, rule: Rule, due: datetime, end: datetime) -> str:
        """List the moments of judgement, and which of them have passed."""
        every = span_of(rule.again_every or "")
        moments = [due + every * n for n in range(rule.cap or 1)]
        passed = [end > due, *(end >= moment for moment in moments[1:])]
        marks = [
            f"{wording.clock(m)} {'×' if p else '·'}" for m, p in zip(moments, passed, strict=True)
        ]
        return f"{sum(passed)}  ({', '.join(marks)})"

    def _count(self, bound: BoundRule) -> str:
        rule: Rule = bound.rule
        sql = render_sql(
            "why_count",
            code=literal(rule.code),
            source=self.line["source"],
            row=self.line["source_row"],
        )
        counted = self.run.engine.table(sql).to_pylist()[0]
        scope, count = counted["key"], counted["count"]
        limit = wording.limits(rule).of(self.lang)
        found = [
            f
            for f in self.run.results.findings
            if f.code == rule.code and f.key == scope and f.shop == self.line["shop"]
        ]
        state = self._word(found[0].state if found else "below")
        shown = wording.scope(rule.per, scope or "-").of(self.lang)
        cost = f"; {self._word('penalty')} {wording.money(counted['penalty'])}"
        return (
            f"{shown}: {count} / {limit}: {state}{cost if counted['penalty'] is not None else ''}"
        )

    def _risk(self) -> Iterator[str]:
        risk = self.run.plan.risk
        if risk is None or not self.run.plan.judges_risk:
            return
        hit = risks.hits(self.run.plan.signals, self.line)
        found = [
            f
            for f in self.run.results.findings
            if f.code == risk.code and f.key == self.line["line_id"]
        ]
        yield f"{risk.code} {risk.title.of(self.lang)}"
        parts = risks.shares(self.line[f"{risk.code}_risk"], hit)
        for (bound, weight), part in zip(hit, parts, strict=True):
            group = f" [{bound.rule.group}]" if bound.rule.group else ""
            share = f"{self._word('share')} {part.share:.4f}"
            text = f"{weight}{group}, {share}"
            yield f"  {bound.code} {bound.rule.title.of(self.lang)}: {text}"
        factors = [one.risk for one in risks.strongest(hit)]
        product = " × ".join(f"(1 - {value})" for value in factors) or "1"
        left = prod((1 - value for value in factors), start=Decimal(1))
        state = self._word(found[0].state if found else "below")
        yield f"  1 - {product} = {1 - left:.4f} (≥ {risk.near} / ≥ {risk.breached}): {state}"

    def _evidence(self) -> Iterator[str]:
        """Yield the evidence that the line's case needs, what the exports prove, and by when."""
        needs = evidence.of_line(self.line)
        if needs is None:
            return
        due = f", {self._word('until')} {wording.clock(needs.due_at)}" if needs.due_at else ""
        yield f"{self._word('evidence')}: {needs.title.of(self.lang)}{due}"
        for mark, pieces in (("×", needs.have), ("·", needs.missing)):
            for piece in pieces:
                yield f"  {mark} {piece.of(self.lang)}"

    def _value(self, name: str) -> str:
        value = self.line[name]
        if isinstance(value, datetime):
            return wording.clock(value)
        return "-" if value is None else str(value)

    def _truth(self, value: bool | None) -> str:
        return self._word("unknown") if value is None else self._word(str(value).lower())

    def _word(self, name: str) -> str:
        return _WORDS[name].of(self.lang)
