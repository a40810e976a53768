"""The command line about many nights: schedules, their check, and backtests."""

import click

from merchantwatch.commands.options import HELP, declared, output_option


@click.command(context_settings=HELP)
@click.argument("inputs", metavar="INPUT…", nargs=-1, required=True)
@click.option("--from", "begin", metavar="TIME", help="The first moment. Default: the midnight after the first order.")  # fmt: skip
@click.option("--to", "end", metavar="TIME", help="The last moment. Default: the newest event.")
@click.option("--every", metavar="TIME", default="24h", show_default=True, help="How long from one moment to the next.")  # fmt: skip
@declared("reading")
@output_option(["text", "json", "html"], default="text")
def backtest(
    inputs: tuple[str, ...],
    begin: str | None,
    end: str | None,
    every: str,
    config: str | None,
    **flags: object,
) -> int:
    """Judge past exports as of one night after the other: what was warned of, what came true.

    Says rule by rule how many findings were warned of and how long before, how many of them came
    true, how many were missed, and what another threshold would have given.
    """
    from merchantwatch.commands.backtest import backtest as work

    return work(inputs, begin, end, every, flags, config)


@click.command(context_settings={**HELP, "ignore_unknown_options": True})
@click.option("--at", metavar="HH:MM", multiple=True, default=["08:15"], help="When to run, in the platform's time zone. Default: 08:15. Repeatable.")  # fmt: skip
@click.option("--for", "kind", type=click.Choice(["crontab", "systemd", "airflow"]), help="Print this alone. Default: all.")  # fmt: skip
@click.argument("arguments", metavar="INPUT… [OPTIONS OF SCAN]", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def cron(
    context: click.Context, arguments: tuple[str, ...], at: tuple[str, ...], kind: str | None
) -> int:
    """Print what runs a scan every night: a line of crontab, a timer of systemd, a DAG of Airflow.

    Give it what you would give `merchantwatch scan`. Nothing is installed and nothing is read.
    """
    from merchantwatch.commands.cron import cron as work

    # Parsed as scan parses them, so that a wrong option is an error now and not at night.
    every = context.find_root().command
    scan = every.get_command(context, "scan") if isinstance(every, click.Group) else None
    if scan is None:
        raise click.UsageError("there is no scan")
    flags = scan.make_context("merchantwatch scan", list(arguments)).params
    return work(arguments, flags, at, kind)


@click.command(context_settings=HELP)
@click.argument("inputs", metavar="[INPUT]…", nargs=-1)
@declared("reading")
@click.option("--history/--no-history", default=None, help="Look at the history too. Default: where the settings have [history].")  # fmt: skip
@output_option(["text", "json"])
def doctor(inputs: tuple[str, ...], config: str | None, **flags: object) -> int:
    """Say whether a nightly scan of INPUT would run: nothing is judged, recorded or sent.

    Looks at the settings, the time zone, the inputs with their encoding and mapping, the lock, the
    history, the disk, the channels and the heartbeat: each ok, warn or fail, with what to do.
    """
    from merchantwatch.commands.doctor import doctor as work

    return work(inputs, flags, config)
