"""The key of an installation, the hashes made with it, and that nothing personal gets past them."""

import os
import shutil
import stat
import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from conftest import AS_OF, douyin, findings, write_csv
from test_quarantine import _packed

import merchantwatch as mw
from merchantwatch.reading.hash_key import key_file
from merchantwatch.reading.keys import Keyed, Way, keyed

SENT = {"发货时间": "2026-11-18 08:00:00", "快递单号": "SF1"}
ONE = {**SENT, "收件人": "甲", "收件人手机号": "13800000001"}
OTHER = {**SENT, "收件人": "乙", "收件人手机号": "13800000002"}
KEY = "a secret of more than sixteen signs"


# ------------------------------------------------------------------------------------ hashes


def _hashes(names, phones, secret=b"s" * 32, name="receiver_key"):
    ways = (Way("phone", (0, 1)), Way("name", (0,)))
    columns = {0: pa.array(names, pa.string()), 1: pa.array(phones, pa.string())}
    return keyed(columns, Keyed(name, ways, secret), ("", "-")).to_pylist()


def test_who_is_the_same():
    same = _hashes(["甲", " 甲", "甲"], ["13800000001", "\t13800000001", "'１３８００００００01"])
    assert len(set(same)) == 1
    assert same[0].split(" ")[0] == "phone"
    assert len({*same, *_hashes(["乙", "甲"], ["13800000001", "13800000002"])}) == 3


@pytest.mark.parametrize(
    "phone",
    ["138 0000 0001", "138-0000-0001", "+8613800000001", "+86-138 0000 0001", "0086 13800000001", "86 13800000001",
     "(+86)13800000001", "13800000001.0", "138\u00a00000\u00a00001", "\u202a13800000001\u202c", "１３８００００００01"],
)  # fmt: skip
def test_one_number_is_one_however_it_is_written(phone):
    assert _hashes(["甲"], [phone]) == _hashes(["甲"], ["13800000001"])


@pytest.mark.parametrize("name", ["张 三", "张\u3000三", "\u200b张三\ufeff", "张\u00a0三 "])
def test_one_name_is_one_however_it_is_spaced(name):
    assert _hashes([name], ["13800000001"]) == _hashes(["张三"], ["13800000001"])


def test_one_latin_name_is_one_in_capitals_or_not():
    assert _hashes(["Ann  LEE"], ["1"]) == _hashes(["ann lee"], ["1"])


@pytest.mark.parametrize(
    ("one", "other"),
    [("13800000001", "13800000002"), ("13800000001", "8613800000001.5"), ("0571-88888888", "0572-88888888"),
     ("+1 2125550100", "+44 2125550100"), ("13800000001", "1380000000")],
)  # fmt: skip
def test_two_numbers_stay_two(one, other):
    assert len({*_hashes(["甲", "甲"], [one, other])}) == 2


def test_an_account_of_digits_is_no_number_to_dial():
    ways = (Way("account", (0,)),)
    hashes = keyed(
        {0: pa.array(["13800000001", "8613800000001"])}, Keyed("buyer_key", ways, b"s"), ()
    )
    assert len({*hashes.to_pylist()}) == 2


def test_a_number_that_came_as_a_float_is_the_number():
    ways = (Way("phone", (0,)),)
    floats, texts = (
        pa.array([13800000001.0, float("nan"), 1.5e300]),
        pa.array(["13800000001", "nan", "1"]),
    )
    hashes = [
        keyed({0: c}, Keyed("receiver_key", ways, b"s"), ()).to_pylist() for c in (floats, texts)
    ]
    assert hashes[0][:2] == hashes[1][:2]


def test_the_same_secret_gives_the_same_hash_and_another_another():
    one = _hashes(["甲"], ["1"])
    assert one == _hashes(["甲"], ["1"])
    assert one != _hashes(["甲"], ["1"], secret=b"t" * 32)
    assert one != _hashes(["甲"], ["1"], name="buyer_key"), "a buyer is never a receiver"
    assert len(one[0].split(" ")[1]) == 24


@pytest.mark.parametrize(
    "phone",
    ["138****0001", "1**********", "$$bWFkZQ==", "#abc#x#", "~AES~", "", "-", None, "18400000001-1234", "18400000001转12", "已加密"],
)  # fmt: skip
def test_who_cannot_be_identified_by_the_phone_is_identified_by_the_next_way(phone):
    (found,) = _hashes(["甲"], [phone])
    assert found.split(" ")[0] == "name"
    assert _hashes(["甲*"], [phone]) == [None]


def test_a_landline_is_whole():
    assert _hashes(["甲"], ["0571-88888888"])[0].startswith("phone ")


def test_the_secret_is_in_no_representation():
    assert "sss" not in repr(Keyed("buyer_key", (), b"s" * 32))


# --------------------------------------------------------------------------------- the key


def test_the_key_is_created_once_for_its_owner_alone(export, scan):
    assert not key_file().exists()
    scan(export(ONE, OTHER))
    key = key_file().read_text()
    assert len(bytes.fromhex(key)) == 32
    assert stat.S_IMODE(key_file().stat().st_mode) == 0o600
    assert list(key_file().parent.iterdir()) == [key_file()]
    key_file().chmod(0o644)
    scan(export(ONE, OTHER))
    assert key_file().read_text() == key
    assert stat.S_IMODE(key_file().stat().st_mode) == 0o600


