"""Packs: what a rule may say, and how a pack that says otherwise is refused."""

import csv
import re
import runpy
from pathlib import Path

import pytest
from conftest import LATE, ROOT, SAMPLE, douyin, findings, rule, write_csv

import merchantwatch as mw
from merchantwatch.pipeline import predicate_trial
from merchantwatch.rules import built_in, load, selected
from merchantwatch.rules.predicates import PredicateError, checked

PACK = """
[pack]
platform = "douyin"
reviewed = 2026-11-22
title = {{ zh = "自定义", en = "own" }}

[[rule]]
code = "MY101"
name = "dear-and-late"
title = {{ zh = "贵重订单超时", en = "dear and late" }}
severity = "low"
per = "shop"
at_least = 2
action = {{ zh = "处理", en = "act" }}
source = {{ clause = "内部规定", where = "shop handbook", confidence = "assumed" }}
{condition}
"""


CODES = {bound.code for bound in built_in().rules}


def _pack(tmp_path: Path, condition: str) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(PACK.format(condition=condition), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "condition",
    [
        "when = \"status = 'to_ship' and amount >= 50 and promised_ship_at < as_of\"",
        'applies = "amount >= 50"\ndue = "promised_ship_at"\ndone = "shipped_at"',
        "when = \"promised_ship_at < timestamp '2026-11-21 00:00:00' and shipped_at is null and amount > 50\"",
    ],
)
def test_a_pack_of_ones_own(tmp_path, scan, condition):
    rows = douyin(LATE, LATE, {**LATE, "订单应付金额": "10.00"}, {})
    report = scan(write_csv(tmp_path / "a.csv", rows), pack=_pack(tmp_path, condition))
    (found,) = findings(report, "MY101")
    assert (found["state"], found["count"], found["severity"]) == ("breached", 2, "low")
    assert rule(report, "DY100")["hits"] == 3, "built-in rules stand beside it"


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ('when = "shiped_at is null"', "MY101, when: shiped_at is no field of a line; did you mean shipped_at"),
        ('when = "amount"', "MY101, when: it must give true or false"),
        ('when = "amount > paid_at"', "MY101, when: "),
        ('applies = "true"\ndue = "amount"\ndone = "shipped_at"', "MY101, due: it must give a moment"),
        ('when = "(select true)"', "subquery is not allowed"),
        ("when = \"read_text('/etc/passwd') = ''\"", "is not allowed in a predicate"),
        ("when = \"getenv('HOME') = ''\"", "is not allowed in a predicate"),
        ("when = \"paid_at < timestamp 'now'\"", "cast is not allowed"),
        ("when = \"lower(read_text('/etc/passwd')) = ''\"", "is not allowed in a predicate"),
        ('when = "amount in (1, (select 2))"', "subquery is not allowed"),
        ('when = "' + "- " * 1900 + '1 = 1"', "nested too deeply"),
        ('when = "count(*) > 1"', "count is not allowed"),
        ('when = "amount / 2 > 1"', "div is not allowed"),
        ('when = "cast(amount as varchar) = 1"', "cast is not allowed"),
        ("when = \"status ~ 'a'\"", "is not allowed"),
        ('when = "true; drop table rows"', "it must be one expression"),
        ('when = "true from rows"', "it must be one expression"),
        ('when = "amount >"', "it is no SQL expression"),
        ('when = "%s"' % ("(" * 500 + "true" + ")" * 500), "nested too deeply"),
        ('when = "%s"' % ("true and " * 2000 + "true"), "MY101|length"),
        ('when = "true"\ndone = "shipped_at"', "belong to a clock"),
        ('applies = "true"\ndue = "paid_at"', "a clock needs done"),
        ("", "needs either a clock"),
        ('when = "true"\nmore_than = 3', "exclude each other"),
        ('when = "true"\nrisk = 0.5', "a signal needs risk"),
        ('when = "true"\nnear_before = "1 fortnight"', "near_before"),
        ('when = "true"\nweight = 3', "weight"),
    ],
)  # fmt: skip
def test_a_wrong_pack_is_refused_with_rule_and_field(tmp_path, condition, reason):
    pack = _pack(tmp_path, condition)
    with pytest.raises(mw.UsageError, match=reason.replace("(", r"\(").replace("*", r"\*")):
        mw.scan(SAMPLE / "orders.csv", as_of="2026-11-21", pack=pack)


