"""The numbers of a run for Prometheus, as a file for node_exporter's textfile collector.

What was not judged has no sample: a rule that was not evaluated is not one with 0 findings.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any

from merchantwatch.language.moments import zone
from merchantwatch.results.model import Results
from merchantwatch.results.records import Outcome
from merchantwatch.support.harmless import harmless

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

Labels = tuple[str, ...]


def render(results: Results, file: IO[bytes]) -> None:
    """Write all metrics, as-of among them, so that old numbers never look fresh."""
    from prometheus_client import CollectorRegistry, generate_latest

    gauges = _Gauges(CollectorRegistry())
    _add_times(gauges, results)
    _add_rows(gauges, results)
    _add_past(gauges, results)
    # Zeros would end every alert that such a run should raise.
    if not results.nothing_judged:
        _add_findings(gauges, results)
        _add_tasks(gauges, results)
    file.write(generate_latest(gauges.registry))


class _Gauges:
    """The metrics of one file."""

    def __init__(self, registry: "CollectorRegistry") -> None:
        self.registry = registry

    def add(self, name: str, help_text: str, value: float) -> None:
        """Add a metric of one sample."""
        self.by(name, help_text, (), {(): value})

    def by(self, name: str, help_text: str, labels: Labels, samples: Mapping[Any, float]) -> None:
        """Add a metric of a sample for each combination of values of its labels."""
        from prometheus_client import Gauge

        gauge = Gauge(f"merchantwatch_{name}", help_text, labels, registry=self.registry)
        # In one order, so that equal results make equal files.
        for key in sorted(samples):
            (gauge.labels(*map(harmless, key)) if labels else gauge).set(samples[key])


def _add_times(gauges: _Gauges, results: Results) -> None:
    def seconds(moment: datetime) -> float:
        # Moments are wall-clock time of the platform; Prometheus counts in universal time.
        return moment.replace(tzinfo=zone(results.tz)).timestamp()

    gauges.by("info", "What judged.", ("engine",), {(results.engine,): 1})
    gauges.add("as_of_timestamp_seconds", "The moment that was judged at.", seconds(results.as_of))
    if results.newest_event:
        help_text = "The newest event in any order export."
        gauges.add("newest_event_timestamp_seconds", help_text, seconds(results.newest_event))
    exported: dict[Labels, float] = {}
    for item in results.inputs:
        if item.exported_at:
            key = (item.format, item.shop or "")
            # The oldest, as one stale export is enough to miss a deadline.
            exported[key] = min(seconds(item.exported_at), exported.get(key, float("inf")))
    help_text = "When the oldest export of a format and shop was made."
    gauges.by("export_timestamp_seconds", help_text, ("format", "shop"), exported)


def _add_rows(gauges: _Gauges, results: Results) -> None:
    found = results.accounting
    gauges.add("rows_read", "Rows of order exports that were read.", found.rows_read)
    states = ("lines", "quarantined", "superseded", "later")
    rows = {(state,): float(getattr(found, state)) for state in states}
    gauges.by("rows", "Where the rows went.", ("state",), rows)
    inputs = {("read",): results.inputs, ("failed",): results.failed, ("skipped",): results.skipped}
    counted = {key: float(len(some)) for key, some in inputs.items()}
    gauges.by("inputs", "Inputs that were read, could not be, or are none.", ("state",), counted)
    nothing = results.nothing_judged is not None
    gauges.add("nothing_judged", "1 where not one line was judged.", nothing)
    evaluated = {
        (rule.code,): float(rule.status == "evaluated")
        for rule in results.outcomes
        if rule.status != "not_applicable"
    }
    gauges.by("rule_evaluated", "0 where what a rule needs is missing.", ("code",), evaluated)


def _add_past(gauges: _Gauges, results: Results) -> None:
    guards = {(guard.code, guard.shop or ""): 1.0 for guard in results.guards}
    gauges.by("guard", "1 where something speaks against the inputs.", ("code", "shop"), guards)
    if results.past:
        help_text = "What has become of findings and tasks since the last run."
        found = {
            (kind, status): number
            for kind, of_kind in results.past.counts.items()
            for status, number in of_kind.items()
        }
        gauges.by("items", help_text, ("kind", "status"), found)


def _add_findings(gauges: _Gauges, results: Results) -> None:
    by_rule: dict[Labels, float] = {}
    unjudged: dict[Labels, float] = {}
    suppressed: dict[Labels, float] = {}
    for rule in results.outcomes:
        if rule.status == "evaluated":
            by_rule |= {(rule.code, rule.severity, state): n for state, n in _states(rule)}
            # A label is a tuple, here of one value.
            unjudged[rule.code,] = rule.unjudged
            suppressed[rule.code,] = rule.suppressed
    gauges.by("findings", "Limits broken or near.", ("code", "severity", "state"), by_rule)
    gauges.by("unjudged_lines", "Lines that a rule could not judge.", ("code",), unjudged)
    help_text = "Findings that the user's own list leaves out."
    gauges.by("suppressed_findings", help_text, ("code",), suppressed)
    listed = Counter(
        (one.code, one.severity, one.state, one.platform, one.shop or "")
        for one in results.findings
    )
    help_text = "The same by shop, of each rule the worst 10,000."
    labels = ("code", "severity", "state", "platform", "shop")
    gauges.by("shop_findings", help_text, labels, listed)


def _states(rule: Outcome) -> Iterable[tuple[str, float]]:
    return ("breached", rule.breached), ("near", rule.findings - rule.breached)


def _add_tasks(gauges: _Gauges, results: Results) -> None:
    totals = results.work.totals
    # All tasks, read one by one: the list in the results is cut at its limit.
    counted: Counter[Labels] = Counter(
        (task.kind, task.owner, task.severity, task.platform, task.shop or "")
        for task in results.work.read_tasks()
    )
    labels = ("kind", "owner", "severity", "platform", "shop")
    gauges.by("tasks", "What people have to do.", labels, counted)
    gauges.add("tasks_all", "All tasks, beyond those that are listed too.", totals.tasks)
    gauges.add("tasks_due_soon", "Tasks that are due within 24 hours.", totals.soon.tasks)
    help_text = "Critical and high tasks that are due within 24 hours."
    gauges.add("tasks_due_soon_grave", help_text, totals.soon.severe)
    help_text = "What the clauses take if nothing is done."
    gauges.add("money_to_save_yuan", help_text, float(totals.money_to_save))
    gauges.add("money_lost_yuan", "What the clauses have taken.", float(totals.money_lost))
