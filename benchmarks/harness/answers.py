"""Answers in one shape, and where two of them differ.

``python answers.py FILE`` prints the shape of a report of merchantwatch, or of what a job by hand
printed. It is a program of its own since a report is large, and run.py has to stay small.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

ACCOUNTING = ("rows_read", "lines", "quarantined", "superseded", "later")

Counts: TypeAlias = dict[str, int]
Answer: TypeAlias = dict[str, Counts]
"""Of each rule its ``hits``, and ``breached`` and ``near`` or only the sum, ``findings``; under
``accounting`` where the rows went, under ``totals`` what all rules of a report found."""


def shaped(answer: dict[str, Any]) -> Answer:
    """Bring a report, or what a job by hand printed, into one shape."""
    rules = answer["rules"]
    shape: Answer = {}
    if isinstance(rules, list):
        shape = {rule["code"]: _counts(rule, answer["findings"]) for rule in rules}
        shape["totals"] = _totals(rules)
    else:
        shape = dict(rules)
    if answer["accounting"]:
        shape["accounting"] = {name: answer["accounting"][name] for name in ACCOUNTING}
    return shape


def _counts(rule: dict[str, Any], findings: Sequence[dict[str, Any]]) -> Counts:
    """Count a rule's findings by state; nothing where it was not evaluated.

    A report lists only the worst of very many, breached ones first: as long as one that is near is
    among them, the others are near too. Without one, only the sum is known.
    """
    if rule["status"] != "evaluated":
        return {}
    states = [finding["state"] for finding in findings if finding["code"] == rule["code"]]
    breached = states.count("breached")
    if breached == len(states) < rule["findings"]:
        return {"hits": rule["hits"], "findings": rule["findings"]}
    return {"hits": rule["hits"], "breached": breached, "near": rule["findings"] - breached}


def _totals(rules: Sequence[dict[str, Any]]) -> Counts:
    evaluated = [rule for rule in rules if rule["status"] == "evaluated"]
    return {
        "rules": len(evaluated),
        "hits": sum(rule["hits"] for rule in evaluated),
        "findings": sum(rule["findings"] for rule in evaluated),
    }


def differences(
    expected: Answer, given: Answer, parts: Sequence[str], *, within: int = 0
) -> list[str]:
    """Say in which numbers of these parts an answer is another than the expected one.

    Numbers may differ by as many rows as ``within``.
    """
    found = []
    for part in parts:
        numbers, known = _alike(expected.get(part, {}), given.get(part, {}))
        if not numbers or not known:
            found.append(f"{part}: not in both answers")
        found += [
            f"{part} {name}: {number} and {known.get(name)}"
            for name, number in numbers.items()
            if name not in known or abs(known[name] - number) > within
        ]
    return found


def _alike(one: Counts, other: Counts) -> tuple[Counts, Counts]:
    """Sum the findings of both, where one of them knows no more than their sum."""
    if "findings" in one or "findings" in other:
        return _summed(one), _summed(other)
    return one, other


def _summed(counts: Counts) -> Counts:
    if "breached" not in counts:
        return counts
    return {"hits": counts["hits"], "findings": counts["breached"] + counts["near"]}


def main() -> None:
    """Read the command line, print the shape of an answer."""
    answer = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print(json.dumps(shaped(answer)))


if __name__ == "__main__":
    main()
