"""``dossier``: the timeline, the clauses and the evidence of a line, for an appeal."""

import re

import pytest
from conftest import AS_OF, LATE, SAMPLE, douyin, write_csv

EVIL = "<script>alert(1)</script>|[x](javascript:1)=cmd\u202e"


def _dossier(run, *args, **options):
    return run("dossier", *map(str, args), "--as-of", AS_OF, "--lang", "en", **options)


def test_a_line_of_the_sample(run, tmp_path):
    files = sorted(SAMPLE.glob("*.csv"))
    done = _dossier(run, "6926111623580000002", *files, "-o", "md", "-o", "html:d.html")
    assert done.returncode == 0, done.stderr
    text = done.stdout
    moments = re.findall(r"^\| (\d{4}-.{14}) \|", text, re.MULTILINE)
    assert len(moments) == 4
    assert moments == sorted(moments)
    assert "2026-11-19 00:00:00 | promised to ship by (deadline)" in text
    assert "**DY100 Not shipped by the promised time** — broken" in text
    assert "**DY104" in text
    assert "near, due 2026-11-21 00:00:00, 0 s left" in text
    assert "**DY109" not in text, "this line is late, but the product's day is far from its limit"
    page = (tmp_path / "d.html").read_text(encoding="utf-8")
    assert page.count("<circle") == len(moments)
    assert "default-src 'none'" in page
    assert not re.search(r"(?:src|href)=|https?://", page.replace("http-equiv", ""))


def test_a_case_tells_what_proves_it(run, tmp_path):
    shipped = {"订单状态": "已发货", "发货时间": "2026-11-19 08:00:00"}
    path = write_csv(tmp_path / "a.csv", douyin(shipped))
    case = {
        "售后单号": "7", "订单号": "6900000000000000001", "商品单号": "6900000000000000001",
        "售后状态": "待商家处理", "售后原因": "未收到货", "售后申请时间": "2026-11-20 08:00:00",
        "自动处理截止时间": "2026-11-22 08:00:00",
    }  # fmt: skip
    cases = write_csv(tmp_path / "cases.csv", [case])
    text = _dossier(run, "6900000000000000001", path, cases).stdout
    assert "## Evidence: not received (until 2026-11-22 08:00:00)" in text
    assert "2026-11-20 08:00:00 | asked for after-sales" in text
    assert text.count("- [ ] ") >= 2


def test_what_stands_in_a_file_stays_text(run, tmp_path):
    path = write_csv(tmp_path / "a.csv", douyin({**LATE, "选购商品": EVIL}))
    done = _dossier(run, "6900000000000000001", path, "-o", "md", "-o", "html:d.html")
    page = (tmp_path / "d.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "\u202e" not in page + done.stdout
    assert "\\<script\\>" in done.stdout
    assert "](" not in done.stdout.replace("\\](", "")


@pytest.mark.parametrize(
    ("line", "options", "code", "message"),
    [
        ("123", (), 2, "no line or order 123"),
        ("6900000000000000001", ("-o", "pdf"), 2, "a dossier is md, html"),
        ("6900000000000000001", ("-o", "html:a.csv"), 2, "a.csv"),
    ],
)
def test_what_cannot_be_is_noted(run, tmp_path, line, options, code, message):
    path = write_csv(tmp_path / "a.csv", douyin(LATE))
    done = _dossier(run, line, path, *options)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    assert message in done.stderr
