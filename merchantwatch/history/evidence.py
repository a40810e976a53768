"""Why a run did not find an item: it is resolved, no longer in the inputs, or unknown."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct

from merchantwatch.engines import Engine
from merchantwatch.history.episodes import Verdict
from merchantwatch.history.items import Item
from merchantwatch.pipeline import coverage
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.task_lines import rules_with_tasks
from merchantwatch.results.model import Results
from merchantwatch.results.past import Guard
from merchantwatch.rules import Rulebook
from merchantwatch.tasks import kinds

_AT_ONCE = 1000
"""How many lines are looked up by one query."""

Line = tuple[str, str]
"""A line by its platform and id."""

_BY_LINE = ("line", "order", "parcel", "case")
"""Scopes of certain lines, all of which must be in the inputs to be resolved."""


class Covered(Struct, frozen=True):
    """A line of some input: whether its row was understood, and which rules cannot judge it.

    ``overdue`` are the rules whose act is not done though its deadline has passed.
    """

    understood: bool
    unjudged: frozenset[str] = frozenset()
    overdue: frozenset[str] = frozenset()


class JudgedBy(Struct, frozen=True):
    """The rules that a run judged by, all rules there are, and the results."""

    results: Results
    book: Rulebook
    every_rule: Rulebook


def covered(
    engine: Engine, lines: Lines, items: Collection[Item], plan: Plan
) -> dict[Line, Covered]:
    """Return the lines of items that occur in some input, from the engine."""
    wanted = sorted({(item.platform, line) for item in items for line in item.lines})
    codes = {bound.code for bound in plan.rules}
    found: dict[Line, Covered] = {}
    if not wanted:
        return found
    for first in range(0, len(wanted), _AT_ONCE):
        fill = engine.add if first else engine.create
        fill(coverage.LOOKED_UP, coverage.looked_up(wanted[first : first + _AT_ONCE]))
    overdue = _overdue(engine, plan)
    for row in engine.table(coverage.covered(lines, codes)).to_pylist():
        line = row["platform"], row["line_id"]
        unjudged = {code for code in codes if row.get(f"{code}_unjudged")}
        understood = row["left_out"] == 0
        # Of a line in several rows an understood one counts.
        if row["left_out"] not in _NO_LINE and (understood or line not in found):
            late = overdue.get(line, frozenset())
            found[line] = Covered(understood, frozenset(unjudged), late)
    return found


def _overdue(engine: Engine, plan: Plan) -> dict[Line, frozenset[str]]:
    """Return the rules by which each of the given lines is overdue."""
    codes = [bound.code for bound in rules_with_tasks(plan)]
    rows = engine.table(coverage.overdue(codes)).to_pylist() if codes else []
    return {
        (row["platform"], row["line_id"]): frozenset(c for c in codes if row[f"{c}_overdue"])
        for row in rows
    }


_NO_LINE = (2, 3)
"""Codes of understood rows that are no lines: later than as-of, or no records."""


def verdicts(
    items: Sequence[Item],
    guards: Sequence[Guard],
    judged: JudgedBy,
    found: Mapping[Line, Covered],
) -> dict[str, Verdict]:
    """Return the verdict on each item that a run did not find, by fingerprint."""
    listed: dict[str, int] = {}
    for finding in (*judged.results.findings, *judged.results.suppressions.findings):
        listed[finding.code] = listed.get(finding.code, 0) + 1
    return {item.fingerprint: _verdict(item, guards, judged, found, listed) for item in items}


def _verdict(
    item: Item,
    guards: Sequence[Guard],
    judged: JudgedBy,
    found: Mapping[Line, Covered],
    listed: Mapping[str, int],
) -> Verdict:
    codes = [item.code] if item.kind == "finding" else item.rules
    judging = [code for code in codes if _in(judged.book, code)]
    # Before the guards: whatever the inputs are, a rule that is off finds nothing.
    if codes and not judging:
        known = any(_in(judged.every_rule, code) for code in codes)
        return "deselected" if known else "not-in-force"
    suppressions = judged.results.suppressions
    # The item may be one of the suppressed tasks that are not listed: then it is not resolved.
    unlisted = item.kind == "task" and suppressions.tasks_in_all > len(suppressions.tasks)
    if unlisted or prevented(guards, item.shop, "resolve"):
        return "unknown"
    if not _evaluated(judging, judged.results, listed):
        return "unknown"
    return _by_lines(item, judging, judged.book, found)


def prevented(guards: Iterable[Guard], shop: str | None, what: str) -> bool:
    """Say whether guards prevent something (``what``) for an item of a shop."""
    return any(what in guard.holds and guard.shop in (None, shop) for guard in guards)


def _in(book: Rulebook, code: str) -> bool:
    return book.of_code(code) is not None or (book.risk is not None and book.risk.code == code)


def _evaluated(codes: Iterable[str], results: Results, listed: Mapping[str, int]) -> bool:
    """Say whether each rule was judged, and all of its findings are listed, suppressed or not."""
    for code in codes:
        outcome = results.outcome(code)
        if outcome is None or outcome.status == "not_evaluated":
            return False
        # An item that was not found may be among the findings beyond those listed.
        if outcome.findings + outcome.suppressed > listed.get(code, 0):
            return False
    return True


def _by_lines(
    item: Item, codes: Collection[str], book: Rulebook, found: Mapping[Line, Covered]
) -> Verdict:
    """Return the verdict by the lines that an item last had.

    All of them must be in the inputs, except those that have left the window of a count.
    """
    lines = [found[item.platform, line] for line in item.lines if (item.platform, line) in found]
    # A line that could not be judged is no proof that its problem is solved.
    if any(not line.understood or line.unjudged.intersection(codes) for line in lines):
        return "unknown"
    kind = kinds().get(item.code) if item.kind == "task" else None
    if kind and kind.over_at_due and any(line.overdue.intersection(codes) for line in lines):
        return "over"
    if len(lines) == len(item.lines) or (lines and _counts_in_window(item, codes, book)):
        return "resolved"
    return "gone"


def _counts_in_window(item: Item, codes: Iterable[str], book: Rulebook) -> bool:
    """Say whether lines leave the counts of an item as time passes."""
    rules = [bound.rule for code in codes if (bound := book.of_code(code))]
    return item.scope not in _BY_LINE and all(
        rule.counted_for is not None or rule.share is not None for rule in rules
    )
