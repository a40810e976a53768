"""The command line: options, arguments and exit codes. Its logic is in ``commands/``."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from typing import NoReturn

import click

from merchantwatch import __version__
from merchantwatch.commands.cli_catalogue import explain, formats, rule, rules, schema
from merchantwatch.commands.cli_history import diff, history, prune, trend
from merchantwatch.commands.cli_ignore import ignore
from merchantwatch.commands.cli_nights import backtest, cron, doctor
from merchantwatch.commands.cli_notify import notify
from merchantwatch.commands.options import (
    HELP,
    config_option,
    declared,
    lang_option,
    output_option,
)
from merchantwatch.errors import MerchantwatchError, OutputError, UsageError
from merchantwatch.reports import FORMATS, FROM_JSON
from merchantwatch.support import log
from merchantwatch.support.descriptors import fill_descriptors
from merchantwatch.support.ending import announce_end
from merchantwatch.support.lang import message_lang
from merchantwatch.support.process_setup import set_up_process
from merchantwatch.support.signals import handle_signals
from merchantwatch.support.streams import complain, guard_streams

_UNEXPECTED = 1
"""Python's exit code after an unexpected error."""


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with the code of the contract."""
    # In this order: descriptors before the pipe of signals, which could become one of 0 to 2;
    # the allocator before Arrow is loaded; streams before anything is printed.
    fill_descriptors()
    handle_signals()
    set_up_process()
    guard_streams()
    if _wants_log(sys.argv[1:] if args is None else args):
        log.begin()
    try:
        code = cli(args=args, prog_name="merchantwatch", standalone_mode=False)
        sys.stdout.flush()
        announce_end(code or 0)
        log.end(code or 0)
    except MerchantwatchError as error:
        _stop(error.message(message_lang()), error.exit_code)
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f" ({context.command_path} --help)" if context else ""
        _stop(error.format_message() + hint, UsageError.exit_code)
    finally:
        # Reached with callbacks left only after an unexpected error: others announced theirs.
        announce_end(_UNEXPECTED)
    sys.exit(code or 0)


def _stop(message: str, code: int) -> NoReturn:
    # A full disk under standard output must not hide the first error.
    with suppress(OutputError):
        sys.stdout.flush()
    announce_end(code)
    complain(f"merchantwatch: {message}")
    log.end(code)
    sys.exit(code)


def _wants_log(args: Sequence[str]) -> bool:
    """Say whether a log is wanted. Options are not parsed yet: errors of parsing go to it, too."""
    by_flag = "--log=json" in args or ("--log", "json") in pairwise(args)
    return by_flag or os.environ.get("MERCHANTWATCH_LOG") == "json"


@click.group(context_settings=HELP)
@click.version_option(__version__, message="merchantwatch %(version)s")
def cli() -> None:
    """Which platform rules your orders break or are about to break, and what to do first.

    merchantwatch reads the exports you download anyway (CSV, Parquet) and reports every limit
    that is broken or near, by which orders, and what to do first.
    """


_NIGHTLY = (backtest, cron, doctor, diff, history, ignore, notify, prune, trend)
for command in (*_NIGHTLY, explain, formats, rule, rules, schema):
    cli.add_command(command)


@cli.command(context_settings=HELP)
@click.argument("inputs", metavar="INPUT…", nargs=-1, required=True)
@declared("moment", "reading")
@output_option(FORMATS)
@declared("scan", "view")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but reports that were asked for, and errors.")  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="Say what is read, and where each setting comes from.")  # fmt: skip
def scan(
    inputs: tuple[str, ...], quiet: bool, verbose: bool, config: str | None, **flags: object
) -> int:
    """Judge the orders in INPUT and report.

    INPUT is a file, a folder, a glob, or - for standard input. Every file is recognised by its
    header. Without -o: the text report on standard output, and risk_report.html here.
    """
    from merchantwatch.commands.scan import scan as work

    return work(inputs, flags, config, quiet=quiet, verbose=verbose)


@cli.command(context_settings=HELP)
@click.argument("inputs", metavar="INPUT…", nargs=-1, required=True)
@declared("reading")
@output_option(["text", "json"])
def check(inputs: tuple[str, ...], config: str | None, **flags: object) -> int:
    """Recognise and read INPUT, and judge nothing.

    Tells of every file its format and version, encoding, rows and what is wrong with them, the
    columns that are used, its shop and age; which rules can be evaluated, and which export would
    add what the others miss.
    """
    from merchantwatch.commands.check import check as work

    return work(inputs, flags, config)


@cli.command(context_settings=HELP)
@click.argument("name", metavar="FILE")
@click.option("-o", "--output", metavar="PATH", help="Write to this file, or with - to standard output. Default: merchantwatch.toml here.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Print the file and write nothing.")
@click.option("--force", is_flag=True, help="Overwrite a file that is there already.")
@click.option("--platform", metavar="NAME", help="Whose rules are to judge: douyin, tmall, taobao.")
@lang_option
def init(
    name: str,
    output: str | None,
    dry_run: bool,
    force: bool,
    platform: str | None,
) -> int:
    """Propose a mapping for FILE, an export that no format recognises.

    Of a workbook or a zip one sheet or file is named like book.xlsx[Orders].
    Looks at the names of the columns and at the first 10,000 rows, and writes merchantwatch.toml
    with the reason for each line. Look it over: `merchantwatch scan FILE` uses it from then on.
    """
    from merchantwatch.commands.init import init as work

    return work(name, output, platform, message_lang(), force=force, dry_run=dry_run)


@cli.command(context_settings=HELP)
@click.argument("line_id")
@click.argument("inputs", metavar="INPUT…", nargs=-1, required=True)
@declared("moment", "reading")
def why(line_id: str, inputs: tuple[str, ...], config: str | None, **flags: object) -> int:
    """Explain every rule on the line LINE_ID, with the clock's arithmetic.

    LINE_ID may also be an order's id: then each of its lines is explained.
    """
    from merchantwatch.commands.why import why as work

    return work(line_id, inputs, flags, config)


@cli.command(context_settings=HELP)
@click.argument("line_id")
@click.argument("inputs", metavar="INPUT…", nargs=-1, required=True)
@declared("moment", "reading")
@output_option(["md", "html"])
def dossier(line_id: str, inputs: tuple[str, ...], config: str | None, **flags: object) -> int:
    """Gather what is known of the line LINE_ID, to attach to an appeal.

    Its timeline, the clauses that it breaks or nears with their sources, and the evidence in hand
    and missing. LINE_ID may also be an order's id.
    """
    from merchantwatch.commands.dossier import dossier as work

    return work(line_id, inputs, flags, config)


@cli.command(context_settings=HELP)
@click.argument("inputs", metavar="INPUT…", nargs=-1, required=True)
@click.option("--capacity", metavar="N", type=click.IntRange(min=1), required=True, help="How many parcels can be packed.")  # fmt: skip
@click.option("--until", metavar="TIME", help='When they are packed, like 18:00 or "2026-11-21 18:00". Default: as-of.')  # fmt: skip
@declared("moment", "reading")
@output_option(["text", "json", "csv"])
def plan(
    inputs: tuple[str, ...], capacity: int, until: str | None, config: str | None, **flags: object
) -> int:
    """Say which N orders to pack so that the least is lost by the next judgement.

    Counts the money of the clauses, and the products and shops that would break a limit: what
    these are worth, [plan.products] and [plan.shops] in merchantwatch.toml say; by default it is
    the money of their open orders.
    """
    from merchantwatch.commands.plan import plan as work

    return work(inputs, capacity, until, flags, config)


@cli.command(context_settings=HELP)
@click.argument("name", metavar="RUN.json", required=False)
@click.option("--run", "recorded", metavar="RUN", help="A run that is recorded in the history instead: a number, last, previous, or a day.")  # fmt: skip
@config_option
@output_option(FROM_JSON, default="text")
@declared("view")
@declared("lang", lang="the run's")
def report(name: str | None, output: tuple[str, ...], lang: str | None, **flags: object) -> int:
    """Render a run again that was kept as JSON or recorded: nothing is read or judged again.

    RUN.json is what `merchantwatch scan … -o json:RUN.json` wrote.
    """
    from merchantwatch.commands.report import report as work

    return work(name, output, lang, flags)
