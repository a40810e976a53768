"""``ignore`` on the command line: edits the file of suppressions."""

import click

from merchantwatch.commands.options import HELP, config_option, declared, lang_option
from merchantwatch.support.lang import message_lang

_file = declared("ignore_file", ignore_file="the nearest merchantwatch-ignore.toml, else one beside the settings")  # fmt: skip


@click.group(context_settings=HELP, invoke_without_command=True)
@click.pass_context
def ignore(context: click.Context) -> int | None:
    """Say what is known and not to be reported until a day: merchantwatch-ignore.toml.

    Without a further command it lists the entries.
    """
    if context.invoked_subcommand is not None:
        return None
    from merchantwatch.commands.ignore import list_entries as work

    return work(None, None, None, message_lang())


@ignore.command(context_settings=HELP)
@click.option("--rule", metavar="CODE", help="A code, the beginning of codes (DY, DY1), or a name. Default: every rule.")  # fmt: skip
@click.option("--order", metavar="ID", help="The id of an order, or of a line.")
@click.option("--product", metavar="ID", help="The id of a product.")
@click.option("--carrier", metavar="NAME", help="A carrier, as the exports write it.")
@click.option("--shop", metavar="NAME", help="A shop, as the exports or the settings name it.")
@click.option("--reason", metavar="TEXT", required=True, help="Why.")
@click.option("--owner", metavar="NAME", help="Who answers for it.")
@click.option("--until", metavar="DAY", required=True, help="The last day, like 2026-12-31, or so long from today: 14d.")  # fmt: skip
@_file
@config_option
@lang_option
def add(ignore_file: str | None, config: str | None, **entry: str | None) -> int:
    """Add an entry, or renew the one that names the same.

    The file is written whole or not at all; its comments and other entries stay as they are.
    """
    from merchantwatch.commands.ignore import add as work

    return work(entry, ignore_file, config, message_lang())


@ignore.command("list", context_settings=HELP)
@declared("moment")
@_file
@config_option
@lang_option
def list_entries(as_of: str | None, ignore_file: str | None, config: str | None) -> int:
    """List the entries, and which have expired."""
    from merchantwatch.commands.ignore import list_entries as work

    return work(as_of, ignore_file, config, message_lang())


@ignore.command(context_settings=HELP)
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and write nothing.")
@declared("moment")
@_file
@config_option
@lang_option
def prune(dry_run: bool, as_of: str | None, ignore_file: str | None, config: str | None) -> int:
    """Remove the entries that have expired, with the comments right above them."""
    from merchantwatch.commands.ignore import prune as work

    return work(as_of, ignore_file, config, message_lang(), dry_run=dry_run)