def test_the_shortest_pack(tmp_path, scan):
    pack = tmp_path / "own.toml"
    pack.write_text(
        '[pack]\nplatform = "douyin"\nreviewed = 2026-11-22\n\n[[rule]]\ncode = "MY1"\nname = "dear"\n'
        'title = { zh = "贵", en = "dear" }\nwhen = "amount > 50"\nat_least = 1\n',
        encoding="utf-8",
    )
    report = scan(write_csv(tmp_path / "a.csv", douyin({}, {"订单应付金额": "50.00"})), pack=pack)
    assert [f["key"] for f in findings(report, "MY1")] == ["6900000000000000001"]


CHANGES = """
[pack]
platform = "douyin"
reviewed = 2026-11-21

[[change]]
code = "DY101"
more_than = 1
severity = "low"

[[change]]
code = "DY103"
penalty = { tiers = [{ fixed = 7 }] }

[[change]]
code = "DY202"
off = true

[[change]]
code = "IR900"
near = 0.2

[[rule]]
code = "MY101"
name = "mine"
title = { zh = "自定义", en = "mine" }
when = "amount >= 50"
risk = 0.1
"""


def _changes(tmp_path, text=CHANGES):
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_pack_over_the_built_in_ones(export, scan, tmp_path):
    line = LATE | {"支付完成时间": "2026-11-16 08:00:00"}  # promised in more than 48 hours
    report = scan(export(line, line), pack=_changes(tmp_path))
    (found,) = findings(report, "DY101")
    assert (found["state"], found["severity"], found["limit"], found["limit_is"]) == (
        "breached", "low", 1, "more_than",
    )  # fmt: skip
    assert [f["penalty"] for f in findings(report, "DY103")] == ["7.00", "7.00"]
    assert "DY202" not in {entry["code"] for entry in report.to_dict()["rules"]}
    assert {f["risk"] for f in findings(report, "IR900")} == {round(1 - 0.6 * 0.9, 4)}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ('code = "DY999"', r"own.toml: \[\[change\]\] DY999: no such rule"),
        (
            'code = "DY101"\nneer = 2',
            "own.toml: DY101: neer is no field of a rule; did you mean near",
        ),
        ('code = "DY101"\nnear = "two"', "own.toml: DY101: near: give a whole number, not text"),
        ('code = "DY101"\ndue = "promised"', "own.toml: DY101, due: promised is no field"),
        ('code = "DY101"\nrisk = 0.5', "own.toml: DY101: .*a signal needs risk"),
        ('code = "DY101"\noff = true\nnear = 2', "own.toml: DY101: off is no field"),
    ],
)
def test_a_wrong_change_names_file_rule_and_field(tmp_path, change, reason):
    text = f'[pack]\nplatform = "douyin"\nreviewed = 2026-11-21\n[[change]]\n{change}\n'
    with pytest.raises(mw.UsageError, match=reason):
        mw.scan(SAMPLE / "orders.csv", pack=_changes(tmp_path, text))


def test_letters_of_built_in_codes_are_reserved(tmp_path):
    """Those of reasons of quarantine too, which stand in the same lists."""
    prefixes = {code.rstrip("0123456789") for code in CODES} | {"DQ"}
    for prefix in sorted(prefixes):
        path = tmp_path / "own.toml"
        path.write_text(
            PACK.format(condition='when = "amount > 100"').replace("MY101", f"{prefix}999"),
            encoding="utf-8",
        )
        with pytest.raises(
            mw.UsageError, match=rf"own\.toml: {prefix}999: codes that begin with DY"
        ):
            load([path])


def test_a_pack_nested_too_deeply_is_refused(tmp_path):
    with pytest.raises(mw.UsageError, match=r"own\.toml: it is nested too deeply"):
        mw.scan(SAMPLE / "orders.csv", pack=_changes(tmp_path, "x = " + "[" * 100_000))


