"""Write docs/performance.md and its charts from the results of run.py, and say what is held.

``python benchmarks/report.py`` measures nothing.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

import jinja2
from harness.plan import HERE, Contender, Plan, Scenario, load_contenders, load_plan
from harness.results import Result, load_results
from harness.targets import Verdict, load_targets, verdicts
from writing.bars import bars
from writing.growths import growths, points
from writing.tables import contenders_table, data_line, growth_table, targets_table

CHARTS = {"bars": "performance.svg", "growths": "performance-growth.svg"}


def written(
    plan: Plan,
    contenders: Mapping[str, Contender],
    results: Mapping[str, Result],
    judged: list[Verdict],
) -> dict[str, str]:
    """Return the report and its charts by file name."""
    measured = [scenario for scenario in plan.scenario if scenario.name in results]
    charted = [scenario for scenario in measured if scenario.chart]
    grown = [growth for growth in plan.growth if points(growth, results)]
    sections = [
        {
            "title": scenario.title
            + (" (a try with fewer lines)" if tried(scenario, results[scenario.name]) else ""),
            "data": data_line(results[scenario.name]),
            "table": contenders_table(scenario, contenders, results[scenario.name]),
            "side_by_side": scenario.chart,
        }
        for scenario in measured
    ]
    folder = Path(__file__).with_name("writing")
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder), keep_trailing_newline=True, autoescape=False
    )
    files = {
        "performance.md": templates.get_template("performance.md.jinja").render(
            targets=targets_table(judged),
            verdicts=judged,
            charts={"bars": CHARTS["bars"] if charted else "", "growths": CHARTS["growths"]},
            sections=sections,
            growths=[
                {"title": growth.title, "table": growth_table(growth, results)} for growth in grown
            ],
            places=_places(results),
            disturbed=max(result.disturbed for result in results.values()),
        )
    }
    if charted:
        files[CHARTS["bars"]] = bars(charted, contenders, results)
    if grown:
        files[CHARTS["growths"]] = growths(grown, results)
    return files


def tried(scenario: Scenario, result: Result) -> bool:
    """Say whether a scenario was run on other data than planned, with ``run.py --lines``."""
    return scenario.data != result.data


def _places(results: Mapping[str, Result]) -> list[dict[str, str]]:
    """Say on which machines and with which versions the results were measured."""
    places: dict[tuple[str, str], list[Result]] = {}
    for result in results.values():
        machine = "{processor}, {cores} cores, {memory}; {system}".format(**result.machine)
        versions = ", ".join(f"{name} {number}" for name, number in result.versions.items())
        places.setdefault((machine, versions), []).append(result)
    return [
        {
            "machine": machine,
            "versions": versions,
            "dates": " and ".join(sorted({result.date for result in there})),
            "scenarios": ", ".join(result.scenario for result in there),
        }
        for (machine, versions), there in places.items()
    ]


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--results", type=Path, default=HERE / "results")
    parser.add_argument("--docs", type=Path, default=HERE.parent / "docs")
    parser.add_argument("--scenarios", type=Path, default=HERE / "scenarios.toml")
    parser.add_argument("--contenders", type=Path, default=HERE / "contenders.toml")
    parser.add_argument("--targets", type=Path, default=HERE / "targets.toml")
    return parser.parse_args()


def main() -> None:
    """Read the results, write the report."""
    given = arguments()
    plan, contenders = load_plan(given.scenarios), load_contenders(given.contenders)
    results = _of_plan(plan, load_results(given.results))
    if not results:
        sys.exit(f"{given.results}: no results of these scenarios; run benchmarks/run.py first")
    in_full = {
        scenario.name: results[scenario.name]
        for scenario in plan.scenario
        if scenario.name in results and not tried(scenario, results[scenario.name])
    }
    judged = verdicts(load_targets(given.targets), in_full)
    given.docs.mkdir(parents=True, exist_ok=True)
    for name, content in written(plan, contenders, results, judged).items():
        (given.docs / name).write_text(content, encoding="utf-8")
    print(targets_table(judged))


def _of_plan(plan: Plan, results: Mapping[str, Result]) -> dict[str, Result]:
    """Return the results of scenarios that have the contenders they had when they were run."""
    return {
        scenario.name: results[scenario.name]
        for scenario in plan.scenario
        if scenario.name in results
        and set(scenario.contenders) == set(results[scenario.name].contenders)
    }


if __name__ == "__main__":
    main()
