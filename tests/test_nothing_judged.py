"""Nothing judged is never shown as nothing found: on every face, and before all else."""

import json
import re

import pytest
from conftest import AS_OF, LATE, douyin, rule_pack, write_csv
from pyarrow import parquet

HEALTHY: dict[str, str] = {}
OVER = [{"发货时间": "2026-11-20 22:00:00", "承诺发货时间": "2026-11-20 08:00:00"}]
CASES = {
    "a header alone": ([], (), {}, "no row of an order"),
    "all quarantined": (
        [{"支付完成时间": "?"}, {"支付完成时间": "??"}],
        (),
        {},
        "2 not understood",
    ),
    "all later": ([LATE], (), {"as_of": "2026-11-01"}, "1 later than as-of"),
    "nothing to read": (
        [LATE],
        ("--select", "DY301,DY306"),
        {},
        "no rule could be evaluated",
    ),
    "not for this platform": (
        [LATE],
        ("--select", "TM101"),
        {},
        "no rule that was chosen is for the platform",
    ),
    "each line unjudged": (
        [{**LATE, "订单状态": "不认识"}],
        ("--select", "DY100"),
        {},
        "every line lacks",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_every_face_says_so_first(run, tmp_path, case):
    lines, flags, options, why = CASES[case]
    rows = douyin(*lines)
    path = write_csv(tmp_path / "orders.csv", rows or douyin(HEALTHY))
    if not rows:
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    at = ("--as-of", options.get("as_of", AS_OF), "--max-bad-rows", "100%")
    done = run("scan", path, *at, *flags, "-o", "text", "-o", "html:r.html", "-o", "json:r.json")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].startswith("Found       nothing was judged")
    assert why in " ".join(done.stdout.split())
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    words = " ".join(re.sub("<[^>]*>", " ", page.partition("<body>")[2]).split())
    assert why in words.partition("Notes")[0]
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert report["notes"][0]["code"] == "nothing-judged"
    assert report["totals"]["amount_at_stake"] is None
    for face in (done.stdout, words):
        assert (
            re.search(
                "no limit broken|没有触线|every rule was judged|全部规则已判定|¥0",
                face,
                re.IGNORECASE,
            )
            is None
        )
    assert 'class="green"' not in page.partition("<body>")[2]
    assert not re.search(r'class="\w+ green"', page)


@pytest.mark.parametrize("case", CASES)
def test_parquet_says_so_beside_its_rows(run, tmp_path, case):
    lines, flags, options, why = CASES[case]
    path = write_csv(tmp_path / "orders.csv", douyin(*(lines or [HEALTHY])))
    if not lines:
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    at = ("--as-of", options.get("as_of", AS_OF), "--max-bad-rows", "100%")
    faces = ("-o", "tasks-parquet:t.parquet", "-o", "parquet:h.parquet")
    done = run("scan", path, *at, *flags, *faces)
    assert done.returncode == 0
    assert why in done.stderr
    for name in ("t.parquet", "h.parquet"):
        found = parquet.read_table(tmp_path / name)
        assert why in found.schema.metadata[b"nothing_judged"].decode()
        assert not len(found)


def test_parquet_of_what_was_judged_does_not_say_so(run, tmp_path):
    path = write_csv(tmp_path / "orders.csv", douyin(HEALTHY))
    faces = ("-o", "tasks-parquet:t.parquet", "-o", "parquet:h.parquet")
    assert run("scan", path, "--as-of", AS_OF, "--select", "DY100", *faces).returncode == 0
    for name in ("t.parquet", "h.parquet"):
        assert b"nothing_judged" not in (parquet.read_schema(tmp_path / name).metadata or {})


@pytest.mark.parametrize("quiet", [(), ("-q",)])
def test_standard_error_says_so_where_no_report_can(run, tmp_path, quiet):
    lines, _, _, why = CASES["all quarantined"]
    path = write_csv(tmp_path / "orders.csv", douyin(*lines))
    given = (path, "--as-of", AS_OF, "--max-bad-rows", "100%", *quiet)
    tables = ("-o", "csv:h.csv", "-o", "tasks-csv:t.csv", "-o", "quarantine:q.csv")
    done = run("scan", *given, *tables)
    assert done.returncode == 0
    assert done.stderr.startswith("merchantwatch: nothing was judged")
    assert why in done.stderr
    assert run("scan", *given, *tables, "-o", "json:r.json").stderr == ""
    assert why in run("report", "r.json", "-o", "tasks-csv:again.csv").stderr
    healthy = write_csv(tmp_path / "healthy.csv", douyin(HEALTHY))
    assert run("scan", healthy, "--as-of", AS_OF, *quiet, *tables).stderr == ""


@pytest.mark.parametrize("case", ["a header alone", "all quarantined"])
def test_check_says_so_first(run, tmp_path, case):
    rows = douyin(*(CASES[case][0] or [HEALTHY]))
    path = write_csv(tmp_path / "orders.csv", rows)
    if not CASES[case][0]:
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    done = run("check", path, "--max-bad-rows", "100%")
    assert done.stdout.splitlines()[1].startswith("nothing was judged")
    result = json.loads(run("check", path, "-o", "json", "--max-bad-rows", "100%").stdout)
    assert [note["code"] for note in result["notes"]] == ["nothing-judged"]


def test_green_is_of_what_was_judged_alone(run, tmp_path):
    path = write_csv(tmp_path / "orders.csv", douyin(HEALTHY, {"订单状态": "不认识"}))
    done = run(
        "scan", path, "--as-of", AS_OF, "--select", "DY100", "-o", "text", "-o", "html:r.html"
    )
    assert "no limit broken, none near, in what could be judged" in done.stdout
    body = (tmp_path / "r.html").read_text(encoding="utf-8").partition("<body>")[2]
    assert not re.search(r'class="[\w ]*green"', body)
    whole = write_csv(tmp_path / "whole.csv", douyin(HEALTHY))
    done = run(
        "scan", whole, "--as-of", AS_OF, "--select", "DY100", "-o", "text", "-o", "html:r.html"
    )
    assert "Found       no limit broken, none near\n" in done.stdout
    body = (tmp_path / "r.html").read_text(encoding="utf-8").partition("<body>")[2]
    assert re.search(r'class="[\w ]*green"', body)


@pytest.mark.parametrize(
    ("rows", "codes", "message"),
    [
        (OVER * 3, "DY101", "nothing is left to do; what it came to: 1 broken"),
        (OVER * 2, "DY101", "nothing is left to do; what it came to: 1 near"),
        (OVER * 2, "DY101,MY100", "no task, but look at what was found: 2 broken, 1 near"),
        (
            [*OVER * 3, {"订单状态": "不认识"}],
            "DY101",
            "nothing is left to do in what could be judged; what it came to: 1 broken",
        ),
        (
            [*OVER * 2, {"订单状态": "不认识"}],
            "DY101,MY100",
            "no task in what could be judged, but look at what was found: 3 broken, 1 near",
        ),
    ],
)
def test_what_is_over_is_no_alarm_to_act_on(run, tmp_path, rows, codes, message):
    path = write_csv(tmp_path / "orders.csv", douyin(*rows))
    rule_pack(tmp_path, when="shipped_at is not null")
    faces = ("-o", "text:r.txt", "-o", "html:r.html", "-o", "md:r.md")
    done = run(
        "scan", path, "--as-of", AS_OF, "--pack", "pack.toml", "--select", codes, *faces,
        "--lang", "en",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for name in ("r.txt", "r.html", "r.md"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert message in " ".join(text.split())  # long lines are wrapped


def test_scan_and_check_name_the_same_columns_that_would_help(run, tmp_path):
    without = ("售后状态", "取消原因", "商家备注")
    path = write_csv(tmp_path / "orders.csv", douyin(LATE, without=without))
    pack = rule_pack(tmp_path, when="out_of_stock and case_status = 'asked'")
    mine = ("--pack", pack, "--select", "MY100")
    scanned = run("scan", path, "--as-of", AS_OF, *mine, "-o", "text").stdout
    text = " ".join(scanned.split())
    columns = "商家备注 (or 取消原因, 售后原因), 售后状态 of douyin-orders"
    assert f"missing {columns}, which it can be exported with" in text
    assert "no known export has" not in text
    checked = json.loads(run("check", path, *mine, "-o", "json").stdout)["supplies"]
    assert [(supply["format"], supply["fields"]) for supply in checked] == [
        ("douyin-orders", {"out_of_stock": "商家备注", "case_status": "售后状态"})
    ]
    assert checked[0]["instead"] == {"out_of_stock": ["取消原因", "售后原因"]}


@pytest.mark.parametrize("platform", ["douyin", "taobao"])
def test_scan_names_the_exports_that_check_names_of_a_mapped_file_too(run, tmp_path, platform):
    (tmp_path / "a.csv").write_text("id,name\nN1,cup\n", encoding="utf-8")
    read = ("a.csv", "--map", "order_id=id", "--platform", platform)
    run("scan", *read, "--as-of", AS_OF, "-q", "-o", "html:a.html")
    page = (tmp_path / "a.html").read_text("utf-8")
    signals = page[page.index("IR101") :]
    checked = json.loads(run("check", *read, "-o", "json").stdout)["supplies"]
    named = {supply["format"] for supply in checked if "IR101" in supply["rules"]}
    assert named >= {f"{platform}-orders"} or named >= {f"{platform}-lines"}
    assert all(f" of {code} " in signals for code in named)
