"""Mapping: which column is which field, proposed for an export that no format recognises.

There are two kinds of evidence: the name of a column, and what its values look like. In reading
order: ``names.py`` and ``promises.py`` read names, ``shapes.py`` looks at values, ``proposing.py``
assigns columns to fields by both, ``guesses.py`` and ``times.py`` by values alone; ``toml.py`` and
``text.py`` write the proposal.
"""

from collections.abc import Sequence
from pathlib import Path

from merchantwatch.errors import UsageError
from merchantwatch.formats import MAPPED, Format
from merchantwatch.language.text import Text
from merchantwatch.mapping.dictionary import is_personal
from merchantwatch.mapping.proposal import Entry, Proposal, WordTable
from merchantwatch.mapping.proposing import propose
from merchantwatch.reading import Export, release, take
from merchantwatch.settings import Settings

__all__ = ["Entry", "Proposal", "WordTable", "file_of", "proposed"]

_NOTHING_MAPPED = Format(
    code=MAPPED,
    platform="",
    kind="orders",
    title=Text(zh="未映射", en="not mapped"),
    where=Text(zh="", en=""),
    columns={},
)
"""The format by which the file is read before a mapping is proposed: no column is a field."""


def proposed(name: str, settings: Settings) -> Proposal | Format:
    """Propose a mapping for one file or sheet; if a format recognises it, return that format.

    Raises UsageError if the name does not mean exactly one file or sheet, and InputError for a file
    that cannot be read.
    """
    file = file_of(name)
    # Columns about people are not even read.
    taken = take([file], _NOTHING_MAPPED, settings, others=lambda header: not is_personal(header))
    try:
        for error in taken.failed:
            raise error
        export = _meant(name, file, taken.exports)
        return propose(export.source) if export.form.code == MAPPED else export.form
    finally:
        for path in taken.temporary:
            release(path)


def file_of(name: str) -> str:
    """Return the file of a name like ``book.xlsx[Orders]``, which means a sheet or a member."""
    file, _, part = name.partition("[")
    # A file may really have brackets in its name: then that name wins.
    return file if part.endswith("]") and not Path(name).exists() and Path(file).exists() else name


def _meant(name: str, file: str, exports: Sequence[Export]) -> Export:
    """Return the export that a name means. Raises UsageError if that is none, or several."""
    found = [export for export in exports if name in (file, export.label)]
    if len(found) != 1:
        labels = sorted({export.label for export in exports})
        raise UsageError(
            f"{name}: a mapping is for one file or sheet, here are {len(exports)}; name one of "
            + ", ".join(labels),
            f"{name}：列映射只针对一个文件或工作表，这里有 {len(exports)} 个；请指定其中之一："
            + "、".join(labels),
        )
    return found[0]
