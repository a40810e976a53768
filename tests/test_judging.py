"""Where such tools go wrong: carried, null, as-of, identity."""

import itertools
import os

import pytest
from conftest import DOUYIN, LATE, SHORT, douyin, findings, rule, write_csv

from merchantwatch.pipeline.hash_ranges import hash_ranges

pytestmark = [
    pytest.mark.every_engine,
    pytest.mark.looks_at("DY100", "DY101", "DY201", "DY202", "DY301"),
]

# --- carried ---------------------------------------------------------------------------------


def test_lines_of_a_file_without_a_ship_time_are_unjudged_not_late(export, scan):
    whole = export(LATE, {}, name="a.csv")
    cut = export(LATE, LATE, {}, name="b.csv", without=["发货时间"])
    _renumber(cut)
    report = scan(whole, cut)
    assert rule(report, "DY101") | {"hits": 1, "unjudged": 3} == rule(report, "DY101")
    assert rule(report, "DY100") | {"hits": 1, "unjudged": 3} == rule(report, "DY100")


def _renumber(path):
    path.write_text(path.read_text("utf-8-sig").replace('"69', '"59'), encoding="utf-8-sig")


def test_a_rule_without_its_fields_is_not_evaluated(export, scan):
    report = scan(export(LATE, without=["发货时间", "售后状态"]))
    assert rule(report, "DY101")["status"] == "not_evaluated"
    assert rule(report, "DY101")["missing"] == ["shipped_at"]
    assert rule(report, "DY201")["missing"] == ["shipped_at"]  # cases make it sharper, no more
    assert "hits" not in rule(report, "DY101")


@pytest.mark.looks_at("TM101")
def test_rules_of_other_platforms_are_not_applicable(export, scan):
    assert rule(scan(export({})), "TM101")["status"] == "not_applicable"


def test_without_parcels_pickup_is_not_evaluated(export, scan):
    found = rule(scan(export({})), "DY301")
    assert (found["status"], found["missing"]) == ("not_evaluated", ["picked_up_at"])


PARCEL = {"运单号": "SF1", "订单编号": "\t6900000000000000001", "揽收时间": "-"}
SHIPPED = {"发货时间": "2026-11-18 08:00:00"}


def test_a_line_whose_parcel_is_in_no_file_is_unjudged(export, scan, tmp_path):
    parcels = write_csv(tmp_path / "parcels.csv", [PARCEL])
    report = scan(export(SHIPPED, SHIPPED, {**SHIPPED, **LATE}), parcels)
    assert rule(report, "DY301") | {"hits": 1, "unjudged": 1} == rule(report, "DY301")
    assert [f["key"] for f in findings(report, "DY301")] == ["6900000000000000001"]


def test_parcels_of_no_line_evaluate_nothing(export, scan, tmp_path):
    parcels = write_csv(tmp_path / "parcels.csv", [{**PARCEL, "订单编号": "1"}])
    assert rule(scan(export(SHIPPED), parcels), "DY301")["status"] == "not_evaluated"


@pytest.mark.parametrize("header", ["揽收时间", "揽件时间"])
def test_an_order_file_may_carry_the_pick_up_itself(export, scan, header):
    picked = {**SHIPPED, header: "2026-11-18 20:00:00"}
    report = scan(export({**SHIPPED, header: "-"}, picked))
    assert rule(report, "DY301") | {"hits": 1, "unjudged": 0} == rule(report, "DY301")


def test_parcels_of_several_orders_and_repeated_numbers(export, scan, tmp_path):
    ids = "6900000000000000001,\t6900000000000000002"
    rows = [
        {"运单号": "SF1", "订单编号": ids, "揽件时间": "-", "异常类型": "揽收超时"},
        {
            "运单号": "SF1",
            "订单编号": ids,
            "揽件时间": "2026-11-18 20:00:00",
            "异常类型": "中转超时",
        },
        {"运单号": "SF2", "订单编号": "6900000000000000002", "揽件时间": "-", "异常类型": "-"},
    ]
    report = scan(export(SHIPPED, SHIPPED), write_csv(tmp_path / "p.csv", rows))
    assert list(report.hits("DY301")["line_id"]) == ["6900000000000000002"]


