"""Exports → rows: the SQL that converts their cells into typed fields."""

from collections.abc import Collection, Mapping, Sequence

from msgspec.structs import replace

from merchantwatch.engines import ColumnFacts, facts_of
from merchantwatch.fields import FIELDS, Kind
from merchantwatch.formats import fold
from merchantwatch.pipeline import cell_macros
from merchantwatch.pipeline.carried import carried, infers_payment, needs_identity
from merchantwatch.pipeline.column_types import column_type, may_have_parts_of_cents
from merchantwatch.pipeline.dividing import divided
from merchantwatch.pipeline.format_fields import (
    hint_name,
    hinted,
    hinted_words,
    rows_of,
    stated_fields,
)
from merchantwatch.pipeline.layout import (
    AROUND,
    JOINED_COLUMNS,
    SHORTAGE_FIELDS,
    Layout,
    columns_read,
    hints_read,
)
from merchantwatch.pipeline.rendering import literal, no_row, render_sql
from merchantwatch.pipeline.words import implied_by_words, words_as_values
from merchantwatch.reading import Cell, Export, HintCell, amounts

NO_FACTS = ColumnFacts()
"""The facts about rows that have not been read yet."""

_SHORTAGE_WORDS = "缺货|无货|断货|没货|缺码|库存不足|售罄|(?i:out of stock|sold out)"
_NO_SHORTAGE_WORDS = "(不|未|没有|并非|非|不会)(缺货|断货|无货)|无货运|断货架"
_FLAGS = ("amount_unread", "quantity_unread", "divided", "without_seconds")


def relation(export: Export) -> str:
    """Return the name of an export's relation in the engine."""
    return f"source_{export.number}"


def order_rows(export: Export | None, layout: Layout, facts: ColumnFacts) -> str:
    """Return the query of the rows of an order export; without an export, a query of no row.

    Where an export has no line ids, the order's id stands in for them: the numbers of lines within
    an order are known only after all exports have been read.
    """
    if export is None:
        return _union([], layout)
    # One: only joined exports are filed for several platforms.
    (platform,) = layout.platforms.of_rows(export)
    return typed_rows(export, layout, facts, platform)


def rows_of_kind(kind: str, exports: Sequence[Export], layout: Layout) -> str:
    """Return the query of all rows of the exports of a kind that is joined onto lines."""
    read_layout = replace(layout, row_fields=JOINED_COLUMNS[kind])
    of_kind = [export for export in exports if export.form.kind == kind]
    rows = (
        typed_rows(export, read_layout, facts_of(export.source), platform)
        for export in of_kind
        for platform in layout.platforms.of_rows(export)
    )
    return _union(list(rows), read_layout)


def _union(selects: Sequence[str], layout: Layout) -> str:
    """Return several queries of rows as one, which has its columns even where there is none."""
    texts = [*(f"{name}_text" for name in layout.words), "out_of_stock_from"]
    columns = {
        "source": "integer",
        "source_row": "bigint",
        "problem": "varchar",
        "platform": "varchar",
        **layout.types,
        **dict.fromkeys(texts, "varchar"),
        **dict.fromkeys(_FLAGS, "boolean"),
    }
    return "\nunion all\n".join(selects) or no_row(columns)


def typed_rows(export: Export, layout: Layout, facts: ColumnFacts, platform: str) -> str:
    """Return the query of the rows of one export, with a value for every field.

    ``platform`` is the SQL of their platform.
    """
    names = columns_read(export, layout.row_fields)
    keys = layout.keys.read_of(export, layout.row_fields)
    hints = hints_read(export, layout.row_fields)
    fields = {name: _cell_values(export, name, layout.tz, facts) for name in names}
    fields |= {name: _key_values(export, name) for name in keys}
    fields |= {hint_name(cell): _hint_values(export, cell, facts) for cell in hints}
    shortage = SHORTAGE_FIELDS if "out_of_stock" in layout.row_fields else ()
    return render_sql(
        "1_normalise",
        platform=platform,
        rows=_lines_of_rows(export, fields, facts),
        divides=facts.several,
        fields=list(fields.values()),
        fields_read={*names, *keys},
        row_fields=layout.types,
        words=layout.words,
        surely_read=[field["name"] for field in fields.values() if field.get("surely_read")],
        no_lines=_words_of_no_lines(export, fields),
        computed=_computed(export, set(names), hinted_words(hints, facts), layout),
        derived=_implied(export, fields, facts),
        shortage_from=[fields[name] for name in shortage if name in fields],
        shortage_words=literal(_SHORTAGE_WORDS),
        stock_words=literal(_NO_SHORTAGE_WORDS),
        **cell_macros.lookup_tables(),
    )


_UNSURE = (amounts.COMMA, amounts.MIXED)


def _lines_of_rows(
    export: Export, fields: Mapping[str, Mapping[str, object]], facts: ColumnFacts
) -> str:
    """Return the relation of an export with a row for each line."""
    if facts.several:
        return divided(export, relation(export), fields, AROUND[True])
    return rows_of(export, relation(export), fields.values())


def _words_of_no_lines(export: Export, fields: Collection[str]) -> dict[str, list[str]]:
    """Return, for each field, the words that mark rows whose lines are in other rows (literals)."""
    return {
        name: [literal(word) for word in words]
        for name, words in export.form.no_lines.items()
        if name in fields
    }


