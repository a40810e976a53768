"""Sizes as a user writes them: ``800MB``, ``1.5 GB``."""

import re

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:I?B)?", re.IGNORECASE)
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}

_MOST_BYTES = 10**15
"""A petabyte: no machine has more memory, so a larger size is a slip of the keyboard."""


def size_of(text: str) -> int:
    """Return a size as a number of bytes. Raises ValueError for an invalid one."""
    match = _SIZE.fullmatch(text.strip())
    size = float(match[1]) * _UNITS[match[2].upper()] if match else -1
    if not 0 <= size <= _MOST_BYTES:
        raise ValueError(text)
    return int(size)
