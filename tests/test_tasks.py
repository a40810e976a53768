"""Tasks: what one person does about one thing, each order once, each yuan once."""

import csv
import json
import re
from collections import Counter
from datetime import datetime
from decimal import Decimal

import pytest
from conftest import AS_OF, LATE, ROOT, SAMPLE, SHORT, douyin, write_csv

import merchantwatch as mw
from merchantwatch.rules import SEVERITIES, built_in
from merchantwatch.rules.terms import TaskKind
from merchantwatch.tasks import kinds, kinds_of, owners

FIELDS = [
    *("id", "kind", "owner", "severity", "platform", "shop", "order_id", "lines", "order_ids"),
    *("product_id", "product_name", "quantity", "amount", "currency", "warehouse", "carrier"),
    *("tracking_no", "case_id", "due_at", "then", "later", "money_to_save", "money_lost"),
    *("rules", "effects", "text"),
]
TB = {
    "订单编号": "", "买家应付货款": "100.00", "订单状态": "买家已付款，等待卖家发货",
    "订单创建时间": "2026-11-17 00:00:00", "订单付款时间": "2026-11-17 00:00:00", "宝贝标题": "样品",
    "发货时间": "",
}  # fmt: skip


@pytest.fixture
def tasks_of(scan, tmp_path):
    """The tasks of Douyin lines, by their ids, and the whole report."""

    def tasks(*lines, **options):
        path = write_csv(tmp_path / "orders.csv", douyin(*lines))
        report = scan(path, **options).to_dict()
        return {task["id"]: task for task in report["tasks"]}, report

    return tasks


def _ship(number=1):
    return f"ship:douyin::{6900000000000000000 + number}"


def due(hours):
    """A line unshipped a number of hours past its promise, paid 48 hours before that."""
    days, rest = divmod(-hours, 24)
    promise = f"2026-11-{21 + days:02}" + f" {rest:02}:00:00"
    paid = f"2026-11-{19 + days:02}" + f" {rest:02}:00:00"
    return {**LATE, "承诺发货时间": promise, "支付完成时间": paid, "订单提交时间": paid}


def test_kinds_are_a_closed_list_with_owners():
    assert list(kinds()) == list(TaskKind.__args__)
    assert {kind.owner for kind in kinds().values()} <= owners().keys()
    rules = [bound.rule for bound in built_in().rules if not bound.rule.is_signal]
    # What these tell of is over, or waits for the platform.
    assert {rule.code for rule in rules if not rule.tasks} == {"DY107", "MP102", "TT405"}


def test_a_task_has_its_fields(tasks_of):
    tasks, report = tasks_of(due(10))
    task = tasks[_ship()]
    assert list(task) == FIELDS
    assert (task["owner"], task["order_id"], task["lines"]) == (
        "warehouse", "6900000000000000001", ["6900000000000000001"],
    )  # fmt: skip
    assert task["due_at"] == "2026-11-22T14:00:00", "48 hours past the promise"
    assert task["then"]["code"] == "DY104"
    assert task["then"]["money"] == task["money_to_save"] == "2.00"
    assert (task["quantity"], task["amount"], task["money_lost"]) == (1, "99.00", "0.00")
    assert "…0001" in task["text"]["zh"]
    assert report["totals"]["orders"] == report["totals"]["tasks"] == 1
    assert report["totals"]["by_owner"] == {"warehouse": 1}


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (-25, None),  # too early for a warning
        (-24, ("2026-11-22T00:00:00", "DY100")),
        (0, ("2026-11-21T00:00:00", "DY100")),  # exactly at the promise: no time left, not late
        (1, ("2026-11-22T23:00:00", "DY104")),
        (48, ("2026-11-21T00:00:00", "DY104")),
    ],
)
def test_what_comes_next_is_never_past(tasks_of, hours, expected):
    tasks, _ = tasks_of(due(hours))
    if expected is None:
        assert not tasks
        return
    task = tasks[_ship()]
    assert (task["due_at"], task["then"]["code"]) == expected
    assert all(moment["at"] >= task["due_at"] for moment in task["later"])


