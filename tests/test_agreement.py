"""The program and the oracle on the same made-up merchants: they must say the same.

The same ones are drawn every time, in few worlds of many lines, since a scan of a few lines mostly plans;
`python tests/agree.py` draws others, as many as requested.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agreement import KNOWN, disagreements, oracle_says, program_says, scan
from hypothesis import HealthCheck, given, settings, strategies as st
from worlds import FRESH, World, mapped_worlds, shuffled, split, worlds

import merchantwatch as mw
from merchantwatch.rules import built_in

SAME = settings(
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
    backend=FRESH,
    derandomize=True,
    print_blob=True,
)


def result(table: Any, path: str = "") -> Iterator[str]:
    """Yield what a table of a pack says, by its keys; of a scope and of who is fined, which."""
    if isinstance(table, list):
        for entry in table:
            yield from result(entry, path)
    elif isinstance(table, dict):
        for key, value in table.items():
            yield from result(value, f"{path}.{key}")
    else:
        chosen = path.rpartition(".")[2] in ("per", "each", "of_group", "round_to", "counted")
        yield f"{path} = {table}" if chosen else path


def test_the_oracle_judges_every_kind_of_rule() -> None:
    """All that a rule can say, some rule says that the oracle judges too. It knows no code alone."""
    packs = sorted((Path(mw.__file__).parent / "rules").glob("*.toml"))
    rules = [r for p in packs for r in tomllib.loads(p.read_text("utf-8")).get("rule", [])]
    judged = {word for rule in rules if rule["code"] in KNOWN for word in result(rule)}
    assert {word for rule in rules for word in result(rule)} == judged
    assert {bound.code for bound in built_in().rules} >= KNOWN


@given(world=worlds())
@settings(SAME, max_examples=10)
def test_program_and_oracle_agree_on_exports_of_douyin(world: World) -> None:
    assert disagreements(program_says(world), oracle_says(world)) == []


@given(world=mapped_worlds())
@settings(SAME, max_examples=16)
def test_program_and_oracle_agree_on_mapped_exports(world: World) -> None:
    assert disagreements(program_says(world), oracle_says(world)) == []


@given(world=worlds(repeats=False), seed=st.integers(0, 255))
@settings(SAME, max_examples=4)
def test_order_of_rows_and_number_of_files_do_not_matter(world: World, seed: int) -> None:
    with scan(world) as report:
        result = report.to_dict()
    for other in (shuffled(world, seed), split(world, seed)):
        with scan(other) as report:
            again = report.to_dict()
        for part in ("accounting", "rules", "findings"):
            assert again[part] == result[part], part
