"""Personal columns → keyed hashes on Spark: plain personal values stay on the executors.

The hashing function is sent there by value, so that an executor needs pyspark and pyarrow, but not
this package. The secret is inside it, as a part of tasks: it is in no setting and in no text of a
plan. A broadcast variable would be a file on every machine.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from merchantwatch.reading import Keyed, Wanted, arrow, keys


def hashes(wanted: Wanted) -> list[Any]:
    """Return the columns of keyed hashes of columns ``c<position>``."""
    with _python_at_hand():
        return [_hashes(key, wanted.empty).alias(f"c{i}") for i, key in wanted.keys.items()]


def _hashes(key: Keyed, empty: tuple[str, ...]) -> Any:
    from pyspark.sql import functions

    F: Any = functions  # noqa: N806  as Spark's own pages name it; its stubs lack arrow_udf
    places = tuple(dict.fromkeys(index for way in key.ways for index in way.columns))
    hashed = F.arrow_udf(keyed_by_value(places, key, empty), "string")
    return hashed(*(F.col(f"c{index}") for index in places))


def keyed_by_value(places: tuple[int, ...], key: Keyed, empty: tuple[str, ...]) -> Any:
    """Return the function that hashes the columns at these places.

    It imports nothing of this package where it runs.
    """
    import pyarrow as pa
    from pyspark import cloudpickle as untyped

    cloudpickle: Any = untyped
    for module in (arrow, keys):
        cloudpickle.register_pickle_by_value(module)
    keyed = keys.keyed

    # Spark reads the kind of the function off its annotations.
    def keyed_hash(*cells: pa.Array) -> pa.Array:  # type: ignore[type-arg]
        return keyed(dict(zip(places, cells, strict=True)), key, empty)

    return keyed_hash


@contextmanager
def _python_at_hand() -> Iterator[None]:
    """Let executors in this process use the running Python, unless the user names another."""
    from pyspark import SparkContext

    context = SparkContext.getOrCreate()
    named = context.pythonExec
    try:
        if (context.master or "").startswith("local") and "PYSPARK_PYTHON" not in os.environ:
            context.pythonExec = sys.executable
        yield
    finally:
        context.pythonExec = named
