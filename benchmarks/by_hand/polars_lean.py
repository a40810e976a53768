"""The job of polars_job.py without its duties: whatever was read is judged, nothing is counted.

``python polars_lean.py AS_OF FILE...``
"""

from datetime import datetime

import polars as pl
from common import JUDGED, given, show
from polars_reading import scan
from polars_rules import count, verdicts


def main() -> None:
    """Read the command line, print the answer."""
    text, paths = given()
    rows = pl.concat([scan(path, JUDGED) for path in paths])
    show(count(verdicts(rows, datetime.fromisoformat(text)).collect()))


if __name__ == "__main__":
    main()
