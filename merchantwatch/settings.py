"""Settings: each declared once, and resolved from flags, environment and ``merchantwatch.toml``."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merchantwatch.support.lang import Lang, locale_lang
from merchantwatch.support.options import (
    ANY,
    ENV_PREFIX,
    By,
    Flags,
    Option,
    mapped_by,
    metadata_of,
    option,
    options,
    table,
    tidied,
)
from merchantwatch.support.unwritable import refuse_unwritable

if TYPE_CHECKING:
    from merchantwatch.config import (
        CacheBound,
        CellWriting,
        Heartbeat,
        HistoryPlace,
        NotifyConfig,
        PlanWorths,
        ShopPattern,
    )

CONFIG_NAME = "merchantwatch.toml"
IGNORE_NAME = "merchantwatch-ignore.toml"
"""The file of suppressions: known findings that are not reported until a day."""

NEVER_SHOWN = "key"
"""The setting whose value is secret."""

_EVERY = ANY | By.PYTHON
_SEVERITIES = ("low", "medium", "high", "critical", "never")


def _empty(name: str) -> Any:
    """Return an empty table of merchantwatch.toml, by the name of its class."""
    # config.py imports this module: it derives the file's schema from the settings.
    return getattr(import_module("merchantwatch.config"), name)()


@dataclass(frozen=True)
class Settings:
    """The settings of a run, from all their sources.

    Each is declared here once: the flags of the command line, the variables of the environment,
    what merchantwatch.toml may hold, its JSON Schema, docs/options.md and the parameters of
    ``scan()`` are derived from it.
    ``as_of`` is wall-clock time in ``tz``. ``map`` is field → header, ``words`` word field →
    {word: canonical word}, ``cells`` how cells are written: all three come from ``[map]``. Of
    ``shops`` the first pattern that matches a file counts. ``history`` None: runs are not
    recorded. ``origins`` says for each value whether a flag, the environment, the configuration
    file (``config``) or the default set it.
    """

    # fmt: off
    as_of: datetime = field(metadata=metadata_of(Option(
        'Judge as of this moment, like "2026-11-21 00:00".', "判定的时刻，如 2026-11-21 00:00。",
        "TIME", "moment", By.FLAG | By.PYTHON, unset=("now", "当前时刻"))))
    tz: str = option("Asia/Shanghai", Option(
        "The platform's time zone.", "平台所在时区。", "ZONE", "reading", _EVERY))
    map: Mapping[str, str] = table(dict, Option(
        "Name the column of a field, for files that no format recognises.",
        "为无法识别的文件指定字段所在的列。", "FIELD=COLUMN", "reading",
        By.FLAG | By.FILE | By.PYTHON, in_file=dict[str, str | list[str] | dict[str, str]]))
    select: tuple[str, ...] = option((), Option(
        "Judge by these rules only: codes, beginnings of codes (DY, DY1), or names.",
        "只按这些规则判定：规则编号、编号开头（DY、DY1）或名称。",
        "CODE,…", "reading", _EVERY, commas=True))
    ignore: tuple[str, ...] = option((), Option(
        "Leave these rules out.", "不按这些规则判定。", "CODE,…", "reading", _EVERY, commas=True))
    pack: tuple[Path, ...] = option((), Option(
        "A pack of your own rules, added to the built-in ones or changing them.",
        "自己的规则包，补充或覆盖内置规则。", "FILE", "reading",
        By.FLAG | By.FILE | By.PYTHON, page="rules.md"))
    exemptions: Path | None = option(None, Option(
        "CSV or Excel file of what the platform has agreed not to count, or to count later.",
        "CSV 或 Excel 文件：平台已同意不计或延后计算的订单。",
        "FILE", "reading", _EVERY, page="exemptions.md"))
    shop: str | None = option(None, Option(
        "The shop of exports that do not name it.", "导出文件未写明店铺时的店铺名。",
        "NAME", "reading", _EVERY))
    platform: str | None = option(None, Option(
        "The platform whose rules judge, like douyin, tmall-global or shopee.",
        "按哪个平台的规则判定，如 douyin、tmall-global、shopee。", "NAME", "reading", _EVERY))
    max_bad_rows: str = option("5%", Option(
        "Exit 3 when more rows than this cannot be understood.",
        "无法读懂的行多于此数（或占比）时以 3 退出。",
        "N|N%", "reading", _EVERY, in_file=str | int))
    config: Path | None = option(None, Option(
        "The file of settings.", "设置文件。", "FILE", "reading", By.FLAG | By.PYTHON,
        unset=("the nearest merchantwatch.toml upwards", "向上最近的 merchantwatch.toml")))
    lang: Lang = option("en", Option(
        "Language.", "语言。", "", "reading", _EVERY, ("zh", "en"),
        unset=("the locale's", "系统区域设置的语言")))
    engine: str = option("duckdb", Option(
        "What computes: duckdb, or spark[=MASTER].", "计算引擎：duckdb 或 spark[=MASTER]。",
        "NAME", "reading", _EVERY, page="scale.md"))
    memory: str = option("1GB", Option(
        "Memory a run may take; large files take 650MB at least.",
        "可用内存；大文件至少需要 650MB。", "SIZE", "reading", _EVERY))
    threads: int | None = option(None, Option(
        "How many cores a run may take.", "可用的核数。", "N", "reading", _EVERY,
        unset=("all cores", "全部核")))
    output: tuple[str, ...] = option((), Option(
        "A report to write; without a path to standard output.",
        "要写出的报告；没有路径时写到标准输出。", "FORMAT[:PATH]", page="report.md"))
    fail_on: str = option("never", Option(
        "Exit 1 when a broken limit is at least this severe.",
        "有不低于此级别的触线时以 1 退出。", "", "scan", choices=_SEVERITIES))
    ignore_file: Path | None = option(None, Option(
        "What is known and not reported until a day.", "忽略清单：已知、某日之前不再提示的事项。",
        "FILE", "scan", _EVERY, page="suppressions.md",
        unset=("the nearest merchantwatch-ignore.toml", "向上最近的 merchantwatch-ignore.toml")))
    baseline: Path | None = option(None, Option(
        "Say what is new, worse or resolved since this report, for those who keep no history.",
        "与这份报告相比的新增、加重与已解决，供不留历史者使用。",
        "RUN.json", "scan", page="history.md"))
    timeout: str | None = option(None, Option(
        "End with 124 a run that takes longer than this, like 30m.",
        "运行超过此时长（如 30m）时以 124 结束。", "TIME", "scan"))
    log: str = option("text", Option(
        "What stands on standard error: text, or a JSON object a line.",
        "标准错误的写法：文字，或每行一个 JSON 对象。", "", "scan", choices=("text", "json"),
        page="cron.md"))
    history: "HistoryPlace | None" = option(None, Option(
        "Record the run, and say what is new, worse, better or resolved since the last.",
        "记录本次运行，并说明与上次相比的新增、加重、减轻与已解决。",
        "", "scan", By.FLAG | By.FILE, page="history.md",
        unset=("where the settings have [history]", "设置中有 [history] 时记录")))
    dry_run: bool = option(False, Option(
        "Compare with the history, but record and send nothing.",
        "与历史比较，但不记录、不发送。", "", "scan", By.FLAG))
    owner: str | None = option(None, Option(
        "List the tasks of warehouse, logistics, customer-service, merchandising or operations "
        "alone, in text and md.",
        "text 与 md 只列出其任务：warehouse、logistics、customer-service、merchandising 或 "
        "operations。", "NAME", "view"))
    top: int | None = option(None, Option(
        "How many tasks text and md list.", "文字与 md 报告列出的任务数。", "N", "view",
        unset=("10", "10")))
    new_only: bool = option(False, Option(
        "List what is new or worse alone, in text, md, html and xlsx. Counts stay those of all.",
        "text、md、html 与 xlsx 只列出新增与加重的；计数仍是全部的。", "", "view", By.FLAG))
    key: str | None = option(None, Option(
        "The key of the hashes of buyers and receivers, 16 signs at least.",
        "买家与收件人哈希的密钥，至少 16 个字符。", by=By.ENVIRONMENT | By.FILE, secret=True,
        unset=("one of the installation, made on first need", "本机密钥，首次需要时生成")))
    sender_province: str | None = option(None, Option(
        "Where parcels come from where no column and no warehouse says so.",
        "没有列或仓库说明时包裹的发出省份。", by=By.ENVIRONMENT | By.FILE))
    warehouses: Mapping[str, str] = table(dict, Option(
        "The province of each warehouse, by its name in the exports.",
        "各仓库所在省份，按导出中的仓库名称。", by=By.FILE))
    shops: "tuple[ShopPattern, ...]" = option((), Option(
        "The shops of files, by the end of their path; the first that fits counts.",
        "按文件路径结尾认定的店铺；以首个相符者为准。", by=By.FILE))
    rules: Mapping[str, Mapping[str, Any]] = table(dict, Option(
        "Values of rules by code, in place of the pack's.",
        "按规则编号改写规则包中的值。", by=By.FILE, page="rules.md"))
    risk: Mapping[str, Any] = table(dict, Option(
        "Where IR900 warns and breaks (near, breached), and what its signals weigh, by code.",
        "IR900 何时预警与触线（near、breached），以及各信号的权重（按编号）。", by=By.FILE,
        page="rules.md"))
    cache: "CacheBound" = table(partial(_empty, "CacheBound"), Option(
        "How much the cache next to the history may take.", "历史旁的缓存最多占用多少。",
        by=By.FILE, page="cache.md"))
    plan: "PlanWorths" = table(partial(_empty, "PlanWorths"), Option(
        "What products and shops are worth that stay in business, in yuan.",
        "商品与店铺不受处罚时的价值（元）。", by=By.FILE))
    heartbeat: "Heartbeat" = table(partial(_empty, "Heartbeat"), Option(
        "Where to report the start and the end of a run.", "运行开始与结束时通知谁。", by=By.FILE,
        page="cron.md"))
    notify: "NotifyConfig" = table(partial(_empty, "NotifyConfig"), Option(
        "Who hears of what is new, worse and over.", "新增、加重与已结束的事项通知谁。", by=By.FILE,
        page="notifications.md"))
    # fmt: on
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    cells: "CellWriting" = field(default_factory=partial(_empty, "CellWriting"))
    origins: Mapping[str, str] = field(default_factory=dict)

    @property
    def zone(self) -> tzinfo:
        """The time zone itself."""
        from merchantwatch.language.moments import zone

        return zone(self.tz)


def resolve(flags: Flags, config: str | os.PathLike[str] | None = None) -> Settings:
    """Return the settings of a run: flags over environment over configuration over defaults.

    A flag that is None or empty was not given. ``config`` is the file to read, by default the
    nearest ``merchantwatch.toml`` upwards from the current folder. Raises UsageError for whatever
    cannot be understood.
    """
    from msgspec.structs import asdict

    from merchantwatch import config as files
    from merchantwatch.language.moments import moment, zone

    path = Path(config) if config else files.nearest(CONFIG_NAME)
    written = asdict(files.read(path) if path else files.Config())
    # Of the environment, the shop's name alone is written into reports as it is.
    refuse_unwritable({**flags, "config": str(path)}, os.environ.get(f"{ENV_PREFIX}SHOP"))
    folder = path.parent if path else Path()
    values, origins = _chosen(flags, written, path)
    values.setdefault("ignore_file", _suppressions(path))
    columns, words, cells = files.mapping(written["map"], path)
    # Packs of the file and of flags add up: a flag adds a pack to the shop's usual ones.
    packs = [folder / name for name in written["pack"] or ()]
    return Settings(
        as_of=moment(flags.get("as_of"), zone(values.get("tz", Settings.tz))),
        map={**columns, **mapped_by(flags.get("map") or ())},
        words=words,
        cells=cells,
        pack=(*packs, *map(Path, flags.get("pack") or ())),
        history=_history(written["history"], folder, flags.get("history")),
        origins=origins,
        config=path,
        **values,
    )


def _chosen(
    flags: Flags, written: Mapping[str, object], path: Path | None
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the value of each option from the strongest source that sets it, and that source."""
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name, (about, one) in options(Settings).items():
        if about.by == By.FILE:
            values[name] = written[name]
        elif about.by == By.FLAG:
            values[name] = bool(flags.get(name))
        elif By.ENVIRONMENT in about.by:
            # An empty value sets nothing: click gives () and "" for flags that were not given.
            given = _places(name, flags, written[name], path)
            found = next((item for item in given if item[1] not in (None, "", (), [])), None)
            if found:
                origins[name], value = found
                # Paths in the file are relative to it, so that cron may start anywhere.
                folder = path.parent if path and origins[name] == str(path) else Path()
                values[name] = tidied(name, about, one.type, value, folder)
    return values, origins


def _places(
    name: str, flags: Flags, written: object, path: Path | None
) -> Iterator[tuple[str, object]]:
    """Yield the sources of an option and their values, the strongest first."""
    yield "flag", flags.get(name)
    yield "environment", os.environ.get(ENV_PREFIX + name.upper())
    yield str(path), written
    yield "locale", locale_lang() if name == "lang" else None


def _history(
    written: "HistoryPlace | None", folder: Path, wanted: bool | None
) -> "HistoryPlace | None":
    """Return where runs are recorded: the flag says whether, the configuration where."""
    from merchantwatch.config import HistoryPlace

    if wanted is False or (wanted is None and written is None):
        return None
    return (written or HistoryPlace()).within(folder)


def _suppressions(config: Path | None) -> Path | None:
    """Return the file of suppressions: beside the configuration, else the nearest upwards."""
    from merchantwatch.config import nearest

    beside = config.parent / IGNORE_NAME if config else None
    return beside if beside and beside.is_file() else nearest(IGNORE_NAME)
