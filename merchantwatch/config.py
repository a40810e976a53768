"""``merchantwatch.toml``: what it may say, where it lies, and reading it."""

import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from pathlib import Path, PurePath
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from merchantwatch.errors import UsageError
from merchantwatch.support.lang import Lang

CONFIG_NAME = "merchantwatch.toml"
IGNORE_NAME = "merchantwatch-ignore.toml"
"""The file of suppressions: what is known, and not to be told until a day."""

_MOST_BYTES = 1_000_000


class ShopPattern(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The shop of the files whose path ends as the glob ``match`` says."""

    match: Annotated[str, Meta(min_length=1)]
    name: Annotated[str, Meta(min_length=1)]

    def __post_init__(self) -> None:
        """Refuse a glob that can match nothing."""
        PurePath().match(self.match)


class PlanWorths(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What products and shops are worth that stay in business, in yuan: ``[plan.products]``."""

    products: dict[str, Decimal] = {}
    shops: dict[str, Decimal] = {}

    def __post_init__(self) -> None:
        """Refuse what is no sum of money."""
        for worth in (*self.products.values(), *self.shops.values()):
            if not worth.is_finite() or not 0 <= worth <= _MOST_WORTH:
                raise ValueError(f"a worth under [plan] lies between 0 and {_MOST_WORTH:,}")


_MOST_WORTH = 10**12


class Heartbeat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is told that a run starts and how it ends: ``[heartbeat]``, an address or a file.

    An address is as good as a password, and so is named by a variable of the environment alone.
    """

    url: Annotated[str, Meta(pattern="^env:[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    path: Annotated[str, Meta(min_length=1)] | None = None


class ChannelConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where some alerts go: ``[[notify.channels]]``.

    ``url`` is ``env:NAME``, the variable that holds the address. Addresses hold secrets, and a
    configuration is shared.
    """

    name: Annotated[str, Meta(pattern="^[^\\x00-\\x1f]{1,40}$")]
    url: str
    owners: tuple[str, ...] | None = None
    shops: tuple[str, ...] = ("*",)
    states: tuple[Literal["opened", "worsened", "closed"], ...] = ("opened", "worsened", "closed")
    min_severity: Literal["low", "medium", "high", "critical"] = "low"

    def __post_init__(self) -> None:
        """Refuse an address that stands here, without showing it."""
        if not _VARIABLE.fullmatch(self.url):
            raise ValueError(
                f"channel {self.name}: write its url as env:NAME, and put the address into the "
                "environment variable NAME: this file is no place for secrets"
            )


_VARIABLE = re.compile("env:[A-Za-z_][A-Za-z0-9_]*")


class NotifyConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who hears of what changed: ``[notify]``. ``quiet`` is like ``22:00-08:00``."""

    quiet: str | None = None
    digest: bool = False
    channels: list[ChannelConfig] = []

    def __post_init__(self) -> None:
        """Refuse hours that are none, and two channels of one name."""
        names = [channel.name for channel in self.channels]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two channels under [notify] are called {twice}")
        _ = self.quiet_hours

    @property
    def quiet_hours(self) -> tuple[time, time] | None:
        """From when and until when nobody is disturbed; None: always."""
        if self.quiet is None:
            return None
        found = _HOURS.fullmatch(self.quiet)
        if not found or found[1] == found[2]:
            raise ValueError("quiet under [notify] is written like 22:00-08:00")
        return time.fromisoformat(found[1]), time.fromisoformat(found[2])


_HOURS = re.compile("((?:[01][0-9]|2[0-3]):[0-5][0-9])-((?:[01][0-9]|2[0-3]):[0-5][0-9])")


class HistoryPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where runs are recorded and how long they are kept: ``[history]``.

    Neither ``path`` nor ``url``: in the user's own folder for the state of programs.
    """

    path: Annotated[str, Meta(min_length=1)] | None = None
    url: Annotated[str, Meta(min_length=1)] | None = None
    keep: str = "400 days"

    def __post_init__(self) -> None:
        """Refuse two places."""
        if self.path is not None and self.url is not None:
            raise ValueError("[history] has a path or a url, not both")


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``merchantwatch.toml`` may say. Every value is optional."""

    tz: str | None = None
    shop: str | None = None
    platform: str | None = None
    lang: Lang | None = None
    select: list[str] | None = None
    ignore: list[str] | None = None
    pack: list[str] | None = None
    exemptions: str | None = None
    ignore_file: str | None = None
    baseline: str | None = None
    output: list[str] | None = None
    fail_on: Literal["low", "medium", "high", "critical", "never"] | None = None
    engine: str | None = None
    memory: str | None = None
    threads: int | None = None
    owner: str | None = None
    top: int | None = None
    max_bad_rows: str | int | None = None
    key: str | None = None
    timeout: str | None = None
    log: Literal["json", "text"] | None = None
    sender_province: str | None = None
    warehouses: dict[str, str] = {}
    shops: list[ShopPattern] = []
    map: dict[str, str | list[str] | dict[str, str]] = {}
    rules: dict[str, dict[str, Any]] = {}
    risk: dict[str, Any] = {}
    plan: PlanWorths = PlanWorths()
    heartbeat: Heartbeat = Heartbeat()
    notify: NotifyConfig = NotifyConfig()
    history: HistoryPlace | None = None


class CellWriting(msgspec.Struct, frozen=True):
    """How the cells of a mapped file are written, as ``[map]`` says beside its columns.

    ``time_format`` is strptime's, by field, "" for all; ``decimal`` the sign before decimals;
    ``empty`` are further words that mean nothing; ``currency`` is that of all amounts.
    """

    time_format: dict[str, str] = {}
    decimal: Literal["", ".", ","] = ""
    empty: list[str] = []
    currency: str = ""


def nearest(name: str = CONFIG_NAME) -> Path | None:
    """Return the file of a name upwards from the current folder, if there is one."""
    try:
        folder = Path.cwd()
    except OSError:  # it has been removed
        return None
    candidates = (parent / name for parent in (folder, *folder.parents))
    return next((path for path in candidates if path.is_file()), None)


def read(path: Path) -> Config:
    """Return what a file says. Raises UsageError for whatever cannot be understood."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise ValueError(f"it has more than {_MOST_BYTES:,} bytes")  # noqa: TRY301
        found = msgspec.toml.decode(data.removeprefix(BOM_UTF8), type=Config)
        refuse_nul(msgspec.to_builtins(found), "")
    except OSError as error:
        raise UsageError(
            f"{path}: the configuration cannot be read ({error.strerror})",
            f"{path}：无法读取配置文件（{error.strerror}）",
        ) from None
    except UnicodeDecodeError:
        raise UsageError(
            f"{path}: it is no UTF-8 text; save it as UTF-8",
            f"{path}：不是 UTF-8 文本，请另存为 UTF-8",
        ) from None
    except RecursionError:
        raise UsageError(f"{path}: it is nested too deeply", f"{path}：嵌套过深") from None
    except (msgspec.DecodeError, ValueError) as error:
        raise UsageError(f"{path}: {error}", f"{path}：配置有误：{error}") from None
    return found


def refuse_nul(value: object, name: str) -> None:
    """Raise UsageError where a text holds a sign that no path, name or word can have."""
    if isinstance(value, str) and "\0" in value:
        raise UsageError(f"{name}: it holds a NUL", f"{name}：含有 NUL 字符")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            refuse_nul(str(key), str(key))
            refuse_nul(inner, str(key))
    elif isinstance(value, list | tuple):
        for inner in value:
            refuse_nul(inner, name)
