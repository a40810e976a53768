"""One line or order that a user asks about, with all its fields."""

from typing import Any

from merchantwatch.errors import UsageError
from merchantwatch.language.plurals import number_of
from merchantwatch.language.quarantine_reasons import REASONS
from merchantwatch.language.text import Text
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.run.scan import Run


def lines_of(run: Run, line_id: str) -> list[dict[str, Any]]:
    """Return a line, or each line of an order, with all its fields and states.

    Raises UsageError when no input has such a line, and says so if its row was not understood.
    """
    rules = [
        {
            "code": bound.code,
            "applies": bound.sql.get("applies", bound.sql.get("when", "null")),
            "done": bound.sql.get("done", ""),
        }
        for bound in run.plan.rules
    ]
    sql = render_sql("why", rules=rules, wanted=literal(line_id))
    lines: list[dict[str, Any]] = run.engine.table(sql).to_pylist()
    if not lines:
        raise _unknown(run, line_id)
    return lines


def _unknown(run: Run, line_id: str) -> UsageError:
    """Return the error of an id that no judged line has, with what became of its row."""
    for item in run.results.quarantine:
        if item.value == line_id:
            text = Text(
                zh=f"{line_id} 在 {item.file} 第 {item.row} 行，该行读不懂：",
                en=f"{line_id} stands in {item.file} row {item.row}, which was not understood: ",
            )
            why = REASONS[item.reason].text
            return UsageError(text.en + why.en, text.zh + why.zh)
    read = run.results.accounting
    return UsageError(
        f"no line or order {line_id} among the {number_of(read.lines, 'line')} of these inputs "
        f"({number_of(read.quarantined, 'row')} not understood, {read.later:,} later than as-of)",
        f"在 {read.lines:,} 行订单中没有 {line_id}"
        f"（另有 {read.quarantined:,} 行读不懂，{read.later:,} 行晚于判定时刻）",
    )
