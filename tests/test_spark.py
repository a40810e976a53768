"""Spark says what DuckDB says, of every kind of source; and its dialect is known to it."""

import json
import os
import re
import shutil
import subprocess
import sys
from base64 import b64encode
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from conftest import AS_OF, LATE, ROOT, SAMPLE, SHORT, SPARK, douyin, rule, write_csv
from test_real_data import OLIST, OLIST_WORDS, real_file

import merchantwatch as mw
from merchantwatch.engines.spark import SparkEngine, session
from merchantwatch.engines.spark.session import Effort
from merchantwatch.reading import Keyed, Way
from merchantwatch.reading.keys import keyed

pytestmark = pytest.mark.every_engine

A_FEW = ["DY100", "DY101", "DY102", "DY201", "DY202", "DY301", "TM101"]


@pytest.fixture(autouse=True)
def _on_spark(spark):
    """These tests are of Spark alone: they run where ``--engine`` names it."""


def outcome(*inputs, engine, **options):
    """The whole report, the hits, and the quarantine: by a few rules, for planning takes long."""
    given = {"as_of": AS_OF, "engine": engine, "select": A_FEW, **options}
    with mw.scan(list(inputs), **given) as report:
        result = report.to_dict()
        del result["engine"]
        return result, report.hits().to_csv(), report.quarantine.values.tolist()


def assert_alike(*inputs, **options):
    """Both engines say the same, and Spark's word is returned."""
    result = outcome(*inputs, engine="spark", **options)
    assert result == outcome(*inputs, engine="duckdb", **options)
    return result


AS_IF_LARGE = """
from merchantwatch.cli import main
from merchantwatch.engines.spark import session

session._FEW_BYTES = 0
main()
"""