def _implied(
    export: Export, fields: Collection[str], facts: ColumnFacts
) -> list[dict[str, object]]:
    """Return the fields of an export that follow from words of its other fields."""
    return [
        implied_by_words(item, export.form, _words(export, item.words_of, facts))
        for item in export.form.derived
        if item.words_of in fields
    ]


def _computed(
    export: Export, fields_read: set[str], hints: Mapping[str, Sequence[str]], layout: Layout
) -> dict[str, str]:
    """Return the SQL of an export's fields that are not simply the value of their own cell."""
    computed = {"shop": "coalesce(shop, own_shop)" if "shop" in fields_read else "own_shop"}
    # The order's id for now: `5_named` replaces it once all lines are known.
    if needs_identity(export):
        computed["line_id"] = "order_id"
    if "out_of_stock" in fields_read:
        computed["out_of_stock"] = "out_of_stock_from is not null or out_of_stock"
    elif "out_of_stock" in carried(export):
        computed["out_of_stock"] = "out_of_stock_from is not null"
    if infers_payment(export) and "created_at" in fields_read:
        computed["paid_at"] = "created_at"
    if sender := layout.senders.sql(fields_read):
        computed["sender_province"] = sender
    return computed | hinted(
        computed | stated_fields(export.form, fields_read, layout.tz), fields_read, hints
    )


def _cell_values(export: Export, name: str, tz: str, facts: ColumnFacts) -> dict[str, object]:
    """Return the parameters of one field of an export for the macros of ``cells.sql``."""
    cell, kind = export.cells[name], FIELDS[name].kind
    joined = export.form.kind in JOINED_COLUMNS
    native = column_type(export, cell, kind, facts.types)
    sound = cell.index in facts.sound and cell.part is None
    # A part of a cell is another text than the one that was examined.
    needs_shapes = kind is Kind.TIME and not sound
    decimal, odd = facts.styles.decimal(cell.index), cell.index not in (facts.plain or ())
    return {
        **cell_macros.WITHOUT_TIMES,
        **(cell_macros.moment_parameters(export, name, native, tz, facts) if needs_shapes else {}),
        "name": name,
        "kind": str(kind),
        "column": f"c{cell.index}",
        "native": native,
        "take": cell.part.take if cell.part else "",
        "at": literal(cell.part.at if cell.part else ""),
        "required": name in _required(export),
        "blank_with": _blank_with(export, name),
        "several": literal(export.form.several) if export.form.several and not joined else "",
        **words_as_values(export.form, name, _words(export, name, facts)),
        "headers": _header_spellings(export, cell),
        "first_row": export.source.first_row,
        # Ids that Excel cut to 15 digits are known only from the whole column.
        "cut": cell.index in facts.cut,
        "sound": sound,
        "decimal": decimal,
        "odd": odd,
        # An amount that is no number of pieces, such as 1.5, is plainly written and yet unread.
        "surely_read": kind is not Kind.NUMBER and not odd and decimal not in _UNSURE,
        "rough": may_have_parts_of_cents(export, cell, facts.types),
        "tz": literal(tz),
    }


def _key_values(export: Export, name: str) -> dict[str, object]:
    """Return the parameters of a column of keyed hashes, which reading has added."""
    column = f"c{export.key_column(name)}"
    described = {
        "name": name,
        "kind": str(Kind.TEXT),
        "column": column,
        "native": "text",
        "take": "",
    }
    return {**cell_macros.WITHOUT_TIMES, **described, "sound": False, "required": False}


def _hint_values(export: Export, cell: HintCell, facts: ColumnFacts) -> dict[str, object]:
    """Return the parameters of a column of hints."""
    column, whole_cell = f"c{cell.index}", Cell(cell.index)
    native = column_type(export, whole_cell, Kind.TEXT, facts.types)
    described = {
        **cell_macros.WITHOUT_TIMES,
        "kind": str(Kind.TEXT),
        "column": column,
        "native": native,
        "take": "",
    }
    return {
        **described,
        "name": hint_name(cell),
        "once": cell.hint.once,
        "sound": False,
        "required": False,
    }


def _words(export: Export, name: str, facts: ColumnFacts) -> frozenset[str] | None:
    """Return all words that occur in the cells of a field; None where they were not collected."""
    cell = export.cells[name]
    return facts.words_of(cell.index) if cell.part is None else None


def _header_spellings(export: Export, cell: Cell) -> list[str]:
    """Return a column's header as literals, as cells of a repeated header would hold it."""
    header = export.source.headers[cell.index]
    return [literal(text) for text in dict.fromkeys((header.strip(AROUND[True]), fold(header)))]


def _blank_with(export: Export, name: str) -> list[str]:
    """Return the times that are blank, as the order's id is, in a row that continues an order.

    Some exports, and users who merge cells, write the fields of an order only in its first row.
    """
    # Formats that say so (``once``) have these fields filled in already.
    form, cells = export.form, export.cells
    if name != "order_id" or form.kind != "orders" or form.once or "line_id" not in cells:
        return []
    return [time for time in ("created_at", "paid_at", "promised_ship_at") if time in cells]


def _required(export: Export) -> set[str]:
    """Return the ids that a row of an export must have."""
    if export.form.kind == "orders":
        return {"line_id" if "line_id" in export.cells else "order_id"}
    if export.form.kind == "cases":
        return {"case_id"}
    return {"tracking_no" if "picked_up_at" in export.cells else "order_id"}
