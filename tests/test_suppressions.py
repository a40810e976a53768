"""Suppressions: what a merchant knows of, and does not want to hear of until a day."""

import json
from decimal import Decimal
from itertools import product as combinations
from pathlib import Path
from random import Random

import pytest
from conftest import LATE, SAMPLE, douyin, rule, write_csv

import merchantwatch as mw
from merchantwatch.reading.suppressions import FIELDS, MOST_ENTRIES, read_suppressions
from merchantwatch.settings import resolve

pytestmark = [
    pytest.mark.every_engine,
    pytest.mark.looks_at("DY100", "DY101", "DY104", "DY201", "DY301", "IR900"),
]

ENTRY = {"reason": "供应商迟到", "owner": "运营", "until": "2026-12-31"}


def toml(*entries):
    """The text of a file of these entries; a day stands without quotes."""
    lines = []
    for entry in entries:
        lines.append("[[ignore]]")
        for name, value in {**ENTRY, **entry}.items():
            bare = name == "until" or isinstance(value, int)
            lines.append(f"{name} = {value if bare else json.dumps(value, ensure_ascii=False)}")
    return "\n".join([*lines, ""])


@pytest.fixture
def ignoring(tmp_path):
    """Write a file of suppressions: ``ignoring({"rule": "DY100"})``."""

    def written(*entries):
        path = tmp_path / "known.toml"
        path.write_text(toml(*entries), encoding="utf-8")
        return path

    return written


def apart(report):
    """The suppressed findings by code and last digits, each with its entry."""
    found = report.to_dict()["suppressed"]["findings"]
    return {(f["code"], f["key"][-2:]): f["suppressed_by"] for f in found}


# --- what an entry is for --------------------------------------------------------------------

LINE_FIELDS = ("line_id", "order_id", "product_id", "shop", "carrier", "amount", "status",
               "paid_at", "promised_ship_at", "shipped_at", "picked_up_at")  # fmt: skip


@pytest.fixture
def world(tmp_path):
    """Late lines of orders, products, carriers and shops in every combination, some twice."""
    kinds = list(combinations(("p1", "p2", ""), ("圆通速递", "ems", ""), ("一号店", "二号店")))
    rows = []
    for number, (product, carrier, shop) in enumerate([*kinds, *kinds[:9], *kinds[:9]]):
        shipped = "2026-11-17 08:00" if number % 3 else ""
        rows.append(
            dict(zip(LINE_FIELDS, (
                f"l{number}", f"o{number // 2}", product, shop, carrier, "10",
                "shipped" if shipped else "to_ship", "2026-11-15 08:00", "2026-11-16 08:00",
                shipped, "",
            ), strict=True))
        )  # fmt: skip
    return write_csv(tmp_path / "world.csv", rows), {row["line_id"]: row for row in rows}


def test_an_entry_is_for_findings_all_of_whose_lines_it_names(world, scan, ignoring):
    """Held against plain Python, entry by entry, in one scan of all."""
    path, lines = world
    draw = Random(7)
    places = {
        "order": ["o1", "o4", "l3", "l14", "o99"],
        "product": ["p1", "p2", "p9"],
        "carrier": ["圆通速递", "ems", "顺丰"],
        "shop": ["一号店", "二号店"],
    }
    entries = [{"rule": code} for code in ("DY101", "dy3", "late-shipment", "IR900")]
    entries += [{name: value} for name, values in places.items() for value in values]
    for _ in range(40):
        named = draw.sample(list(places), draw.choice((1, 2, 3)))
        entry = {name: draw.choice(places[name]) for name in named}
        entries.append({"rule": draw.choice(("DY1", "DY101", "DY301", "DY"))} | entry)
    options = {"map": {name: name for name in LINE_FIELDS}, "platform": "douyin"}
    plain = scan(path, **options).to_dict()
    report = scan(path, **options, ignore_file=ignoring(*entries)).to_dict()

    def named(entry, finding):
        rule = entry.get("rule", "")
        if not finding["code"].startswith(rule.upper()) and rule != "late-shipment":
            return False
        if rule == "late-shipment" and finding["code"] != "DY101":
            return False
        behind = [lines[line_id] for line_id in finding["lines"]]
        return all(
            entry.get("order", line["order_id"]) in (line["order_id"], line["line_id"])
            and all(
                entry.get(name, line[field]) == line[field]
                for name, field in (("product", "product_id"), ("carrier", "carrier"), ("shop", "shop"))
            )
            for line in behind
        )  # fmt: skip

    expected = [sum(named(entry, f) for f in plain["findings"]) for entry in entries]
    assert [one["findings"] for one in report["suppressions"]] == expected
    assert 0 in expected
    assert len(set(expected)) > 8

    def by(f):
        return f["code"], f["shop"], f["key"]

    first = {
        by(f): next((n for n, e in enumerate(entries, 1) if named(e, f)), None)
        for f in plain["findings"]
    }
    assert {by(f): f["suppressed_by"] for f in report["suppressed"]["findings"]} == {
        key: number for key, number in first.items() if number
    }
    assert {by(f) for f in report["findings"]} == {k for k, number in first.items() if not number}


