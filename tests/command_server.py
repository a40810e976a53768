"""The command, each time in a process forked from a server that has loaded what it loads.

A test then waits neither for Python to start nor for libraries to load. What the processes of one server share
is what Python decides when it starts: the order of sets, encodings, options. A run in another environment of
Python's, or with other streams, is started by Python itself.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from forked import be_the_command

_MESSAGE_BYTES = 1 << 18


def decided_by_python(environment: Mapping[str, str]) -> dict[str, str]:
    """What Python itself heeds of an environment, when it starts."""
    names = ("PYTHON", "LC_", "LANG")
    return {name: value for name, value in environment.items() if name.startswith(names)}


class CommandServer:
    """Runs of the command line, one after the other, from one process."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        self._decided = decided_by_python(environment)
        self._socket = ours
        command = [sys.executable, "-W", "error", __file__, str(theirs.fileno())]
        self._process = subprocess.Popen(
            command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=environment
        )
        theirs.close()

    def starts_as(self, environment: Mapping[str, str]) -> bool:
        """Say whether a run in this environment would be as one that Python starts."""
        return decided_by_python(environment) == self._decided

    def run(
        self,
        arguments: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        onto: str | None = "",
    ) -> subprocess.CompletedProcess[str]:
        """Run the command in a folder.

        Its standard output is a file ``onto`` which it is written, or closed where that is None.
        """
        message = json.dumps([arguments, str(folder), dict(environment), onto is None]).encode()
        opened = open(onto, "wb") if onto else tempfile.TemporaryFile()  # noqa: PTH123, SIM115
        with opened as output, tempfile.TemporaryFile() as errors:
            socket.send_fds(self._socket, [message], [output.fileno(), errors.fileno()])
            answer = self._socket.recv(64)
            assert answer, "the server of commands has ended"
            stdout, stderr = "" if onto else _written(output), _written(errors)
        return subprocess.CompletedProcess(arguments, int(answer), stdout, stderr)

    def close(self) -> None:
        """End the server."""
        self._socket.close()
        self._process.wait()


def _written(file) -> str:
    file.seek(0)
    return file.read().decode("utf-8").replace("\r\n", "\n")


def _serve(requests: socket.socket) -> None:
    """Run the commands of all requests, one after the other, until no more come."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, _MESSAGE_BYTES, 2)
        if not message:
            return
        child = os.fork()
        if not child:
            _run(*json.loads(message), descriptors, requests)
        for descriptor in descriptors:
            os.close(descriptor)
        _, status = os.waitpid(child, 0)
        requests.send(str(os.waitstatus_to_exitcode(status)).encode())


def _run(
    arguments: list[str],
    folder: str,
    environment: dict[str, str],
    without_output: bool,
    descriptors: list[int],
    requests: socket.socket,
) -> None:
    """Become one run of the command line, in a child; never returns."""
    requests.close()
    for number, descriptor in enumerate(descriptors, start=1):
        os.dup2(descriptor, number)
        os.close(descriptor)
    if without_output:
        os.close(1)
    os.environ.clear()
    sys.path[0] = folder
    be_the_command(arguments, Path(folder), environment)


def _load() -> None:
    """Load what a scan loads: whatever else a command needs it has to load for itself."""
    from merchantwatch.support.process_setup import set_up_process

    set_up_process()  # so that libraries are loaded as they are by the command
    import duckdb  # noqa: F401
    import pyarrow.compute
    import pyarrow.parquet  # noqa: F401

    import merchantwatch.cli
    import merchantwatch.commands.scan  # noqa: F401
    from merchantwatch.rules import built_in

    built_in()
    os.environ.clear()


if __name__ == "__main__":
    _load()
    with socket.socket(fileno=int(sys.argv[1])) as requests:
        _serve(requests)
