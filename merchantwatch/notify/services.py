"""Limits and answers of chat services, by ``services.toml``."""

import json
import re
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from merchantwatch.notify.messages import Message

_BESIDE_THE_TEXT = 200
"""Bytes of a request around the text of a message."""


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The properties of one service: see ``services.toml``."""

    bytes: int | None = None
    escaped: bool = False
    answer: str | None = None
    hosts: tuple[str, ...] = ()
    token: str | None = None

    def takes(self, message: Message, most: int) -> bool:
        """Say whether a message is small enough; ``most`` is apprise's limit for the service."""
        text = f"{message.title}\r\n{message.body}"
        size = len(json.dumps(text)) if self.escaped else len(text.encode())
        return size + _BESIDE_THE_TEXT * self.escaped <= min(self.bytes or most, most)


@cache
def services() -> dict[str, Service]:
    """Return the known services by the scheme of their addresses."""
    data = Path(__file__).with_name("services.toml").read_bytes()
    return msgspec.toml.decode(data, type=dict[str, Service])


def is_of_a_service(address: str) -> bool:
    """Say whether an http address is a chat's webhook, which expects messages of its shape."""
    return _scheme(address) is not None


def as_apprise(address: str) -> str:
    """Return the webhook address of a chat in apprise's form; any other is returned as it is."""
    scheme = _scheme(address)
    token = services()[scheme].token if scheme else None
    found = re.search(token, address) if token else None
    return f"{scheme}://{found[1]}" if found else address


def _scheme(address: str) -> str | None:
    try:
        host = (urlsplit(address).hostname or "").lower()
    except ValueError:
        return None
    return next((name for name, service in services().items() if host in service.hosts), None)
