"""A PostgreSQL server of the tests' own: in a folder that goes with it, on a socket alone."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BIN = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]


def _unprivileged(command: list[str]) -> list[str]:
    """Give a command to a user whom PostgreSQL accepts: root it does not."""
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command] if os.geteuid() == 0 else command  # fmt: skip


@contextmanager
def server() -> Iterator[str]:
    """Run a server, and give the URL of its database."""
    folder = Path(tempfile.mkdtemp(prefix="mw-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody", "nogroup")
    data = folder / "data"
    quiet = {"capture_output": True, "cwd": folder}
    control = [str(BIN[0] / "pg_ctl"), "-D", str(data), "-w"]
    try:
        subprocess.run(_unprivileged([str(BIN[0] / "initdb"), "-D", str(data), "-U", "mw", "-A", "trust", "-E", "UTF8", "--no-sync"]), check=True, **quiet)  # fmt: skip
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        subprocess.run(_unprivileged([*control, "-o", options, "-l", str(folder / "log"), "start"]), check=True, **quiet)  # fmt: skip
        try:
            yield f"postgresql+psycopg://mw@/postgres?host={folder}"
        finally:
            subprocess.run(
                _unprivileged([*control, "-m", "immediate", "stop"]), check=True, **quiet
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
