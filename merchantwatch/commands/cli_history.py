"""``history`` on the command line: runs, trends, differences, and deleting old runs."""

import click

from merchantwatch.commands.options import HELP, config_option, lang_option, output_option
from merchantwatch.support.lang import message_lang

_output = output_option(["text", "json"])
_top = click.option("--top", metavar="N", type=click.IntRange(min=1), default=30, show_default=True, help="How many of the last runs.")  # fmt: skip


@click.command(context_settings=HELP)
@_top
@_output
@config_option
@lang_option
def history(top: int, output: tuple[str, ...], config: str | None) -> int:
    """List the runs that are recorded, the newest first."""
    from merchantwatch.commands.history import history as work

    return work(top, output, config, message_lang())


@click.command(context_settings=HELP)
@click.argument("code", required=False)
@_top
@_output
@config_option
@lang_option
def trend(code: str | None, top: int, output: tuple[str, ...], config: str | None) -> int:
    """Chart what the rule CODE found, run by run; without CODE all broken limits and tasks."""
    from merchantwatch.commands.history import trend as work

    return work(code, top, output, config, message_lang())


@click.command(context_settings=HELP)
@click.argument("before", metavar="RUN")
@click.argument("after", metavar="RUN")
@_output
@config_option
@lang_option
def diff(before: str, after: str, output: tuple[str, ...], config: str | None) -> int:
    """Say what opened, worsened, eased, was resolved or has gone between two runs.

    RUN is a number of `merchantwatch history`, `last`, `previous`, or a day like 2026-11-21, which
    means its last run.
    """
    from merchantwatch.commands.history import diff as work

    return work(before, after, output, config, message_lang())


@click.command(context_settings=HELP)
@click.option("--keep", metavar="TIME", required=True, help="How long runs are kept, like 180d.")
@config_option
@lang_option
def prune(keep: str, config: str | None) -> int:
    """Forget runs that are older than this, but the last one; what is open stays."""
    from merchantwatch.commands.history import prune as work

    return work(keep, config, message_lang())
