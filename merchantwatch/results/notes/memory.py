"""The note on the least memory that a run takes."""

from collections.abc import Iterator

from merchantwatch.engines.memory import LEAST_BYTES, bytes_of
from merchantwatch.language.text import Text
from merchantwatch.results.records import Note
from merchantwatch.settings import Settings


def floor(settings: Settings) -> Iterator[Note]:
    """Note the memory that large files take in any case, if ``--memory`` is less."""
    if settings.engine != "duckdb" or bytes_of(settings.memory) >= LEAST_BYTES:
        return
    text = Text(
        zh="--memory {memory}：读取大文件时程序合计仍约需 {least} MB",
        en="--memory {memory}: large files take about {least} MB in all, however little is allowed",
    )
    yield Note("memory-floor", 0, text.fill(memory=settings.memory, least=LEAST_BYTES // 10**6))
