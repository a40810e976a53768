"""The shop of an export's lines that name none."""

import re
from pathlib import Path

from merchantwatch.formats import Format
from merchantwatch.settings import Settings


def shop_of(path: Path | None, form: Format, settings: Settings) -> tuple[str | None, str | None]:
    """Return the shop of an export and where it is known from.

    A pattern of the settings, which is about this file, wins over ``--shop``, which is about all
    exports. The letters in a file's name come last. ``path`` is None for an export that is no
    file. If the shop is unknown, both are None.
    """
    if form.kind != "orders":
        return None, None
    if path:
        for pattern in settings.shops:
            # From the end of the path, so that a pattern may name a folder.
            if path.absolute().match(pattern.match):
                return pattern.name, "pattern"
    if settings.shop:
        return settings.shop, "setting"
    letters = re.match(form.file_shop, path.name) if path and form.file_shop else None
    return (letters[1], "file name") if letters else (None, None)
