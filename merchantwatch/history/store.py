"""The database of a history: opening it, upgrading its schema, and its transactions."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import SQLAlchemyError

from merchantwatch.errors import UsageError
from merchantwatch.history.faults import in_words, newer, unusable
from merchantwatch.history.tables import SCHEMA, VERSION_TABLE

# How long SQLite waits for another writer before it gives up.
_BUSY_SECONDS = 5
_CONNECT_SECONDS = 10
_ONE_WRITER = 0x6D775F68
"""The advisory lock of PostgreSQL under which one run writes at a time."""

_MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class Store:
    """An open history. ``shown`` is its path or URL, without a password."""

    engine: Engine = field(repr=False)
    shown: str

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Begin a transaction that writes: it is committed as a whole, or rolled back.

        Raises HistoryError when the database reports an error.
        """
        with in_words(self.shown), self.engine.begin() as connection:
            # SQLite has one writer anyway; two of PostgreSQL could give two runs the same id.
            if connection.dialect.name == "postgresql":
                connection.execute(
                    sqlalchemy.text("select pg_advisory_xact_lock(:lock)"), {"lock": _ONE_WRITER}
                )
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Begin a transaction that only reads."""
        with in_words(self.shown), self.engine.connect() as connection:
            yield connection.execution_options(merchantwatch_reads=True)

    @contextmanager
    def rehearsing(self) -> Iterator[Connection]:
        """Begin a transaction that writes, and roll it back at its end, for a dry run."""
        with in_words(self.shown), self.engine.connect() as connection:
            _upgrade_from(connection, self.shown)
            yield connection
            connection.rollback()

    def compact(self) -> None:
        """Return unused space to the disk; a failure is harmless."""
        # PostgreSQL reuses space by its autovacuum; a file of SQLite never shrinks otherwise.
        if self.engine.dialect.name != "sqlite":
            return
        connection = self.engine.raw_connection()
        with suppress(sqlite3.Error):
            connection.cursor().execute("vacuum")
        connection.close()

    def close(self) -> None:
        """Release its connections."""
        self.engine.dispose()


@contextmanager
def opened(place: Path | str, *, dry_run: bool = False) -> Iterator[Store]:
    """Open the history at a path or URL; create it or upgrade its schema if necessary.

    For a ``dry_run`` nothing is created: only ``rehearsing`` may be used then. Raises UsageError
    for an invalid URL, and HistoryError for a history that cannot be opened, or has a newer schema.
    """
    url = _url(place)
    shown = str(place) if isinstance(place, Path) else url.render_as_string(hide_password=True)
    # In memory: a dry run leaves no file behind.
    if dry_run and isinstance(place, Path) and not place.exists():
        url = sqlalchemy.URL.create("sqlite")
    elif isinstance(place, Path):
        _make_folder(place)
    store = Store(_engine(url), shown)
    try:
        if not dry_run:
            _lead_to_newest(store)
        yield store
    finally:
        store.close()


def _url(place: Path | str) -> sqlalchemy.URL:
    """Return a path or URL as one of SQLAlchemy's. Raises UsageError for an invalid one."""
    if isinstance(place, Path):
        return sqlalchemy.URL.create("sqlite", database=str(place))
    try:
        url = sqlalchemy.make_url(place)
        url.get_dialect()
    except (SQLAlchemyError, ValueError, ImportError):
        # Their messages would show the password.
        url = None
    if url is None or url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise UsageError(
            "[history] url: write it as postgresql+psycopg://USER:PASSWORD@HOST/DATABASE, "
            "or give a path",
            "[history] url：请写成 postgresql+psycopg://用户:密码@主机/数据库，或改用 path",
        )
    return url


def check_url(place: Path | str) -> None:
    """Raise UsageError for an invalid place, or one that needs a package that is not installed."""
    _engine(_url(place)).dispose()


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise unusable(str(path), os.strerror(error.errno or 0)) from None


def _engine(url: sqlalchemy.URL) -> Engine:
    sqlite = url.get_backend_name() == "sqlite"
    waits = {"timeout": _BUSY_SECONDS} if sqlite else {"connect_timeout": _CONNECT_SECONDS}
    try:
        engine = sqlalchemy.create_engine(url, connect_args=waits, hide_parameters=True)
    except ImportError:
        raise UsageError(
            "[history] url: PostgreSQL needs another package; "
            "run: pip install 'merchantwatch[postgres]'",
            "[history] url：使用 PostgreSQL 需另装：pip install 'merchantwatch[postgres]'",
        ) from None
    if sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Set SQLite up to survive a loss of power, and to let readers read while a run writes."""
    # Otherwise the driver begins transactions itself, and only at the first change.
    connection.isolation_level = None
    for pragma in ("journal_mode = wal", "synchronous = full", "foreign_keys = on"):
        connection.execute(f"pragma {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer that began as a reader could fail half-way, when another writes meanwhile.
    reads = connection.get_execution_options().get("merchantwatch_reads")
    connection.exec_driver_sql("begin" if reads else "begin immediate")


def _lead_to_newest(store: Store) -> None:
    """Create the schema, or upgrade it to the newest, in one transaction."""
    with store.reading() as connection:
        if _schema(connection) == SCHEMA:
            return
    with store.writing() as connection:
        _upgrade_from(connection, store.shown)


def _upgrade_from(connection: Connection, shown: str) -> None:
    """Upgrade a schema to the newest. Raises HistoryError for one that is newer."""
    schema = _schema(connection)
    # Versions are numbered in text of equal length, so that they compare as numbers do.
    if schema is not None and schema > SCHEMA:
        raise newer(shown, schema, SCHEMA)
    if schema != SCHEMA:
        _upgrade(connection, shown)


def _schema(connection: Connection) -> str | None:
    if not sqlalchemy.inspect(connection).has_table(VERSION_TABLE):
        return None
    found = connection.execute(
        sqlalchemy.text(f"select max(version_num) from {VERSION_TABLE}")
    ).scalar()
    return None if found is None else str(found)


def _upgrade(connection: Connection, shown: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    # Alembic reads its settings with %-interpolation.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    # Its version is none of ours: the table belongs to another program.
    except CommandError as error:
        raise unusable(shown, f"malformed: {error}") from None
