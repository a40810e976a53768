"""The job of pandas_job.py without its duties: whatever was read is judged, nothing is counted.

``python pandas_lean.py AS_OF FILE...``
"""

import pandas as pd
from common import JUDGED, given, show
from pandas_reading import read
from pandas_rules import judge


def main() -> None:
    """Read the command line, print the answer."""
    text, paths = given()
    as_of = pd.Timestamp(text)
    lines = pd.concat([read(path, JUDGED)[0] for path in paths], ignore_index=True)
    for name in ["paid", "shipped"]:
        lines[name] = lines[name].where(lines[name] <= as_of)
    show(judge(lines, as_of))


if __name__ == "__main__":
    main()
