"""The oracle on the boundary vectors of the clauses: who judges the judge."""

import csv
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from oracle import (
    RULES,
    SIGNALS,
    Export,
    Finding,
    ParcelExport,
    Risks,
    Verdict,
    douyin,
    judge,
    mapped,
    risk_of,
)
from oracle.cases import settled_by_itself
from oracle.clause import Ruling
from oracle.judging import OF_PLATFORM
from oracle.past import as_it_stood

AS_OF = datetime(2026, 11, 21)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
RISKS: Risks = {
    "IR101": ("late", [(timedelta(0), 0.2)]),
    "IR102": ("late", [(timedelta(0), 0.4)]),
    "IR103": ("late", [(timedelta(0), 0.1), (4 * DAY, 0.6), (14 * DAY, 0.9)]),
    "IR107": (None, [(timedelta(0), 0.25)]),
    "IR108": (None, [(timedelta(0), 0.1)]),
    "IR110": ("refusal", [(timedelta(0), 0.5)]),
    "IR111": ("refusal", [(timedelta(0), 0.35)]),
}
ORDER_HEADERS = (
    "主订单编号", "子订单编号", "商品ID", "订单应付金额", "订单提交时间", "支付完成时间",
    "承诺发货时间", "发货时间", "订单完成时间", "订单状态", "售后状态", "取消原因", "商家备注",
)  # fmt: skip


def cell(at: datetime | None) -> str:
    return "-" if at is None else f"{at:%Y-%m-%d %H:%M:%S}"


def order(number: int, due: datetime = AS_OF + 9 * DAY, /, **cells: str) -> dict[str, str]:
    """A paid line that waits for shipping, with other cells where the test says so."""
    usual = dict.fromkeys(ORDER_HEADERS, "-") | {
        "主订单编号": f"\t69{number:04}",
        "子订单编号": f"\t69{number:04}",
        "商品ID": "\t37110",
        "订单应付金额": "99.50",
        "订单提交时间": cell(due - 2 * DAY - HOUR if due < AS_OF else AS_OF - DAY),
        "支付完成时间": cell(min(due - 2 * DAY, AS_OF)),
        "承诺发货时间": cell(due),
        "订单状态": "待发货",
    }
    return usual | cells


def late(number: int, **cells: str) -> dict[str, str]:
    return order(number, AS_OF - HOUR, **cells)


def shipped(number: int, at: datetime, **cells: str) -> dict[str, str]:
    return order(number, **{"发货时间": cell(at), "订单状态": "已发货"} | cells)


def export(*rows: dict[str, str], without: tuple[str, ...] = ()) -> Export:
    headers = tuple(header for header in dict.fromkeys(k for r in rows for k in r))
    columns = tuple(header for header in headers if header not in without)
    return Export("orders.csv", columns, [{h: row.get(h, "") for h in columns} for row in rows])


def parcels(*rows: tuple[str, str, datetime | None]) -> ParcelExport:
    headers = ("运单号", "订单编号", "揽件时间")
    return ParcelExport(
        "parcels.csv",
        headers,
        [dict(zip(headers, (t, o, cell(at)), strict=True)) for t, o, at in rows],
    )


def verdict(*rows: dict[str, str], as_of: datetime = AS_OF) -> Verdict:
    return judge([export(*rows)], [], as_of, RISKS)


def found(judged: Verdict, code: str) -> dict[str, Finding]:
    return {key: one for (rule, _, key), one in judged.findings.items() if rule == code}


# ------------------------------------------------------------------------------- the promise


