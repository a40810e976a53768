"""Folders that executors write, atomically."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from merchantwatch.engines.spark.faults import reporting
from merchantwatch.errors import OutputError
from merchantwatch.support.leftovers import discarding

if TYPE_CHECKING:
    from pyspark.sql import DataFrameWriter


_WHOLE = "_SUCCESS"
"""The file that Spark adds to a folder once all of it is written."""


def write(writer: "DataFrameWriter", target: Path | str) -> None:
    """Write a folder of Parquet files.

    On this machine it is written beside its place and renamed; an earlier one is replaced. An
    address must be unused: stores of objects cannot rename, and Spark's own mark shows that the
    folder is complete.
    """
    if isinstance(target, str):
        with reporting(target, OutputError):
            writer.mode("errorifexists").parquet(target)
        return
    # Only a folder that Spark has written is replaced: a slip in the path must delete nothing.
    if target.exists() and not (target / _WHOLE).is_file():
        raise OutputError(
            f"{target}: what stands there is no folder of hits; name another place",
            f"{target}：该处已有其他内容，请换一个位置",
        )
    beside = target.with_name(f".{target.name}.part")
    with discarding(beside):
        with reporting(str(target), OutputError):
            writer.mode("overwrite").parquet(beside.absolute().as_uri())
        _put(beside, target)


def _put(beside: Path, target: Path) -> None:
    """Put a whole folder in its place."""
    try:
        if target.exists():
            shutil.rmtree(target)
        beside.rename(target)
    except OSError as error:
        raise OutputError(
            f"{target}: the hits cannot be written ({error.strerror}); check the folder",
            f"{target}：无法写入（{error.strerror}），请检查文件夹",
        ) from None
