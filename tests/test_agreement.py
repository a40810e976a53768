"""The program and the oracle on the same made-up merchants: they must say the same.

The same ones are drawn every time; MERCHANTWATCH_HYPOTHESIS=thorough draws many others.
"""

from __future__ import annotations

import os
import tomllib
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from exports import World, shuffled, split, worlds, write_world
from hypothesis import HealthCheck, given, settings, strategies as st
from oracle import RISK, RULES, SIGNALS, Finding, Verdict, judge

import merchantwatch as mw
from merchantwatch.rules import built_in

QUIET = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large)
COMMON = settings(deadline=None, suppress_health_check=QUIET, print_blob=True)
settings.register_profile("default", COMMON, max_examples=60, derandomize=True)
settings.register_profile("thorough", COMMON, max_examples=2000)
settings.load_profile(os.environ.get("MERCHANTWATCH_HYPOTHESIS", "default"))

KNOWN = {*RULES, *SIGNALS}
UNHEARD = [bound.code for bound in built_in().signals if bound.code not in SIGNALS]
"""Signals that the oracle has no word on; they would add to the risk."""

Said = dict[str, Any]


@pytest.fixture(scope="module")
def risks() -> dict[str, tuple[str | None, float]]:
    """Numbers of the pack, not of the clauses: the oracle has no opinion on them."""
    pack = Path(mw.__file__).parent / "rules" / "signals.toml"
    rules = tomllib.loads(pack.read_text(encoding="utf-8"))["rule"]
    return {rule["code"]: (rule.get("group"), rule["risk"]) for rule in rules if "risk" in rule}


# ------------------------------------------------------------- both verdicts in the same words


def scan(world: World) -> Any:
    """What the program says of a world."""
    with TemporaryDirectory() as folder:
        paths = [str(path) for path in write_world(world, Path(folder))]
        return mw.scan(paths, as_of=str(world.as_of), ignore=UNHEARD)


def program_says(world: World) -> Said:
    """The report, reduced to what the oracle knows about."""
    report = scan(world)
    said = report.to_dict()
    hits = report.hits()[["code", "line_id", "state"]].itertuples(index=False)
    return {
        "accounting": said["accounting"],
        "rules": {rule["code"]: told(rule) for rule in said["rules"] if rule["code"] in KNOWN},
        "findings": {
            (found["code"], found["shop"] or "", found["key"]): reported(found)
            for found in said["findings"]
            if found["code"] in KNOWN | {RISK}
        },
        "hits": {(code, line): state for code, line, state in hits if code in KNOWN},
    }


def told(rule: Said) -> Said:
    """The counts of a rule that was evaluated; of another one only that it was not."""
    if rule["status"] != "evaluated":
        return {"status": rule["status"]}
    return {key: rule[key] for key in ("status", "hits", "unjudged", "uncounted", "findings")}


def reported(found: Said) -> Said:
    keys = ("state", "count", "due_at", "next_due_at", "amount_at_stake")
    return {
        **{key: found[key] for key in keys},
        "lines": tuple(found["lines"]),
        "risk": found.get("risk"),
        "penalty": found["penalty"],
    }


def oracle_says(verdict: Verdict) -> Said:
    """The oracle's verdict in the words of the report."""
    return {
        "accounting": vars(verdict.accounting),
        "rules": {code: told(counts(verdict, code)) for code in verdict.rules},
        "findings": {key: expected(finding) for key, finding in verdict.findings.items()},
        "hits": verdict.hits,
    }


def counts(verdict: Verdict, code: str) -> Said:
    findings = sum(rule == code for rule, _, _ in verdict.findings)
    return {**vars(verdict.rules[code]), "findings": findings}


def expected(finding: Finding) -> Said:
    amount = finding.amount_at_stake
    return {
        "state": finding.state,
        "count": finding.count,
        "due_at": finding.due_at and finding.due_at.isoformat(),
        "next_due_at": finding.next_due_at and finding.next_due_at.isoformat(),
        "amount_at_stake": None if amount is None else str(amount.quantize(Decimal("0.01"))),
        "lines": finding.lines,
        "penalty": None if finding.penalty is None else f"{finding.penalty:.2f}",
        "risk": finding.risk,
    }


# ---------------------------------------------------------------------------------- properties


@given(world=worlds())
def test_program_and_oracle_agree(world: World, risks: dict[str, tuple[str | None, float]]) -> None:
    verdict = judge(world.exports, world.parcels, world.as_of, risks, world.cases)
    said, wanted = program_says(world), oracle_says(verdict)
    for part, value in wanted.items():
        assert said[part] == value, part


@given(world=worlds(repeats=False), seed=st.integers(0, 255))
def test_order_of_rows_and_number_of_files_do_not_matter(world: World, seed: int) -> None:
    said = scan(world).to_dict()
    for other in (shuffled(world, seed), split(world, seed)):
        again = scan(other).to_dict()
        for part in ("accounting", "rules", "findings"):
            assert again[part] == said[part], part
