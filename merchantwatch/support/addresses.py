"""Addresses in environment variables. They are secrets, so no message shows them."""

import os
from urllib.parse import urlsplit


def http_address(variable: str) -> str:
    """Return the http(s) address that a variable of the environment holds.

    Raises ValueError when there is no valid one; the error names the variable, never the address.
    """
    value = os.environ.get(variable, "").strip()
    try:
        parts = urlsplit(value)
        is_valid = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_valid = False
    if not is_valid:
        raise ValueError(variable)
    return value
