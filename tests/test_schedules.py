"""What `merchantwatch cron` prints runs the very command that was given, whoever reads it."""

import re
import shlex
import shutil
import subprocess
import sys
from datetime import datetime, time
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest

from merchantwatch.commands.schedules import Nightly, airflow, crontab, systemd

ODD = ["exports/", "a b.csv", "5%", "it's", 'say "x"', "$HOME", "`id`", "back\\slash", "{{ x }}", "{% y", "*.csv", "报表.csv", "", ";", "run.sh"]  # fmt: skip
NOW = datetime(2026, 11, 29, 12, tzinfo=ZoneInfo("UTC"))


def _job(*arguments, folder="/srv/a b%c", **fields):
    command = ("/opt/merchantwatch", "scan", *arguments)
    given = {"user": "shop", "times": [time(8, 15), time(17, 5)], "tz": "Asia/Shanghai", "needs": [], "lang": "en"}  # fmt: skip
    return Nightly(command=command, folder=folder, **{**given, **fields})


def _as_cron(line):
    """What cron hands to the shell: all up to a bare %, with those that are escaped."""
    command = re.split(r"(?<!\\)%", line)[0].replace(r"\%", "%")
    return command.split(maxsplit=5)[5]


@pytest.mark.parametrize("arguments", [[word] for word in ODD] + [ODD])
def test_a_line_of_crontab_runs_the_command(arguments):
    lines = [line for line in crontab(_job(*arguments), NOW) if not line.startswith("#")]
    assert [line.split()[:5] for line in lines] == [["15", "0", "*", "*", "*"], ["5", "9", "*", "*", "*"]]  # fmt: skip
    shown = (
        _as_cron(lines[0]).replace("/opt/merchantwatch", "printf '%s\\0'").replace("cd ", "echo ")
    )
    done = subprocess.run(["sh", "-c", shown], capture_output=True, check=True)
    folder, _, words = done.stdout.decode().partition("\n")
    assert (folder, words.split("\0")[:-1]) == ("/srv/a b%c", ["scan", *arguments])


@pytest.mark.parametrize(
    ("tz", "here", "expected"),
    [("Asia/Shanghai", "Asia/Shanghai", 0), ("Asia/Shanghai", "UTC", 2), ("Europe/Berlin", "Asia/Kolkata", 2)],
)  # fmt: skip
def test_times_are_those_of_the_machine(tz, here, expected):
    now = NOW.astimezone(ZoneInfo(here))
    lines = list(crontab(_job("x", tz=tz), now))
    assert sum("on this machine" in line for line in lines) == expected
    minute, hour = next(line for line in lines if not line.startswith("#")).split()[:2]
    moment = now.replace(hour=int(hour), minute=int(minute)).astimezone(ZoneInfo(tz))
    assert (moment.hour, moment.minute) == (8, 15)


def _as_systemd(line):
    """The words of ExecStart, as systemd.service(5) reads them."""
    words = []
    for found in re.finditer(r'"((?:[^"\\]|\\.)*)"|(\S+)', line.removeprefix("ExecStart=")):
        word = found[2] if found[1] is None else re.sub(r"\\(.)", r"\1", found[1])
        words.append(word.replace("%%", "%").replace("$$", "$"))
    return words


@pytest.mark.parametrize("arguments", [[word] for word in ODD] + [ODD])
def test_a_service_runs_the_command(arguments):
    lines = list(systemd(_job(*arguments)))
    start = next(line for line in lines if line.startswith("ExecStart="))
    assert _as_systemd(start) == ["/opt/merchantwatch", "scan", *arguments]
    assert not re.search(r"(?<!%)%(?!%)", start.replace("%%", ""))
    assert "OnCalendar=*-*-* 08:15:00 Asia/Shanghai" in lines


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_takes_the_service_and_the_timer(tmp_path):
    text = "\n".join(systemd(_job(*ODD, folder="/", user="root", needs=["X"])))
    text = text.replace("/opt/merchantwatch", "/bin/true")
    parts = re.split(r"# /etc/systemd/system/(.+)\n", text)
    files = dict(zip(parts[1::2], parts[2::2], strict=True))
    for name, content in files.items():
        (tmp_path / name).write_text(content, "utf-8")
    paths = [str(tmp_path / name) for name in files]
    done = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True, check=False)  # fmt: skip
    assert [line for line in done.stderr.splitlines() if "merchantwatch" in line] == []
    assert len(files) == 2