def test_a_parcel_knows_its_tracking_number(export, scan, tmp_path):
    hits = scan(export(SHIPPED), write_csv(tmp_path / "p.csv", [PARCEL])).hits("DY301")
    assert list(hits["tracking_no"]) == ["SF1"]


# --- null ------------------------------------------------------------------------------------


def test_an_unknown_word_is_stored_counted_and_unjudged(export, scan):
    short = {**SHORT, "售后状态": "神秘"}
    report = scan(export({**LATE, "订单状态": "排队中"}, {**LATE, "售后状态": "神秘"}, short))
    # A word about the case leaves open whether the line was refunded whole.
    assert rule(report, "DY100") | {"hits": 0, "unjudged": 3} == rule(report, "DY100")
    assert rule(report, "DY101") | {"hits": 1, "unjudged": 1} == rule(report, "DY101")
    assert rule(report, "DY201")["unjudged"] == 2  # what is not short is no hit, whatever it means
    notes = {note["code"]: note for note in report.to_dict()["notes"]}
    assert notes["unknown-status"]["lines"] == 1
    assert "排队中 (1)" in notes["unknown-status"]["text"]
    assert "神秘 (2)" in notes["unknown-case-status"]["text"]


def test_a_blank_promise_is_computed_and_counted(export, scan):
    report = scan(export({**LATE, "承诺发货时间": "-"}, {}))
    assert [f["due_at"] for f in findings(report, "DY100")] == ["2026-11-20T08:00:00"]
    notes = {note["code"]: note["lines"] for note in report.to_dict()["notes"]}
    assert notes["promise-computed"] == 1


def test_which_field_showed_the_shortage_is_recorded(export, scan):
    lines = [
        {**SHORT, "商家备注": "-", "取消原因": "缺货"},
        {**SHORT, "商家备注": "无货，联系买家"},
        {**SHORT, "商家备注": "不缺货"},
    ]
    hits = scan(export(*lines)).hits("DY202")
    assert dict(zip(hits["line_id"].str[-1], hits["out_of_stock_from"], strict=True)) == {
        "1": "close_reason",
        "2": "seller_note",
    }
    assert "seller_note" not in hits.columns


# --- as-of -----------------------------------------------------------------------------------


def test_a_past_as_of_hides_later_events(export, scan):
    late = {"承诺发货时间": "2026-11-19 08:00:00", "发货时间": "2026-11-20 08:00:00"}
    then = scan(export(late), as_of="2026-11-19 12:00:00")
    assert [f["state"] for f in findings(then, "DY100")] == ["breached"]
    assert rule(scan(export(late)), "DY100")["hits"] == 0


def test_status_follows_a_masked_time(export, scan):
    done = {"订单状态": "已完成", "订单完成时间": "2026-11-20 20:00:00", "揽收时间": "-"}
    shipped = {"发货时间": "2026-11-17 08:00:00", "承诺发货时间": "2026-11-20 08:00:00"}
    report = scan(export({**done, **shipped}), as_of="2026-11-20 08:00:00")
    assert rule(report, "DY301")["hits"] == 1, "completed later: still shipped, not picked up"
    assert rule(scan(export({**done, **shipped})), "DY301")["hits"] == 0


def test_a_line_paid_later_is_unpaid(export, scan):
    report = scan(
        export({**LATE, "承诺发货时间": "2026-11-18 07:00:00"}), as_of="2026-11-18 07:59:59"
    )
    assert rule(report, "DY100")["hits"] == 0


def test_a_line_created_later_is_not_judged(export, scan):
    report = scan(
        export(LATE, {**LATE, "订单提交时间": "2026-11-18 07:55:01"}), as_of="2026-11-18 07:55:00"
    )
    assert report.to_dict()["accounting"] == {
        "rows_read": 2, "lines": 1, "quarantined": 0, "superseded": 0, "later": 1,
    }  # fmt: skip


def test_closed_lines_of_a_later_export_are_noted(export, scan):
    path = export({**LATE, "订单状态": "已关闭"}, name=f"1795363200_{'a' * 32}.csv")
    notes = [note["code"] for note in scan(path, as_of="2026-11-19").to_dict()["notes"]]
    assert "closed-after-as-of" in notes


