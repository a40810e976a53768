"""Notes on buyers and receivers: how far they are identified, without naming any."""

from collections.abc import Iterator

from merchantwatch.language.text import Text
from merchantwatch.results.accounting import Tally
from merchantwatch.results.records import Note

_UNWRITTEN = Text(
    zh="买家和收件人的匿名密钥无法存入 {path}，仅用于本次运行；本报告的计数不受影响。"
    "请让该文件夹可写，或设置 MERCHANTWATCH_KEY",
    en="the key that buyers and receivers are hashed with could not be kept in {path}: it is one "
    "for this run, and no count in this report depends on it. Make the folder writable, or set "
    "MERCHANTWATCH_KEY",
)


def notes(tally: Tally) -> Iterator[Note]:
    """Note that the key of keyed hashes could not be stored, if so."""
    unwritten = tally.lines.layout.keys.unwritten
    if unwritten is not None:
        yield Note("key-not-kept", 0, _UNWRITTEN.fill(path=unwritten))
