"""What many tests need: exports written as platforms write them, scans of them, the command line.

`pytest --engine=duckdb,spark` runs the tests marked `every_engine` on each of these engines, the
others on DuckDB.
"""

import csv
import functools
import gc
import os
import secrets
import shutil
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import pytest
from command_server import CommandServer

import merchantwatch as mw
from merchantwatch.engines.duckdb import database
from merchantwatch.support.process_setup import set_up_process

AS_OF = "2026-11-21 00:00:00"
ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "sample_data"

# One healthy Douyin line: shipped in time, picked up, no case. Tests say what differs.
DOUYIN = {
    "主订单编号": "",
    "子订单编号": "",
    "选购商品": "样品",
    "商品ID": "37110",
    "商品数量": "1",
    "订单应付金额": "99.00",
    "订单提交时间": "2026-11-18 07:55:00",
    "支付完成时间": "2026-11-18 08:00:00",
    "承诺发货时间": "2026-11-20 08:00:00",
    "发货时间": "2026-11-19 08:00:00",
    "订单完成时间": "-",
    "订单状态": "已发货",
    "售后状态": "-",
    "取消原因": "",
    "商家备注": "-",
}
LATE = {"订单状态": "待发货", "发货时间": "-"}
SHORT = {**LATE, "承诺发货时间": "2026-11-25 08:00:00", "商家备注": "缺货"}


SPARK = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "6g",  # a ceiling for many scans: the sample by all rules takes about one
    "spark.buffer.pageSize": "1m",
    "spark.sql.ui.retainedExecutions": "1",
    "spark.sql.maxPlanStringLength": "1000",
    # Each query is planned once: to compile for long what plans it costs more than it brings.
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 "
    "-Xms1g -Xmn512m -XX:MetaspaceSize=400m",
    "spark.default.parallelism": "1",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def rule_pack(folder: Path, **fields: str) -> Path:
    """Write a pack of one rule, MY100, with these fields, and return its path."""
    path = folder / "pack.toml"
    head = '[pack]\nplatform = "douyin"\nreviewed = 2026-11-20\n\n[[rule]]\ncode = "MY100"\n'
    words = 'name = "mine"\ntitle = { zh = "a", en = "b" }\nat_least = 1\n'
    given = "".join(f'{name} = "{value}"\n' for name, value in fields.items())
    path.write_text(head + words + given, encoding="utf-8")
    return path


def douyin(*lines: Mapping[str, str], without: Iterable[str] = ()) -> list[dict[str, str]]:
    """Douyin lines that differ from a healthy one as said, numbered from 6900000000000000001."""
    rows = []
    for number, line in enumerate(lines, start=1):
        line_id = str(6900000000000000000 + number)
        row = {**DOUYIN, "主订单编号": line_id, "子订单编号": line_id, **line}
        rows.append({name: cell for name, cell in row.items() if name not in without})
    return rows


def write_csv(path: Path, rows: Sequence[Mapping[str, str]], encoding: str = "utf-8-sig") -> Path:
    headers = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, headers, restval="-", quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep each test away from the configuration and the environment of whoever runs it."""
    monkeypatch.chdir(tmp_path)
    for kind in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / f".{kind.lower()}"))
    for name in os.environ:
        if name.startswith("MERCHANTWATCH_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture(autouse=True)
def _plans(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Let half of the tests, by their names, optimise plans as scans of many rows do."""
    if zlib.crc32(request.node.nodeid.encode()) % 2:
        monkeypatch.setattr(database, "_ROWS_OF_A_PLAN", -1)


@pytest.fixture
def export(tmp_path: Path) -> Callable[..., Path]:
    """Write Douyin lines as an export: ``export(LATE, LATE, name="a.csv")``."""

    def write(
        *lines: Mapping[str, str], name: str = "orders.csv", **options: Iterable[str]
    ) -> Path:
        return write_csv(tmp_path / name, douyin(*lines, **options))

    return write


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", action="append", help="duckdb (default), spark; repeatable")
    parser.addoption("--mutations", type=int, default=60, help="how many files of rows to draw")
    parser.addoption("--mutations-from", type=int, default=0, help="the first of their numbers")


def pytest_configure() -> None:
    # Under nohup, or in a shell's background, signals are ignored: so they would be by each command
    # that a test starts and ends by one.
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, usual)


