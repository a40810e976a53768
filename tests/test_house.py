"""The house itself: lazy imports, floors, documents that stay true."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import LATE, ROOT

import merchantwatch
from merchantwatch.cli import main
from merchantwatch.rules import built_in

PACKAGE = Path(merchantwatch.__file__).parent

HEAVY = {"pandas", "pyarrow", "duckdb", "sqlglot", "jinja2", "rich", "msgspec", "numpy"}


def _loaded(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*sorted(m.split('.')[0] for m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_help_loads_nothing_heavy():
    script = "from merchantwatch.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass"
    assert not _loaded(script) & HEAVY


def test_import_loads_nothing_heavy():
    assert not _loaded("import merchantwatch") & HEAVY


def test_a_scan_without_history_loads_nothing_of_it(export, tmp_path):
    argv = ["scan", str(export(LATE)), "-q", "-o", f"json:{tmp_path / 'r.json'}"]
    script = f"from merchantwatch.cli import main\ntry: main({argv!r})\nexcept SystemExit: pass"
    assert not _loaded(script) & {"sqlalchemy", "alembic", "apprise", "prometheus_client", "pygal"}


def test_a_scan_loads_no_pandas(export):
    odd = export(LATE, {**LATE, "支付完成时间": "2026/11/1 8:00"}, {**LATE, "支付完成时间": "?"})
    for path in (ROOT / "sample_data" / "orders.csv", odd):
        script = f"import merchantwatch as mw\nmw.scan({str(path)!r}, as_of='2026-11-21').to_dict()"
        assert "pandas" not in _loaded(script)


@pytest.mark.parametrize(
    "command",
    [["lint-imports"], ["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]],
    ids=" ".join,
)
def test_linters_and_types_are_clean(command):
    tool = Path(sys.executable).with_name(command[0])
    if not tool.exists():
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(
        [tool, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_readme_names_every_command_and_every_kind_of_rule():
    from merchantwatch.cli import cli

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"merchantwatch {name}" in readme for name in cli.commands)
    kinds = {bound.code[:3] for bound in built_in().rules if not bound.rule.is_signal}
    assert [kind for kind in sorted(kinds) if f"| {kind}" not in readme] == []


def test_the_readme_names_every_option_of_scan():
    from merchantwatch.cli import cli

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    options = [
        max(option.opts, key=len)
        for option in cli.commands["scan"].params
        if option.opts[0].startswith("-")
    ]
    assert [option for option in options if option not in readme] == []


def test_the_version_stands_in_one_place():
    found = re.search(
        r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE
    )
    assert found
    assert found[1] == merchantwatch.__version__
    assert f"## {found[1]}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


PAGES = ["README.md", "CONTRIBUTING.md", *(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md"))]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files_that_are_there(page):
    """Without these a newcomer's first ten minutes (CONTRIBUTING) end at the first click."""
    text = (ROOT / page).read_text("utf-8")
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text)
    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []


def test_from_the_counts_of_a_run_to_its_report_it_is_not_far(export, tmp_path):
    """Climbs: how often the tally, or what was made of it, is returned by one function to the next.

    The last of them is the one that hands it to the report. ``docs/design.md`` says the number.
    """
    ways = {}

    def note(frame, event, _):
        for name, file, when in (("tally_lines", "accounting.py", "return"), ("render", "json.py", "call")):  # fmt: skip
            code = frame.f_code
            if (code.co_name, event) == (name, when) and code.co_filename.endswith(file):
                ways.setdefault(name, _callers(frame))

    sys.setprofile(note)
    try:
        main(["scan", str(export(LATE)), "-q", "--select", "DY100", "-o", f"json:{tmp_path / 'r'}"])
    except SystemExit as ended:
        assert ended.code == 0
    finally:
        sys.setprofile(None)
    up, down = ways["tally_lines"], ways["render"]
    common = next(n for n, (one, other) in enumerate(zip(up, down, strict=False)) if one != other)
    climbs = len(up) - common
    assert climbs <= 5, up[common:]
    design = (ROOT / "docs" / "design.md").read_text("utf-8")
    assert f"climbs {climbs} times" in design, up[common - 1 :]


def _callers(frame):
    """The functions of the package that are at work, the outermost first."""
    found = []
    while frame:
        code = frame.f_code
        if PACKAGE in Path(code.co_filename).parents:
            found.append((Path(code.co_filename).name, code.co_name))
        frame = frame.f_back
    return [(file, name) for file, name in reversed(found) if not name.startswith("<")]


def test_no_function_outgrows_a_screen():
    import ast

    long = []
    for path in (ROOT / "merchantwatch").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                size = (node.end_lineno or 0) - node.lineno
                if size > 60:
                    long.append(f"{path.name}:{node.lineno} {node.name} ({size} lines)")
    assert long == []


def test_no_module_outgrows_its_room():
    modules = (ROOT / "merchantwatch").rglob("*.py")
    sizes = {str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules}
    assert {name: size for name, size in sizes.items() if size > 300} == {}
