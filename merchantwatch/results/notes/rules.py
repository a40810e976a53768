"""Notes on the rules of a run: that none judged, the period they cover, their last review."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from merchantwatch.language.text import Text
from merchantwatch.pipeline.plan import Plan
from merchantwatch.results import unjudged
from merchantwatch.results.accounting import Tally
from merchantwatch.results.notes.files import export_of, some_of
from merchantwatch.results.records import NOTHING_JUDGED, Note, Outcome
from merchantwatch.rules import Rulebook
from merchantwatch.settings import Settings

UNREVIEWED_AFTER = timedelta(days=180)
"""A pack not compared with its sources for longer than this may state outdated numbers."""


def nothing_judged(book: Rulebook, tally: Tally, outcomes: Sequence[Outcome]) -> Iterator[Note]:
    """Note why no line was judged by any rule, if so."""
    evaluated = [outcome for outcome in outcomes if outcome.status == "evaluated"]
    none = all(outcome.unjudged >= _lines_of(book, tally, outcome) for outcome in evaluated)
    statuses = {outcome.status for outcome in outcomes}
    why = unjudged.nothing_judged(tally.accounting(), statuses, each_unjudged=none)
    if why:
        yield Note(NOTHING_JUDGED, 0, why)


def _lines_of(book: Rulebook, tally: Tally, outcome: Outcome) -> int:
    """Return how many lines a rule is for; the risk is for all of them."""
    bound = book.of_code(outcome.code)
    of = tally.platforms
    return sum(
        lines
        for source, lines in tally.lines_by_source.items()
        if not bound or any(bound.judges(platform) for platform in of[source])
    )


def window(book: Rulebook, plan: Plan, tally: Tally) -> Iterator[Note]:
    """Note the period that a count without a window covers."""
    # The clause of DY101 states no period, so that its count depends on what was exported.
    bound = book.of_code("DY101")
    created = tally.created
    if bound not in plan.rules or bound is None or bound.rule.window_days or not created:
        return
    yield Note(
        "period-covered",
        tally.total("lines"),
        Text(
            zh="DY101 没有期限，统计的是导出覆盖的全部订单（{first} 至 {last}）；"
            "可在 merchantwatch.toml 的 [rules.DY101] 设置 window_days",
            en="DY101 knows no window: it counts all orders in the export ({first} to {last}); "
            "set window_days under [rules.DY101] in merchantwatch.toml",
        ).fill(first=created[0].isoformat(), last=created[1].isoformat()),
    )


def unreviewed(settings: Settings, plan: Plan) -> Iterator[Note]:
    """Note the rules that were last compared with their sources too long ago."""
    old = [b for b in plan.rules if settings.as_of.date() - b.reviewed > UNREVIEWED_AFTER]
    if old:
        yield Note(
            "pack-unreviewed",
            0,
            Text(
                zh="{codes} 的规则包自 {day} 起未再核对（超过 180 天），平台规则可能已变",
                en="the packs of {codes} were last reviewed on {day}, more than 180 days ago: "
                "the platform's rules may have changed",
            ).fill(codes=some_of([b.code for b in old]), day=min(b.reviewed for b in old)),
        )


_LEFT_OUT = {"shipped_at": Text(zh="已发货的订单", en="shipped orders")}
"""Names of lines that an export leaves out, by the event that they have had."""


def shares_of_a_part(book: Rulebook, tally: Tally) -> Iterator[Note]:
    """Note the exports from which no share is computed, since they leave out some lines."""
    for source, row in tally.by_source.items():
        export = export_of(tally, source)
        judged = [b for b in book.rules if any(map(b.judges, tally.platforms[source]))]
        rates = [bound.code for bound in judged if bound.rule.share is not None]
        if not export.form.holds_no or not rates:
            continue
        lines = [_LEFT_OUT.get(name, Text.same(name)) for name in export.form.holds_no]
        text = Text(
            zh="{file} 不含{lines}，不能据此算比率：{codes} 未按它判定；请加上全部订单的导出",
            en="{file} holds no {lines}, so it gives no share of lines: {codes} are not "
            "judged by it; add an export of all orders",
        )
        named = Text(zh="、".join(t.zh for t in lines), en=", ".join(t.en for t in lines))
        yield Note(
            "share-of-a-part",
            row["lines"],
            text.fill(file=export.label, lines=named, codes=" ".join(rates)),
        )