@pytest.mark.parametrize(
    ("as_of", "suppressed"),
    [("2026-11-20 23:59:59", 1), ("2026-11-21 00:00:00", 1), ("2026-11-21 23:59:59", 1),
     ("2026-11-22 00:00:00", 0)],
)  # fmt: skip
def test_the_last_day_is_included(export, scan, ignoring, as_of, suppressed):
    path = ignoring({"rule": "DY100", "until": "2026-11-21"})
    report = scan(export(LATE), as_of=as_of, ignore_file=path)
    result = report.to_dict()
    assert (len(apart(report)), rule(report, "DY100")["findings"]) == (suppressed, 1 - suppressed)
    assert result["suppressions"][0]["state"] == ("applied" if suppressed else "expired")
    assert result["suppressions"][0]["findings"] == 1
    codes = [note["code"] for note in result["notes"]]
    assert ("suppression-expired" in codes) == (not suppressed)


def test_the_first_entry_counts_and_an_expired_one_does_not(export, scan, ignoring):
    entries = [
        {"rule": "DY100", "until": "2026-11-20"},
        {"product": "37110"},
        {"rule": "DY"},
    ]
    report = scan(export(LATE), ignore_file=ignoring(*entries), select=["DY100"])
    assert apart(report) == {("DY100", "01"): 2}
    assert [e["state"] for e in report.to_dict()["suppressions"]] == [
        "expired",
        "applied",
        "applied",
    ]


def test_an_entry_without_effect_is_reported(export, scan, ignoring):
    entries = [
        {"rule": "DY100", "order": "gone"},
        {"rule": "PD101"},
        {"rule": "DY301"},
        {"rule": "DY100", "order": "gone", "until": "2026-11-01"},
        {"order": 6900000000000000001},
    ]
    report = scan(export(LATE), ignore_file=ignoring(*entries), select=["DY100", "DY301"])
    result = report.to_dict()
    states = [e["state"] for e in result["suppressions"]]
    assert states == ["unmatched", "not-judged", "not-judged", "expired", "applied"]
    notes = {note["code"]: note["texts"] for note in result["notes"]}
    assert (
        "1 suppression matches nothing: entry 1 (DY100 gone, until 2026-12-31)"
        in (notes["suppression-unmatched"]["en"])
    )
    assert "suppression-expired" not in notes  # none of its findings is back


# --- what it leaves out ----------------------------------------------------------------------