def test_all_rules_compile(tmp_path):
    """Spark says so on standard error, and goes on by a slower way, where a query is too large.

    For few rows nothing is compiled: so they are judged as if they were many.
    """
    path = tmp_path / "report.json"
    options = ["--as-of", AS_OF, "--engine", "spark=local[2]", "-q", "-o", f"json:{path}"]
    settings = ["spark.sql.shuffle.partitions=1", "spark.sql.adaptive.enabled=false"]
    quickly = {
        "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "PYSPARK_SUBMIT_ARGS": " ".join([*(f"--conf {one}" for one in settings), "pyspark-shell"]),
    }
    done = subprocess.run(
        [sys.executable, "-c", AS_IF_LARGE, "scan", SAMPLE / "orders.csv", *options],
        capture_output=True, text=True, check=False, env={**os.environ, **quickly},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Failed to compile" not in done.stderr
    wanted, _, _ = outcome(SAMPLE / "orders.csv", engine="duckdb", select=[])
    result = json.loads(path.read_text("utf-8"))
    assert result.pop("engine") == "spark"
    assert result == wanted


KEYWORDS = {"IN", "AND", "OR", "NOT", "WHEN", "THEN", "ELSE", "AS", "ON", "OVER", "FROM", "FILTER", "BETWEEN",
            "VALUES", "DECIMAL", "WHERE", "CAST", "TRY_CAST", "CASE", "EXISTS", "JOIN", "BY"}  # fmt: skip


def test_every_stage_names_functions_that_spark_knows(spark, monkeypatch):
    """One of the first tests, since it takes long: no worker waits for it at the end."""
    from merchantwatch.engines import ColumnFacts
    from merchantwatch.engines.duckdb import DuckDBEngine
    from merchantwatch.engines.spark.sql import spark_sql

    queries = []
    for name in ("create", "add", "view", "table", "batches"):
        _listen(monkeypatch, DuckDBEngine, name, lambda args: queries.append(args[-1]))

    def judged(args):
        (over,) = args
        queries.append(over.query(ColumnFacts(several=over.several is not None)))

    _listen(monkeypatch, DuckDBEngine, "judging", judged)
    # By all rules one version of a format, by a few its others, which differ in their columns.
    scans = [([SAMPLE], [])]
    for folder in ROOT.glob("tests/formats/*-orders"):
        first, *others = (p for p in sorted(folder.glob("*/*.csv")) if p.name != "expected.csv")
        scans += [([first], []), *(([other], A_FEW) for other in others)]
    for inputs, rules in scans:
        with mw.scan(inputs, as_of=AS_OF, select=rules) as report:
            report.hits()
    known = {row.function.upper() for row in spark.sql("show functions").collect()}
    quoted = re.compile(r"'(?:\\.|[^'\\])*'")
    named = set()
    for query in dict.fromkeys(queries):
        result = quoted.sub("''", spark_sql(query).upper())
        tables = re.findall(r"\b([A-Z]\w*)\([\w, ]+\) AS \(", result)
        named |= {*re.findall(r"\b([A-Z]\w*)\(", result)} - {*tables}
    assert len(queries) > 500
    assert named - known - KEYWORDS == set()


def _listen(monkeypatch, owner, name, hear):
    method = getattr(owner, name)

    def heard(self, *args):
        hear(args)
        return method(self, *args)

    monkeypatch.setattr(owner, name, heard)


def test_the_sample():
    inputs = [SAMPLE / "orders.csv", SAMPLE / "parcels.csv"]
    result, hits, quarantine = assert_alike(*inputs, select=[])
    assert not [entry for entry in result["notes"] if "Spark" in entry["text"]]
    assert len(result["findings"]) > 10
    assert hits.count("\n") > 100
    assert quarantine


SENT = {"发货时间": "2026-11-18 08:00:00", "快递单号": "SF1"}
MARK = "马克私密MARKER"


def _of_people(folder):
    """Orders of which a number has two receivers, and a buyer who has requested many refunds."""
    people = [f"{MARK}甲", f"{MARK}乙", f"{MARK}甲", f"{MARK}*", ""]
    orders = [
        {**SENT, "快递单号": f"SF{n % 3}", "收件人": name, "收件人手机号": f"1380000{n % 4:04}", "详细地址": MARK}
        for n, name in enumerate(people * 3)
    ]  # fmt: skip
    yield write_csv(folder / "douyin.csv", douyin(*orders))
    order = {
        "订单创建时间": "2026-11-01 08:00:00",
        "买家应付货款": "1",
        "订单状态": "交易成功",
        "收货人姓名": MARK,
    }
    names = [(1, f"{MARK}买家"), (2, f" {MARK}买家"), (3, f"{MARK}别人")]
    bought = [{"订单编号": f"t{n}", "买家会员名": name, **order} for n, name in names]
    yield write_csv(folder / "taobao.csv", bought)
    case = {
        "退款状态": "买家已经申请退款，等待卖家同意",
        "退款的申请时间": "2026-11-18 08:00:00",
        "买家退款说明": MARK,
    }
    numbers = [(f"t{1 + n % 2}", f"r{n}") for n in range(6)]
    refunds = [{"订单编号": order, "退款编号": no, **case} for order, no in numbers]
    yield write_csv(folder / "cases.csv", refunds)


TELL_PEOPLE = ["DY320", "DY502", "TT604", "IR119"]


def test_people_are_distinguished_alike(tmp_path):
    result, hits, _ = assert_alike(*_of_people(tmp_path), select=TELL_PEOPLE)
    assert {entry["code"] for entry in result["findings"]} >= {"DY320", "TT604"}
    assert MARK not in str(result) + hits


def test_people_are_distinguished_in_every_kind_of_source(spark, tmp_path):
    """Phones as numbers too, in a DataFrame; a Parquet file; and a CSV by its address."""
    orders, bought, cases = _of_people(tmp_path)
    frames = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in (orders, bought)]
    frames[0]["收件人手机号"] = frames[0]["收件人手机号"].astype("int64")
    for path, frame in zip((orders, bought), frames, strict=True):
        pq.write_table(pa.Table.from_pandas(frame), path.with_suffix(".parquet"))
    table = spark.read.parquet(str(orders.with_suffix(".parquet")))
    given = [table, bought.with_suffix(".parquet"), cases.as_uri()]
    found, _, _ = outcome(*given, engine="spark", select=TELL_PEOPLE)
    wanted, _, _ = outcome(frames[0], bought, cases, engine="duckdb", select=TELL_PEOPLE)
    assert [found[part] for part in ("rules", "findings")] == [
        wanted[part] for part in ("rules", "findings")
    ]


ELSEWHERE = """
import sys
from importlib.abc import MetaPathFinder
import pyarrow as pa
from pyspark.serializers import CloudPickleSerializer

class Absent(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in ("merchantwatch", "pandas"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
hashed = CloudPickleSerializer().loads(sys.stdin.buffer.read())
print(*hashed(pa.array([" 甲", "乙*", None]), pa.array([138, 139, None])).to_pylist())
"""


