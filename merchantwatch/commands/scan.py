"""``scan``: judge, record, write the reports, and send alerts."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from itertools import chain
from pathlib import Path

from msgspec.structs import replace

from merchantwatch import __version__, reports
from merchantwatch.commands.alerting import Alerting
from merchantwatch.commands.attending import attended
from merchantwatch.commands.concluding import conclude, undelivered, unsaid
from merchantwatch.commands.outputs import Output, deliver_reports, parsed, places, view_of
from merchantwatch.commands.progress import bar
from merchantwatch.commands.run_log import log_results
from merchantwatch.errors import OutputError
from merchantwatch.language.plurals import number_of
from merchantwatch.language.text import Text
from merchantwatch.reports.places import refuse_overwriting, refuse_taken
from merchantwatch.results.bad_rows import BadRows, unread
from merchantwatch.results.model import Results
from merchantwatch.rules import SEVERITIES
from merchantwatch.run.baseline import baseline_of, compared
from merchantwatch.run.record import check_place, recorded
from merchantwatch.run.scan import Run
from merchantwatch.settings import NEVER_SHOWN, Settings, resolve
from merchantwatch.support.options import Flags
from merchantwatch.support.streams import complain
from merchantwatch.support.writing import show

DEFAULT_HTML = Path("risk_report.html")

_FOUND_EXIT_CODE = 1


def scan(
    inputs: Sequence[str],
    flags: Flags,
    config: str | None,
    *,
    quiet: bool,
    verbose: bool,
) -> int:
    """Scan, write the reports, and return the exit code of the contract."""
    settings = resolve(flags, config)
    # Before the heartbeat, which may write a file as well.
    refuse_overwriting(inputs, settings)
    with attended(settings, inputs):
        alerting = Alerting(settings, by_flag=flags.get("history"))
        return _scanned(inputs, settings, alerting, quiet=quiet, verbose=verbose)


def _scanned(
    inputs: Sequence[str], settings: Settings, alerting: Alerting, *, quiet: bool, verbose: bool
) -> int:
    from merchantwatch.run.scan import run

    # Everything that can be refused is checked before the scan, which may take long.
    outputs, view = _outputs(settings, quiet=quiet), view_of(settings)
    refuse_taken(places(outputs), inputs, settings)
    bound = BadRows.parse(settings.max_bad_rows)
    check_place(settings)
    baseline = baseline_of(settings)
    if verbose:
        _print_lines(_origins(settings))
    shown = bar(quiet=quiet)
    with shown or nullcontext():
        finished = run(inputs, settings, progress=shown)
    with finished:
        if baseline is None:
            results, missed = recorded(finished, settings, __version__, alerting.hooks)
        else:
            results, missed = compared(finished, settings, baseline), []
        is_recorded = not missed
        log_results(results)
        if verbose:
            _print_lines([*_inputs(results), *_cached(finished)])
        # Cron mails what a run prints: a quiet run prints no report if nothing has changed.
        if quiet and results.past and not results.past.has_news(results.guards):
            outputs = [output for output in outputs if output.path]
        missed += deliver_reports(replace(results, view=view), outputs)
    # After the reports: a slow receiver must not delay them. Unrecorded changes have no alerts.
    unsent = list(alerting.send()) if is_recorded else []
    if not settings.output and not quiet:
        show(f"\n{DEFAULT_HTML.resolve()}\n")
    reasons = _reasons(settings, results, bound, missed, unsent)
    return conclude(chain(reasons, unsaid(results, outputs)), settings.lang)


def _outputs(settings: Settings, *, quiet: bool) -> list[Output]:
    if settings.output:
        return parsed(settings.output, reports.check_format, settings.as_of)
    page = Output("html", DEFAULT_HTML)
    return [page] if quiet else [Output("text", None), page]


def _reasons(
    settings: Settings,
    results: Results,
    bound: BadRows,
    missed: Sequence[OutputError],
    unsent: Sequence[tuple[int, Text]],
) -> Iterator[tuple[int, Text]]:
    """Yield the reasons for another exit code than 0; the first one determines it."""
    yield from unread(results.failed, results.inputs, bound)
    yield from undelivered(missed)
    yield from unsent
    broken = _severe_breaches(settings, results)
    if broken:
        yield (
            _FOUND_EXIT_CODE,
            Text(
                zh=f"{broken:,} 项触线不低于 {settings.fail_on} 级（--fail-on）",
                en=f"{number_of(broken, 'broken limit')} of severity {settings.fail_on} or above "
                f"(--fail-on {settings.fail_on})",
            ),
        )


def _severe_breaches(settings: Settings, results: Results) -> int:
    if settings.fail_on == "never":
        return 0
    least = SEVERITIES.index(settings.fail_on)
    severe = SEVERITIES[least:]
    return sum(outcome.breached for outcome in results.outcomes if outcome.severity in severe)


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        complain(line)


def _origins(settings: Settings) -> Iterator[str]:
    yield f"as_of = {settings.as_of}"
    for name, origin in settings.origins.items():
        value = "…" if name == NEVER_SHOWN else getattr(settings, name)
        yield f"{name} = {value} ({origin})"


def _cached(finished: Run) -> Iterator[str]:
    """Yield how many inputs were taken from the cache, if there is one."""
    if finished.cache.shelf is not None:
        inputs = number_of(finished.cache.lookups, "input")
        yield f"cache: {finished.cache.used} of {inputs} came from it"


def _inputs(results: Results) -> Iterator[str]:
    for item in results.inputs:
        exported = f", {item.exported_at} by {item.exported_at_from}" if item.exported_at else ""
        shop = f", shop {item.shop} by {item.shop_from}" if item.shop else ""
        encoding = f"{item.encoding} by {item.encoding_from}" if item.encoding else "typed"
        read = f"{item.format}, {encoding}, {number_of(item.rows, 'row')}"
        yield f"{item.path}: {read}{exported}{shop}"
