"""Packs, settings and options that are made to break the program: one line and exit 2, at load."""

import json
from pathlib import Path

import pytest
from conftest import AS_OF, LATE

import merchantwatch as mw
from merchantwatch.engines.duckdb.database import Database
from merchantwatch.errors import UsageError
from merchantwatch.fields import FIELDS
from merchantwatch.results.bad_rows import BadRows
from merchantwatch.rules.predicates import PredicateError, checked
from merchantwatch.run.start import loaded
from merchantwatch.settings import resolve

HEAD = '[pack]\nplatform = "any"\nreviewed = 2026-11-20\n'
RULE = {
    "code": '"MY100"', "name": '"mine"', "title": '{ zh = "a", en = "b" }', "at_least": "1",
    "applies": '"paid_at is not null"', "due": '"promised_ship_at"', "done": '"shipped_at"', "day": '"paid_at"',
    "penalty": "{ tiers = [{ percent = 5, minimum = 1, maximum = 10 }] }", "in_force": "[{ from = 2026-01-01, until = 2026-12-01 }]",
}  # fmt: skip
CLOCK = ("applies", "due", "done", "penalty", "in_force", "day")


def _pack(folder, **changed):
    entries = {name: value for name, value in (RULE | changed).items() if value is not None}
    path = Path(folder) / "own.toml"
    path.write_text(
        HEAD + "[[rule]]\n" + "".join(f"{name} = {value}\n" for name, value in entries.items()),
        encoding="utf-8",
    )
    return path


def _when(folder, predicate):
    return _pack(folder, when=json.dumps(predicate, ensure_ascii=False), **dict.fromkeys(CLOCK))


REFUSED = {
    "amount = 'abc'": "a number and a text do not fit together",
    "amount = '5'": "do not fit",
    "quantity in (1, 'a')": "do not fit",
    "amount between 'a' and 'b'": "do not fit",
    "out_of_stock = 'maybe'": "do not fit",
    "out_of_stock = 1": "do not fit",
    "out_of_stock in ('true')": "do not fit",
    "not paid_at": "gives a moment, where true or false is needed",
    "paid_at": "must give true or false, this gives a moment",
    "amount": "must give true or false",
    "amount and out_of_stock": "where true or false is needed",
    "paid_at > timestamp '2026-02-30 00:00:00'": "is no moment",
    "paid_at > '2026-02-30'": "is no moment",
    "paid_at > 'yesterday'": "is no moment",
    "paid_at > '2026-11-21 25:00:00'": "is no moment",
    "paid_at > seller_note": "do not fit",
    "paid_at > 5": "do not fit",
    "paid_at + 1 > paid_at": "do not fit",
    "paid_at + paid_at > paid_at": "do not fit",
    "paid_at + interval '999999999' year > paid_at": "at most 3,660 days",
    "paid_at + interval '3661' day > paid_at": "at most 3,660 days",
    "paid_at + interval '-99999999999999999999' second > paid_at": "at most 3,660 days",
    "paid_at + interval 'x' day > paid_at": "at most 3,660 days",
    "paid_at + interval (quantity) day > paid_at": "own.toml",
    "amount > -9223372036854775808 - 1": "write a number in full",
    "amount > 1e400": "write a number in full",
    "amount > 1e3": "write a number in full",
    "amount > 1000000000000000": "write a number in full",
    "amount > 0.0000001": "write a number in full",
    "greatest(1,'a') > 1": "do not fit",
    "coalesce(paid_at, 'x') > paid_at": "is no moment",
    "coalesce(amount, out_of_stock) > 1": "do not fit",
    "case when amount then true else false end": "where true or false is needed",
    "case amount when 'a' then true end": "do not fit",
    "case when out_of_stock then amount else seller_note end > 1": "do not fit",
    "lower(amount) = 'a'": "where a text is needed",
    "hour(seller_note) > 1": "where a moment is needed",
    "amount like '5%'": "where a text is needed",
    "seller_note like 'a\\'": "without a backslash",
    "seller_note like carrier": "without a backslash",
    "-seller_note = 'a'": "do not fit",
    "amount is true": "do not fit",
    "x": "is no field of a line",
    "amount > " + "9" * 3_900: "write a number in full",
    "amount > " + " + ".join(["1"] * 30): "at most 20 are allowed",
    " and ".join(["out_of_stock"] * 280): "",
    "(" * 200 + "out_of_stock" + ")" * 200: "nested too deeply",
    "not " * 200 + "out_of_stock": "nested too deeply",
    "-" * 3_000 + "1 > 0": "",
    "out_of_stock or '": "it is no SQL expression",
    "\x00": "",
}  # fmt: skip


