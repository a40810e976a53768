"""Columns of cells as a source yields them."""

from collections.abc import Mapping
from typing import Any

Columns = Mapping[int, str]
"""Positions of columns to read, each with the signs that are trimmed off around its cells."""


def is_text(kind: Any) -> bool:
    """Say whether an Arrow type is text."""
    from pyarrow import types

    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def trimmed(column: Any, around: str) -> Any:
    """Return a column without these signs around its cells, where it is text."""
    from pyarrow import compute

    return compute.utf8_trim(column, around) if is_text(column.type) else column
