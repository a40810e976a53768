"""Templates of the package, SQL and pages: compiled once, cached beside Python's compiled files."""

from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from merchantwatch.support.cache import place, state_of
from merchantwatch.support.leftovers import part_beside

_PACKAGE = Path(__file__).parents[1]
_DIGEST_BYTES = 32


def environment(folder: str, **options: Any) -> Any:
    """Return the Jinja environment of a folder of the package; undefined names are errors."""
    import jinja2

    where = place(_PACKAGE / folder)
    return jinja2.Environment(  # noqa: S701  each folder says whether it escapes: SQL does not
        loader=jinja2.PackageLoader("merchantwatch", folder),
        undefined=jinja2.StrictUndefined,
        bytecode_cache=_compiled(where) if where else None,
        **options,
    )


def _compiled(where: Path) -> Any:
    """Return the cache of compiled templates in a folder.

    Each file holds its own digest, since damaged bytecode could do anything.
    """
    import jinja2

    # Bytecode of another version of Jinja may call what this one does not have.
    compiler = state_of(Path(jinja2.compiler.__file__)).encode()

    class BytecodeCache(jinja2.BytecodeCache):
        def load_bytecode(self, bucket: Any) -> None:
            with suppress(OSError):
                data = _file(where, bucket).read_bytes()
                if data[:_DIGEST_BYTES] == sha256(compiler + data[_DIGEST_BYTES:]).digest():
                    bucket.bytecode_from_string(data[_DIGEST_BYTES:])

        def dump_bytecode(self, bucket: Any) -> None:
            with suppress(OSError):  # a disk that is full costs time, not the report
                where.mkdir(exist_ok=True)
                code = bucket.bytecode_to_string()
                with part_beside(_file(where, bucket)) as fresh:
                    fresh.write(sha256(compiler + code).digest() + code)

    return BytecodeCache()


def _file(folder: Path, bucket: Any) -> Path:
    return folder / f"jinja-{bucket.key}.cache"
