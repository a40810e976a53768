"""The codes in the ``state`` columns: the state of a line by a rule."""

# Stored in tables and caches: a code keeps its meaning.
HIT, NEAR, UNJUDGED, OPEN, EXEMPT = 1, 2, 3, 4, 5
"""Hit; near; cannot be judged; open with a distant deadline; exempt. 0: no hit."""
