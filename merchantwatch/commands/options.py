"""The options that several commands have."""

from typing import Any

import click

from merchantwatch.support.lang import ask

HELP = {"help_option_names": ["-h", "--help"]}


def note_lang(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Keep the language that was asked for, so that errors speak it too."""
    ask(value)
    return value


lang_option = click.option("--lang", type=click.Choice(["zh", "en"]), is_eager=True, expose_value=False, callback=note_lang, help="Language. Default: the locale's.")  # fmt: skip
as_of_option = click.option("--as-of", metavar="TIME", help='Judge as of this moment, like "2026-11-21 00:00". Default: now.')  # fmt: skip


def reading_options(command: Any) -> Any:
    """Add the options that say what to read and by which rules."""
    options = [
        click.option("--tz", metavar="ZONE", help="The platform's time zone. Default: Asia/Shanghai."),
        click.option("--map", metavar="FIELD=COLUMN", multiple=True, help="Name the column of a field, for files that no format recognises. Repeatable."),
        click.option("--select", metavar="CODE,…", multiple=True, help="Judge by these rules only: codes, beginnings of codes (DY, DY1), or names."),
        click.option("--ignore", metavar="CODE,…", multiple=True, help="Leave these rules out."),
        click.option("--pack", metavar="FILE", multiple=True, help="A pack of your own rules, beside the built-in ones."),
        click.option("--exemptions", metavar="FILE", help="CSV or Excel file of what the platform has agreed not to count, or to count later."),
        click.option("--shop", metavar="NAME", help="The shop of exports that do not name it."),
        click.option("--platform", metavar="NAME", help="Whose rules judge: douyin, tmall, taobao."),
        click.option("--max-bad-rows", metavar="N|N%", help="Exit 3 when more rows than this cannot be understood. Default: 5%."),
        click.option("--config", metavar="FILE", help="Default: the nearest merchantwatch.toml upwards."),
        click.option("--lang", type=click.Choice(["zh", "en"]), is_eager=True, callback=note_lang, help="Language. Default: the locale's."),
        click.option("--engine", metavar="NAME", help="duckdb, or spark[=MASTER]. Default: duckdb."),
        click.option("--memory", metavar="SIZE", help="Memory a run may take; large files take 650MB at least. Default: 1GB."),
        click.option("--threads", type=click.IntRange(min=1), help="Default: all cores."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def view_options(command: Any) -> Any:
    """Add the options that say which tasks reports in words list."""
    owner = click.option("--owner", metavar="NAME", help="List the tasks of warehouse, logistics, customer-service, merchandising or operations alone, in text and md.")  # fmt: skip
    top = click.option("--top", metavar="N", type=click.IntRange(min=1), help="List so many tasks in text and md. Default: 10.")  # fmt: skip
    new = click.option("--new-only", is_flag=True, help="List what is new or worse alone, in text, md, html and xlsx. Counts stay those of all.")  # fmt: skip
    return owner(top(new(command)))


config_option = click.option("--config", metavar="FILE", help="Default: the nearest merchantwatch.toml upwards.")  # fmt: skip