def pytest_sessionstart() -> None:
    """Let memory stay, as in the command; and let a mutant compute anew what its parent has cached."""
    set_up_process()
    if "MUTANT_UNDER_TEST" in os.environ:
        gc.unfreeze()
        # Nor is anything cached on the disk, neither beside the package nor for the user.
        sys.dont_write_bytecode, os.environ["XDG_CACHE_HOME"] = True, os.devnull
        for one in gc.get_objects():
            if isinstance(one, functools._lru_cache_wrapper):
                one.cache_clear()


def pytest_collection_finish() -> None:
    """Collect garbage from here on, but rarely, and do not look for it in what all tests are made of."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        named = ",".join(metafunc.config.getoption("--engine") or ["duckdb"]).split(",")
        able = named if metafunc.definition.get_closest_marker("every_engine") else ["duckdb"]
        metafunc.parametrize("engine", able, indirect=True, scope="session")


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    """The engine to scan with."""
    if request.param == "spark":
        request.getfixturevalue("spark")
    return request.param


@pytest.fixture(scope="session")
def spark(request: pytest.FixtureRequest) -> Iterable[object]:
    """Spark in this process, set for little data: most of its time goes into planning."""
    if "spark" not in ",".join(request.config.getoption("--engine") or []).split(","):
        pytest.skip("asked for by --engine=spark")
    if not os.environ.get("CI"):
        pytest.importorskip("pyspark", reason="pyspark is not installed")
        if not shutil.which("java"):
            pytest.skip("java is not installed")
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").appName("tests")
    for name, value in SPARK.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def postgres_server() -> Iterable[str]:
    """The URL of a PostgreSQL server of the tests' own."""
    import postgres

    if not os.environ.get("CI"):
        if not postgres.BIN:
            pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
        pytest.importorskip("psycopg", reason="psycopg is not installed")
    with postgres.server() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """The URL of an empty schema of that server."""
    import sqlalchemy

    name = f"t{secrets.token_hex(8)}"
    server = sqlalchemy.create_engine(postgres_server)
    with server.begin() as connection:
        connection.execute(sqlalchemy.schema.CreateSchema(name))
    server.dispose()
    return f"{postgres_server}&options=-csearch_path%3D{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def history(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """A place for a history: a path, then a URL."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgres_url")
    return tmp_path / "state" / "history.db"


@pytest.fixture
def scan(engine: str, request: pytest.FixtureRequest) -> Iterable[Callable[..., mw.Report]]:
    """Scan at the tests' moment, and close the reports afterwards.

    By no rules but those that a test looks at, if it says so: a scan of little mostly plans.
    """
    reports = []
    given: dict[str, object] = {"as_of": AS_OF, "engine": engine}
    rules = request.node.get_closest_marker("looks_at")
    if rules:
        given["select"] = list(rules.args)

    def scanned(*inputs: object, **options: object) -> mw.Report:
        reports.append(mw.scan(list(inputs), **{**given, **options}))
        return reports[-1]

    yield scanned
    for report in reports:
        report.close()


@pytest.fixture(scope="session")
def command_server() -> Iterable[CommandServer]:
    """Runs of the command line without Python's start."""
    server = CommandServer()
    yield server
    server.close()


@pytest.fixture
def run(
    start: Callable[..., subprocess.CompletedProcess[str]],
    command_server: CommandServer,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command line in a process of its own, in an empty folder.

    By no rules but those that a test looks at, where neither it nor its settings say which.
    """
    rules = request.node.get_closest_marker("looks_at")
    if rules:
        monkeypatch.setenv("MERCHANTWATCH_SELECT", ",".join(rules.args))

    def ran(*args: object, **options: object) -> subprocess.CompletedProcess[str]:
        environment = options.get("env", os.environ)
        if options.keys() - {"cwd", "onto", "env"} or not command_server.starts_as(environment):
            return start(*args, **options)
        folder, onto = options.get("cwd", tmp_path), options.get("onto", "")
        return command_server.run(list(map(str, args)), folder, environment, onto)

    return ran


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Let Python start the command line anew, in an empty folder."""

    def ran(*args: object, **options: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-W", "error", "-m", "merchantwatch", *map(str, args)]
        given = {"cwd": tmp_path, "capture_output": True, "text": True, "encoding": "utf-8"}
        return subprocess.run(command, check=False, **{**given, **options})

    return ran


def rule(report: mw.Report, code: str) -> dict:
    """What the JSON report says of one rule."""
    return next(entry for entry in report.to_dict()["rules"] if entry["code"] == code)


def findings(report: mw.Report, code: str) -> list[dict]:
    """What the JSON report found by one rule."""
    return [entry for entry in report.to_dict()["findings"] if entry["code"] == code]
