"""``check``: what is recognised and read, and which rules that is enough for."""

import csv
import json
import zipfile
from pathlib import Path

import pytest
from conftest import AS_OF, LATE, ROOT, SAMPLE, write_csv
from rich.cells import cell_len
from workbooks import write_xlsx

from merchantwatch.formats import fold, formats
from merchantwatch.reading import open_csv
from merchantwatch.reports.checked.json import as_dict
from merchantwatch.run.check import check
from merchantwatch.run.scan import AFTER_ALL
from merchantwatch.settings import Settings

ORDERS, PARCELS, TMALL = (SAMPLE / name for name in ("orders.csv", "parcels.csv", "tmall.csv"))
ERP = {"order": "A00000001", "made": "2026-11-18 08:00:00", "sent": "", "note": "缺货"}
MAP = {"order_id": "order", "created_at": "made", "shipped_at": "sent"}


def _check(*inputs: object, **settings: object) -> dict:
    return as_dict(check(list(inputs), Settings(as_of=AFTER_ALL, **settings)))


def _rules(found: dict) -> dict[str, dict]:
    return {rule["code"]: rule for rule in found["rules"]}


@pytest.mark.parametrize(
    "names",
    [
        ["orders.csv"],
        ["orders.csv", "parcels.csv"],
        ["tmall.csv"],
        ["orders.csv", "tmall.csv", "parcels.csv"],
        ["parquet/orders.parquet"],
        ["erp.csv"],
    ],
    ids=" ".join,
)
def test_it_says_of_rules_and_rows_what_a_scan_says(scan, tmp_path, names):
    write_csv(tmp_path / "erp.csv", [ERP], "utf-8")
    paths = [tmp_path / n if n == "erp.csv" else SAMPLE / n for n in names]
    found, report = _check(*paths, map=MAP), scan(*paths, map=MAP, as_of=AS_OF).to_dict()
    named = {"evaluated": "evaluable", "not_evaluated": "not_evaluable"}
    assert {code: (rule["status"], rule["missing"]) for code, rule in _rules(found).items()} == {
        rule["code"]: (named.get(rule["status"], rule["status"]), rule.get("missing", []))
        for rule in report["rules"]
    }
    both = ("path", "format", "encoding", "rows", "quarantined", "shop", "exported_at")
    assert [{k: item[k] for k in both} for item in found["inputs"]] == [
        {k: item[k] for k in both} for item in report["inputs"]
    ]


def test_what_is_reported_of_one_export(export):
    path = export(
        {"订单状态": "飞走了", "主订单编号": "1"},
        {"子订单编号": "6.9E+18"},
        {"子订单编号": "6.9E+18"},
        {"发货时间": "?"},
        name="1795188600_195311c2450b3ed56342dfc8b599463eshopAA.csv",
        without=["商家备注"],
    )
    rows = path.read_text("utf-8-sig") + '"ragged"\n'
    path.write_bytes(rows.encode("gb18030"))
    [item] = (found := _check(path, lang="zh"))["inputs"]
    assert (item["format"], item["kind"], item["version"]) == ("douyin-orders", "orders", "custom")
    assert (item["encoding"], item["encoding_why"]) == (
        "gb18030",
        "按它解码才有认识的表头",
    )
    assert (item["rows"], item["quarantined"]) == (5, 4)
    assert [(f["reason"], f["column"], f["rows"], f["first_row"]) for f in item["faults"]] == [
        ("DQ102", "子订单编号", 2, 3),
        ("DQ201", "发货时间", 1, 5),
        ("DQ301", "", 1, 6),
    ]
    assert (item["shop"], item["shop_from"]) == ("shopAA", "file name")
    assert (item["exported_at"], item["exported_at_from"]) == ("2026-11-20T23:30:00", "file name")
    assert item["columns"]["paid_at"] == "支付完成时间"
    assert item["headers"] == len(item["columns"]) + len(item["unused"]) == 14
    assert found["unknown_words"] == {"status": [{"word": "飞走了", "lines": 1}]}


def test_what_is_missing_and_which_export_would_add_it(export):
    found = _check(export(LATE, without=["售后状态", "取消原因", "商家备注"]))
    supplies = {item["format"]: item for item in found["supplies"]}
    assert supplies["douyin-parcels"]["fields"]["picked_up_at"] == "揽收时间"
    assert "DY301" in supplies["douyin-parcels"]["rules"]
    assert supplies["douyin-cases"]["fields"]["case_status"] == "售后状态"
    assert supplies["douyin-orders"]["fields"]["out_of_stock"] == "商家备注"
    assert {"DY201", "DY202"} <= set(supplies["douyin-orders"]["rules"])
    assert "last_tracked_at" in supplies[None]["fields"], "no known export has it"


def test_every_missing_field_of_every_format_has_a_supplier_or_is_reported_to_have_none():
    for export in sorted((ROOT / "tests" / "formats").rglob("export.csv")):
        found = _check(export)
        missing = {field for rule in found["rules"] for field in rule["missing"]}
        assert missing == {field for supply in found["supplies"] for field in supply["fields"]}


def test_a_rule_that_only_some_inputs_serve_names_the_others(export):
    with_time = export({**LATE, "子订单编号": "1"}, name="a.csv")
    without = export({**LATE, "子订单编号": "2"}, name="b.csv", without=["发货时间"])
    rule = _rules(_check(with_time, without))["DY101"]
    assert (rule["status"], rule["lacking"]) == ("evaluable", [str(without)])
    rule = _rules(_check(without))["DY101"]
    assert (rule["status"], rule["missing"]) == ("not_evaluable", ["shipped_at"])


