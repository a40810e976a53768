"""Rows that hold a whole order, its lines joined in each cell (``M1;M2``) → a row for each line."""

from collections.abc import Mapping

from merchantwatch.engines import ROW_STRIDE
from merchantwatch.fields import DIVIDED_FIELDS, FIELDS, Kind
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.reading import Export

_TOTALS = (Kind.MONEY, Kind.NUMBER)
_TEXTS = (Kind.WORD, Kind.TIME)


def row_in_file(source_row: int) -> int:
    """Return the number of a line's row in its file, given its row number in the engine."""
    return source_row % ROW_STRIDE


def divided_column(export: Export) -> tuple[str, str] | None:
    """Return the column that shows which rows hold several lines, and the separator in it."""
    if export.form.kind != "orders" or not export.form.several or "line_id" not in export.cells:
        return None
    # By the ids of lines: a row with several of them holds several lines.
    return f"c{export.cells['line_id'].index}", export.form.several


def divided(
    export: Export, relation: str, fields: Mapping[str, Mapping[str, object]], around: str
) -> str:
    """Return the relation of an export's rows, divided into one for each line.

    ``fields`` are the parameters of the fields that are read, as for ``cells.sql``; ``around`` are
    the characters to trim around each part. A column that is not text cannot be divided.
    """
    texts = {name: str(f["column"]) for name, f in fields.items() if f["native"] == "text"}
    kinds = {name: FIELDS[name].kind if name in FIELDS else Kind.WORD for name in fields}
    columns = list(dict.fromkeys(str(field["column"]) for field in fields.values()))
    return render_sql(
        "1_divided",
        relation=relation,
        columns=columns,
        line_id=texts["line_id"],
        of_line=[texts[name] for name in DIVIDED_FIELDS if name in texts],
        typed_of_line=[
            str(fields[n]["column"]) for n in DIVIDED_FIELDS if n in fields and n not in texts
        ],
        texts=[column for name, column in texts.items() if kinds[name] in _TEXTS],
        # The total of an order is unknown of its lines: which part is whose, no cell says.
        totals=[column for name, column in texts.items() if kinds[name] in _TOTALS],
        typed_totals=[
            str(field["column"])
            for name, field in fields.items()
            if kinds[name] in _TOTALS and name not in texts
        ],
        sign=literal(export.form.several),
        around=literal(around),
        nothing=", ".join(literal(word) for word in ("", *export.form.empty)),
        row_stride=ROW_STRIDE,
    )
