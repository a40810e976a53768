"""Memory as a user writes it, and what a run takes of it in any case."""

import re

from merchantwatch.errors import UsageError

LEAST_BYTES = 650 * 10**6
"""What five million lines of CSV take in all, measured, with the least that the database needs."""

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:I?B)?", re.IGNORECASE)
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}

_MOST_BYTES = 10**15
"""More memory than this no machine has."""


def bytes_of(memory: str) -> int:
    """Return ``1GB`` as a number of bytes. Raises UsageError for anything else."""
    match = _SIZE.fullmatch(memory.strip())
    size = float(match[1]) * _UNITS[match[2].upper()] if match else 0
    if not 1 <= size <= _MOST_BYTES:
        raise UsageError(
            f"--memory {memory[:40]}: write it like 1GB or 800MB",
            f"--memory {memory[:40]}：请写成 1GB 或 800MB 这样的大小",
        )
    return int(size)
