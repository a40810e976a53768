"""What the ``state`` columns hold: where a line stands to a rule."""

HIT, NEAR, UNJUDGED, OPEN, EXEMPT = 1, 2, 3, 4, 5
"""Hit; near; not to be judged; open with a deadline far off; exempt. 0: the rule says no."""
