"""One run at a time on a history: a file beside SQLite, an advisory lock in PostgreSQL.

The system releases both whatever ends a run, even a kill or a loss of power.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from merchantwatch.errors import MerchantwatchError

_TRY = "select pg_try_advisory_lock(1836544107, hashtext(coalesce(current_schema(), '')))"
"""The two keys of the lock: a number of merchantwatch, and the schema of the history."""

_HOLDER = """
select a.application_name from pg_locks l join pg_stat_activity a on a.pid = l.pid
where l.locktype = 'advisory' and l.granted and l.objsubid = 2
  and l.database = (select oid from pg_database where datname = current_database())
  and (l.classid::bigint, l.objid::bigint)
      = (1836544107, hashtext(coalesce(current_schema(), ''))::bigint & 4294967295)
"""
_LONGEST_NAME = 63
"""The most bytes of a client's name that PostgreSQL stores."""

_CONNECT_SECONDS = 10


class LockedError(MerchantwatchError):
    """Another run holds the lock of the history."""

    exit_code = 75


@contextmanager
def locked(place: Path | str) -> Iterator[None]:
    """Hold the lock of the history at a path or URL.

    Raises LockedError at once if another run holds it. If the folder or the database cannot be used
    at all, there is no lock and no error here: recording the run will raise it.
    """
    if isinstance(place, str) and not place.startswith("sqlite"):
        with _locked_in_database(place):
            yield
        return
    with _locked_file(_file(place)):
        yield


def _file(place: Path | str) -> Path:
    """Return the lock file of a SQLite history; links to the history have the same one."""
    if isinstance(place, str):
        from sqlalchemy import make_url

        place = Path(make_url(place).database or "")
    found = Path(os.path.realpath(place))
    return found.with_name(f"{found.name}.lock")


@contextmanager
def _locked_file(path: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    # A lock of the system, not the mere existence of a file: it ends with the process.
    lock = FileLock(path)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        # The note of the holder is advice only; the lock itself is the system's.
        raise _taken(_read(path)) from None
    # A missing lock must not stop the run; recording it will report what is wrong.
    except (OSError, NotImplementedError):
        yield
        return
    try:
        _note(path, _who())
        yield
    finally:
        _note(path, "")
        lock.release()


def _who() -> str:
    """Return the identity of this run: its process, start and machine."""
    since = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return f"{os.getpid()} {since} {socket.gethostname()}"


def _note(path: Path, who: str) -> None:
    # The note only makes the other run's message more helpful.
    with suppress(OSError):
        path.write_text(who, "utf-8")


def _read(path: Path) -> str:
    with suppress(OSError, ValueError):
        return path.read_text("utf-8")
    return ""


@contextmanager
def _locked_in_database(url: str) -> Iterator[None]:
    from sqlalchemy import text
    from sqlalchemy.exc import SQLAlchemyError

    connection = None
    try:
        connection = _connected(url)
        if not connection.execute(text(_TRY)).scalar():
            raise _taken(str(connection.execute(text(_HOLDER)).scalar() or ""))
    # No lock then: recording the run reports what is wrong with the database.
    except (SQLAlchemyError, ImportError, ValueError):
        if connection is not None:
            connection.close()
        connection = None
    except LockedError:
        _end(connection)
        raise
    try:
        yield
    finally:
        _end(connection)


def _connected(url: str) -> Any:
    """Connect for as long as the run lasts, in no transaction, under the name of the run."""
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    name = f"merchantwatch {_who()}".encode()[:_LONGEST_NAME].decode(errors="ignore")
    # Another run reads the holder's identity from this name in the server.
    waits = {"connect_timeout": _CONNECT_SECONDS, "application_name": name}
    # No pool: the lock belongs to this connection, and must end when it is closed.
    engine = create_engine(url, poolclass=NullPool, connect_args=waits, hide_parameters=True)
    return engine.execution_options(isolation_level="AUTOCOMMIT").connect()


def _end(connection: Any) -> None:
    if connection is not None:
        # The server releases the locks of a connection that is lost.
        with suppress(Exception):
            connection.close()


def _taken(holder: str) -> LockedError:
    words = holder.removeprefix("merchantwatch ").split(maxsplit=2)
    en = zh = ""
    if len(words) == 3:  # noqa: PLR2004
        number, since, machine = words
        en = f" (process {number} on {machine}, since {since})"
        zh = f"（{machine} 上的进程 {number}，自 {since}）"
    return LockedError(
        f"another run is at work on this history{en}; try again when it has ended",
        f"另一个运行正在使用该历史记录{zh}；请待其结束后再试",
    )