@pytest.mark.parametrize("pack", ["xlsx", "zip"])
def test_each_table_of_a_workbook_or_a_zip_is_reported_as_if_it_stood_alone(pack, export, tmp_path):
    orders = export(LATE, {**LATE, "承诺发货时间": "?"}, {"发货时间": "-"})
    parcel = {"运单号": "SF1", "订单编号": "6900000000000000001", "揽收时间": "-"}
    parcels = write_csv(tmp_path / "parcels.csv", [parcel])
    tables = []
    for path in (orders, parcels):
        with path.open(encoding="utf-8-sig", newline="") as file:
            tables.append(list(csv.reader(file)))
    if pack == "xlsx":
        write_xlsx(tmp_path / "a.xlsx", *tables, names=("orders.csv", "parcels.csv"))
    else:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.write(orders, "orders.csv")
            archive.write(parcels, "parcels.csv")
    alone, together = _check(orders, parcels), _check(tmp_path / f"a.{pack}")
    assert _rules(together) == _rules(alone)
    assert [item["path"] for item in together["inputs"]] == [
        f"{tmp_path}/a.{pack}[orders.csv]",
        f"{tmp_path}/a.{pack}[parcels.csv]",
    ]
    for one, other in zip(together["inputs"], alone["inputs"], strict=True):
        for key in ("format", "version", "rows", "quarantined", "faults", "columns"):
            assert one[key] == other[key], key


@pytest.mark.parametrize("year", ["2000", "2099"])
def test_it_knows_no_as_of(export, year):
    path = export({**LATE, "订单提交时间": f"{year}-12-31 23:59:59"})
    assert _rules(_check(path))["DY101"]["status"] == "evaluable"


@pytest.mark.parametrize(
    "export", sorted((ROOT / "tests" / "formats").rglob("export.csv")), ids=lambda p: str(p.parent)
)
def test_every_header_version_is_recognised_by_its_header(export):
    code, version = export.parent.parent.name, export.parent.name
    form = next(form for form in formats() if form.code == code)
    headers = open_csv(export, export.name).headers
    found = form.version_of([fold(header) for header in headers])
    assert found
    assert found.name == version


def test_an_unknown_header_list_has_no_version():
    form = next(form for form in formats() if form.code == "kuaishou-orders")
    assert form.version_of(["a"] * 60) is None
    assert form.version_of(["a"] * 61).name == "61"


def test_of_an_unknown_file_the_nearest_formats_and_the_remedy_are_shown(run, tmp_path):
    write_csv(tmp_path / "near.csv", [{"主订单编号": "1", "买家": "标记"}])
    done = run("check", "near.csv", "-o", "json")
    assert done.returncode == 3
    assert "'merchantwatch init near.csv'" in done.stderr
    [failed] = json.loads(done.stdout)["failed"]
    assert failed["nearest"][0] == {
        "format": "douyin-orders",
        "missing": ["订单提交时间/支付完成时间/承诺发货时间"],
        "foreign": [],
    }
    done = run("check", "near.csv")
    assert "douyin-orders  would need 订单提交时间/支付完成时间/承诺发货时间\n" in done.stdout
    assert "→ merchantwatch init near.csv\n" in done.stdout
    assert "标记" not in done.stdout + done.stderr


def test_in_a_folder_an_unknown_file_is_only_listed(run, tmp_path, export):
    export(LATE)
    write_csv(tmp_path / "notes.csv", [{"a": "1"}])
    done = run("check", ".", "-o", "json")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert [item["path"] for item in found["inputs"]] == ["orders.csv"]
    assert "notes.csv" in found["skipped"][0]["text"]


@pytest.mark.parametrize(
    ("args", "code", "reason"),
    [
        ((ORDERS,), 0, None),
        ((ORDERS, "--max-bad-rows", "0"), 3, "1 of 411 rows"),
        (("nothere.csv",), 3, "no such file"),
        ((ORDERS, "nothere.csv"), 3, "no such file"),
        ((ORDERS, "-o", "html"), 2, "check has text, json"),
        ((ORDERS, "-o", "json", "-o", "text"), 2, "only one report"),
        ((ORDERS, "--select", "DY9"), 2, "no such rule"),
        ((ORDERS, "-o", "json:none/a.json"), 4, "cannot be written"),
        ((), 2, "Missing argument"),
    ],
)
def test_exit_codes(run, args, code, reason):
    done = run("check", *args)
    assert done.returncode == code, done.stderr
    assert (reason or "") in done.stderr
    assert bool(done.stderr) == bool(reason)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_reads_well_on_80_columns_and_shows_no_cell(run, tmp_path, export, lang):
    export({**LATE, "收件人": "标记者", "买家留言": "标记留言", "订单状态": "没见过"})
    write_csv(tmp_path / "unknown.csv", [{"主订单编号": "1"}])
    done = run("check", "orders.csv", TMALL, PARCELS, "unknown.csv", "--lang", lang)
    lines = done.stdout.splitlines()
    assert [line for line in lines if cell_len(line) > 80] == []
    assert "标记" not in done.stdout
    assert "  status  没见过 (1)" in lines
    assert ("所用列" if lang == "zh" else "columns") in done.stdout


def test_output_goes_to_a_file_whole(run, tmp_path):
    first, second = (run("check", ORDERS, PARCELS, "-o", f"json:{n}.json") for n in "ab")
    assert (first.stdout, first.returncode, second.returncode) == ("", 0, 0)
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert json.loads((tmp_path / "a.json").read_text("utf-8"))["schema"] == "merchantwatch.check/1"
    assert [path.name for path in Path(tmp_path).iterdir()] == ["a.json", "b.json"]
