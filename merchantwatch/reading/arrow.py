"""Arrow arrays put together by hand: where pyarrow takes a Python value, it would load pandas."""

import itertools
from array import array
from collections.abc import Sequence
from functools import cache
from typing import Any


def texts(words: Sequence[str]) -> Any:
    """Return words as an Arrow array."""
    import pyarrow as pa

    encoded = [word.encode() for word in words]
    ends = itertools.accumulate((len(word) for word in encoded), initial=0)
    offsets = pa.py_buffer(array("i", ends).tobytes())
    return pa.StringArray.from_buffers(len(words), offsets, pa.py_buffer(b"".join(encoded)))


def without_nothing(text: Any, empty: tuple[str, ...]) -> Any:
    """Return a text column in which the words that mean nothing are null."""
    import pyarrow as pa
    from pyarrow import compute

    nothing = compute.is_in(text, value_set=_words(empty).cast(text.type))
    if not compute.any(nothing).as_py():
        return text
    return compute.if_else(nothing, pa.nulls(len(text), text.type), text)


@cache
def _words(words: tuple[str, ...]) -> Any:
    return texts(words)
