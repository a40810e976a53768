"""One run at a time on a history, whatever ended the one before."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import AS_OF, LATE

from merchantwatch.history.lock import LockedError, locked

pytestmark = pytest.mark.looks_at("DY100", "DY101")

HELD = r"another run is at work on this history \(process {pid} on .+, since 20.+Z\); try again when it has ended"
AT = ("--as-of", AS_OF, "--select", "DY100", "-q")
HOLD = (
    "import sys, time, pathlib; from merchantwatch.history.lock import locked\n"
    "place = sys.argv[1] if '://' in sys.argv[1] else pathlib.Path(sys.argv[1])\n"
    "with locked(place):\n    print('locked', flush=True); time.sleep(60)"
)


@pytest.fixture(params=["path", "link", "sqlite", "postgresql"])
def place(request, tmp_path):
    """A history, and another name of it."""
    path = tmp_path / "state" / "mw.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_server")
        return url, url
    if request.param == "link":
        path.parent.mkdir()
        (tmp_path / "other").symlink_to(path.parent, target_is_directory=True)
        return path, tmp_path / "other" / ".." / "other" / "mw.db"
    return path, f"sqlite:///{path}" if request.param == "sqlite" else path


def _holder(place):
    command = [sys.executable, "-c", HOLD, str(place)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "locked\n"
    return process


def test_one_run_at_a_time_and_none_once_it_was_killed(place):
    ours, theirs = place
    process = _holder(ours)
    try:
        with pytest.raises(LockedError) as taken, locked(theirs):
            pass
        assert re.fullmatch(HELD.format(pid=process.pid), taken.value.en)
        assert str(process.pid) in taken.value.zh
        assert taken.value.exit_code == 75
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    _wait_until_free(theirs)
    with locked(theirs):
        pass


def _wait_until_free(place):
    """A server needs a moment to see that somebody has gone."""
    for _ in range(100):
        try:
            with locked(place):
                return
        except LockedError:
            time.sleep(0.02)


def test_another_history_is_not_locked(tmp_path):
    with locked(tmp_path / "a.db"), locked(tmp_path / "b.db"):
        pass


@pytest.mark.parametrize(
    "place", [Path("/dev/null/state/mw.db"), "postgresql+psycopg://nobody@127.0.0.1:9/none"]
)
def test_where_there_can_be_no_lock_the_run_goes_on(place):
    with locked(place):
        pass


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "merchantwatch.toml").write_text('[history]\npath = "mw.db"\n')
    return tmp_path / "mw.db"


def test_a_second_run_ends_at_once_and_sends_nothing(run, export, tmp_path, settings):
    export(LATE)
    with (tmp_path / "merchantwatch.toml").open("a") as file:
        file.write('[heartbeat]\npath = "beat.json"\n')
    with locked(settings):
        done = run("scan", "orders.csv", *AT, "-o", "json:r.json")
        assert (done.returncode, done.stdout) == (75, "")
        assert re.fullmatch(f"merchantwatch: {HELD.format(pid=os.getpid())}\n", done.stderr)
        assert not (tmp_path / "r.json").exists()
        assert not (tmp_path / "beat.json").exists()
        assert run("scan", "orders.csv", *AT, "-o", "json:r.json", "--no-history").returncode == 0
        assert run("scan", "orders.csv", *AT, "-o", "json:r.json", "--dry-run").returncode == 0
    assert run("scan", "orders.csv", *AT, "-o", "json:r.json").returncode == 0


def test_no_report_takes_the_place_of_the_history(run, export, tmp_path, settings):
    export(LATE)
    with (tmp_path / "merchantwatch.toml").open("a") as file:
        file.write('[heartbeat]\npath = "beat.json"\n')
    for name in ("mw.db", "mw.db.lock", "mw.db-wal", "beat.json"):
        assert run("scan", "orders.csv", *AT, "-o", f"json:{name}").returncode == 2


def test_quiet_is_silent_while_nothing_is_new(run, export, tmp_path, settings):
    done = LATE | {"订单状态": "已发货", "发货时间": "2026-11-20 20:00:00"}
    nights = [((LATE,), True), ((LATE,), False), ((LATE, LATE), True), ((LATE, LATE), False), ((LATE, done), True), ((LATE, done), False)]  # fmt: skip
    for night, (lines, speaks) in enumerate(nights):
        path = export(*lines)
        os.utime(path, (1795188600, 1795188600 + night))
        done = run("scan", "orders.csv", *AT, "-o", "md", "-o", "json:r.json")
        assert (done.returncode, done.stderr, bool(done.stdout)) == (0, "", speaks), night
        assert (tmp_path / "r.json").stat().st_size
        (tmp_path / "r.json").unlink()


def test_a_guard_is_news_once(run, export, settings):
    old = {**LATE, "订单提交时间": "2026-11-17 07:55:00", "支付完成时间": "2026-11-17 08:00:00"}
    path, spoke = export(old), []
    for hours in (
        24,
        23,
        1,
        0,
        23,
    ):  # stale, still so, only the newest event is old, still so, stale
        os.utime(path, (1795190400 - 3600 * hours,) * 2)
        spoke.append(bool(run("scan", "orders.csv", *AT, "-o", "md").stdout))
    assert spoke == [True, False, True, False, True]
