"""The outbox: what a run writes is sent once and only once, whatever the receiver does."""

from datetime import datetime

import pytest
from receiver import LOST, receiving
from sqlalchemy import select
from test_notify import NIGHT, NOON, channel, policy, raised

from merchantwatch.history import ledger
from merchantwatch.history.store import opened
from merchantwatch.history.tables import alerts, deliveries
from merchantwatch.notify import attempts, sending
from merchantwatch.notify.outbox import enqueue
from merchantwatch.notify.sending import PAUSES


@pytest.fixture(scope="module")
def server():
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def listening(server, monkeypatch):
    monkeypatch.setenv("MW_OPS_URL", server.url)
    server.forget()
    server.answers, server.always, server.location = [], 200, ""
    return server


@pytest.fixture
def outbox(listening, tmp_path):
    with opened(tmp_path / "history.db") as store:
        yield Outbox(store, listening)


class Outbox:
    """A history and the receiver of its only channel, unless a test asks otherwise."""

    def __init__(self, store, server):
        self.store, self.server, self.runs, self.pauses = store, server, 0, []

    def write(self, *changes, chosen=None, as_of=NOON, baseline=False, stop=False):
        self.runs += 1
        with self.store.writing() as connection:
            number = enqueue(
                connection,
                chosen or policy(),
                changes,
                run_id=self.runs,
                as_of=as_of,
                baseline=baseline,
                one_by_one=("ops",),
            )
            if stop:
                raise KeyboardInterrupt
        return number

    def send(self, chosen=None, as_of: datetime | None = NOON):
        self.server.forget()
        return sending.send(
            self.store, chosen or policy(), lang="en", as_of=as_of, pause=self.pauses.append
        )

    def states(self):
        with self.store.reading() as connection:
            rows = connection.execute(select(deliveries.c.state).order_by(deliveries.c.id))
            return [row.state for row in rows]

    def contents(self):
        with self.store.reading() as connection:
            return [bool(row.content) for row in connection.execute(select(alerts.c.content))]

    def unreported(self):
        with self.store.writing() as connection:
            return attempts.unreported(connection)


OVER = {"alert": "closed", "status": "resolved", "reason": "resolved"}


def test_an_outbox_is_the_same_in_every_database(history, listening):
    chosen = policy(quiet="22:00-08:00")
    with opened(history) as store:
        outbox = Outbox(store, listening)
        outbox.write(raised("1"), raised("2"), chosen=chosen)
        listening.answers = [404, LOST]
        done = outbox.send(chosen)
        assert (done.deliveries, done.repeated, len(done.undelivered)) == (1, 1, 1)
        assert [one.refused for one in outbox.unreported()] == [True]
        outbox.write(raised("3"), chosen=chosen, as_of=NIGHT)
        outbox.write(raised("1", **OVER), raised("2", **OVER), chosen=chosen, as_of=NIGHT)
        assert outbox.states() == ["refused", "sent", "held"]
        outbox.send(chosen)
        assert listening.states() == [("2", "closed"), ("3", "opened")]
        outbox.write(raised("4"), chosen=chosen)
        with store.writing() as connection:
            assert attempts.drop(connection, "ops") == 1
            ledger.prune(connection, NOON)
        assert outbox.states() == []


def test_each_alert_is_sent_once(outbox):
    assert outbox.write(raised("1"), raised("2")) == 2
    assert outbox.send().deliveries == 2
    assert outbox.server.states() == [("1", "opened"), ("2", "opened")]
    assert [body["attempt"] for body in outbox.server.bodies] == [1, 1]
    assert outbox.send().deliveries == 0
    assert outbox.write(raised("1"), raised("2")) == 0, "the same alert again is none"
    assert outbox.send().deliveries == 0
    assert outbox.states() == ["sent", "sent"]


def test_a_run_that_is_not_written_sends_nothing(outbox):
    with pytest.raises(KeyboardInterrupt):
        outbox.write(raised("1"), stop=True)
    assert outbox.send().deliveries == 0
    assert outbox.write(raised("1")) == 1


def test_the_first_run_is_one_digest(outbox):
    assert outbox.write(*(raised(str(n)) for n in range(30)), baseline=True) == 1
    outbox.send()
    (body,) = outbox.server.bodies
    assert len({alert["alert_id"] for alert in body["alerts"]}) == 30
    assert body["counts"] == {"opened": 30, "worsened": 0, "closed": 0, "open": 30}
    assert {alert["state"] for alert in body["alerts"]} == {"opened"}