def test_the_cases_beside_a_pack(run, tmp_path):
    pack = _changes(tmp_path)
    header = "case,expect,amount,paid_at,promised_ship_at,shipped_at,status\n"
    late = "late,hit,99.00,2026-11-18 08:00:00,2026-11-20 23:59:59,,to_ship\n"
    on_time = "on time,hit,99.00,2026-11-18 08:00:00,2026-11-21 00:00:00,,to_ship\n"
    unknown = "unknown,unjudged,99.00,2026-11-18 08:00:00,2026-11-20 08:00:00,,?\n"
    (tmp_path / "DY101.csv").write_text(header + late + unknown, encoding="utf-8")
    (tmp_path / "MY101.csv").write_text(
        "case,expect,amount\n50,hit,50.00\nless,no,49.99\n", "utf-8"
    )
    done = run("rules", "test", pack, "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "MY101: 2 of 2 cases hold",
        "DY101: 2 of 2 cases hold",
        "DY103: no cases (DY103.csv beside the pack)",
        "IR900: no cases (IR900.csv beside the pack)",
    ]
    (tmp_path / "DY101.csv").write_text(header + late + on_time, encoding="utf-8")
    done = run("rules", "test", pack, "--lang", "en")
    assert done.returncode == 1
    assert "DY101 on time: expected hit, found no" in done.stdout
    (tmp_path / "DY101.csv").write_text("case,expect,shiped_at\na,hit,\n", encoding="utf-8")
    done = run("rules", "test", pack, "--lang", "en")
    assert done.returncode == 2
    assert "shiped_at is no field of a line; did you mean shipped_at" in done.stderr


def test_a_code_is_taken_once(tmp_path):
    pack = _pack(tmp_path, 'when = "true"')
    pack.write_text(pack.read_text("utf-8").replace("MY101", "DY101"), encoding="utf-8")
    with pytest.raises(mw.UsageError, match="DY101 is taken"):
        mw.scan(SAMPLE / "orders.csv", pack=pack)


def test_a_huge_pack_is_refused(tmp_path):
    pack = tmp_path / "own.toml"
    pack.write_bytes(b"#" * 10_000_000)
    with pytest.raises(mw.UsageError, match="at most 1,000,000 bytes"):
        mw.scan(SAMPLE / "orders.csv", pack=pack)


def test_comments_in_a_predicate_hide_nothing():
    assert checked("paid_at is null -- and more").sql == "paid_at IS NULL"
    assert checked("paid_at is /* x */ null").sql == "paid_at IS NULL"


def test_what_a_predicate_reads_is_known_from_its_parse():
    found = checked("coalesce(shipped_at, as_of) > paid_at + interval '48' hour").reads
    assert found == {"shipped_at", "as_of", "paid_at"}


@pytest.mark.parametrize(
    "sql",
    [
        *("", "   ", ")", "'", '"paid_at', "1 2", "$1", "?", "*", "a.b", "now()", "lines.paid_at is null"),
        # more than one expression:
        *("paid_at is null, true", "paid_at is null; select 1", "distinct paid_at is null"),
        *(f"paid_at is null {more}" for more in (
            "from states", "where true", "limit 1", "order by 1", "for update", "union select true")),
        *("paid_at in (select 1)", "paid_at in unnest([paid_at])", "(select true)"),
        # casts of anything but a moment that stands there:
        *("paid_at::varchar = 'a'", "cast('1' as integer) = 1", "cast(paid_at as timestamp) > as_of"),
        *("paid_at > timestamp 'now'", 'paid_at > cast("2026-11-21" as timestamp)'),
        *(f"paid_at > cast('2026-11-21' as {kind})" for kind in ("time", "varchar")),
        "not " * 61 + "out_of_stock",
    ],
)  # fmt: skip
def test_odd_predicates_are_refused(sql):
    with pytest.raises(PredicateError):
        checked(sql)


@pytest.mark.parametrize("sql", ["paid_at > date '2026-11-21'", "not " * 60 + "out_of_stock"])
def test_predicates_at_the_bounds_of_what_is_allowed(sql):
    assert checked(sql).kind


def test_the_built_in_packs_run_on_lines_of_extremes():
    predicate_trial.try_predicates(built_in().rules)


@pytest.mark.parametrize(("reviewed", "expected"), [("2026-05-25", False), ("2026-05-24", True)])
def test_a_pack_unreviewed_for_180_days_says_so(tmp_path, scan, export, reviewed, expected):
    pack = _pack(tmp_path, 'when = "true"')
    pack.write_text(pack.read_text("utf-8").replace("2026-11-22", reviewed), encoding="utf-8")
    report = scan(export(LATE), pack=pack, select=["MY101"])
    notes = {note["code"]: note["text"] for note in report.to_dict()["notes"]}
    assert ("pack-unreviewed" in notes) == expected
    assert not expected or "MY101" in notes["pack-unreviewed"]


