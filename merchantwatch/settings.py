"""Settings: ``merchantwatch.toml``, the environment, and flags, each value with its origin."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from pathlib import Path, PurePath
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from merchantwatch.errors import UsageError
from merchantwatch.suggesting import meant
from merchantwatch.support.language import Lang, locale_lang

CONFIG_NAME = "merchantwatch.toml"
ENV_PREFIX = "MERCHANTWATCH_"


class ShopPattern(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The shop of the files whose path ends as the glob ``match`` says."""

    match: Annotated[str, Meta(min_length=1)]
    name: Annotated[str, Meta(min_length=1)]

    def __post_init__(self) -> None:
        """Refuse a glob that can match nothing."""
        PurePath().match(self.match)


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
    output: list[str] | None = None
    fail_on: Literal["low", "medium", "high", "critical", "never"] | None = None
    engine: str | None = None
    memory: str | None = None
    threads: int | None = None
    max_bad_rows: str | int | None = None
    key: str | None = None
    shops: list[ShopPattern] = []
    map: dict[str, str | dict[str, str]] = {}
    rules: dict[str, dict[str, Any]] = {}
    risk: dict[str, Any] = {}


@dataclass(frozen=True)
class Settings:
    """What a run is told, after everything that may say it was asked.

    ``as_of`` is wall-clock time in ``tz``. ``map`` is field → header, ``words`` word field →
    {word: canonical word}. ``rules`` are values by code, ``risk`` those of signals by code,
    ``near`` and ``breached``. Of ``shops`` the first that fits a file counts. ``key`` makes the
    hashes of buyers and receivers. ``origins`` tells for each value whether a flag, the
    environment, the configuration file (``config``) or the default set it.
    """

    as_of: datetime
    tz: str = "Asia/Shanghai"
    lang: Lang = "en"
    shop: str | None = None
    shops: tuple[ShopPattern, ...] = ()
    platform: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    pack: tuple[Path, ...] = ()
    exemptions: Path | None = None
    output: tuple[str, ...] = ()
    fail_on: str = "never"
    engine: str = "duckdb"
    memory: str = "1GB"
    threads: int | None = None
    max_bad_rows: str = "5%"
    key: str | None = field(default=None, repr=False)
    map: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    risk: Mapping[str, Any] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    config: Path | None = None

    @property
    def zone(self) -> tzinfo:
        """The time zone itself."""
        return zone(self.tz)


_LISTS = ("select", "ignore", "output")
_PLAIN = (
    "tz",
    "lang",
    "shop",
    "platform",
    "exemptions",
    "fail_on",
    "engine",
    "memory",
    "threads",
    "max_bad_rows",
    "key",
)

NEVER_SHOWN = "key"
"""The setting whose value nobody is told."""

_LEAST_OF_A_KEY = 16


def resolve(flags: Mapping[str, Any], config: str | os.PathLike[str] | None = None) -> Settings:
    """Return the settings of a run: flags over environment over configuration over defaults.

    A flag that is None or empty was not given. ``config`` is the file to read, by default the
    nearest ``merchantwatch.toml`` upwards from the current folder. Raises UsageError for whatever
    cannot be understood.
    """
    path = Path(config) if config else _nearest_config(Path.cwd())
    written = _read(path) if path else Config()
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name in (*_PLAIN, *_LISTS):
        for origin, value in (
            ("flag", flags.get(name)),
            ("environment", os.environ.get(ENV_PREFIX + name.upper())),
            (str(path), getattr(written, name)),
            ("locale", locale_lang() if name == "lang" else None),
        ):
            if value not in (None, "", (), []):
                values[name], origins[name] = _tidy(name, value), origin
                break
    columns, words = _mapping(written.map)
    columns.update(_map_flags(flags.get("map") or ()))
    folder = path.parent if path else Path.cwd()
    own_packs = [folder / name for name in written.pack or ()]
    if "exemptions" in values:
        written_there = origins["exemptions"] == str(path)
        values["exemptions"] = (folder if written_there else Path()) / values["exemptions"]
    values["pack"] = (*own_packs, *(Path(name) for name in flags.get("pack") or ()))
    tz = values.get("tz", Settings.tz)
    return Settings(
        as_of=moment(flags.get("as_of"), zone(tz)),
        shops=tuple(written.shops),
        map=columns,
        words=words,
        rules=written.rules,
        risk=written.risk,
        origins=origins,
        config=path,
        **values,
    )


