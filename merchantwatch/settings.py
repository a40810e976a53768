"""Settings: ``merchantwatch.toml``, the environment, and flags, each value with its origin."""

import os
import re
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal
from pathlib import Path, PurePath
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from merchantwatch.errors import UsageError
from merchantwatch.moments import moment, zone
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


class PlanWorths(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What products and shops are worth that stay in business, in yuan: ``[plan.products]``."""

    products: dict[str, Decimal] = {}
    shops: dict[str, Decimal] = {}

    def __post_init__(self) -> None:
        """Refuse what is no sum of money."""
        for worth in (*self.products.values(), *self.shops.values()):
            if not 0 <= worth <= _MOST_WORTH:
                raise ValueError(f"a worth under [plan] lies between 0 and {_MOST_WORTH:,}")


_MOST_WORTH = 10**12


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
    sender_province: str | None = None
    warehouses: dict[str, str] = {}
    shops: list[ShopPattern] = []
    map: dict[str, str | list[str] | dict[str, str]] = {}
    rules: dict[str, dict[str, Any]] = {}
    risk: dict[str, Any] = {}
    plan: PlanWorths = PlanWorths()


class CellWriting(msgspec.Struct, frozen=True):
    """How the cells of a mapped file are written, as ``[map]`` says beside its columns.

    ``time_format`` is strptime's, by field, "" for all; ``decimal`` the sign before decimals;
    ``empty`` are further words that mean nothing; ``currency`` is that of all amounts.
    """

    time_format: dict[str, str] = {}
    decimal: Literal["", ".", ","] = ""
    empty: list[str] = []
    currency: str = ""


@dataclass(frozen=True)
class Settings:
    """What a run is told, after everything that may say it was asked.

    ``as_of`` is wall-clock time in ``tz``. ``map`` is field → header, ``words`` word field →
    {word: canonical word}. ``rules`` are values by code, ``risk`` those of signals by code,
    ``near`` and ``breached``. Of ``shops`` the first that fits a file counts. ``key`` makes the
    hashes of buyers and receivers. ``sender_province`` is where parcels come from, ``warehouses``
    the same by the name of each. ``origins`` tells for each value whether a flag, the environment,
    the configuration file (``config``) or the default set it.
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
    sender_province: str | None = None
    warehouses: Mapping[str, str] = field(default_factory=dict)
    map: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    cells: CellWriting = field(default_factory=CellWriting)
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    risk: Mapping[str, Any] = field(default_factory=dict)
    plan: PlanWorths = field(default_factory=PlanWorths)
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
    "sender_province",
)

NEVER_SHOWN = "key"
"""The setting whose value nobody is told."""

_LEAST_OF_A_KEY = 16
_THREADS = re.compile("[1-9][0-9]{0,2}")
_MOST_BYTES = 1_000_000


def resolve(flags: Mapping[str, Any], config: str | os.PathLike[str] | None = None) -> Settings:
    """Return the settings of a run: flags over environment over configuration over defaults.

    A flag that is None or empty was not given. ``config`` is the file to read, by default the
    nearest ``merchantwatch.toml`` upwards from the current folder. Raises UsageError for whatever
    cannot be understood.
    """
    path = Path(config) if config else _nearest_config()
    written = _read(path) if path else Config()
    for told in (flags, {"config": str(path)}):
        _refuse_nul(told, "")
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
    columns, words, cells = _mapping(written.map, path)
    columns.update(_map_flags(flags.get("map") or ()))
    folder = path.parent if path else Path()
    own_packs = [folder / name for name in written.pack or ()]
    if "exemptions" in values:
        written_there = origins["exemptions"] == str(path)
        values["exemptions"] = (folder if written_there else Path()) / values["exemptions"]
    values["pack"] = (*own_packs, *(Path(name) for name in flags.get("pack") or ()))
    tz = values.get("tz", Settings.tz)
    return Settings(
        as_of=moment(flags.get("as_of"), zone(tz)),
        shops=tuple(written.shops),
        warehouses=written.warehouses,
        map=columns,
        words=words,
        cells=cells,
        rules=written.rules,
        risk=written.risk,
        plan=written.plan,
        origins=origins,
        config=path,
        **values,
    )


def _tidy(name: str, value: Any) -> Any:
    if name in _LISTS:
        parts = value.split(",") if isinstance(value, str) else value
        return tuple(p.strip() for part in parts for p in _split(name, part) if p.strip())
    if name == "threads":
        if not _THREADS.fullmatch(str(value)):
            raise UsageError(
                f"threads = {str(value)[:40]}: give a whole number from 1 to 999",
                f"threads = {str(value)[:40]}：请给出 1 至 999 的整数",
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


def _nearest_config() -> Path | None:
    try:
        folder = Path.cwd()
    except OSError:  # it has been removed
        return None
    candidates = (parent / CONFIG_NAME for parent in (folder, *folder.parents))
    return next((path for path in candidates if path.is_file()), None)


def _read(path: Path) -> Config:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise ValueError(f"it has more than {_MOST_BYTES:,} bytes")  # noqa: TRY301
        found = msgspec.toml.decode(data.removeprefix(BOM_UTF8), type=Config)
        _refuse_nul(msgspec.to_builtins(found), "")
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


def _refuse_nul(value: object, name: str) -> None:
    """Raise UsageError where a text holds a sign that no path, name or word can have."""
    if isinstance(value, str) and "\0" in value:
        raise UsageError(f"{name}: it holds a NUL", f"{name}：含有 NUL 字符")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _refuse_nul(str(key), str(key))
            _refuse_nul(inner, str(key))
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_nul(inner, name)


def _mapping(
    entries: Mapping[str, str | list[str] | dict[str, str]], path: Path | None
) -> tuple[dict[str, str], dict[str, dict[str, str]], CellWriting]:
    """Part a ``[map]`` table into field → column, word field → words, and how cells are written.

    A field whose words are mapped names its column as ``column`` in the same table; without it,
    the column is called like the field.
    """
    columns: dict[str, str] = {}
    words: dict[str, dict[str, str]] = {}
    cells: dict[str, Any] = {}
    for name, entry in entries.items():
        if name in CellWriting.__struct_fields__:
            both = name == "time_format" and isinstance(entry, str)
            cells[name] = {"": entry} if both else entry
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
        raise UsageError(f"{path} [map]: {error}", f"{path} [map]：配置有误：{error}") from None


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
