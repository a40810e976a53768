"""What reports tell to do fits the state: nothing to ship that is shipped, to hurry that is over, and so on.

Every rule is tested in every state that it knows, by its words and by lines of all kinds.
"""

import itertools
import re

import pytest
from conftest import write_csv

from merchantwatch.rules import built_in
from merchantwatch.tasks.kinds import kinds

RULES = [bound for bound in built_in().rules if not bound.rule.is_signal]
OF_CLOCKS = [bound for bound in RULES if bound.rule.is_clock]

SHIP = re.compile(
    r"立即发货|先发|未发的|发出并|补货发|前发货|主动退款"
    r"|\bship (now|what|before|every|the most valuable|in time|it)\b|restock|open orders",
    re.IGNORECASE,
)
PICK = re.compile(
    r"催快递|催揽收|立即交|前揽收|press for|press the carrier (for|today)|hand over|have it picked up",
    re.IGNORECASE,
)
OVER = re.compile(
    r"已逾期|期已过|已于 |由平台关闭|overdue|is over|ended at|the platform closes", re.IGNORECASE
)
IN_TIME = re.compile(r"截止前|到期前|临期|before the deadline|in time", re.IGNORECASE)
APPEAL = re.compile(r"申诉|复审|\bappeal|\breview\b", re.IGNORECASE)
LAST_DAY = re.compile(
    r"\d{4}-\d\d-\d\d|\{due\}|最后期限|截止日|已过|last day|by \S+ at the last|is over",
    re.IGNORECASE,
)


def _in_both_languages(text):
    return f"{text.zh} | {text.en}"


@pytest.mark.parametrize("bound", OF_CLOCKS, ids=lambda bound: bound.code)
def test_what_was_done_too_late_is_not_asked_for_again(bound):
    """A clock that goes on counting once all is done has words for that state."""
    rule = bound.rule
    if rule.while_open:
        assert rule.action_done is None
        return
    found = _in_both_languages(rule.actions.get("done", rule.action))
    assert not SHIP.search(found), found
    assert not PICK.search(found), found


@pytest.mark.parametrize("bound", OF_CLOCKS, ids=lambda bound: bound.code)
def test_what_is_over_is_not_hurried(bound):
    """Where an act helps no more after the deadline, what to do then is something else than before."""
    rule = bound.rule
    warns = rule.near_before or rule.near_after
    if warns and rule.tasks and all(kinds()[kind].over_at_due for kind in rule.tasks):
        assert rule.action_near is not None
        assert OVER.search(rule.action.zh), rule.action.zh
        assert OVER.search(rule.action.en), rule.action.en
    assert not IN_TIME.search(_in_both_languages(rule.action))
    if rule.action_near is not None:
        assert not OVER.search(_in_both_languages(rule.action_near))


@pytest.mark.parametrize("bound", RULES, ids=lambda bound: bound.code)
def test_an_appeal_names_its_last_day(bound):
    for text in bound.rule.actions.values():
        for message in (text.zh, text.en):
            assert LAST_DAY.search(message) or not APPEAL.search(message.replace("首次申诉", "")), (
                message
            )


@pytest.mark.parametrize("bound", RULES, ids=lambda bound: bound.code)
def test_a_plain_condition_on_a_line_says_its_numbers(bound):
    rule = bound.rule
    if rule.is_clock or rule.per != "line":
        return
    assert rule.reason is not None
    assert rule.slots


# ------------------------------------------------------------------- lines of all kinds

AS_OF = "2026-11-21 00:00:00"
PROMISES = ("2026-11-12 08:00:00", "2026-11-20 23:00:00", "2026-11-21 08:00:00")
SHIPPED = ("", "2026-11-11 08:00:00", "2026-11-13 09:00:00")
PICKED = ("", "2026-11-11 20:00:00", "2026-11-15 09:00:00")
CASES = (
    ("", "", "", "", "none"),
    ("seller_to_answer", "refund_only", "2026-11-20 08:00:00", "", "none"),
    ("seller_to_answer", "refund_unshipped", "2026-11-15 08:00:00", "", "evidence"),
    ("seller_to_receive", "return_refund", "2026-11-16 08:00:00", "", "asked"),
    ("refused", "refund_only", "2026-11-10 08:00:00", "2026-11-13 12:00:00", "buyer_won"),
    ("refused", "refund_only", "2026-11-10 08:00:00", "2026-11-19 12:00:00", "buyer_won"),
    ("refused", "exchange", "2026-11-18 08:00:00", "", "ruling"),
)


def _lines():
    created = itertools.product(PROMISES, SHIPPED, PICKED, CASES)
    for n, (promised, shipped, picked, case) in enumerate(created):
        if picked and (not shipped or picked < shipped):
            continue
        status, kind, applied, closed, intervention = case
        yield {
            "line_id": f"L{n}", "order_id": f"O{n}", "product_id": f"P{n}", "created_at": "2026-11-10 08:00:00",
            "paid_at": "2026-11-10 08:00:00", "promised_ship_at": promised, "shipped_at": shipped,
            "picked_up_at": picked, "last_tracked_at": picked, "delivered_at": "", "amount": "99.00",
            "status": "shipped" if shipped else "to_ship", "tracking_no": f"SF{n % 9}" if shipped else "", "quantity": "1",
            "case_status": status, "case_type": kind, "case_applied_at": applied, "case_closed_at": closed,
            "case_due_at": "2026-11-20 20:00:00" if n % 2 else "2026-11-21 06:00:00", "case_answered_at": "",
            "case_reason": "未收到货", "intervention": intervention, "evidence_due_at": "2026-11-20 12:00:00",
            "refused": "true" if status == "refused" else "false", "platform_advanced": "true" if closed else "false",
            "refund_amount": "10.00" if closed else "", "pickup_due_at": "2026-11-14 08:00:00", "out_of_stock": "false",
        }  # fmt: skip


