"""``notify``: test channels, and send waiting alerts."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from merchantwatch.commands.alerting import sent
from merchantwatch.commands.concluding import conclude
from merchantwatch.config import HistoryPlace
from merchantwatch.errors import OutputError, UsageError
from merchantwatch.language.suggestions import meant
from merchantwatch.language.text import Text
from merchantwatch.run.places import place_of
from merchantwatch.settings import Settings, resolve
from merchantwatch.support.streams import complain
from merchantwatch.support.writing import show

if TYPE_CHECKING:
    from merchantwatch.notify.channels import Channel
    from merchantwatch.notify.outcomes import Outcome

_TRIED = Text(zh="{name}：{how}\n", en="{name}: {how}\n")
_DROPPED = Text(zh="{name}：已放弃 {n} 条待发消息\n", en="{name}: waiting messages given up: {n}\n")
_NOTHING = Text(
    zh="merchantwatch: {place} 尚无历史记录，没有待发送的通知",
    en="merchantwatch: there is no history at {place} yet: nothing waits",
)
_MISSED = Text(zh="渠道 {name}：{why}", en="channel {name}: {why}")


def test(names: Sequence[str], config: str | None, lang: str | None) -> int:
    """Send one harmless message to each channel, or to those named, and print the outcomes."""
    settings = resolve({"lang": lang}, config)
    return conclude(list(_tried(_chosen(settings, names), settings.lang)), settings.lang)


def flush(config: str | None, lang: str | None, history: bool | None, drop: str | None) -> int:
    """Send waiting alerts, even in quiet hours; before that, give up those for ``drop``."""
    from merchantwatch.history.lock import locked
    from merchantwatch.notify.channels import policy_of

    settings = resolve({"lang": lang, "history": history}, config)
    if settings.history is None:
        raise UsageError(
            "alerts wait in a history: add [history] or --history",
            "通知保存在历史记录中：请添加 [history] 或 --history",
        )
    policy, place = policy_of(settings.notify), place_of(settings.history)
    # Opening would create it: a mistyped --config must not leave an empty history.
    if isinstance(place, Path) and not place.exists():
        complain(_NOTHING.fill(place=place).of(settings.lang))
        return 0
    # A run that is recording may be sending the same alerts at this moment.
    with locked(place):
        if drop is not None:
            _drop(settings.history, drop, settings.lang)
        missed = list(sent(policy, settings.history, settings.lang, None))
    return conclude(missed, settings.lang)


def _drop(history: HistoryPlace, channel: str, lang: str) -> None:
    from merchantwatch.history.store import opened
    from merchantwatch.notify import attempts

    with opened(place_of(history)) as store, store.writing() as connection:
        number = attempts.drop(connection, channel)
    show(_DROPPED.fill(n=number, name=channel).of(lang))


def _tried(channels: Sequence["Channel"], lang: str) -> Iterator[tuple[int, Text]]:
    """Send a test message to each channel; yield the failures, wrong settings first."""
    from merchantwatch.notify.receivers import receiver_of

    missed: list[tuple[int, Text]] = []
    for channel in channels:
        try:
            # Not through the outbox: a trial is no alert, and must work without a history.
            outcome = receiver_of(channel).try_out(lang)
        except OutputError as error:
            show(f"{error.message(lang)}\n")
            yield UsageError.exit_code, Text(zh=error.zh, en=error.en)
            continue
        show(_TRIED.fill(name=channel.name, how=outcome.why).of(lang))
        missed += _missed(channel.name, outcome)
    yield from missed


def _missed(name: str, outcome: "Outcome") -> Iterator[tuple[int, Text]]:
    if outcome.kind != "sent":
        yield OutputError.exit_code, _MISSED.fill(name=name, why=outcome.why)


def _chosen(settings: Settings, names: Sequence[str]) -> list["Channel"]:
    """Return the channels of these names, or all. Raises UsageError where there are none."""
    from merchantwatch.notify.channels import policy_of

    policy = policy_of(settings.notify)
    if not policy.channels:
        raise UsageError(
            "merchantwatch.toml names no channel; see docs/notifications.md",
            "merchantwatch.toml 未配置通知渠道，见 docs/notifications.md",
        )
    for name in names:
        if policy.channel(name) is None:
            hint = meant(name, [channel.name for channel in policy.channels])
            raise UsageError(
                f"[notify] has no channel {name[:40]}{hint.en}",
                f"[notify] 没有渠道 {name[:40]}{hint.zh}",
            )
    return [channel for channel in policy.channels if not names or channel.name in names]
