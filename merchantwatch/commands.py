"""What each command does: settings, a run, the reports, and the exit code."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from merchantwatch import reports
from merchantwatch.errors import InputError, MerchantwatchError, OutputError, UsageError
from merchantwatch.findings import Results
from merchantwatch.rules import SEVERITIES
from merchantwatch.settings import Settings, resolve
from merchantwatch.texts import Text

DEFAULT_HTML = Path("risk_report.html")

_FOUND_EXIT_CODE = 1
_NUMBER_OR_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*(%?)")


@dataclass(frozen=True)
class Output:
    """One report to write: to a path, or to standard output."""

    fmt: str
    path: Path | None


def scan(
    inputs: Sequence[str],
    flags: Mapping[str, Any],
    config: str | None,
    *,
    quiet: bool,
    verbose: bool,
) -> int:
    """Scan, write the reports, and return the exit code of the contract."""
    from merchantwatch.scanning import run

    settings = resolve(flags, config)
    outputs = _outputs(settings, quiet=quiet)
    bound = _BadRows.parse(settings.max_bad_rows)
    if verbose:
        _say(_origins(settings))
    with _progress(quiet=quiet):
        finished = run(inputs, settings)
    try:
        results = finished.results
        if verbose:
            _say(_inputs(results))
        undelivered = list(_deliver(results, outputs))
    finally:
        finished.engine.close()
    if not settings.output and not quiet:
        sys.stdout.write(f"\n{DEFAULT_HTML.resolve()}\n")
        sys.stdout.flush()
    return _conclude(settings, results, bound, undelivered)


def _outputs(settings: Settings, *, quiet: bool) -> list[Output]:
    if not settings.output:
        page = Output("html", DEFAULT_HTML)
        return [page] if quiet else [Output("text", None), page]
    outputs = []
    for entry in settings.output:
        fmt, _, path = entry.partition(":")
        reports.check_format(fmt)
        if not path and fmt in reports.BINARY:
            raise UsageError(
                f"-o {fmt}: needs a path, {fmt}:PATH", f"-o {fmt}：需要路径，{fmt}:路径"
            )
        outputs.append(Output(fmt, Path(path) if path else None))
    if sum(output.path is None for output in outputs) > 1:
        raise UsageError(
            "only one report can go to standard output; give the others a path, FORMAT:PATH",
            "只能有一份报告写到标准输出；其余请给出路径，格式:路径",
        )
    return outputs


def _deliver(results: Results, outputs: Sequence[Output]) -> Iterator[OutputError]:
    """Write every report, and yield what could not be written."""
    for output in outputs:
        try:
            reports.write(results, output.fmt, output.path)
        except OutputError as error:
            yield error


@dataclass(frozen=True)
class _BadRows:
    """How many quarantined rows are too many: a number, or a share of the rows read."""

    number: float
    share: bool

    @classmethod
    def parse(cls, text: str) -> "_BadRows":
        match = _NUMBER_OR_SHARE.fullmatch(text.strip())
        if match is None:
            raise UsageError(
                f"--max-bad-rows {text}: write a number or a share, like 100 or 5%",
                f"--max-bad-rows {text}：请写成行数或比例，如 100 或 5%",
            )
        return cls(float(match[1]), bool(match[2]))

    def exceeded(self, bad: int, read: int) -> bool:
        """Say whether there are strictly more bad rows than that."""
        return bad * 100 > self.number * read if self.share else bad > self.number


def _conclude(
    settings: Settings, results: Results, bound: _BadRows, undelivered: Sequence[OutputError]
) -> int:
    """Return the exit code, its reason on the last line of standard error."""
    for code, reason in _reasons(settings, results, bound, undelivered):
        sys.stdout.flush()
        sys.stderr.write(f"merchantwatch: {reason.of(settings.lang)}\n")
        return code
    return 0


def _reasons(
    settings: Settings, results: Results, bound: _BadRows, undelivered: Sequence[OutputError]
) -> Iterator[tuple[int, Text]]:
    """Yield the reasons not to exit with 0, the one that counts first."""
    if results.failed:
        yield InputError.exit_code, _joined(results.failed)
    orders = results.accounting
    parcels = [item for item in results.inputs if item.kind != "orders"]
    for bad, read in (
        (orders.quarantined, orders.rows_read),
        (sum(p.quarantined for p in parcels), sum(p.rows for p in parcels)),
    ):
        if bound.exceeded(bad, read):
            yield (
                InputError.exit_code,
                Text(
                    zh=f"{read:,} 行中有 {bad:,} 行读不懂，超过 --max-bad-rows "
                    f"{settings.max_bad_rows}",
                    en=f"{bad:,} of {read:,} rows could not be understood, more than "
                    f"--max-bad-rows {settings.max_bad_rows}",
                ),
            )
    for error in undelivered:
        yield error.exit_code, Text(zh=error.zh, en=error.en)
    grave = _grave(settings, results)
    if grave:
        yield (
            _FOUND_EXIT_CODE,
            Text(
                zh=f"{grave:,} 项触线不低于 {settings.fail_on} 级（--fail-on）",
                en=f"{grave:,} broken limits of severity {settings.fail_on} or above "
                f"(--fail-on {settings.fail_on})",
            ),
        )


def _grave(settings: Settings, results: Results) -> int:
    if settings.fail_on == "never":
        return 0
    if settings.fail_on not in SEVERITIES:
        raise UsageError(
            f"--fail-on {settings.fail_on}: low, medium, high, critical or never",
            f"--fail-on {settings.fail_on}：应为 low、medium、high、critical 或 never",
        )
    least = SEVERITIES.index(settings.fail_on)
    grave = SEVERITIES[least:]
    return sum(outcome.breached for outcome in results.outcomes if outcome.severity in grave)


def _joined(texts: Sequence[Text]) -> Text:
    return Text(zh="；".join(t.zh for t in texts), en="; ".join(t.en for t in texts))


def _progress(*, quiet: bool) -> AbstractContextManager[Any]:
    """Show on a terminal that the program is at work."""
    if quiet or not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console

    return Console(stderr=True).status("…")


def _say(lines: Iterator[str]) -> None:
    for line in lines:
        sys.stderr.write(line + "\n")


def _origins(settings: Settings) -> Iterator[str]:
    yield f"as_of = {settings.as_of}"
    for name, origin in settings.origins.items():
        yield f"{name} = {getattr(settings, name)} ({origin})"


def _inputs(results: Results) -> Iterator[str]:
    for item in results.inputs:
        made = f", {item.exported_at} by {item.exported_at_from}" if item.exported_at else ""
        shop = f", shop {item.shop} by {item.shop_from}" if item.shop else ""
        encoding = f"{item.encoding} by {item.encoding_from}" if item.encoding else "typed"
        read = f"{item.format}, {encoding}, {item.rows} rows"
        yield f"{item.path}: {read}{made}{shop}"


def why(line_id: str, inputs: Sequence[str], flags: Mapping[str, Any], config: str | None) -> int:
    """Explain every rule on one line."""
    from merchantwatch.scanning import run
    from merchantwatch.why import explain

    settings = resolve(flags, config)
    finished = run(inputs, settings, watched=line_id)
    try:
        sys.stdout.write(explain(finished, line_id, settings.lang))
    finally:
        finished.engine.close()
    if finished.results.failed:
        raise _first(finished.results.failed)
    return 0


def _first(failed: Sequence[Text]) -> MerchantwatchError:
    return InputError(failed[0].en, failed[0].zh)


def rules(packs: Sequence[str], lang: str) -> int:
    """List the rules and signals."""
    from merchantwatch.reports import catalogue
    from merchantwatch.rules import load

    sys.stdout.write(catalogue.rules(load([Path(pack) for pack in packs]), lang))
    return 0


def rule(code: str, packs: Sequence[str], lang: str) -> int:
    """Explain one rule, or one reason of quarantine."""
    from merchantwatch.reports import catalogue
    from merchantwatch.rules import find, load

    book = load([Path(pack) for pack in packs])
    told = catalogue.reason(code, lang) or catalogue.rule(find(book, code), lang)
    sys.stdout.write(told)
    return 0


def formats(lang: str) -> int:
    """List the formats."""
    from merchantwatch.formats import formats as known
    from merchantwatch.reports import catalogue

    sys.stdout.write(catalogue.formats(known(), lang))
    return 0
