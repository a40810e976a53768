"""Temporary files: removed when the run ends, whatever ends it; leftovers of killed runs too.

A run holds a lock on each of its folders and files. An unlocked one was left by a killed run, and
the next run removes it. Locks are tested instead of process ids, which the system reuses.
"""

import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from merchantwatch.errors import OutputError
from merchantwatch.support.ending import before_end

if sys.platform != "win32":
    import fcntl

_NAMED_BY = ("TMPDIR", "TEMP", "TMP")
_USUAL = ("/tmp", "/var/tmp", "/usr/tmp") if sys.platform != "win32" else ()  # noqa: S108
_PREFIX = "merchantwatch-run-"
_PART = ".part"
_SIGNS = 8
_LONGEST_START = 40
_ATTEMPTS = 100

_pending: dict[Path, int] = {}
"""Paths to remove when the process ends, each with the descriptor of its lock, or -1."""


def temporaries() -> Path:
    """Return the folder of temporary files that ``tempfile`` would choose, without a trial file.

    ``tempfile`` tests each folder by writing a file. A signal at that moment would leave it there
    for ever, since its name does not say whose it is.
    """
    named = [tempfile.tempdir or "", *(os.environ.get(name, "") for name in _NAMED_BY)]
    for folder in filter(None, [*named, *_USUAL]):
        if Path(folder).is_dir() and os.access(folder, os.W_OK | os.X_OK):
            return Path(folder).absolute()
    return Path(tempfile.gettempdir())


def nameless() -> IO[bytes]:
    """Return a temporary file that has no name, and is gone when it is closed."""
    return tempfile.TemporaryFile(dir=temporaries())


def temporary_folder() -> Path:
    """Return a new folder for this run alone, and remove those of killed runs.

    Raises OutputError when it cannot be created.
    """
    try:
        return _fresh(temporaries())
    except OSError as error:
        raise OutputError(
            f"the folder of temporary files: {error.strerror}; name another one by TMPDIR",
            f"临时文件夹：{error.strerror}；请用 TMPDIR 另行指定",
        ) from None


def _fresh(parent: Path) -> Path:
    for left in parent.glob(f"{_PREFIX}*"):
        _remove_left(left)
    for _ in range(_ATTEMPTS):
        folder = parent / f"{_PREFIX}{secrets.token_hex(_SIGNS)}"
        # Registered before it is created: a signal in between would leave it behind.
        _pending[folder] = -1
        folder.mkdir(mode=0o700)
        with suppress(FileNotFoundError):
            _pending[folder] = os.open(folder, os.O_RDONLY)
            _lock(_pending[folder])
        if folder.exists():
            return folder
        # Another run took it for a leftover before the lock was held, and removed it.
        _forget(folder)
    raise FileExistsError(str(parent))


def remove(path: Path) -> None:
    """Remove a temporary folder, and release its lock."""
    # Another thread may still write into it, so that a single pass finds it not empty.
    for _ in range(_ATTEMPTS):
        shutil.rmtree(path, ignore_errors=True)
        if not path.exists():
            break
    _forget(path)


def remove_all() -> None:
    """Remove everything that this process has created and not removed yet."""
    for path in list(_pending):
        with suppress(OSError):
            remove(path) if path.is_dir() else path.unlink(missing_ok=True)


before_end.append(remove_all)


@contextmanager
def private_temporaries() -> Iterator[None]:
    """Let libraries put temporary files into a folder that is removed however the run ends."""
    before, folder = tempfile.tempdir, temporary_folder()
    tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before
        remove(folder)


@contextmanager
def discarding(folder: Path) -> Iterator[None]:
    """Remove a folder that a library fills, if filling it fails or the process ends meanwhile."""
    _pending[folder] = -1
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        _forget(folder)


def remove_parts(folder: Path, start: str = "") -> None:
    """Remove the parts of files that killed runs have left in a folder, by the start of a name."""
    with suppress(OSError):
        for left in folder.iterdir():
            if left.name.startswith(start) and left.name.endswith(_PART):
                _remove_left(left)


@contextmanager
def part_beside(path: Path) -> Iterator[IO[bytes]]:
    """Give a file beside ``path`` to write into; it is renamed to ``path`` once it is complete.

    On any failure it is removed, and the earlier file at the path stays. Parts of killed runs
    there are removed. Raises OSError when it cannot be written.
    """
    # A link is followed: the file it names is replaced, not the link.
    path = Path(os.path.realpath(path))
    # A long name plus the random letters could exceed what file systems allow (255 bytes).
    start = f".{path.name[:_LONGEST_START]}."
    remove_parts(path.parent, start)
    beside = path.with_name(f"{start}{secrets.token_hex(_SIGNS)}{_PART}")
    _pending[beside] = -1
    try:
        with beside.open("xb") as file:
            _lock(file.fileno())
            yield file
            file.flush()
            # Without it a loss of power could leave an empty file under the name.
            os.fsync(file.fileno())
            _become_like(file.fileno(), path)
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    finally:
        _forget(beside)


def _become_like(descriptor: int, path: Path) -> None:
    """Give a file the mode of the file that it replaces, and its owner where that is allowed."""
    if sys.platform == "win32":
        return
    with suppress(OSError):
        before = path.stat()
        with suppress(OSError):
            os.fchown(descriptor, before.st_uid, before.st_gid)
        os.fchmod(descriptor, before.st_mode & 0o777)


def _lock(descriptor: int) -> None:
    """Lock a new file. On a file system without locks, leftovers are not removed."""
    if sys.platform != "win32":
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)


def _forget(path: Path) -> None:
    descriptor = _pending.pop(path, -1)
    if descriptor >= 0:
        os.close(descriptor)


def _remove_left(path: Path) -> None:
    """Remove the leftovers of a killed run: owned by this user, no link, and not locked."""
    if sys.platform == "win32":
        return
    with suppress(OSError):
        # In a folder for everybody others may have put links, to have us delete what these name.
        if path.is_symlink() or path.lstat().st_uid != os.getuid():
            return
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        try:
            # Its run holds the lock while it lives: BlockingIOError ends the attempt, and the
            # folder stays.
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        finally:
            os.close(descriptor)