def test_executors_need_nothing_of_ours_to_hash():
    from pyspark.serializers import CloudPickleSerializer

    from merchantwatch.engines.spark.people import keyed_by_value

    key, empty = Keyed("receiver_key", (Way("phone", (7, 9)), Way("name", (7,))), b"s" * 32), ("",)
    cells = {7: pa.array([" 甲", "乙*", None]), 9: pa.array([138, 139, None])}
    sent = CloudPickleSerializer().dumps(keyed_by_value((7, 9), key, empty))
    command = [sys.executable, "-W", "ignore", "-c", ELSEWHERE]
    done = subprocess.run(command, input=sent, capture_output=True, check=False)
    assert done.stdout.decode().split("\n")[0] == " ".join(
        map(str, keyed(cells, key, empty).to_pylist())
    ), done.stderr.decode()


def test_executors_without_pyarrow_are_reported(spark, export, monkeypatch, tmp_path):
    one = {**SENT, "收件人": "甲", "收件人手机号": "13800000001"}
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    bare.chmod(0o755)
    monkeypatch.setenv("PYSPARK_PYTHON", str(bare))
    monkeypatch.setattr(spark.sparkContext, "pythonExec", str(bare))
    with pytest.raises(mw.InputError, match=r"\(ModuleNotFoundError: No module named 'pyarrow'\)"):
        mw.scan(export(one), as_of=AS_OF, engine="spark", select="DY320")


def submitted(script, *args, folder, code=0, **settings):
    """What a script says that `spark-submit` has run, which must end with this code."""
    import pyspark

    path = folder / "script.py"
    path.write_text(script, "utf-8")
    conf = [f"--conf={name}={value}" for name, value in {**SPARK, **settings}.items()]
    submit = [Path(pyspark.__file__).parent / "bin" / "spark-submit", "--master=local[2]"]
    named = {
        "PYSPARK_PYTHON": sys.executable,
        "MERCHANTWATCH_KEY": KEY,
        "PYTHONIOENCODING": "utf-8",
    }
    command = [*submit, *conf, path, *map(str, args)]
    done = subprocess.run(
        command, capture_output=True, cwd=folder, env={**os.environ, **named}, check=False
    )
    result = done.stdout + done.stderr
    assert done.returncode == code, result[result.find(b"Traceback") :][:3000].decode()
    return result


KEY = "a secret of more than sixteen signs"

SCANS = """
import sys
from pathlib import Path
from pyspark.sql import SparkSession
import merchantwatch as mw
from merchantwatch.engines.spark.storage import Storage

as_of, out, path = sys.argv[1:]
plans = Path(out, "plans").open("w", encoding="utf-8")

def listen(store):
    def stored(storage, frame):
        plans.write(frame._jdf.queryExecution().toString())
        return store(storage, frame)
    return stored

for name in ("of_source", "of_query", "filled"):
    setattr(Storage, name, listen(getattr(Storage, name)))
frame = SparkSession.builder.getOrCreate().read.option("header", "true").csv(path)
with mw.scan(frame, as_of=as_of, select="DY320") as report:
    report.write(f"{out}/report.json")
    report.write(f"{out}/hits", "parquet")
    report.write(f"{out}/hits.csv")
    stored = b"".join(path.read_bytes() for path in Path("local").rglob("*") if path.is_file())
    Path(out, "stored").write_bytes(stored)
"""


def test_under_spark_submit_nothing_personal_and_no_key_is_written(tmp_path):
    """No plan, event log, log, setting, output or file of Spark's holds them."""
    given, out, events = tmp_path / "given", tmp_path / "out", tmp_path / "events"
    for folder in (given, out, events):
        folder.mkdir()
    orders, *_ = _of_people(given)
    result = submitted(SCANS, AS_OF, out, orders, folder=tmp_path, **{
        "spark.eventLog.enabled": "true", "spark.eventLog.dir": events.as_uri(),
        "spark.eventLog.compress": "false", "spark.sql.maxPlanStringLength": "100000000", "spark.local.dir": str(tmp_path / "local"),
        "spark.shuffle.compress": "false", "spark.broadcast.compress": "false",
    })  # fmt: skip
    wanted, _, _ = outcome(orders, engine="duckdb", select=["DY320"])
    found = json.loads((out / "report.json").read_text("utf-8"))
    assert found["findings"] == wanted["findings"] != []
    assert "keyed_hash(" in (out / "plans").read_text("utf-8")
    logs = b"".join(path.read_bytes() for path in events.rglob("*") if path.is_file())
    assert b"keyed_hash(" in logs
    assert (out / "stored").read_bytes()
    written = [result, logs, *(path.read_bytes() for path in out.rglob("*") if path.is_file())]
    secret = sha256(KEY.encode()).digest()
    for mark in (MARK.encode(), KEY.encode(), secret, secret.hex().encode(), b64encode(secret)):
        assert [mark in some for some in written] == [False] * len(written)