def test_what_is_shipped_closed_or_exempt_is_no_task(tasks_of, tmp_path):
    shipped = {**due(10), "订单状态": "已发货", "发货时间": "2026-11-20 20:00:00"}
    closed = {**due(10), "订单状态": "已关闭"}
    lifted = {**due(10), "商品ID": "37111"}
    given = [{"商品": "37111", "订单": "", "原因": "洪水", "批准": "是"}]
    exemptions = write_csv(tmp_path / "exempt.csv", given)
    tasks, report = tasks_of(shipped, closed, due(60), lifted, exemptions=exemptions)
    assert list(tasks) == [_ship(3)]
    assert report["totals"]["tasks"] == 1
    tasks, _ = tasks_of(lifted)
    assert list(tasks) == [_ship()], "it is one, where nothing exempts it"


@pytest.mark.parametrize("select", [None, ["DY101"]], ids=["all", "alone"])
def test_what_is_refunded_whole_is_not_to_be_shipped_though_it_counts_as_late(
    scan, tmp_path, select
):
    """By a case with its time, by the status in the export alone; a part refunded ends nothing."""
    rows = douyin(due(10), {**due(10), "售后状态": "退款成功"}, due(10), due(-5))
    cases = [
        {"售后单号": f"70{n:016}", "商品单号": rows[n]["子订单编号"], "售后类型": "未发货退款", "售后状态": "退款成功",
         "退商品金额（元）": amount, "售后申请时间": "2026-11-20 08:00:00", "售后完结时间": "2026-11-20 23:00:00"}
        for n, amount in ((0, "99.00"), (2, "5.00"), (3, "99.00"))
    ]  # fmt: skip
    files = [write_csv(tmp_path / "orders.csv", rows), write_csv(tmp_path / "cases.csv", cases)]
    report = scan(*files, select=select).to_dict()
    assert [task["id"] for task in report["tasks"] if task["kind"] == "ship"] == [_ship(3)]
    (found,) = (finding for finding in report["findings"] if finding["code"] == "DY101")
    assert (found["state"], found["count"]) == ("breached", 3)


def test_an_order_that_is_refunded_by_itself_is_no_money_to_save_where_it_was_not_paid_in_yuan(
    tasks_of,
):
    """Sums are of yuan, as the clauses' money is: a dollar is not added to them as one."""
    sent = {"订单状态": "已发货", "揽收时间": "", "发货时间": "2026-11-19 20:00:00"}
    tasks, report = tasks_of({**sent, "订单应付金额": "US$59.00"})
    (task,) = (task for task in tasks.values() if task["kind"] == "hand-over")
    moments = {one["code"]: one["money"] for one in (task["then"], *task["later"])}
    assert (moments["DY301"], task["money_to_save"], task["amount"]) == (None, "0.00", "59.00")
    assert report["totals"]["money_to_save"] == "0.00"
    tasks, report = tasks_of({**sent, "订单应付金额": "59.00"})
    assert report["totals"]["money_to_save"] == "61.00", "of yuan it is, with what a clause takes"


def test_lines_of_one_order_are_one_task(tasks_of):
    tasks, report = tasks_of({**due(10), "主订单编号": "6900000000000000009"},
                             {**due(20), "主订单编号": "6900000000000000009"})  # fmt: skip
    task = tasks[_ship(9)]
    assert len(tasks) == report["totals"]["orders"] == 1
    assert len(task["lines"]) == task["quantity"] == 2
    assert (task["amount"], task["due_at"]) == ("198.00", "2026-11-22T04:00:00")


def test_a_limit_of_a_scope_is_reached_once_at_the_first_moment(tasks_of):
    """Either of the two lines of the order makes three late ones: the product is banned once."""
    order = {"主订单编号": "6900000000000000009"}
    tasks, _ = tasks_of(due(72), due(72), {**due(-6), **order}, {**due(-5), **order})
    task = tasks[_ship(9)]
    moments = [(one["code"], one["at"]) for one in (task["then"], *task["later"])]
    assert [at for code, at in moments if code == "DY101"] == ["2026-11-21T05:00:00"]
    assert [at for code, at in moments if code == "DY100"] == [
        "2026-11-21T05:00:00", "2026-11-21T06:00:00",
    ], "each line costs by itself"  # fmt: skip


