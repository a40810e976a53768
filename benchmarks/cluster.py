"""Spark on a standalone cluster of this machine: the same answers as DuckDB, and how long it takes.

    python benchmarks/cluster.py sample_data/orders.csv sample_data/parcels.csv --as-of 2026-11-21

A master and worker processes are started, the inputs are judged by DuckDB, by Spark on one worker
and on two, and on two of which one is killed once the lines are judged but not yet counted.
Findings and hits must be equal every time; then the seconds are printed.
"""

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

warnings.filterwarnings(
    "ignore", message="PySpark does not yet fully support", category=FutureWarning
)

import pyspark  # noqa: E402

import merchantwatch as mw  # noqa: E402
from merchantwatch.engines.spark import SparkEngine  # noqa: E402

HOST = "127.0.0.1"
HOME = Path(pyspark.__file__).parent
ENVIRONMENT = {
    **os.environ,
    "SPARK_HOME": str(HOME),
    "SPARK_LOCAL_IP": HOST,
    "SPARK_NO_DAEMONIZE": "1",
}
PATIENCE = 120
FOR_TWO_CORES = "--conf spark.sql.shuffle.partitions=4 pyspark-shell"
"""Of a shuffle Spark makes 200 parts, for a cluster; here each would cost more than it holds."""
LAST_BEFORE_COUNTING = "superseded"
"""The table that is made once all lines are judged."""


def main() -> int:
    """Judge the inputs in every way, and say what differs."""
    arguments = _arguments()
    options = {"as_of": arguments.as_of, "config": arguments.config, "select": arguments.select}
    # The workers stand on this machine, so what runs us can run what they need of Python.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_SUBMIT_ARGS", FOR_TWO_CORES)
    inputs = [str(path) for path in arguments.inputs]
    wanted, seconds = judged(inputs, "duckdb", options, [])
    print(f"duckdb                  {seconds:8.1f} s  {len(wanted['hits']):,} hits", flush=True)
    different = []
    for name, workers, killed in (("1 worker", 1, 0), ("2 workers", 2, 0), ("2, one killed", 2, 1)):
        with cluster(workers, arguments.memory) as (master, processes):
            after = [partial(kill, process) for process in processes[:killed]]
            found, seconds = judged(inputs, f"spark={master}", options, after)
        same = found == wanted
        print(f"spark, {name:16} {seconds:8.1f} s  {'same' if same else 'DIFFERENT'}", flush=True)
        different += [] if same else [name]
    return 1 if different else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("inputs", nargs="+", type=Path)
    parser.add_argument("--as-of", required=True)
    parser.add_argument("--config", help="a merchantwatch.toml, for its [map]")
    parser.add_argument("--select", action="append", default=[], help="rules; repeatable")
    parser.add_argument("--memory", default="1g", help="of each worker (default: 1g)")
    return parser.parse_args()


def judged(
    inputs: list[str],
    engine: str,
    options: dict[str, Any],
    after: list[Callable[[], None]],
) -> tuple[dict[str, Any], float]:
    """Return what an engine makes of the inputs, hits as written to Parquet, and its seconds."""
    started = time.monotonic()
    with _interrupted(after), tempfile.TemporaryDirectory() as folder:
        with mw.scan(inputs, engine=engine, **options) as report:
            target = report.write(Path(folder) / "hits", "parquet")
            result = report.to_dict()
        seconds = time.monotonic() - started
        return {"report": _plain(result), "hits": _hits(target)}, seconds


def _plain(report: dict[str, Any]) -> str:
    """Return a report without what names its engine."""
    return json.dumps({name: part for name, part in report.items() if name != "engine"})


def _hits(target: Path) -> list[str]:
    """Return the hits of a file or folder, each as text, in one order."""
    from pyarrow import dataset

    table = dataset.dataset(target, partitioning="hive").to_table()
    names = sorted(table.column_names)
    return sorted(str({name: row[name] for name in names}) for row in table.to_pylist())


@contextlib.contextmanager
def _interrupted(after: list[Callable[[], None]]) -> Iterator[None]:
    """Do something once, between judging and counting."""
    create = SparkEngine.create

    def created(engine: SparkEngine, name: str, query: str) -> None:
        create(engine, name, query)
        if name == LAST_BEFORE_COUNTING and after:
            after.pop()()

    SparkEngine.create = created  # type: ignore[method-assign]
    try:
        yield
    finally:
        SparkEngine.create = create  # type: ignore[method-assign]
    if after:
        raise RuntimeError("the run was over before it could be interrupted")


@contextlib.contextmanager
def cluster(workers: int, memory: str) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Start a master and workers of one core each, and end them afterwards."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        master = _started(log, "master.Master", "--port", str(port), "--webui-port", "0")
        address = f"spark://{HOST}:{port}"
        given = ["--cores", "1", "--memory", memory, "--webui-port", "0"]
        processes = [
            _started(log, "worker.Worker", *given, "--work-dir", f"{folder}/{n}", address)
            for n in range(workers)
        ]
        try:
            _wait_for(log, workers)
            yield address, processes
        finally:
            for process in [*processes, master]:
                kill(process)


def _started(log: Path, role: str, *args: str) -> subprocess.Popen[bytes]:
    command = [
        HOME / "bin" / "spark-class",
        f"org.apache.spark.deploy.{role}",
        "--host",
        HOST,
        *args,
    ]
    with log.open("ab") as file:
        return subprocess.Popen(
            command, env=ENVIRONMENT, stdout=file, stderr=subprocess.STDOUT, start_new_session=True
        )


def _wait_for(log: Path, workers: int) -> None:
    until = time.monotonic() + PATIENCE
    while log.read_text(errors="replace").count("Successfully registered with master") < workers:
        if time.monotonic() > until:
            raise RuntimeError(f"the cluster did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.2)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with the executors that it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind((HOST, 0))
        port: int = one.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())
