"""Runs of the command forked from a process that has loaded it, for tests that make thousands."""

import importlib
import io
import os
import pkgutil
import runpy
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import merchantwatch

_SELDOM = (".__main__", ".spark", ".migrations")
"""Parts of modules' names that are not loaded beforehand: they act when loaded, or few runs need them."""


def load() -> None:
    """Load what runs load, so that a forked process has it."""
    for module in pkgutil.walk_packages(merchantwatch.__path__, "merchantwatch."):
        if not any(part in module.name for part in _SELDOM):
            importlib.import_module(module.name)
    for name in ("duckdb", "pandas", "python_calamine", "sqlglot", "jinja2.ext", "pygal"):
        importlib.import_module(name)
    from merchantwatch.rules import built_in

    built_in()


def at_home(folder: Path, environment: dict[str, str]) -> None:
    """Be, in a child, as if a shell had started it: in a folder, with streams and signals anew."""
    os.chdir(folder)
    os.environ |= environment
    tempfile.tempdir = None
    sys.stdout, sys.stderr = _stream(1), _stream(2)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def _stream(descriptor: int) -> io.TextIOWrapper | None:
    """Return what Python makes of a standard stream: nothing of one that is closed."""
    try:
        file = io.FileIO(descriptor, "w", closefd=False)
    except OSError:
        return None
    return io.TextIOWrapper(file, "utf-8", "backslashreplace", line_buffering=True)


class Forked:
    """``python -m merchantwatch`` in a forked process, to the extent of a Popen that tests need."""

    def __init__(self, arguments: list[str], cwd: Path, env: dict[str, str]) -> None:
        reader, writer = os.pipe()
        self.returncode: int | None = None
        self.pid = os.fork()
        if not self.pid:
            os.dup2(writer, 2)
            os.closerange(3, max(reader, writer) + 1)
            be_the_command(arguments, cwd, env)
        os.close(writer)
        self._stderr = reader

    def poll(self) -> int | None:
        """Return how the run ended, once it has."""
        if self.returncode is None:
            self._note(*os.waitpid(self.pid, os.WNOHANG))
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the run has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def communicate(self) -> tuple[None, bytes]:
        """Wait for the end, and return what was written to standard error."""
        with open(self._stderr, "rb") as pipe:  # noqa: PTH123  a descriptor
            stderr = pipe.read()
        if self.returncode is None:
            self._note(*os.waitpid(self.pid, 0))
        return None, stderr

    def _note(self, pid: int, status: int) -> None:
        if pid:
            self.returncode = os.waitstatus_to_exitcode(status)


def be_the_command(arguments: list[str], cwd: Path, env: dict[str, str]) -> None:
    """Become one run of the command line; never returns."""
    code = 1
    try:
        at_home(cwd, env)
        sys.argv = ["merchantwatch", *arguments]
        runpy.run_module("merchantwatch", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001  it is what is looked for
        sys.excepthook(*sys.exc_info())
    with suppress(BaseException):
        sys.stderr.flush()
    os._exit(code)
