"""The money of a rule in words: its tiers, bounds and caps, and what was in force when."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from merchantwatch.language.text import Text
from merchantwatch.results.wording import money
from merchantwatch.rules import Penalty, Rule, RuleVersion, Tier

_BASES = {
    "amount": Text(zh="订单金额", en="the amount"),
    "refund_amount": Text(zh="退款金额", en="the refund"),
}


def costs(rule: Rule) -> Iterator[Text]:
    """Yield what a hit costs, a tier each; of several versions the newest counts."""
    penalty = rule.penalties[-1]
    if penalty is not None:
        yield from _penalty(penalty)


def dated(version: RuleVersion) -> Text:
    """Return from when on a version holds, its last day too, and what it costs."""
    # `until` is the first day that no longer counts; a reader expects the last one that does.
    until = f" – {version.until - timedelta(days=1)}" if version.until else ""
    parts = list(_penalty(version.penalty)) if version.penalty else []
    shown = Text(zh="；".join(p.zh for p in parts), en="; ".join(p.en for p in parts))
    since = f"{version.since}{until or ' –'}"
    text = Text(zh=f"{since}：{shown.zh}", en=f"{since}: {shown.en}") if parts else Text.same(since)
    if version.source is None:
        return text
    source = version.source
    read = f"{source.clause} — {source.where} ({source.confidence})"
    return Text(zh=f"{text.zh}；{read}", en=f"{text.en}; {read}")


def _penalty(penalty: Penalty) -> Iterator[Text]:
    for tier in penalty.tiers:
        yield _tier(tier, penalty)
    if penalty.each == "strike":
        yield Text(zh="每次判定都收取", en="for each strike")
    for per, most in penalty.caps.items():
        yield Text(zh=f"每 {per} 合计不超过 {money(most)}", en=f"at most {money(most)} per {per}")
    # A tier may have its own bound, else the one of its clause holds.
    of_buyer = {tier.buyer_day or penalty.buyer_day for tier in penalty.tiers}
    if bounds := sorted(bound for bound in of_buyer if bound is not None):
        amounts = " / ".join(map(money, bounds))
        zh = f"同一买家同一天付款的订单，各条款合计不超过 {amounts}"
        yield Text(zh=zh, en=f"all clauses: {amounts} at most for one buyer and day of payment")
    if penalty.beyond is not None:
        less = _paid(penalty.beyond, _BASES[penalty.of])
        yield Text(
            zh=f"扣除前一条款已赔的{less.zh}", en=f"less what the one before takes, {less.en}"
        )
    if penalty.on_top:
        yield Text(zh="与其他条款的赔付叠加", en="on top of what other clauses cost the same line")


def _tier(tier: Tier, penalty: Penalty) -> Text:
    paid = _paid(tier, _BASES[penalty.of])
    if penalty.round_to == "yuan":
        paid = Text(zh=f"{paid.zh}，四舍五入到元", en=f"{paid.en}, to the yuan, halves up")
    if tier.up_to is not None:
        bound = money(tier.up_to)
        paid = Text(zh=f"不超过 {bound}：{paid.zh}", en=f"up to {bound}: {paid.en}")
    if tier.when is not None:
        paid = Text(zh=f"{tier.when}：{paid.zh}", en=f"{tier.when}: {paid.en}")
    return paid


def _paid(tier: Tier, base: Text) -> Text:
    if tier.fixed is not None:
        return Text(zh=money(tier.fixed), en=money(tier.fixed))
    # Normalised: 30.00 % in a pack reads as 30 %.
    share = f"{(tier.percent or Decimal(0)).normalize():f}%"
    zh, en = [f"{base.zh}的 {share}"], [f"{share} of {base.en}"]
    if tier.minimum is not None:
        zh.append(f"最低 {money(tier.minimum)}")
        en.append(f"at least {money(tier.minimum)}")
    if tier.maximum is not None:
        zh.append(f"最高 {money(tier.maximum)}")
        en.append(f"at most {money(tier.maximum)}")
    return Text(zh="，".join(zh), en=", ".join(en))
