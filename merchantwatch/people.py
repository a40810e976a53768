"""Notes on buyers and receivers: what keeps them from being told apart, without saying who."""

from collections.abc import Iterator

from merchantwatch.accounting import Tally
from merchantwatch.engines import Distributed, Engine
from merchantwatch.findings import Note
from merchantwatch.formats import fold
from merchantwatch.pipeline.keys import keys_of
from merchantwatch.pipeline.plan import Plan
from merchantwatch.reading import Export
from merchantwatch.texts import Text

_UNKEPT = Text(
    zh="买家和收件人的匿名密钥无法存入 {path}，仅用于本次运行；本报告的计数不受影响。"
    "请让该文件夹可写，或设置 MERCHANTWATCH_KEY",
    en="the key that buyers and receivers are hashed with could not be kept in {path}: it is one "
    "for this run, and no count in this report depends on it. Make the folder writable, or set "
    "MERCHANTWATCH_KEY",
)
_ON_SPARK = Text(
    zh="Spark 不读取买家和收件人列，因此不判定 {codes}；如需判定请用 --engine duckdb",
    en="Spark reads no columns of buyers and receivers, so {codes} are not evaluated; use "
    "--engine duckdb for these",
)


def notes(engine: Engine, plan: Plan, tally: Tally) -> Iterator[Note]:
    """Yield the notes of a run."""
    unkept = tally.lines.layout.keys.unkept
    if unkept is not None:
        yield Note("key-not-kept", 0, _UNKEPT.fill(path=unkept))
    if isinstance(engine, Distributed):
        able = frozenset[str]().union(*map(_able, tally.exports))
        codes = [code for code, missing in plan.missing.items() if keys_of(missing) & able]
        if codes:
            yield Note("people-not-told-apart", 0, _ON_SPARK.fill(codes=", ".join(sorted(codes))))


def _able(export: Export) -> frozenset[str]:
    """Return the keyed hashes that could be made of an export's columns."""
    headers = {fold(header) for header in export.source.headers}
    keys = export.form.keys
    return frozenset(k.field for k in keys if all(headers.intersection(names) for names in k.of))
