"""The key of this installation for hashes of buyers and receivers; it is never shown."""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from merchantwatch.settings import Settings

_BYTES = 32
_OWNER_ONLY = 0o600


@dataclass(frozen=True)
class InstallationKey:
    """A key; ``unwritten`` is the file that should hold it, if that cannot be written."""

    secret: bytes = field(repr=False)
    unwritten: Path | None = None


def installation_key(settings: Settings) -> InstallationKey:
    """Return the key of the settings, else that in the user's folder, which is created if missing.

    If the folder cannot be used, the key is valid for this run alone.
    """
    # surrogateescape: an environment variable may hold bytes that are no UTF-8.
    if settings.key is not None:
        # Hashed to a fixed length, whatever a user writes.
        return InstallationKey(sha256(settings.key.encode(errors="surrogateescape")).digest())
    path = key_file()
    try:
        return InstallationKey(_stored(path))
    except (OSError, ValueError):
        return InstallationKey(secrets.token_bytes(_BYTES), unwritten=path)


def key_file() -> Path:
    """Return where the key of this user's installation stands."""
    import click

    return Path(click.get_app_dir("merchantwatch")) / "key"


def _stored(path: Path) -> bytes:
    """Return the key in a file. If several runs create it at once, one wins and all use it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _make(path)
    # The file may belong to another user, who lets us read it: then its mode is not ours to set.
    with suppress(OSError):
        path.chmod(_OWNER_ONLY)
    found = bytes.fromhex(path.read_text("ascii"))
    if len(found) != _BYTES:
        raise ValueError(path)
    return found


def _make(path: Path) -> None:
    """Write a new key to a temporary file, then link it unless one has appeared meanwhile."""
    # A link, not a rename: a rename would replace the key that another run uses already.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_BYTES))
        try:
            os.link(temporary, path)
        except FileExistsError:
            return
    finally:
        temporary.unlink()
