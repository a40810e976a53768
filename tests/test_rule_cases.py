"""Every rule by its cases: one CSV per rule, readable without Python."""

import csv
from pathlib import Path

import pytest
from conftest import rule, write_csv

from merchantwatch.rules import built_in

pytestmark = pytest.mark.every_engine

CASES = Path(__file__).parent / "rules"
CODES = [bound.code for bound in built_in().rules]
DOUYIN_IDS = {"主订单编号": "m{n}", "子订单编号": "s{n}", "订单提交时间": "2026-11-10 08:00:00"}
TMALL_IDS = {"订单编号": "s{n}", "订单创建时间": "2026-11-10 08:00:00", "买家应付货款": "1"}


def _cases(code: str) -> list[dict[str, str]]:
    with (CASES / f"{code}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("code", CODES)
def test_cases(code, scan, tmp_path):
    cases = _cases(code)
    ids = TMALL_IDS if code.startswith("TM") else DOUYIN_IDS
    rows = [
        {name: cell.format(n=n) for name, cell in ids.items()}
        | {name: cell for name, cell in case.items() if name not in ("case", "expect")}
        for n, case in enumerate(cases)
    ]
    report = scan(write_csv(tmp_path / f"{code}.csv", rows))
    hits = report.hits(code)
    states = dict(zip(hits["line_id"], hits["state"], strict=True))

    found = {case["case"]: states.get(f"s{n}", "no") for n, case in enumerate(cases)}
    expected = {
        case["case"]: case["expect"] if case["expect"] in ("hit", "near") else "no"
        for case in cases
    }
    assert found == expected
    unjudged = sum(case["expect"] == "unjudged" for case in cases)
    assert rule(report, code)["unjudged"] == unjudged


@pytest.mark.parametrize("code", CODES)
def test_every_rule_has_a_hit_a_miss_and_an_unknown(code):
    expected = {case["expect"] for case in _cases(code)}
    assert {"hit", "no", "unjudged"} <= expected


def test_no_cases_without_a_rule():
    assert {path.stem for path in CASES.glob("*.csv")} == set(CODES)
