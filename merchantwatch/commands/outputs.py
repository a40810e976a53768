"""Where reports go: what ``-o`` says, and delivering all that can be delivered."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from merchantwatch import reports
from merchantwatch.errors import OutputError, UsageError
from merchantwatch.reading import is_address
from merchantwatch.results.model import Results, View
from merchantwatch.settings import Settings
from merchantwatch.support import log
from merchantwatch.support.lang import spoken
from merchantwatch.tasks import owner_of


@dataclass(frozen=True)
class Output:
    """One report to write: to a path, to an address (``s3a://…``), or to standard output."""

    fmt: str
    path: Path | str | None


def parsed(entries: Sequence[str], check_format: Callable[[str], None]) -> list[Output]:
    """Return the outputs that ``FORMAT[:PATH]`` entries mean.

    ``check_format`` raises UsageError for a format that is not there. Raises UsageError when a
    path is missing, or when two are to go to standard output.
    """
    outputs = []
    for entry in entries:
        fmt, _, path = entry.partition(":")
        check_format(fmt)
        if not path and fmt in reports.BINARY:
            raise UsageError(
                f"-o {fmt}: needs a path, {fmt}:PATH", f"-o {fmt}：需要路径，{fmt}:路径"
            )
        outputs.append(Output(fmt, _target(path)))
    if sum(output.path is None for output in outputs) > 1:
        raise UsageError(
            "only one report can go to standard output; give the others a path, FORMAT:PATH",
            "只能有一份报告写到标准输出；其余请给出路径，格式:路径",
        )
    return outputs


def _target(path: str) -> Path | str | None:
    if not path:
        return None
    return path if is_address(path) else Path(path)


def deliver(
    write: Callable[[str, Path | str | None], None], outputs: Collection[Output]
) -> Iterator[OutputError]:
    """Write every report, and yield what could not be written."""
    for output in outputs:
        try:
            write(output.fmt, output.path)
        except OutputError as error:
            _log(output, error)
            yield error
        else:
            _log(output)


def _log(output: Output, error: OutputError | None = None) -> None:
    log.event(
        "output", format=output.fmt, path=output.path, error=error and error.message(spoken())
    )


def view_of(settings: Settings) -> View:
    """Return how reports in words show a run. Raises UsageError for an unknown owner."""
    return View(settings.owner and owner_of(settings.owner), settings.top)


def deliver_reports(results: Results, outputs: Collection[Output]) -> Iterator[OutputError]:
    """Write every report of a run, and yield what could not be written.

    The workbook comes first, so that others can say where it lies.
    """
    for output in sorted(outputs, key=lambda output: output.fmt != "xlsx"):
        try:
            reports.write(results, output.fmt, output.path)
        except OutputError as error:
            _log(output, error)
            yield error
            continue
        _log(output)
        if output.fmt == "xlsx" and results.view.workbook is None:
            results = replace(results, view=replace(results.view, workbook=str(output.path)))