@pytest.mark.parametrize(
    ("after_due", "strikes"),
    [
        (timedelta(0), 0),
        (SECOND, 1),
        (DAY - SECOND, 1),
        (DAY, 2),
        (2 * DAY - SECOND, 2),
        (2 * DAY, 3),
        (9 * DAY, 3),
    ],
)
@pytest.mark.parametrize("still_open", [True, False])
def test_strikes_of_one_order(after_due: timedelta, strikes: int, still_open: bool) -> None:
    """The clause stands in no text of 2026."""
    as_of = datetime(2026, 5, 21)
    due = as_of - after_due if still_open else as_of - 10 * DAY
    row = order(1, due)
    if not still_open:
        row |= {"发货时间": cell(due + after_due), "订单状态": "已发货"}
    judged = verdict(row, as_of=as_of)
    finding = found(judged, "DY102").get("690001")
    assert judged.rules["DY102"].hits == (strikes > 0)
    assert (finding.count if finding else min(strikes, 1)) == strikes
    assert (finding.state if finding else None) == {2: "near", 3: "breached"}.get(strikes)
    if finding:
        running = still_open and strikes == 2
        assert finding.due_at == due
        assert finding.next_due_at == (due + 2 * DAY if running else None)


@pytest.mark.parametrize(
    ("left", "state"),
    [
        (-SECOND, "breached"),
        (timedelta(0), "near"),
        (DAY, "near"),
        (DAY + SECOND, None),
    ],
)
def test_ship_due_warns_for_a_day_and_is_breached_after_the_promise(
    left: timedelta, state: str | None
) -> None:
    judged = verdict(order(1, AS_OF + left))
    finding = found(judged, "DY100").get("690001")
    assert (finding.state if finding else None) == state
    if finding:
        assert finding.count == (state == "breached")
        assert finding.lines == ("690001",)
        assert finding.due_at == AS_OF + left
        assert finding.next_due_at == (AS_OF + left if state == "near" else None)


def test_shipped_late_is_no_longer_due_but_still_late() -> None:
    judged = verdict(late(1, 发货时间=cell(AS_OF - HOUR + SECOND), 订单状态="已发货"))
    assert (judged.rules["DY100"].hits, judged.rules["DY101"].hits) == (0, 1)


@pytest.mark.parametrize(("lines", "state"), [(1, None), (2, "near"), (3, "breached")])
def test_third_late_shipment_of_a_product(lines: int, state: str | None) -> None:
    rows = [late(n, 订单应付金额="1,000.00") for n in range(lines)]
    waiting = order(9, AS_OF + 5 * DAY)
    finding = found(verdict(*rows, waiting), "DY101").get("37110")
    assert (finding.state if finding else None) == state
    if finding:
        assert finding.count == lines
        assert finding.amount_at_stake == 1000 * lines
        assert finding.next_due_at == AS_OF + 5 * DAY
        assert finding.lines == tuple(f"69{n:04}" for n in range(lines))


def test_promise_is_computed_where_it_is_blank_or_absent() -> None:
    rows = [
        order(1, 支付完成时间=cell(AS_OF - 2 * DAY), 承诺发货时间="-"),
        order(2, 支付完成时间=cell(AS_OF - 2 * DAY - SECOND), 承诺发货时间=""),
    ]
    for columns in [export(*rows), export(*rows, without=("承诺发货时间",))]:
        judged = judge([columns], [], AS_OF, RISKS)
        assert judged.hits["DY100", "690001"] == "near"
        assert judged.hits["DY100", "690002"] == "hit"


@pytest.mark.parametrize(
    "cells", [{"订单状态": "已关闭"}, {"支付完成时间": "-", "订单状态": "待支付"}]
)
def test_closed_and_unpaid_lines_owe_nothing(cells: dict[str, str]) -> None:
    judged = verdict(late(1, 商家备注="缺货", **cells))
    assert {code for code, _ in judged.hits} <= {"DY203"}, (
        "a shortage counts for its day, closed or not"
    )
    assert all(rule.unjudged == 0 for code, rule in judged.rules.items() if code != "DY301")


def test_a_late_line_without_product_is_counted_nowhere() -> None:
    judged = verdict(*(late(n, 商品ID="-") for n in range(3)))
    assert judged.rules["DY101"].hits == judged.rules["DY101"].uncounted == 3
    assert not found(judged, "DY101")
    assert judged.rules["DY100"].uncounted == 0


# -------------------------------------------------------------------------------- the shortage


