"""Nights with alerts, by the command line: what each run sends, and what it says of it."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

import pytest
from conftest import LATE, douyin, write_csv
from receiver import receiving

from merchantwatch.cli import cli
from merchantwatch.errors import MerchantwatchError

SOON = {**LATE, "承诺发货时间": "2026-11-22 07:00:00"}
FINE = {"承诺发货时间": "2026-11-22 07:00:00", "发货时间": "2026-11-21 08:50:00"}
TOML = """
select = ["DY100", "DY104"]
lang = "en"
[history]
path = "history.db"
[[notify.channels]]
name = "ops"
url = "env:MW_OPS_URL"
"""


@pytest.fixture(scope="module")
def server():
    with receiving() as receiver:
        yield receiver


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


class Nights:
    """A merchant's folder, scanned night after night, and the receiver of its alerts."""

    def __init__(self, folder, server, monkeypatch):
        self.folder, self.server, self.monkeypatch = folder, server, monkeypatch
        monkeypatch.chdir(folder)
        monkeypatch.setattr("merchantwatch.notify.sending.PAUSES", (0.01, 0.01))
        self.environment = {"MW_OPS_URL": server.url}
        (folder / "merchantwatch.toml").write_text(TOML, encoding="utf-8")
        server.answers, server.always, server.location = [], 200, ""

    def settings(self, more):
        toml = TOML.replace("[[notify", f"{more}[[notify")
        (self.folder / "merchantwatch.toml").write_text(toml, encoding="utf-8")

    def orders(self, *lines):
        write_csv(self.folder / "orders.csv", douyin(*lines))

    def run(self, *args):
        """Run a command in this process, as the command line would; return what came of it."""
        self.server.forget()
        for name, value in self.environment.items():
            self.monkeypatch.setenv(name, value)
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            try:
                code = cli(args=args, standalone_mode=False) or 0
            except MerchantwatchError as error:
                code = error.exit_code
                err.write(f"merchantwatch: {error.en}\n")
        assert "SECRET" not in out.getvalue() + err.getvalue()
        return Ended(code, out.getvalue(), err.getvalue())

    def scan(self, as_of, *args):
        done = self.run("scan", "orders.csv", "-o", "json:r.json", "--as-of", as_of, *args)
        self.report = json.loads((self.folder / "r.json").read_text("utf-8"))
        self.stderr = done.err
        return done.code

    def sent(self):
        return sorted((alert["key"][-1], alert["state"]) for alert in self.server.alerts)

    def history(self):
        return b"".join(path.read_bytes() for path in self.folder.glob("history.db*"))


@pytest.fixture
def nights(tmp_path, server, monkeypatch):
    return Nights(tmp_path, server, monkeypatch)


def test_nights_send_what_changed_and_nothing_else(nights):
    nights.orders(LATE, SOON, FINE)
    assert nights.scan("2026-11-21 09:00") == 0
    (body,) = nights.server.bodies
    assert body["schema"] == "merchantwatch.alert/1"
    assert {alert["state"] for alert in body["alerts"]} == {"opened"}
    first = nights.sent()
    assert [key for key, _ in first] == sorted({key for key, _ in first}), "each thing once"
    assert body["counts"]["open"] == len(first)
    opened = {alert["alert_id"] for alert in body["alerts"]}

    assert nights.scan("2026-11-21 10:00") == 0
    assert nights.sent() == [], "the same inputs send nothing"

    nights.orders(LATE, SOON, FINE, FINE)
    assert nights.scan("2026-11-21 11:00") == 0
    assert nights.sent() == [], "nothing has changed"

    nights.orders(LATE, FINE, LATE, FINE)
    nights.server.always = 500
    assert nights.scan("2026-11-21 12:00") == 4
    assert "channel ops: alerts not delivered" in nights.stderr.splitlines()[-1]
    assert "HTTP 500" in nights.stderr
    tried = {body["delivery_id"] for body in nights.server.bodies}

    nights.server.always = 200
    nights.orders(LATE, FINE, LATE, FINE, FINE)
    assert nights.scan("2026-11-21 13:00") == 0
    assert nights.sent() == [("2", "closed"), ("3", "opened")]
    assert {body["delivery_id"] for body in nights.server.bodies} == tried
    assert [guard["code"] for guard in nights.report["guards"]] == ["undelivered-alerts"]
    (closed,) = [alert for alert in nights.server.alerts if alert["state"] == "closed"]
    assert (closed["status"], closed["reason"]) == ("resolved", "resolved")
    assert closed["alert_id"] not in opened
    assert b"SECRET" not in nights.history()
    assert b"SECRET" not in (nights.folder / "r.json").read_bytes()

    nights.orders(LATE, FINE, FINE, FINE, LATE)
    nights.server.answers = [404]
    assert nights.scan("2026-11-21 14:00") == 4
    assert "refused" in nights.stderr.splitlines()[-1]
    nights.orders(LATE, FINE, FINE, FINE, LATE, FINE)
    assert nights.scan("2026-11-21 15:00") == 0
    assert [guard["code"] for guard in nights.report["guards"]] == ["undelivered-alerts"]
    assert nights.sent() == []
    nights.orders(LATE, FINE, FINE, FINE, LATE, FINE, FINE)
    nights.scan("2026-11-21 16:00")
    assert nights.report["guards"] == []


