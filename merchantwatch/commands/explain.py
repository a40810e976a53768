"""``explain``: the steps of a run over these inputs, in order, with their rows."""

from collections.abc import Iterator, Mapping, Sequence

from merchantwatch.language.text import Text
from merchantwatch.pipeline.steps import Step, row_count, steps
from merchantwatch.run.scan import Run, run
from merchantwatch.settings import resolve
from merchantwatch.support.options import Flags
from merchantwatch.support.writing import show

_HEAD = Text(
    zh="{files} 个文件，判定时刻 {as_of}：{taken} 步，共 {known} 步；没有出现的步骤本次不需要",
    en="{files|file} as of {as_of}: {taken|step} of {known}; this run has no need of the others",
)
_SQL = "merchantwatch/pipeline/sql/"


def explain(inputs: Sequence[str], flags: Flags, config: str | None) -> int:
    """Scan, print the steps that were taken, and return 0."""
    settings = resolve(flags, config)
    with run(inputs, settings) as finished:
        names = finished.engine.names()
        taken = {name: step for name, step in steps().items() if name in names}
        head = _HEAD.fill(
            files=len(finished.results.inputs),
            as_of=settings.as_of,
            taken=len(taken),
            known=len(steps()),
        )
        lines = [head.of(settings.lang), *_lines(finished, taken, settings.lang)]
    show("\n".join(lines) + "\n")
    return 0


def _lines(finished: Run, taken: Mapping[str, Step], lang: str) -> Iterator[str]:
    """Yield two lines for each step: its number, name, rows and files, and what its rows are."""
    for number, (name, step) in enumerate(taken.items(), 1):
        files = " ".join(f"{name}.sql" for name in step.sql)
        rows = f"{row_count(finished.engine, name):,}"
        yield f"\n{number:3} {name:16} {rows:>12}  {files}"
        yield f"    {step.rows.of(lang)}"
    yield f"\n{_SQL}"
