"""Reports: each a function of one ``Results``, written whole or not at all."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple, TypeAlias, cast

from merchantwatch.errors import UsageError
from merchantwatch.support import writing

if TYPE_CHECKING:
    from merchantwatch.results.model import Results

    Render: TypeAlias = Callable[[Results, IO[bytes]], None]


class Format(NamedTuple):
    """A format of reports: what it is, the module that renders it, and by which of its functions.

    One that is ``of_rows`` needs the rows of the engine, which a stored JSON report does not hold;
    one that is ``bare`` is a table without a word beside its rows.
    """

    name: str
    module: str
    en: str
    zh: str
    extension: str | None = None
    render: str = "render"
    binary: bool = False
    of_rows: bool = False
    bare: bool = False


# fmt: off
TABLE = (
    Format("text", "text", "for the terminal", "终端文字", ".txt"),
    Format("json", "json", "everything, for programs", "全部内容，供程序读取", ".json"),
    Format("html", "html", "one page, in both languages", "单页网页，中英双语", ".html"),
    Format("xlsx", "workbook", "the work list as a workbook", "工作清单（工作簿）", ".xlsx", binary=True),
    Format("md", "markdown", "a message for DingTalk, Feishu or WeCom", "钉钉、飞书、企业微信消息", ".md"),
    Format("md-long", "markdown", "the same with all tables", "同上，附全部表格", None, "render_long"),
    Format("csv", "hits", "all hits", "全部命中", ".csv", "render_csv", of_rows=True, bare=True),
    Format("parquet", "hits", "all hits", "全部命中", ".parquet", "render_parquet", binary=True, of_rows=True, bare=True),
    Format("tasks-csv", "task_tables", "all tasks", "全部任务", None, "render_csv", bare=True),
    Format("tasks-parquet", "task_tables", "all tasks", "全部任务", None, "render_parquet", binary=True, bare=True),
    Format("prometheus", "prometheus", "metrics", "监控指标", ".prom"),
    Format("quarantine", "quarantine", "all rows that could not be understood, as CSV", "全部无法读懂的行（CSV）", of_rows=True, bare=True),
)
# fmt: on
"""Every format there is. A new one is a module, and a row here."""

FORMATS = tuple(fmt.name for fmt in TABLE)
"""The names of the formats."""

FROM_JSON = tuple(fmt.name for fmt in TABLE if not fmt.of_rows)
"""Those that a stored JSON report can be rendered as."""

BINARY = tuple(fmt.name for fmt in TABLE if fmt.binary)
"""Formats that need a path."""

BARE = frozenset(fmt.name for fmt in TABLE if fmt.bare)
"""Formats in which nothing can be said beside the rows."""

# A format without an extension of its own is never meant by a path alone.
_EXTENSIONS = {fmt.extension: fmt.name for fmt in TABLE if fmt.extension}


def check_format(name: str) -> None:
    """Raise UsageError when a report format is not built."""
    if name not in FORMATS:
        built = ", ".join(FORMATS)
        raise UsageError(
            f"-o {name}: not built yet; there are {built}", f"-o {name}：尚未支持；可用 {built}"
        )


def check_stored(name: str) -> None:
    """Raise UsageError for an unknown format, or one that a stored report cannot be rendered as."""
    check_format(name)
    if name not in FROM_JSON:
        known = ", ".join(FROM_JSON)
        raise UsageError(
            f"-o {name}: a JSON report does not hold every row; scan again, or take {known}",
            f"-o {name}：JSON 报告中没有全部明细；请重新扫描，或改用 {known}",
        )


def format_of(path: Path) -> str:
    """Return the format that a path's extension means. Raises UsageError for an unknown one."""
    found = _EXTENSIONS.get(path.suffix.lower())
    if found is None:
        known = ", ".join(_EXTENSIONS)
        raise UsageError(
            f"{path}: no report has this extension; there are {known}",
            f"{path}：没有这种扩展名的报告；可用 {known}",
        )
    return found


def write(results: "Results", fmt: str, path: Path | str | None) -> None:
    """Write one report to a path, or to standard output when there is none.

    The file appears whole or not at all. Spark writes the hits as a folder of Parquet files, which
    may be at an address. Raises OutputError when it cannot be written.
    """
    check_format(fmt)
    # Spark's workers write the hits themselves: all of them would not fit through this process.
    if fmt == "parquet" and path is not None and results.write_hits is not None:
        results.write_hits(path)
        return
    render = _renderer(fmt)
    writing.write(lambda file: render(results, file), path)


def _renderer(name: str) -> "Render":
    fmt = next(fmt for fmt in TABLE if fmt.name == name)
    # Imported only now: rich, Jinja and xlsxwriter would slow the start of every other command.
    module = import_module(f"merchantwatch.reports.{fmt.module}")
    return cast("Render", getattr(module, fmt.render))