def test_the_command_line_under_spark_submit(export, tmp_path):
    path = export(LATE, LATE, LATE, {})
    command = "from merchantwatch.cli import main\nmain()\n"
    options = ("--as-of", AS_OF, "--engine", "spark", "--select", "DY1", "-o", "json:found.json")
    submitted(command, "scan", path, *options, "--fail-on", "high", folder=tmp_path, code=1)
    found = json.loads((tmp_path / "found.json").read_text("utf-8"))
    wanted, _, _ = outcome(path, engine="duckdb", select=["DY1"])
    assert found.pop("engine") == "spark"
    assert found == wanted


def test_invented_reports_that_overlap(tmp_path):
    generate = [sys.executable, ROOT / "benchmarks" / "generate.py", "5000", tmp_path / "made"]
    subprocess.run([*generate, "--files", "3", "--shops", "5"], check=True, capture_output=True)
    result, hits, _ = assert_alike(tmp_path / "made")
    assert result["accounting"]["superseded"] > 50
    assert hits.count("\n") > 200


@pytest.mark.parametrize(
    ("name", "options"),
    [
        (
            "olist_order_lines_2017.csv",
            {"as_of": "2018-01-01", "map": OLIST, "words": OLIST_WORDS},
        ),
        ("tmall_orders_2020-02.csv", {"as_of": "2020-03-01"}),
    ],
)
def test_real_lines(name, options):
    result, _, _ = assert_alike(real_file(name), **options)
    assert result["accounting"]["lines"] > 10_000


FILLED_IN = "${env:PATH}${x}\\t"
"""Spark knows variables in SQL, those of the environment among them: a name stays as it stands."""


def test_exemptions_do_alike(tmp_path):
    moments = (
        "2026-11-18 08:00:00",
        "2026-11-19 08:00:00",
        "2026-11-20 08:00:00",
        "2026-11-24 08:00:00",
    )
    lines = [
        {**LATE, "承诺发货时间": at, "省": place}
        for at in moments
        for place in ("四川省", "云南省", "-")
    ]
    lines.append({**LATE, "商品ID": FILLED_IN})
    rows = [
        {"商品": FILLED_IN, "原因": "洪水", "批准": "是"},
        {"地区": "四川", "止": "2026-11-19 08:00:00", "原因": "洪水", "批准": "是"},
        {"地区": "云南", "顺延至": "2026-11-21 12:00:00", "原因": "台风", "批准": "是"},
        {"商品": "37110", "顺延": "24小时", "原因": "报备", "批准": "是"},
        {"商品": "37110", "原因": "待批", "批准": "否"},
        {"订单": "6900000000000000012", "顺延": "3天", "原因": "协商", "批准": "是"},
        {"订单": "6999", "店铺": "无", "原因": "手误", "批准": "是"},
    ]
    names = ("订单", "商品", "地区", "店铺", "止", "顺延至", "顺延", "原因", "批准")
    given = write_csv(
        tmp_path / "e.csv", [{name: row.get(name, "") for name in names} for row in rows]
    )
    result, hits, _ = assert_alike(
        write_csv(tmp_path / "o.csv", douyin(*lines, SHORT)), exemptions=given
    )
    assert {entry["state"] for entry in result["exemptions"]} >= {"applied", "pending", "unmatched"}
    assert hits.count("exempt") > 5
    filled_in = [line for line in hits.splitlines() if FILLED_IN in line]
    assert [",exempt," in line for line in filled_in] == [True] * len(filled_in) != []


HEADER = ",".join(douyin(LATE)[0])

AROUND = {
    "above": lambda header, rows: [
        "订单明细", "", "导出时间：2026-11-21,,", header.replace("订单状态", '"订单\n状态"'),
        *(row + ",," for row in rows), "", "," * 14,
    ],
    "below": lambda header, rows: [
        "sep=,", header, rows[0], rows[1].replace("样品", '6" x 8"'), rows[2], "合计,,2", "3,record(s) downloaded",
        ",,,,,x,,,,,,,,,", header,
    ],
    "within": lambda header, rows: [
        header, *(row.replace("样品", '"两\n行, ""引号"""') for row in rows), '"x","y"', "," * 14
    ],
}  # fmt: skip
"""What stands above, below and within the rows of a file, as lines of it."""

