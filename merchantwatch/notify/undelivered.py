"""The texts on undelivered alerts, for the end of a run and the top of the next report."""

from merchantwatch.language.text import Text
from merchantwatch.notify.attempts import Undelivered
from merchantwatch.results.past import Guard

CODE = "undelivered-alerts"
"""The code of the guard that earlier alerts have not been delivered."""

_WAITS = Text(
    zh="渠道 {channel}：{n} 条通知未送达，将再次发送（{why}）",
    en="channel {channel}: alerts not delivered, to be sent again: {n} ({why})",
)
_REFUSED = Text(
    zh="渠道 {channel}：{n} 条通知被对方拒绝，不再发送（{why}）",
    en="channel {channel}: alerts refused by the receiver, not sent again: {n} ({why})",
)


def text_of(missed: Undelivered) -> Text:
    """Return what a channel has not got, why, and whether it will be sent again."""
    text = _REFUSED if missed.refused else _WAITS
    return text.fill(n=f"{missed.alerts:,}", channel=missed.channel, why=missed.why)


def guard_of(missed: Undelivered) -> Guard:
    """Return the guard shown at the top of the next report. It does not concern the inputs."""
    return Guard(CODE, None, text_of(missed), ())
