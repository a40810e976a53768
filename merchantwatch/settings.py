"""Settings: ``merchantwatch.toml``, the environment, and flags, each value with its origin."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import msgspec

from merchantwatch.config import (
    CONFIG_NAME,
    IGNORE_NAME,
    CellWriting,
    Config,
    Heartbeat,
    HistoryPlace,
    NotifyConfig,
    PlanWorths,
    ShopPattern,
    nearest,
    read,
    refuse_nul,
)
from merchantwatch.errors import UsageError
from merchantwatch.language.moments import duration, moment, zone
from merchantwatch.support.lang import Lang, locale_lang

__all__ = [
    "CONFIG_NAME",
    "ENV_PREFIX",
    "IGNORE_NAME",
    "NEVER_SHOWN",
    "CellWriting",
    "Config",
    "Heartbeat",
    "HistoryPlace",
    "PlanWorths",
    "Settings",
    "ShopPattern",
    "resolve",
]

ENV_PREFIX = "MERCHANTWATCH_"


@dataclass(frozen=True)
class Settings:
    """What a run is told, after everything that may say it was asked.

    ``as_of`` is wall-clock time in ``tz``. ``map`` is field → header, ``words`` word field →
    {word: canonical word}. ``rules`` are values by code, ``risk`` those of signals by code,
    ``near`` and ``breached``. Of ``shops`` the first that fits a file counts. ``key`` makes the
    hashes of buyers and receivers. A run may take ``timeout``; its ``log`` is text or json; who is
    told of it, ``heartbeat`` says. Reports in words list the tasks of ``owner`` alone, ``top`` of
    them, or what is ``new_only``, since the ``baseline`` or the last run. ``sender_province`` is
    where parcels come from, ``warehouses`` the same by the name of each. ``history`` is where runs
    are recorded, None: nowhere; a ``dry_run`` looks at it, writes nothing there and sends nothing.
    ``origins`` tells for each value whether a flag, the environment, the configuration file
    (``config``) or the default set it.
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
    ignore_file: Path | None = None
    baseline: Path | None = None
    new_only: bool = False
    output: tuple[str, ...] = ()
    fail_on: str = "never"
    engine: str = "duckdb"
    memory: str = "1GB"
    threads: int | None = None
    owner: str | None = None
    top: int | None = None
    max_bad_rows: str = "5%"
    key: str | None = field(default=None, repr=False)
    timeout: str | None = None
    log: str = "text"
    sender_province: str | None = None
    warehouses: Mapping[str, str] = field(default_factory=dict)
    map: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    cells: CellWriting = field(default_factory=CellWriting)
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    risk: Mapping[str, Any] = field(default_factory=dict)
    plan: PlanWorths = field(default_factory=PlanWorths)
    heartbeat: Heartbeat = field(default_factory=Heartbeat)
    notify: NotifyConfig = field(default_factory=NotifyConfig)
    history: HistoryPlace | None = None
    dry_run: bool = False
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
    "ignore_file",
    "baseline",
    "fail_on",
    "engine",
    "memory",
    "threads",
    "owner",
    "top",
    "max_bad_rows",
    "key",
    "timeout",
    "log",
    "sender_province",
)

_FILES = ("exemptions", "ignore_file", "baseline")
"""What names a file: in the configuration it is one beside that."""

NEVER_SHOWN = "key"
"""The setting whose value nobody is told."""

_LEAST_OF_A_KEY = 16
_NUMBERS = ("threads", "top")
_WHOLE = re.compile("[1-9][0-9]{0,2}")


def _refuse_bytes(*shops: object) -> None:
    """Refuse a shop's name that is no text: reports could not be written with it."""
    for shop in shops:
        if isinstance(shop, str) and not shop.isascii():
            try:
                shop.encode()
            except UnicodeEncodeError:
                raise UsageError(
                    "--shop: the name holds bytes that are no UTF-8",
                    "--shop：店铺名不是 UTF-8 文字",
                ) from None


def resolve(flags: Mapping[str, Any], config: str | os.PathLike[str] | None = None) -> Settings:
    """Return the settings of a run: flags over environment over configuration over defaults.

    A flag that is None or empty was not given. ``config`` is the file to read, by default the
    nearest ``merchantwatch.toml`` upwards from the current folder. Raises UsageError for whatever
    cannot be understood.
    """
    path = Path(config) if config else nearest()
    written = read(path) if path else Config()
    for told in (flags, {"config": str(path)}):
        refuse_nul(told, "")
    _refuse_bytes(flags.get("shop"), os.environ.get(f"{ENV_PREFIX}SHOP"))
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
    for name in _FILES:
        if name in values:
            written_there = origins[name] == str(path)
            values[name] = (folder if written_there else Path()) / values[name]
    values.setdefault("ignore_file", _ignore_file(path))
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
        heartbeat=written.heartbeat,
        notify=written.notify,
        history=_history(written.history, folder, flags.get("history")),
        dry_run=bool(flags.get("dry_run")),
        new_only=bool(flags.get("new_only")),
        origins=origins,
        config=path,
        **values,
    )


def _history(
    written: HistoryPlace | None, folder: Path, wanted: bool | None
) -> HistoryPlace | None:
    """Return where runs are recorded: the flag says whether, the configuration where."""
    if wanted is False or (wanted is None and written is None):
        return None
    if written is None:
        return HistoryPlace()
    duration(written.keep, "[history] keep")
    if written.path is None:
        return written
    return msgspec.structs.replace(written, path=str(folder / written.path))


def _ignore_file(config: Path | None) -> Path | None:
    """Return the file of suppressions: beside the configuration, else the nearest upwards."""
    beside = config.parent / IGNORE_NAME if config else None
    return beside if beside and beside.is_file() else nearest(IGNORE_NAME)


def _tidy(name: str, value: Any) -> Any:
    if name in _LISTS:
        parts = value.split(",") if isinstance(value, str) else value
        return tuple(p.strip() for part in parts for p in _split(name, part) if p.strip())
    if name in _NUMBERS:
        if not _WHOLE.fullmatch(str(value)):
            raise UsageError(
                f"{name} = {str(value)[:40]}: give a whole number from 1 to 999",
                f"{name} = {str(value)[:40]}：请给出 1 至 999 的整数",
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
