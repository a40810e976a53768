"""The properties of one rule, row by row: for the terminal and for docs/rules/."""

from collections.abc import Iterator
from datetime import timedelta

from merchantwatch.language.plurals import number_of
from merchantwatch.language.text import Text
from merchantwatch.reports import pricing
from merchantwatch.results.wording import limit, limits, near_count
from merchantwatch.rules import BoundRule, Risk, Rule, span_of

WORDS = {
    "clause": Text(zh="条款", en="Clause"),
    "source": Text(zh="出处", en="Read at"),
    "confidence": Text(zh="可信度", en="Confidence"),
    "severity": Text(zh="级别", en="Severity"),
    "platform": Text(zh="平台", en="Platform"),
    "reads": Text(zh="所需字段", en="Reads"),
    "applies": Text(zh="适用于", en="Applies"),
    "due": Text(zh="时限", en="Due"),
    "done": Text(zh="完成于", en="Done"),
    "when": Text(zh="条件", en="When"),
    "hit": Text(zh="命中", en="Hit"),
    "near": Text(zh="临近", en="Near"),
    "per": Text(zh="计数单位", en="Counted per"),
    "limit": Text(zh="红线", en="Limit"),
    "of": Text(zh="占比的分母", en="Share of"),
    "day": Text(zh="归属日", en="Day"),
    "window": Text(zh="统计期", en="Window"),
    "min_volume": Text(zh="最少行数", en="Judged from"),
    "penalty": Text(zh="赔付", en="Costs"),
    "in_force": Text(zh="施行日期", en="In force"),
    "risk": Text(zh="风险", en="Risk"),
    "consequence": Text(zh="后果", en="Consequence"),
    "action": Text(zh="怎么办", en="What to do"),
    "action_near": Text(zh="临近时怎么办", en="While it is near"),
    "action_done": Text(zh="事后怎么办", en="Once all is done"),
    "reason": Text(zh="说明", en="What it says"),
    "by": Text(zh="最后期限", en="By when"),
    "example_hit": Text(zh="命中示例", en="A hit"),
    "example_miss": Text(zh="未命中示例", en="A near miss"),
    "reviewed": Text(zh="核对日期", en="Reviewed"),
}
CONFIDENCE = {
    "official": Text(zh="official（平台原文）", en="official: read on the platform's own page"),
    "reprinted": Text(
        zh="reprinted（转载的平台规则，未见原文）",
        en="reprinted: reprints of the platform's text, the original was not seen",
    ),
    "seed": Text(
        zh="seed（文章所述，未见平台原文）",
        en="seed: an article says so, no platform page was found",
    ),
    "measured": Text(zh="measured（由真实数据统计）", en="measured: counted in real data"),
    "assumed": Text(zh="assumed（本工具的假设）", en="assumed: our own, not measured"),
}


def rule_rows(bound: BoundRule) -> Iterator[tuple[str, Text]]:
    """Yield the properties of a rule, each with the name of its label."""
    rule = bound.rule
    yield "clause", Text.same(rule.source.clause)
    yield "source", rule.source.place
    yield "confidence", CONFIDENCE[rule.source.confidence]
    yield "reviewed", Text.same(str(bound.reviewed))
    yield "platform", Text.same(", ".join(bound.platforms))
    if not rule.is_signal:
        yield "severity", Text.same(rule.severity)
    for name, sql in rule.predicates.items():
        # Shown by `near_after`, which counts from it.
        if name != "start":
            yield name, Text.same(sql)
    if rule.is_clock:
        yield "hit", _hit(rule)
    yield from _limits(rule)
    yield from _advice(rule)
    yield "reads", Text.same(", ".join(sorted(bound.reads)))


def _limits(rule: Rule) -> Iterator[tuple[str, Text]]:
    if rule.is_signal:
        group = f" [{rule.group}]" if rule.group else ""
        yield "risk", _risk(rule, group)
        return
    yield "per", Text.same(rule.per)
    yield "limit", boundary(rule)
    near = _near(rule)
    if near:
        yield "near", near
    if rule.counted_for:
        yield "window", Text.same(rule.counted_for)
    if rule.min_volume:
        yield "min_volume", Text.same(str(rule.min_volume))
    for text in pricing.costs(rule):
        yield "penalty", text
    for version in rule.in_force:
        yield "in_force", pricing.dated(version)