CELLS = {
    "订单应付金额": ["1,299.00", "¥5", "5元", "5.", ".5", "1.005", "-0.005", "1e3", "1e999", "５", "免费", ""],
    "商品数量": ["1", "1.5", "2.5", "两件", "-1", "１", "1,000", "0.4", "9" * 17, "1e2", "-", " 3 "],
    "承诺发货时间": [
        "2026-11-20", "2026/11/2 8:05", "2026-11-20 08:05:01.5", "2026-11-20T08:00:00Z", "2026-02-30",
        "2026-11-20 08:00:00 +0800", "2026-11-20 08:00:60", "1999-12-31 23:59:59", "2099-12-31 23:59:59",
        "2026-11-20 08:00:00+09:00", "待定", "2026-11-2x 08:00:00",
    ],
}  # fmt: skip


def _named_apart(number, *lines):
    """Lines whose ids are no other file's."""
    rows = douyin(*lines)
    for row in rows:
        for name in ("主订单编号", "子订单编号"):
            row[name] = f"{row[name][:4]}{number:02}{row[name][6:]}"
    return rows


def _odd_files(folder):
    """Files of three lines with something around them, of values of all kinds, and of cut ids."""
    for number, (name, around) in enumerate(AROUND.items(), start=1):
        rows = _named_apart(number, LATE, {**LATE, "商品ID": "37111"}, LATE)
        path = folder / f"{name}.csv"
        lines = around(HEADER, [",".join(row.values()) for row in rows])
        path.write_text("\n".join([*lines, ""]), "utf-8")
        yield path
    values = [
        {**LATE, **dict(zip(CELLS, row, strict=True))} for row in zip(*CELLS.values(), strict=True)
    ]
    odd = _named_apart(90, *values, {**SHORT, "商品ID": "6.9E+18"})
    yield write_csv(folder / "values.csv", odd)
    cut = [{**LATE, "子订单编号": f"69000000000000{n}0000"} for n in (1, 2, 3)]
    yield write_csv(folder / "cut.csv", douyin(*cut))


def test_files_of_many_kinds_are_read_alike(tmp_path):
    """In one scan, of few files: each scan plans anew, and for each file."""
    result, _, quarantine = assert_alike(*_odd_files(tmp_path))
    lines = {
        Path(item["path"]).stem: item["rows"] - item["quarantined"] for item in result["inputs"]
    }
    assert lines == {**dict.fromkeys(AROUND, 3), "values": 8, "cut": 0}
    within = str(tmp_path / "within.csv")
    assert [row for row in quarantine if row[0] == within] == [[within, 5, "", "2 / 15", "DQ301"]]


def test_rows_that_a_quote_hides_in_an_unread_column_are_refused(tmp_path):
    lines = [
        f"{HEADER},备注",
        *(",".join([*row.values(), "-"]) for row in douyin(LATE, LATE, LATE)),
    ]
    lines[1], lines[3] = (line.removesuffix("-") + '"x' for line in (lines[1], lines[3]))
    path = tmp_path / "a.csv"
    path.write_text("\n".join([*lines, ""]), "utf-8")
    with pytest.raises(mw.InputError, match="a quote opened in row 2 is never closed"):
        mw.scan(path, engine="spark")


def test_amazon_quotes_nothing_there_either(tmp_path):
    folder = ROOT / "tests" / "formats" / "amazon-unshipped" / "24"
    export = (folder / "export.csv").read_text("utf-8").replace(",", "\t")
    path = tmp_path / "a.txt"
    path.write_text(export.replace("Sample", '"Sample'), "utf-8")
    assert_alike(path, tz="UTC")


def test_formats_of_other_places_are_judged_alike():
    """Their items in one cell, orders in pieces, currencies, cancelled ones, and rows about the file."""
    folder, codes = ROOT / "tests" / "formats", ["woocommerce", "temu", "ebay", "jushuitan", "wangdiantong", "shopify"]  # fmt: skip
    given = [next(folder.glob(f"{code}-orders/*/export.csv")) for code in codes]
    result, hits, _ = assert_alike(*given, select=["DY100", "MP101", "MP102", "PD101"])
    assert {"no-records", "promise-computed", "without-seconds"} <= {
        note["code"] for note in result["notes"]
    }
    assert {found["code"] for found in result["findings"]} >= {"DY100", "MP101", "PD101"}
    assert ",$\n" in hits


