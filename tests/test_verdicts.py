"""What rules say of lines is unnested once: columns by rule, and rows where a rule has a verdict."""

import duckdb
import pytest

from merchantwatch.pipeline.rendering import render_sql
from merchantwatch.pipeline.verdicts import columns, verdict

USUAL = {"key": "line_id", "not_done": "true"}


@pytest.mark.parametrize(
    ("rules", "key"),
    [
        ({}, "line_id"),
        ({"A1": {}, "A2": {"key": "line_id"}}, "line_id"),
        ({"A1": {"key": "shop"}}, "case when verdict.code in ('A1') then shop else line_id end"),
        (
            {"A1": {"key": "shop"}, "A2": {"key": "day"}, "A3": {"key": "shop"}},
            "case when verdict.code in ('A1', 'A3') then shop when verdict.code in ('A2') then day else line_id end",
        ),
    ],
)
def test_what_several_rules_say_alike_is_written_once(rules, key):
    assert columns(USUAL, rules) == {"key": key, "not_done": "true"}


@pytest.mark.parametrize("number", [0, 1, 126])
def test_hits_are_one_query_however_many_rules_there_are(number):
    codes = [f"A{n}" for n in range(number)]
    states = "".join(
        f", {n % 4} as A{n}_state, timestamp '2026-11-20' as A{n}_due" for n in range(number)
    )
    rules = [verdict(code, (1, 2), f"{code}_due") for code in codes]
    columns = {
        "key": "line_id",
        "penalty": "cast(1 as decimal(18, 2))",
        "buyer_most": "null",
        "day": "null",
    }
    columns |= {"next_due": "null", "weight": "1", "not_done": "true", "risk": "null"}
    query = render_sql("8_hits", rules=rules, charged=[], currency="'CNY'", **columns)
    assert query.count("union all") == 0
    line = (
        "0 as source, 1 as source_row, 'p' as platform, 's' as shop, 'l' as line_id, 1.0 as amount"
    )
    with duckdb.connect() as database:
        database.execute(f"create table judged as select {line}{states}")
        rows = database.execute(
            f"select code, state, penalty from ({query}) order by all"
        ).fetchall()
    wanted = [
        (f"A{n}", "hit", 1) if n % 4 == 1 else (f"A{n}", "near", None)
        for n in range(number)
        if n % 4 in (1, 2)
    ]
    assert rows == sorted(wanted)
