"""Nightly runs that end early, at random moments: `python tests/crashes.py 500` for many more."""

import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def test_a_run_that_ends_early_loses_no_alert_and_repeats_none():
    from crashes import crashed

    found = crashed(4, seed=2)
    assert found.faults == []
    assert found.cached > 0
    assert sum(found.ends.values()) >= 4
