"""The files in a zip, each as content that is unpacked while it is read."""

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath

from msgspec import Struct

from merchantwatch.errors import InputError
from merchantwatch.reading.names import member_name
from merchantwatch.reading.packed import Content, encrypted, refusing_broken

_ENCRYPTED = 0x1
_PARTS = (r"\[content_types\].xml", r"xl/workbook.*\.(xml|bin)")
_PARTS_OF_ODS = ("content.xml", "meta-inf/manifest.xml")


class Member(Struct, frozen=True):
    """A file in a zip: its decoded name, and the wall-clock time of its last change."""

    content: Content
    name: PurePosixPath
    modified: datetime | None


def members(path: Path, label: str) -> Iterator[Member | InputError]:
    """Yield the files in a zip in the order of their names; an encrypted one as an error.

    A zip may hold several files with the same name: each is yielded. Raises InputError when the
    zip is broken.
    """
    with refusing_broken(label):
        archive = zipfile.ZipFile(path)
    named = sorted(((member_name(entry), entry) for entry in archive.infolist()), key=_by_name)
    times: Counter[str] = Counter()
    for text, entry in named:
        name = PurePosixPath(text)
        # macOS adds files of metadata (__MACOSX, ._name) that look like exports by their name.
        hidden = any(part.startswith((".", "__MACOSX")) for part in name.parts)
        if entry.is_dir() or hidden:
            continue
        # Equal names are told apart by a number, as each place must name one file.
        times[text] += 1
        place = f"{label}[{name}]" if times[text] == 1 else f"{label}[{name} ({times[text]})]"
        if entry.flag_bits & _ENCRYPTED:
            yield encrypted(place)
        else:
            yield Member(Content(path, place, "zip", entry, archive), name, _modified_at(entry))


def is_workbook(content: Content) -> bool:
    """Say whether a zip on the disk is a workbook: by the parts that every one has."""
    with refusing_broken(content.label), zipfile.ZipFile(content.path) as archive:
        names = [name.replace("\\", "/").lower() for name in archive.namelist()]
    return any(
        all(any(re.fullmatch(part, name) for name in names) for part in parts)
        for parts in (_PARTS, _PARTS_OF_ODS)
    )


def _by_name(named: tuple[str, zipfile.ZipInfo]) -> tuple[str, int]:
    return named[0], named[1].header_offset


def _modified_at(entry: zipfile.ZipInfo) -> datetime | None:
    try:
        return datetime(*entry.date_time)  # noqa: DTZ001  wall-clock time
    # A zip may state month 0 or second 62: then the file's time is unknown.
    except ValueError:
        return None
