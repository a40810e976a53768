"""The command line of alerts: testing channels, and sending waiting alerts."""

import click

from merchantwatch.commands.options import HELP, config_option, declared

_message_lang = declared("lang", lang="the configuration's, else the locale's")


@click.group(context_settings=HELP)
def notify() -> None:
    """Try the channels of [notify] out, or send what waits for them."""


@notify.command("test", context_settings=HELP)
@click.argument("channels", metavar="[CHANNEL]…", nargs=-1)
@config_option
@_message_lang
def notify_test(channels: tuple[str, ...], config: str | None, lang: str | None) -> int:
    """Send one harmless message to each channel, or to each CHANNEL named."""
    from merchantwatch.commands.notify import test as work

    return work(channels, config, lang)


@notify.command("flush", context_settings=HELP)
@config_option
@_message_lang
@click.option("--history", is_flag=True, default=None, help="Of the history in its usual place, where the settings have no [history].")  # fmt: skip
@click.option("--drop", metavar="CHANNEL", help="Give up what waits for this channel.")
def notify_flush(
    config: str | None, lang: str | None, history: bool | None, drop: str | None
) -> int:
    """Send the alerts that wait, also in quiet hours."""
    from merchantwatch.commands.notify import flush as work

    return work(config, lang, history, drop)
