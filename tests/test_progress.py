"""Progress of a long scan: on a terminal alone, on standard error alone."""

import os
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest
from conftest import AS_OF, LATE, douyin, write_csv

from merchantwatch.commands.progress import Bar

COMMAND = [sys.executable, "-m", "merchantwatch", "scan"]


@pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")
def test_a_terminal_sees_bytes_and_rows(tmp_path):
    import pty

    path = write_csv(tmp_path / "orders.csv", douyin(*[LATE] * 300))
    ours, theirs = pty.openpty()
    args = [*COMMAND, str(path), "--as-of", AS_OF, "--select", "DY100", "-o", "json:r.json"]
    with subprocess.Popen(args, stdout=subprocess.PIPE, stderr=theirs, cwd=tmp_path) as process:
        os.close(theirs)
        found = b""
        try:
            while block := os.read(ours, 1 << 16):
                found += block
        except OSError:  # the other end is closed
            pass
        stdout = process.stdout.read()
    os.close(ours)
    assert process.returncode == 0
    assert stdout == b""
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", found.decode())
    assert re.search(r"300 rows", shown)
    assert "/" in shown


def test_rows_that_are_judged_again_are_counted_from_the_first(tmp_path):
    path = write_csv(tmp_path / "orders.csv", douyin(*[LATE] * 3))
    export, bar = SimpleNamespace(label=str(path), source=None), Bar()
    for _ in range(2):
        bar.begin([export])
        shown = bar._progress.tasks[0]
        assert (shown.completed, shown.fields["rows"]) == (0, 0)
        bar.of(export)(2)
        assert 0 < shown.completed < shown.total == path.stat().st_size
        assert shown.fields["rows"] == 2


def test_a_file_sees_nothing(run, tmp_path):
    path = write_csv(tmp_path / "orders.csv", douyin(LATE))
    done = run("scan", path, "--as-of", AS_OF, "--select", "DY100", "-o", "json")
    assert done.stderr == ""