def _tidy(name: str, value: Any) -> Any:
    if name in _LISTS:
        parts = value.split(",") if isinstance(value, str) else value
        return tuple(p.strip() for part in parts for p in _split(name, part) if p.strip())
    if name == "threads":
        if not str(value).isdigit() or int(value) < 1:
            raise UsageError(
                f"threads = {value}: give a whole number from 1",
                f"threads = {value}：请给出不小于 1 的整数",
            )
        return int(value)
    if name == NEVER_SHOWN and len(value) < _LEAST_OF_A_KEY:
        raise UsageError(
            f"key: give at least {_LEAST_OF_A_KEY} signs that nobody can guess",
            f"key：请给出至少 {_LEAST_OF_A_KEY} 个字符、他人无法猜到的密钥",
        )
    if name == "lang" and value not in ("zh", "en"):
        raise UsageError(f"lang = {value}: zh or en", f"lang = {value}：只能是 zh 或 en")
    return str(value)


def _split(name: str, part: str) -> list[str]:
    return [part] if name == "output" else part.split(",")


def _nearest_config(folder: Path) -> Path | None:
    candidates = (parent / CONFIG_NAME for parent in (folder, *folder.parents))
    return next((path for path in candidates if path.is_file()), None)


def _read(path: Path) -> Config:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Config)
    except OSError as error:
        raise UsageError(
            f"{path}: the configuration cannot be read ({error.strerror})",
            f"{path}：无法读取配置文件（{error.strerror}）",
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}", f"{path}：配置有误：{error}") from None


def _mapping(
    entries: Mapping[str, str | dict[str, str]],
) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Part a ``[map]`` table into field → column and word field → words.

    A field whose words are mapped names its column as ``column`` in the same table; without it,
    the column is called like the field.
    """
    columns: dict[str, str] = {}
    words: dict[str, dict[str, str]] = {}
    for name, entry in entries.items():
        if isinstance(entry, str):
            columns[name] = entry
        else:
            columns[name] = entry.get("column", name)
            words[name] = {word: to for word, to in entry.items() if word != "column"}
    return columns, words


def _map_flags(flags: Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    if isinstance(flags, Mapping):
        return dict(flags)
    columns = {}
    for flag in flags:
        name, sign, column = flag.partition("=")
        if not sign or not column.strip():
            raise UsageError(
                f"--map {flag}: write it as FIELD=COLUMN", f"--map {flag}：请写成 字段=列名"
            )
        columns[name.strip()] = column.strip()
    return columns


def zone(name: str) -> tzinfo:
    """Return a time zone by its name. Raises UsageError for an unknown one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = meant(name, ("Asia/Shanghai", "Asia/Hong_Kong", "Asia/Tokyo", "UTC"))
        raise UsageError(
            f"--tz {name}: no such time zone{hint.en}", f"--tz {name}：没有这个时区{hint.zh}"
        ) from None


def moment(value: object, tz: tzinfo) -> datetime:
    """Return a moment as wall-clock time in ``tz``, to the second; None is now.

    Takes ``YYYY-MM-DD[ HH:MM[:SS]]``, a date or a datetime, with or without a zone. Raises
    UsageError for anything else.
    """
    if value is None:
        found = datetime.now(tz)
    elif isinstance(value, datetime):
        found = value
    elif isinstance(value, date):
        found = datetime.combine(value, time())
    else:
        try:
            found = datetime.fromisoformat(str(value).strip().replace("/", "-"))
        except ValueError:
            raise UsageError(
                f'--as-of {value!r} is no moment; write it like "2026-11-21 00:00"',
                f"--as-of {value!r} 不是有效时间；请写成“2026-11-21 00:00”",
            ) from None
    if found.tzinfo is not None:
        found = found.astimezone(tz).replace(tzinfo=None)
    return datetime(found.year, found.month, found.day, found.hour, found.minute, found.second)  # noqa: DTZ001
