"""What earlier runs say against the inputs of a run, at the boundaries."""

from datetime import date, datetime, timedelta

import pytest

from merchantwatch.history.guards import guards_of
from merchantwatch.history.runs import Input, Run, Shop

AS_OF = datetime(2026, 11, 21, 7)
"""A Saturday."""


def shop(name="one", lines=100, days=range(1, 8), as_of=AS_OF, platform="douyin", event=None):
    """A shop with lines on the days so long before a run."""
    dates = [(as_of.date() - timedelta(n)).isoformat() for n in days]
    return Shop(platform, name, lines, dict.fromkeys(sorted(dates), 10), event)


def earlier(*nights, at=AS_OF):
    """Runs of the nights before, the newest first; each is given by its shops."""
    moments = [at - timedelta(n) for n in range(1, len(nights) + 1)]
    return [
        Run(len(nights) - n, moment, "1", (Input("a", f"old {n}"),), tuple(one if isinstance(one, Shop) else shop(one, as_of=moment) for one in shops))
        for n, (moment, shops) in enumerate(zip(moments, nights, strict=True))
    ]  # fmt: skip


NEW = (Input("a", "new"),)


def codes(shops, before, inputs=NEW, as_of=AS_OF):
    return [(guard.code, guard.shop) for guard in guards_of(as_of, inputs, shops, before)]


def test_a_first_run_has_nothing_to_be_compared_with():
    assert codes([shop(days=[9, 1])], []) == []


@pytest.mark.parametrize(
    ("now", "then", "same"),
    [
        ("ab", "ba", True),
        ("ab", "ab", True),
        ("aab", "ab", False),
        ("a", "b", False),
        ("", "", False),
        (["a", None], ["a", None], False),
    ],
)
def test_the_same_contents_are_the_same_inputs_whatever_they_are_called(now, then, same):
    [before] = earlier(["one"])
    before = Run(
        1, before.as_of, "1", tuple(Input(f"x{n}", d) for n, d in enumerate(then)), before.shops
    )
    inputs = [Input(f"y{n}", digest) for n, digest in enumerate(now)]
    expected = [("same-inputs", None)] if same else []
    assert codes([shop()], [before], inputs) == expected
    for guard in guards_of(AS_OF, inputs, [shop()], [before]):
        assert guard.holds == ("resolve", "alert")


@pytest.mark.parametrize(("minutes", "expected"), [(-1, True), (0, False), (1, False)])
def test_a_clock_that_goes_back(minutes, expected):
    [before] = earlier(["one"])
    as_of = before.as_of + timedelta(minutes=minutes)
    assert (
        codes([shop(days=[2, 1], as_of=as_of)], [before], as_of=as_of)
        == [("clock-back", None)] * expected
    )


@pytest.mark.parametrize(
    ("nights", "missing"),
    [
        ([["one", "two"]], ["two"]),
        ([["one"], ["one", "two"]], ["two"]),
        ([["one"], ["one"], ["one", "two"]], []),
        ([["one"]] * 7 + [["one", "two"]] * 7 + [["one"]] * 9, ["two"]),
        ([["one"]] * 8 + [["one", "two"]] * 6, []),
        ([["one", "two"], *[["one"]] * 13], []),
    ],
)
def test_a_shop_is_missing_that_half_of_the_last_14_runs_had(nights, missing):
    assert codes([shop()], earlier(*nights)) == [("missing-shop", name) for name in missing]


@pytest.mark.parametrize(
    ("days", "before", "missing"),
    [
        (range(1, 8), [range(2, 9)], False),
        ([1, 2, 4, 5], [range(2, 9)], True),
        # What has left an export at its beginning is not missing.
        ([1, 2, 3], [range(2, 9)], False),
        # Yesterday has no order, and each of seven days before had some; or only of six.
        ([2, 3, 4], [range(2, 9)], True),
        ([2, 3, 4], [range(2, 8)], False),
        # Today may have none yet.
        ([0, 1, 2], [range(2, 9)], False),
        # A day that never had any.
        ([1, 2, 4], [[2, 4, 5]], False),
        # Missing a third time: then it is gone.
        ([1, 2, 4, 5], [[2, 4, 5], [3, 4, 5], [3, 4, 5]], True),
        ([1, 2, 4, 5], [[2, 4, 5], [4, 5], [3, 4, 5]], False),
    ],
)
def test_a_day_is_missing_between_others_that_it_always_had(days, before, missing):
    nights = [[shop(days=one)] for one in before]
    found = codes([shop(days=days)], earlier(*nights))
    assert found == [("missing-day", "one")] * missing


@pytest.mark.parametrize(
    ("hours", "before", "stale"),
    [
        (72, [1], False),
        (73, [1], True),
        (73, [], False),
        (73, [73, 1], True),
        (73, [73, 73, 1], False),
    ],
)
def test_a_shop_to_which_nothing_has_happened_as_it_usually_does(hours, before, stale):
    nights = [
        [shop(event=AS_OF - timedelta(n) - timedelta(hours=age))]
        for n, age in enumerate(before, start=1)
    ]
    now = shop(event=AS_OF - timedelta(hours=hours))
    assert codes([now], earlier(*nights)) == [("stale-data", "one")] * stale


def test_a_new_shop_has_no_usual_number_of_rows():
    nights = [["one"]] * 20
    assert codes([shop(), shop("new", lines=5000)], earlier(*nights)) == []


def test_a_missing_day_is_named():
    [guard] = guards_of(AS_OF, [], [shop(days=[1, 2, 4])], earlier(["one"]))
    assert str(date(2026, 11, 18)) in guard.text.en
    assert str(date(2026, 11, 18)) in guard.text.zh


def rows(now, *before):
    nights = [[shop(lines=lines, as_of=AS_OF - timedelta(n))] for n, lines in enumerate(before, start=1)]  # fmt: skip
    return codes([shop(lines=now)], earlier(*nights))


@pytest.mark.parametrize(
    ("now", "before", "odd"),
    [
        (20, [100] * 13, False),
        (20, [100] * 14, True),
        (70, [100] * 14, False),
        (69, [100] * 14, True),
        (130, [100] * 14, False),
        (131, [100] * 14, True),
        # A few more or less of a few are nothing.
        (2, [5] * 14, False),
        (1, [5] * 14, True),
        # Saturdays are quiet: what is usual on other days is odd, and the other way round.
        (40, [*[100] * 6, 40] * 4, False),
        (100, [*[100] * 6, 40] * 4, True),
        # Where numbers vary by themselves, more is within bounds.
        (60, [100, 70, 120, 90, 130, 85] * 4, False),
        # One odd run among many does not make another one usual.
        (20, [*[100] * 6, 20, *[100] * 14], True),
    ],
)
def test_rows_far_from_what_is_usual_on_a_weekday(now, before, odd):
    assert rows(now, *before) == [("row-count", "one")] * odd
