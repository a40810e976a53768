"""The tables of the report, as Markdown."""

from collections.abc import Mapping, Sequence

from harness.plan import Contender, Growth, Scenario
from harness.results import Result, Taken
from harness.targets import Verdict
from writing.growths import points


def contenders_table(
    scenario: Scenario, contenders: Mapping[str, Contender], result: Result
) -> str:
    """Write medians, and in brackets how many times the first contender's they are."""
    rows = ["| contender | wall s | from – to | CPU s | peak MB |", "|---|---:|---:|---:|---:|"]
    base = result.contenders[scenario.contenders[0]]
    for name in scenario.contenders:
        taken = result.contenders[name]
        walls = [run.wall for run in taken.runs]
        cells = [
            contenders[name].title,
            f"{digits(taken.wall)} ({taken.wall / base.wall:.2f}×)",
            f"{digits(min(walls))} – {digits(max(walls))}",
            f"{digits(taken.cpu)} ({taken.cpu / base.cpu:.2f}×)",
            f"{taken.peak / 1e6:,.0f} ({taken.peak / base.peak:.2f}×)",
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def growth_table(growth: Growth, results: Mapping[str, Result]) -> str:
    """Write the points of a growth."""
    rows = [
        f"| | {growth.along} | wall s | CPU s | peak MB | wall s per million lines |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for point in points(growth, results):
        taken = point.taken
        each = taken.wall / point.lines * 1e6
        cells = [point.series, f"{point.along:,.0f}", *_measures(taken), digits(each)]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def targets_table(verdicts: Sequence[Verdict]) -> str:
    """Write each target, what was measured, and whether it is held."""
    rows = ["| target | bound | measured | on | |", "|---|---:|---:|---|---|"]
    for verdict in verdicts:
        outcome = "**missed**" if verdict.outcome == "missed" else verdict.outcome
        target = verdict.target
        rows.append(
            f"| {target.says} | {target.bound} | {verdict.measured} | {verdict.day} | {outcome} |"
        )
    return "\n".join(rows)


def data_line(result: Result) -> str:
    """Say what a scenario was run on."""
    if result.data is None:
        return ""
    counted = result.accounting
    text = f"{result.data.lines:,} lines in {result.data.files} file(s), {megabytes(result)}"
    if counted:
        text += (
            f": {counted['rows_read']:,} rows, of which {counted['quarantined']:,} cannot be read "
            f"and {counted['superseded']:,} are superseded"
        )
    return f"{text}; {rounds(result)}, {result.date}."


def rounds(result: Result) -> str:
    """Say of how many rounds the medians are."""
    count = min(len(taken.runs) for taken in result.contenders.values())
    return f"medians of {count}" if count > 1 else "measured once"


def megabytes(result: Result) -> str:
    """Write the size of the files."""
    return f"{result.size / 1e6:,.0f} MB"


def digits(value: float) -> str:
    """Write seconds with two decimals, few seconds with three."""
    return f"{value:,.2f}" if value >= 1 else f"{value:.3f}"


def _measures(taken: Taken) -> list[str]:
    return [digits(taken.wall), digits(taken.cpu), f"{taken.peak / 1e6:,.0f}"]
