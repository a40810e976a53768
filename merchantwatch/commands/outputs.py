"""The outputs of ``-o``, and the delivery of all reports that can be delivered."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from merchantwatch import reports
from merchantwatch.commands.dated import filled, latest_of, make_folder, publish
from merchantwatch.errors import OutputError, UsageError
from merchantwatch.reading import is_address
from merchantwatch.results.model import Results, View
from merchantwatch.settings import Settings
from merchantwatch.support import log
from merchantwatch.support.lang import message_lang
from merchantwatch.tasks import owner_of


class Output(Struct, frozen=True):
    """One report to write: to a path, to an address (``s3a://…``), or to standard output.

    A dated report has a copy at ``latest``, and its folder may have to be created.
    """

    fmt: str
    path: Path | str | None
    latest: Path | None = None

    def write(self, render: Callable[[str, Path | str | None], None]) -> None:
        """Render it to its place. Raises OutputError when it cannot be written."""
        if self.latest is None or not isinstance(self.path, Path):
            render(self.fmt, self.path)
            return
        # Only a dated folder is created: a mistyped one elsewhere must be an error.
        make_folder(self.path)
        render(self.fmt, self.path)
        publish(self.path, self.latest)


def places(outputs: Collection[Output]) -> list[Path | str | None]:
    """Return all places that outputs are written to."""
    return [place for output in outputs for place in (output.path, output.latest) if place]


def parsed(
    entries: Sequence[str], check_format: Callable[[str], None], as_of: datetime
) -> list[Output]:
    """Return the outputs of ``FORMAT[:PATH]`` entries, for a run as of a moment.

    ``check_format`` raises UsageError for an unknown format. Raises UsageError when a path is
    missing or cannot be dated, or when two are for standard output.
    """
    outputs = []
    for entry in entries:
        fmt, _, path = entry.partition(":")
        check_format(fmt)
        if not path and fmt in reports.BINARY:
            raise UsageError(
                f"-o {fmt}: needs a path, {fmt}:PATH", f"-o {fmt}：需要路径，{fmt}:路径"
            )
        outputs.append(_output(fmt, path, as_of))
    if sum(output.path is None for output in outputs) > 1:
        raise UsageError(
            "only one report can go to standard output; give the others a path, FORMAT:PATH",
            "只能有一份报告写到标准输出；其余请给出路径，格式:路径",
        )
    return outputs


def _output(fmt: str, path: str, as_of: datetime) -> Output:
    if not path:
        return Output(fmt, None)
    dated, latest = filled(path, as_of), latest_of(path)
    if is_address(path):
        return Output(fmt, dated)
    return Output(fmt, Path(dated), Path(latest) if latest else None)


def deliver(
    write: Callable[[str, Path | str | None], None], outputs: Collection[Output]
) -> Iterator[OutputError]:
    """Write every report, and yield the errors of those that could not be written."""
    for output in outputs:
        try:
            output.write(write)
        # The others are written all the same: one full disk must not cost every report.
        except OutputError as error:
            _log(output, error)
            yield error
        else:
            _log(output)


def _log(output: Output, error: OutputError | None = None) -> None:
    log.event(
        "output", format=output.fmt, path=output.path, error=error and error.message(message_lang())
    )


def view_of(settings: Settings) -> View:
    """Return the view of text reports. Raises UsageError for an unknown owner."""
    return View(
        settings.owner and owner_of(settings.owner), settings.top, new_only=settings.new_only
    )


def deliver_reports(results: Results, outputs: Collection[Output]) -> Iterator[OutputError]:
    """Write every report of a run, and yield the errors of those that could not be written.

    The workbook is written first, so that other reports can name its path.
    """
    for output in sorted(outputs, key=lambda output: output.fmt != "xlsx"):
        try:
            output.write(partial(reports.write, results))
        except OutputError as error:
            _log(output, error)
            yield error
            continue
        _log(output)
        if output.fmt == "xlsx" and results.view.workbook is None:
            results = replace(results, view=replace(results.view, workbook=str(output.path)))