@pytest.mark.parametrize(("seconds", "expected"), [(-1, False), (0, False), (1, True)])
def test_an_export_is_old_after_six_hours(seconds, expected, export, scan):
    path = export(LATE)
    moment = 1795190400 - 6 * 3600 - seconds  # about 2026-11-20 18:00 in Shanghai
    os.utime(path, (moment, moment))
    notes = {note["code"]: note for note in scan(path).to_dict()["notes"]}
    assert ("stale-export" in notes) == expected
    assert not expected or notes["stale-export"]["lines"] == 1
    assert not expected or "6 h 00 min" in notes["stale-export"]["text"]


# --- identity --------------------------------------------------------------------------------


def _named(seconds):
    return f"{seconds}_{'0f' * 16}shop.csv"


def test_the_newer_export_wins_whatever_the_order_of_arguments(export, scan):
    old = export(LATE, LATE, name=_named(1795100000))
    new = export({}, name=_named(1795180000))
    for inputs in ((old, new), (new, old)):
        report = scan(*inputs)
        assert rule(report, "DY100")["hits"] == 1
        assert report.to_dict()["accounting"] == {
            "rows_read": 3, "lines": 2, "quarantined": 0, "superseded": 1, "later": 0,
        }  # fmt: skip
        found = {item["path"]: item["exported_at"] for item in report.to_dict()["inputs"]}
        assert found == {str(old): "2026-11-19T22:53:20", str(new): "2026-11-20T21:06:40"}


@pytest.mark.parametrize("rows_at_a_time", [1, 3, 1000])
def test_of_many_rows_those_replaced_are_found_part_by_part(
    export, scan, monkeypatch, rows_at_a_time
):
    monkeypatch.setattr("merchantwatch.run.identify._ROWS_AT_A_TIME", rows_at_a_time)
    old = export(*[LATE] * 9, name=_named(1795100000))
    new = export(*[{}] * 5, LATE, name=_named(1795180000))
    report = scan(old, new)
    assert report.to_dict()["accounting"]["superseded"] == 6
    ids = [str(6900000000000000001 + n) for n in range(5, 9)]
    assert sorted(report.hits("DY100")["line_id"]) == ids


@pytest.mark.parametrize("hashes_at_a_time", [1, 7, 1000])
@pytest.mark.parametrize("few", [0, 16])
def test_few_that_repeat_among_many_rows_are_found_by_sorting(
    export, scan, monkeypatch, hashes_at_a_time, few
):
    """With ``few`` as it is, a range of few rows that repeat is grouped instead."""
    monkeypatch.setattr("merchantwatch.run.identify._ROWS_AT_A_TIME", 10)
    monkeypatch.setattr("merchantwatch.run.repeating._HASHES_AT_A_TIME", hashes_at_a_time)
    monkeypatch.setattr("merchantwatch.run.repeating._FEW", few)
    old = export(*[LATE] * 60, name=_named(1795100000))
    middle = export({}, LATE, name=_named(1795140000))
    new = export({}, name=_named(1795180000))
    report = scan(old, middle, new)
    assert report.to_dict()["accounting"]["superseded"] == 3
    ids = [str(6900000000000000001 + n) for n in range(1, 60)]
    assert sorted(report.hits("DY100")["line_id"]) == ids


@pytest.mark.parametrize("parts", [1, 2, 3, 10, 1000])
def test_every_hash_is_in_one_part(parts):
    bounds = hash_ranges(parts)
    if parts == 1:
        assert bounds == [None]
        return
    assert (bounds[0][0], bounds[-1][1]) == (0, 2**64 - 1)
    assert all(last + 1 == first for (_, last), (first, _) in itertools.pairwise(bounds))


def test_without_a_time_in_the_name_the_modification_time_decides(export, scan):
    old, new = export(LATE, name="z.csv"), export({}, name="a.csv")
    os.utime(old, (1795100000, 1795100000))
    os.utime(new, (1795180000, 1795180000))
    report = scan(new, old)
    assert rule(report, "DY100")["hits"] == 0
    assert {i["exported_at_from"] for i in report.to_dict()["inputs"]} == {"modification time"}


def test_of_equal_times_the_later_argument_wins(export, scan):
    first, second = export(LATE, name="b.csv"), export({}, name="a.csv")
    for path in (first, second):
        os.utime(path, (1795100000, 1795100000))
    assert rule(scan(first, second), "DY100")["hits"] == 0
    assert rule(scan(second, first), "DY100")["hits"] == 1


