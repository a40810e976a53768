"""What becomes of items from run to run, without any database."""

from datetime import datetime
from decimal import Decimal

import pytest

from merchantwatch.history.episodes import Episode, changes
from merchantwatch.history.items import Item
from merchantwatch.language.text import Text

SINCE = datetime(2026, 11, 20)


def item(kind="finding", code="DY100", key="1", **fields):
    given = {"state": "near", "severity": "high", "count": 1, "scope": "line", "shop": None}
    return Item(kind, code, "douyin", key=key, **{**given, "text": Text(zh=key, en=key), **fields})


def task(**fields):
    return item("task", "ship", **{"state": "open", "scope": "order", **fields})


def episode(before, **fields):
    given = {"number": 1, "opened": 1, "since": SINCE, "status": "new", "alerted": True, **fields}
    return Episode(before, **given)


def after(previous, now, verdict="resolved", numbers=None, **options):
    """The changes that follow, as (status, episode, alert, reason)."""
    numbers = numbers or {before.item.fingerprint: before.number for before in previous}
    found = changes(previous, numbers, now, lambda _: verdict, **options)
    return [(one.status, one.episode, one.alert, one.reason) for one in found]


@pytest.mark.parametrize(
    ("before", "now", "status", "alert"),
    [
        ({}, {}, "ongoing", None),
        ({}, {"count": 9, "due_at": SINCE, "text": Text(zh="2", en="2"), "lines": ("2",)}, "ongoing", None),
        ({}, {"state": "breached"}, "worsened", "worsened"),
        ({"state": "breached"}, {"state": "near"}, "eased", None),
        ({}, {"severity": "critical"}, "worsened", "worsened"),
        ({"severity": "medium"}, {"severity": "low"}, "eased", None),
        ({"strikes": 1}, {"strikes": 2}, "worsened", "worsened"),
        ({"strikes": 2}, {"strikes": 2}, "ongoing", None),
        ({"strikes": 3}, {"strikes": 2}, "eased", None),
        ({"strikes": None}, {"strikes": 2}, "ongoing", None),
        ({"penalty": Decimal(3)}, {"penalty": Decimal("3.01")}, "worsened", "worsened"),
        ({"penalty": Decimal(3)}, {"penalty": None}, "ongoing", None),
        # Worse in one thing is worse, whatever else is better.
        ({"state": "breached", "severity": "low"}, {"severity": "high"}, "worsened", "worsened"),
        ({}, {"state": "breached", "has_task": True}, "worsened", None),
    ],
)  # fmt: skip
def test_what_makes_an_item_worse_or_better(before, now, status, alert):
    assert after([episode(item(**before))], [item(**now)]) == [(status, 1, alert, None)]


def test_a_task_worsens_with_one_of_its_findings():
    near, broken = item(has_task=True), item(state="breached", has_task=True)
    resolving = task(findings=(near.fingerprint,))
    previous = [episode(near, alerted=False), episode(resolving)]
    assert after(previous, [broken, resolving]) == [("worsened", 1, None, None), ("worsened", 1, "worsened", None)]  # fmt: skip
    assert after(previous, [near, resolving]) == [("ongoing", 1, None, None)] * 2


@pytest.mark.parametrize(
    ("verdict", "status", "alert"),
    [
        ("resolved", "resolved", "closed"),
        ("gone", "gone", "closed"),
        ("deselected", "gone", "closed"),
        ("not-in-force", "gone", "closed"),
        ("unknown", "unknown", None),
    ],
)
def test_what_is_not_found_is_closed_only_where_the_inputs_say_so(verdict, status, alert):
    reason = None if verdict == "unknown" else verdict
    assert after([episode(item())], [], verdict) == [(status, 1, alert, reason)]
    # A channel that was not sent its opening is not sent its closing.
    assert after([episode(item(), alerted=False)], [], verdict) == [(status, 1, None, reason)]


def test_what_comes_back_is_the_next_episode():
    name = item().fingerprint
    assert after([], [item()]) == [("new", 1, "opened", None)]
    assert after([], [item()], numbers={name: 1}) == [("new", 2, "opened", None)]
    assert after([], [item(has_task=True)], numbers={name: 4}) == [("new", 5, None, None)]


def test_a_suppressed_item_is_closed_and_comes_back_as_the_next_episode():
    left_out = item(suppressed=True)
    assert after([], [left_out]) == [("suppressed", 0, None, "suppressed")]
    assert after([episode(item())], [left_out]) == [("suppressed", 1, "closed", "suppressed")]
    assert after([], [item()], numbers={left_out.fingerprint: 1}) == [("new", 2, "opened", None)]


def test_an_alert_that_no_run_may_raise_waits_for_one_that_may():
    quiet = {"alerting": lambda _: False}
    [raised] = changes([], {}, [item()], None, **quiet)
    assert (raised.alert, raised.pending, raised.alerted) == (None, "opened", False)
    waiting = episode(item(), alerted=False, pending="opened")
    assert after([waiting], [item()]) == [("ongoing", 1, "opened", None)]
    # It opened and got worse meanwhile: one alert, that it opened.
    assert after([waiting], [item(state="breached")]) == [("worsened", 1, "opened", None)]
    # It opened and closed meanwhile: no alert.
    assert after([waiting], []) == [("resolved", 1, None, "resolved")]
    # It closed meanwhile, and came back: both are sent, each for its episode.
    closed = episode(item(), reason="resolved", closed=2, pending="closed", status="resolved")
    assert after([closed], [item()]) == [("new", 2, "opened", None), ("resolved", 1, "closed", "resolved")]  # fmt: skip


def test_a_finding_that_leaves_its_task_is_reported_as_opened_first():
    before = episode(item(has_task=True), alerted=False)
    assert after([before], [item()]) == [("ongoing", 1, None, None)]
    assert after([before], [item(state="breached")]) == [("worsened", 1, "opened", None)]


def test_worsenings_are_counted_so_that_each_is_an_alert_of_its_own():
    [first] = changes([episode(item(strikes=1))], {}, [item(strikes=2)], None)
    [second] = changes([episode(item(strikes=2), worsenings=1)], {}, [item(strikes=3)], None)
    assert (first.worsenings, second.worsenings) == (1, 2)


def test_nothing_that_changes_from_night_to_night_is_part_of_a_fingerprint():
    other = {
        "state": "breached",
        "severity": "low",
        "count": 9,
        "due_at": SINCE,
        "lines": ("1",),
        "owner": "x",
    }
    assert item(**other).fingerprint == item().fingerprint
    others = [item(code="DY101"), item(key="2"), item(scope="order"), item(shop=""), item(shop="1")]
    assert len({item().fingerprint, *(one.fingerprint for one in others)}) == 6
