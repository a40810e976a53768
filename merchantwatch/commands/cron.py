"""``cron``: schedules for a nightly scan."""

import getpass
import os
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from pathlib import Path

from merchantwatch.commands.schedules import Nightly, airflow, crontab, systemd
from merchantwatch.errors import UsageError
from merchantwatch.language.moments import duration
from merchantwatch.settings import Settings, resolve
from merchantwatch.support.options import ENV_PREFIX, Flags
from merchantwatch.support.writing import show

_TIME = re.compile(r"([01]?[0-9]|2[0-3]):[0-5][0-9]")


def cron(arguments: Sequence[str], flags: Flags, at: Sequence[str], kind: str | None) -> int:
    """Print schedules of a scan with these arguments; ``flags`` are the parsed arguments."""
    _refuse(arguments, flags)
    settings = resolve(flags, flags.get("config"))
    if settings.timeout:
        # Only for its errors: a time that cannot be read must be refused now, and not at night.
        duration(settings.timeout, "--timeout")
    job = Nightly(
        command=[*_program(), "scan", *_added(flags, settings), *arguments],
        folder=str(Path.cwd()),
        user=getpass.getuser(),
        times=[_time(text) for text in at],
        tz=settings.tz,
        needs=list(_needs(settings)),
        lang=settings.lang,
    )
    # In the zone of this machine, by which cron runs.
    now = datetime.now().astimezone()
    kinds = {"crontab": crontab(job, now), "systemd": systemd(job), "airflow": airflow(job, now)}
    chosen = [kinds[kind]] if kind else kinds.values()
    show("\n\n".join("\n".join(lines) for lines in chosen) + "\n")
    return 0


def _refuse(arguments: Sequence[str], flags: Flags) -> None:
    """Raise UsageError for arguments that make no sense every night."""
    if flags.get("as_of"):
        raise UsageError(
            "--as-of: every night would judge at the same moment; leave it out",
            "--as-of：每晚都会按同一时刻判定，请去掉",
        )
    if "-" in flags["inputs"]:
        raise UsageError(
            "-: nothing comes from standard input at night; name files or a folder",
            "-：夜间没有标准输入，请给出文件或文件夹",
        )
    # A crontab ends a command at a line break, and has no way to quote one.
    if any(sign in word for word in [*arguments, str(Path.cwd())] for sign in "\n\r\0"):
        raise UsageError("a line break cannot stand in a schedule", "计划任务中不能有换行")


def _time(text: str) -> time:
    if not _TIME.fullmatch(text.strip()):
        raise UsageError(f"--at {text!r}: write it like 08:15", f"--at {text!r}：请写成 08:15")
    hour, minute = text.strip().split(":")
    return time(int(hour), int(minute))


def _program() -> list[str]:
    """Return the command that starts this program, independent of the folder and of PATH."""
    # cron runs with a short PATH, on which a virtual environment is not.
    beside = Path(sys.executable).absolute().with_name("merchantwatch")
    if beside.is_file() and os.access(beside, os.X_OK):
        return [str(beside)]
    return [str(Path(sys.executable).absolute()), "-m", "merchantwatch"]


def _added(flags: Flags, settings: Settings) -> Iterator[str]:
    """Yield options for what would differ at night: folder, zone, language, no terminal."""
    if settings.config and not flags.get("config"):
        yield from ("--config", str(settings.config.absolute()))
    if not flags.get("tz"):
        yield from ("--tz", settings.tz)
    if not flags.get("lang"):
        yield from ("--lang", settings.lang)
    # Cron mails whatever is printed, every night.
    if not flags.get("quiet") and not flags.get("verbose"):
        yield "--quiet"


def _needs(settings: Settings) -> Iterator[str]:
    """Yield the environment variables that the settings name, and this program's own ones."""
    urls = [settings.heartbeat.url, *(channel.url for channel in settings.notify.channels)]
    named = [url.removeprefix("env:") for url in urls if url and url.startswith("env:")]
    ours = sorted(name for name in os.environ if name.startswith(ENV_PREFIX))
    yield from dict.fromkeys([*named, *ours])
