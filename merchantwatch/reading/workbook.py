"""An open workbook: its cells through python-calamine, and its parts, whose XML is examined."""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from merchantwatch.errors import InputError
from merchantwatch.reading.packed import Content, encrypted, most_of, refusing_broken, too_large
from merchantwatch.reading.sheetxml import Looked, looked_at
from merchantwatch.reading.trial import refuse_what_bursts

MOST_IN_A_WORKBOOK = 2 << 30
"""A workbook that unpacks to more bytes than this is refused: sheets are read into memory."""

_MOST_PACKED = 512 << 20
_OLE, _ENCRYPTED = b"\xd0\xcf\x11\xe0", "EncryptedPackage".encode("utf-16-le")
_LARGEST_INDEX = 1 << 20
_SHEET = re.compile(rb"""<(?:\w+:)?sheet\b[^>]*\b\w+:id\s*=\s*["']([^"']+)["']""")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_ID = re.compile(rb"""\bId\s*=\s*["']([^"']+)["']""")
_TARGET = re.compile(rb"""\bTarget\s*=\s*["']/?(?:xl/)?([^"']+)["']""")


class Parts:
    """The examined parts of a workbook that is a zip of XML; any other workbook has none."""

    def __init__(self, label: str, stream: IO[bytes]) -> None:
        self._book = zipfile.ZipFile(stream) if zipfile.is_zipfile(stream) else None
        self._looked: dict[str, Looked] = {}
        self._names: list[str | None] = []
        if self._book:
            self._looked = dict(_looked_at(label, self._book))
            self._names = _sheets(self._book)
        stream.seek(0)

    @property
    def all_known(self) -> bool:
        """Whether the XML of every sheet was found and examined."""
        return bool(self._names) and all(name in self._looked for name in self._names)

    def looked(self, place: int) -> Looked:
        """Return what was found in the XML of the ``place``-th sheet.

        If it is unknown which part that is, a cell far off in any of them counts.
        """
        name = self._name(place)
        if name is not None:
            return self._looked[name]
        return Looked(next((one.far for one in self._looked.values() if one.far), ""))

    def open(self, place: int) -> IO[bytes] | None:
        """Open the XML of the ``place``-th sheet; None where it is unknown which part that is."""
        name = self._name(place)
        return self._book.open(name) if self._book and name is not None else None

    def _name(self, place: int) -> str | None:
        name = self._names[place] if place < len(self._names) else None
        return name if name in self._looked else None


@contextmanager
def opened(content: Content) -> Iterator[tuple[Any, Parts]]:
    """Open a workbook: as python-calamine reads it, and its parts.

    Raises InputError when it is encrypted, broken, or unpacks to more than fits.
    """
    import python_calamine

    data = content.whole(_MOST_PACKED)
    if data.startswith(_OLE) and _ENCRYPTED in data:
        raise encrypted(content.label)
    with refusing_broken(content.label):
        parts = Parts(content.label, io.BytesIO(data))
    if not parts.all_known:
        refuse_what_bursts(content.label, data)
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except python_calamine.PasswordError:
        raise encrypted(content.label) from None
    except (python_calamine.CalamineError, OSError) as error:
        raise unreadable(content.label, error) from None
    with workbook:
        yield workbook, parts


def _looked_at(label: str, book: zipfile.ZipFile) -> Iterator[tuple[str, Looked]]:
    """Yield the findings in each part of XML. Raises InputError when all parts are too large.

    The sizes that a zip states may be wrong, so each part is unpacked to measure it.
    """
    entries = book.infolist()
    most = min(MOST_IN_A_WORKBOOK, most_of(sum(entry.compress_size for entry in entries)))
    if sum(entry.file_size for entry in entries) > most:
        raise too_large(label, most)
    for entry in entries:
        with book.open(entry) as part:
            if entry.filename.endswith(".xml"):
                yield entry.filename, looked_at(part, entry.file_size)
            # To its end: only there zipfile compares the stated size and checksum with the content.
            while part.read(1 << 20):
                pass


def _sheets(book: zipfile.ZipFile) -> list[str | None]:
    """Return the names of the parts that hold sheets, in the workbook's order."""
    index, relations = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
    if not {index, relations} <= set(book.namelist()):
        return []
    targets = {}
    for relation in _RELATION.findall(_head(book, relations)):
        named, target = _ID.search(relation), _TARGET.search(relation)
        if named and target:
            targets[named[1]] = f"xl/{target[1].decode()}"
    return [targets.get(sheet) for sheet in _SHEET.findall(_head(book, index))]


def _head(book: zipfile.ZipFile, name: str) -> bytes:
    with book.open(name) as part:
        return part.read(_LARGEST_INDEX)


def unreadable(label: str, error: Exception) -> InputError:
    """Say that a workbook, or a sheet of it, cannot be read."""
    why = " ".join(str(error).split())
    return InputError(
        f"{label}: it cannot be read as an Excel workbook ({why}); save or export it again",
        f"{label}：无法按 Excel 工作簿读取（{why}）；请重新保存或导出",
    )
