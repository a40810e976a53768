"""The program's report and the oracle's verdict on one world, in the same words."""

import tomllib
from collections import Counter
from collections.abc import Set as AbstractSet
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from oracle import RISK, RULES, SIGNALS, Finding, Verdict, judge
from worlds import World, write_exemptions, write_ignored, write_world

import merchantwatch as mw
from merchantwatch.rules import built_in

LISTED = 10_000
"""How many findings of a rule, and how many suppressed ones, a report lists, the worst; it counts all."""
TOTALS = ("breached", "near", "amount_at_stake", "penalty")
KNOWN = frozenset({*RULES, *SIGNALS})

Outcome = dict[str, Any]


@cache
def risks() -> dict[str, tuple[str | None, list[tuple[timedelta, float]]]]:
    """Numbers of the pack, not of the clauses: the oracle has no opinion on them."""
    pack = Path(mw.__file__).parent / "rules" / "signals.toml"
    rules = tomllib.loads(pack.read_text(encoding="utf-8"))["rule"]
    return {
        rule["code"]: (rule.get("group"), grades(rule["risk"])) for rule in rules if "risk" in rule
    }


def grades(risk: float | list[list[Any]]) -> list[tuple[timedelta, float]]:
    """The risk of a signal from a number of hours after the deadline on."""
    steps = risk if isinstance(risk, list) else [["0 hours", risk]]
    return [(timedelta(hours=int(span.split()[0])), share) for span, share in steps]


def scan(world: World, engine: str = "duckdb", codes: AbstractSet[str] = KNOWN) -> mw.Report:
    """What the program says of a world by some rules."""
    with TemporaryDirectory() as folder:
        paths = [str(path) for path in write_world(world, Path(folder))]
        exemptions = write_exemptions(world, Path(folder))
        ignored = write_ignored(world, Path(folder))
        others = [bound.code for bound in built_in().rules if bound.code not in codes]
        return mw.scan(
            paths,
            as_of=str(world.as_of),
            map=world.mapping,
            platform=world.platform,
            # To select the risk is to select all signals.
            select=[*sorted(codes), RISK] if world.selected else [],
            ignore=[code for code in others if code in SIGNALS or not world.selected],
            shop=world.shop or None,
            engine=engine,
            exemptions=exemptions and str(exemptions),
            ignore_file=ignored and str(ignored),
        )


def program_says(world: World, engine: str = "duckdb", codes: AbstractSet[str] = KNOWN) -> Outcome:
    """The report, reduced to what the oracle knows about."""
    with scan(world, engine, codes) as report:
        result = report.to_dict()
        hits = report.hits()[["code", "line_id", "state"]].itertuples(index=False)
        return {
            "accounting": result["accounting"],
            "totals": {name: result["totals"][name] for name in TOTALS}
            | {"suppressed": result["suppressed"]["totals"]["findings"]},
            "rules": {
                rule["code"]: compared(rule) for rule in result["rules"] if rule["code"] in codes
            },
            "findings": {
                (found["code"], found["shop"] or "", found["key"]): reported(found)
                for found in result["findings"]
                if found["code"] in codes | {RISK}
            },
            "hits": {(code, line): state for code, line, state in hits if code in codes},
            "ignored": {
                (found["code"], found["shop"] or "", found["key"]): found["suppressed_by"]
                for found in result["suppressed"]["findings"]
            },
            "entries": {
                number: (one["state"], one["findings"])
                for number, one in enumerate(result["suppressions"], 1)
            },
        }


def compared(rule: Outcome) -> Outcome:
    """The counts of a rule that was evaluated; of another one only that it was not."""
    if rule["status"] != "evaluated":
        return {"status": rule["status"]}
    return {key: rule[key] for key in ("status", "hits", "unjudged", "uncounted", "findings")}


def reported(found: Outcome) -> Outcome:
    """A finding of the report: all that the oracle knows of one."""
    keys = ("state", "count", "due_at", "next_due_at", "amount_at_stake", "penalty")
    return {
        **{key: found[key] for key in keys},
        "lines": tuple(found["lines"]),
        "risk": found.get("risk"),
        "forecast": found.get("forecast"),
    }


def oracle_says(world: World, codes: AbstractSet[str] = KNOWN) -> Outcome:
    """The oracle's verdict by some rules in the words of the report."""
    verdict = judge(
        world.exports,
        world.parcels,
        world.as_of,
        risks(),
        world.cases,
        platform=world.platform,
        mapped=world.mapped,
        exemptions=world.exemptions,
        codes=codes,
        ignored=world.ignored,
        by_name=world.selected,
        shop=world.shop,
    )
    return {
        "accounting": vars(verdict.accounting),
        "totals": totals(verdict),
        "rules": {code: compared(counts(verdict, code)) for code in verdict.rules},
        "findings": {key: expected(finding) for key, finding in verdict.findings.items()},
        "hits": verdict.hits,
        "ignored": verdict.ignored,
        "entries": dict(enumerate(verdict.entries, 1)),
    }


def totals(verdict: Verdict) -> Outcome:
    """How many findings there are, and what stands at stake: of all lines of broken limits, each once."""
    states = Counter(found.state for found in verdict.findings.values())
    at_stake = {n for f in verdict.findings.values() if f.state == "breached" for n in f.lines}
    amounts = [verdict.amounts[line] for line in at_stake if verdict.amounts[line] is not None]
    is_judged = any(rule.status == "evaluated" for rule in verdict.rules.values())
    known = amounts or (is_judged and not states["breached"])
    return {
        "breached": states["breached"],
        "near": states["near"],
        "amount_at_stake": f"{sum(amounts):.2f}" if known else None,
        "penalty": verdict.penalty and f"{verdict.penalty.total:.2f}",
        "suppressed": len(verdict.ignored),
    }


def counts(verdict: Verdict, code: str) -> Outcome:
    findings = sum(rule == code for rule, _, _ in verdict.findings)
    return {**vars(verdict.rules[code]), "findings": findings}


def expected(finding: Finding) -> Outcome:
    """A finding of the oracle, as a report would tell it: its first hundred lines."""
    amount = finding.amount_at_stake
    return {
        "state": finding.state,
        "count": finding.count,
        "due_at": finding.due_at and finding.due_at.isoformat(),
        "next_due_at": finding.next_due_at and finding.next_due_at.isoformat(),
        "amount_at_stake": None if amount is None else str(amount.quantize(Decimal("0.01"))),
        "lines": finding.lines[:100],
        "penalty": None if finding.penalty is None else f"{finding.penalty:.2f}",
        "risk": finding.risk,
        "forecast": finding.forecast,
    }


def disagreements(result: Outcome, wanted: Outcome) -> list[str]:
    """What the one says and the other does not, a line each."""
    apart = []
    for part, expected_of in wanted.items():
        cut = cut_short(part, result[part])
        among = {key for key in expected_of if not cut or key[0] not in cut}
        for key in sorted({*result[part], *among}, key=str):
            ours, theirs = result[part].get(key), expected_of.get(key)
            if ours != theirs:
                apart.append(f"{part} {key}\n  program: {ours}\n  oracle:  {theirs}")
    return apart


def cut_short(part: str, listed: Outcome) -> AbstractSet[str]:
    """The rules of which a report lists the worst findings alone; what it counts are all of them."""
    if part == "ignored":
        return KNOWN | {RISK} if len(listed) == LISTED else frozenset()
    found = Counter(code for code, *_ in listed) if part == "findings" else Counter[str]()
    return {code for code, number in found.items() if number == LISTED}
