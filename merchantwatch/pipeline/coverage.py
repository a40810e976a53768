"""Queries of the coverage of a run's inputs: given lines, and shops by day."""

from collections.abc import Collection, Sequence

from merchantwatch.pipeline import identity
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.row_states import MIDDLE
from merchantwatch.pipeline.stages import literal, stage

ASKED = "asked_lines"
"""The table of the given lines."""


def asked(lines: Sequence[tuple[str, str]]) -> str:
    """Return the query of given lines, by platform and id."""
    pairs = [(literal(platform), literal(line_id)) for platform, line_id in lines]
    return stage("asked_lines", lines=pairs)


def covered(lines: Lines, codes: Collection[str]) -> str:
    """Return the query of given lines in some input, and by which of ``codes`` they were judged.

    Rules that judged no line are left out.
    """
    return stage(
        "coverage",
        numbered=bool(identity.numbered(lines.exports)),
        unjudged={code: lines.unjudged(code) for code in lines.judged_by if code in codes},
    )


def overdue(codes: Sequence[str]) -> str:
    """Return the query of given lines whose act is not done though its deadline has passed."""
    return stage("overdue", codes=codes)


def shop_days(lines: Lines) -> str:
    """Return the query that counts lines by source, shop and day of creation."""
    return stage("shop_days", platform=lines.layout.platforms.of_source, middle=MIDDLE)


def span() -> str:
    """Return the query of the first creation and the newest event of all lines."""
    return stage("span", middle=MIDDLE)
