"""The places of the history and of its cache."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from merchantwatch.errors import UsageError
from merchantwatch.settings import Settings

if TYPE_CHECKING:
    from merchantwatch.config import HistoryPlace

_FROM_ENVIRONMENT = "env:"

FOLDER = "merchantwatch-cache"
"""The folder of the cache, beside a history."""


def place_of(history: "HistoryPlace") -> Path | str:
    """Return the path or URL at which runs are recorded.

    Raises UsageError if the environment should name it and does not.
    """
    if history.path is not None:
        return Path(history.path)
    # Neither path nor URL: `--history` alone uses the user's own folder.
    if history.url is None:
        import platformdirs

        return platformdirs.user_state_path("merchantwatch") / "history.db"
    if not history.url.startswith(_FROM_ENVIRONMENT):
        return history.url
    name = history.url.removeprefix(_FROM_ENVIRONMENT)
    if not os.environ.get(name):
        raise UsageError(
            f"[history] url: the environment has no {name}",
            f"[history] url：环境变量 {name} 未设置",
        )
    return os.environ[name]


def cache_folder(settings: Settings) -> Path | None:
    """Return the folder of the cache, beside the history; None if this run has none.

    For a history on a server it is in the user's folder for caches.
    """
    # A dry run must write nothing.
    if settings.history is None or settings.dry_run or not settings.cache.bytes:
        return None
    place = place_of(settings.history)
    if isinstance(place, Path):
        return place.with_name(FOLDER)
    import platformdirs

    return platformdirs.user_cache_path("merchantwatch") / "exports"
