"""Changes in the history → alerts. Pure functions."""

from collections.abc import Mapping, Sequence

from merchantwatch.history.episodes import Change
from merchantwatch.history.items import Item
from merchantwatch.language.text import Text
from merchantwatch.notify.alerts import Alert

_CLOSED = {
    "resolved": Text(zh="已解决", en="resolved"),
    "gone": Text(zh="已不在导出中，结果未知", en="no longer in any export, outcome unknown"),
    "suppressed": Text(zh="已按忽略名单不再提示", en="on the ignore list by now"),
    "over": Text(zh="时限已过，未处理", en="its deadline is over, and it was not done"),
    "deselected": Text(zh="该规则已不再选用", en="its rule is no longer selected"),
    "not-in-force": Text(zh="该规则已失效", en="its rule is no longer in force"),
}
_WORSENED = Text(zh="恶化", en="worse")


def alerts_of(changes: Sequence[Change]) -> list[Alert]:
    """Return the alerts that a run raises, in the order of its changes."""
    # Of all changes: a task worsens with a finding that itself raises no alert.
    levels = {change.item.fingerprint: _level_alone(change.item) for change in changes}
    return [_alert(change, levels) for change in changes if change.alert is not None]


def open_items(changes: Sequence[Change]) -> int:
    """Return how many items that raise alerts are open after a run."""
    # A finding that a task resolves raises none: the task's alert covers it.
    return sum(change.reason is None and not change.item.has_task for change in changes)


def _alert(change: Change, levels: Mapping[str, str]) -> Alert:
    item = change.item
    return Alert(
        fingerprint=item.fingerprint,
        episode=change.episode,
        state=change.alert or "opened",
        status=change.status,
        kind=item.kind,
        code=item.code,
        platform=item.platform,
        shop=item.shop,
        scope=item.scope,
        key=item.key,
        severity=item.severity,
        due_at=item.due_at,
        owner=item.owner,
        text=_text(change),
        level=_level(item, levels),
        reason=change.reason,
    )


def _level(item: Item, levels: Mapping[str, str]) -> str:
    """Return how bad an item is, together with the findings that it resolves."""
    findings = (f"{name} {levels.get(name, '')}" for name in sorted(item.findings))
    return "; ".join((_level_alone(item), *findings))


def _level_alone(item: Item) -> str:
    """Return the measures of an item that make it worse when they rise."""
    return f"{item.severity} {item.state} {item.strikes} {item.penalty}"


def _text(change: Change) -> Text:
    text = change.item.text
    if change.alert == "closed":
        what = _CLOSED[change.reason or "resolved"]
    elif change.alert == "worsened":
        what = _WORSENED
    else:
        return text
    return Text(zh=f"{what.zh}：{text.zh}", en=f"{what.en}: {text.en}")
