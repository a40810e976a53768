"""Every rule by its cases: one CSV per rule, readable without Python.

A file of cases has the columns of the platform's export, or the fields of a line themselves.
"""

import csv
import itertools
from datetime import datetime
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest
from conftest import AS_OF, rule, write_csv

from merchantwatch.engines import SourceInfo, open_engine
from merchantwatch.fields import FIELDS, PROMISE_HOURS, WORDS
from merchantwatch.pipeline import judging, states
from merchantwatch.pipeline.plan import Plan
from merchantwatch.reading import Column, Wanted
from merchantwatch.reading.tables import from_memory
from merchantwatch.rules import built_in, selected
from merchantwatch.run.rule_cases import mismatches
from merchantwatch.run.start import DEFAULT_PLATFORM
from merchantwatch.settings import Settings

pytestmark = pytest.mark.every_engine

CASES = Path(__file__).parent / "rules"
CODES = [bound.code for bound in built_in().rules]
DOUYIN_IDS = {"主订单编号": "m{n}", "子订单编号": "s{n}", "订单提交时间": "2026-11-10 08:00:00"}
TMALL_IDS = {"订单编号": "s{n}", "订单创建时间": "2026-11-10 08:00:00", "买家应付货款": "1"}
REFUND = ("退款编号", "售后类型", "退款状态", "退款的申请时间", "完结时间")
CREATED = {"created_at": "2026-11-10 08:00:00"}
STATES = {states.HIT: "hit", states.NEAR: "near", states.UNJUDGED: "unjudged"}


