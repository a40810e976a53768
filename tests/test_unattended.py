"""Unattended runs: their log, their time limit, and their heartbeat."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import AS_OF, LATE

from merchantwatch.commands import heartbeat
from merchantwatch.config import Heartbeat
from merchantwatch.errors import UsageError
from merchantwatch.language.moments import duration
from merchantwatch.settings import Settings
from merchantwatch.support.ending import announce_end

pytestmark = pytest.mark.looks_at("DY100", "DY101")

AT = ("--as-of", AS_OF, "--select", "DY100", "-q")
TIMED_OUT = "merchantwatch: it took longer than 1s (--timeout) and was ended\n"
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes of POSIX")


def _log(stderr):
    """The lines of a log, each of which is a JSON object of its own."""
    events = [json.loads(line) for line in stderr.splitlines()]
    assert all(line["time"].endswith("Z") for line in events)
    return events


@contextmanager
def listening(answer=200, after=0.0, method="GET"):
    """A server that records its requests, and answers with a status after a number of seconds."""

    class Handler(BaseHTTPRequestHandler):
        def take(self):
            requests.append(self.path)
            time.sleep(after)
            self.send_response(answer)
            self.end_headers()

        def log_message(self, *_requests):
            pass

    setattr(Handler, f"do_{method}", Handler.take)
    requests = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/ping/secret-of-mine", requests
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1s", 1), ("90s", 90), ("30m", 1800), ("1h 30m", 5400), ("1h30m", 5400), ("2 hours", 7200), ("1 day", 86400),
     ("0s", None), ("30", None), ("", None), ("-1h", None), ("1.5h", None), ("m", None), ("1 month", None), ("1h soon", None)],
)  # fmt: skip
def test_lengths_of_time(text, seconds):
    if seconds is None:
        with pytest.raises(UsageError, match="--timeout"):
            duration(text, "--timeout")
    else:
        assert duration(text, "--timeout").total_seconds() == seconds


@pytest.mark.parametrize(
    ("args", "code", "events"),
    [
        (["orders.csv"], 0, ["start", "input", "judged", "output", "end"]),
        (["orders.csv", "none.csv"], 3, ["start", "end"]),
        (["orders.csv", "--tz", "Mars"], 2, ["message", "end"]),
        (["orders.csv", "--no-such"], 2, ["message", "end"]),
        (["orders.csv", "-o", "csv:none/h.csv"], 4, ["start", "judged", "output", "message", "end"]),
        (["orders.csv", "--fail-on", "low"], 1, ["start", "judged", "message", "end"]),
    ],
)  # fmt: skip
def test_a_log_is_json_from_start_to_end(run, export, args, code, events):
    export(LATE)
    done = run("scan", *args, *AT, "-o", "json:r.json", "--log", "json")
    logged = _log(done.stderr)
    assert done.returncode == code
    names = [line["event"] for line in logged]
    assert names[-1] == "end"
    assert logged[-1]["exit"] == code
    assert [name for name in events if name not in names] == []


def test_a_log_can_be_requested_by_the_settings(run, export, tmp_path):
    export(LATE)
    (tmp_path / "merchantwatch.toml").write_text('log = "json"\n')
    done = run("scan", "orders.csv", *AT, "-o", "json:r.json")
    assert [line["event"] for line in _log(done.stderr)][0::100] == ["start"]


@POSIX
def test_names_of_no_text_stand_in_the_log(run, export, tmp_path):
    name = os.fsdecode(b"\xff\xfe.csv")
    export(LATE).rename(tmp_path / name)
    settings = tmp_path / os.fsdecode(b"\xff.toml")
    settings.write_text('log = "json"\n')
    done = run("scan", name, *AT, "-o", f"json:{name}.json", "--config", settings.name)
    events = _log(done.stderr)
    assert done.returncode == 0
    assert {line["event"] for line in events} >= {"start", "input", "output", "end"}
    assert events[0]["inputs"] == [r"\xff\xfe.csv"]


@POSIX
def test_a_signal_stands_in_the_log(tmp_path):
    os.mkfifo(tmp_path / "r.json")
    (tmp_path / "orders.csv").write_text("主订单编号\n1\n", "utf-8")
    code = (
        "import merchantwatch.__main__, os, signal\n"
        "from merchantwatch.support import log\n"
        "log.begin(); os.kill(os.getpid(), signal.SIGTERM)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    message, end = _log(done.stderr)
    assert (message["text"], end["exit"]) == ("merchantwatch: terminated", 143)


@contextmanager
def _nothing_written():
    """The reading end of a pipe to which somebody could write, and does not."""
    reading, writing = os.pipe()
    yield reading
    os.close(reading)
    os.close(writing)


@POSIX
@pytest.mark.parametrize("blocked", ["reading", "writing"])
def test_a_run_that_takes_too_long_ends(run, export, tmp_path, monkeypatch, blocked):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    export(LATE)
    os.mkfifo(tmp_path / "pipe")
    inputs = ["-"] if blocked == "reading" else ["orders.csv"]
    outputs = ["-o", "json:r.json", "-o", "html:pipe"] if blocked == "writing" else []
    began = time.monotonic()
    with _nothing_written() as silent:
        done = run("scan", *inputs, *AT, *outputs, "--timeout", "1s", stdin=silent)
    assert (done.returncode, done.stdout, done.stderr) == (124, "", TIMED_OUT)
    assert time.monotonic() - began < 5
    assert list(folder.iterdir()) == []
    assert list(tmp_path.glob(".*.part")) == []


@POSIX
def test_an_engine_at_work_is_ended():
    code = (
        "import merchantwatch.__main__, duckdb\n"
        "from merchantwatch.support.signals import limit_time\n"
        "limit_time(0.3, 'too long')\n"
        "duckdb.sql('select sum(a.range * b.range) from range(10000000) a, range(10000000) b').fetchall()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stderr) == (124, "merchantwatch: too long\n")


@pytest.mark.parametrize(
    ("args", "code", "ends"),
    [
        ([], 0, ["/start", ""]),
        (["--fail-on", "low"], 1, ["/start", "/1"]),
        (["none.csv"], 3, ["/start", "/3"]),
        (["-o", "csv:none/h.csv"], 4, ["/start", "/4"]),
        (["--platform", "none"], 2, ["/start", "/2"]),
        (["--timeout", "soon"], 2, []),
    ],
)
def test_a_heartbeat_says_how_a_run_ends(run, export, tmp_path, monkeypatch, args, code, ends):
    export(LATE)
    (tmp_path / "merchantwatch.toml").write_text(
        '[heartbeat]\nurl = "env:BEAT"\npath = "state/beat.json"\n'
    )
    with listening() as (url, requests):
        monkeypatch.setenv("BEAT", f"{url}?create=1")
        done = run("scan", "orders.csv", *AT, "-o", "json:r.json", *args)
    assert done.returncode == code
    assert requests == [f"/ping/secret-of-mine{end}?create=1" for end in ends]
    if ends:
        beat = json.loads((tmp_path / "state" / "beat.json").read_text())
        assert (beat["state"], beat["exit"]) == ("failure" if code else "success", code)


@POSIX
@pytest.mark.parametrize("by", ["timeout", "SIGTERM"])
def test_a_heartbeat_follows_an_end_at_once(tmp_path, monkeypatch, by):
    (tmp_path / "merchantwatch.toml").write_text('[heartbeat]\nurl = "env:BEAT"\n')
    command = [sys.executable, "-m", "merchantwatch", "scan", "-", "--timeout", "1s" if by == "timeout" else "1h"]  # fmt: skip
    with listening() as (url, requests), _nothing_written() as silent:
        monkeypatch.setenv("BEAT", url)
        with subprocess.Popen(
            command, cwd=tmp_path, stdin=silent, stderr=subprocess.PIPE, text=True
        ) as process:
            while not requests:
                time.sleep(0.01)
            if by == "SIGTERM":
                process.send_signal(signal.SIGTERM)
            stderr = process.stderr.read()
    code = 124 if by == "timeout" else 143
    assert (process.returncode, stderr.count("\n")) == (code, 1)
    assert requests == ["/ping/secret-of-mine/start", f"/ping/secret-of-mine/{code}"]


@pytest.mark.parametrize(
    ("answer", "why"),
    [(500, "answered 500"), ("closed", "Connection refused"), ("file", "BEAT holds no http(s) address"), (None, "BEAT holds no http(s) address")],
)  # fmt: skip
def test_an_undelivered_heartbeat_is_reported_and_fails_nothing(run, export, tmp_path, monkeypatch, answer, why):  # fmt: skip
    export(LATE)
    (tmp_path / "merchantwatch.toml").write_text('[heartbeat]\nurl = "env:BEAT"\n')
    with listening(answer if isinstance(answer, int) else 200) as (url, _requests):
        address = {"closed": "http://127.0.0.1:9/secret", "file": "file:///secret"}.get(answer, url)
        if answer:
            monkeypatch.setenv("BEAT", address)
        done = run("scan", "orders.csv", *AT, "-o", "json:r.json")
    expected = [f"merchantwatch: heartbeat ({state}) not delivered: {why}\n" for state in ("start", "success")]  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "".join(expected))


def test_a_slow_server_delays_no_run(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(heartbeat, "_SECONDS", 0.1)
    settings = Settings(datetime(2026, 11, 21), heartbeat=Heartbeat(url="env:BEAT"))
    with listening(after=1) as (url, requests):
        monkeypatch.setenv("BEAT", url)
        began = time.monotonic()
        heartbeat.beat(settings)
        announce_end(3)
        assert time.monotonic() - began < 0.9
    assert requests == ["/ping/secret-of-mine/start"] * 2 + ["/ping/secret-of-mine/3"] * 2
    expected = [f"merchantwatch: heartbeat ({state}) not delivered: no answer\n" for state in ("start", "failure")]  # fmt: skip
    assert capsys.readouterr().err == "".join(expected)


def test_a_server_that_takes_no_get_is_sent_a_post(monkeypatch, capsys):
    settings = Settings(datetime(2026, 11, 21), heartbeat=Heartbeat(url="env:BEAT"))
    with listening(method="POST") as (url, requests):
        monkeypatch.setenv("BEAT", f"{url}/")
        heartbeat.beat(settings)
        announce_end(0)
    assert requests == ["/ping/secret-of-mine/start", "/ping/secret-of-mine"]
    assert capsys.readouterr().err == ""


def test_what_was_not_delivered_stands_before_the_reason(run, tmp_path, monkeypatch):
    (tmp_path / "merchantwatch.toml").write_text('[heartbeat]\nurl = "env:BEAT"\n')
    done = run("scan", "none.csv", *AT)
    assert done.returncode == 3
    assert ["not delivered" in line for line in done.stderr.splitlines()] == [True, True, False]


@pytest.mark.parametrize("url", ["https://hc.example/uuid", "env:", "env:A B"])
def test_an_address_that_stands_in_the_settings_is_refused(run, export, tmp_path, url):
    export(LATE)
    (tmp_path / "merchantwatch.toml").write_text(f'[heartbeat]\nurl = "{url}"\n')
    done = run("scan", "orders.csv", *AT)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