def _contradictions(finding, line):
    action = finding["action"]
    sent, due = bool(line["picked_up_at"]), finding["due_at"]
    if sent and SHIP.search(action):
        yield "to ship what is shipped"
    if sent and PICK.search(action):
        yield "to hurry a pick-up that has been"
    if due and due.replace("T", " ") < AS_OF and IN_TIME.search(action):
        yield "to be in time for what is over"
    if finding["state"] == "near" and OVER.search(action):
        yield "that it is over"
    if APPEAL.search(action) and not LAST_DAY.search(action):
        yield "to appeal without the last day"
    if re.search(r"\{\w", action + finding["reason"]):
        yield "a slot that is not filled"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("platform", ["douyin", "tmall", "taobao", "pdd", "shopee"])
def test_no_action_contradicts_its_line(platform, lang, scan, tmp_path):
    lines = {line["line_id"]: line for line in _lines()}
    path = write_csv(tmp_path / "a.csv", list(lines.values()))
    mapping = {name: name for name in next(iter(lines.values()))}
    report = scan(path, map=mapping, platform=platform, lang=lang, as_of=AS_OF).to_dict()
    found = [f for f in report["findings"] if f["scope"] == "line" and f["code"] != "IR900"]
    assert {f["state"] for f in found} == {"near", "breached"}
    wrong = {
        (f["code"], f["state"], what, f["action"])
        for f in found
        for what in _contradictions(f, lines[f["key"]])
    }
    assert wrong == set()


def _one(scan, folder, platform="tmall", **changed):
    base = next(line for line in _lines() if line["case_status"])
    report = scan(
        write_csv(folder / "one.csv", [base | changed]),
        map={n: n for n in base},
        platform=platform,
        lang="en",
    )
    return {f["code"]: f for f in report.to_dict()["findings"] if f["key"] == base["line_id"]}


def test_reasons_carry_numbers_and_deadlines(scan, tmp_path):
    ruled = {
        "case_status": "refused",
        "intervention": "buyer_won",
        "case_closed_at": "2026-11-18 08:00:00",
    }
    found = _one(scan, tmp_path, **ruled)["TT406"]
    assert (found["due_at"], found["state"]) == ("2026-11-25T08:00:00", "breached")
    assert (
        found["reason"]
        == "ruled for the buyer at 2026-11-18 08:00:00; due 2026-11-25 08:00:00, 4 d 8 h left"
    )
    assert "by 2026-11-25 08:00:00 at the last" in found["action"]
    ruling = {"intervention": "ruling", "evidence_due_at": "2026-11-20 12:00:00"}
    assert _one(scan, tmp_path, **ruling)["TT405"]["due_at"] == "2026-11-26T23:59:59"
    answer = {"case_status": "seller_to_answer", "case_due_at": "2026-11-21 00:00:01"}
    assert _one(scan, tmp_path, **answer)["TT401"]["due_at"] == "2026-11-21T00:00:01"
    paid = {"case_status": "refunded", "refund_amount": "100.00", "quantity": "1"}
    found = _one(scan, tmp_path, **paid)["TT601"]
    assert found["reason"] == "refunded ¥100.00, paid ¥99.00: a difference of ¥1.00"


@pytest.mark.parametrize(
    ("closed", "expected"),
    [
        ("2026-11-20 08:00:00", "by 2026-11-27 08:00:00 at the last"),
        ("2026-11-13 08:00:00", "the time to appeal ended at 2026-11-20 08:00:00"),
        ("", "by - at the last; of an open case 7 days after its closing"),
    ],
)
def test_who_refuses_an_advance_payment_is_shown_the_last_day(closed, expected, scan, tmp_path):
    case = {"case_status": "refused", "intervention": "none", "case_closed_at": closed, "refused": "true",
            "platform_advanced": "true", "refund_amount": "12.30"}  # fmt: skip
    found = _one(scan, tmp_path, "douyin", **case)["DY405"]
    assert expected in found["action"]
    assert "12.30" in found["reason"]


def test_a_reused_number_names_the_other_orders(scan, tmp_path):
    base = {"shipped_at": "2026-11-11 08:00:00", "status": "shipped", "tracking_no": "SF77"}
    lines = [
        next(_lines()) | base | {"line_id": f"L{n}", "order_id": f"O{n}", "receiver_key": f"1380000000{n}"}
        for n in (4, 1, 5, 0, 3, 2)  # whatever the order of rows
    ]  # fmt: skip
    report = scan(
        write_csv(tmp_path / "a.csv", lines),
        map={n: n for n in lines[0]},
        select="DY320",
        lang="en",
    )
    reasons = {f["key"]: f["reason"] for f in report.to_dict()["findings"]}
    assert reasons["L0"].startswith(
        "number SF77 had 6 receivers within 30 days; the other orders: O1, O2, O3 and 2 more"
    )
    assert "the other orders: O0, O1, O3 and 2 more" in reasons["L2"]
