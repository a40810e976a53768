"""The house itself: lazy imports, floors, documents that stay true."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import LATE, ROOT

from merchantwatch.rules import built_in

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
    import merchantwatch

    found = re.search(
        r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE
    )
    assert found
    assert found[1] == merchantwatch.__version__
    assert f"## {found[1]}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


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
