"""How a run ends: by signals, a full or closed standard output; and what it leaves behind: nothing."""

import os
import signal
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from conftest import AS_OF, LATE, douyin
from kills import CLEAN, killed

import merchantwatch as mw
from merchantwatch.support.leftovers import discarding, remove, temporaries, temporary_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

MESSAGE = {"SIGINT": "interrupted", "SIGTERM": "terminated", "SIGHUP": "the terminal has gone"}
AT = ("--as-of", AS_OF)


def _shell(command, folder, **environment):
    command = f'merchantwatch() {{ {sys.executable} -m merchantwatch "$@"; }}\n{command}'
    env = {**os.environ, **environment}
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", CLEAN)
def test_a_signal_while_modules_are_loaded(name):
    code = f"import merchantwatch.__main__, os, signal; os.kill(os.getpid(), signal.{name})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 128 + signal.Signals[name]
    assert done.stderr == f"merchantwatch: {MESSAGE[name]}\n"


def test_a_signal_while_a_library_is_long_at_work():
    code = (
        "import merchantwatch.__main__, hashlib, os, signal, threading\n"
        "threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()\n"
        "hashlib.pbkdf2_hmac('sha256', b'x', b'y', 200_000_000)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=15
    )
    assert (done.returncode, done.stderr) == (143, "merchantwatch: terminated\n")


def test_a_second_signal_ends_it_all_the_same():
    code = (
        "import merchantwatch.__main__, os, signal\n"
        "from merchantwatch.support.ending import before_end\n"
        "again = iter([signal.SIGINT])\n"
        "before_end.append(lambda: [os.kill(os.getpid(), number) for number in again])\n"
        "os.kill(os.getpid(), signal.SIGTERM)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=15
    )
    assert done.returncode in (130, 143)
    assert done.stderr.count("\n") == 1


def test_a_signal_is_described_in_the_users_language():
    code = "import merchantwatch.__main__, os, signal; os.kill(os.getpid(), signal.SIGINT)"
    env = {**os.environ, "LC_ALL": "zh_CN.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False
    )
    assert done.stderr == "merchantwatch: 已中断\n"


def test_a_signal_that_is_ignored_stays_so():
    code = (
        "import os, signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "import merchantwatch.__main__; os.kill(os.getpid(), signal.SIGHUP)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", [*CLEAN, "SIGKILL"])
def test_runs_killed_at_random_moments(name):
    for kills in killed((name,), 2, 2_000, seed=os.getpid()):
        assert kills.faults == []


def test_no_folder_of_temporary_files_is_tried_by_a_file_in_it(monkeypatch, tmp_path):
    (tmp_path / "here").mkdir()
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "here"))
    assert temporaries() == Path(tempfile.gettempdir())

    def tried():
        raise AssertionError("tempfile tries folders")

    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("tempfile._get_default_tempdir", tried)
    rows = pd.DataFrame(douyin(LATE)).to_parquet()
    with zipfile.ZipFile(tmp_path / "orders.zip", "w") as archive:
        archive.writestr("orders.parquet", rows)
    mw.scan(tmp_path / "orders.zip", as_of=AS_OF, select="DY100").write(tmp_path / "r.xlsx")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "not there"))
    assert temporaries() == Path("/tmp")  # noqa: S108


def test_what_a_killed_run_left_is_removed_and_what_lives_is_not(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = tmp_path / "merchantwatch-run-0123"
    (left / "below").mkdir(parents=True)
    foreign = tmp_path / "merchantwatch-of-someone"
    foreign.mkdir()
    link = tmp_path / "merchantwatch-run-link"
    link.symlink_to(foreign)
    first = temporary_folder()
    second = temporary_folder()
    assert not left.exists()
    assert first.exists()
    assert foreign.exists()
    assert link.exists()
    remove(first)
    remove(second)
    assert not first.exists()


def test_a_folder_that_others_fill_goes_when_anything_goes_wrong(tmp_path):
    for number, error in enumerate((None, ValueError, KeyboardInterrupt)):
        folder = tmp_path / str(number)
        try:
            with discarding(folder):
                (folder / "below").mkdir(parents=True)
                if error:
                    raise error
        except (ValueError, KeyboardInterrupt):
            assert not folder.exists()
        else:
            assert folder.exists()


def test_a_part_of_a_report_that_a_killed_run_left_is_removed(run, export, tmp_path):
    (tmp_path / ".r.json.0123456789abcdef.part").write_text("{")
    (tmp_path / ".other.json.0123456789abcdef.part").write_text("{")
    run("scan", export(LATE), *AT, "-o", "json:r.json")
    assert [path.name for path in tmp_path.glob(".*.part")] == [".other.json.0123456789abcdef.part"]


FULL = [
    "scan orders.csv -o json", "scan orders.csv -o text", "scan orders.csv -o csv", "scan orders.csv -o quarantine",
    "scan orders.csv", "check orders.csv", "check orders.csv -o json", "why 6900000000000000001 orders.csv", "rules", "rule DY101",
    "formats", "init unknown.csv --dry-run", "--help", "scan --help", "--version",
]  # fmt: skip


@pytest.mark.parametrize("command", FULL)
@pytest.mark.parametrize(
    ("onto", "why"), [("/dev/full", "No space left on device"), (None, "it is closed")]
)
@pytest.mark.looks_at("DY100")
def test_a_standard_output_that_takes_nothing(run, export, tmp_path, command, onto, why):
    export(LATE)
    (tmp_path / "unknown.csv").write_text("order_id,paid_at\n1,2026-11-11 10:00:00\n")
    done = run(*command.split(), onto=onto)
    assert (done.returncode, done.stderr) == (4, f"merchantwatch: standard output: {why}\n")


@pytest.mark.parametrize(
    ("to", "why"), [(">/dev/full", "No space left on device"), (">&-", "it is closed")]
)
def test_a_standard_output_of_a_shell_that_takes_nothing(tmp_path, to, why):
    for command in ("formats", "--version"):
        done = _shell(f"merchantwatch {command} {to}", tmp_path)
        assert (done.returncode, done.stderr) == (4, f"merchantwatch: standard output: {why}\n")


def test_a_reader_that_has_gone(tmp_path):
    done = _shell("{ sleep 0.1; merchantwatch rules; echo $? >code; } | true", tmp_path)
    assert Path(tmp_path / "code").read_text() == "4\n"
    assert done.stderr == "merchantwatch: standard output: Broken pipe\n"


def test_no_standard_stream_is_needed_where_none_is_used(export, tmp_path):
    export(LATE)
    done = _shell(
        f"merchantwatch scan orders.csv --as-of '{AS_OF}' -o json:r.json <&- >&- 2>&-", tmp_path
    )
    assert done.returncode == 0
    assert (tmp_path / "r.json").read_text().startswith("{")
    assert (
        _shell("merchantwatch scan - <&-", tmp_path).stderr
        == "merchantwatch: standard input: it is closed\n"
    )


def test_what_libraries_make_for_a_while_goes_too(tmp_path):
    code = (
        "import merchantwatch.__main__, os, signal, tempfile\n"
        "from merchantwatch.support.leftovers import private_temporaries\n"
        "with private_temporaries():\n"
        "    tempfile.mkdtemp()\n"
        "    os.kill(os.getpid(), signal.SIGTERM)"
    )
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    assert subprocess.run([sys.executable, "-c", code], env=env, check=False).returncode == 143
    assert list(tmp_path.iterdir()) == []
