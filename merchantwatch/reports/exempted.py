"""Exemptions in words: what each is for, what it does, and why it does nothing."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from merchantwatch.language.plurals import number_of
from merchantwatch.language.text import Text
from merchantwatch.results.model import Results
from merchantwatch.results.records import Exempted
from merchantwatch.results.wording import clock
from merchantwatch.rules import Exemption

MOST_TARGETS = 3
"""How many orders, products, regions or shops of an exemption are named."""

_HOUR = 3600

_STATES = {
    "applied": Text(zh="已采用，免去或顺延 {n} 项命中", en="applied to {n|hit}"),
    "pending": Text(
        zh="尚未批准，未采用；批准后可免去或顺延 {n} 项命中",
        en="not approved, not applied; it would be to {n|hit}",
    ),
    "covered": Text(
        zh="{n} 项命中已由另一条豁免覆盖", en="all its {n|hit} {n|is|are} exempt by another row"
    ),
    "idle": Text(
        zh="有 {lines} 行订单符合，但期间内没有需要豁免的命中",
        en="it is for {lines|line}, of which none has anything to lift in its period",
    ),
    "unmatched": Text(
        zh="没有匹配到任何订单行：请核对订单号、商品ID、地区或店铺",
        en="it matched no line: check the order, product, region or shop",
    ),
}
_EVERY_SHOP = Text(zh="全部店铺", en="every shop")


class ExemptionRow(Struct, frozen=True):
    """One exemption in words; ``state`` says whether it has an effect."""

    state: str
    row: int
    what: Text
    effect: Text
    reason: str
    outcome: Text

    @property
    def line(self) -> Text:
        """The whole exemption in one line."""
        return Text(
            zh="第 {row} 行 {what}，{effect}（{reason}）：{outcome}",
            en="row {row}, {what}, {effect} ({reason}): {outcome}",
        ).fill(
            row=self.row,
            what=self.what,
            effect=self.effect,
            outcome=self.outcome,
            reason=self.reason,
        )


def rows(results: Results) -> Iterator[ExemptionRow]:
    """Yield the exemptions of a run, those that need a look first."""
    # Those that do nothing come first: a mistyped order number must not go unnoticed.
    order = ("unmatched", "pending", "applied", "covered", "idle")
    for item in sorted(results.exemptions, key=lambda item: order.index(item.state)):
        yield _row(item)


def _row(item: Exempted) -> ExemptionRow:
    given = item.exemption
    outcome = _STATES[item.state].fill(
        n=f"{item.applied if item.state == 'applied' else item.hits:,}", lines=f"{item.lines:,}"
    )
    return ExemptionRow(item.state, given.row, _what(given), _effect(given), given.reason, outcome)


def _what(given: Exemption) -> Text:
    named = (given.orders, given.products, given.regions, given.shops)
    parts = [_few(values) for values in named if values]
    if not parts:
        # Without an order, a product, a region or a shop it is for everything.
        return _EVERY_SHOP
    if given.rules:
        parts.append(" ".join(given.rules))
    text = " · ".join(parts)
    return Text.same(text)


def _few(values: tuple[str, ...]) -> str:
    return " ".join(values[:MOST_TARGETS]) + (" …" if len(values) > MOST_TARGETS else "")


def _effect(given: Exemption) -> Text:
    effect = Text(zh="不计", en="not counted")
    if given.extended_to:
        effect = Text(zh="顺延至 {t}", en="until {t}").fill(t=clock(given.extended_to))
    elif given.extend_by:
        hours = given.extend_by // _HOUR
        effect = Text(zh=f"顺延 {hours} 小时", en=f"{number_of(hours, 'hour')} longer")
    if given.since or given.until:
        period = f"{_end(given.since)} – {_end(given.until)}"
        return Text(zh=f"{period} {effect.zh}", en=f"{period} {effect.en}")
    return effect


def _end(moment: datetime | None) -> str:
    return clock(moment) if moment else "…"
