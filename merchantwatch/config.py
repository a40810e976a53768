"""``merchantwatch.toml``: its fields, how it is found, and reading it."""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from dataclasses import MISSING
from datetime import time
from decimal import Decimal
from pathlib import Path, PurePath
from typing import Annotated, Any, Literal, Optional, get_type_hints

import msgspec
from msgspec import Meta

from merchantwatch.errors import UsageError
from merchantwatch.language.moments import duration
from merchantwatch.settings import Settings
from merchantwatch.support.options import By, options
from merchantwatch.support.sizes import size_of
from merchantwatch.support.unwritable import refuse_nul

_MOST_BYTES = 1_000_000


def _about(en: str, zh: str, **bounds: Any) -> Meta:
    """Return the schema's description and bounds of a value."""
    return Meta(description=f"{en} {zh}", **bounds)


_Text = Annotated[str, Meta(min_length=1)]
_Variable = Annotated[str, Meta(pattern="^env:[A-Za-z_][A-Za-z0-9_]*$")]
_Change = Literal["opened", "worsened", "closed"]
_Severity = Literal["low", "medium", "high", "critical"]


class ShopPattern(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The shop of the files whose path ends as the glob ``match`` says."""

    match: Annotated[
        _Text, _about("A glob for the end of a file's path.", "文件路径结尾的通配符。")
    ]
    name: Annotated[_Text, _about("The shop's name.", "店铺名。")]

    def __post_init__(self) -> None:
        """Refuse an invalid glob: ``match`` raises ValueError for it, as for an empty one."""
        PurePath().match(self.match)


class PlanWorths(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The worth in yuan of products and shops that are not banned: ``[plan]``."""

    products: Annotated[dict[str, Decimal], _about("By a product's id.", "按商品编号。")] = {}
    shops: Annotated[dict[str, Decimal], _about("By a shop's name.", "按店铺名。")] = {}

    def __post_init__(self) -> None:
        """Refuse what is no sum of money."""
        for worth in (*self.products.values(), *self.shops.values()):
            if not worth.is_finite() or not 0 <= worth <= _MOST_WORTH:
                raise ValueError(f"a worth under [plan] lies between 0 and {_MOST_WORTH:,}")


_MOST_WORTH = 10**12


class Heartbeat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the start and end of a run are reported: ``[heartbeat]``, an address or a file.

    An address is a secret, so the file names an environment variable that holds it.
    """

    url: Annotated[_Variable | None, _about("env:NAME, the variable that holds the address.", "env:变量名，地址存放在该环境变量中。")] = None  # fmt: skip
    path: Annotated[_Text | None, _about("A file, overwritten each time.", "每次重写的文件。")] = (
        None
    )


class ChannelConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A destination of alerts: ``[[notify.channels]]``.

    ``url`` is ``env:NAME``, the variable that holds the address. Addresses hold secrets, and a
    configuration is shared.
    """

    name: Annotated[str, _about("What the channel is called.", "渠道名称。", pattern="^[^\\x00-\\x1f]{1,40}$")]  # fmt: skip
    url: Annotated[str, _about("env:NAME, the variable that holds the address.", "env:变量名，地址存放在该环境变量中。")]  # fmt: skip
    owners: Annotated[tuple[str, ...] | None, _about("Whose tasks; all, where none is named.", "哪些负责人的任务；不写则全部。")] = None  # fmt: skip
    shops: Annotated[
        tuple[str, ...], _about("Globs for the names of shops.", "店铺名的通配符。")
    ] = ("*",)
    states: Annotated[tuple[_Change, ...], _about("Which changes.", "哪些变化。")] = ("opened", "worsened", "closed")  # fmt: skip
    min_severity: Annotated[_Severity, _about("From which severity on.", "从哪个级别起。")] = "low"

    def __post_init__(self) -> None:
        """Refuse an address written here, without showing it."""
        # Not a pattern of the schema: msgspec's message would not say what to do instead.
        if not _VARIABLE.fullmatch(self.url):
            raise ValueError(
                f"channel {self.name}: write its url as env:NAME, and put the address into the "
                "environment variable NAME: this file is no place for secrets"
            )


_VARIABLE = re.compile("env:[A-Za-z_][A-Za-z0-9_]*")


class NotifyConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is alerted of changes: ``[notify]``. ``quiet`` is like ``22:00-08:00``."""

    quiet: Annotated[str | None, _about("Quiet hours, in which no alert is sent, like 22:00-08:00.", "免打扰时段，如 22:00-08:00。")] = None  # fmt: skip
    digest: Annotated[bool, _about("One message for all.", "合并为一条消息。")] = False
    channels: Annotated[list[ChannelConfig], _about("Where alerts go.", "消息发往何处。")] = []

    def __post_init__(self) -> None:
        """Refuse invalid quiet hours, and two channels with the same name."""
        names = [channel.name for channel in self.channels]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two channels under [notify] are called {twice}")
        _ = self.quiet_hours  # raises ValueError

    @property
    def quiet_hours(self) -> tuple[time, time] | None:
        """The start and the end of the quiet hours; None if there are none."""
        if self.quiet is None:
            return None
        found = _HOURS.fullmatch(self.quiet)
        # Equal hours could mean none or the whole day.
        if not found or found[1] == found[2]:
            raise ValueError("quiet under [notify] is written like 22:00-08:00")
        return time.fromisoformat(found[1]), time.fromisoformat(found[2])


_HOURS = re.compile("((?:[01][0-9]|2[0-3]):[0-5][0-9])-((?:[01][0-9]|2[0-3]):[0-5][0-9])")


class HistoryPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where runs are recorded and how long they are stored: ``[history]``.

    Without ``path`` and ``url``: in the user's folder for the state of programs.
    """

    path: Annotated[_Text | None, _about("A file of SQLite.", "SQLite 数据库文件。")] = None
    url: Annotated[_Text | None, _about("The address of a database.", "数据库地址。")] = None
    keep: Annotated[str, _about("How long runs are kept.", "运行记录保留多久。")] = "400 days"

    def __post_init__(self) -> None:
        """Refuse two places."""
        if self.path is not None and self.url is not None:
            raise ValueError("[history] has a path or a url, not both")

    def within(self, folder: Path) -> "HistoryPlace":
        """Return the place with its path in a folder. Raises UsageError for no length of time."""
        duration(self.keep, "[history] keep")
        path = self.path and str(folder / self.path)
        return msgspec.structs.replace(self, path=path)


class CacheBound(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much a history's cache of judged exports may take on the disk: ``[cache]``."""

    max: Annotated[str, _about("A size; 0 for no cache.", "大小；0 为不用缓存。")] = "5GB"

    def __post_init__(self) -> None:
        """Refuse what is no size."""
        _ = self.bytes

    @property
    def bytes(self) -> int:
        """The bound in bytes; 0 switches the cache off."""
        try:
            return size_of(self.max)
        except ValueError:
            raise ValueError(
                f'max under [cache] is written like "5GB", and "0" for no cache: {self.max[:40]}'
            ) from None


class CellWriting(msgspec.Struct, frozen=True):
    """How the cells of a mapped file are written, as ``[map]`` says beside its columns.

    ``time_format`` is strptime's, by field, "" for all; ``decimal`` the sign before decimals;
    ``empty`` are further words that mean nothing; ``currency`` is that of all amounts.
    """

    time_format: dict[str, str] = {}
    decimal: Literal["", ".", ","] = ""
    empty: list[str] = []
    currency: str = ""


def _entries() -> Iterator[tuple[str, Any, Any]]:
    """Yield the entries that merchantwatch.toml may have: name, type and default."""
    types = get_type_hints(Settings, localns=globals())
    for name, (about, one) in options(Settings).items():
        if By.FILE not in about.by:
            continue
        kind = about.in_file or _IN_FILE.get(types[name], types[name])
        kind = Literal[about.choices] if about.choices else kind
        empty = one.default if one.default_factory is MISSING else one.default_factory()
        # None means "not set here", so that a weaker source or the default applies.
        if about.by != By.FILE and name != "map":
            kind, empty = Optional[kind], None  # noqa: UP045  of a type that is made here
        yield name, Annotated[kind, _about(about.en, about.zh)], empty


_IN_FILE: dict[object, object] = {Path | None: str, tuple[Path, ...]: tuple[str, ...]}

Config = msgspec.defstruct(
    "Config",
    list(_entries()),
    frozen=True,
    forbid_unknown_fields=True,
    namespace={"__doc__": "What ``merchantwatch.toml`` may say. Every value is optional."},
)
"""What the file may say, as settings.py declares it."""


def nearest(name: str) -> Path | None:
    """Return the nearest file of a name in the current folder and its parents, if any."""
    try:
        folder = Path.cwd()
    except OSError:  # the current folder has been deleted
        return None
    candidates = (parent / name for parent in (folder, *folder.parents))
    return next((path for path in candidates if path.is_file()), None)


def read(path: Path) -> msgspec.Struct:
    """Return what a file says. Raises UsageError for whatever cannot be understood."""
    try:
        with path.open("rb") as file:
            # Bounded: the nearest file of this name may be anything, even a device.
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise ValueError(f"it has more than {_MOST_BYTES:,} bytes")  # noqa: TRY301
        # Windows' Notepad writes a byte order mark, which TOML does not allow.
        found = msgspec.toml.decode(data.removeprefix(BOM_UTF8).decode(), type=Config)
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
        raise _wrong(str(path), error, Config) from None
    return found


def mapping(
    entries: Mapping[str, str | list[str] | dict[str, str]], path: Path | None
) -> tuple[dict[str, str], dict[str, dict[str, str]], CellWriting]:
    """Divide a ``[map]`` table into field → column, word field → words, and how cells are written.

    A field whose words are mapped names its column as ``column`` in the same table; without it,
    the column is called like the field.
    """
    columns: dict[str, str] = {}
    words: dict[str, dict[str, str]] = {}
    cells: dict[str, object] = {}
    for name, entry in entries.items():
        if name in CellWriting.__struct_fields__:
            # One text is the format of all times, which stands under "".
            is_of_all = name == "time_format" and isinstance(entry, str)
            cells[name] = {"": entry} if is_of_all else entry
        elif isinstance(entry, str):
            columns[name] = entry
        elif isinstance(entry, dict):
            columns[name] = entry.get("column", name)
            words[name] = {word: to for word, to in entry.items() if word != "column"}
        else:
            raise UsageError(f"{path} [map]: {name} is no list", f"{path} [map]：{name} 不是列表")
    try:
        return columns, words, msgspec.convert(cells, CellWriting)
    except msgspec.ValidationError as error:
        raise _wrong(f"{path} [map]", error, CellWriting) from None


def _wrong(place: str, error: Exception, model: type) -> UsageError:
    # Only where something is wrong: it looks into types, whose module takes a while to load.
    from merchantwatch.language.validation import wrong_value

    wrong = wrong_value(error, model)
    return UsageError(f"{place}: {wrong.en}", f"{place}：{wrong.zh}")
