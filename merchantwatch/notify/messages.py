"""The texts of alerts for chats and mail: changes only, grouped, and within a size."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from msgspec import Struct

from merchantwatch.language.text import Text
from merchantwatch.notify.alerts import STATES, Alert
from merchantwatch.notify.planning import grouped
from merchantwatch.reports.markdown import quoted
from merchantwatch.rules import SEVERITIES
from merchantwatch.tasks import owners

MOST_ITEMS = 20
"""At most this many items are listed in a message; the others are counted."""

_LONGEST_ITEM = 200
_LONGEST_SHOP = 40

_MARKS = {"opened": "🔴", "worsened": "🔺", "closed": "✅"}
_WORDS = {
    "title": Text(zh="合规风险：{counts}", en="Compliance risk: {counts}"),
    "opened": Text(zh="新增 {n}", en="{n} new"),
    "worsened": Text(zh="恶化 {n}", en="{n} worse"),
    "closed": Text(zh="结束 {n}", en="{n} closed"),
    "open": Text(zh="仍未结 {n}", en="{n} open in all"),
    "more": Text(zh="…… 另有 {n} 件，见报告", en="… and {n} more, see the report"),
    "again": Text(
        zh="此消息可能已发过一次（未收到答复）",
        en="This may have been sent before (no answer came)",
    ),
    "id": Text(zh="编号 {id}", en="id {id}"),
    "shopless": Text(zh="店铺", en="shop"),
    "ownerless": Text(zh="其他", en="others"),
}


class Message(Struct, frozen=True):
    """A message: a title in one line, and a body of several."""

    title: str
    body: str


def message(
    alerts: Sequence[Alert],
    counts: Mapping[str, int],
    *,
    delivery_id: str,
    lang: str,
    fits: Callable[[Message], bool],
    again: bool = False,
) -> Message:
    """Return the message that lists as many of the first 20 items as fit, the worst first.

    ``again``: it was sent before, and may have arrived.
    """
    # The size is known only after each service's own encoding, so fewer and fewer are tried.
    ranked = sorted(alerts, key=_rank)
    for listed in range(min(MOST_ITEMS, len(ranked)), -1, -1):
        lines = _lines(ranked, listed, delivery_id, lang, again=again)
        shown = Message(_title(counts, lang), "\n".join(lines))
        if fits(shown):
            # At 0 items it is sent as it is: there is nothing left to leave out.
            break
    return shown


def _rank(alert: Alert) -> tuple[bool, int, datetime, str]:
    """Return the sort key: open before closed, then by severity, then by deadline."""
    return (
        alert.state == "closed",
        -SEVERITIES.index(alert.severity),
        alert.due_at or datetime.max,  # noqa: DTZ901  wall-clock time
        alert.fingerprint,
    )


def _title(counts: Mapping[str, int], lang: str) -> str:
    states = [state for state in STATES if counts[state]]
    parts = [_WORDS[name].fill(n=f"{counts[name]:,}").of(lang) for name in (*states, "open")]
    return _WORDS["title"].fill(counts=" · ".join(parts)).of(lang)


def _lines(
    ranked: Sequence[Alert], listed: int, delivery_id: str, lang: str, *, again: bool
) -> Iterator[str]:
    if again:
        yield _WORDS["again"].of(lang)
    for (owner, shop), group in grouped(islice(ranked, listed)).items():
        named = quoted(shop, _LONGEST_SHOP) or _WORDS["shopless"].of(lang)
        yield f"【{_owner(owner, lang)} · {named}】"
        for alert in group:
            yield f"{_MARKS[alert.state]} {quoted(alert.text.of(lang), _LONGEST_ITEM)}"
    if len(ranked) > listed:
        yield _WORDS["more"].fill(n=f"{len(ranked) - listed:,}").of(lang)
    yield _WORDS["id"].fill(id=delivery_id).of(lang)


def _owner(code: str, lang: str) -> str:
    text = owners().get(code)
    return text.of(lang) if text else quoted(code) or _WORDS["ownerless"].of(lang)