def _advice(rule: Rule) -> Iterator[tuple[str, Text]]:
    for name, text in (
        ("consequence", rule.consequence),
        ("action", rule.action),
        ("action_near", rule.action_near),
        ("action_done", rule.action_done),
        ("reason", rule.reason),
        ("example_hit", rule.example_hit),
        ("example_miss", rule.example_miss),
    ):
        if text is not None:
            yield name, text


def risk_of(signal: Rule) -> str:
    """Return the risk of a signal, or from which to which it is graded."""
    risks = [f"{risk}" for _, risk in signal.grades]
    return risks[0] if len(risks) == 1 else f"{risks[0]}–{risks[-1]}"


def _risk(signal: Rule, group: str) -> Text:
    if not signal.graded:
        return Text.same(f"{risk_of(signal)}{group}")
    (_, first), *later = signal.grades
    hours = [(span_of(span) // timedelta(hours=1), risk) for span, risk in later]
    return Text(
        zh="；".join([f"{first}", *(f"晚 {n} 小时起 {risk}" for n, risk in hours)]) + group,
        en="; ".join(
            [f"{first}", *(f"{risk} from {number_of(n, 'hour')} late on" for n, risk in hours)]
        )
        + group,
    )


def risk_rows(risk: Risk) -> Iterator[tuple[str, Text]]:
    """Yield the properties of the rule that adds signals up."""
    yield "clause", Text.same(risk.source.clause)
    yield "source", Text.same(risk.source.where)
    yield "confidence", CONFIDENCE[risk.source.confidence]
    yield "severity", Text.same(risk.severity)
    yield (
        "hit",
        Text(
            zh="1 − Π(1 − 信号风险)，同组只算最强的一个，四位小数",
            en="1 − Π(1 − risk) over a line's signals, of each group the strongest, 4 decimals",
        ),
    )
    yield "per", Text.same("line")
    yield "limit", limit(risk.breached, "at_least")
    yield "near", limit(risk.near, "at_least")
    yield "consequence", risk.consequence
    yield "action", risk.action


def _hit(rule: Rule) -> Text:
    if rule.while_open:
        text = Text(
            zh="done 为空，且 as_of > due（恰好等于不算）",
            en="done is missing and as_of > due; exactly at due is in time",
        )
    else:
        text = Text(
            zh="done（为空则取 as_of）> due（恰好等于不算）",
            en="done, or as_of while it is missing, > due; exactly at due is in time",
        )
    if rule.again_every:
        more = Text(
            zh="；此后每满 {every} 再计一次，最多 {cap} 次",
            en="; again at every full {every} after it, {cap} strikes at most",
        ).fill(every=rule.again_every, cap=rule.cap)
        return Text(zh=text.zh + more.zh, en=text.en + more.en)
    return text


def boundary(rule: Rule) -> Text:
    """Return a limit with its boundary spelt out."""
    # "30% is not over, 31% is" would be wrong: shares have no next number.
    if rule.share is not None:
        return limits(rule)
    if rule.limit_is == "more_than":
        return Text(
            zh=f"超过 {rule.limit}（{rule.limit} 不算，{rule.limit + 1} 算）",
            en=f"more than {rule.limit} ({rule.limit} is not over, {rule.limit + 1} is)",
        )
    return Text(
        zh=f"达到 {rule.limit}（{rule.limit} 即算）",
        en=f"at least {rule.limit} ({rule.limit} counts)",
    )


def _near(rule: Rule) -> Text | None:
    if rule.near_before:
        return Text(zh="时限前 {s} 之内", en="{s} or less before due").fill(s=rule.near_before)
    if rule.near_after:
        return Text(zh="开始后满 {s}", en="from {s} after the start").fill(s=rule.near_after)
    return near_count(rule)
