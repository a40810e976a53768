"""Inputs → exports: finds, opens and recognises what is in files, folders and archives."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from pathlib import Path

from msgspec import Struct, field

from merchantwatch.errors import InputError, MerchantwatchError, UsageError
from merchantwatch.formats import Format
from merchantwatch.reading.earlier_reports import is_report_file, is_report_table
from merchantwatch.reading.excel import HiddenSheetError
from merchantwatch.reading.export import Export, Source
from merchantwatch.reading.headers import Words, no_unknown_column, words_of
from merchantwatch.reading.inputs import EXTENSIONS, FoundFile, find, is_address
from merchantwatch.reading.opening import opened
from merchantwatch.reading.recognised import recognised
from merchantwatch.reading.rewritten import Stamp
from merchantwatch.reading.tables import from_memory
from merchantwatch.settings import Settings

Elsewhere = Callable[[str], Iterable[tuple[FoundFile, Source]]]
"""A function that finds files and tables by an address (``s3a://…``, ``table:NAME``)."""

_MOST_NAMED = 5
"""For at most this many parts of a file a report says why they were not read."""


class Taken(Struct):
    """The inputs after opening: exports, oldest first; skipped files; failures."""

    exports: list[Export] = field(default_factory=list)
    skipped: list[MerchantwatchError] = field(default_factory=list)
    failed: list[MerchantwatchError] = field(default_factory=list)
    temporary: list[Path] = field(default_factory=list)
    stamps: list[Stamp] = field(default_factory=list)

    def note_rewritten(self) -> None:
        """Add a failure for each file that was written since it was opened; its rows stay."""
        self.failed += [error for stamp in self.stamps if (error := stamp.rewritten())]


def take(
    inputs: Sequence[object],
    mapping: Format | None,
    settings: Settings,
    elsewhere: Elsewhere | None = None,
    keys: Collection[str] = (),
    others: Callable[[str], bool] = no_unknown_column,
) -> Taken:
    """Find, open and recognise every input.

    Paths may be files, folders, globs or ``-``; DataFrames and Tables are used as they are, and
    addresses are left to ``elsewhere``. ``keys`` are the keyed hashes that may be needed, and
    ``others`` says whether to read a column with an unknown header. A file that cannot be read is a
    failure, and the other files are still read. A file that no format recognises is a failure if
    the user named it; one found in a folder is only listed. Raises UsageError when a mapped column
    is missing.
    """
    taken, words = Taken(), words_of(mapping, keys, others)
    for position, item in enumerate(inputs, start=1):
        try:
            if isinstance(item, str) and is_address(item):
                for file, source in _found(item, elsewhere):
                    _take_source(taken, source, file, mapping, settings)
            elif isinstance(item, str | Path):
                for file in find(str(item)):
                    if not _is_exemptions(file, settings):
                        _take_file(taken, file, words, mapping, settings)
            else:
                source = from_memory(item, f"<table {position}>")
                taken.exports.append(recognised(source, None, mapping, settings))
        except InputError as error:
            taken.failed.append(error)
    for export in taken.exports:
        export.keys = {name: ways for name, ways in export.keys.items() if name in keys}
    taken.exports = _by_age(taken.exports)
    return taken


def _is_exemptions(file: FoundFile, settings: Settings) -> bool:
    """Say whether a file is the file of exemptions, which may lie among the exports."""
    return (
        settings.exemptions is not None and file.path.absolute() == settings.exemptions.absolute()
    )


def _take_file(
    taken: Taken, file: FoundFile, words: Words, mapping: Format | None, settings: Settings
) -> None:
    """Take what is in a file: of several sheets or members, those that a format recognises."""
    # A path without a time of its own is the copy of standard input.
    if not file.timed:
        taken.temporary.append(file.path)
    if (
        not file.named
        and file.path.suffix.lower() in (".txt", ".xlsx")
        and is_report_file(file.path)
    ):
        return
    found: list[Export] = []
    refused: list[MerchantwatchError] = []
    broken: list[MerchantwatchError] = []
    is_report = False
    stamp = _stamp(file)
    for part in opened(file, words):
        source = part.source
        if isinstance(source, InputError):
            (refused if isinstance(source, HiddenSheetError) else broken).append(source)
        elif not file.named and is_report_table(source.headers):
            is_report = True
        else:
            try:
                found.append(recognised(source, part.file, mapping, settings))
            except MerchantwatchError as error:
                refused.append(error)
    if not (found or refused or broken or is_report):
        refused.append(_nothing_in(file))
    _settle(taken, file, found, refused, broken)
    taken.stamps += [stamp] if found and stamp else []


def _stamp(file: FoundFile) -> Stamp | None:
    """Return the stamp of a file before it is opened; None where it cannot be, or is temporary."""
    if not file.timed:
        return None
    try:
        return Stamp.of(file.path, file.label)
    except OSError:
        return None


def _found(address: str, elsewhere: Elsewhere | None) -> Iterable[tuple[FoundFile, Source]]:
    if elsewhere is None:
        raise InputError(
            f"{address}: an address is read by Spark; use --engine spark",
            f"{address}：该地址需由 Spark 读取，请使用 --engine spark",
        )
    return elsewhere(address)


def _take_source(
    taken: Taken, source: Source, file: FoundFile, mapping: Format | None, settings: Settings
) -> None:
    if not file.named and is_report_table(source.headers):
        return
    try:
        taken.exports.append(recognised(source, file, mapping, settings))
    except InputError as error:
        (taken.failed if file.named else taken.skipped).append(error)


def _settle(
    taken: Taken,
    file: FoundFile,
    found: Sequence[Export],
    refused: Sequence[MerchantwatchError],
    broken: Sequence[MerchantwatchError],
) -> None:
    """Add what was found; unrecognised parts are a failure only where no part is recognised.

    Raises UsageError when the user's mapping fits no part of the file.
    """
    wrong = next((error for error in refused if isinstance(error, UsageError)), None)
    if wrong and not found:
        raise wrong
    taken.exports += found
    # Folders often hold notes and logs as .txt: that they are no export is no failure.
    some_text = not file.named and file.path.suffix.lower() == ".txt"
    (taken.skipped if some_text else taken.failed).extend(_first_of(broken, file))
    (taken.skipped if found or not file.named else taken.failed).extend(_first_of(refused, file))


def _first_of(errors: Sequence[MerchantwatchError], file: FoundFile) -> list[MerchantwatchError]:
    """Return the errors of parts of a file; of many the first, and how many more there are."""
    more = len(errors) - _MOST_NAMED
    if more <= 0:
        return [*errors]
    rest = InputError(
        f"{file.label}: {more:,} more of the files in it were not read",
        f"{file.label}：其中另有 {more:,} 个文件未读取",
    )
    return [*errors[:_MOST_NAMED], rest]


def _nothing_in(file: FoundFile) -> InputError:
    kinds = ", ".join(EXTENSIONS)
    return InputError(
        f"{file.label}: no table to read in it ({kinds})",
        f"{file.label}：其中没有可读取的表格（{kinds}）",
    )


def _by_age(exports: list[Export]) -> list[Export]:
    """Sort exports from the oldest to the newest and number them so.

    What has no export time (a table, standard input) is as of now: it is the newest.
    """
    for position, export in enumerate(exports):
        export.position = position
    ordered = sorted(exports, key=lambda e: (e.exported_at is None, e.exported_at or datetime.min))  # noqa: DTZ901
    for number, export in enumerate(ordered):
        export.number = number
    return ordered
