"""A scan as a line of crontab, as a timer of systemd and as a DAG of Airflow."""

import re
import shlex
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from msgspec import Struct

from merchantwatch.language.text import Text

_PLAIN = re.compile(r"[A-Za-z0-9_./:=,@+-]+")
_JINJA = ("{{", "{%", "{#")
_TEMPLATE_FILES = (".sh", ".bash")
"""Airflow reads a command with such an ending as the name of a template file."""

_NAME = "merchantwatch"


class Nightly(Struct, frozen=True):
    """A nightly job: its command, folder, user, and times of the day in ``tz``.

    ``needs`` are the environment variables that it needs.
    """

    command: Sequence[str]
    folder: str
    user: str
    times: Sequence[time]
    tz: str
    needs: Sequence[str]
    lang: str


def crontab(job: Nightly, now: datetime) -> Iterator[str]:
    """Yield the lines for ``crontab -e``; ``now`` is a moment in the zone of this machine."""
    yield "# crontab -e"
    for name in job.needs:
        yield f"# {_NEEDS_CRON.fill(name=name).of(job.lang)}"
    # In a crontab an unescaped % ends the command.
    command = f"cd {shlex.quote(job.folder)} && {shlex.join(job.command)}".replace("%", r"\%")
    for at in job.times:
        # cron knows only the zone of the machine.
        here = datetime.combine(now.date(), at, ZoneInfo(job.tz)).astimezone(now.tzinfo)
        if here.strftime("%H:%M") != at.strftime("%H:%M"):
            values = {"at": f"{at:%H:%M}", "tz": job.tz, "here": f"{here:%H:%M}"}
            yield f"# {_ELSEWHERE.fill(**values).of(job.lang)}"
        yield f"{here.minute} {here.hour} * * * {command}"


def systemd(job: Nightly) -> Iterator[str]:
    """Yield a service and its timer, each under the name of its file."""
    program, *arguments = job.command
    start = [_argument(program, of_program=True), *map(_argument, arguments)]
    yield f"# /etc/systemd/system/{_NAME}.service"
    yield from ("[Unit]", f"Description={_NAME}", "")
    yield from ("[Service]", "Type=oneshot", f"User={job.user}")
    # systemd replaces % in every value.
    yield f"WorkingDirectory={job.folder.replace('%', '%%')}"
    if job.needs:
        yield f"# {_NEEDS_SYSTEMD.fill(names=', '.join(job.needs)).of(job.lang)}"
        yield f"EnvironmentFile=/etc/{_NAME}.env"
    yield f"ExecStart={' '.join(start)}"
    yield from ("", f"# /etc/systemd/system/{_NAME}.timer")
    yield from ("[Unit]", f"Description={_NAME}", "", "[Timer]")
    for at in job.times:
        yield f"OnCalendar=*-*-* {at:%H:%M}:00 {job.tz}"
    yield f"# {_LATER.of(job.lang)}"
    yield from ("Persistent=true", "", "[Install]", "WantedBy=timers.target", "")
    yield f"# systemctl daemon-reload && systemctl enable --now {_NAME}.timer"


def _argument(text: str, *, of_program: bool = False) -> str:
    """Return an argument of ExecStart, with its %, $, blanks and quotes escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    # systemd fills variables in arguments, but not in the program's path.
    escaped = escaped if of_program else escaped.replace("$", "$$")
    return escaped if _PLAIN.fullmatch(escaped) else f'"{escaped}"'


def airflow(job: Nightly, now: datetime) -> Iterator[str]:
    """Yield a file for the folder of DAGs, for Airflow 2 and 3."""
    schedules = {f"{at:%H%M}": f"{at.minute} {at.hour} * * *" for at in job.times}
    yield f"# dags/{_NAME}.py"
    yield from ("import pendulum", "")
    yield "try:  # Airflow 3"
    yield "    from airflow.providers.standard.operators.bash import BashOperator"
    yield "    from airflow.sdk import DAG"
    yield "except ImportError:  # Airflow 2"
    yield "    from airflow import DAG"
    yield from ("    from airflow.operators.bash import BashOperator", "")
    yield f"COMMAND = {_bash(job.command)!r}"
    yield f"START = pendulum.datetime({now.year}, {now.month}, {now.day}, tz={job.tz!r})"
    yield ""
    for name in job.needs:
        yield f"# {_NEEDS_AIRFLOW.fill(name=name).of(job.lang)}"
    yield f"for at, schedule in {schedules!r}.items():"
    yield "    with DAG("
    yield f'        "{_NAME}_" + at, schedule=schedule, start_date=START,'
    yield "        catchup=False, max_active_runs=1,"
    yield "    ) as dag:"
    yield f"        # {_SKIPPED.of(job.lang)}"
    yield "        BashOperator("
    yield f'            task_id="scan", bash_command=COMMAND, cwd={job.folder!r},'
    yield "            skip_on_exit_code=75,"
    yield "        )"
    yield f'    globals()["{_NAME}_" + at] = dag'


def _bash(command: Sequence[str]) -> str:
    """Return a command that Airflow neither renders as a template nor takes for a file."""
    line = shlex.join(command)
    if any(sign in line for sign in _JINJA):
        line = "{% raw %}" + line + "{% endraw %}"
    return f"{line} " if line.endswith(_TEMPLATE_FILES) else line


_NEEDS_CRON = Text(
    zh="cron 不读取你的环境变量，请在此写上：{name}=…",
    en="cron does not know your environment; set it here: {name}=…",
)
_NEEDS_SYSTEMD = Text(zh="其中写上 {names}", en="which sets {names}")
_NEEDS_AIRFLOW = Text(
    zh="worker 的环境变量中需要有 {name}", en="the worker's environment has to hold {name}"
)
_ELSEWHERE = Text(
    zh="{tz} 的 {at} 是本机今天的 {here}；任一方换夏令时后请重新生成",
    en="{at} in {tz} is {here} on this machine today; make it again when either changes its clocks",
)
_LATER = Text(
    zh="届时若关机，开机后补跑", en="a run that was due while the machine was off runs later"
)
_SKIPPED = Text(zh="75：另一个运行正在使用历史记录", en="75: another run is at work on the history")
