"""Whether a nightly scan would run, a line for each thing that it leans on."""

import json
import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from conftest import LATE, douyin, write_csv

from merchantwatch.history.lock import locked
from merchantwatch.run import doctor
from merchantwatch.settings import Settings

HISTORY = '[history]\npath = "mw.db"\n'
CHANNEL = '[[notify.channels]]\nname = "ops"\nurl = "env:OPS"\n'
NEW = time.time()


def _outcome(done):
    """The state of each thing that was looked at, the worst where there are several."""
    checks = json.loads(done.stdout)["checks"]
    order = ("ok", "warn", "fail")
    worst = {}
    for one in checks:
        before = worst.get(one["name"], "ok")
        worst[one["name"]] = max(before, one["state"], key=order.index)
    return worst, checks


@pytest.mark.parametrize(
    ("settings", "inputs", "environment", "wanted", "code"),
    [
        ("", ["orders.csv"], {}, {"settings": "ok", "time-zone": "ok", "inputs": "ok", "rules": "ok", "lock": "ok", "history": "ok", "disk": "ok", "notifier": "ok", "heartbeat": "ok"}, 0),
        ("", [], {}, {"inputs": "warn"}, 0),
        ("", ["orders.csv", "none.csv"], {}, {"inputs": "fail", "rules": "ok"}, 3),
        ("", ["old.csv"], {}, {"inputs": "warn"}, 0),
        ("", ["future.csv"], {}, {"time-zone": "warn"}, 0),
        ("", ["bad.csv"], {}, {"inputs": "warn"}, 0),
        ("", ["odd.csv"], {}, {"mapping": "warn"}, 0),
        ("", ["empty.csv"], {}, {"rules": "fail"}, 1),
        ("x =", ["orders.csv"], {}, {"settings": "fail"}, 2),
        ('pack = ["none.toml"]', ["orders.csv"], {}, {"settings": "fail", "lock": "ok"}, 2),
        ('tz = "Mars"', ["orders.csv"], {}, {"settings": "fail"}, 2),
        (HISTORY + CHANNEL, ["orders.csv"], {}, {"notifier": "fail", "history": "ok"}, 4),
        (HISTORY + CHANNEL, ["orders.csv"], {"OPS": "http://127.0.0.1:9/secret"}, {"notifier": "ok"}, 0),
        (CHANNEL, ["orders.csv"], {"OPS": "http://127.0.0.1:9/secret"}, {"notifier": "warn"}, 0),
        ('[heartbeat]\nurl = "env:BEAT"', ["orders.csv"], {}, {"heartbeat": "warn"}, 0),
        ('[heartbeat]\nurl = "env:BEAT"', ["orders.csv"], {"BEAT": "https://example.invalid/secret"}, {"heartbeat": "ok"}, 0),
        ('[heartbeat]\npath = "/dev/null/beat"', ["orders.csv"], {}, {"heartbeat": "fail" if os.geteuid() else "ok"}, 4 if os.geteuid() else 0),
    ],
)  # fmt: skip
def test_what_is_wrong_is_reported(run, tmp_path, settings, inputs, environment, wanted, code):
    (tmp_path / "merchantwatch.toml").write_text(settings)
    for name, line in {"orders.csv": {}, "old.csv": {}, "future.csv": {}, "bad.csv": {"支付完成时间": "?"}, "odd.csv": {"订单状态": "量子"}}.items():  # fmt: skip
        path = write_csv(tmp_path / name, douyin(LATE, {**LATE, **line}))
        hours = {"old.csv": -7, "future.csv": 2}.get(name, 0)
        os.utime(path, (NEW + 3600 * hours,) * 2)
    headers = (tmp_path / "orders.csv").read_text("utf-8-sig").splitlines()[0]
    (tmp_path / "empty.csv").write_text(headers + "\n", "utf-8-sig")
    done = run("doctor", *inputs, "-o", "json", env={**os.environ, **environment})
    worst, checks = _outcome(done)
    assert done.returncode == code
    assert {name: worst[name] for name in wanted} == wanted
    assert bool(done.stderr) == bool(code)
    assert "secret" not in done.stdout + done.stderr
    assert all(one["text"] for one in checks)


@pytest.mark.parametrize(("seconds", "state"), [(-1, "ok"), (0, "ok"), (1, "warn")])
def test_an_export_is_old_after_six_hours(seconds, state, tmp_path):
    as_of = datetime(2026, 11, 21)
    path = write_csv(tmp_path / "orders.csv", douyin(LATE))
    at = as_of - timedelta(hours=6, seconds=seconds)
    os.utime(path, (at.replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp(),) * 2)
    found = list(doctor._inputs([str(path)], Settings(as_of)))
    assert next(one.state for one in found if one.name == "inputs") == state


def test_the_history_and_its_lock(run, tmp_path):
    (tmp_path / "merchantwatch.toml").write_text(HISTORY)
    write_csv(tmp_path / "orders.csv", douyin(LATE))

    def looked():
        worst, checks = _outcome(run("doctor", "-o", "json"))
        return worst["lock"], worst["history"], " ".join(one["text"] for one in checks)

    assert looked()[:2] == ("ok", "ok")
    assert not (tmp_path / "mw.db").exists()
    for hours, state in ((27, "warn"), (25, "ok")):
        at = str(datetime.now(ZoneInfo("Asia/Shanghai")) - timedelta(hours=hours))
        assert run("scan", "orders.csv", "--select", "DY100", "-q", "-o", "json:r.json", "--as-of", at).returncode == 0  # fmt: skip
        assert looked()[:2] == ("ok", state)
    before = (tmp_path / "mw.db").read_bytes()
    with locked(tmp_path / "mw.db"):
        lock, _, text = looked()
    assert (lock, f"process {os.getpid()}" in text) == ("warn", True)
    (tmp_path / "mw.db").write_bytes(before[:200] + b"\xff" * 4000)
    done = run("doctor", "-o", "text")
    assert done.returncode == 4
    assert "fail  history" in done.stdout


def test_both_languages(run, tmp_path):
    write_csv(tmp_path / "orders.csv", douyin(LATE))
    shown = {lang: run("doctor", "orders.csv", "--lang", lang).stdout for lang in ("zh", "en")}
    assert shown["en"].startswith("ok    settings")
    assert shown["zh"].startswith("正常  设置")
    assert len({text.count("\n") for text in shown.values()}) <= 2
    assert Path(tmp_path / "risk_report.html").exists() is False
