"""What a Python user gets from a scan: findings and hits as DataFrames, and files of any format."""

import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from merchantwatch import reports
from merchantwatch.findings import Results
from merchantwatch.reading import is_address
from merchantwatch.reports.places import refuse_taken
from merchantwatch.scanning import Run
from merchantwatch.settings import Settings

if TYPE_CHECKING:
    import pandas as pd


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
        worst 10,000 findings are listed, of each finding the first 100 line ids.
        """
        import pandas as pd

        results = self._run.results
        rows = reports.finding_rows(results, results.lang)
        return pd.DataFrame(rows, columns=list(reports.FINDING_COLUMNS))

    def hits(self, code: str | None = None) -> "pd.DataFrame":
        """Return the lines behind the findings: one row per line and rule, near ones too.

        ``code`` narrows them to one rule. ``state`` is ``hit`` or ``near``; ``source_file`` and
        ``source_row`` say where the line stands (the header is row 1).
        """
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

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON report as a dictionary (schema ``merchantwatch.report/1``)."""
        return reports.as_dict(self._run.results)

    def write(self, path: str | os.PathLike[str], fmt: str | None = None) -> Path:
        """Write the report, in the format of the path's extension or in ``fmt``.

        The file appears whole or not at all. Raises UsageError for a format that is not there and
        for a path of what was read, and OutputError when the file cannot be written.
        """
        target = Path(path)
        place = path if isinstance(path, str) and is_address(path) else target
        refuse_taken([place], self._inputs, self._settings)
        reports.write(self._run.results, fmt or reports.format_of(target), place)
        return target

    def close(self) -> None:
        """Release the engine and its temporary files."""
        self._run.engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        results = self._run.results
        return (
            f"<merchantwatch.Report as of {results.as_of}: {results.accounting.lines} lines, "
            f"{results.total('breached')} breached, {results.total('near')} near>"
        )
