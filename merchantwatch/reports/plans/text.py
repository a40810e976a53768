"""A plan as text: what it saves and averts, then the orders of each warehouse."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import IO

from merchantwatch.language.text import Text
from merchantwatch.reports.page import Page, padded
from merchantwatch.reports.plans.parcels import products, warehouse
from merchantwatch.results.records import Finding
from merchantwatch.results.wording import clock, money
from merchantwatch.tasks.backlog import Parcel
from merchantwatch.tasks.dangers import Danger
from merchantwatch.tasks.planning import Plan, Planned

MOST_DANGERS = 5
"""How many dangers the text names; all are in JSON."""

_MOST_LINES = 3
"""How many lines of text a parcel has; CSV and JSON have all of it."""

_LABEL_WIDTH = 12
_LABELS = {
    "unjudged": Text(zh="未判定", en="Not judged"),
    "unweighed": Text(zh="未计入", en="Not weighed"),
    "pack": Text(zh="打包", en="Pack"),
    "hand": Text(zh="交快递", en="Hand over"),
    "saves": Text(zh="可保", en="Saves"),
    "averts": Text(zh="避免触线", en="Averts"),
    "not": Text(zh="未能避免", en="Not averted"),
    "lost": Text(zh="无法挽回", en="Lost anyway"),
    "more": Text(zh="再多打包", en="More"),
}
_NOWHERE = Text(zh="未写仓库", en="no warehouse named")
_HAND_OVER = Text(zh="已打包，交快递揽收", en="packed already: hand over to the carrier")

_PACK = Text(zh="{n} 单，余 {left} 单", en="{n|order}, {left} {left|is|are} left")
_HAND = Text(
    zh="{n} 单已打包、未揽收，不占名额；交出可保 {saved}",
    en="{n|order} {n|is|are} packed but not scanned, besides these; that saves {saved}",
)
_SAVES = Text(
    zh="共 {saved}（任何选法至多 {bound}）；全部打包还可保 {unsaved}",
    en="{saved} in all (no choice saves more than {bound}); all of them {unsaved} more",
)
_MORE = Text(zh="{n} 单（约一小时）再保 {saved}", en="{n|parcel}, an hour of packing: {saved} more")
_UNWEIGHED = Text(
    zh="按天数计的规则不在计划内，先发这些商品到期的订单：{named}",
    en="rules that count days are left out; ship what is due of these first: {named}",
)


def render(planned: Planned, file: IO[bytes]) -> None:
    """Write a plan; where nothing was judged, only that."""
    page = Page(file, planned.lang)
    page.line(f"merchantwatch plan · {planned.as_of} → {planned.plan.until}", "bold")
    if planned.nothing:
        page.line(planned.nothing.of(planned.lang), "yellow")
        page.write()
        return
    for label, text in _summary(planned):
        page.row(padded(_LABELS[label].of(planned.lang), _LABEL_WIDTH), text.of(planned.lang))
    # The list goes to those who pack: with one shop its name at each order is only noise.
    several = len({p.order[:2] for p in (*planned.plan.packed, *planned.plan.uploaded)}) > 1
    # The plan is sorted by warehouse, which groupby needs.
    for place, parcels in groupby(planned.plan.packed, warehouse):
        _list(page, place or _NOWHERE.of(planned.lang), parcels, several=several)
    if planned.plan.uploaded:
        _list(page, _HAND_OVER.of(planned.lang), planned.plan.uploaded, several=several)
    page.write()


def _list(page: Page, heading: str, parcels: Iterable[Parcel], *, several: bool) -> None:
    page.heading(heading, most=1)
    for parcel in parcels:
        shop = f"  {parcel.order[1] or parcel.order[0]}" if several else ""
        what = f"{parcel.order[2]}{shop}  {products(parcel)}"
        page.row(f"  {clock(parcel.due_at):19}  ", what, most=_MOST_LINES)


def _summary(planned: Planned) -> Iterator[tuple[str, Text]]:
    """Yield what stands above the orders, each with its label."""
    yield "unjudged", planned.unjudged
    if planned.unweighed:
        yield "unweighed", _UNWEIGHED.fill(named=_products(planned.unweighed))
    yield from _of_plan(planned.plan)


def _of_plan(plan: Plan) -> Iterator[tuple[str, Text]]:
    yield "pack", _PACK.fill(n=f"{len(plan.packed):,}", left=f"{plan.left:,}")
    if plan.uploaded:
        yield (
            "hand",
            _HAND.fill(n=f"{len(plan.uploaded):,}", saved=money(plan.handed_over, plan.currency)),
        )
    # The bound stands beside what is saved even where both are equal: that says it is the best.
    sums = {
        name: money(getattr(plan, name), plan.currency) for name in ("saved", "bound", "unsaved")
    }
    yield "saves", _SAVES.fill(**sums)
    if plan.averted:
        yield "averts", _dangers(plan.averted, plan.currency)
    if plan.unaverted:
        yield "not", _dangers(plan.unaverted, plan.currency)
    if plan.lost_anyway:
        yield "lost", Text.same(money(plan.lost_anyway, plan.currency))
    if plan.left:
        yield "more", _MORE.fill(n=f"{plan.more:,}", saved=money(plan.more_saved, plan.currency))


def _products(findings: Sequence[Finding]) -> str:
    named = [f"{finding.code} {finding.product_name or finding.key}" for finding in findings]
    rest = f" … +{len(named) - MOST_DANGERS:,}" if len(named) > MOST_DANGERS else ""
    return "; ".join(named[:MOST_DANGERS]) + rest


def _dangers(dangers: Sequence[Danger], currency: str) -> Text:
    """Name the most expensive dangers; further ones are counted with their worth."""
    by_worth = sorted(dangers, key=lambda danger: -danger.worth)
    rest = by_worth[MOST_DANGERS:]
    if not rest:
        return _named(by_worth, currency)
    return Text(
        zh="{named}；另有 {n} 项 {worth}，见 -o json",
        en="{named}; {n} more, {worth}: -o json",
    ).fill(
        named=_named(by_worth[:MOST_DANGERS], currency),
        n=f"{len(rest):,}",
        worth=money(sum((danger.worth for danger in rest), Decimal(0)), currency),
    )


def _named(dangers: Sequence[Danger], currency: str) -> Text:
    each = [
        (d.code, " ".join(filter(None, (d.place[2], d.place[1]))), money(d.worth, currency))
        for d in dangers
    ]
    return Text(
        zh="; ".join(f"{code} {key or '店铺'} {worth}" for code, key, worth in each),
        en="; ".join(f"{code} {key or 'the shop'} {worth}" for code, key, worth in each),
    )
