"""What a format's file may say, and what is made of it: the command, the page, file names."""

import os
import runpy
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from conftest import LATE, ROOT

from merchantwatch.formats import Format, formats, known_headers
from merchantwatch.reading.export_times import moment_in

PERSONAL = (
    "收件人 收货人 收货地址 详细地址 买家姓名 买家电话 买家地址 买家会员 买家支付宝 买家身份证 买家手机 买家留言 买家备注 "
    "用户备注 客户姓名 客户地址 联系电话 联系手机 手机号 身份证 实名 下单帐号 商家退货 卖家真实姓名 卖家退货地址 卖家手机 "
    "卖家电话 用户售后说明 买家退款说明 消费者资料 Recipient Phone Email Buyer buyer recipient ship-address Detail Street "
    "Address Username Billing Notes"
).split()


@pytest.mark.parametrize(
    ("code", "name", "moment"),
    [
        ("douyin-orders", "1768222209_84d8.csv", "2026-01-12 20:50:09"),
        ("douyin-orders", "17682222090_84d8.csv", None),
        ("taobao-orders", "ExportOrderList201903121048.csv", "2019-03-12 10:48:00"),
        ("taobao-orders", "ExportOrderList26954244167.csv", None),
        ("taobao-orders", "ExportOrderList201913121048.csv", None),
        ("taobao-lines", "ExportItemlList202606121048.csv", "2026-06-12 10:48:00"),
        ("taobao-lines", "ExportOrderDetailList201903121048.csv", "2019-03-12 10:48:00"),
        ("pdd-orders", "0af_orders_export2026-07-20-10-09-23.csv", "2026-07-20 10:09:23"),
        ("pdd-orders", "orders.csv", None),
    ],
)
def test_file_names_tell_when_they_were_exported(code, name, moment):
    form = next(form for form in formats() if form.code == code)
    found = form.file_time.read(name, ZoneInfo("Asia/Shanghai"))
    assert found == (datetime.fromisoformat(moment) if moment else None)


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("orders_20261120093000.csv", "2026-11-20 09:30:00"),
        ("订单导出202611200930.xlsx", "2026-11-20 09:30:00"),
        ("orders 2026-11-20 09-30-15.csv", "2026-11-20 09:30:15"),
        ("orders_20261120_093015(1).csv", "2026-11-20 09:30:15"),
        ("orders-2026.11.20T0930.csv", "2026-11-20 09:30:00"),
        ("2026年11月20日09时30分.csv", "2026-11-20 09:30:00"),
        ("20261120093015123_orders.csv", "2026-11-20 09:30:15"),
        ("20261120_2026.csv", "2026-11-20 20:26:00"),
        # A day alone, a period, two moments, none, a longer number, what is no moment.
        ("orders_20261120.csv", None),
        ("2026-11-20 orders.csv", None),
        ("20261101-20261120.csv", None),
        ("2026-11-01_2026-11-20.csv", None),
        ("20261101000000-20261120235959.csv", None),
        ("20261120093000-20261120093000.csv", "2026-11-20 09:30:00"),
        ("orders.csv", None),
        ("6920261120093015999.csv", None),
        ("2026112009301512.csv", None),
        ("orders_20261320093000.csv", None),
        ("orders_20261120243000.csv", None),
        ("orders_20260230093000.csv", None),
    ],
)
def test_any_name_may_tell_when_a_file_was_exported(name, moment):
    assert moment_in(name) == (datetime.fromisoformat(moment) if moment else None)


def test_the_export_with_the_later_time_in_its_name_wins_whichever_is_newer_on_the_disk(
    export, scan
):
    shipped = {"订单状态": "已发货", "发货时间": "2026-11-20 07:00:00"}
    later = export(LATE | shipped, name="orders_20261120093000.csv")
    earlier = export(LATE, name="orders_20261119093000.csv")
    os.utime(later, (0, 0))
    report = scan(later, earlier, select="DY100")
    assert report.findings.empty
    assert [read["exported_at_from"] for read in report.to_dict()["inputs"]] == ["file name"] * 2


def test_no_format_reads_a_personal_column():
    read = {name for form in formats() for name in known_headers(form)} - {"收货地址-省"}
    assert [name for name in read if any(word in name for word in PERSONAL)] == []
    hashed = {h for form in formats() for key in form.keys for names in key.of for h in names}
    assert hashed & read == set()


FORM = """
code = "x"
platform = "x"
kind = "orders"
title = { zh = "", en = "" }
where = { zh = "", en = "" }
[columns]
order_id = ["a"]
"""


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("order_id", "order_no"), "'order_no' is no field"),
        (("order_id", "as_of"), "'as_of' is no field"),
        (('"orders"', '"lines"'), "Invalid enum value 'lines'"),
        (('"orders"', '"cases"'), None),
        (("order_id = ", "carrier = "), None),
        (('"a"]', '"a"]\n[words.status]\nx = "sent"'), "['sent'] are no words of status"),
        (('"a"]', '"a"]\n[words.refused]\nx = "yes"'), "['yes'] are no words of refused"),
        (('"a"]', '"a"]\n[words.amount]\nx = "1"'), "['1'] are no words of amount"),
        (('"a"]', '"a"]\n[always]\nshipped_at = "now"'), "['now'] are no words of shipped_at"),
        (('"a"]', '"a"]\n[holds_for]\nshipped_at = ["sent"]'), "['sent'] are no words of status"),
        (('"a"]', '"a"]\n[assumed]\nstatus = ["x"]'), "['x'] are no words of status"),
        (('"a"]', '"a"]\n[observed]\nstatus = ["x"]'), "['x'] are no words of status"),
        (('"a"]', '"a"]\n[observed]\nstatus = ["TO  ship"]'), None),
        (('"a"]', '"a"]\n[observed]\nstatus = ["x"]\n[words.status]\nx = "closed"'), None),
        (('"a"]', '"a"]\ncolor = ["b"]'), "'color' is no field"),
        (("platform", "plattform"), "unknown field `plattform`"),
    ],
)
def test_what_a_format_may_say(change, reason):
    text = FORM.replace(*change)
    if reason is None:
        assert msgspec.toml.decode(text, type=Format).columns
        return
    with pytest.raises(msgspec.ValidationError) as error:
        msgspec.toml.decode(text, type=Format)
    assert reason in str(error.value)


def test_only_fields_of_a_case_make_a_table_one_of_cases():
    text = FORM.replace('"orders"', '"cases"').replace("order_id", "shipped_at")
    with pytest.raises(msgspec.ValidationError, match="'shipped_at' is no field of a case"):
        msgspec.toml.decode(text, type=Format)


def test_every_format_says_what_it_rests_on_and_what_it_cannot_tell():
    for form in formats():
        assert form.basis
        assert form.limits
        assert form.versions
        assert form.recognise


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_lists_every_format(lang, run):
    printed = run("formats", "--lang", lang).stdout
    for form in formats():
        assert f"{form.code}  {form.title.of(lang)}\n" in printed
        assert form.limits.of(lang) in printed


def test_the_page_of_formats_is_up_to_date():
    page = runpy.run_path(str(ROOT / "docs" / "make_formats.py"))["page"]()
    assert (ROOT / "docs" / "formats.md").read_text(encoding="utf-8") == page
