"""The alerts of a run: written in its transaction, and sent after its reports."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from merchantwatch.config import HistoryPlace
from merchantwatch.errors import OutputError
from merchantwatch.language.text import Text
from merchantwatch.run.places import place_of
from merchantwatch.settings import Settings
from merchantwatch.support import log
from merchantwatch.support.streams import complain

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from merchantwatch.history.recording import Hook, Recorded
    from merchantwatch.notify.channels import Policy
    from merchantwatch.notify.sending import Sent
    from merchantwatch.results.past import Guard

_NO_HISTORY = Text(
    zh="merchantwatch: [notify] 需要历史记录才能知道变化：本次不发送通知"
    "（加上 [history] 或 --history）",
    en="merchantwatch: [notify] needs a history to know what has changed: nothing is sent "
    "(add [history] or --history)",
)
_REPEATED = Text(
    zh="merchantwatch: {n} 条消息此前未收到答复，已用原编号重发，对方可能收到两次",
    en="merchantwatch: messages that were not answered before, sent again under the same id, "
    "so that they may have arrived twice: {n}",
)


class Alerting:
    """The alerts of one run, as ``[notify]`` configures them, if it does.

    Raises UsageError for invalid settings. ``by_flag`` is the flag of the history: without a
    history there are no alerts.
    """

    def __init__(self, settings: Settings, *, by_flag: bool | None) -> None:
        self._settings = settings
        self._policy: Policy | None = None
        if not settings.notify.channels:
            return
        from merchantwatch.notify.channels import policy_of

        policy = policy_of(settings.notify)
        if settings.history is not None:
            self._policy = policy
        # Not for --no-history, by which the user has decided against alerts.
        elif by_flag is None:
            complain(_NO_HISTORY.of(settings.lang))

    @property
    def hooks(self) -> Sequence["Hook"]:
        """The hooks that write in the transaction of the run."""
        return [self._write] if self._policy else []

    def _write(self, connection: "Connection", recorded: "Recorded") -> "Sequence[Guard]":
        """Write the deliveries of a run, and return what earlier ones could not deliver."""
        from merchantwatch.notify import attempts, outbox
        from merchantwatch.notify.receivers import plain_webhooks
        from merchantwatch.notify.undelivered import guard_of

        policy = self._policy
        if policy is None:
            return ()
        outbox.enqueue(
            connection,
            policy,
            recorded.changes,
            run_id=recorded.run.id,
            as_of=recorded.run.as_of,
            baseline=recorded.baseline,
            one_by_one=plain_webhooks(policy),
        )
        return [guard_of(missed) for missed in attempts.unreported(connection)]

    def send(self) -> Iterator[tuple[int, Text]]:
        """Send waiting deliveries, and yield why some are still waiting."""
        settings = self._settings
        if self._policy and settings.history and not settings.dry_run:
            yield from sent(self._policy, settings.history, settings.lang, settings.as_of)


def sent(
    policy: "Policy", history: HistoryPlace, lang: str, as_of: "datetime | None"
) -> Iterator[tuple[int, Text]]:
    """Send the deliveries waiting in a history (``sending.send``); yield why some still wait."""
    from merchantwatch.history.store import opened
    from merchantwatch.notify.sending import send
    from merchantwatch.notify.undelivered import text_of

    try:
        with opened(place_of(history)) as store:
            done = send(store, policy, lang=lang, as_of=as_of)
    except OutputError as error:
        yield error.exit_code, Text(zh=error.zh, en=error.en)
        return
    _report(done, lang)
    for missed in done.undelivered:
        yield OutputError.exit_code, text_of(missed)


def _report(done: "Sent", lang: str) -> None:
    """Log the deliveries, and print how many may arrive twice."""
    alerts = sum(one.alerts for one in done.undelivered)
    log.event("alerts", deliveries=done.deliveries, repeated=done.repeated, undelivered=alerts)
    if done.repeated:
        complain(_REPEATED.fill(n=done.repeated).of(lang))