def test_what_sends_nothing(nights):
    nights.orders(LATE)
    for flag in ("--dry-run", "--no-history"):
        assert nights.scan("2026-11-21 09:00", flag) == 0
        assert nights.server.bodies == []
        assert nights.stderr == ""
    toml = (nights.folder / "merchantwatch.toml").read_text("utf-8")
    (nights.folder / "merchantwatch.toml").write_text(
        toml.replace('[history]\npath = "history.db"', ""), "utf-8"
    )
    assert nights.scan("2026-11-21 09:00") == 0
    assert "needs a history" in nights.stderr
    assert nights.server.bodies == []


def test_an_address_that_is_missing_costs_no_alert_and_no_report(nights):
    early = nights.run("notify", "flush")
    assert (early.code, early.out) == (0, "")
    assert "there is no history" in early.err
    assert not (nights.folder / "history.db").exists()
    nights.orders(LATE)
    nights.environment = {"MW_OPS_URL": ""}
    assert nights.scan("2026-11-21 09:00") == 4
    assert "MW_OPS_URL is not set" in nights.stderr.splitlines()[-1]
    assert nights.run("notify", "flush").code == 4
    assert nights.run("notify", "test").code == 2
    nights.environment = {"MW_OPS_URL": nights.server.url}
    tried = nights.run("notify", "test")
    assert (tried.code, tried.out) == (0, "ops: sent\n")
    assert [(body["alerts"], body["test"]) for body in nights.server.bodies] == [([], True)]
    assert nights.run("notify", "flush").code == 0
    assert nights.sent() == [("1", "opened")]
    assert nights.run("notify", "flush").code == 0
    assert nights.sent() == []


def test_an_address_in_the_settings_is_refused_before_anything_is_read(nights):
    nights.orders(LATE)
    toml = (nights.folder / "merchantwatch.toml").read_text("utf-8")
    path = nights.folder / "merchantwatch.toml"
    path.write_text(toml.replace("env:MW_OPS_URL", "https://example.com/SECRET"), "utf-8")
    done = nights.run("scan", "orders.csv", "-o", "json")
    assert (done.code, done.out) == (2, "")
    assert "env:NAME" in done.err
    assert len(done.err.splitlines()) == 1


def test_quiet_hours_hold_back_and_whoever_was_sent_opened_is_sent_closed(nights):
    nights.settings('[notify]\nquiet = "22:00-08:00"\n')
    evening = {**SOON, "发货时间": "-"}
    fresh = {**FINE, "发货时间": "2026-11-21 20:00:00"}
    nights.orders(evening, fresh, evening, evening)
    nights.scan("2026-11-21 21:59")
    assert nights.sent() == [("1", "opened"), ("3", "opened"), ("4", "opened")]

    nights.orders(evening, evening, evening, evening, fresh)
    assert nights.scan("2026-11-21 22:00") == 0
    ignored = nights.folder / "merchantwatch-ignore.toml"
    ignored.write_text(IGNORED, "utf-8")
    nights.orders(fresh, evening, evening, evening, fresh)
    assert nights.scan("2026-11-21 23:00") == 0
    assert nights.server.bodies == []

    nights.orders(fresh, evening, evening, evening, fresh, fresh)
    assert nights.scan("2026-11-22 08:00", "--ignore", "DY100") == 0
    digest, *others = nights.server.bodies
    found = {alert["key"][-1] + alert["state"]: alert["reason"] for alert in digest["alerts"]}
    assert found == {"1closed": "resolved", "2opened": None, "3closed": "suppressed"}
    assert digest["counts"] == {"opened": 1, "worsened": 0, "closed": 2, "open": 2}
    rest = {a["key"][-1]: a["reason"] for body in others for a in body["alerts"]}
    assert rest == {"2": "deselected", "4": "deselected"}


IGNORED = """
[[ignore]]
rule = "DY100"
order = "6900000000000000003"
reason = "agreed"
owner = "me"
until = 2026-12-31
"""
