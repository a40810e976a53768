"""The result of ``scan()`` for Python users: DataFrames, and files of any format."""

import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from merchantwatch import reports
from merchantwatch.errors import UsageError
from merchantwatch.language.plurals import number_of
from merchantwatch.reading import is_address, is_distributed
from merchantwatch.reports import notebook
from merchantwatch.reports.json import FINDING_COLUMNS, as_dict, finding_rows
from merchantwatch.reports.places import refuse_taken
from merchantwatch.results.bad_rows import BadRows
from merchantwatch.results.model import Results
from merchantwatch.run.in_python import (
    refuse_types,
    rule_of,
    speaking_python,
    warn_of_unjudged,
    warn_of_unread,
)
from merchantwatch.run.scan import Run, run
from merchantwatch.run.start import every_rule
from merchantwatch.settings import Settings, resolve
from merchantwatch.support.options import Flags

if TYPE_CHECKING:
    import pandas as pd


_MOMENT = "datetime64[us]"
_TYPES = {
    "count": "int64",
    "limit": "float64",
    "due_at": _MOMENT,
    "next_due_at": _MOMENT,
    "risk": "float64",
}
"""Types that would else depend on whether any value is known."""


def scanned(given: Flags) -> "Report":
    """Scan ``inputs`` by options named as in the settings, and by ``words``.

    Warns of inputs and rows that were not read. Raises UsageError for invalid options or no
    input, and InputError when nothing could be read.
    """
    inputs = _listed(given["inputs"])
    if not inputs:
        raise UsageError(
            "no input: give a path, a pandas DataFrame, a pyarrow Table, or a list of them",
            "没有输入：请给出路径、pandas DataFrame、pyarrow Table，或它们的列表",
        )
    engine = given["engine"] or ("spark" if any(map(is_distributed, inputs)) else None)
    # A notebook's trial must not enter the history that the nightly scans compare with.
    fixed = {"engine": engine, "pack": _listed(given["pack"] or ()), "history": False}
    given = {**given, **fixed}
    refuse_types(**{name: given[name] for name in ("config", "pack", "map", "words")})
    with speaking_python():
        settings = resolve(given, given["config"])
        settings = replace(settings, words={**settings.words, **(given["words"] or {})})
        # Checked now: it is needed only after the scan, which may take long.
        BadRows.parse(settings.max_bad_rows)
        finished = run(inputs, settings)
    warn_of_unread(finished.results, settings.max_bad_rows)
    return Report(finished, inputs, settings)


def _listed(given: Any) -> list[Any]:
    # An open file is an iterator too, of its lines.
    several = isinstance(given, list | tuple | set | frozenset | Iterator)
    return list(given) if several and not isinstance(given, io.IOBase) else [given]


class Report:
    """The outcome of one scan.

    The hits stay in the engine until they are asked for. Close the report, or use it in a
    ``with`` statement, to release them earlier than the interpreter does.
    """

    def __init__(self, run: Run, inputs: Sequence[object], settings: Settings) -> None:
        self._run, self._inputs, self._settings = run, inputs, settings

    @property
    def results(self) -> Results:
        """Everything that was found, as typed records."""
        return self._run.results

    @property
    def findings(self) -> "pd.DataFrame":
        """One row per finding, worst first: code, state, severity, scope, key, count, limit.

        Amounts are decimals in yuan, times wall-clock times of the platform. Of each rule the
        worst 10,000 findings are listed, of each finding the first 100 line ids;
        ``results.read_findings()`` yields all findings.
        """
        import pandas as pd

        results = self._run.results
        rows = finding_rows(results, results.lang)
        return pd.DataFrame(rows, columns=list(FINDING_COLUMNS)).astype(_TYPES)

    @property
    def tasks(self) -> "pd.DataFrame":
        """What people have to do, one row per task, the most urgent first.

        Money is decimal yuan, ``due_at`` a wall-clock time of the platform; ``lines``,
        ``order_ids``, ``then``, ``later``, ``rules``, ``effects`` and ``text`` are JSON text.
        """
        import pandas as pd

        from merchantwatch.reports.task_tables import records
        from merchantwatch.reports.tasks import TASK_COLUMNS

        rows = records(self._run.results.work.read_tasks(), self._run.results.lang)
        return pd.DataFrame(rows, columns=list(TASK_COLUMNS)).astype({"due_at": _MOMENT})

    def hits(self, code: str | None = None) -> "pd.DataFrame":
        """Return the lines behind the findings: one row per line and rule, near ones too.

        ``code`` narrows them to one rule, by its code or name, whatever its case. ``state`` is
        ``hit`` or ``near``; ``source_file`` and ``source_row`` say where the line stands (the
        header is row 1). Raises ValueError for a rule that is not there, or was not selected, and
        warns with an IncompleteWarning of one that could not be judged.
        """
        if code is not None:
            code = rule_of(code, self._run.book, every_rule(self._settings)).code
            warn_of_unjudged(self._run.results, code)
        table = self._run.results.read_hits(code).read_all()
        frame: pd.DataFrame = table.to_pandas()
        return frame

    @property
    def quarantine(self) -> "pd.DataFrame":
        """The first 1,000 rows that could not be understood: file, row, column, value, reason."""
        import pandas as pd

        columns = ["file", "row", "column", "value", "reason"]
        rows = [[getattr(q, name) for name in columns] for q in self._run.results.quarantine]
        return pd.DataFrame(rows, columns=columns)

    def to_dict(self) -> dict[str, object]:
        """Return the JSON report as a dictionary (schema ``merchantwatch.report/1``)."""
        return as_dict(self._run.results)

    def write(self, path: str | os.PathLike[str], fmt: str | None = None) -> Path:
        """Write the report, in the format of the path's extension or in ``fmt``.

        The file appears whole or not at all. Raises UsageError for a format that is not there and
        for a path of what was read, and OutputError when the file cannot be written.
        """
        target = Path(path)
        place = path if isinstance(path, str) and is_address(path) else target
        with speaking_python():
            refuse_taken([place], self._inputs, self._settings)
            reports.write(self._run.results, fmt or reports.format_of(target), place)
        return target

    def close(self) -> None:
        """Release the engine and its temporary files."""
        self._run.engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def _repr_html_(self) -> str:
        """Return what a notebook shows: is it bad, what does it cost, what comes first."""
        return notebook.shown(self._run.results)

    def __repr__(self) -> str:
        results = self._run.results
        return (
            f"<merchantwatch.Report as of {results.as_of}: "
            f"{number_of(results.accounting.lines, 'line')}, "
            f"{results.total('breached')} breached, {results.total('near')} near>"
        )