@pytest.mark.parametrize("release", [2, 3])
@pytest.mark.parametrize("arguments", [[word] for word in ODD] + [ODD])
def test_a_dag_runs_the_command(monkeypatch, arguments, release):
    operators = []

    class Dag:
        def __init__(self, name, **fields):
            operators.append((name, fields))

        def __enter__(self):
            return self

        def __exit__(self, *_error):
            pass

    def operator(**fields):
        operators.append(fields)

    names = ["airflow", "airflow.sdk", "airflow.providers", "airflow.providers.standard", "airflow.providers.standard.operators", "airflow.providers.standard.operators.bash"]  # fmt: skip
    for name in names if release == 3 else ["airflow", "airflow.operators", "airflow.operators.bash"]:  # fmt: skip
        module = ModuleType(name)
        module.DAG, module.BashOperator = Dag, operator
        monkeypatch.setitem(sys.modules, name, module)
    pendulum = ModuleType("pendulum")
    pendulum.datetime = lambda *day, tz: (*day, tz)
    monkeypatch.setitem(sys.modules, "pendulum", pendulum)
    exec("\n".join(airflow(_job(*arguments), NOW)), {})  # noqa: S102
    (first, dag), task, (second, _), _ = operators
    assert (first, second) == ("merchantwatch_0815", "merchantwatch_1705")
    assert (dag["schedule"], dag["start_date"]) == ("15 8 * * *", (2026, 11, 29, "Asia/Shanghai"))
    assert (task["cwd"], task["skip_on_exit_code"]) == ("/srv/a b%c", 75)
    bare = task["bash_command"].removeprefix("{% raw %}").removesuffix("{% endraw %}")
    assert shlex.split(bare) == ["/opt/merchantwatch", "scan", *arguments]
    assert not task["bash_command"].endswith(".sh")


def test_what_holds_here_is_added(run, tmp_path, monkeypatch):
    (tmp_path / "merchantwatch.toml").write_text('tz = "Asia/Tokyo"\n[heartbeat]\nurl = "env:MW_BEAT"\n')  # fmt: skip
    monkeypatch.setenv("MERCHANTWATCH_SHOP", "one")
    done = run("cron", "exports/", "-o", "html:{date}.html", "--for", "crontab", "--at", "7:05")
    comments = [line for line in done.stdout.splitlines() if line.startswith("#")]
    assert sum("MW_BEAT=" in line or "MERCHANTWATCH_SHOP=" in line for line in comments) == 2
    words = shlex.split(_as_cron(done.stdout.splitlines()[-1]))
    assert words[:2] == ["cd", str(tmp_path)]
    added = ["scan", "--config", str(tmp_path / "merchantwatch.toml"), "--tz", "Asia/Tokyo", "--lang", "en", "--quiet"]  # fmt: skip
    assert words[-11:] == [*added, "exports/", "-o", "html:{date}.html"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [([], "Missing argument"), (["x", "--as-of", "2026-11-21"], "--as-of"), (["-"], "standard input"), (["x", "--no-such"], "No such option"),
     (["x", "--at", "24:00"], "--at"), (["x", "--at", "8"], "--at"), (["x", "--tz", "Mars"], "--tz"), (["x", "--timeout", "soon"], "--timeout"), (["a\nb"], "line break")],
)  # fmt: skip
def test_what_cannot_run_every_night_is_refused(run, arguments, why):
    done = run("cron", *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert why in done.stderr
