"""The recipes of CONTRIBUTING.md, each performed in a copy of the project exactly as it is printed."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

PARTS = ["merchantwatch", "tests", "docs", "sample_data", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "pyproject.toml"]  # fmt: skip
RECIPES = dict(
    re.findall(
        r"^### (.+?)\n(.+?)(?=^##|\Z)",
        (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("\n## Recipes\n")[1],
        re.DOTALL | re.MULTILINE,
    )
)
STEP = re.compile(
    r"(?:(?P<how>Append to|Write|Before `(?P<line>[^`]+)` in)\s+`(?P<path>[^`]+)`:\n\n)?"
    r"```(?P<kind>\w+)\n(?P<text>.*?)```\n",
    re.DOTALL,
)


@pytest.fixture
def copy(tmp_path):
    """A copy of the project; what Python compiled of it comes along."""
    for name in PARTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name)
        else:
            shutil.copy2(ROOT / name, tmp_path / name)
    return tmp_path


def follow(recipe: str, folder: Path) -> None:
    """Do what a recipe says: write its files, and run its commands."""
    for step in STEP.finditer(recipe):
        if step["kind"] == "sh":
            run(step["text"], folder)
            continue
        assert step["how"], f"where does this go?\n{step['text']}"
        path = folder / step["path"]
        if step["how"] == "Write":
            assert not path.exists(), path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step["text"], "utf-8")
        elif step["how"] == "Append to":
            path.write_text(path.read_text("utf-8") + step["text"], "utf-8")
        else:
            head, mark, tail = path.read_text("utf-8").partition(f"    {step['line']}")
            assert mark, f"{path.name} has no line like {step['line']}"
            path.write_text(head + step["text"] + mark + tail, "utf-8")


def run(commands: str, folder: Path) -> None:
    """Run commands in a copy, by this Python and with the package of the copy."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, commands + done.stdout + done.stderr


def test_there_is_a_recipe_for_what_the_project_grows_by():
    assert list(RECIPES) == ["A rule", "A format", "An output format", "An option"]
    for recipe in RECIPES.values():
        kinds = [step["kind"] for step in STEP.finditer(recipe)]
        assert len(kinds) == recipe.count("```") // 2
        assert kinds.count("sh") == 1, "what is generated, and how it is tried"


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_does_what_it_says(name, copy):
    follow(RECIPES[name], copy)
