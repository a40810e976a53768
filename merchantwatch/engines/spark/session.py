"""The Spark session of a run: within a running Spark, or started for it."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from merchantwatch.errors import UsageError
from merchantwatch.support.leftovers import private_temporaries

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row, SparkSession


_LOCAL = "local[*]"
_WHOLE_STAGES = "spark.sql.codegen.wholeStage"

_PAGE = ("spark.buffer.pageSize", "2m")
"""The least memory that Spark takes for each small table that it joins or aggregates: 64 MB by
default, held as long as the result is cached."""

_SETTINGS = {
    # Wall-clock times have no zone, and nothing may lend them one.
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.legacy.parquet.nanosAsLong": "true",
    # What stands in a file is nothing to be filled in, least of all from the environment.
    "spark.sql.variable.substitute": "false",
    # Patterns are written with escaped backslashes, which a session of old may take as they are.
    "spark.sql.parser.escapedStringLiterals": "false",
    # Our queries have no parameters, which Spark else looks for by parsing each of them twice.
    "spark.sql.legacy.parameterSubstitution.constantsOnly": "true",
    # Planning would derive facts from every expression of a line, and run out of memory over it.
    "spark.sql.constraintPropagation.enabled": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}


_OF_FEW_ROWS = {
    # For few rows nearly all of a run is planning stages, compiling them, and filling many parts.
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    _WHOLE_STAGES: "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    # Tables of one part are joined where they are: to broadcast one is a job more.
    "spark.sql.autoBroadcastJoinThreshold": "-1",
}

_FEW_BYTES = 8 << 20
"""If the sources are larger than this together, compiling queries pays."""


class Effort:
    """How much Spark optimises before it runs a query: little, until sources are large."""

    def __init__(self, session: "SparkSession") -> None:
        self._session = session
        self._usual = {name: session.conf.get(name) for name in _OF_FEW_ROWS}
        self._bytes = 0
        self._set(_OF_FEW_ROWS)

    def add(self, frame: "DataFrame") -> None:
        """Add the size of a source that will be read, as Spark estimates it."""
        leaves = frame._jdf.queryExecution().analyzed().collectLeaves()  # noqa: SLF001
        sizes = (leaves.apply(n).stats().sizeInBytes() for n in range(leaves.size()))
        before, self._bytes = self._bytes, self._bytes + sum(int(str(size)) for size in sizes)
        if before <= _FEW_BYTES < self._bytes:
            self._set(self._usual)

    @property
    def is_little(self) -> bool:
        """Whether the sources so far are few rows."""
        return self._bytes <= _FEW_BYTES

    def _set(self, conf: Mapping[str, str | None]) -> None:
        for name, value in conf.items():
            if value is not None:
                self._session.conf.set(name, value)


class OpenSession(Struct):
    """A session with separate settings and names; ``ours`` if this run has started its Spark."""

    session: "SparkSession"
    ours: bool

    def close(self) -> None:
        """Stop Spark if we started it."""
        if self.ours:
            self.session.stop()


def open_session(master: str | None, threads: int | None) -> OpenSession:
    """Return a session beside an existing one (``spark-submit``, a notebook), or a new one.

    Raises UsageError when pyspark or Java is missing, or another master is in use.
    """
    spark, ours = _running(master), False
    if spark is None:
        spark, ours = _started(master, threads), True
    # Settings and names of temporary views are then separate from the user's own.
    session = spark.newSession()
    for name, value in _SETTINGS.items():
        session.conf.set(name, value)
    return OpenSession(session, ours)


def only_row(frame: "DataFrame") -> "Row":
    """Return the only row of a frame that always has one, such as a count."""
    row = frame.first()
    assert row is not None, "counts of no row are a row"  # noqa: S101
    return row


@contextmanager
def compiled_in_pieces(session: "SparkSession") -> Iterator[None]:
    """Compile no stage as a whole: with many rules it exceeds the limit of a Java method."""
    before = session.conf.get(_WHOLE_STAGES)
    session.conf.set(_WHOLE_STAGES, "false")
    try:
        yield
    finally:
        session.conf.set(_WHOLE_STAGES, before or "true")


def _running(master: str | None) -> Any:
    """Return the session that somebody has opened in this process, or None."""
    from_user = _pyspark().sql.SparkSession.getActiveSession()
    if from_user is not None and master and from_user.sparkContext.master != master:
        there = from_user.sparkContext.master
        raise UsageError(
            f"--engine spark={master}: Spark is at work here with {there}; leave the master out",
            f"--engine spark={master}：当前进程已有 Spark（{there}），请不要再指定 master",
        )
    return from_user


def _started(master: str | None, threads: int | None) -> Any:
    pyspark = _pyspark()
    from pyspark.errors import PySparkException

    local = f"local[{threads}]" if threads else _LOCAL
    try:
        # Holds what spark-submit and spark-defaults.conf set: a user's choice wins over ours.
        conf = pyspark.SparkConf()
        builder = pyspark.sql.SparkSession.builder.appName("merchantwatch")
        builder = builder.master(master or conf.get("spark.master", local))
        for name, value in (("spark.ui.showConsoleProgress", "false"), _PAGE):
            if not conf.contains(name):
                builder = builder.config(name, value)
        # PySpark would leave its temporary files if the process ended while Java starts.
        with private_temporaries():
            session = builder.getOrCreate()
    except (PySparkException, OSError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise UsageError(
            f"--engine spark: Spark does not start ({reason}); it needs Java 17 or newer "
            "(apt-get install openjdk-17-jre-headless), and a master that can be reached",
            f"--engine spark：Spark 无法启动（{reason}）；需要 Java 17 或更高版本"
            "（apt-get install openjdk-17-jre-headless），并且 master 可连接",
        ) from None
    session.sparkContext.setLogLevel("ERROR")
    return session


def _pyspark() -> Any:
    try:
        # pandas is not used on this way; that pyspark does not know it yet is no matter here.
        warnings.filterwarnings("ignore", "PySpark does not yet fully support", FutureWarning)
        import pyspark.sql
    except ImportError:
        raise UsageError(
            "--engine spark: pyspark is not installed; pip install 'merchantwatch[spark]'",
            "--engine spark：未安装 pyspark，请运行 pip install 'merchantwatch[spark]'",
        ) from None
    return pyspark
