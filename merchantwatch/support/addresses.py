"""Addresses in the environment: they are secrets, and never shown."""

import os
from urllib.parse import urlsplit


def http_address(variable: str) -> str:
    """Return the http(s) address that a variable of the environment holds.

    Raises ValueError, which holds nothing of it, when there is none.
    """
    value = os.environ.get(variable, "").strip()
    try:
        parts = urlsplit(value)
        able = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        able = False
    if not able:
        raise ValueError(variable)
    return value
