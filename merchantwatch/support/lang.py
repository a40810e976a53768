"""The language of error messages, before any setting is read."""

import os
from typing import Literal

Lang = Literal["zh", "en"]

_chosen: str | None = None


def set_lang(lang: str | None) -> None:
    """Store the language of an option, so that error messages use it too."""
    global _chosen  # noqa: PLW0603  one process, one command line
    _chosen = lang


def message_lang() -> Lang:
    """Return the language that an option or the environment sets, else the locale's."""
    chosen = _chosen or os.environ.get("MERCHANTWATCH_LANG")
    if chosen == "zh":
        return "zh"
    return "en" if chosen == "en" else locale_lang()


def locale_lang() -> Lang:
    """Return zh where the locale is Chinese, else en."""
    # POSIX: the first of these that is set wins, an empty one counts as unset.
    values = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next(filter(None, values), "")
    return "zh" if locale.lower().startswith("zh") else "en"