@pytest.mark.parametrize(("late", "severity"), [(1, "high"), (2, "critical"), (3, "high")])
def test_a_product_that_is_about_to_be_banned_makes_it_critical(tasks_of, late, severity):
    """Two late ones and this one make three; where it is one of two, or the fourth, it averts none."""
    tasks, _ = tasks_of(*[due(72)] * late, due(-1))
    task = tasks[_ship(late + 1)]
    assert task["severity"] == severity
    effects = {effect["code"]: effect for effect in task["effects"]}
    if late > 1:
        effect = effects["DY101"]
        assert (effect["count"], effect["if_done"], effect["if_not"]) == (late, late, late + 1)


def test_a_broken_product_with_open_lines_is_not_sold_further(tasks_of):
    tasks, _ = tasks_of(*[due(72)] * 3, due(-1))
    hold = tasks["hold-sale:douyin::37110"]
    assert (hold["severity"], hold["due_at"]) == ("critical", "2026-11-21T01:00:00")
    tasks, _ = tasks_of(*[{**due(72), "订单状态": "已发货", "发货时间": "2026-11-20 20:00:00"}] * 3)
    assert not tasks


@pytest.mark.parametrize("select", ["DY100", "DY101", "DY100,DY201", "DY301,DY401", "TM102"])
def test_a_few_rules_make_tasks_as_all_do(tasks_of, select):
    """Whatever is selected: what the others would read is not there."""
    tasks, _ = tasks_of(due(10), due(72), select=select.split(","))
    assert (_ship() in tasks) == ("DY10" in select)


@pytest.mark.parametrize(
    ("open_lines", "expected"),
    [
        ([due(-1)], False),
        ([{**SHORT, **due(-1)}], True),
        ([{**SHORT, **due(-1), "订单状态": "已关闭"}], False),
    ],
    ids=["it can be shipped", "it cannot", "it need not"],
)
@pytest.mark.parametrize("select", [None, ["DY100", "DY101"]], ids=["all", "some"])
def test_a_product_that_shipping_cannot_save_is_not_sold_further(
    tasks_of, open_lines, expected, select
):
    """Two late ones; the third is due in an hour, and for want of stock it cannot be shipped."""
    tasks, _ = tasks_of(*[due(72)] * 2, *open_lines, select=select)
    assert ("hold-sale:douyin::37110" in tasks) is expected


def test_a_shortage_is_one_task_of_the_product_without_a_moment(tasks_of):
    tasks, report = tasks_of(*[SHORT] * 11)
    restock = tasks["restock:douyin::37110"]
    assert (restock["due_at"], restock["severity"], restock["quantity"]) == (None, "critical", 11)
    assert restock["effects"][0]["if_done"] == 0
    assert report["totals"]["orders"] == 11
    assert report["tasks"][0]["id"] == "restock:douyin::37110"


def test_tasks_of_a_product_name_each_order_of_their_lines_once(tasks_of):
    orders = [f"69000000000000001{n:02}" for n in range(6)]
    short = [{**SHORT, "主订单编号": order} for order in orders for _ in range(2)]
    late = [{**due(72), "主订单编号": orders[0]}] * 3
    tasks, report = tasks_of(*short, *late, {**due(-1), "主订单编号": orders[1]})
    restock, hold = tasks["restock:douyin::37110"], tasks["hold-sale:douyin::37110"]
    assert (len(restock["lines"]), restock["order_ids"]) == (12, orders)
    assert (len(hold["lines"]), hold["order_ids"]) == (3, orders[:1])
    ship = tasks[f"ship:douyin::{orders[1]}"]
    assert (ship["order_id"], ship["order_ids"]) == (orders[1], [orders[1]])
    found = {f["code"]: f for f in report["findings"]}
    assert (len(found["DY201"]["lines"]), sorted(found["DY201"]["order_ids"])) == (12, orders)


