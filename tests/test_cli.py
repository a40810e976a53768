"""The command line as users and cron meet it: outputs, exit codes, and the last line of stderr."""

import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import AS_OF, LATE, SAMPLE, douyin, write_csv

import merchantwatch as mw
from merchantwatch.reading import release
from merchantwatch.reading.inputs import find
from merchantwatch.support.cache import cached, place
from merchantwatch.support.templates import environment

ORDERS = SAMPLE / "orders.csv"
AT = ("--as-of", AS_OF)


def _last(result):
    return result.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    "args",
    [
        ("scan", "orders.csv", *AT, "-o", "json", "-o", "html:a.html", "-o", "xlsx:a.xlsx", "-v"),
        ("scan", "orders.csv", *AT, "--config=nightly.toml", "-o", "md", "-o", "tasks-csv:a.csv"),
        ("scan", "none.csv", *AT),
        ("check", "orders.csv"),
        ("init", "orders.csv", "-o", "-"),
        ("why", "6900000000000000001", "orders.csv", *AT),
        ("dossier", "6900000000000000001", "orders.csv", *AT),
        ("explain", "orders.csv", *AT),
        ("backtest", "orders.csv", *AT),
        ("plan", "orders.csv", *AT),
        ("rule", "DY101"),
        ("schema", "report"),
        ("cron",),
        ("history", "--config", "nightly.toml"),
        ("no-command",),
    ],
    ids=lambda args: args[0],
)
def test_runs_of_the_server_are_as_python_starts_them(run, start, export, tmp_path, args):
    """All other tests may run the command by the server."""
    export(LATE, {})
    (tmp_path / "nightly.toml").write_text('[history]\npath = "h.db"\n')
    outcomes = []
    for runner in (start, run):
        done = runner(*args)
        outcomes.append((done.returncode, done.stdout, done.stderr, _written(tmp_path)))
    assert outcomes[0] == outcomes[1]


def _written(folder):
    """The reports of a run, which are removed for the next one, as its history is."""
    reports = {path.name: path.read_bytes() for path in sorted(folder.glob("a.*"))}
    for path in folder.iterdir():
        if path.name not in ("orders.csv", "nightly.toml"):
            path.unlink() if path.is_file() else shutil.rmtree(path)
    return reports


def test_the_first_command_of_the_readme(start, tmp_path):
    done = start("scan", ORDERS, SAMPLE / "parcels.csv", *AT)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == str(tmp_path / "risk_report.html")
    assert all(len(line) <= 80 for line in done.stdout.splitlines()[:-1])
    page = (tmp_path / "risk_report.html").read_text(encoding="utf-8")
    assert "合规风险报告" in page
    assert "Compliance risk report" in page


