"""Files are recognised by their headers; where they are not, the nearest formats are named."""

import random

import pytest
from conftest import DOUYIN, ROOT

from merchantwatch.errors import InputError
from merchantwatch.formats import Recognise, fold, formats, recognise
from merchantwatch.reading import open_csv

CASES = sorted((ROOT / "tests" / "formats").rglob("export.csv"))


def _headers(path):
    return list(open_csv(path, "").headers)


@pytest.mark.parametrize(
    ("header", "folded"),
    [
        ("退商品金额（元）", "退商品金额(元)"),
        ("\ufeff订单号", "订单号"),
        ('"\ufeff订单号"', "订单号"),
        ("\t订单号 \u00a0\u3000", "订单号"),
        ('="订单号"', "订单号"),
        ("'订单号'", "订单号"),
        ("“订单号”", "订单号"),
        ("\u200b订单号\u200e\u2060", "订单号"),
        ("ＳＫＵ ＩＤ", "SKU ID"),
        ("预售／承诺发货时间", "预售/承诺发货时间"),
    ],
)
def test_headers_are_folded(header, folded):
    assert fold(header) == folded


@pytest.mark.parametrize("path", CASES, ids=lambda path: "/".join(path.parts[-3:-1]))
def test_each_full_header_fits_one_format_however_it_stands(path):
    headers = _headers(path)
    random.Random(0).shuffle(headers)
    assert recognise(headers, "x").code == path.parts[-3]
    assert recognise([f'"\t{header}\u3000"' for header in headers], "x").code == path.parts[-3]
    assert recognise([*headers, "备注列", "另一列"], "x").code == path.parts[-3]


@pytest.mark.parametrize("path", CASES, ids=lambda path: "/".join(path.parts[-3:-1]))
def test_a_needed_header_that_is_absent_is_reported_as_missing(path):
    headers = {fold(header) for header in _headers(path)}
    form = recognise(headers, "x")
    fingerprint = next(one for one in form.recognise if one.fits(frozenset(headers)))
    for names in [*([name] for name in fingerprint.all), *fingerprint.any]:
        if _is_another(headers.difference(names), form):
            continue
        with pytest.raises(InputError) as error:
            recognise(headers.difference(names), "file.csv")
        assert f"{form.code} would need {'/'.join(names)}" in str(error.value)
        assert f"{form.code} 还缺 {'/'.join(names)}" in error.value.zh


def _is_another(headers, form):
    """Say whether what is left is an export of another kind: a courier's, without order ids."""
    courier = next(other for other in formats() if other.code == "courier-traces")
    left = frozenset(headers)
    return form.code == "douyin-parcels" and any(one.fits(left) for one in courier.recognise)


def test_two_exports_in_one_table_are_ambiguous():
    both = [
        *_headers(ROOT / "tests/formats/kuaishou-orders/61/export.csv"),
        *_headers(ROOT / "tests/formats/wechat-orders/57/export.csv"),
    ]
    with pytest.raises(InputError, match=r"several formats \(kuaishou-orders, wechat-orders\)"):
        recognise(both, "x")
    with pytest.raises(InputError) as error:
        recognise(both, "x")
    assert "同时符合多种格式（kuaishou-orders、wechat-orders）" in error.value.zh


def test_the_nearest_formats_are_listed_the_nearest_first():
    with pytest.raises(InputError) as error:
        recognise(["订单编号", "揽收时间"], "a.csv")
    en = str(error.value)
    assert en.startswith(
        "a.csv: no known export has these headers (douyin-parcels would need 运单号;"
    )
    assert en.count("would need") == 3
    assert "name its columns with --map" in en


def test_a_header_that_a_format_never_has_is_reported():
    with pytest.raises(InputError, match="douyin-parcels never has 子订单编号"):
        recognise(["运单号", "订单编号", "揽收时间", "子订单编号"], "x")


def test_headers_of_no_export_at_all():
    with pytest.raises(InputError, match=r"\(none of them is in any\)"):
        recognise(["a", "b"], "x")


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        (["运单号", "订单编号", "揽收时间"], "douyin-parcels"),
        (["运单号", "订单编号", "揽收时间", "子订单编号", "支付完成时间"], "douyin-orders"),
        (list(DOUYIN)[::-1], "douyin-orders"),
        (
            "订单编号,总金额,买家实际支付金额,收货地址 ,订单创建时间,订单付款时间 ,退款金额".split(
                ","
            ),
            "taobao-orders",
        ),
        ("子订单编号,主订单编号,标题,商品属性,订单状态".split(","), "taobao-lines"),
        ("Order ID,SKU ID,Cancellation/Return Type".split(","), "tiktok-orders"),
    ],
)
def test_parts_of_an_export_are_recognised(headers, code):
    assert recognise(headers, "x").code == code


def test_a_fingerprint_knows_what_it_lacks():
    one = Recognise(all=["a", "b"], any=[["c", "d"]], none=["e"])
    assert one.fits(frozenset("abd"))
    assert one.missing(frozenset("be")) == ["a", "c/d"]
    assert one.foreign(frozenset("be")) == ["e"]
    assert not one.fits(frozenset("abce"))


def test_no_two_formats_have_the_same_code():
    codes = [form.code for form in formats()]
    assert len(set(codes)) == len(codes)
