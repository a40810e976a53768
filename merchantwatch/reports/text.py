"""The text report: what to do first and what it saves, then what was found and not judged."""

from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from merchantwatch.language.text import Text
from merchantwatch.reports import exempted, since, summary, suppressed, unseen, work
from merchantwatch.reports.page import Page, cells, padded
from merchantwatch.reports.summary import Group
from merchantwatch.reports.text_labels import LABELS
from merchantwatch.results.model import Results
from merchantwatch.results.records import NOTHING_JUDGED, PLATFORM_ASSUMED, Evidence, Finding
from merchantwatch.results.wording import clock, money
from merchantwatch.tasks import Task
from merchantwatch.tasks.wording import act, current_counts

LABEL_WIDTH = 12
MOST_TASKS = 10
MOST_PER_RULE = 1
MOST_LINES = 2
MOST_NOTES = 1
MOST_QUARANTINED = 1
MOST_CODES = 6
FIRST_TASKS = 3
FIRST_LINES = 2

_IN_THE_HEAD = (PLATFORM_ASSUMED, NOTHING_JUDGED)
"""The notes that stand at the top of the report, not in its list of notes."""
MOST_COLUMNS = 2
MOST_UNSEEN = 2
MOST_EXEMPTIONS = 10
MOST_SUPPRESSIONS = 5
MOST_SUPPRESSED = 3

_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}


def render(results: Results, file: IO[bytes]) -> None:
    """Write the text report."""
    page = Page(file, results.lang)
    _Writer(page, results).write()
    page.write()