def _cases(code: str) -> list[dict[str, str]]:
    with (CASES / f"{code}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _of_fields(cases: list[dict[str, str]]) -> bool:
    return set(cases[0]) - {"case", "expect"} <= FIELDS.keys()


def _made_by_the_pipeline(cases: list[dict[str, str]]) -> bool:
    return _of_fields(cases) and any(
        not FIELDS[name].exported for name in cases[0] if name in FIELDS
    )


def _across_lines(cases: list[dict[str, str]]) -> bool:
    """Whether a case is several lines together, each with what is expected of it."""
    names = [case["case"] for case in cases]
    return len(set(names)) < len(names)


TOGETHER = [code for code in CODES if _across_lines(_cases(code))]


EXPORTED = [
    code for code in CODES if code not in TOGETHER and not _made_by_the_pipeline(_cases(code))
]


OF_FIELDS = [code for code in EXPORTED if _of_fields(_cases(code))]
TOLD_BY_FIELDS = [code for code in CODES if code not in TOGETHER and _of_fields(_cases(code))]


def _together(code):
    """What rules must share to be judged in one scan: who sends is known by scans, where there are any."""
    bound = built_in().of_code(code)
    platform = DEFAULT_PLATFORM if bound.for_all else bound.platforms[0]
    return platform, not {"picked_up_at", "delivered_at"}.isdisjoint(_cases(code)[0])


@pytest.mark.xdist_group("cases of fields")
@pytest.mark.parametrize("code", OF_FIELDS)
def test_cases_of_fields(code):
    assert _mismatches(*_together(code))[code] == []


@cache
def _mismatches(*shared):
    codes = [code for code in OF_FIELDS if _together(code) == shared]
    cases = [(built_in().of_code(c), [CREATED | case for case in _cases(c)]) for c in codes]
    return mismatches(cases, Settings(as_of=datetime.fromisoformat(AS_OF)))


@pytest.mark.parametrize(
    "code",
    [pytest.param(c, marks=pytest.mark.looks_at(c)) for c in EXPORTED if c not in OF_FIELDS],
)
def test_cases_of_exports(code, scan, tmp_path):
    cases = _cases(code)
    ids = TMALL_IDS if code.startswith("TM") else DOUYIN_IDS
    rows = [
        {name: cell.format(n=n) for name, cell in ids.items()}
        | {name: cell for name, cell in case.items() if name not in ("case", "expect")}
        for n, case in enumerate(cases)
    ]
    report = scan(write_csv(tmp_path / f"{code}.csv", rows), select=[code])
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


@pytest.mark.parametrize("code", TOGETHER)
def test_cases_of_several_lines(code, scan, tmp_path):
    """The lines of a case are an export of their own, their after-sales cases another."""
    for name, lines in itertools.groupby(_lines_of(code), key=lambda line: line["case"]):
        rows = [{**line, "n": str(n)} for n, line in enumerate(lines)]
        report = scan(*_written(rows, tmp_path), select=code)
        hits = report.hits(code)
        states = dict(zip(hits["line_id"], hits["state"], strict=True))
        wanted = {f"s{row['n']}": row["expect"] for row in rows if row["expect"] == "hit"}
        unjudged = sum(row["expect"] == "unjudged" for row in rows)
        assert (name, states) == (name, wanted)
        assert (name, rule(report, code)["unjudged"]) == (name, unjudged)


def _lines_of(code):
    """The lines of all cases; one with `times` stands for that many alike."""
    return [line for line in _cases(code) for _ in range(int(line.get("times", 1)))]


def _written(rows, folder):
    """The exports of these lines: of orders, and where a case has any, of after-sales cases."""
    refunds = [name for name in rows[0] if name in REFUND]
    ids = TMALL_IDS if refunds else DOUYIN_IDS
    orders = [_order(row, ids, refunds) for row in rows]
    yield write_csv(folder / "orders.csv", orders)
    if refunds:
        cases = [
            {"订单编号": f"s{row['n']}"} | {name: row[name] for name in refunds} for row in rows
        ]
        cases = [
            {k: v.format(**row) for k, v in c.items()} for c, row in zip(cases, rows, strict=True)
        ]
        yield write_csv(folder / "cases.csv", [case for case in cases if case["退款编号"]])


def _order(row, ids, without):
    row_cells = {name: cell.format(n=row["n"]) for name, cell in ids.items()}
    notes = {"case", "expect", "times", "n", *without}
    cells = {name: cell for name, cell in row.items() if name not in notes}
    return row_cells | {name: cell for name, cell in cells.items() if cell or name not in row_cells}


@pytest.fixture(scope="module")
def judged(engine):
    """What every rule makes of the cases of all rules that are given by fields, in one query.

    Rules whose clause has ended judge as if they had been selected.
    """
    cases = [(code, case) for code in TOLD_BY_FIELDS for case in _cases(code)]
    codes = dict.fromkeys(TOLD_BY_FIELDS, ())
    named = selected(built_in(), select=TOLD_BY_FIELDS, ignore=[]).rules
    bounds = tuple(bound for bound in named if bound.code in codes)
    shared, rules = judging.columns(Plan(bounds, (), None, codes, {}, frozenset()))
    derived = "".join(f", {sql} as {name}" for name, sql in shared.items())
    states = ", ".join(f"{rule['state']} as {rule['code']}" for rule in rules)
    opened = open_engine(engine, "200MB", 1)
    try:
        lines = _relation(opened, cases)
        query = f"select n, {states} from (select *{derived} from ({lines}) as lines) as lines"
        rows = opened.table(query).to_pylist()
    finally:
        opened.close()
    by_line = {row["n"]: row for row in rows}
    return {
        (code, case["case"]): STATES.get(by_line[n][code], "no")
        for n, (code, case) in enumerate(cases)
    }


@pytest.mark.xdist_group("judged")  # on Spark, one process asks the query for all
@pytest.mark.parametrize("code", TOLD_BY_FIELDS)
def test_every_engine_judges_alike(code, judged):
    """The lines stand as they are: what looks across them is given by the case, too."""
    cases = _cases(code)
    assert {case["case"]: judged[code, case["case"]] for case in cases} == {
        case["case"]: case["expect"] for case in cases
    }


def _relation(engine, cases):
    """The query of the lines of all cases, which the engine has opened as a table of text."""
    given = [_given(code, case) for code, case in cases]
    columns = {
        name: pa.array([cells.get(name) or None for cells in given], pa.string())
        for name in ("n", "platform", *FIELDS, *(f"{word}_text" for word in WORDS))
    } | {"n": pa.array([str(n) for n in range(len(cases))])}
    source = from_memory(pa.table(columns), "cases")
    wanted = Wanted({index: Column("", is_time=False) for index in range(len(columns))}, ())
    engine.open(source, wanted, "cases", SourceInfo(0, None))
    types = {name: field.kind.sql_type for name, field in FIELDS.items()} | {"n": "bigint"}
    sql = {
        name: f"try_cast(c{index} as {types.get(name, 'varchar')})"
        for index, name in enumerate(columns)
    }
    promised, paid = sql["promised_ship_at"], sql["paid_at"]
    sql["promised_ship_at"] = f"coalesce({promised}, {paid} + interval '{PROMISE_HOURS}' hour)"
    given_apart = ("as_of", "parcel_known", "delivery_known")
    selected = [f"{text} as {name}" for name, text in sql.items() if name not in given_apart]
    shipped = f"coalesce({sql['status']} in ('shipped', 'completed'), false)"
    known = (
        f"0 as source, true as parcel_known, true as delivery_known, timestamp '{AS_OF}' as as_of, "
        f"{sql['shipped_at']} is null and {shipped} as shipped_without_time"
    )
    return f"select {known}, {', '.join(selected)} from cases"


def _with_derived(given):
    """What the pipeline makes of the cells of a case where they do not tell it themselves."""
    scans = [given.get(name) for name in ("picked_up_at", "delivered_at")]
    traced = "picked_up_at" in given
    sent = min(filter(None, scans), default="") if traced else given.get("shipped_at")
    settled = "" if given.get("case_status_text") else str(given.get("case_status") == "refunded")
    derived = {
        "scanned_at": min(filter(None, scans), default=""),
        "sent_at": sent,
        "settled": settled,
    }
    return derived | given


def _given(code, case):
    """The cells of a case; a word that no format knows stands beside its field."""
    bound = built_in().of_code(code)
    given = {"platform": DEFAULT_PLATFORM if bound.for_all else bound.platforms[0]} | case
    unknown = {
        name: given[name] for name in WORDS if given.get(name) and given[name] not in WORDS[name]
    }
    texts = {f"{name}_text": word for name, word in unknown.items()}
    return _with_derived(given | dict.fromkeys(unknown) | texts)


@pytest.mark.parametrize("code", CODES)
def test_every_rule_has_a_hit_a_miss_and_an_unknown(code):
    expected = {case["expect"] for case in _cases(code)}
    # An event that has not happened is known: a rule of nothing else is never in doubt.
    reads = built_in().of_code(code).reads - {"promised_ship_at"}  # computed where it is missing
    doubtful = not all(FIELDS[name].event for name in reads)
    assert {"hit", "no"} | ({"unjudged"} if doubtful else set()) <= expected


def test_no_cases_without_a_rule():
    assert {path.stem for path in CASES.glob("*.csv")} == set(CODES)
