"""Which lines, and which days of which shops, the inputs of a run contain."""

from collections.abc import Collection, Sequence

from merchantwatch.pipeline import identity
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.pipeline.row_states import MIDDLE

LOOKED_UP = "looked_up_lines"
"""The table of the lines that the history looks up."""


def looked_up(lines: Sequence[tuple[str, str]]) -> str:
    """Return the query of the lines to look up, which are given by platform and id."""
    pairs = [(literal(platform), literal(line_id)) for platform, line_id in lines]
    return render_sql("looked_up_lines", lines=pairs)


def covered(lines: Lines, codes: Collection[str]) -> str:
    """Return the query of the looked-up lines that some input has, with the rules unable to judge.

    Only the rules of ``codes`` that judged at least one line have a column.
    """
    return render_sql(
        "coverage",
        numbered=bool(identity.numbered(lines.exports)),
        # Other rules have no flag among the packed ones.
        unjudged={code: lines.unjudged(code) for code in lines.judged_by if code in codes},
    )


def overdue(codes: Sequence[str]) -> str:
    """Return the query of the looked-up lines with an act that is not done by its deadline."""
    return render_sql("overdue", codes=codes)


def shop_days(lines: Lines) -> str:
    """Return the query that counts lines by source, shop and day of creation."""
    return render_sql("shop_days", platform=lines.layout.platforms.of_source)


def span() -> str:
    """Return the query of the first creation and the newest event of all lines."""
    return render_sql("span", middle=MIDDLE)
