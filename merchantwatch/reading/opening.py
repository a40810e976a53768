"""A found file → its sources: one, or one for each sheet or archive member."""

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from merchantwatch.errors import InputError
from merchantwatch.reading.archives import Member, is_workbook, members
from merchantwatch.reading.columnar import ARROW, ParquetFile, open_arrow, open_parquet
from merchantwatch.reading.csv import CsvFile, open_csv
from merchantwatch.reading.excel import Sheet, sheets, tables_of
from merchantwatch.reading.headers import Words
from merchantwatch.reading.html import is_html
from merchantwatch.reading.inputs import EXTENSIONS, WORKBOOKS, FoundFile
from merchantwatch.reading.packed import Content
from merchantwatch.reading.tables import MemoryTable

_OLE, _PARQUET, _GZIP = b"\xd0\xcf\x11\xe0", b"PAR1", b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


class Opened(Struct, frozen=True):
    """A source in a file and its place, or the error that it cannot be read."""

    file: FoundFile
    source: CsvFile | ParquetFile | MemoryTable | Sheet | InputError


def opened(file: FoundFile, words: Words) -> Iterator[Opened]:
    """Yield the sources in a file, whatever it is packed in.

    ``words`` are the headers that are known. What cannot be read comes as an error.
    """
    try:
        yield from _parts(file, words)
    except InputError as error:
        yield Opened(file, error)
    except OSError as error:
        yield Opened(file, _unopened(file.label, error))


def _parts(file: FoundFile, words: Words) -> Iterator[Opened]:
    content = Content(file.path, file.label)
    # The first bytes decide, not the name: back offices serve web pages and zips as .xls.
    start = content.head(4)
    # So a broken Parquet file is reported as such, not as unreadable text.
    named_parquet = file.path.suffix.lower() == ".parquet"
    if start == _PARQUET or (named_parquet and not start.startswith(_GZIP)):
        yield Opened(file, open_parquet(file.path, file.label, file.partitions))
    elif start in _ZIP and not _is_workbook(content, file.path):
        for member in members(file.path, file.label):
            yield from _of_member(file, member, words)
    elif start.startswith(_GZIP):
        unpacked = replace(file, path=file.path.with_suffix(""), packed=file.path)
        yield from _of_content(unpacked, Content(file.path, file.label, "gz"), words)
    else:
        yield from _of_content(file, content, words)


def _of_member(file: FoundFile, member: Member | InputError, words: Words) -> Iterator[Opened]:
    if isinstance(member, InputError):
        yield Opened(file, member)
    elif member.name.suffix.lower() in EXTENSIONS:
        path, label = file.path / member.name, member.content.label
        place = replace(file, path=path, label=label, packed=file.path, zipped_at=member.modified)
        try:
            yield from _of_content(place, member.content, words)
        except InputError as error:
            yield Opened(place, error)


def _of_content(file: FoundFile, content: Content, words: Words) -> Iterator[Opened]:
    start = content.head(4)
    if start == _OLE or (start in _ZIP and _is_workbook(content, file.path)):
        for sheet in sheets(content, words):
            yield Opened(file, sheet)
    elif start in ARROW:
        unpacked = content.unpacked() if content.packing else None
        yield Opened(file, open_arrow(content.path, content.label, unpacked))
    elif start == _PARQUET:
        source = open_parquet(content.path, content.label, unpacked=content.unpacked())
        yield Opened(file, source)
    elif start in _ZIP or start.startswith(_GZIP):
        raise InputError(
            f"{content.label}: packed twice is not read; unpack it and give the files",
            f"{content.label}：不支持多层压缩；请解压后直接给出文件",
        )
    elif is_html(content):
        for table in tables_of(content, words):
            yield Opened(file, table)
    else:
        yield Opened(file, open_csv(content, words=words.known))


def _is_workbook(content: Content, path: Path) -> bool:
    """Say whether a zip is a workbook: by its content, or if it is a packed file, by its name."""
    # A zip's index stands at its end: a packed one would have to be unpacked as a whole for it.
    if content.packing:
        return path.suffix.lower() in WORKBOOKS
    return is_workbook(content)


def _unopened(label: str, error: OSError) -> InputError:
    return InputError(
        f"{label}: it cannot be opened ({error.strerror}); check the file and its rights",
        f"{label}：无法打开（{error.strerror}），请检查文件及其权限",
    )
