"""Sizes of memory as a user writes them, and the least that a run takes."""

from merchantwatch.errors import UsageError
from merchantwatch.support.sizes import size_of

LEAST_BYTES = 650 * 10**6
"""What five million lines of CSV take, as measured with the least memory for the database."""


def bytes_of(memory: str) -> int:
    """Return ``1GB`` as a number of bytes. Raises UsageError for anything else."""
    try:
        size = size_of(memory)
    except ValueError:
        size = 0
    if size < 1:
        raise UsageError(
            f"--memory {memory[:40]}: write it like 1GB or 800MB",
            f"--memory {memory[:40]}：请写成 1GB 或 800MB 这样的大小",
        )
    return size