def test_within_a_file_the_later_row_wins(scan, tmp_path):
    rows = [*douyin(LATE), *douyin({})]
    assert rule(scan(write_csv(tmp_path / "a.csv", rows)), "DY100")["hits"] == 0
    assert rule(scan(write_csv(tmp_path / "b.csv", rows[::-1])), "DY100")["hits"] == 1


def test_a_quarantined_row_supersedes_nothing(export, scan):
    old = export(LATE, name=_named(1795100000))
    new = export({"发货时间": "41:01.0"}, name=_named(1795180000))
    report = scan(old, new)
    assert rule(report, "DY100")["hits"] == 1
    assert report.to_dict()["accounting"]["quarantined"] == 1


MAP = {"order_id": "no", "paid_at": "paid", "shipped_at": "sent"}


def test_without_line_ids_the_order_id_and_a_running_number(scan, tmp_path):
    rows = [{"no": no, "paid": "2026-11-01 08:00:00", "sent": "-"} for no in ("A", "B", "A")]
    report = scan(write_csv(tmp_path / "a.csv", rows), map=MAP)
    assert list(report.hits("DY100")["line_id"]) == ["A-1", "A-2", "B"]


def test_mapped_assumptions_are_noted(scan, tmp_path):
    rows = [{"no": "A", "made": "2026-11-01 08:00:00", "sent": "-"}]
    path = write_csv(tmp_path / "a.csv", rows)
    report = scan(path, map={"order_id": "no", "created_at": "made", "shipped_at": "sent"})
    assert rule(report, "DY100")["hits"] == 1
    notes = {note["code"] for note in report.to_dict()["notes"]}
    assert {"paid-from-created", "status-from-times", "promise-computed"} <= notes


def test_a_status_inferred_from_times_follows_as_of(scan, tmp_path):
    row = {"no": "A", "paid": "2026-11-01 08:00:00", "sent": "-", "got": "2026-11-19 08:00:00"}
    path = write_csv(tmp_path / "a.csv", [row])
    columns = {"order_id": "no", "paid_at": "paid", "shipped_at": "sent", "delivered_at": "got"}
    found = []
    for as_of in ("2026-11-19 07:59:59", "2026-11-19 08:00:00"):
        report = scan(path, map=columns, as_of=as_of)
        found.append((report.hits("DY100")["status"].tolist(), rule(report, "DY100")["unjudged"]))
    assert found == [(["to_ship"], 0), ([], 1)], "delivered, so shipped at an unknown time"


def test_an_unused_mapping_is_reported(export, scan):
    report = scan(export({}), map={"line_id": "nothing"})
    assert "mapping-unused" in {note["code"] for note in report.to_dict()["notes"]}


def test_mapped_words(scan, tmp_path):
    rows = [
        {"id": str(n), "paid": "2026-11-01 08:00:00", "sent": "-", "state": state}
        for n, state in enumerate(["canceled", "closed", "processing", "odd", "待发货"])
    ]
    report = scan(
        write_csv(tmp_path / "a.csv", rows),
        map={"line_id": "id", "paid_at": "paid", "shipped_at": "sent", "status": "state"},
        words={"status": {"canceled": "closed", "processing": "to_ship"}},
    )
    assert rule(report, "DY100") | {"hits": 2, "unjudged": 1} == rule(report, "DY100")


def test_rows_are_accounted_for(export, scan):
    damaged = {"子订单编号": "6.92E+18"}
    report = scan(
        export(LATE, {}, damaged, {"支付完成时间": "2026-13-01 08:00:00"}, name="a.csv"),
        export({}, {"订单提交时间": "2026-11-22 00:00:00"}, name="b.csv"),
    )
    accounting = report.to_dict()["accounting"]
    assert (
        accounting["rows_read"] == sum(accounting[k] for k in accounting if k != "rows_read") == 6
    )
    assert report.quarantine[["row", "column", "reason"]].values.tolist() == [
        [4, "子订单编号", "DQ102"],
        [5, "支付完成时间", "DQ204"],
    ]


def test_healthy_lines_find_nothing(export, scan):
    report = scan(export({}, DOUYIN | {"主订单编号": "1", "子订单编号": "1"}))
    assert report.to_dict()["findings"] == []
