"""Write what can be set wherever else it stands: ``python docs/make_options.py``.

The options in the README, docs/options.md, both JSON Schemas, the fields of the JSON report, and
the parameters of ``scan()``.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import click

from merchantwatch.cli import cli
from merchantwatch.commands import schema
from merchantwatch.reports import TABLE
from merchantwatch.reports.fields import about as of_field
from merchantwatch.settings import Settings
from merchantwatch.support.options import ENV_PREFIX, By, Option, named, options

ROOT = Path(__file__).parents[1]
INTRO = """\
# Options and settings

Written by `docs/make_options.py` from `merchantwatch/settings.py`. A flag wins over the variable of
the environment, and that over `merchantwatch.toml`. Where a setting comes from,
`merchantwatch scan -v` says.
"""
FORMATS = """
## Output formats

Of `-o FORMAT[:PATH]`, in the order of the table in `merchantwatch/reports/__init__.py`. `{date}` in
a path is the day of as-of; without a path a report goes to standard output.
"""
REPORT_FIELDS = """\
# The fields of the JSON report

Written by `docs/make_options.py` from `merchantwatch/reports/fields.toml`, from which
`merchantwatch schema report` has its descriptions too. [report.md](report.md) explains the parts.\
"""
PARAMETERS: dict[object, str] = {
    datetime: "str | datetime | None",
    int | None: "int | None",
    Path | None: '"str | PathLike[str] | None"',
    tuple[str, ...]: "Sequence[str] | str | None",
    tuple[Path, ...]: '"Sequence[str | PathLike[str]] | str | PathLike[str] | None"',
    Mapping[str, str]: "Mapping[str, str] | None",
    str | int: "str | int | None",
}
"""What ``scan()`` takes for an option, by the option's type."""


def written() -> dict[Path, str]:
    """Return all files as they are to be, by their path."""
    readme, package = ROOT / "README.md", ROOT / "merchantwatch" / "__init__.py"
    lines = [INTRO, *_table(), FORMATS, *_formats()]
    return {
        ROOT / "docs" / "options.md": "\n".join(lines) + "\n",
        readme: _filled(readme, "<!-- options -->", "<!-- end of options -->", _flags()),
        package: _filled(package, "    # options", "    # end of options", _parameters()),
        ROOT / "docs" / "report-fields.md": "\n".join(_report_fields()) + "\n",
        **{ROOT / "docs" / f"{name}.schema.json": schema.text(name) for name in schema.TITLES},
    }


def _report_fields() -> Iterator[str]:
    """Yield the page of the fields of the JSON report, record by record as its schema has them."""
    yield REPORT_FIELDS
    for name, node in json.loads(schema.text("report"))["$defs"].items():
        yield f"\n## {name.removesuffix('InJson')}\n"
        yield f"{' '.join(node['description'].split())}\n"
        yield "| field | | |\n|---|---|---|"
        for field in node["properties"]:
            one = of_field(name, field)
            yield f"| `{field}` | {one.en} | {one.zh} |"


def _filled(path: Path, begin: str, end: str, lines: Iterable[str]) -> str:
    """Return a file with these lines between the marks."""
    found = re.compile(f"(?<=^{begin}\n).*?(?=^{end}\n)", re.DOTALL | re.MULTILINE)
    return found.sub(lambda _: "".join(f"{line}\n" for line in lines), path.read_text("utf-8"))


def _table() -> Iterator[str]:
    yield "| in the file | flag | environment | Python | default | what | 说明 |"
    yield "|---|---|---|---|---|---|---|"
    for name, (about, one) in options(Settings).items():
        yield _row(
            _code(name, By.FILE in about.by),
            _code(_flag(name, about), By.FLAG in about.by),
            _code(ENV_PREFIX + name.upper(), By.ENVIRONMENT in about.by),
            _code(f"{name}=", By.PYTHON in about.by),
            about.unset[0] or (f"`{one.default}`" if isinstance(one.default, str) else ""),
            _linked(about.en, about, ""),
            about.zh,
        )


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _code(text: str, there: bool) -> str:
    return f"`{text}`" if there else ""


def _flag(name: str, about: Option) -> str:
    return f"{named(name)} {about.metavar or '|'.join(about.choices)}".strip()


def _linked(what: str, about: Option | None, folder: str) -> str:
    """Return the text of an option with a link to the page on it, as seen from a folder."""
    page = about.page if about else ""
    return f"{what} [docs/{page}]({folder}{page})" if page else what


def _formats() -> Iterator[str]:
    yield "| format | what | 说明 | extension |"
    yield "|---|---|---|---|"
    for fmt in TABLE:
        yield f"| `{fmt.name}` | {fmt.en} | {fmt.zh} | {fmt.extension or ''} |"


def _flags() -> Iterator[str]:
    """Yield the options of ``scan``, as its help says them."""
    yield "| option | |"
    yield "|---|---|"
    known, scan = options(Settings), cli.commands["scan"]
    for flag in (param for param in scan.params if isinstance(param, click.Option)):
        names, what = flag.get_help_record(click.Context(scan)) or ("", "")
        if flag.name == "output":
            what = f"{', '.join(f'`{fmt.name}` ({fmt.en})' for fmt in TABLE)}. Repeatable."
        about, _ = known.get(flag.name or "", (None, None))
        yield _row(f"`{names}`", _linked(what, about, "docs/"))


def _parameters() -> Iterator[str]:
    for name, (about, one) in options(Settings).items():
        if By.PYTHON in about.by:
            kind = PARAMETERS.get(about.in_file) or PARAMETERS.get(one.type, "str | None")
            yield f"    {name}: {kind} = None,"


if __name__ == "__main__":
    for path, text in written().items():
        path.write_text(text, encoding="utf-8")
