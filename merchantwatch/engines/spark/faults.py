"""Turns errors of Spark into one line for the user."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from merchantwatch.errors import InputError, MerchantwatchError

_IN_PYTHON = re.compile(r"(?!org\.|java\.)[\w.]+(Error|Exception): .")
"""The last line of a traceback of an executor's Python."""


@contextmanager
def reporting(label: str, kind: type[MerchantwatchError] = InputError) -> Iterator[None]:
    """Turn Spark's errors into one that names what was read or written."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        reason = _reason(error)
        raise kind(
            f"{label}: Spark could not finish ({reason})", f"{label}：Spark 未能完成（{reason}）"
        ) from error


def _reason(error: Exception) -> str:
    """Return the last cause of a failure: the lines above it are about Spark's internals."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith("Caused by:")]
    in_python = [line for line in lines if _IN_PYTHON.match(line)]
    return (in_python or causes or lines[:1])[-1][:300]