@pytest.mark.parametrize(
    ("lines", "state"), [(7, None), (8, "near"), (10, "near"), (11, "breached")]
)
def test_more_than_ten_out_of_stock(lines: int, state: str | None) -> None:
    judged = verdict(*(order(n, 取消原因="商家缺货") for n in range(lines)))
    for code, key in [("DY201", "37110"), ("DY202", "")]:
        finding = found(judged, code).get(key)
        assert (finding.state if finding else None) == state
        if finding:
            assert (finding.count, finding.due_at, finding.next_due_at) == (lines, None, None)
            assert finding.amount_at_stake == lines * Decimal("99.50")


@pytest.mark.parametrize(
    ("cells", "hits"),
    [
        ({"商家备注": "仓库断货"}, 1),
        ({"取消原因": "没货"}, 1),
        ({"取消原因": "不想要了"}, 0),
        ({"取消原因": "无货", "发货时间": cell(AS_OF)}, 0),
        ({"取消原因": "无货", "售后状态": "退款中"}, 1),
        ({"取消原因": "无货", "售后状态": "已全额退款"}, 0),
        ({"取消原因": "无货", "售后状态": "售后关闭"}, 1),
    ],
)
def test_out_of_stock_and_unhandled(cells: dict[str, str], hits: int) -> None:
    assert verdict(order(1, **cells)).rules["DY202"].hits == hits


# --------------------------------------------------------------------------------- the pick-up


@pytest.mark.parametrize(
    ("age", "state"),
    [
        (18 * HOUR - SECOND, None),
        (18 * HOUR, "near"),
        (48 * HOUR, "near"),
        (48 * HOUR + SECOND, "breached"),
    ],
)
def test_not_picked_up(age: timedelta, state: str | None) -> None:
    judged = verdict(shipped(1, AS_OF - age, 揽收时间="-"))
    finding = found(judged, "DY301").get("690001")
    assert (finding.state if finding else None) == state
    if finding:
        due = AS_OF - age + 48 * HOUR
        assert (finding.count, finding.due_at) == (state == "breached", due)
        assert finding.next_due_at == (due if state == "near" else None)


def test_pick_up_is_not_evaluated_without_any_parcel() -> None:
    assert verdict(shipped(1, AS_OF - 9 * DAY)).rules["DY301"].status == "not_evaluated"


def test_a_line_whose_parcel_is_in_no_file_is_unjudged_if_it_matters() -> None:
    rows = [
        shipped(1, AS_OF - 9 * DAY),
        shipped(2, AS_OF - 9 * DAY),
        shipped(3, AS_OF - 9 * DAY, 订单状态="已完成"),
        order(4),
        shipped(5, AS_OF - 9 * DAY, 订单状态=""),
    ]
    judged = judge([export(*rows)], [parcels(("SF1", "\t690001,690099", None))], AS_OF, {})
    assert (judged.rules["DY301"].hits, judged.rules["DY301"].unjudged) == (1, 2)
    assert list(found(judged, "DY301")) == ["690001"]


def test_an_order_is_picked_up_when_all_its_parcels_are() -> None:
    early, after = AS_OF - 3 * DAY, AS_OF + SECOND
    rows = export(*(shipped(n, AS_OF - 4 * DAY) for n in (1, 2, 3, 4)))
    centre = parcels(
        ("SF1", "690001", early),
        ("SF2", "690001", None),
        ("SF3", "690002", None),
        ("SF3", "690002", early),
        ("SF4", "690003", after),
        ("SF5", "690004", early),
        ("SF5", "690004", after),
    )
    judged = judge([rows], [centre], AS_OF, {})
    assert sorted(found(judged, "DY301")) == ["690001", "690003"]


def test_rows_of_one_tracking_number_are_one_parcel_whatever_orders_they_name() -> None:
    rows = export(*(shipped(n, AS_OF - 4 * DAY) for n in (1, 2)))
    centre = parcels(("SF1", "690001", None), ("SF1", "690002", AS_OF - 3 * DAY))
    assert not found(judge([rows], [centre], AS_OF, {}), "DY301")


# ------------------------------------------------------------------------- what is not known