def test_lines_in_parts_have_excels_numbers(spark, tmp_path):
    lines = [LATE if n % 50 == 0 else {} for n in range(2_000)]
    path = write_csv(tmp_path / "many.csv", douyin(*lines))
    whole = path.read_bytes().split(b"\r\n")
    path.write_bytes(b"\r\n".join([*whole[:900], b"", b'"cut","short"', *whole[900:]]))
    before = spark.conf.get("spark.sql.files.maxPartitionBytes")
    try:
        spark.conf.set("spark.sql.files.maxPartitionBytes", "50000")
        assert_alike(path)
    finally:
        spark.conf.set("spark.sql.files.maxPartitionBytes", before)


def test_an_open_quote_is_refused(export):
    path = export(LATE, LATE)
    path.write_bytes(path.read_bytes().rstrip()[:-1] + b"\r\n" + b"tail\r\n")
    with pytest.raises(mw.InputError, match="row 3 is never closed"):
        mw.scan(path, engine="spark")


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_what_is_not_utf_8_is_refused_with_the_remedy(encoding, tmp_path):
    path = write_csv(tmp_path / "o.csv", douyin(LATE), encoding)
    with pytest.raises(mw.InputError, match="convert the file"):
        mw.scan(path, engine="spark")


def test_a_byte_that_is_not_utf_8_is_found(export):
    path = export(LATE, {**LATE, "选购商品": "BYTE"}, LATE)
    path.write_bytes(path.read_bytes().replace(b"BYTE", b"\xff"))
    with pytest.raises(mw.InputError, match="line 3 is not UTF-8"):
        mw.scan(path, engine="spark")


def test_newest_wins_over_files_and_within_one(export, monkeypatch):
    """As large sources are judged: no scan of these tests reads as much as counts as large."""
    monkeypatch.setattr(session, "_FEW_BYTES", 0)
    old = export(LATE, LATE, name=f"1795100000_{'0f' * 16}shop.csv")
    twin = {**LATE, "主订单编号": "6900000000000000001", "子订单编号": "6900000000000000001"}
    new = export({}, twin, name=f"1795180000_{'0f' * 16}shop.csv")
    result, _, _ = assert_alike(old, new)
    assert result["accounting"]["superseded"] == 2


def test_without_line_ids(tmp_path):
    rows = [{"no": no, "paid": "2026-11-01 08:00:00", "sent": "-"} for no in ("A", "B", "A")]
    columns = {"order_id": "no", "paid_at": "paid", "shipped_at": "sent"}
    assert_alike(write_csv(tmp_path / "a.csv", rows), map=columns)


def test_wall_clock_times_stay_where_they_are(spark, tmp_path):
    """In a DataFrame and in a file, by micro- and by nanoseconds."""
    given = []
    for number, unit in enumerate(["us", "ns"]):
        for place, kind in enumerate(["frame", "file"]):
            frame = _with_moments(unit, 2 * number + place)
            path = tmp_path / f"{unit}.parquet"
            if kind == "file":
                pq.write_table(pa.Table.from_pandas(frame), path)
            given.append(path if kind == "file" else frame)
    zone = spark.conf.get("spark.sql.session.timeZone")
    try:
        spark.conf.set("spark.sql.session.timeZone", "America/New_York")
        result, _, _ = assert_alike(*given)
        assert result["accounting"]["lines"] == 2 * len(given)
        assert spark.conf.get("spark.sql.session.timeZone") == "America/New_York"
    finally:
        spark.conf.set("spark.sql.session.timeZone", zone)


def test_a_setting_that_takes_backslashes_as_they_are_changes_no_pattern(spark, tmp_path):
    """A cluster with old jobs may have it: patterns were then no patterns, and no scan could finish."""
    orders = write_csv(
        tmp_path / "orders.csv", douyin(LATE, {**LATE, "支付完成时间": "2026/11/1 8:00"})
    )
    conf = spark.sparkContext._jsc.sc().conf()
    conf.set("spark.sql.parser.escapedStringLiterals", "true")
    try:
        result, _, _ = assert_alike(orders)
    finally:
        conf.remove("spark.sql.parser.escapedStringLiterals")
    assert result["accounting"]["lines"] == 2


