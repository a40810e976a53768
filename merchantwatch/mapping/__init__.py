"""Mapping: an export that no format knows → which of its columns is which field, proposed.

Two witnesses are heard: what a column is called, and what its values look like.
"""

from merchantwatch.errors import UsageError
from merchantwatch.formats import MAPPED, Format
from merchantwatch.mapping.proposing import Entry, Proposal, WordTable, propose
from merchantwatch.reading import take
from merchantwatch.settings import Settings
from merchantwatch.texts import Text

__all__ = ["Entry", "Proposal", "WordTable", "proposed"]

_NOTHING_MAPPED = Format(
    code=MAPPED,
    platform="",
    kind="orders",
    title=Text(zh="未映射", en="not mapped"),
    where=Text(zh="", en=""),
    columns={},
)
"""What a file is taken for that no format recognises: none of its columns is a field."""


def proposed(name: str, settings: Settings) -> Proposal | Format:
    """Return a mapping for one file, or the format that recognises it.

    Raises UsageError where the name does not stand for one file, and InputError for a file that
    cannot be read.
    """
    taken = take([name], _NOTHING_MAPPED, settings)
    try:
        for error in taken.failed:
            raise error
        if len(taken.exports) != 1:
            raise UsageError(
                f"{name}: a mapping is for one file, here are {len(taken.exports)}; name one",
                f"{name}：列映射只针对一个文件，这里有 {len(taken.exports)} 个；请指定其中一个",
            )
        export = taken.exports[0]
        return propose(export.source) if export.form.code == MAPPED else export.form
    finally:
        for path in taken.temporary:
            path.unlink(missing_ok=True)