def test_an_act_that_stands_alone_is_a_whole_phrase(scan, tmp_path):
    path = write_csv(tmp_path / "a.csv", douyin(*[SHORT] * 11))
    report = scan(path, lang="en")
    report.write(tmp_path / "tasks.csv", "tasks-csv")
    rows = csv.DictReader((tmp_path / "tasks.csv").read_text("utf-8-sig").splitlines())
    assert "restock, or agree on refunds" in [row["Action"] for row in rows]
    for kind in kinds().values():
        assert not kind.title.en.endswith((" of", " for"))


@pytest.mark.parametrize("select", ["DY201", "DY202"])
def test_a_shortage_that_no_open_order_brings_over_its_limit_is_no_threat(scan, tmp_path, select):
    """Nine and ten of more than ten are near, and leaving them as they are breaks nothing; eleven are broken."""
    for n in (9, 10, 11):
        lines = douyin(*[{**SHORT, "主订单编号": f"{n}"}] * n)
        path = write_csv(tmp_path / f"{n}.csv", lines)
        (task,) = scan(path, select=[select, "DY100"]).to_dict()["tasks"]
        assert task["effects"][0]["if_not"] == task["effects"][0]["count"] == n
        assert (task["then"] or {}).get("code") == (select if n > 10 else None)
        message = f"now {select} {n}/10"
        assert (message in task["text"]["en"]) is (n <= 10)


OF_SHARE = """
[pack]
platform = "douyin"
reviewed = 2026-11-20
[[rule]]
code = "MY1"
name = "my-share"
title = { zh = "a", en = "b" }
severity = "critical"
task = "ship"
applies = "paid and status <> 'closed'"
due = "promised_ship_at"
done = "shipped_at"
of = "paid"
day = "promised_ship_at"
per = "product"
share_more_than = 0.4
share_near = 0.2
"""


def test_a_share_is_a_threat_where_the_open_lines_of_an_order_reach_it(tasks_of, tmp_path):
    """Three of ten lines are late: one more is exactly the share that is allowed, two are beyond it."""
    pack = tmp_path / "own.toml"
    pack.write_text(OF_SHARE, encoding="utf-8")
    lines = [{**due(30), "订单状态": "已发货", "发货时间": "2026-11-20 23:00:00"}] * 3
    by_product = [
        {**line, "商品ID": product}
        for product, one in (("a", 1), ("b", 2))
        for line in [*lines, *[{}] * (7 - one), *[{**due(-3), "主订单编号": product}] * one]
    ]
    tasks, _ = tasks_of(*by_product, pack=[str(pack)], select=["MY1", "DY100"])
    found = {
        key: (task["severity"], [m["code"] for m in (task["then"], *task["later"])])
        for key in "ab"
        for task in [tasks[f"ship:douyin::{key}"]]
    }
    assert found == {"a": ("high", ["DY100"]), "b": ("critical", ["MY1", "DY100"])}


def test_orders_money_stands_once(scan):
    report = scan(*sorted(SAMPLE.glob("*.csv"))).to_dict()
    tasks, totals = report["tasks"], report["totals"]
    assert totals["tasks"] == len(tasks)
    assert Decimal(totals["money_to_save"]) == sum(Decimal(t["money_to_save"]) for t in tasks)
    lost = sum(Decimal(task["money_lost"]) for task in tasks)
    assert Decimal(totals["money_lost"]) == lost + Decimal(totals["money_lost_over"])
    assert totals["money_lost"] == totals["penalty"]
    assert totals["by_owner"] == Counter(task["owner"] for task in tasks)
    assert totals["by_severity"] == Counter(task["severity"] for task in tasks)
    for order in {task["order_id"] for task in tasks} - {None}:
        paid = [t for t in tasks if t["order_id"] == order and t["money_to_save"] != "0.00"]
        assert len(paid) <= 1


def test_the_most_urgent_comes_first(scan):
    report = scan(*sorted(SAMPLE.glob("*.csv"))).to_dict()
    places = [
        (
            -SEVERITIES.index(task["severity"]),
            task["due_at"] or "9999",
            -Decimal(task["money_to_save"]),
            task["id"],
        )
        for task in report["tasks"]
    ]
    assert places == sorted(places)
    assert len({task["id"] for task in report["tasks"]}) == len(places)
    assert all(not task["due_at"] or task["due_at"] >= report["as_of"] for task in report["tasks"])