def _with_moments(unit, number):
    frame = pd.DataFrame(_named_apart(number, LATE, LATE))
    for name in ("订单提交时间", "支付完成时间", "承诺发货时间"):
        frame[name] = pd.to_datetime(frame[name]).astype(f"datetime64[{unit}]")
    frame["支付完成时间"] = (
        frame["支付完成时间"].dt.tz_localize("Asia/Shanghai").dt.tz_convert("UTC")
    )
    frame["订单应付金额"] = [Decimal("0.10"), Decimal("12.34")]
    frame["子订单编号"] = frame["子订单编号"].astype("int64")
    return frame


def test_a_dataframe_is_judged_where_it_lies(spark, export, tmp_path):
    frame = spark.read.option("header", "true").csv(str(export(LATE, LATE, LATE, {})))
    with mw.scan(frame, as_of=AS_OF, select=A_FEW) as report:
        assert report.to_dict()["engine"] == "spark"
        assert rule(report, "DY101")["breached"] == 1
        assert report.hits("DY101")["source_row"].isna().all()
        assert [view.name for view in spark.catalog.listTables() if view.isTemporary] == []
    with pytest.raises(mw.UsageError, match="use engine=spark"):
        mw.scan(frame, as_of=AS_OF, engine="duckdb")


def test_an_address_holds_exports_and_tables(spark, export, tmp_path):
    folder = tmp_path / "lake"
    folder.mkdir()
    shutil.move(export(LATE, name="a.csv"), folder / "a.csv")
    table = pa.Table.from_pylist([{**row, "店铺名称": "shop-1"} for row in douyin({}, LATE, LATE)])
    ds.write_dataset(table, folder / "orders", format="parquet", partitioning=ds.partitioning(
        pa.schema([("店铺名称", pa.string())]), flavor="hive"))  # fmt: skip
    with mw.scan(folder.as_uri(), as_of=AS_OF, engine="spark", select=A_FEW) as report:
        result = report.to_dict()
    assert [item["rows"] for item in result["inputs"]] == [1, 3]
    assert {found["shop"] for found in result["findings"] if found["code"] == "DY100"} >= {"shop-1"}
    with pytest.raises(mw.InputError, match="use engine=spark"):
        mw.scan("s3a://bucket/orders.csv")
    with pytest.raises(mw.InputError, match="PATH_NOT_FOUND"):
        mw.scan("file:///nowhere/at/all", engine="spark")


def test_executors_write_the_hits(export, scan, tmp_path):
    path = export(*[LATE] * 4)
    with mw.scan(path, as_of=AS_OF, engine="spark", select=A_FEW) as report:
        for _ in range(2):
            report.write(tmp_path / "hits", "parquet")
        (tmp_path / "mine").mkdir()
        with pytest.raises(mw.OutputError, match="name another place"):
            report.write(tmp_path / "mine", "parquet")
    assert (tmp_path / "hits" / "code=DY101").is_dir()
    written = ds.dataset(tmp_path / "hits", partitioning="hive").to_table().to_pylist()
    with mw.scan(path, as_of=AS_OF, select=A_FEW) as report:
        report.write(tmp_path / "hits.parquet")
    wanted = pq.read_table(tmp_path / "hits.parquet").to_pylist()
    key = lambda row: (row["code"], row["line_id"])  # noqa: E731
    assert sorted(written, key=key) == sorted(wanted, key=key)


SIZES = pytest.mark.parametrize("few_bytes", [session._FEW_BYTES, -1], ids=["few", "many"])


@SIZES
def test_a_closed_engine_leaves_no_rows_and_no_names_that_hold_plans(spark, monkeypatch, few_bytes):
    monkeypatch.setattr(session, "_FEW_BYTES", few_bytes)
    stored = spark.sparkContext._jsc.getPersistentRDDs
    before = {*stored()}
    engine = SparkEngine(None, None)
    engine.create("one", "select 1 as n")
    engine.view("two", "select n + 1 as n from one")
    assert engine.table("select n from two").to_pylist() == [{"n": 2}]
    assert len({*stored()} - before) == 2
    engine.close()
    assert {*stored()} <= before
    assert engine._session.catalog.listTables() == []