def test_what_an_export_does_not_carry_is_unjudged_and_never_late() -> None:
    full = export(*(late(n) for n in range(3)))
    bare = export(*(late(n) for n in range(3, 5)), without=("发货时间",))
    judged = judge([full, bare], [], AS_OF, {})
    assert (judged.rules["DY101"].hits, judged.rules["DY101"].unjudged) == (3, 2)
    assert judge([bare], [], AS_OF, {}).rules["DY101"].status == "not_evaluated"
    assert judge([bare], [], AS_OF, {}).findings == {}
    wordless = export(*(late(n) for n in range(3)), without=("订单状态",))
    assert judge([bare, wordless], [], AS_OF, {}).rules["DY101"].status == "not_evaluated"


def test_unknown_words_are_unjudged_where_they_are_read() -> None:
    judged = verdict(
        late(1, 订单状态="出库中"),
        late(2, 售后状态="神秘售后", 取消原因="缺货"),
        late(3, 订单状态="-"),
        late(4, 售后状态="神秘售后"),
    )
    assert (judged.rules["DY101"].hits, judged.rules["DY101"].unjudged) == (2, 2)
    assert (judged.rules["DY201"].hits, judged.rules["DY201"].unjudged) == (0, 2)
    assert (judged.rules["IR108"].hits, judged.rules["IR108"].unjudged) == (0, 2)


def test_no_lines_no_rule_applies() -> None:
    judged = judge([Export("orders.csv", ORDER_HEADERS, [])], [], AS_OF, RISKS)
    assert {rule.status for rule in judged.rules.values()} == {"not_applicable"}


# ------------------------------------------------------------------------------- the accounting


@pytest.mark.parametrize(
    "cells",
    [
        {"子订单编号": "-"},
        {"子订单编号": "6.9E+18"},
        {"主订单编号": "6.91234E+18"},
        {"商品ID": "3E+18"},
        {"子订单编号": "690001;690002"},
        {"发货时间": "2026-02-30 10:00:00"},
        {"订单完成时间": "12:30.0"},
        {"支付完成时间": "1970-01-01 09:00:60"},
        {"支付完成时间": "2100-01-01 00:00:00"},
        {"支付完成时间": "1969-12-31 00:00:00"},
        {"发货时间": "36525"},
        {"承诺发货时间": "2026-11-20 08:00:60"},
        {"预约发货时间": "下周"},
    ],
)
def test_what_cannot_be_understood_is_quarantined(cells: dict[str, str]) -> None:
    judged = verdict(order(1, **cells))
    assert (judged.accounting.quarantined, judged.accounting.lines) == (1, 0)


@pytest.mark.parametrize(
    "due",
    ["2026/11/20 8:00", "2026/11/20 8:00:00", "\t2026-11-20 08:00:00", "2026-11-20 08:00"],
)
def test_times_in_every_spelling(due: str) -> None:
    assert found(verdict(late(1, 承诺发货时间=due)), "DY100")["690001"].due_at == datetime(
        2026, 11, 20, 8
    )


@pytest.mark.parametrize(
    "nothing", ["-", "0", "0000-00-00 00:00:00", "1970-01-01 08:00:00", "9999-12-31", "NULL", "无"]
)
def test_words_for_nothing_in_a_time(nothing: str) -> None:
    judged = verdict(late(1, 发货时间=nothing), late(2, 支付完成时间=nothing, 订单状态="待支付"))
    assert judged.accounting.lines == 2
    assert list(found(judged, "DY100")) == ["690001"]


@pytest.mark.parametrize("day", ["2026-11-20", "2026/11/20", "2026.11.20", "46346"])
def test_a_promise_of_a_day_lasts_to_its_end_and_an_event_is_of_its_beginning(day: str) -> None:
    judged = verdict(late(1, 承诺发货时间=day), shipped(2, AS_OF, 承诺发货时间=day, 发货时间=day))
    assert found(judged, "DY100")["690001"].due_at == datetime(2026, 11, 20, 23, 59, 59)
    assert judged.rules["DY101"].hits == 1


