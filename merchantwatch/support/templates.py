"""Templates of the package, SQL and pages: compiled once, cached beside Python's compiled files."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from merchantwatch.support.cache import place

_PACKAGE = Path(__file__).parents[1]


def environment(folder: str, **options: Any) -> Any:
    """Return the templates of a folder of the package. An undefined name in one is an error."""
    import jinja2

    return jinja2.Environment(  # noqa: S701  each folder says whether it escapes: SQL does not
        loader=jinja2.PackageLoader("merchantwatch", folder),
        undefined=jinja2.StrictUndefined,
        bytecode_cache=_compiled(_PACKAGE / folder),
        **options,
    )


def _compiled(folder: Path) -> Any:
    """Return the cache of compiled templates, if there can be one."""
    import jinja2

    class BytecodeCache(jinja2.FileSystemBytecodeCache):
        def dump_bytecode(self, bucket: Any) -> None:
            with suppress(OSError):  # a disk that is full costs time, not the report
                Path(self.directory).mkdir(exist_ok=True)
                super().dump_bytecode(bucket)

    where = place(folder)
    return BytecodeCache(str(where), "jinja-%s.cache") if where else None