def test_the_id_of_a_delivery_is_the_same_on_every_attempt(outbox):
    outbox.write(raised("1"))
    outbox.server.answers = [500, LOST, 429, 503]
    missed = outbox.send()
    assert missed.deliveries == 0
    assert [(one.channel, one.alerts, one.refused) for one in missed.undelivered] == [
        ("ops", 1, False)
    ]
    assert outbox.pauses == list(PAUSES)
    first = list(outbox.server.bodies)
    done = outbox.send()
    assert (done.deliveries, done.repeated) == (1, 1)
    bodies = first + outbox.server.bodies
    assert [body["attempt"] for body in bodies] == [1, 2, 3, 4, 5]
    assert len({body["delivery_id"] for body in bodies}) == 1
    assert {head["Idempotency-Key"] for head in outbox.server.headers} == {bodies[0]["delivery_id"]}


def test_a_repeat_is_marked_only_where_an_attempt_may_have_arrived(outbox):
    outbox.write(raised("1"))
    outbox.server.answers = [500, 500]
    assert outbox.send().repeated == 0


def test_what_is_refused_is_refused_for_good_and_reported_once(outbox):
    outbox.write(raised("1"), raised("2"))
    outbox.server.answers = [410]
    done = outbox.send()
    assert [(one.refused, one.why.en) for one in done.undelivered] == [
        (True, "the receiver answered HTTP 410")
    ]
    assert outbox.states() == ["refused", "sent"]
    assert [(one.channel, one.alerts, one.refused) for one in outbox.unreported()] == [
        ("ops", 1, True)
    ]
    assert outbox.unreported() == []
    assert outbox.send().deliveries == 0
    outbox.write(raised("1", **OVER), raised("2", **OVER))
    outbox.send()
    assert outbox.server.states() == [("2", "closed")], "the opening of 1 was sent to no channel"


def test_what_waits_is_reported_until_it_is_there(outbox):
    outbox.write(raised("1"))
    assert outbox.unreported() == [], "nothing has been tried"
    outbox.server.always = 500
    outbox.send()
    for _ in range(2):
        assert [(one.alerts, one.refused) for one in outbox.unreported()] == [(1, False)]
    outbox.server.always = 200
    outbox.send()
    assert outbox.unreported() == []


def test_who_does_not_answer_is_tried_a_few_times_and_not_for_each_delivery(outbox):
    outbox.write(*(raised(str(n)) for n in range(40)))
    outbox.server.always = 500
    done = outbox.send()
    assert len(outbox.server.bodies) == len(PAUSES) + sending.MOST_FAILURES
    assert [one.alerts for one in done.undelivered] == [40]
    outbox.server.always = 200
    assert outbox.send().deliveries == 40


def test_one_that_always_fails_does_not_stop_the_others(outbox):
    outbox.write(*(raised(str(n)) for n in range(5)))
    outbox.server.answers = [500] * (1 + len(PAUSES))
    assert outbox.send().deliveries == 4


def test_killed_while_sending_it_is_sent_again_under_the_same_id(outbox):
    outbox.write(raised("1"))
    with outbox.store.reading() as connection:
        (waiting,) = attempts.waiting(connection)
    with outbox.store.writing() as connection:
        assert attempts.claim(connection, waiting)
        assert not attempts.claim(connection, waiting), "no two processes send it"
    done = outbox.send()
    assert (done.deliveries, done.repeated) == (1, 1)
    assert [(b["attempt"], b["delivery_id"]) for b in outbox.server.bodies] == [
        (2, waiting.delivery_id)
    ]


def test_through_quiet_hours_alerts_gather_into_one_digest(outbox):
    chosen = policy(quiet="22:00-08:00")
    for key in "123":
        outbox.write(raised(key), chosen=chosen, as_of=NIGHT)
        assert outbox.send(chosen, NIGHT).deliveries == 0
    outbox.write(raised("1", **OVER), chosen=chosen, as_of=NIGHT)
    outbox.send(chosen, NIGHT)
    assert outbox.server.bodies == []
    outbox.write(raised("4"), chosen=chosen)
    assert outbox.send(chosen).deliveries == 2
    digest, single = outbox.server.bodies
    assert len(digest["alerts"]) == 4
    assert digest["counts"]["closed"] == 1
    assert [alert["key"] for alert in single["alerts"]] == ["4"]


def test_what_failed_by_day_does_not_wake_anybody_and_a_flush_does(outbox):
    chosen = policy(quiet="22:00-08:00")
    outbox.server.always = 500
    outbox.write(raised("1"), chosen=chosen)
    outbox.send(chosen)
    outbox.server.always = 200
    assert outbox.send(chosen, NIGHT).deliveries == 0
    outbox.write(raised("2"), chosen=chosen, as_of=NIGHT)
    assert outbox.send(chosen, None).deliveries == 2