@pytest.mark.parametrize("predicate", REFUSED)
def test_a_predicate_that_could_fail_is_refused_when_the_pack_is_loaded(tmp_path, predicate):
    try:
        loaded([_when(tmp_path, predicate)])
    except UsageError as error:
        message = str(error)
        assert message.startswith(str(tmp_path / "own.toml"))
        assert REFUSED[predicate] in message
        assert "\n" not in message
    else:
        assert REFUSED[predicate] == ""  # long, but sound


TAKEN = [
    "amount > 5", "amount - refund_amount > 0", "quantity + 1 > 5", "amount > -5.25", "paid_at > '2026-11-01'", "paid_at > timestamp '2026-11-01 08:00:00'",
    "paid_at + interval '48' hour < as_of", "as_of - paid_at > interval '3660' day", "case when out_of_stock then 1 else 2 end = 1", "case status when 'closed' then true end",
    "out_of_stock", "out_of_stock = true", "out_of_stock is true", "null", "amount is null", "amount = null", "seller_note like '%缺%'", "status in ('closed')",
    "coalesce(shipped_at, as_of) > promised_ship_at", "hour(paid_at) between 1 and 5", "greatest(amount, refund_amount, 1) > 1", "cases_of_line > 999999999999",
]  # fmt: skip


@pytest.mark.parametrize("predicate", TAKEN)
def test_a_predicate_that_fits_is_taken(tmp_path, predicate, scan, export):
    assert scan(export(LATE), pack=_when(tmp_path, predicate), select="MY100").findings is not None


def test_every_field_can_be_compared_with_its_own_kind_alone():
    literals = {
        "VARCHAR": "'a'",
        "TIMESTAMP": "timestamp '2026-01-01 00:00:00'",
        "DECIMAL(18, 2)": "1.5",
        "BIGINT": "1",
        "BOOLEAN": "true",
    }
    for name, field in FIELDS.items():
        for kind, literal in literals.items():
            numbers = {kind, field.kind.sql_type} == {"DECIMAL(18, 2)", "BIGINT"}
            if kind == field.kind.sql_type or numbers:
                checked(f"{name} = {literal}")
            else:
                with pytest.raises(PredicateError, match=r"do not fit|is no moment"):
                    checked(f"{name} = {literal}")


VALUES = [
    "nan", "inf", "-inf", "1e400", "-1", "0", "1" + "0" * 30, "9223372036854775808", "1e-31", "true", '""', '"\\u0000"', "2026-01-01", "9999-12-31",
    "2026-01-01T00:00:00+08:00", "12:00:00", "[]", "{}", "[[[]]]", "[nan]", "[{}]", '"999999999999999999999 hours"', '"3661 days"', '"0 hours"',
    "{ tiers = [{ percent = nan }] }", "{ tiers = [{ percent = 1e300 }] }", "{ tiers = [{ percent = 5, up_to = -inf }] }", "{ tiers = [{ percent = 10000000 }] }",
    '{ tiers = [{ fixed = 5 }], caps = { "shop-day" = nan } }', '{ tiers = [{ fixed = 5 }], caps = { "shop-day" = -5 } }', "[{ from = nan }]", "[{ from = 2026-01-01, until = 2025-01-01 }]",
]  # fmt: skip
KEYS = [*RULE, "near", "near_before", "near_after", "again_every", "cap", "more_than", "share_at_least", "share_more_than", "share_near", "min_volume", "window", "window_days", "risk"]  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_no_value_of_a_rule_breaks_the_program(tmp_path, key, export):
    beside = (
        {"of": '"paid_at is not null"', "share_near": "0.1"} if key.startswith("share_") else {}
    )
    beside |= {"cap": "3"} if key == "again_every" else {}
    beside |= {"at_least": None, "penalty": None} if key == "risk" else {}
    for value in VALUES:
        path = _pack(tmp_path, **(beside | {key: value}))
        try:
            loaded([path])
        except mw.MerchantwatchError as error:
            assert str(error).startswith(str(path))
        else:
            mw.scan(str(export(LATE)), as_of=AS_OF, pack=path, select="MY100").close()


