"""The channels of ``[notify]`` and the quiet hours."""

import os
from collections.abc import Mapping
from datetime import datetime, time
from fnmatch import fnmatchcase

from msgspec import Struct

from merchantwatch.config import ChannelConfig, NotifyConfig
from merchantwatch.errors import OutputError, UsageError
from merchantwatch.language.suggestions import meant
from merchantwatch.notify.alerts import Alert
from merchantwatch.rules import SEVERITIES
from merchantwatch.tasks import owners

_NAMED_BY = "env:"


class Channel(Struct, frozen=True):
    """A receiver of alerts; its address is in the environment variable ``variable``.

    ``owners`` None: all owners. ``shops`` are globs. ``severities`` are those that are sent.
    """

    name: str
    variable: str
    owners: frozenset[str] | None
    shops: tuple[str, ...]
    states: tuple[str, ...]
    severities: frozenset[str]

    def is_for(self, alert: Alert) -> bool:
        """Say whether an alert's owner, shop and severity are among those of the channel."""
        return (
            (self.owners is None or alert.owner in self.owners)
            # Case matters in shop names; `fnmatch` would ignore it on Windows.
            and any(fnmatchcase(alert.shop or "", glob) for glob in self.shops)
            and alert.severity in self.severities
        )

    def address(self, environment: Mapping[str, str] = os.environ) -> str:
        """Return the address. Raises OutputError, which never contains it, if there is none."""
        value = environment.get(self.variable, "").strip()
        if not value:
            raise OutputError(
                f"channel {self.name}: the environment variable {self.variable} is not set; its "
                "alerts wait: set it, then run `merchantwatch notify flush`",
                f"渠道 {self.name}：未设置环境变量 {self.variable}，通知暂存；"
                "请设置后运行 `merchantwatch notify flush`",
            )
        return value


class Policy(Struct, frozen=True):
    """The settings of ``[notify]``. ``quiet`` is the start and the end of the quiet hours."""

    channels: tuple[Channel, ...] = ()
    quiet: tuple[time, time] | None = None
    digest: bool = False

    def holds_back(self, as_of: datetime) -> bool:
        """Say whether a moment lies in the quiet hours: the first counts, the last does not."""
        if self.quiet is None:
            return False
        # The hours may span midnight: 22:00-08:00.
        begins, ends = self.quiet
        now = as_of.time()
        return begins <= now < ends if begins < ends else now >= begins or now < ends

    def channel(self, name: str) -> Channel | None:
        """Return the channel of a name."""
        return next((channel for channel in self.channels if channel.name == name), None)


def policy_of(config: NotifyConfig) -> Policy:
    """Return the channels that ``[notify]`` sets. Raises UsageError for unknown owners."""
    return Policy(tuple(map(_channel, config.channels)), config.quiet_hours, config.digest)


def _channel(config: ChannelConfig) -> Channel:
    least = SEVERITIES.index(config.min_severity)
    return Channel(
        config.name,
        config.url.removeprefix(_NAMED_BY),
        None if config.owners is None else frozenset(map(_known_owner, config.owners)),
        tuple(config.shops),
        tuple(config.states),
        frozenset(SEVERITIES[least:]),
    )


def _known_owner(name: str) -> str:
    if name not in owners():
        hint = meant(name, owners())
        raise UsageError(
            f"[notify] owners: {name[:40]} is no owner{hint.en}",
            f"[notify] owners：没有负责人 {name[:40]}{hint.zh}",
        )
    return name
