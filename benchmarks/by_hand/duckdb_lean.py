"""The job of duckdb_job.py without its duties: whatever was read is judged, nothing is counted.

``python duckdb_lean.py AS_OF FILE...``
"""

from datetime import datetime

import duckdb
from common import JUDGED, given, show
from duckdb_reading import cells
from duckdb_rules import COUNTS, KEPT, VERDICTS, named


def main() -> None:
    """Read the command line, print the answer."""
    text, paths = given()
    db = duckdb.connect()
    rows = " union all ".join(cells(db, path, JUDGED) for path in paths)
    db.execute(
        f"create table judged as select {KEPT} from (select *, {VERDICTS} from ({rows}))",
        {"as_of": datetime.fromisoformat(text)},
    )
    show(named(db.execute(COUNTS).fetchall()))


if __name__ == "__main__":
    main()
