"""A small part of `tests/fuzz.py` and its drawing, which is the same each time."""

import random
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks")


def test_some_runs_of_the_fuzz():
    from fuzz import Fuzz

    fuzz = Fuzz()
    for seed in range(12):
        fuzz.run(seed)
    assert fuzz.faults == []
    assert len(fuzz.codes) > 1


def test_a_seed_draws_the_same(tmp_path):
    from fuzzing import draw_files, draw_given

    drawn = []
    for name in "ab":
        (folder := tmp_path / name).mkdir()
        draw = random.Random(7)
        drawn.append(draw_given(draw, folder, draw_files(draw, folder)))
    assert drawn[0] == drawn[1]
    for path in (tmp_path / "a" / "in").iterdir():
        twin = tmp_path / "b" / "in" / path.name
        assert path.suffix == ".xlsx" or twin.read_bytes() == path.read_bytes()