def test_nothing_suppressed_is_in_the_numbers(export, scan, ignoring):
    """Two late products, of which one is known: all numbers are those of the other alone."""
    other = {
        **LATE,
        "商品ID": "37111",
        "订单应付金额": "50.00",
        "承诺发货时间": "2026-11-18 08:00:00",
    }
    alone = scan(export(other, other, name="alone.csv")).to_dict()
    lines = douyin(*[{**LATE, "承诺发货时间": "2026-11-18 08:00:00"}] * 3, other, other)
    path = write_csv(export(name="both.csv"), lines)
    report = scan(path, ignore_file=ignoring({"product": "37110"}, {"rule": "IR900"}))
    known = scan(export(other, other, name="b.csv"), ignore_file=ignoring({"rule": "IR900"}))
    result = report.to_dict()
    skipped = {"unknown_words", "amounts_at_stake"}
    expected = known.to_dict()["totals"]
    assert {n: v for n, v in result["totals"].items() if n not in skipped} == {
        name: value for name, value in expected.items() if name not in skipped
    }
    assert result["totals"]["amount_at_stake"] == "100.00" == alone["totals"]["amount_at_stake"]
    assert len(result["tasks"]) == result["totals"]["tasks"] == 2
    saved = sum(Decimal(task["money_to_save"]) for task in result["tasks"])
    assert f"{saved:.2f}" == result["totals"]["money_to_save"]
    assert result["suppressed"]["totals"] == {
        "findings": sum(r.get("suppressed", 0) for r in result["rules"]),
        "tasks": len(result["suppressed"]["tasks"]),
    }
    assert {t["kind"] for t in result["suppressed"]["tasks"]} >= {"ship"}
    assert {t["status"] for t in result["suppressed"]["tasks"]} == {"suppressed"}
    assert rule(report, "DY100")["hits"] == 5
    assert rule(report, "DY100")["suppressed"] == 3


def test_a_task_stays_while_a_rule_still_asks_for_it(export, scan, ignoring):
    late = {**LATE, "承诺发货时间": "2026-11-18 08:00:00"}
    (task,) = scan(export(late), select=["DY100", "DY104"]).to_dict()["tasks"]
    assert task["rules"] == ["DY100", "DY104"]
    path = ignoring({"rule": "DY100"})
    report = scan(export(late), select=["DY100", "DY104"], ignore_file=path).to_dict()
    assert [t["rules"] for t in report["tasks"]] == [["DY104"]]
    assert report["suppressed"]["tasks"] == []
    report = scan(export(late), select=["DY100", "DY104"], ignore_file=ignoring({"rule": "DY1"}))
    assert report.to_dict()["tasks"] == []
    (task,) = report.to_dict()["suppressed"]["tasks"]
    assert (task["kind"], task["about"], task["suppressed_by"]) == (
        "ship",
        "6900000000000000001",
        1,
    )


def test_the_review_of_a_scope_is_suppressed_with_it(export, scan, ignoring):
    rows = [{**LATE, "商品ID": "37110"}] * 3 + [{**LATE, "商品ID": "37111"}] * 3
    plain = scan(export(*rows), select=["DY101"]).to_dict()
    report = scan(
        export(*rows), select=["DY101"], ignore_file=ignoring({"rule": "DY101", "product": "37110"})
    ).to_dict()
    ids = {t["id"] for t in plain["tasks"]}
    left = {t["id"] for t in report["tasks"]}
    assert left < ids
    assert {t["id"] for t in report["suppressed"]["tasks"]} == ids - left
    assert all("37111" in i or i.startswith("ship") for i in left)


@pytest.mark.parametrize(("entry", "code"), [({"rule": "DY"}, 0), ({"rule": "DY101"}, 1)])
def test_fail_on_looks_at_what_is_not_suppressed(export, run, ignoring, entry, code):
    options = ["--ignore-file", ignoring(entry)]
    late = {**LATE, "承诺发货时间": "2026-11-18 08:00:00"}
    done = run("scan", export(late), "--as-of", "2026-11-21", "--select", "DY100", "--fail-on", "low", *options, "-o", "json", "-q")  # fmt: skip
    assert done.returncode == code, done.stderr
    assert json.loads(done.stdout)["totals"]["breached"] == code


def test_a_line_that_is_looked_up_is_explained_as_ever(export, run, tmp_path):
    (tmp_path / "merchantwatch-ignore.toml").write_text(toml({"rule": "DY"}), encoding="utf-8")
    path = export(LATE)
    done = run(
        "why",
        "6900000000000000001",
        path,
        "--as-of",
        "2026-11-21",
        "--select",
        "DY100",
        "--lang",
        "en",
    )
    assert "DY100 Not shipped by the promised time: HIT" in done.stdout
    done = run(
        "plan", path, "--capacity", "1", "--as-of", "2026-11-21", "--select", "DY100", "-o", "json"
    )
    assert len(json.loads(done.stdout)["packed"]) == 1


