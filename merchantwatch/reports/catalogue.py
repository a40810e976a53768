"""The catalogue: rules and formats, listed and explained."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from merchantwatch.formats import Format, FormatKind, Part, Recognise
from merchantwatch.reasons import REASONS
from merchantwatch.reports import pricing
from merchantwatch.rules import BoundRule, Risk, Rule, Rulebook, span_of
from merchantwatch.texts import Text
from merchantwatch.wording import limit, limits, near_count

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
    "example_hit": Text(zh="命中示例", en="A hit"),
    "example_miss": Text(zh="未命中示例", en="A near miss"),
    "reviewed": Text(zh="核对日期", en="Reviewed"),
}
_CONFIDENCE = {
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
KINDS: dict[FormatKind, Text] = {
    "orders": Text(zh="订单行", en="order lines"),
    "parcels": Text(zh="包裹", en="parcels"),
    "cases": Text(zh="售后单", en="after-sales cases"),
}
"""What a row of an export is, by its kind."""

_REASONS = Text(
    zh="隔离原因（读不懂的行为什么没有参与判定）",
    en="Reasons of quarantine (why a row could not be judged)",
)
_SIGNALS = Text(
    zh="信号（本身不触线，合计为 {code}）",
    en="Signals (none breaks a limit; together they make {code})",
)


def rules(book: Rulebook, lang: str) -> str:
    """Return the list of rules, of signals, and of the reasons of quarantine, a line each."""
    return "\n".join([*_rule_list(book, lang), *_reason_list(lang)]) + "\n"


def _reason_list(lang: str) -> Iterator[str]:
    yield ""
    yield _REASONS.of(lang)
    for code, entry in REASONS.items():
        yield f"{code}  {entry.text.of(lang)}"


def reason(code: str, lang: str) -> str | None:
    """Return one reason of quarantine, explained; None where there is no such code."""
    entry = REASONS.get(code.upper())
    if entry is None:
        return None
    action = WORDS["action"].of(lang)
    colon = "：" if lang == "zh" else ": "
    return f"{code.upper()}\n{entry.meaning.of(lang)}\n\n{action}{colon}{entry.remedy.of(lang)}\n"


def _rule_list(book: Rulebook, lang: str) -> Iterator[str]:
    for bound in sorted(book.rules, key=lambda b: b.code):
        if not bound.rule.is_signal:
            rule = bound.rule
            yield _row(
                rule.code, rule.severity, rule.source.confidence, rule.title.of(lang), rule.name
            )
    if book.risk:
        risk = book.risk
        yield _row(risk.code, risk.severity, risk.source.confidence, risk.title.of(lang), risk.name)
        yield ""
        yield _SIGNALS.fill(code=risk.code).of(lang)
    for bound in book.signals:
        rule = bound.rule
        yield _row(rule.code, risk_of(rule), rule.source.confidence, rule.title.of(lang), rule.name)


def _row(code: str, severity: str, confidence: str, title: str, name: str) -> str:
    return f"{code}  {severity:<9} {confidence:<10} {title} ({name})"


def rule(entry: BoundRule | Risk, lang: str) -> str:
    """Return one rule, explained."""
    head = entry if isinstance(entry, Risk) else entry.rule
    rows = risk_rows(entry) if isinstance(entry, Risk) else rule_rows(entry)
    lines = [f"{head.code} {head.name}", head.title.of(lang), ""]
    for name, text in rows:
        label = WORDS[name].of(lang)
        lines.append(f"{label}: {text.of(lang)}" if lang == "en" else f"{label}：{text.of(lang)}")
    return "\n".join(lines) + "\n"


def rule_rows(bound: BoundRule) -> Iterator[tuple[str, Text]]:
    """Yield what is known of a rule, by the name of its label."""
    rule = bound.rule
    yield "clause", _same(rule.source.clause)
    yield "source", _same(rule.source.where)
    yield "confidence", _CONFIDENCE[rule.source.confidence]
    yield "reviewed", _same(str(bound.reviewed))
    yield "platform", _same(", ".join(bound.platforms))
    if not rule.is_signal:
        yield "severity", _same(rule.severity)
    for name, sql in rule.predicates.items():
        if name != "start":
            yield name, _same(sql)
    if rule.is_clock:
        yield "hit", _hit(rule)
    yield from _limits(rule)
    yield from _advice(rule)
    yield "reads", _same(", ".join(sorted(bound.reads)))


def _limits(rule: Rule) -> Iterator[tuple[str, Text]]:
    if rule.is_signal:
        group = f" [{rule.group}]" if rule.group else ""
        yield "risk", _risk(rule, group)
        return
    yield "per", _same(rule.per)
    yield "limit", boundary(rule)
    near = _near(rule)
    if near:
        yield "near", near
    if rule.counted_for:
        yield "window", _same(rule.counted_for)
    if rule.min_volume:
        yield "min_volume", _same(str(rule.min_volume))
    for text in pricing.told(rule):
        yield "penalty", text
    for version in rule.in_force:
        yield "in_force", pricing.dated(version)


def _advice(rule: Rule) -> Iterator[tuple[str, Text]]:
    for name, text in (
        ("consequence", rule.consequence),
        ("action", rule.action),
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
        return _same(f"{risk_of(signal)}{group}")
    (_, first), *later = signal.grades
    hours = [(span_of(span) // timedelta(hours=1), risk) for span, risk in later]
    return Text(
        zh="；".join([f"{first}", *(f"晚 {n} 小时起 {risk}" for n, risk in hours)]) + group,
        en="; ".join([f"{first}", *(f"{risk} from {n} hours late on" for n, risk in hours)])
        + group,
    )


def risk_rows(risk: Risk) -> Iterator[tuple[str, Text]]:
    """Yield what is known of the rule that adds signals up."""
    yield "clause", _same(risk.source.clause)
    yield "source", _same(risk.source.where)
    yield "confidence", _CONFIDENCE[risk.source.confidence]
    yield "severity", _same(risk.severity)
    yield (
        "hit",
        Text(
            zh="1 − Π(1 − 信号风险)，同组只算最强的一个，四位小数",
            en="1 − Π(1 − risk) over a line's signals, of each group the strongest, 4 decimals",
        ),
    )
    yield "per", _same("line")
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


def formats(known: Sequence[Format], lang: str) -> str:
    """Return the formats, and the headers by which each is recognised."""
    return "\n".join(line for form in known for line in _format_lines(form, lang)) + "\n"


def _format_lines(form: Format, lang: str) -> Iterator[str]:
    yield f"{form.code}  {form.title.of(lang)}"
    yield f"  {form.platform}, {KINDS[form.kind].of(lang)}, {_versions(form, lang)}"
    yield f"  {form.where.of(lang)}"
    for one in form.recognise:
        yield f"  = {fingerprint(one)}"
        if one.none:
            yield f"  ≠ {', '.join(one.none)}"
    for field, specs in form.columns.items():
        headers = [f"{s.header}*" if isinstance(s, Part) else s for s in specs]
        yield f"    {field:<19}{', '.join(headers)}"
    for field, value in form.always.items():
        yield f"    {field:<19}= {value}"
    for item in form.derived:
        yield f"    {item.field:<19}← {item.words_of}"
    if form.limits:
        yield f"  {form.limits.of(lang)}"
    yield ""


def _versions(form: Format, lang: str) -> str:
    names = ", ".join(version.name for version in form.versions)
    versions = Text(zh=f"版本 {names}", en=f"versions {names}")
    return f"{versions.of(lang)}, {form.confidence}"


def fingerprint(one: Recognise) -> str:
    """Return the headers that a file must have: ``a + (b | c)``."""
    needed = [*one.all, *(" | ".join(names) for names in one.any)]
    return " + ".join(f"({name})" if " | " in name else name for name in needed)


def _same(text: str) -> Text:
    return Text(zh=text, en=text)
