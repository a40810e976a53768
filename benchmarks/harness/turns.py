"""Contenders take turns on the same files: A B C A B C …, and their answers are compared."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from harness.answers import Answer, differences
from harness.measuring import Run, measure
from harness.plan import Contender

ANSWERS = Path(__file__).with_name("answers.py")

Contenders: TypeAlias = Mapping[str, Contender]
Say: TypeAlias = Callable[[str], None]


class AnswersDifferError(Exception):
    """Contenders do not agree; its message says in which numbers."""


def take_turns(
    contenders: Contenders, files: Sequence[Path], rounds: int, out: Path, say: Say
) -> tuple[dict[str, list[Run]], dict[str, Answer]]:
    """Let each contender run once a round; return what its runs took, and its answer.

    The first contender's answer is the expected one. Raises AnswersDifferError, or
    RunFailedError when a contender ends badly.
    """
    runs: dict[str, list[Run]] = {name: [] for name in contenders}
    answers: dict[str, Answer] = {}
    for turn in range(1, rounds + 1):
        for name, contender in contenders.items():
            say(f"  round {turn} of {rounds}: {contender.title}")
            runs[name].append(measure(contender.argv(files, out), out / "printed.json"))
            if contender.rules:
                answers[name] = _answer(contender, out)
                _compare(contenders, answers, name)
    return runs, answers


def check_clean(contenders: Contenders, files: Sequence[Path], out: Path, say: Say) -> None:
    """Let each run once on files without anything to set aside, where all agree in every number.

    There even those without duties have the same answer. Raises as ``take_turns`` does.
    """
    answers: dict[str, Answer] = {}
    for name, contender in contenders.items():
        if contender.rules:
            say(f"  check on clean data: {contender.title}")
            measure(contender.argv(files, out), out / "printed.json")
            answers[name] = _answer(contender, out)
            _compare(contenders, answers, name)


def _answer(contender: Contender, out: Path) -> Answer:
    """Return the answer of the last run."""
    path = contender.answered(out / "printed.json", out)
    done = subprocess.run([sys.executable, ANSWERS, path], capture_output=True, check=True)
    answer: Answer = json.loads(done.stdout)
    return answer


def _compare(contenders: Contenders, answers: Mapping[str, Answer], name: str) -> None:
    """Hold an answer against the first one.

    A contender without duties judges rows that the others set aside: each of them may change a
    number by one.
    """
    first = next(iter(contenders))
    expected, contender = answers[first], contenders[name]
    aside = expected["accounting"]
    within = 0 if contender.duties else aside["quarantined"] + aside["superseded"]
    parts = [code for code in contenders[first].rules if code in contender.rules]
    parts += ["accounting"] if contender.duties else []
    if wrong := differences(expected, answers[name], parts, within=within):
        titles = f"{contenders[first].title} and {contender.title}"
        raise AnswersDifferError("\n".join(f"{titles} differ in {what}" for what in wrong))