def test_the_newest_readable_row_wins() -> None:
    older = export(late(1), late(2), late(3))
    newer = export(
        shipped(1, AS_OF - 2 * HOUR, 订单状态="已关闭"),
        late(2, 支付完成时间="?"),
        late(3),
    )
    newest = export(late(3, 订单提交时间=cell(AS_OF + SECOND)))
    judged = judge([older, newer, newest], [], AS_OF, {})
    counts = judged.accounting
    assert (counts.rows_read, counts.lines) == (7, 2)
    assert (counts.quarantined, counts.superseded, counts.later) == (1, 3, 1)
    assert [key for code, key in judged.hits if code == "DY100"] == ["690002"]


@pytest.mark.parametrize(
    ("cells", "quarantined"),
    [
        ({"商家备注": "加急"}, 0),
        ({"商品ID": "-"}, 0),
        ({"商品ID": "37111"}, 2),
        ({"主订单编号": "680001"}, 2),
        ({"订单提交时间": cell(AS_OF - 9 * DAY)}, 2),
    ],
)
def test_of_one_id_an_export_tells_one_line_only(cells: dict[str, str], quarantined: int) -> None:
    counts = verdict(late(1), late(1, **cells), late(2)).accounting
    assert (counts.rows_read, counts.quarantined) == (3, quarantined)
    assert (counts.lines, counts.superseded) == ((1, 0) if quarantined else (2, 1))


def test_a_past_as_of_replays_the_past() -> None:
    done = shipped(1, AS_OF + HOUR, 承诺发货时间=cell(AS_OF - HOUR), 订单状态="已完成")
    unpaid = late(2, 支付完成时间=cell(AS_OF + SECOND))
    judged = verdict(done | {"订单完成时间": cell(AS_OF + DAY)}, unpaid)
    assert judged.hits["DY100", "690001"] == "hit"
    assert ("DY100", "690002") not in judged.hits


@pytest.mark.parametrize("status", ["-", "出库中"])
@pytest.mark.parametrize("masked", ["支付完成时间", "发货时间"])
def test_a_status_that_is_not_known_does_not_become_known(status: str, masked: str) -> None:
    row = shipped(1, AS_OF - 3 * DAY, 订单状态=status, 揽收时间="-")
    judged = verdict(row | {masked: cell(AS_OF + SECOND)})
    assert not judged.hits


def test_completed_later_is_shipped_now() -> None:
    row = shipped(1, AS_OF - 3 * DAY, 订单状态="已完成", 揽收时间="-")
    assert not found(verdict(row), "DY301")
    assert found(verdict(row | {"订单完成时间": cell(AS_OF + SECOND)}), "DY301")


def test_an_unreadable_amount_is_unknown_money() -> None:
    judged = verdict(late(1, 订单应付金额="免费"), late(2, 订单应付金额="-"), late(3))
    finding = found(judged, "DY101")["37110"]
    assert finding.amount_at_stake == Decimal("99.50")
    assert finding.lines == ("690003", "690001", "690002")
    assert found(judged, "DY100")["690001"].amount_at_stake is None


# ------------------------------------------------------------------------------------- the risk


def risk(*codes: str, late: timedelta | None = None) -> Decimal:
    """The risk of a line on which these signals are, all of them so late."""
    return risk_of(dict.fromkeys(codes, Ruling("hit", late=late)), RISKS)


def test_of_a_group_only_the_strongest_counts() -> None:
    assert risk("IR110", "IR111") == Decimal("0.5")
    assert risk("IR101", "IR102", "IR107") == Decimal("0.55")
    assert risk("IR107", "IR108") == Decimal("0.325")


@pytest.mark.parametrize(
    ("late", "reached"),
    [
        (SECOND, "0.1"),
        (4 * DAY - SECOND, "0.1"),
        (4 * DAY, "0.6"),
        (14 * DAY - SECOND, "0.6"),
        (14 * DAY, "0.9"),
        (90 * DAY, "0.9"),
    ],
)
def test_a_risk_grows_with_lateness(late: timedelta, reached: str) -> None:
    assert risk("IR103", late=late) == Decimal(reached)


