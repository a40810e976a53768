"""Receivers of deliveries: a plain webhook, or a chat or mail through apprise."""

from collections.abc import Mapping, Sequence
from secrets import token_hex
from typing import Protocol

from merchantwatch.errors import OutputError
from merchantwatch.language.text import Text
from merchantwatch.notify import webhook
from merchantwatch.notify.alerts import Alert, counted, payload
from merchantwatch.notify.channels import Channel, Policy
from merchantwatch.notify.chat import Chat
from merchantwatch.notify.messages import Message, message
from merchantwatch.notify.outcomes import Outcome
from merchantwatch.notify.services import is_of_a_service


class Parcel(Protocol):
    """The content of one request."""

    @property
    def delivery_id(self) -> str:
        """The same on every attempt."""

    @property
    def run(self) -> str:
        """The run whose alerts these are."""

    @property
    def attempts(self) -> int:
        """How many attempts have begun, before this one."""

    @property
    def unclear(self) -> bool:
        """Whether an earlier attempt may have arrived."""

    @property
    def counts(self) -> Mapping[str, int]:
        """How many alerts in each state, and how many items are open."""

    @property
    def alerts(self) -> Sequence[Alert]:
        """The alerts themselves."""


class Receiver(Protocol):
    """A service that deliveries are sent to."""

    def send(self, parcel: Parcel, lang: str) -> Outcome:
        """Make one attempt, bounded in time."""

    def try_out(self, lang: str) -> Outcome:
        """Send a harmless test message."""


def receiver_of(channel: Channel) -> Receiver:
    """Return the receiver of a channel.

    Raises OutputError if its address is missing or invalid, or apprise is missing.
    """
    address = channel.address()
    if not _is_plain(address):
        return _Chat(Chat(channel.name, channel.variable, address))
    if not webhook.is_address(address):
        raise OutputError(
            f"channel {channel.name}: what {channel.variable} holds is no address",
            f"渠道 {channel.name}：{channel.variable} 的值不是有效地址",
        )
    return _Webhook(address)


def plain_webhooks(policy: Policy) -> frozenset[str]:
    """Return the names of the channels that are plain webhooks, as far as their addresses say."""
    found = set()
    for channel in policy.channels:
        try:
            address = channel.address()
        # Reported when something has to be sent to it.
        except OutputError:
            continue
        if _is_plain(address):
            found.add(channel.name)
    return frozenset(found)


def _is_plain(address: str) -> bool:
    scheme = address.partition(":")[0].lower()
    return scheme in ("http", "https") and not is_of_a_service(address)


class _Webhook:
    def __init__(self, address: str) -> None:
        self._address = address

    def send(self, parcel: Parcel, lang: str) -> Outcome:
        body = payload(
            parcel.alerts,
            parcel.counts,
            delivery_id=parcel.delivery_id,
            run=parcel.run,
            attempt=parcel.attempts + 1,
            lang=lang,
        )
        return webhook.post(self._address, body)

    def try_out(self, lang: str) -> Outcome:
        # Random, so that a receiver that drops repeated ids shows every test.
        named = f"test-{token_hex(8)}"
        body = payload((), counted((), 0), delivery_id=named, run="test", attempt=1, lang=lang)
        return webhook.post(self._address, {**body, "test": True})


class _Chat:
    def __init__(self, chat: Chat) -> None:
        self._chat = chat

    def send(self, parcel: Parcel, lang: str) -> Outcome:
        shown = message(
            parcel.alerts,
            parcel.counts,
            delivery_id=parcel.delivery_id,
            lang=lang,
            fits=self._chat.takes,
            again=parcel.unclear,
        )
        return self._chat.send(shown)

    def try_out(self, lang: str) -> Outcome:
        return self._chat.send(Message("merchantwatch", _TRIED_OUT.of(lang)))


_TRIED_OUT = Text(
    zh="这是一条测试消息：此渠道可以收到合规风险通知，无需处理。",
    en="This is a test: alerts of Compliance risks will arrive here. Nothing has to be done.",
)