class _Writer:
    def __init__(self, page: Page, results: Results) -> None:
        self.page, self.results, self.lang = page, results, results.lang

    def write(self) -> None:
        found = summary.groups(self.results)
        self._verdict()
        self._tasks()
        self._section("limits", self._limits(found), summary.verdict_line(self.results))
        # Rules with tasks are in the work list above already.
        self._others([group for group in found if not _has_task(group)])
        self._section("exempt", self._exemptions())
        counts = suppressed.counts(self.results)
        self._section("suppressed", self._suppressions(), counts)
        self._section("causes", summary.causes_named(self.results))
        self._section("failed", self.results.failed)
        self._section("unseen", self._unseen())
        quarantine = self._quarantined()
        self._section("quarantine", quarantine)
        self._section("notes", self._notes())

    def _verdict(self) -> None:
        results = self.results
        title = f"merchantwatch · {results.as_of:%Y-%m-%d %H:%M:%S} {results.tz}"
        self.page.line(title, "bold")
        style = f"bold {summary.colour(results)}".strip()
        if results.nothing_judged:
            self._line("found", results.nothing_judged, style)
            self._data()
            return
        self._data()
        self._line("unjudged", summary.unjudged_line(results))
        has_tasks = results.work.totals.tasks
        self._line("found", work.headline(results), style)
        cost = work.money_line(results)
        if cost:
            self._line("money", cost)
        if has_tasks:
            self._line("whose", work.owners_line(results))

    def _data(self) -> None:
        self._line("data", summary.data_line(self.results))
        for text in since.head(self.results):
            self._line("changed", text)
        for text in work.guard_lines(self.results):
            self._line("guard", text, "yellow")
        if self.results.platform_assumed:
            self._line("platform", self.results.platform_assumed.text, "yellow")

    def _line(self, label: str, text: Text, style: str = "") -> None:
        self.page.row(padded(self._label(label), LABEL_WIDTH), text.of(self.lang), style)

    def _tasks(self) -> None:
        shown, count = work.listed(self.results, MOST_TASKS)
        if not self.results.work.tasks:
            return
        self.page.heading(self._label("todo") + work.whose(self.results).of(self.lang))
        if not shown:
            self.page.row("  ", self._label("no_tasks"))
            return
        left = [work.time_left(task, self.results.as_of).of(self.lang) for task in shown]
        width = max(map(cells, left)) + 2
        then = [self._otherwise(task) for task in shown]
        for place, (task, time) in enumerate(zip(shown, left, strict=True), start=1):
            lead = f"  {padded(time, width)}"
            # The first three are what a reader acts on now, and may take two lines.
            what, most = act(task).of(self.lang), FIRST_LINES if place <= FIRST_TASKS else 1
            self.page.row(lead, what, _STYLES[task.severity], most=most)
            # After the first tasks, a consequence shared with the next one is printed below both.
            is_repeated = place > FIRST_TASKS and then[place - 1 : place] == then[place : place + 1]
            if then[place - 1] and not is_repeated:
                self.page.row(" " * cells(lead), then[place - 1], "dim", most=most)
        if count > len(shown):
            more = LABELS["more_tasks"].fill(n=f"{count - len(shown):,}")
            self.page.row("  ", more.of(self.lang), "dim")

    def _otherwise(self, task: Task) -> str:
        """Return what happens if a task is not done; if nothing does, where counts stand."""
        if task.then is None:
            return current_counts(task).of(self.lang)
        return f"{self._label('otherwise')} {work.otherwise_briefly(task).of(self.lang)}"

    def _limits(self, found: Sequence[Group]) -> Iterator[Text]:
        """Yield the rules that found something, in one line, with how many are broken and near."""
        rules = " · ".join(
            f"{_signed(group)} {group.outcome.breached:,}/{group.near:,}{_cost(group)}"
            for group in found
            if _has_task(group)
        )
        sign = LABELS["not_official"] if any(map(_not_official, found)) else Text(zh="", en="")
        if rules:
            counts = LABELS["counts"]
            yield Text(zh=f"{counts.zh}{rules}{sign.zh}", en=f"{counts.en}{rules}{sign.en}")

    def _others(self, found: Sequence[Group]) -> None:
        """Print the findings that have no task."""
        if not found:
            return
        self.page.heading(self._label("others"))
        for group in found:
            self._group(group)

    def _quarantined(self) -> Iterator[Text]:
        """Yield the first row that could not be understood, and how many others there are."""
        yield from summary.quarantine_lines(self.results, MOST_QUARANTINED)
        more = self.results.accounting.quarantined - MOST_QUARANTINED
        if more > 0:
            yield LABELS["more_notes"].fill(n=f"{more:,}")

    def _notes(self) -> Iterator[Text]:
        notes = [
            summary.counted(note) for note in self.results.notes if note.code not in _IN_THE_HEAD
        ]
        notes += [*self.results.skipped, *summary.cost_note(self.results)]
        yield from notes[:MOST_NOTES]
        if len(notes) > MOST_NOTES:
            yield LABELS["more_notes"].fill(n=len(notes) - MOST_NOTES)

    def _group(self, group: Group) -> None:
        outcome, entry = group.outcome, group.entry
        counts = []
        if outcome.breached:
            counts.append(f"{outcome.breached:,} {self._label('breached')}")
        if group.near:
            counts.append(f"{group.near:,} {self._label('near')}")
        if outcome.exempt:
            counts.append(f"{outcome.exempt:,} {self._label('exempt_hits')}")
        if outcome.penalty:
            counts.append(f"{self._label('costs')} {money(outcome.penalty)}")
        title = f"{_signed(group)} {entry.title.of(self.lang)}: {', '.join(counts)}"
        self.page.line(title, _STYLES[entry.severity] if outcome.breached else "bold")
        for action in summary.actions(group):
            self.page.row("  → ", action.of(self.lang))
        for finding in group.findings[:MOST_PER_RULE]:
            self._finding(finding)
        # Of all findings, since the listed ones are cut at 10,000 a rule.
        more = outcome.findings - min(len(group.findings), MOST_PER_RULE)
        if more and not entry.adds_risk:
            self.page.row("    ", LABELS["more"].fill(n=f"{more:,}").of(self.lang), "dim")

    def _finding(self, finding: Finding) -> None:
        mark = "■" if finding.state == "breached" else "□"
        lines = "" if finding.scope == "line" else self._first_lines(finding)
        product = finding.product_name if finding.scope == "product" else None
        named = f" {product}" if product else ""
        key = "" if finding.scope != "line" else f"{finding.key} · "
        amount = money(finding.amount_at_stake, finding.currency)
        text = f"{key}{finding.reason.of(self.lang)}{named} · {amount}{lines}"
        self.page.row(f"  {mark} ", text, most=int(finding.risk is not None))
        if finding.evidence and finding.evidence.missing and finding.evidence.due_at:
            self.page.row("    ", self._missing(finding.evidence).of(self.lang), "dim")

    def _missing(self, evidence: Evidence) -> Text:
        """Return what a case still needs, and until when."""
        what = summary.listed(evidence.missing)
        return LABELS["missing"].fill(what=what, until=clock(evidence.due_at))

    def _first_lines(self, finding: Finding) -> str:
        shown = finding.lines[:MOST_LINES]
        return f" · {' '.join(shown)}{' …' if len(finding.lines) > len(shown) else ''}"

    def _unseen(self) -> Iterable[Text]:
        # One line for all rules that one export would supply, the most rules first.
        lacking = unseen.not_evaluated_together(self.results, MOST_COLUMNS)
        for outcomes, text in sorted(lacking, key=lambda one: -len(one[0]))[:MOST_UNSEEN]:
            yield _coded(_codes([outcome.code for outcome in outcomes]), text)
        if len(lacking) > MOST_UNSEEN:
            yield LABELS["more_notes"].fill(n=len(lacking) - MOST_UNSEEN)
        partly = [o for o, _ in unseen.partly_judged(self.results) if not o.signal]
        if partly:
            codes = _codes(list(dict.fromkeys(outcome.code for outcome in partly)))
            yield LABELS["partly"].fill(codes=codes)

    def _exemptions(self) -> Iterator[Text]:
        rows = list(exempted.rows(self.results))
        yield from (item.line for item in rows[:MOST_EXEMPTIONS])
        if len(rows) > MOST_EXEMPTIONS:
            yield LABELS["more_exempt"].fill(n=f"{len(rows) - MOST_EXEMPTIONS:,}")

    def _suppressions(self) -> Iterator[Text]:
        """Yield what became of each entry, and the first suppressed findings."""
        rows = list(suppressed.rows(self.results))
        yield from (item.line for item in rows[:MOST_SUPPRESSIONS])
        if len(rows) > MOST_SUPPRESSIONS:
            yield LABELS["more_exempt"].fill(n=f"{len(rows) - MOST_SUPPRESSIONS:,}")
        first = self.results.suppressions.findings[:MOST_SUPPRESSED]
        yield from map(suppressed.finding_line, first)
        more = self.results.suppressed - len(first)
        if more:
            yield LABELS["more"].fill(n=f"{more:,}")

    def _section(self, label: str, texts: Iterable[Text], summed: Text | None = None) -> None:
        shown = [text.of(self.lang) for text in texts]
        if shown:
            heading = self._label(label)
            self.page.heading(f"{heading}: {summed.of(self.lang)}" if summed else heading)
            for text in shown:
                self.page.row("  · ", text)

    def _label(self, name: str) -> str:
        return LABELS[name].of(self.lang)


def _coded(codes: str, text: Text) -> Text:
    return Text(zh=f"{codes}：{text.zh}", en=f"{codes}: {text.en}")


def _codes(codes: Sequence[str]) -> str:
    """Return the first codes, and how many more there are."""
    more = f" +{len(codes) - MOST_CODES}" if len(codes) > MOST_CODES else ""
    return " ".join(codes[:MOST_CODES]) + more


def _has_task(group: Group) -> bool:
    return bool(group.entry.tasks)


def _cost(group: Group) -> str:
    return f" {money(group.outcome.penalty)}" if group.outcome.penalty else ""


def _not_official(group: Group) -> bool:
    return group.entry.source.confidence != "official"


def _signed(group: Group) -> str:
    """Return the code of a rule, with a sign where its number is not from the platform's page."""
    return f"{group.entry.code}{'*' * _not_official(group)}"