def test_every_face_has_the_same_tasks(scan, tmp_path):
    import pandas as pd
    import pyarrow.parquet as pq

    report = scan(*sorted(SAMPLE.glob("*.csv")), lang="zh")
    result = report.to_dict()
    ids = [task["id"] for task in result["tasks"]]
    assert list(report.tasks["id"]) == ids
    assert sum(report.tasks["money_to_save"]) == Decimal(result["totals"]["money_to_save"])
    report.write(tmp_path / "tasks.parquet", "tasks-parquet")
    table = pq.read_table(tmp_path / "tasks.parquet").to_pylist()
    assert [row["id"] for row in table] == ids
    assert [json.loads(row["then"]) for row in table] == [task["then"] for task in result["tasks"]]
    report.write(tmp_path / "tasks.csv", "tasks-csv")
    frame = pd.read_csv(tmp_path / "tasks.csv", dtype=str, keep_default_na=False)
    assert list(frame.columns) == [
        "剩余", "截止", "动作", "订单号", "商品", "数量", "仓库", "快递", "运单号", "金额", "可避免损失", "已损失", "依据",
    ]  # fmt: skip
    assert [cell.strip() for cell in frame["订单号"]] == [
        t["order_id"] or "" for t in result["tasks"]
    ]
    assert all(
        cell == "" or cell.endswith("\t") for cell in frame["订单号"] if cell.strip().isdigit()
    )
    assert sum(map(Decimal, frame["可避免损失"])) == Decimal(result["totals"]["money_to_save"])


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        *((text, True) for text in ("6900000000000000001", "123456789012", "000123", "1E5")),
        *((text, True) for text in ("241120e7", "1.5E+3", "1-2", "11/20", "2026-11-20")),
        *((text, False) for text in ("0", "12", "12345678901", "SF1", "1E", "E5", "1.50")),
        *((text, False) for text in ("112-1234567-1234567", "2026-11-20 00:00:00", "0秒", "")),
    ],
)
def test_texts_of_which_excel_makes_others_end_with_a_tab(text, changed):
    from merchantwatch.reports.task_tables import cell

    assert cell(text) == text + "\t" * changed


def test_rules_without_a_task_make_none(scan, tmp_path):
    pack = tmp_path / "own.toml"
    pack.write_text(
        '[pack]\nplatform = "douyin"\nreviewed = 2026-11-20\n[[rule]]\ncode = "MY1"\nname = "mine"\n'
        'title = { zh = "a", en = "b" }\nat_least = 1\nwhen = "status = \'to_ship\'"\n',
        encoding="utf-8",
    )
    path = write_csv(tmp_path / "orders.csv", douyin(due(10)))
    report = scan(path, pack=[str(pack)], select=["MY1"]).to_dict()
    assert report["findings"]
    assert report["tasks"] == []
    pack.write_text(pack.read_text() + 'task = "review"\n', encoding="utf-8")
    (task,) = scan(path, pack=[str(pack)], select=["MY1"]).to_dict()["tasks"]
    assert task["id"] == "review:douyin::6900000000000000001"
    pack.write_text(pack.read_text().replace("review", "fly"), encoding="utf-8")
    with pytest.raises(mw.UsageError, match="task"):
        scan(path, pack=[str(pack)], select=["MY1"])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_text_of_the_whole_sample_has_sixty_lines_at_most(run, lang):
    done = run("scan", str(SAMPLE), "--as-of", AS_OF, "-o", "text", "--lang", lang)
    assert len(done.stdout.splitlines()) <= 60


def test_the_sample_opens_with_the_act_the_order_the_time_and_the_money(run):
    done = run(
        "scan",
        *sorted(map(str, SAMPLE.glob("*.csv"))),
        "--as-of",
        AS_OF,
        "-o",
        "text",
        "--lang",
        "zh",
    )
    text = done.stdout
    assert len(text.splitlines()) <= 60
    assert re.search(r"^红线: \d+ 项已触线，\d+ 项临近；触线订单 ¥[\d,.]+", text, re.MULTILINE)
    todo = text.split("先做什么")[1].split("\n\n")[0]
    assert "发货 订单 …0002 羊毛围巾 ×1" in todo
    assert "否则 ¥59.00" in todo
    assert "0秒" in todo
    assert ROOT.name not in todo