def test_closed_is_sent_though_nothing_was_sent_meanwhile(outbox):
    outbox.write(raised("1", shop="一号店"))
    outbox.send()
    changed = policy(channel(owners=("logistics",), shops=("二号店",), min_severity="critical"))
    outbox.write(raised("1", severity="low", **OVER), chosen=changed)
    outbox.send(changed)
    assert outbox.server.states() == [("1", "closed")]


def test_what_every_channel_has_is_not_stored_twice_and_can_be_sent_again(outbox):
    chosen = policy(channel("ops"), channel("grave", min_severity="critical"))
    worse = {"alert": "worsened", "status": "worsened"}
    outbox.write(raised("1", **worse), chosen=chosen)
    assert outbox.contents() == [True]
    outbox.send(chosen)
    assert outbox.contents() == [False]
    outbox.write(raised("1", **worse), chosen=policy(channel("ops"), channel("new")))
    outbox.send(policy(channel("ops"), channel("new")))
    assert [(a["key"], a["text"]) for a in outbox.server.alerts] == [
        ("1", "worse: order 1 is late")
    ]


def test_what_one_of_two_channels_still_waits_for_stays(outbox, monkeypatch):
    chosen = policy(channel("ops"), channel("later"))
    outbox.write(raised("1"), chosen=chosen)
    with monkeypatch.context() as patched:
        patched.setattr(sending, "receiver_of", _only("later", sending.receiver_of))
        outbox.send(chosen)
    assert outbox.contents() == [True]
    assert outbox.send(chosen).deliveries == 1
    assert outbox.contents() == [False]


def test_what_is_over_is_forgotten_once_every_channel_has_sent_it(outbox, monkeypatch):
    chosen = policy(channel("ops"), channel("later"))
    outbox.write(raised("1"), raised("2"), chosen=chosen)
    outbox.send(chosen)
    outbox.write(raised("1", **OVER), chosen=chosen)
    with monkeypatch.context() as patched:
        patched.setattr(sending, "receiver_of", _only("later", sending.receiver_of))
        outbox.send(chosen)
    assert len(outbox.contents()) == 3, "one is still to be sent"
    outbox.send(chosen)
    assert len(outbox.contents()) == 1
    assert outbox.states() == ["sent", "sent"]


def test_a_refusal_is_reported_though_what_it_was_about_is_over(outbox):
    outbox.write(raised("1"))
    outbox.send()
    outbox.write(raised("1", **OVER))
    outbox.server.answers = [404]
    outbox.send()
    with outbox.store.writing() as connection:
        ledger.prune(connection, NOON)
    assert [(one.alerts, one.refused) for one in outbox.unreported()] == [(1, True)]
    with outbox.store.writing() as connection:
        ledger.prune(connection, NOON)
    assert outbox.states() == []


def test_a_second_episode_is_sent_again(outbox):
    for episode in (1, 2):
        outbox.write(raised("1", episode=episode))
        outbox.write(raised("1", episode=episode, **OVER))
        outbox.send()
        assert outbox.server.states() == [("1", "closed"), ("1", "opened")]


@pytest.mark.parametrize("value", ["", "no address", "http://", "nosuch://SECRET"])
def test_without_an_address_alerts_wait(outbox, value, monkeypatch):
    outbox.write(raised("1"))
    monkeypatch.setenv("MW_OPS_URL", value)
    (missed,) = outbox.send().undelivered
    assert (missed.alerts, missed.refused) == (1, False)
    assert "MW_OPS_URL" in missed.why.en
    assert "SECRET" not in missed.why.en + missed.why.zh
    monkeypatch.setenv("MW_OPS_URL", outbox.server.url)
    assert outbox.send().deliveries == 1


def test_what_waits_for_a_removed_channel_is_reported_until_it_is_given_up(outbox):
    outbox.write(raised("1"))
    (missed,) = outbox.send(policy(channel("other"))).undelivered
    assert "flush --drop ops" in missed.why.en
    with outbox.store.writing() as connection:
        assert attempts.drop(connection, "ops") == 1
    assert outbox.send(policy(channel("other"))).undelivered == ()


def test_one_channel_that_fails_does_not_hold_up_another(outbox, monkeypatch):
    chosen = policy(channel("ops"), channel("later"))
    monkeypatch.setattr(sending, "receiver_of", _only("later", sending.receiver_of))
    outbox.write(raised("1"), chosen=chosen)
    done = outbox.send(chosen)
    assert done.deliveries == 1
    assert [one.channel for one in done.undelivered] == ["ops"]


def _only(name, receiver_of):
    def chosen(channel):
        if channel.name != name:
            from merchantwatch.errors import OutputError

            raise OutputError("none", "无")
        return receiver_of(channel)

    return chosen