@pytest.mark.usefixtures("spark")
def test_what_spark_died_of_is_reported(export, monkeypatch):
    from py4j.protocol import Py4JError
    from pyspark.sql.classic.dataframe import DataFrame

    def failing(error):
        def fail(*_args):
            raise error

        return fail

    monkeypatch.setattr(SparkEngine, "table", failing(mw.InputError("no heap", "堆内存不足")))
    monkeypatch.setattr(DataFrame, "unpersist", failing(Py4JError("nobody is there")))
    with pytest.raises(mw.InputError, match="no heap"):
        mw.scan(export(LATE), engine="spark", as_of=AS_OF, select=A_FEW)


def test_a_table_without_rows_has_the_types_of_its_query_and_is_added_to():
    engine = SparkEngine(None, None)
    try:
        engine.empty(
            "nothing",
            "select cast(1 as integer) as n, true as known from (select 1 as x) as one where false",
        )
        engine.create("states", "select n, known from nothing")
        engine.add("states", "select 2 as n, false as known")
        assert engine.table("select * from nothing").num_rows == 0
        assert engine.table("select * from states").to_pylist() == [{"n": 2, "known": False}]
    finally:
        engine.close()


@SIZES
def test_what_many_queries_give_has_no_more_parts_than_there_are_cores(
    spark, monkeypatch, few_bytes
):
    monkeypatch.setattr(session, "_FEW_BYTES", few_bytes)
    engine = SparkEngine(None, None)
    try:
        engine.create("one", "select 1 as n")
        queries = [f"select n + {n} as n from one" for n in range(50)]
        engine.create("many", " union all ".join(queries))
        assert engine.table("select sum(n) as total from many").to_pylist() == [{"total": 1275}]
        many = engine._session.table("many")
        cores = spark.sparkContext.defaultParallelism
        assert many.rdd.getNumPartitions() <= (cores if few_bytes < 0 else 1) < 50
        assert _nodes_drawn(spark, many) < 5
    finally:
        engine.close()


def test_few_rows_are_stored_apart_from_how_they_came_about_and_never_shuffled():
    """All that a stored table comes of would else go to the tasks of every query that reads it."""
    engine = SparkEngine(None, None)
    try:
        engine.create("step_0", " union all ".join(f"select {n % 7} as of" for n in range(30)))
        for step in range(5):
            grouped = f"select of, count(*) as n from step_{step} group by of"
            engine.create(f"step_{step + 1}", grouped)
        engine.add("step_5", "select of, n from step_1")
        joined = engine._sql(
            "select step_5.of, count(*) as n from step_5 inner join step_4 on step_5.of = step_4.of "
            "group by step_5.of"
        )
        assert sorted(row.n for row in joined.collect()) == [2] * 7
        plan = joined._jdf.queryExecution()
        assert "Exchange" not in plan.executedPlan().toString()
        assert "ShuffledRowRDD" not in plan.toRdd().toDebugString()
        lineage = engine._session.table("step_4")._jdf.queryExecution().toRdd().toDebugString()
        assert len(lineage.splitlines()) < 9
    finally:
        engine.close()


@pytest.mark.parametrize(
    ("megabytes", "large"), [((8,), False), ((4, 4), False), ((8, 1), True), ((9, 0), True)]
)
def test_only_large_sources_are_worth_the_effort_of_compiling(spark, megabytes, large):
    session = spark.newSession()
    session.conf.set("spark.sql.shuffle.partitions", "7")
    effort = Effort(session)
    for size in megabytes:
        effort.add(session.range(size * 2**20 // 8))  # eight bytes a row
    assert session.conf.get("spark.sql.shuffle.partitions") == ("7" if large else "1")
    assert spark.conf.get("spark.sql.shuffle.partitions") == SPARK["spark.sql.shuffle.partitions"]


def _nodes_drawn(spark, frame):
    """How many nodes Spark's pages draw of a table: not those of the queries that it was made by."""
    info = spark._jvm.org.apache.spark.sql.execution.SparkPlanInfo
    waiting, drawn = [info.fromSparkPlan(frame._jdf.queryExecution().executedPlan())], 0
    while waiting:
        below = waiting.pop().children()
        waiting += [below.apply(n) for n in range(below.size())]
        drawn += 1
    return drawn


def test_a_cluster_says_the_same_though_a_worker_dies():
    script = ROOT / "benchmarks" / "cluster.py"
    inputs = [SAMPLE / "orders.csv", SAMPLE / "parcels.csv"]
    command = [sys.executable, script, *inputs, "--as-of", AS_OF]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert done.stdout.count("same") == 3