def test_every_rule_has_its_page():
    make = runpy.run_path(str(ROOT / "docs" / "make_rules.py"))
    folder = ROOT / "docs" / "rules"
    stale = "write them again: python docs/make_rules.py"
    pages = {path.name: path.read_text("utf-8") for path in folder.iterdir()}
    assert pages == make["pages"](), stale
    assert (ROOT / "tests" / "codes.csv").read_text("utf-8") == make["codes"](), stale


def test_every_built_in_rule_is_explained_in_full():
    for bound in built_in().rules:
        texts = [bound.rule.title, bound.rule.action]
        if not bound.rule.is_signal:
            texts += [bound.rule.consequence, bound.rule.example_hit, bound.rule.example_miss]
        assert all(text is not None and text.zh and text.en for text in texts), bound.code


@pytest.mark.parametrize(
    ("select", "ignore", "codes"),
    [
        (["DY"], ["DY3", "DY4", "DY5"], {c for c in CODES if c.startswith(("DY1", "DY2"))}),
        (["DY1"], ["DY101"], {c for c in CODES if c.startswith("DY1")} - {"DY101"}),
        (["late-shipment", "dy201"], [], {"DY101", "DY201"}),
        (["IR900"], ["IR10"], {c for c in CODES if c > "IR11" and c.startswith("IR")}),
        (["IR104"], [], {"IR104"}),
    ],
)
def test_selection(select, ignore, codes):
    book = selected(built_in(), select, ignore)
    assert {bound.code for bound in book.rules} == codes
    assert (book.risk is not None) == (select == ["IR900"])


@pytest.mark.parametrize(
    "config",
    [
        "[rules.DY999]\nnear = 1\n",
        "[rules.DY101]\nname = 'x'\n",
        "[rules.DY101]\nnear = 'x'\n",
        "[map]\nline_id = 3\n",
        "colour = 'red'\n",
        "tz = 'Mars/Base'\n",
        "not toml",
        "[map.status]\nx = 'gone'\ncolumn = 'a'\n",
        "[map]\nnothing = 'a'\n",
        "threads = 0\n",
        "fail_on = 'sometimes'\n",
    ],
)
def test_a_wrong_configuration_is_refused(tmp_path, config):
    (tmp_path / "merchantwatch.toml").write_text(config, encoding="utf-8")
    with pytest.raises(mw.UsageError):
        mw.scan(SAMPLE / "orders.csv", as_of="2026-11-21")


def test_the_environment_stands_between_flags_and_file(tmp_path, monkeypatch):
    from merchantwatch.settings import resolve

    (tmp_path / "merchantwatch.toml").write_text("shop = 'file'\nselect = ['DY1']\n")
    monkeypatch.setenv("MERCHANTWATCH_SHOP", "environment")
    settings = resolve({})
    assert (settings.shop, settings.origins["shop"]) == ("environment", "environment")
    assert resolve({"shop": "flag"}).shop == "flag"
    assert settings.select == ("DY1",)
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    assert resolve({}).select == ("DY1",), "the nearest file upwards"


def test_a_code_means_one_rule_for_ever():
    """Every code that was given out is in the list; a rule that is gone stays there as retired."""
    with (ROOT / "tests" / "codes.csv").open(encoding="utf-8", newline="") as file:
        given = list(csv.DictReader(file))
    book = built_in()
    present = {bound.code: bound.rule.name for bound in book.rules}
    present[book.risk.code] = book.risk.name
    assert len({row["code"] for row in given}) == len(given)
    assert {row["code"]: row["name"] for row in given if not row["retired"]} == present


def test_the_table_of_the_seeds_names_rules_that_there_are():
    table = (ROOT / "docs" / "seeds.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\b[A-Z]{2}\d{3}\b", table)) <= CODES | {built_in().risk.code}
    rows = [line.split("|")[1:-1] for line in table.splitlines() if line.startswith("| ")]
    assert [row for row in rows if len(row) != 2 or not all(cell.strip() for cell in row)] == []
