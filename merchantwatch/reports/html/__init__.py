"""The HTML report: one file without network that people act on, both languages in it."""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import IO

from markupsafe import Markup
from msgspec.structs import asdict

from merchantwatch.language.text import Text
from merchantwatch.reports import carriers, exempted, since, summary, suppressed, unseen, work
from merchantwatch.reports.html.case_causes import case_causes
from merchantwatch.reports.html.changes import HEIGHT, WIDTH, block
from merchantwatch.reports.html.deadlines import deadlines
from merchantwatch.reports.html.first_screen import COLOURS, first_screen
from merchantwatch.reports.html.late_days import late_days
from merchantwatch.reports.html.page import Page
from merchantwatch.reports.html.words import words
from merchantwatch.reports.limits import near_limits
from merchantwatch.results.model import Results
from merchantwatch.results.records import Outcome
from merchantwatch.support.harmless import harmless
from merchantwatch.support.templates import environment
from merchantwatch.tasks import kinds

MOST_TASKS = 150
"""How many tasks of an owner are shown: a page stays small however large the shop."""

MOST_TASKS_IN_ALL = 300
"""How many tasks are shown of all owners together, divided equally among them."""

MOST_PER_RULE = 40
"""How many findings of a rule are shown."""

SHOWN = 10
"""How many of them are shown at once; the others unfold."""

MOST_QUARANTINED = 50
MOST_LIMITS = 20
MOST_LINKS = 10
MOST_CASES = 50
MOST_CARRIERS = 20
MOST_SHOPS = 8
MOST_EXEMPTED = 100
MOST_SUPPRESSIONS = 100
MOST_SUPPRESSED = 100
MOST_SIGNS = 2000


def render(results: Results, file: IO[bytes]) -> None:
    """Write the HTML report."""
    pages = environment(
        "reports/html", autoescape=True, trim_blocks=True, lstrip_blocks=True, finalize=_shown
    )
    page = pages.get_template("page.jinja").stream(**_values(results))
    # Otherwise Jinja writes each small piece by itself.
    page.enable_buffering(100)
    for part in page:
        file.write(part.encode())


def _shown(value: object) -> object:
    """Return a value as a page shows it: signs that turn text are shown, long texts cut."""
    if type(value) is not str:  # markup of ours is a kind of str
        return value
    text = harmless(value)
    return text if len(text) <= MOST_SIGNS else f"{text[:MOST_SIGNS]}…"


def _values(results: Results) -> dict[str, object]:
    """Return all that the templates of the page show, by name."""
    return {
        "page": Page(results),
        "results": results,
        "width": WIDTH,
        "height": HEIGHT,
        **_opening(results),
        **_work(results),
        **_pictures(results),
        **_rules(results),
        **_closing(results),
        **_bounds(),
        **_assets(),
    }


def _opening(results: Results) -> dict[str, object]:
    """Return what stands on the first screen."""
    return {
        "first": first_screen(results),
        "guards": work.guard_lines(results),
        "unjudged": summary.unjudged_line(results),
        "verdict": summary.verdict_line(results),
        "colour": COLOURS[summary.colour(results)],
        "since": block(results),
    }


def _work(results: Results) -> dict[str, object]:
    """Return what there is to do, and how near limits are."""
    limits, all_limits = near_limits(results, MOST_LIMITS)
    most = most_tasks(len(results.work.totals.by_owner))
    # No list at all: an empty one would look like nothing to do.
    owners = [] if results.nothing_judged else work.by_owner(results, most)
    return {
        "owners": owners,
        "listed_ids": {task.id for owner in owners for task in owner.tasks},
        "kinds": _kinds(results),
        "limits": limits,
        "all_limits": all_limits,
        "cases": [finding for finding in since.listed_findings(results) if finding.evidence],
        "paid": _paid(results),
    }


def _pictures(results: Results) -> dict[str, object]:
    """Return what is shown as a picture, and the carriers."""
    return {
        "deadlines": deadlines(results),
        "late_days": late_days(results),
        "carriers": results.carriers,
        "to_call": carriers.to_call(results),
        "carrier_words": carriers,
        "carrier_titles": [carriers.WHO, *carriers.COLUMNS[2:8], *carriers.COLUMNS[9:]],
        "case_causes": case_causes(results),
        "causes": list(summary.causes(results)),
    }


def _rules(results: Results) -> dict[str, object]:
    """Return what was found rule by rule, and what could not be judged."""
    return {
        "entries": {entry.code for entry in results.entries},
        "groups": summary.groups(results),
        "actions": summary.actions,
        "lacking": sum(o.status == "not_evaluated" and not o.signal for o in results.outcomes),
        "unseen": unseen.not_evaluated_together(results),
        "partly_judged": [(o, text) for o, text in unseen.partly_judged(results) if not o.signal],
    }


def _closing(results: Results) -> dict[str, object]:
    """Return what is exempt, suppressed or not understood, and where all rows went."""
    return {
        "exempted": list(exempted.rows(results)),
        "suppressions": list(suppressed.rows(results)),
        "suppressed_counts": suppressed.counts(results),
        "quarantine": list(summary.quarantine_lines(results, MOST_QUARANTINED)),
        "footnotes": [*summary.cost_note(results), *summary.footnotes(results)],
        "accounting": _accounting(results),
    }


def most_tasks(owners: int) -> int:
    """Return how many tasks of each owner are shown where there are this many owners."""
    return min(MOST_TASKS, MOST_TASKS_IN_ALL // max(owners, 1))


def _bounds() -> dict[str, int]:
    """Return how many of each the page shows."""
    return {
        "most": MOST_PER_RULE,
        "shown": SHOWN,
        "most_links": MOST_LINKS,
        "most_cases": MOST_CASES,
        "most_carriers": MOST_CARRIERS,
        "most_shops": MOST_SHOPS,
        "most_exempted": MOST_EXEMPTED,
        "most_suppressions": MOST_SUPPRESSIONS,
        "most_suppressed": MOST_SUPPRESSED,
    }


def _kinds(results: Results) -> list[tuple[str, Text]]:
    """Return the kinds of tasks that there are, in the order of the kinds."""
    there = {task.kind for task in results.work.tasks}
    return [(name, kind.title) for name, kind in kinds().items() if name in there]


def _paid(results: Results) -> list[Outcome]:
    """Return the rules whose clauses have cost money, the highest sum first."""
    paid = [outcome for outcome in results.outcomes if outcome.penalty]
    return sorted(paid, key=lambda outcome: -(outcome.penalty or 0))


def _accounting(results: Results) -> Text:
    """Return where the rows that were read went."""
    counts = {name: f"{n:,}" for name, n in asdict(results.accounting).items()}
    return words()["accounting"].fill(**counts)


@cache
def _assets() -> dict[str, Markup]:
    """Return style and script, with their hashes for the page's content security policy."""
    found = {}
    for name, file in (("style", "style.css"), ("script", "script.js")):
        text = Path(__file__).with_name(file).read_text("utf-8")
        # The policy allows exactly these two by hash, so that no text of a file can run as a
        # script.
        digest = b64encode(sha256(text.encode()).digest()).decode()
        found[name] = Markup(text)  # noqa: S704  a file of ours
        found[f"{name}_hash"] = Markup(f"sha256-{digest}")  # noqa: S704  letters and digits
    return found
