"""Rows → lines as they stood at as-of, with the fields that joined exports supply."""

from msgspec.structs import asdict

from merchantwatch.fields import FIELDS, PRE_ORDER
from merchantwatch.pipeline import cross_line, joined, settling, shipping
from merchantwatch.pipeline.carried import infers_status
from merchantwatch.pipeline.expiry import NEVER
from merchantwatch.pipeline.joined import CASES
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.reading import Export
from merchantwatch.rules import changed


def standing(lines: Lines, export: Export | None, rows: str) -> str:
    """Return the query of the rows of an export as lines that stood at as-of."""
    selected_by_name = {"line_id", "shop", "status"}
    inferred = [str(e.number) for e in lines.exports if infers_status(e)]
    row_fields = lines.layout.row_fields
    texts = [f"{name}_text" for name in lines.layout.words]
    values, conditions, known = _from_others(lines)
    clocks = lines.layout.tz if changed(lines.layout.tz) else ""
    return render_sql(
        "3_standing",
        rows=rows,
        as_of=literal(lines.as_of),
        plain=[
            *(n for n in row_fields if n not in selected_by_name and not FIELDS[n].event),
            *texts,
            "out_of_stock_from",
        ],
        events=[n for n in row_fields if FIELDS[n].event],
        promise=shipping.promise(lines.exports, clocks),
        pre_order=PRE_ORDER if "fulfilment" in row_fields else None,
        stated_only=", ".join(str(e.number) for e in lines.exports if not e.form.usual_promise),
        joined=[
            {
                **asdict(kind),
                "lookups": joined.lookups(kind, export, lines.filing),
                "observed": joined.observed(kind, export, lines.filing),
            }
            for kind in lines.joined
        ],
        joined_values=values,
        cross_line=conditions,
        known=known,
        inferred_status=", ".join(inferred),
        platforms_named=lines.layout.platforms.several,
        caching=lines.caching,
        never=NEVER,
    )


def joined_rows_found(lines: Lines, export: Export, rows: str) -> str:
    """Return the query of the joined rows that an export's rows find, with a hash of their fields.

    If the hash is another than before, cached verdicts on the row may no longer hold.
    """
    return render_sql(
        "found_in_joined",
        columns=["source", "source_row", *lines.found_columns, *lines.filing.observed_columns],
        beside=joined_hash(lines),
        standing=standing(lines, export, rows),
    )


def joined_hash(lines: Lines) -> str:
    """Return the SQL of a hash of all fields that joined exports may supply; "" without any."""
    if not lines.joined:
        return ""
    values, _, known = _from_others(lines)
    return f"hash({', '.join(dict.fromkeys([*values, *known]))})"


def _from_others(lines: Lines) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Return the SQL of what other exports supply to a line.

    The fields that they may give in its place, the join condition of each further table, and the
    derived fields.
    """
    row_fields = lines.layout.row_fields
    values = joined.joined_values(lines.joined, row_fields)
    # Cases first: a buyer may be named by the case instead of the line.
    conditions = cross_line.joins(lines.cross_line, lines.joined, values)
    values |= cross_line.of_orders(lines.cross_line, row_fields)
    if CASES in lines.joined:
        conditions |= settling.joins(CASES.number, lines.layout.derived)
    known = joined.known_of_lines(lines.joined, lines.exports, values)
    known |= cross_line.known_of_lines(conditions, values)
    known |= settling.known_of_lines(CASES.number, conditions, row_fields, lines.exports, values)
    return values, conditions, known