# --- faces -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def suppressed_sample(tmp_path_factory):
    path = tmp_path_factory.mktemp("ignore") / "ignore.toml"
    entries = (
        {"rule": "DY201", "reason": "<b>搬仓</b>|@all"},
        {"rule": "TM101", "until": "2026-11-20", "reason": "已谈妥"},
        {"order": "no such order", "reason": "手误"},
        {"carrier": "圆通速递", "reason": "罢工"},
    )
    path.write_text(toml(*entries), encoding="utf-8")
    inputs = sorted(map(str, SAMPLE.glob("*.csv")))
    with mw.scan(inputs, as_of="2026-11-21", lang="zh", ignore_file=path) as report:
        yield report


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("fmt", ["text", "html", "md", "md-long", "xlsx", "json"])
def test_every_face_counts_and_lists_them(suppressed_sample, tmp_path, lang, fmt):
    from msgspec.structs import replace

    from merchantwatch import reports

    results = replace(suppressed_sample.results, lang=lang)
    path = tmp_path / "out"
    reports.write(results, fmt, path)
    if fmt == "xlsx":
        from python_calamine import CalamineWorkbook

        book = CalamineWorkbook.from_path(str(path))
        rows = [r for n in book.sheet_names for r in book.get_sheet_by_name(n).to_python()]
        text = "\n".join(" ".join(map(str, row)) for row in rows)
    else:
        text = path.read_text(encoding="utf-8")
    text = " ".join(text.split())
    totals = suppressed_sample.to_dict()["suppressed"]["totals"]
    n, tasks = totals["findings"], totals["tasks"]
    assert n > 0 < tasks
    count = {
        "zh": f"已忽略 {n} 项发现、{tasks} 件任务",
        "en": f"{n} findings and {tasks} task{'s' * (tasks != 1)} suppressed",
    }[lang]
    if fmt in ("text", "html", "md", "md-long"):
        assert count in text
    reasons = ("已谈妥", "手误", "罢工", "运营")
    missing = [reason for reason in reasons if reason not in text.replace(" ", "")]
    assert missing == (["罢工"] if fmt == "md" else [])  # a message names three entries
    assert "<b>搬仓" not in text or fmt in ("text", "xlsx", "json")


def test_a_stored_run_shows_them_again(suppressed_sample, tmp_path):
    from msgspec.structs import replace

    from merchantwatch import reports
    from merchantwatch.reports.stored import read

    stored = read(suppressed_sample.write(tmp_path / "run.json"))
    for fmt in ("json", "html", "text", "md-long"):
        reports.write(stored, fmt, tmp_path / f"again.{fmt}")
        reports.write(replace(suppressed_sample.results), fmt, tmp_path / f"first.{fmt}")
        again = (tmp_path / f"again.{fmt}").read_bytes()
        assert again == (tmp_path / f"first.{fmt}").read_bytes()


def test_without_a_file_nothing_is_done_for_it(export, scan):
    report = scan(export(LATE))
    result = report.to_dict()
    assert result["suppressions"] == []
    assert result["suppressed"] == {
        "totals": {"findings": 0, "tasks": 0},
        "findings": [],
        "tasks": [],
    }
    with pytest.raises(Exception, match=r"(?i)matches"):
        report._run.engine.table("select * from matches")


# --- the file --------------------------------------------------------------------------------

