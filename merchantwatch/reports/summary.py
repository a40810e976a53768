"""The texts of a report, in the order in which it is read; renderers decide how they look."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from merchantwatch.language.plurals import number_of
from merchantwatch.language.quarantine_reasons import REASONS
from merchantwatch.language.text import Text
from merchantwatch.reports import since
from merchantwatch.results.model import Results
from merchantwatch.results.records import Entry, Finding, Note, Outcome
from merchantwatch.results.wording import money, span, sums
from merchantwatch.rules import SEVERITIES

_CONFIDENCE = {
    "official": Text(zh="平台原文", en="the platform's own page"),
    "reprinted": Text(zh="转载的平台规则", en="reprints of the platform's rules"),
    "seed": Text(zh="文章，未见平台原文", en="an article, not a platform's page"),
    "measured": Text(zh="真实数据统计", en="counted in real data"),
    "assumed": Text(zh="本工具的假设", en="our own assumption"),
}


MOST_CODES = 6
"""How many rules that were not evaluated are named in one line."""


class Group(Struct, frozen=True):
    """The findings of one rule, worst first, with what to do about them."""

    entry: Entry
    outcome: Outcome
    findings: tuple[Finding, ...]

    @property
    def near(self) -> int:
        """How many findings are near, beyond those listed too."""
        return self.outcome.findings - self.outcome.breached


def groups(results: Results) -> list[Group]:
    """Return the rules that found something: broken before near, then the most severe first.

    Among equals the order of the pack decides: the platform's own wording stands first.
    """
    found: dict[str, list[Finding]] = {finding.code: [] for finding in results.findings}
    for finding in since.listed_findings(results):
        found[finding.code].append(finding)
    found_groups = [
        Group(entry, outcome, tuple(found[entry.code]))
        for entry in results.entries
        if entry.code in found and (outcome := results.outcome(entry.code))
    ]
    return sorted(
        found_groups, key=lambda g: (not g.outcome.breached, -SEVERITIES.index(g.entry.severity))
    )


def data_line(results: Results) -> Text:
    """Return what the data is and how old it was at as-of."""
    lines, files = f"{results.accounting.lines:,}", len(results.inputs)
    parts = [
        Text(
            zh=f"{lines} 行，{files} 个文件",
            en=f"{number_of(lines, 'line')}, {number_of(files, 'file')}",
        )
    ]
    exported = [
        item.exported_at for item in results.inputs if item.exported_at and item.kind == "orders"
    ]
    if exported:
        # By the newest export; where one is too old, a note says so.
        parts.append(_age(max(exported), results.as_of))
    if results.newest_event:
        since = span(results.as_of - results.newest_event)
        parts.append(Text(zh=f"最新记录在 {since.zh}前", en=f"newest {since.en} old"))
    return _joined(parts, ", ")


def _age(exported: datetime, as_of: datetime) -> Text:
    at = f"{exported:%m-%d %H:%M}" if exported.year == as_of.year else f"{exported:%Y-%m-%d %H:%M}"
    if exported > as_of:
        return Text(zh=f"导出于 {at}（晚于判定）", en=f"exported {at} (later)")
    age = span(as_of - exported)
    return Text(zh=f"导出于 {at}（{age.zh}前）", en=f"exported {at} ({age.en} old)")


def unjudged_line(results: Results) -> Text:
    """Return what could not be judged, in one line."""
    if results.nothing_judged:
        return Text(zh="全部", en="everything")
    not_evaluated = [
        outcome.code
        for outcome in results.outcomes
        if outcome.status == "not_evaluated" and not outcome.signal
    ]
    # The rules leave partly the same lines unjudged: their numbers cannot be added.
    rules = max((o.unjudged for o in results.outcomes if not o.signal), default=0)
    signals = max((o.unjudged for o in results.outcomes if o.signal), default=0)
    parts = [_unknown_words(results.unknown_words)] if results.unknown_words else []
    if results.failed:
        n = len(results.failed)
        parts.append(Text(zh=f"{n} 个文件读不了", en=f"{n} file{'s' * (n > 1)} unread"))
    if not_evaluated:
        parts.append(_unevaluated(not_evaluated))
    if rules:
        parts.append(
            Text(zh=f"至多 {rules:,} 行无法判定", en=f"up to {number_of(rules, 'line')} unjudged")
        )
    # Named only where no rule is: signals break no limit.
    elif signals:
        parts.append(
            Text(
                zh=f"风险信号至多 {signals:,} 行无法判定",
                en=f"up to {number_of(signals, 'line')} unjudged by signals of risk",
            )
        )
    if results.accounting.quarantined:
        n = results.accounting.quarantined
        parts.append(Text(zh=f"{n:,} 行读不懂", en=f"{n:,} row{'s' * (n > 1)} not understood"))
    nothing = Text(zh="无，全部规则已判定", en="nothing: every rule was judged on every line")
    return _joined(parts) if parts else nothing


def _unknown_words(lines: Mapping[str, int]) -> Text:
    """Name the fields with words that no format knows, each with its lines."""
    fields = ", ".join(f"{field} {n:,}" for field, n in lines.items())
    return Text(
        zh=f"有不认识的取值（{fields} 行）",
        en=f"words that no format knows (lines: {fields})",
    )


_LACKING = Text(zh="{n} 条规则缺数据未评估", en="{n|rule} {n|lacks|lack} data")


def _unevaluated(codes: list[str]) -> Text:
    """Name the rules that were not evaluated, or where they are many say how many."""
    if len(codes) > MOST_CODES:
        return _LACKING.fill(n=f"{len(codes):,}")
    named = " ".join(codes)
    return Text(zh=f"未评估 {named}", en=f"{named} not evaluated")


def verdict_line(results: Results) -> Text:
    """Return what was found, in one line."""
    if results.nothing_judged:
        return results.nothing_judged
    breached, near = results.total("breached"), results.total("near")
    if not breached and not near:
        # Not "0 broken": it also says whether everything was judged.
        return no_findings(results)
    found = Text(
        zh=f"{breached:,} 项已触线，{near:,} 项临近", en=f"{breached:,} broken, {near:,} near"
    )
    stake = sums(results.stakes) if breached else None
    if stake:
        found = Text(
            zh=f"{found.zh}；触线订单 {stake.zh}", en=f"{found.en}; broken orders {stake.en}"
        )
    elif breached:
        found = Text(zh=f"{found.zh}；触线订单金额未知", en=f"{found.en}; amount unknown")
    if not results.penalty:
        return found
    cost = money(results.penalty)
    return Text(zh=f"{found.zh}，按条款应赔 {cost}", en=f"{found.en}, penalties {cost}")


MOST_ACTIONS = 3
"""How many different things to do are named of one rule; each finding says its own in the JSON."""


def actions(group: Group) -> list[Text]:
    """Return the actions for the findings of a rule, the worst first."""
    return list(dict.fromkeys(finding.action for finding in group.findings))[:MOST_ACTIONS]


def no_findings(results: Results) -> Text:
    """Return that nothing was found, as far as that is known."""
    if results.nothing_judged:
        return results.nothing_judged
    if results.everything_judged:
        return Text(zh="没有触线，也没有临近", en="no limit broken, none near")
    return Text(
        zh="在已判定的范围内，没有触线，也没有临近",
        en="no limit broken, none near, in what could be judged",
    )


def colour(results: Results) -> str:
    """Return the colour of the verdict: green only where all was judged and nothing is near."""
    if results.total("breached"):
        return "red"
    if results.nothing_judged or results.total("near"):
        return "yellow"
    return "green" if results.everything_judged else ""


def cost_note(results: Results) -> Iterator[Text]:
    """Yield how the money of the clauses adds up, where there is any."""
    on_top = " ".join(entry.code for entry in results.entries if entry.on_top)
    if results.penalty:
        yield Text(
            zh="按条款应赔的合计：同一订单行触犯几条的，只计最高的一条；条款写明叠加的另计（{codes}）",
            en="penalties by the clauses: where several price one line, only the highest counts; "
            "what comes on top by its own clause is added ({codes})",
        ).fill(codes=on_top or "-")


_KINDS = {
    "product": Text(zh="商品", en="product"),
    "warehouse": Text(zh="仓库", en="warehouse"),
    "carrier": Text(zh="快递", en="carrier"),
    "reason": Text(zh="原因", en="reason"),
}


def causes(results: Results) -> Iterator[Text]:
    """Yield what the lines at risk have in common, or that they are too few to say so."""
    yield from causes_named(results)
    found = results.causes
    few = [kind for kind, n in found.lines.items() if 0 < n < found.least] if found else []
    if found and few:
        yield Text(
            zh="{kinds}：有风险的行不足 {least} 行，不足以归因",
            en="{kinds}: fewer than {least} lines at risk, too few to name a cause",
        ).fill(kinds=_joined([_KINDS[kind] for kind in few], ", "), least=found.least)


def causes_named(results: Results) -> Iterator[Text]:
    """Yield what the lines at risk have in common."""
    found = results.causes
    if found is None:
        return
    for cause in found.named:
        named = " ".join(dict.fromkeys(filter(None, (cause.value, cause.name))))
        yield Text(
            zh="{kind} {value}：{of} 行中的 {lines} 行（{share}），{amount}",
            en="{kind} {value}: {lines} of {of|line} ({share}), {amount}",
        ).fill(
            kind=_KINDS[cause.kind],
            value=named,
            lines=cause.lines,
            of=cause.of,
            share=f"{Decimal(cause.lines) / cause.of:.0%}",
            amount=money(cause.amount),
        )


def footnotes(results: Results) -> Iterator[Text]:
    """Yield the rules by kind of source, except those from the platforms' pages."""
    # By the source, as many rules share one: a star at the code leads here.
    codes: dict[str, list[str]] = {}
    for entry in results.entries:
        outcome = results.outcome(entry.code)
        if outcome and outcome.status == "evaluated" and not entry.signal:
            codes.setdefault(entry.source.confidence, []).append(entry.code)
    for confidence, text in _CONFIDENCE.items():
        if confidence in codes and confidence != "official":
            listed = " ".join(codes[confidence])
            yield Text(zh="{codes} 的数字来自{from}", en="{codes}: numbers from {from}").fill(
                codes=listed, **{"from": text}
            )


def counted(note: Note) -> Text:
    """Return a note with its number of lines."""
    if not note.lines:
        return note.text
    return Text(zh="{text}（{n} 行）", en="{text} ({n|line})").fill(
        text=note.text, n=f"{note.lines:,}"
    )


def quarantine_lines(results: Results, most: int) -> Iterator[Text]:
    """Yield the first quarantined rows: file, row, column, value, and what to do."""
    for item in results.quarantine[:most]:
        where = Text(
            zh=f"{item.file} 第 {item.row or '?'} 行", en=f"{item.file} row {item.row or '?'}"
        )
        what = f" {item.column} {item.value!r}" if item.column else f" {item.value}"
        yield Text(zh="{where}{what}：{why}", en="{where}{what}: {why}").fill(
            where=where, what=what, why=REASONS[item.reason].text
        )


def listed(parts: Sequence[Text]) -> Text:
    """Return several things in one text."""
    return Text(zh="、".join(p.zh for p in parts), en=", ".join(p.en for p in parts))


def _joined(parts: list[Text], en: str = "; ") -> Text:
    return Text(zh="；".join(p.zh for p in parts), en=en.join(p.en for p in parts))
