"""Which shop a line is of: its own column, a pattern, --shop, or the letters in Douyin's file names."""

import json

import pytest
from conftest import DOUYIN, LATE, SHORT, douyin, findings, write_csv

import merchantwatch as mw

pytestmark = pytest.mark.looks_at("DY100", "DY202")

CONFIG = """
[[shops]]
match = "*sampleAA*"
name = "一号店"

[[shops]]
match = "二号店/*"
name = "二号店"

[[shops]]
match = "*.csv"
name = "其余"
"""


def _download(letters, seconds=1795188600):
    """The name that Douyin gives an export."""
    return f"{seconds}_{'0f' * 16}{letters}.csv"


def _shops(report):
    return {item["path"].rpartition("/")[2]: item["shop"] for item in report.to_dict()["inputs"]}


def _notes(report):
    return {note["code"]: note for note in report.to_dict()["notes"]}


@pytest.mark.parametrize(
    ("name", "shop"),
    [
        (_download("zaHCLELw"), "zaHCLELw"),
        (_download("zaHCLELw").replace(".csv", " (1).csv"), "zaHCLELw"),
        (_download("abcdefAB"), "abcdefAB"),
        (_download("zaHCLELw9"), None),
        (_download(""), None),
        ("zaHCLELw.csv", None),
        (_download("zaHCLELw")[1:], None),
        ("old" + _download("zaHCLELw"), None),
    ],
)
def test_the_letters_in_a_file_name(export, scan, name, shop):
    report = scan(export(LATE, name=name))
    (read,) = report.to_dict()["inputs"]
    assert (read["shop"], read["shop_from"]) == (shop, shop and "file name")
    assert set(report.findings["shop"]) == {shop}


def test_limits_per_shop_hold_for_each_file_s_own_shop(export, scan):
    ten = export(*[SHORT] * 10, name=_download("sampleAA"))
    rows = [{**row, "子订单编号": f"7{row['子订单编号']}"} for row in douyin(*[SHORT] * 11)]
    eleven = write_csv(ten.with_name(_download("sampleBB")), rows)
    report = scan(ten, eleven)
    assert [(f["shop"], f["key"], f["state"], f["count"]) for f in findings(report, "DY202")] == [
        ("sampleBB", "sampleBB", "breached", 11),
        ("sampleAA", "sampleAA", "near", 10),
    ]
    note = _notes(report)["shop-from-file-name"]
    assert note["lines"] == 21
    assert "sampleAA, sampleBB;" in note["text"]
    one = findings(scan(ten, eleven, shop="一号店"), "DY202")
    assert [(f["shop"], f["count"]) for f in one] == [("一号店", 21)]


def test_a_column_goes_before_whatever_a_file_is_called(scan, tmp_path):
    rows = douyin(*({**LATE, "店铺名称": shop} for shop in ("甲", "-")))
    report = scan(write_csv(tmp_path / _download("sampleAA"), rows), shop="乙")
    assert {f["key"]: f["shop"] for f in findings(report, "DY100")} == {
        "6900000000000000001": "甲",
        "6900000000000000002": "乙",
    }


def test_patterns(export, scan, tmp_path):
    (tmp_path / "merchantwatch.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "二号店").mkdir()
    export(LATE, name=_download("sampleAA"))
    export(LATE, name=f"二号店/{_download('sampleBB')}")
    export(LATE, name="others.csv")
    export(LATE, name=_download("sampleCC").replace(".csv", ".CSV"))
    report = scan(tmp_path, shop="旗舰店")
    assert _shops(report) == {
        _download("sampleAA"): "一号店",
        _download("sampleBB"): "二号店",
        "others.csv": "其余",
        _download("sampleCC").replace(".csv", ".CSV"): "旗舰店",
    }
    found = {item["shop"]: item["shop_from"] for item in report.to_dict()["inputs"]}
    assert found == {
        "一号店": "pattern", "二号店": "pattern", "其余": "pattern", "旗舰店": "setting",
    }  # fmt: skip


def test_a_pattern_sees_the_folders_above_where_one_stands(export, scan, tmp_path, monkeypatch):
    (tmp_path / "二号店").mkdir()
    export(LATE, name="二号店/a.csv")
    (tmp_path / "merchantwatch.toml").write_text(CONFIG, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "二号店")
    assert _shops(scan("a.csv")) == {"a.csv": "二号店"}


def test_a_mapped_download_tells_its_shop_too(scan, tmp_path):
    path = write_csv(tmp_path / _download("sampleAA"), [{"no": "1", "sent": "-"}])
    (read,) = scan(path, map={"line_id": "no", "shipped_at": "sent"}).to_dict()["inputs"]
    assert read["shop"] == "sampleAA"


def test_what_is_no_file_has_only_the_shop_that_is_given(run, scan):
    import pyarrow as pa

    table = pa.table({name: [cell or "6900000000000000001"] for name, cell in DOUYIN.items()})
    assert _shops(scan(table)) == {"<table 1>": None}
    assert _shops(scan(table, shop="一号店")) == {"<table 1>": "一号店"}
    lines = ",".join(DOUYIN) + "\n" + ",".join(cell or "1" for cell in DOUYIN.values()) + "\n"
    done = run("scan", "-", "--as-of", "2026-11-21", "-o", "json", input=lines)
    (read,) = json.loads(done.stdout)["inputs"]
    assert (read["path"], read["shop"]) == ("<stdin>", None)


def test_lines_without_a_shop_beside_a_known_one_are_noted(export, scan):
    known = export({**LATE, "子订单编号": "7"}, name=_download("sampleAA"))
    untold = export(LATE, {}, name="a.csv")
    assert "shop-untold" not in _notes(scan(untold))
    assert "shop-untold" not in _notes(scan(known))
    note = _notes(scan(known, untold))["shop-untold"]
    assert note["lines"] == 2
    assert str(untold) in note["text"]


def test_verbose_says_which_shop(run, export):
    path = export(LATE, name=_download("sampleAA"))
    done = run("scan", path, "--as-of", "2026-11-21", "-v", "-o", "json")
    assert "1 row, 2026-11-20 23:30:00 by file name, shop sampleAA by file name" in done.stderr


@pytest.mark.parametrize(
    "entry",
    ['match = "a"', 'name = "a"', 'match = ""\nname = "a"', 'match = "."\nname = "a"',
     'match = "a"\nname = ""', 'match = "a"\nname = "b"\ncolour = "red"'],
)  # fmt: skip
def test_a_wrong_pattern_is_refused(export, tmp_path, entry):
    (tmp_path / "merchantwatch.toml").write_text(f"[[shops]]\n{entry}\n", encoding="utf-8")
    with pytest.raises(mw.UsageError, match="shops"):
        mw.scan(export(LATE), as_of="2026-11-21")
