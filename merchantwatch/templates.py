"""Templates of the package, SQL and pages: compiled once, kept beside Python's compiled files."""

import os
import sys
from pathlib import Path
from typing import Any


def environment(folder: str, **options: Any) -> Any:
    """Return the templates of a folder of the package. A name that nobody fills in is an error."""
    import jinja2

    return jinja2.Environment(  # noqa: S701  each folder says whether it escapes: SQL does not
        loader=jinja2.PackageLoader("merchantwatch", folder),
        undefined=jinja2.StrictUndefined,
        bytecode_cache=_compiled(Path(__file__).parent / folder),
        **options,
    )


def _compiled(folder: Path) -> Any:
    """Return where compiled templates are kept: nowhere, if Python would not write there either."""
    import jinja2

    if sys.dont_write_bytecode or not os.access(folder, os.W_OK):
        return None
    kept = folder / "__pycache__"
    kept.mkdir(exist_ok=True)
    return jinja2.FileSystemBytecodeCache(str(kept), "jinja-%s.cache")
