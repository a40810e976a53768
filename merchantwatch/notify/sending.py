"""Sending waiting deliveries, with retries, recorded states, and in bounded time."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct, field
from msgspec.structs import replace

from merchantwatch.errors import OutputError
from merchantwatch.history.store import Store
from merchantwatch.language.text import Text
from merchantwatch.notify import attempts
from merchantwatch.notify.attempts import Undelivered, Waiting
from merchantwatch.notify.channels import Policy
from merchantwatch.notify.outcomes import Outcome
from merchantwatch.notify.receivers import Receiver, receiver_of
from merchantwatch.support import log

PAUSES = (1.0, 4.0)
"""Seconds between the attempts that one run makes to send a delivery."""

MOST_FAILURES = 3
"""After this many failed deliveries in a row, the others of a channel wait for the next run."""

SECONDS_OF_A_CHANNEL = 300.0
"""After this time no further attempt to a channel begins."""


class Sent(Struct):
    """The outcome of sending: deliveries sent, and how many of them may arrive twice."""

    deliveries: int = 0
    repeated: int = 0
    undelivered: tuple[Undelivered, ...] = ()


def send(
    store: Store,
    policy: Policy,
    *,
    lang: str,
    as_of: datetime | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Sent:
    """Send waiting deliveries, unless ``as_of`` is in the quiet hours; None: send now in any case.

    Raises HistoryError where the history cannot record an attempt: then no more are made.
    """
    if as_of is not None and policy.holds_back(as_of):
        return Sent()
    with store.writing() as connection:
        attempts.release(connection)
        queue = attempts.waiting(connection)
    sender = _Sender(store, policy, lang, pause)
    for name in dict.fromkeys(delivery.channel for delivery in queue):
        missed = sender.send_to(name, [item for item in queue if item.channel == name])
        sender.sent.undelivered += tuple(missed)
    return sender.sent


class _Sender(Struct):
    store: Store
    policy: Policy
    lang: str
    pause: Callable[[float], None]
    sent: Sent = field(default_factory=Sent)

    def send_to(self, name: str, queue: Sequence[Waiting]) -> Iterator[Undelivered]:
        """Send the deliveries of one channel; yield those that fail, with the last reason."""
        channel = self.policy.channel(name)
        if channel is None:
            yield _missed(name, queue, _UNNAMED.fill(name=name))
            return
        try:
            receiver = receiver_of(channel)
        except OutputError as error:
            yield _missed(name, queue, Text(zh=error.zh, en=error.en))
            return
        yield from self._send_all(name, receiver, queue)

    def _send_all(
        self, name: str, receiver: Receiver, queue: Sequence[Waiting]
    ) -> Iterator[Undelivered]:
        until = time.monotonic() + SECONDS_OF_A_CHANNEL
        left: list[Waiting] = []
        in_a_row, why = 0, _LATE
        for delivery in queue:
            if in_a_row >= MOST_FAILURES or time.monotonic() > until:
                left.append(delivery)
                continue
            # A receiver that has just failed gets no pauses and retries for further deliveries.
            outcome = self._send_one(receiver, delivery, () if in_a_row else PAUSES)
            if outcome.kind == "sent":
                in_a_row = 0
                self.sent.deliveries += 1
                self.sent.repeated += outcome.again
            elif outcome.kind == "refused":
                yield Undelivered(name, len(delivery.alerts), refused=True, why=outcome.why)
            else:
                in_a_row, why = in_a_row + 1, outcome.why
                left.append(delivery)
        if left:
            yield _missed(name, left, why)

    def _send_one(self, receiver: Receiver, delivery: Waiting, pauses: Sequence[float]) -> Outcome:
        """Send one delivery, in at most one attempt more than there are pauses."""
        # The attempt is recorded before it begins, and its outcome after: if the process ends in
        # between, the next run knows that the receiver may have it already.
        for wait in (*pauses, None):
            with self.store.writing() as connection:
                if not attempts.claim(connection, delivery):
                    return _ELSEWHERE
            outcome = receiver.send(delivery, self.lang)
            with self.store.writing() as connection:
                attempts.mark(connection, delivery, outcome)
            log.event(
                "delivery",
                channel=delivery.channel,
                delivery_id=delivery.delivery_id,
                attempt=delivery.attempts + 1,
                alerts=len(delivery.alerts),
                outcome=outcome.kind,
                why=outcome.why.of(self.lang),
            )
            if wait is None or outcome.kind in ("sent", "refused"):
                break
            delivery = attempts.after(delivery, outcome)
            self.pause(max(wait, outcome.wait or 0))
        return replace(outcome, again=delivery.unclear)


_ELSEWHERE = Outcome(
    "failed", Text(zh="另一个进程正在发送", en="another process is sending it at this moment")
)
_UNNAMED = Text(
    zh="配置中没有渠道 {name}；请恢复该渠道，或运行 merchantwatch notify flush --drop {name} 放弃",
    en="merchantwatch.toml names no channel {name}; name it again, or give these alerts up with "
    "merchantwatch notify flush --drop {name}",
)


_LATE = Text(zh="本次发送时间已用完", en="the time for sending is up")


def _missed(name: str, queue: Sequence[Waiting], why: Text) -> Undelivered:
    return Undelivered(
        name, sum(len(delivery.alerts) for delivery in queue), refused=False, why=why
    )