def test_however_few_tasks_are_listed_every_face_adds_up_to_all(scan, tmp_path, monkeypatch):
    from merchantwatch.tasks import listing

    files = sorted(SAMPLE.glob("*.csv"))
    whole = scan(*files, lang="en")
    monkeypatch.setattr(listing, "MOST_TASKS", 3)
    monkeypatch.setattr(listing, "_AT_ONCE", 4)
    cut = scan(*files, lang="en")
    assert len(cut.results.work.tasks) == 3
    result, wanted = cut.to_dict(), whole.to_dict()
    assert result["totals"] == wanted["totals"]
    assert result["tasks"] == wanted["tasks"][:3]
    (note,) = [note["text"] for note in result["notes"] if note["code"] == "tasks-listed"]
    assert f"of {len(wanted['tasks'])} tasks the 3 most urgent" in note
    assert cut.tasks.equals(whole.tasks)
    every, few = whole.results.work.tasks, cut.results.work
    for owner in (None, *few.totals.by_owner):
        of_owner = [task for task in every if owner in (None, task.owner)]
        assert list(few.read_tasks(owner and kinds_of(owner))) == of_owner
        for most in (1, len(of_owner) - 1, len(of_owner) + 1):
            assert few.first_tasks(owner, most) == of_owner[:most]
    for fmt in ("tasks-csv", "tasks-parquet", "md", "text"):
        for report in (cut, whole):
            report.write(tmp_path / f"{report is cut}.{fmt}", fmt)
        one, other = ((tmp_path / f"{part}.{fmt}").read_bytes() for part in (True, False))
        if fmt == "text":  # but for its notes
            one, other = (text.split(b"Notes")[0] for text in (one, other))
        assert one == other, fmt
    page = cut.write(tmp_path / "cut.html").read_text("utf-8")
    assert page.count("<tr id=") == whole.write(tmp_path / "w.html").read_text().count("<tr id=")
    for number in ("tasks", "money_to_save"):
        assert str(result["totals"]["within_24_hours"][number]) in page
    book = pd_sheets(cut.write(tmp_path / "cut.xlsx"))
    assert book == pd_sheets(whole.write(tmp_path / "whole.xlsx"))


def pd_sheets(path):
    """The rows of all sheets of a workbook, but for its notes."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names[:-1]}


def test_tasks_of_an_owner_with_few_are_fetched_alone():
    from merchantwatch.tasks import ScopeFacts, kinds_of, listing

    def count(kind, tasks):
        row = {"kind": kind, "rank": 2, "platform": "douyin", "shop": None, "soon": False}
        return {**row, "tasks": tasks, "orders": 1, "money_to_save": 0, "money_lost": 0}

    fetched = []

    def fetch(first, most, of):
        fetched.append((first, sorted(of)))
        return ()

    rare = next(code for code, kind in kinds().items() if kind.owner != kinds()["ship"].owner)
    counts = [count("ship", 9 * listing.MOST_TASKS), count(rare, 2)]
    ranking = listing.Ranking(counts, fetch)
    work = listing.work_list(ranking, (), ScopeFacts({}, {}, datetime(2026, 11, 21)), None)
    del fetched[:]
    owner = kinds()[rare].owner
    assert not list(work.read_tasks(kinds_of(owner)))
    assert fetched == [(0, sorted(kinds_of(owner)))]


def test_a_shop_named_with_colons_is_no_part_of_what_its_tasks_are_about():
    from merchantwatch.reports.html.page import Page
    from merchantwatch.tasks import Task, wording
    from merchantwatch.tasks.identity import id_of

    given = dict.fromkeys(FIELDS)
    shop = "http://shop:8080"
    for about, named in (("", shop), ("圆通速递", "圆通速递"), ("2026-11-20", "2026-11-20")):
        task_id = id_of("review", "douyin", shop, about)
        known = {"id": task_id, "kind": "review", "platform": "douyin", "shop": shop, "lines": ()}
        task = Task(**given | known)
        assert wording.subject(task).en == f"{named}, 0 lines"
        assert Page.product(Page.__new__(Page), task) == about