@pytest.mark.parametrize(
    "command",
    [
        "scan orders.csv",
        "rules",
        "rule MY100",
        "why 1 orders.csv",
        "check orders.csv",
        "rules test own.toml",
    ],
)
def test_every_command_refuses_it_in_one_line(run, export, tmp_path, command):
    export(LATE)
    _when(tmp_path, "amount = 'abc'")
    flags = () if "test" in command else ("--pack", "own.toml")
    done = run(*command.split(), *flags)
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == "merchantwatch: own.toml: MY100, when: a number and a text do not fit together: amount = 'abc'\n"
    )


def test_amounts_beyond_all_amounts_are_unknown_and_the_rest_is_judged(scan, export):
    money = [
        "999999999999.99",
        "-999999999999.99",
        "1000000000000",
        "9999999999999999.99",
        "1" + "0" * 40,
    ]
    report = scan(
        export(*({**LATE, "订单应付金额": amount, "商品数量": amount} for amount in money))
    )
    found = {note["code"]: note["lines"] for note in report.to_dict()["notes"]}
    assert (found["amount-unread"], found["quantity-unread"]) == (3, 5)
    assert report.to_dict()["accounting"]["lines"] == len(money)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("threads", value) for value in ("0", "-1", "1.5", "1000", "1" + "0" * 30, "9" * 5_000, "²", "x")),
        *(("as_of", value) for value in ("99999-01-01", "0001-01-01", "1969-12-31 23:59:59", "2100-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "2026-02-30", "nan", "\0")),
        *(("tz", value) for value in ("../x", "/etc/passwd", "Asia", "x" * 10_000, "UTC\0", "☃")),
        ("key", "short"), ("lang", "fr"), ("shop", "a\0b"), ("map", ("line_id",)), ("map", {"line_id": "\0"}),
    ],
)  # fmt: skip
def test_an_option_beyond_its_bounds(name, value):
    with pytest.raises(UsageError):
        resolve({name: value})


@pytest.mark.parametrize("as_of", ["1970-01-01", "2099-12-31 23:59:59"])
def test_the_first_and_the_last_moment_to_judge_at(scan, export, as_of):
    assert scan(export(LATE), as_of=as_of).to_dict()["accounting"]["rows_read"] == 1


@pytest.mark.parametrize(
    "text", ["nan%", "nan", "inf", "-1", "1e3", "101%", "9" * 400, "9" * 20 + "%", "", "5%%", "x"]
)
def test_a_bound_of_bad_rows_that_is_none(text):
    with pytest.raises(UsageError, match="write a number or a share"):
        BadRows.parse(text)


@pytest.mark.parametrize(
    "memory",
    [
        "1e400",
        "0",
        "0.1",
        "-1GB",
        "nan",
        "inf",
        "9" * 400,
        "1000001GB",
        "999999999999TB",
        "1XB",
        "",
    ],
)
def test_a_memory_that_no_machine_has(memory):
    with pytest.raises(UsageError, match="write it like 1GB"):
        Database(memory, None, None)


BYTES = {
    "empty": (b"", True), "with a mark": (b"\xef\xbb\xbfshop = 'x'", True), "UTF-16": ("shop = 'x'".encode("utf-16"), False), "NUL": (b"shop = 'x'\0", False),
    "an escaped NUL": (b'shop = "a\\u0000"', False), "a NUL in a key": (b'[map]\n"a\\u0000" = "x"', False), "GBK": ("shop = '店'".encode("gb18030"), False), "deep": (b"a = " + b"[" * 100_000, False),
    "large": (b"#" * 1_000_001, False), "nan": (b"[rules.DY101]\nat_least = nan", False), "infinite": (b"[rules.DY101]\nwindow_days = inf", False), "huge": (b"[rules.DY101]\nnear = 1" + b"0" * 30, False),
    "a date": (b"shop = 2026-01-01", False), "risk": (b"[rules.IR900]\nnear = nan", False),
}  # fmt: skip


@pytest.mark.parametrize("kind", BYTES)
def test_settings_of_any_bytes(run, export, tmp_path, kind):
    data, is_taken = BYTES[kind]
    (tmp_path / "merchantwatch.toml").write_bytes(data)
    done = run("scan", export(LATE), "--as-of", AS_OF, "-o", "json")
    assert done.returncode == (0 if is_taken else 2), done.stderr
    assert is_taken or done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("config", [".", "/nowhere.toml", "x" * 5_000, "/dev/zero"])
def test_settings_that_cannot_be_read(run, export, config):
    done = run("scan", export(LATE), "--config", config)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