GOOD = '[[ignore]]\nrule = "DY100"\nreason = "x"\nuntil = 2026-12-31\n'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (GOOD + '[[ignore]]\nrule = "DY1"\nreason = "x"\n', r"known\.toml, entry 2: until is missing; write until = 2026"),
        ('[[ignore]]\nrule = "DY1"\nuntil = 2026-12-31\n', r"known\.toml, entry 1: reason is missing"),
        ('[[ignore]]\nreason = "x"\nuntil = 2026-12-31\n', r"entry 1: it names nothing; give one of rule, order"),
        (GOOD.replace("rule", "ruel"), r"entry 1: ruel: an entry has no such field; did you mean rule\?"),
        (GOOD.replace("DY100", "DY999"), r"entry 1, rule: DY999: no such rule"),
        (GOOD.replace("DY100", "IR101"), r"entry 1, rule: IR101 is a signal .* write IR900"),
        (GOOD.replace("DY100", ""), r"entry 1: .*rule"),
        (GOOD.replace("2026-12-31", '"soon"'), r"entry 1: .*until"),
        (GOOD.replace("2026-12-31", "2026-12-31T08:00:00"), r"entry 1: .*until"),
        (GOOD.replace("2026-12-31", "2026-02-30"), r"known\.toml: it is no TOML"),
        (GOOD.replace('"DY100"', "[1]"), r"entry 1: .*rule"),
        (GOOD.replace("[[ignore]]", "[ignore]"), r"known\.toml: ignore: the file holds \[\[ignore\]\] tables"),
        (GOOD.replace("ignore", "suppress"), r"known\.toml: suppress: the file holds"),
        ('title = "x"\n' + GOOD, r"known\.toml: title: the file holds"),
        (GOOD.replace('"x"', '"a\\u0000b"'), r"NUL"),
        ("\u00ef=[", r"known\.toml: it is no TOML"),
        (GOOD * (MOST_ENTRIES + 1), r"it has 2,001 entries, at most 2,000"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_reported_by_entry(export, scan, tmp_path, text, reason):
    path = tmp_path / "known.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(mw.UsageError, match=reason):
        scan(export(LATE), ignore_file=path)


def test_a_damaged_file_is_refused_or_read_and_never_more(tmp_path):
    good = toml({"rule": "DY100"}, {"order": 1, "product": "p", "shop": "店", "carrier": "c"})
    path = tmp_path / "damaged.toml"
    odd = (b"\x00", b'"', b"[", b"\n", b"\xff", b"\xe4\xb8", b"9" * 400, b"'; drop table x; --")
    for seed in range(150):
        draw, data = Random(seed), bytearray(good.encode())
        at = draw.randrange(len(data))
        data[at : at + draw.choice((0, 1, 30))] = draw.choice(odd)
        path.write_bytes(data)
        try:
            assert all(one.reason for one in read_suppressions(path))
        except mw.UsageError as error:
            assert "damaged.toml" in str(error)


def test_a_file_that_is_named_must_be_there(export, scan):
    with pytest.raises(mw.UsageError, match=r"^gone.toml: it cannot be read \(No such file"):
        scan(export(LATE), ignore_file="gone.toml")


def test_where_it_is_found(tmp_path, monkeypatch):
    name = "merchantwatch-ignore.toml"
    below = tmp_path / "below"
    (tmp_path / "elsewhere").mkdir()
    below.mkdir()
    monkeypatch.chdir(below)
    assert resolve({}).ignore_file is None
    (tmp_path / name).write_text("")
    assert resolve({}).ignore_file == tmp_path / name
    config = tmp_path / "elsewhere" / "merchantwatch.toml"
    config.write_text("")
    assert resolve({}, config).ignore_file == tmp_path / name
    (config.parent / name).write_text("")
    assert resolve({}, config).ignore_file == config.parent / name
    config.write_text("ignore_file = 'known.toml'")
    assert resolve({}, config).ignore_file == config.parent / "known.toml"
    monkeypatch.setenv("MERCHANTWATCH_IGNORE_FILE", "env.toml")
    assert resolve({}, config).ignore_file == Path("env.toml")
    assert resolve({"ignore_file": "flag.toml"}, config).ignore_file == Path("flag.toml")


def test_a_report_never_takes_its_place(export, run, ignoring):
    path = ignoring({"rule": "DY100"})
    done = run("scan", export(LATE), "--ignore-file", path, "-o", f"json:{path}", "--lang", "en")
    assert done.returncode == 2
    assert "is the file of suppressions" in done.stderr
    assert read_suppressions(path)[0].rule == "DY100"


def test_the_fields_of_an_entry_are_documented():
    from conftest import ROOT

    text = (ROOT / "docs" / "suppressions.md").read_text(encoding="utf-8")
    assert [name for name in FIELDS if f"`{name}`" not in text] == []