def test_intervention_risk_of_a_line() -> None:
    rows = [
        late(1, 售后状态="售后待处理"),
        order(2, AS_OF - 3 * DAY, 售后状态="待商家处理"),
        order(3, 售后状态="售后待处理"),
        order(4, 售后状态="退货后拒绝退款"),
        late(5),
    ]
    judged = verdict(*rows)
    risky = {key: (f.state, f.count, f.risk) for key, f in found(judged, "IR900").items()}
    assert risky == {
        "690001": ("near", 3, 0.46),
        "690002": ("breached", 4, 0.595),
        "690003": ("near", 2, 0.325),
        "690004": ("breached", 2, 0.5),
    }
    assert judged.risks["690005"] == 0.2
    assert found(judged, "IR900")["690001"].due_at == AS_OF - HOUR
    assert found(judged, "IR900")["690003"].due_at is None


# ------------------------------------------------------------------- the cases of every rule

CASES = Path(__file__).parent / "rules"
OF_TMALL = {"TM101", "TT604", "TT605", "IR119"}
"""Their cases have Tmall's own columns, which the oracle does not read."""
TOGETHER = {"DY320", "DY502"}
"""Of their cases, each is several lines of Douyin."""
STATES = {"hit": "hit", "near": "near", "clear": "no", "unjudged": "unjudged"}
LINE = {"line_id": "1", "created_at": "2026-11-10 08:00:00"}
DOUYIN_LINE = {"子订单编号": "1", "主订单编号": "1", "订单提交时间": "2026-11-10 08:00:00"}


@pytest.mark.parametrize("code", sorted({*RULES, *SIGNALS} - OF_TMALL - TOGETHER))
def test_the_oracle_judges_the_cases_of_a_rule(code: str) -> None:
    with (CASES / f"{code}.csv").open(encoding="utf-8", newline="") as file:
        cases = list(csv.DictReader(file))
    headers = {*cases[0]} - {"case", "expect"}
    of_douyin = any(not name.isascii() for name in headers)
    usual = DOUYIN_LINE if of_douyin else LINE
    rule = (RULES | SIGNALS)[code]
    platform = next((name for name, rules in OF_PLATFORM.items() if code in rules), "douyin")
    found = {}
    for case in cases:
        cells = usual | {name: case[name] for name in headers}
        line = (
            douyin.read_line(cells, tuple(cells))
            if of_douyin
            else mapped.read_line(cells, tuple(cells), platform)
        )
        line = as_it_stood(line, AS_OF)
        line = replace(line, settled=settled_by_itself(line))
        if "cases_of_line" in case:
            line = replace(
                line, cases_of_line=int(case["cases_of_line"]) if case["cases_of_line"] else None
            )
        found[case["case"]] = STATES[rule.judge(line, AS_OF, by_name=True).state]
    assert found == {case["case"]: case["expect"] for case in cases}


@pytest.mark.parametrize("code", sorted(TOGETHER))
def test_the_oracle_judges_lines_together(code: str) -> None:
    with (CASES / f"{code}.csv").open(encoding="utf-8", newline="") as file:
        cases = list(csv.DictReader(file))
    for name in dict.fromkeys(case["case"] for case in cases):
        lines = [case for case in cases if case["case"] == name]
        rows = [
            order(n) | {k: v for k, v in line.items() if k not in ("case", "expect") and v}
            for n, line in enumerate(lines)
        ]
        headers = tuple(dict.fromkeys(key for row in [*rows, *lines] for key in row))
        judged = judge([Export("orders.csv", headers, rows)], [], AS_OF, {})
        wanted = [line["expect"] for line in lines]
        hits = ["hit" if (code, f"69{n:04}") in judged.hits else "no" for n in range(len(lines))]
        assert (name, hits) == (name, ["hit" if word == "hit" else "no" for word in wanted])
        assert (name, judged.rules[code].unjudged) == (name, wanted.count("unjudged"))