def test_no_unused_key_is_computed(export, scan):
    scan(export(ONE, OTHER), select="DY1")
    assert not key_file().exists()


@pytest.mark.parametrize("origin", ["environment", "config"])
def test_a_given_key_is_used_and_never_shown(origin, export, run, tmp_path):
    found = {}
    if origin == "environment":
        found["env"] = {**os.environ, "MERCHANTWATCH_KEY": KEY}
    else:
        (tmp_path / "merchantwatch.toml").write_text(f'key = "{KEY}"\n', "utf-8")
    done = run("scan", export(ONE, OTHER), "--as-of", AS_OF, "-v", "-o", "json:r.json", **found)
    assert done.returncode == 0, done.stderr
    assert "key = … (" in done.stderr
    assert KEY not in done.stderr + done.stdout + (tmp_path / "r.json").read_text("utf-8")
    assert not key_file().exists()


def test_a_key_that_is_too_short_is_refused_and_not_repeated(export, monkeypatch):
    monkeypatch.setenv("MERCHANTWATCH_KEY", "hunter2")
    with pytest.raises(mw.UsageError, match="at least 16 characters") as error:
        mw.scan(export(ONE))
    assert "hunter2" not in str(error.value) + error.value.zh


@pytest.mark.parametrize("fault", ["a file in the way", "no key in it"])
def test_without_a_place_for_the_key_there_is_one_for_this_run(fault, export, scan):
    if fault == "no key in it":
        key_file().parent.mkdir(parents=True)
        key_file().write_text("not hex")
    else:
        key_file().parent.parent.mkdir(parents=True)
        key_file().parent.write_text("")
    report = scan(export(ONE, OTHER))
    (note,) = [note for note in report.to_dict()["notes"] if note["code"] == "key-not-kept"]
    assert str(key_file()) in note["text"]
    assert len(findings(report, "DY320")) == 2


def test_reports_do_not_depend_on_the_key(export, monkeypatch, tmp_path):
    path, reports = export(ONE, OTHER), set()
    for key in (KEY, KEY[::-1]):
        monkeypatch.setenv("MERCHANTWATCH_KEY", key)
        with mw.scan(path, as_of=AS_OF) as report:
            for fmt in ("json", "csv", "html", "text"):
                report.write(tmp_path / fmt, fmt)
        reports.add(b"".join((tmp_path / f).read_bytes() for f in ("json", "csv", "html", "text")))
    assert len(reports) == 1


# --------------------------------------------------------------------------- nothing personal

MARK = "马克私密MARKER"


def _marked_orders(folder):
    """Orders and cases of which every column about people holds the mark, and all of it is used."""
    lines = [
        {**SENT, "收件人": f"{MARK}{n}", "收件人手机号": f"1380000{MARK}{n}", "详细地址": f"{MARK}路{n}", "买家留言": MARK}
        for n in (1, 2)
    ]  # fmt: skip
    yield write_csv(folder / "douyin.csv", douyin(*lines))
    order = {"订单编号": "t1", "订单创建时间": "2026-11-01 08:00:00", "买家应付货款": "1", "订单状态": "交易成功",
             "买家会员名": f"{MARK}买家", "收货人姓名": MARK, "联系手机": MARK, "收货地址": MARK}  # fmt: skip
    yield write_csv(folder / "taobao.csv", [order])
    case = {"订单编号": "t1", "退款状态": "买家已经申请退款，等待卖家同意", "退款的申请时间": "2026-11-18 08:00:00",
            "买家退款说明": MARK, "卖家手机": MARK}  # fmt: skip
    yield write_csv(folder / "cases.csv", [{**case, "退款编号": f"r{n}"} for n in range(5)])


@pytest.mark.parametrize("container", ["csv", "gz", "zip", "xlsx"])
def test_what_is_hashed_gets_no_further_than_the_reader(container, tmp_path, monkeypatch, capfd):
    """It is in no table of the engine, no output, nothing printed, no temporary file."""
    work, out, given = tmp_path / "work", tmp_path / "out", tmp_path / "given"
    for folder in (work, out, given):
        folder.mkdir()
    sources = [_packed(path, container) for path in _marked_orders(given)]
    monkeypatch.setattr(tempfile, "tempdir", str(work))
    for owner, name in ((shutil, "rmtree"), (Path, "unlink")):
        monkeypatch.setattr(owner, name, lambda *_, **__: None)
    with mw.scan(sources, as_of=AS_OF, ignore=["TT4"]) as report:
        assert {f["code"] for f in report.to_dict()["findings"]} >= {"DY320", "TT604"}
        for fmt in ("text", "json", "html", "csv", "parquet"):
            report.write(out / f"report.{fmt}", fmt)
        engine = report._run.engine
        names = engine.table("select table_name as name from duckdb_tables()")["name"].to_pylist()
        assert {"cross_line", "receivers", "buyers", "states", "relevant", "case_rows"} <= set(
            names
        )
        stored = "".join(str(engine.table(f"select * from {name}").to_pylist()) for name in names)
    assert MARK not in stored
    for file in [*work.rglob("*"), *out.rglob("*")]:
        if file.is_file():
            assert MARK.encode() not in file.read_bytes(), file
    printed = capfd.readouterr()
    assert MARK not in printed.out + printed.err