def test_several_reports_of_one_scan(run, tmp_path):
    outputs = [f"{fmt}:out.{fmt}" for fmt in ("html", "csv", "parquet", "text")]
    flags = [part for output in outputs for part in ("-o", output)]
    done = run("scan", ORDERS, *AT, *flags, "-o", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["schema"] == "merchantwatch.report/1"
    assert {f"out.{fmt}" for fmt in ("html", "csv", "parquet", "text")} == {
        path.name for path in tmp_path.iterdir()
    }


def test_two_runs_give_the_same_bytes(start):
    """Python draws another order of sets for each."""
    first, second = (start("scan", ORDERS, SAMPLE / "parcels.csv", *AT, "-o", "json") for _ in "ab")
    assert first.stdout == second.stdout != ""


def test_quiet_says_nothing(run, tmp_path):
    done = run("scan", ORDERS, *AT, "-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "risk_report.html").exists()


def test_verbose_says_where_settings_come_from(run, tmp_path):
    (tmp_path / "merchantwatch.toml").write_text('shop = "一号店"\n', encoding="utf-8")
    done = run("scan", ORDERS, *AT, "-v", "-o", "json", "--memory", "500MB")
    assert f"shop = 一号店 ({tmp_path / 'merchantwatch.toml'})" in done.stderr
    assert "memory = 500MB (flag)" in done.stderr
    assert "douyin-orders, utf-8-sig by byte order mark, 411 rows" in done.stderr
    assert json.loads(done.stdout)["findings"][0]["shop"] == "一号店"


@pytest.mark.parametrize(
    ("args", "code", "reason"),
    [
        (("nothere.csv",), 3, "no such file"),
        (("empty.csv",), 3, "the file is empty"),
        (("western.csv",), 3, "row 1 was taken for the header: 'café'"),
        (("noise.csv",), 3, "byte 3 (line 1) is no UTF-8 text"),
        (("cut.parquet",), 3, "cannot be read as Parquet"),
        (("book.xlsx",), 3, "it is damaged or was not copied as a whole"),
        (("unknown.csv",), 3, "no known export has these headers"),
        (("empty_folder",), 3, "no file to read there"),
        (("*.nothing",), 3, "no file to read there"),
        ((ORDERS, "nothere.csv"), 3, "no such file"),
        ((ORDERS, "--max-bad-rows", "0"), 3, "1 of 411 rows"),
        ((ORDERS, "--max-bad-rows", "0.1%"), 3, "1 of 411 rows"),
        ((ORDERS, "--max-bad-rows", "1", "-o", "json"), 0, None),
        ((ORDERS, "--max-bad-rows", "many"), 2, "write a number or a share"),
        ((ORDERS, "--map", "shiped_at=x"), 2, "did you mean shipped_at?"),
        ((ORDERS, "--map", "shipped_at"), 2, "FIELD=COLUMN"),
        (("unknown.csv", "--map", "line_id=z"), 2, "has no column 'z'"),
        (("unknown.csv", "--map", "paid_at=b"), 2, "needs line_id or order_id"),
        ((ORDERS, "--as-of", "soon"), 2, "'soon' is no moment"),
        ((ORDERS, "--tz", "Asia/Shangai"), 2, "did you mean Asia/Shanghai?"),
        ((ORDERS, "--select", "DY9"), 2, "DY9: no such rule"),
        ((ORDERS, "--ignore", "late-shipmnt"), 2, "did you mean late-shipment?"),
        ((ORDERS, "--platform", "etsy"), 2, "not one of amazon"),
        ((ORDERS, "--engine", "oracle"), 2, "--engine oracle"),
        ((ORDERS, "--memory", "much"), 2, "write it like 1GB"),
        ((ORDERS, "--pack", "none.toml"), 2, "the pack cannot be read"),
        ((ORDERS, "--config", "none.toml"), 2, "the configuration cannot be read"),
        (
            (ORDERS, "-o", "pdf:a.pdf"),
            2,
            "not built yet; there are text, json, html, xlsx, md",
        ),
        ((ORDERS, "-o", "parquet"), 2, "needs a path"),
        ((ORDERS, "-o", "json", "-o", "text"), 2, "only one report"),
        ((ORDERS, "-o", "json:none/a.json"), 4, "cannot be written"),
        ((ORDERS, "--fail-on", "critical"), 1, "2 broken limits of severity critical"),
        ((ORDERS, "--fail-on", "critical", "--ignore", "DY1,DY2"), 0, None),
        ((ORDERS, "--fail-on", "low", "-o", "json:none/a.json"), 4, "cannot be written"),
        ((ORDERS, "nothere.csv", "--fail-on", "low", "-o", "json:none/a.json"), 3, "no such file"),
        ((), 2, "Missing argument"),
    ],
)
def test_exit_codes(run, tmp_path, args, code, reason):
    (tmp_path / "empty.csv").touch()
    (tmp_path / "western.csv").write_bytes("café\n".encode("cp1252") * 3)
    (tmp_path / "noise.csv").write_bytes(b"\xef\xbb\xbf\xff,a\n1,2\n")
    (tmp_path / "cut.parquet").write_bytes((SAMPLE / "parquet/orders.parquet").read_bytes()[:999])
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04 and more")
    (tmp_path / "unknown.csv").write_text("a,b\n1,2\n")
    (tmp_path / "empty_folder").mkdir()
    done = run("scan", *args, *(() if "--as-of" in args else AT))
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    if reason is None:
        assert done.stderr == ""
    else:
        assert reason in _last(done)
        assert _last(done).startswith("merchantwatch: ")


def test_the_rest_is_judged_when_one_input_fails(run, tmp_path):
    done = run("scan", ORDERS, "nothere.csv", *AT, "-o", "json")
    report = json.loads(done.stdout)
    assert done.returncode == 3
    assert report["accounting"]["lines"] == 409
    assert "nothere.csv" in report["failed"][0]


def test_errors_speak_the_users_language(run):
    assert "找不到" in _last(run("scan", "nothere.csv", "--lang", "zh"))
    assert "找不到" in _last(run("scan", "nothere.csv", env={"LANG": "zh_CN.UTF-8"}))
    assert "no such file" in _last(run("scan", "nothere.csv", env={"LANG": "de_DE.UTF-8"}))


def test_an_output_that_fails_leaves_the_old_one(run, tmp_path, monkeypatch):
    target = tmp_path / "out.csv"
    target.write_text("yesterday")
    script = (
        "from pathlib import Path\n"
        "import merchantwatch as mw, merchantwatch.reports.hits as hits\n"
        "def broken(*a): raise OSError(28, 'No space left on device')\n"
        "hits._safe = broken\n"
        f"mw.scan({str(ORDERS)!r}, as_of={AS_OF!r}).write('out.csv')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "No space left on device" in done.stderr
    assert target.read_text() == "yesterday"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_standard_input(run):
    with ORDERS.open("rb") as file:
        done = run("scan", "-", *AT, "-o", "json", stdin=file)
    report = json.loads(done.stdout)
    assert report["inputs"][0] | {"path": "<stdin>", "exported_at": None} == report["inputs"][0]
    assert report["accounting"]["lines"] == 409


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files have no other name")
def test_standard_input_stands_in_no_file_with_a_name(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"somebody")))
    (found,) = find("-")
    assert found.path.read_bytes() == b"somebody"
    assert list(tmp_path.iterdir()) == []
    release(found.path)
    assert not found.path.exists()


def test_templates_are_compiled_once_where_they_can_be_cached(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    monkeypatch.setattr("merchantwatch.support.templates._PACKAGE", tmp_path)
    folder = tmp_path / "pipeline" / "sql"
    folder.mkdir(parents=True)
    pages = environment("pipeline/sql", autoescape=False)
    assert "select" in pages.get_template("stake.sql").render()
    (cached,) = (folder / "__pycache__").iterdir()
    whole = cached.read_bytes()
    for damaged in (b"", whole[:20], whole[:40], whole[:-1], whole[:-9] + bytes(9)):
        cached.write_bytes(damaged)
        pages = environment("pipeline/sql", autoescape=False)
        assert "select" in pages.get_template("stake.sql").render()
        assert cached.read_bytes() == whole
    monkeypatch.setattr("merchantwatch.support.templates.state_of", lambda _: "another compiler")
    environment("pipeline/sql", autoescape=False).get_template("stake.sql")
    assert cached.read_bytes() != whole
    cached.unlink()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert (
        "select" in environment("pipeline/sql", autoescape=False).get_template("stake.sql").render()
    )
    assert list(cached.parent.iterdir()) == []


def test_the_rulebook_is_bound_once_where_it_can_be_cached(monkeypatch, tmp_path):
    from merchantwatch.rules import Rulebook, built_in

    monkeypatch.setattr("sys.dont_write_bytecode", False)
    folder = tmp_path / "rules"
    folder.mkdir()
    (tmp_path / "fields.py").write_text("")
    pack = folder / "douyin.toml"
    pack.write_text("[pack]")
    bound = []

    def make():
        bound.append(None)
        return built_in()

    assert cached(folder, Rulebook, make) == built_in()
    assert cached(folder, Rulebook, make) == built_in()
    assert len(bound) == 1
    pack.write_text("[pack]  # another one")
    assert cached(folder, Rulebook, make) == built_in()
    assert len(bound) == 2
    before = pack.stat()
    pack.write_text("[pack]  # one, likewise")  # as long, and of the same time
    os.utime(pack, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert cached(folder, Rulebook, make) == built_in()
    assert len(bound) == 3
    (file,) = (folder / "__pycache__").iterdir()
    file.write_bytes(file.read_bytes()[:1000])
    assert cached(folder, Rulebook, make) == built_in()
    assert len(bound) == 4

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    file.unlink()
    monkeypatch.setattr("os.fsync", full)
    assert cached(folder, Rulebook, make) == built_in()
    assert list(file.parent.iterdir()) == []


@pytest.fixture
def caches(monkeypatch, tmp_path):
    """The user's folder for caches, where Python writes no compiled files."""
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    return tmp_path / "caches"


def test_what_may_not_lie_beside_the_program_is_cached_for_the_user(caches, tmp_path):
    rules, formats = (place(tmp_path / name) for name in ("rules", "formats"))
    assert rules != formats
    assert {rules.parent, formats.parent} == {caches / "merchantwatch" / "programs"}
    assert stat.S_IMODE(rules.stat().st_mode) == 0o700
    assert list(tmp_path.iterdir()) == [caches]


def test_nothing_is_cached_where_no_folder_is_the_users_own(caches, monkeypatch, tmp_path):
    caches.write_text("a file")
    assert place(tmp_path) is None
    caches.unlink()
    monkeypatch.setattr("os.geteuid", lambda: 12345)
    assert place(tmp_path) is None
    monkeypatch.setattr("platformdirs.user_cache_path", lambda _: Path("~/.cache"))
    assert place(tmp_path) is None


_ON_POSIX = pytest.mark.skipif(os.name == "nt", reason="owners and modes are those of POSIX")


def _programs(caches):
    """The folder of programs in the user's caches, and the two above it."""
    (caches / "merchantwatch" / "programs").mkdir(parents=True)
    above = (caches, caches / "merchantwatch", caches / "merchantwatch" / "programs")
    for folder in above:
        folder.chmod(0o700)
    return above


@_ON_POSIX
@pytest.mark.parametrize("level", range(4))
@pytest.mark.parametrize("mode", [0o700, 0o755, 0o720, 0o702, 0o1777])
def test_nothing_is_cached_where_others_could_exchange_it(caches, tmp_path, level, mode):
    _programs(caches)
    where = place(tmp_path)
    (where, *where.parents)[level].chmod(mode)
    expected = mode in (0o700, 0o755) or (mode == 0o1777 and level > 0)
    assert place(tmp_path) == (where if expected else None)


@_ON_POSIX
def test_nothing_is_cached_where_a_link_leads_to_what_others_may_change(caches, tmp_path):
    *_, programs = _programs(caches)
    place(tmp_path).rename(tmp_path / "mine")
    link = programs / place(tmp_path).name
    link.rmdir()
    link.symlink_to(tmp_path / "mine")
    assert place(tmp_path) == link
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    link.unlink()
    link.symlink_to(tmp_path / "open")
    assert place(tmp_path) is None
    (tmp_path / "mine").rename(tmp_path / "open" / "mine")
    link.unlink()
    link.symlink_to(tmp_path / "open" / "mine")
    assert place(tmp_path) is None


@_ON_POSIX
@pytest.mark.parametrize("level", range(3))
def test_nothing_is_made_in_a_folder_of_somebody_else(caches, tmp_path, level):
    if os.geteuid():
        pytest.skip("who is not root cannot give a folder away")
    folder = _programs(caches)[level]
    os.chown(folder, 12345, -1)
    before = sorted(caches.rglob("*"))
    assert place(tmp_path) is None
    assert sorted(caches.rglob("*")) == before


def test_a_pipe_that_closes_after_all_was_read_is_no_fault(run):
    every = run("formats").stdout
    command = f"{sys.executable} -m merchantwatch formats | head -c {len(every.encode())}"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (every, "")


@pytest.mark.parametrize("beside", [True, False])
def test_a_run_loads_neither_the_parser_of_predicates_nor_the_calendar(
    beside, monkeypatch, tmp_path
):
    monkeypatch.setattr("sys.dont_write_bytecode", not beside)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "" if beside else "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    if beside and not os.access(Path(mw.__file__).with_name("rules"), os.W_OK):
        pytest.skip("nothing can be cached beside the program")
    code = (
        "import sys\nimport merchantwatch as mw\n"
        f"mw.scan({str(ORDERS)!r}, as_of={AS_OF!r}).to_dict()\n"
        "print({'sqlglot', 'holidays'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code]
    first, again = (
        subprocess.run(command, capture_output=True, text=True, check=False) for _ in range(2)
    )
    assert first.returncode == 0, first.stderr
    assert (again.stdout, again.stderr) == ("set()\n", "")
    assert beside == (list(tmp_path.iterdir()) == [])


def test_version(start):
    assert re.fullmatch(r"merchantwatch \d+\.\d+\.\d+\n", start("--version").stdout)


def test_rules_lists_every_rule(run):
    from merchantwatch.rules import built_in

    listed = run("rules").stdout
    assert all(bound.code in listed for bound in built_in().rules)
    assert "IR900" in listed


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_rule_explains_itself(run, lang):
    for code in ("DY101", "dy102", "not-picked-up", "IR900", "IR110", "TM101"):
        done = run("rule", code, "--lang", lang)
        assert done.returncode == 0
        assert len(done.stdout.splitlines()) > 8
    text = run("rule", "DY201", "--lang", lang).stdout
    for part in {"zh": ["条款", "超过 10（10 不算，11 算）", "示例"], "en": ["Clause", "more than 10 (10 is not over, 11 is)", "A near miss"]}[lang]:  # fmt: skip
        assert part in text


def test_an_unknown_rule(run):
    done = run("rule", "DY999")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no such rule" in _last(done)


def test_formats_lists_headers(run):
    shown = run("formats").stdout
    assert "douyin-parcels" in shown
    assert "揽收时间, 揽件时间" in shown


def test_why_does_the_arithmetic(run, tmp_path):
    path = write_csv(tmp_path / "a.csv", douyin({**LATE, "承诺发货时间": "2026-11-19 12:00:00"}))
    shown = run("why", "6900000000000000001", path, *AT).stdout
    assert "a.csv:2" in shown
    assert "as_of - due = +129,600 s: 1 d 12 h late" in shown
    assert (
        "strikes   2  (2026-11-19 12:00:00 ×, 2026-11-20 12:00:00 ×, 2026-11-21 12:00:00 ·)"
        in shown
    )
    assert "product 37110: 1 / at least 3: below the limit" in shown
    assert "not evaluated: missing picked_up_at" in shown
    assert "1 - (1 - 0.45) = 0.4500" in shown


def test_why_takes_an_orders_id(run, tmp_path):
    rows = [{**row, "主订单编号": "M"} for row in douyin(LATE, {})]
    shown = run("why", "M", write_csv(tmp_path / "a.csv", rows), *AT).stdout
    titles = [line for line in shown.splitlines() if line.startswith("line ")]
    assert len(titles) == 2


@pytest.mark.parametrize("command", ["why", "dossier"])
@pytest.mark.parametrize(("bound", "code"), [("1", 0), ("0", 3), ("few", 2)])
def test_who_asks_about_a_line_hears_of_bad_rows_too(run, tmp_path, command, bound, code):
    rows = douyin(LATE, {"承诺发货时间": "soon"})
    path = write_csv(tmp_path / "a.csv", rows)
    done = run(command, "6900000000000000001", path, "--max-bad-rows", bound, *AT)
    assert done.returncode == code
    if code == 3:
        assert "1 of 2 rows" in _last(done)
        assert "6900000000000000001" in done.stdout, "what is known is shown all the same"


def test_why_of_a_line_that_is_not_there(run):
    assert "no line or order 12" in _last(run("why", "12", ORDERS, *AT))
    damaged = run("why", "6.92E+18", ORDERS, *AT)
    assert (damaged.returncode, "Excel turned the id" in _last(damaged)) == (2, True)


def test_every_command_has_help(start):
    from merchantwatch.cli import cli

    for name in cli.commands:
        done = start(name, "--help")
        assert done.returncode == 0
        assert done.stdout.startswith(f"Usage: merchantwatch {name}")


def test_rules_by_how_sure_they_are(run):
    every = run("rules", "--lang", "en").stdout
    sure = run("rules", "--lang", "en", "--confidence", "seed", "--confidence", "measured").stdout
    assert {"DY101", "IR103"} <= {line.split()[0] for line in sure.splitlines() if line}
    assert "DQ101" not in sure
    found = {line.split()[2] for line in sure.splitlines() if line[:2].isupper()}
    assert found == {"seed", "measured"}
    assert set(sure.splitlines()) < set(every.splitlines())
    assert run("rules", "--confidence", "certain").returncode == 2


def test_a_shop_of_bytes_that_are_no_text_is_refused(run):
    done = run("scan", ORDERS, *AT, "-o", "json", env={"MERCHANTWATCH_SHOP": "\udcff"})
    assert done.returncode == 2
    assert "no UTF-8" in _last(done)
