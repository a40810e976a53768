"""Where reports go: never over what is read or each other, and with the modes of what they replace."""

import os
import stat

import pytest
from conftest import AS_OF, LATE

import merchantwatch as mw

pytestmark = pytest.mark.looks_at("DY100", "DY101")

AT = ("--as-of", AS_OF, "-q")
PACK = '[pack]\nplatform = "any"\nreviewed = 2026-11-22\n'


@pytest.fixture
def ground(export, tmp_path):
    """An export, a pack, settings and exemptions, and further names of the export."""
    path = export(LATE, name="orders.csv")
    (tmp_path / "link.csv").symlink_to(path)
    (tmp_path / "hard.csv").hardlink_to(path)
    (tmp_path / "own.toml").write_text(PACK)
    (tmp_path / "merchantwatch.toml").write_text('shop = "s"\n')
    (tmp_path / "exempt.csv").write_text("line_id,reason\n")
    (tmp_path / "sub").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("outputs", "refused"),
    [
        (["csv:orders.csv"], "orders.csv is an input"),
        (["csv:./sub/../orders.csv"], "sub/../orders.csv is an input"),
        (["csv:link.csv"], "link.csv is an input"),
        (["csv:hard.csv"], "hard.csv is an input"),
        (["csv:ORDERS.csv"], "ORDERS.csv is an input"),
        (["text:own.toml"], "own.toml is a pack"),
        (["json:merchantwatch.toml"], "merchantwatch.toml is the settings file"),
        (["json:exempt.csv"], "exempt.csv is the exemptions file"),
        (["csv:new.csv", "json:sub/../new.csv"], "sub/../new.csv is the path of another output"),
        (["csv:new.csv", "json:New.csv"], "New.csv is the path of another output"),
    ],
)
def test_a_place_that_is_taken(run, ground, outputs, refused):
    before = {path: path.read_bytes() for path in ground.iterdir() if path.is_file()}
    flags = [part for output in outputs for part in ("-o", output)]
    done = run(
        "scan", "orders.csv", "--pack", "own.toml", "--exemptions", "exempt.csv", *AT, *flags
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"merchantwatch: {refused}; give the report another path\n"
    assert {path: path.read_bytes() for path in ground.iterdir() if path.is_file()} == before


@pytest.mark.parametrize(
    ("settings", "refused"),
    [
        ('[heartbeat]\npath = "orders.csv"', "orders.csv is an input; give the file of the heartbeat"),
        ('[heartbeat]\npath = "link.csv"', "link.csv is an input; give the file of the heartbeat"),
        ('[heartbeat]\npath = "own.toml"', "own.toml is a pack; give the file of the heartbeat"),
        ('[heartbeat]\npath = "merchantwatch.toml"', "merchantwatch.toml is the settings file; give the file of the heartbeat"),
        ('[heartbeat]\npath = "h.db"\n[history]\npath = "h.db"', "h.db is the history; give the file of the heartbeat"),
        ('[history]\npath = "hard.csv"', "hard.csv is an input; give the history"),
        ('[history]\npath = "empty.csv"', "empty.csv is an input; give the history"),
        ('[history]\nurl = "sqlite:///empty.csv"', "empty.csv is an input; give the history"),
        ('[history]\nurl = "env:MW_HISTORY"', "exempt.csv is the exemptions file; give the history"),
    ],
)  # fmt: skip
def test_what_a_run_leaves_beside_its_reports_takes_no_place(run, ground, monkeypatch, settings, refused):  # fmt: skip
    monkeypatch.setenv("MW_HISTORY", "sqlite:///exempt.csv?timeout=1")
    (ground / "empty.csv").touch()
    (ground / "merchantwatch.toml").write_text(settings)
    before = {path: path.read_bytes() for path in ground.iterdir() if path.is_file()}
    inputs = ("orders.csv", "empty.csv", "--pack", "own.toml", "--exemptions", "exempt.csv")
    done = run("scan", *inputs, *AT, "-o", "json:r.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(f"{refused} another path\n")
    assert {path: path.read_bytes() for path in ground.iterdir() if path.is_file()} == before


@pytest.mark.parametrize(
    "args",
    [
        ("check", "orders.csv", "-o", "json:orders.csv"),
        ("init", "orders.csv", "--force", "-o", "link.csv"),
    ],
)
def test_other_commands_too(run, ground, args):
    before = (ground / "orders.csv").read_bytes()
    assert run(*args).returncode == 2
    assert (ground / "orders.csv").read_bytes() == before


def test_python_too(scan, ground):
    with pytest.raises(mw.UsageError, match=r"link\.csv is an input"):
        scan("orders.csv").write("link.csv")


def test_a_device_has_room_for_several(run, ground):
    assert (
        run("scan", "orders.csv", *AT, "-o", "csv:/dev/null", "-o", "json:/dev/null").returncode
        == 0
    )


def test_our_earlier_reports_in_a_folder_of_exports_are_overwritten(run, export, tmp_path):
    (tmp_path / "in").mkdir()
    export(LATE, name="in/orders.csv")
    outputs = [
        f"{fmt}:in/r.{end}"
        for fmt, end in (
            ("csv", "csv"),
            ("parquet", "parquet"),
            ("text", "txt"),
            ("html", "html"),
            ("json", "json"),
            ("quarantine", "bad.csv"),
        )
    ]
    outputs[-1] = "quarantine:in/bad.csv"
    flags = [part for output in outputs for part in ("-o", output)]
    for inputs in ("in", "in", "in/*"):
        done = run("scan", inputs, *AT, *flags)
        assert (done.returncode, done.stderr) == (0, "")
    done = run("scan", "in", *AT, "-o", "csv:in/orders.csv")
    assert (done.returncode, "is an input" in done.stderr) == (2, True)


@pytest.mark.parametrize("mode", [0o600, 0o664, 0o640])
def test_a_file_that_is_replaced_keeps_its_mode_and_its_link(run, export, tmp_path, mode):
    export(LATE)
    report = tmp_path / "there.json"
    report.write_text("{}")
    report.chmod(mode)
    link = tmp_path / "r.json"
    link.symlink_to(report)
    assert run("scan", "orders.csv", *AT, "-o", "json:r.json").returncode == 0
    assert link.is_symlink()
    assert stat.S_IMODE(report.stat().st_mode) == mode
    assert len(report.read_text()) > 2


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_takes_nothing(run, export, tmp_path):
    export(LATE)
    (tmp_path / "shut").mkdir(mode=0o500)
    done = run("scan", "orders.csv", *AT, "-o", "csv:shut/r.csv", "-o", "json:r.json")
    assert (done.returncode, done.stderr.count("\n")) == (4, 1)
    assert (tmp_path / "r.json").exists()


@pytest.mark.parametrize("fmt", ["text", "json", "html", "csv", "parquet", "quarantine"])
def test_a_disk_that_is_full(run, export, tmp_path, fmt):
    export(LATE)
    done = run("scan", "orders.csv", *AT, "-o", f"{fmt}:/dev/full", "-o", "json:r.json")
    assert (done.returncode, done.stderr.count("\n")) == (4, 1)
    assert "/dev/full: it cannot be written (No space left on device)" in done.stderr
    assert (tmp_path / "r.json").exists()
