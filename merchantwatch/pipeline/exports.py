"""Exports → rows: the columns a run reads, and the SQL that makes typed fields of their cells."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from merchantwatch.fields import FIELDS, Kind
from merchantwatch.formats import MAPPED, fold
from merchantwatch.pipeline.stages import literal, stage
from merchantwatch.reading import Cell, CsvFile, Export, is_text
from merchantwatch.rules import Rulebook

BASE_FIELDS = (
    "shop",
    "product_name",
    "sku",
    "quantity",
    "amount",
    "status",
    "carrier",
    "warehouse",
)
"""Fields that every run reads where an export has them, beside all ids and times.

Whatever is selected, the same rows are understood, and reports can show their lines.
"""

SHORTAGE_FIELDS = ("out_of_stock", "close_reason", "case_status", "case_reason", "seller_note")
"""Where a shortage is looked for, the surest first."""

_SHORTAGE_TOLD_BY = frozenset({"out_of_stock", "close_reason", "case_reason", "seller_note"})
_SHORTAGE_SAID = "缺货|无货|断货|没货|缺码|库存不足|售罄|(?i:out of stock|sold out)"
_SHORTAGE_DENIED = "(不|未|没有|并非|非|不会)(缺货|断货|无货)|无货运|断货架"
_BLANKS = " \t\r\n\u00a0\u3000\ufeff\u200b"
AROUND = {False: _BLANKS, True: _BLANKS + "=\"'"}
"""What may stand around a cell without belonging to it; around an id (True) quotes too."""

_FULL_WIDTH = str.maketrans({",": "，", "(": "（", ")": "）"})

_PARCEL_FIELDS = ("order_id", "tracking_no", "carrier", "picked_up_at")


@dataclass(frozen=True)
class Layout:
    """Which fields a run keeps: ``kept`` are all that lines have, ``stored`` those read from files.

    A field that no export carries costs nothing: it is null, and no column of ``rows``.
    """

    kept: tuple[str, ...]
    stored: frozenset[str]
    shop: str | None
    platforms: Mapping[int, str]

    @property
    def words(self) -> tuple[str, ...]:
        """The stored word fields, each with what no format knows beside it."""
        return tuple(n for n in self.kept if n in self.stored and FIELDS[n].kind is Kind.WORD)

    @property
    def stock(self) -> bool:
        """Whether it is kept which field told of a shortage."""
        return "out_of_stock" in self.stored


def layout(
    book: Rulebook, exports: Sequence[Export], platform: str | None, shop: str | None
) -> Layout:
    """Return which fields a run of these rules keeps of these exports."""
    wanted = set(BASE_FIELDS) | book.reads
    kept = tuple(
        name
        for name, field in FIELDS.items()
        if field.exported and (name in wanted or field.kind in (Kind.ID, Kind.TIME))
    )
    orders = [export for export in exports if export.form.kind == "orders"]
    told = {name for export in orders for name in carried(export) | set(export.cells)}
    told -= {"promised_ship_at"} - {name for e in orders for name in e.cells}
    told -= {"status", "shop"} - {name for e in orders for name in e.cells}
    return Layout(
        kept,
        frozenset(told.intersection(kept) | {"line_id"}),
        shop,
        {export.number: platform or export.form.platform for export in exports},
    )


def empty_rows(layout: Layout) -> list[str]:
    """Return the statements that make the tables which exports are read into."""
    stored = [name for name in layout.kept if name in layout.stored]
    columns = [f"{name} {FIELDS[name].kind.sql_type}" for name in stored]
    texts = [f"{name}_text varchar" for name in layout.words]
    common = ["source smallint", "source_row bigint", "problem varchar"]
    flags = ["amount_unread boolean", "quantity_unread boolean", "without_seconds boolean"]
    stock = ["out_of_stock_from varchar"] if layout.stock else []
    parcel = [f"{name} {FIELDS[name].kind.sql_type}" for name in _PARCEL_FIELDS]
    return [
        f"create table rows ({', '.join(common + columns + texts + stock + flags)})",
        f"create table parcel_rows ({', '.join([*common, 'platform varchar', *parcel])})",
    ]


def carried(export: Export) -> frozenset[str]:
    """Return the fields that the lines of an order export carry, computed ones too."""
    own = set(export.cells)
    if export.form.code == MAPPED:
        own |= {"status"}
        own |= {"paid_at"} if "created_at" in own else set()
    own |= {"promised_ship_at"} if "paid_at" in own else set()
    own |= {"out_of_stock", "out_of_stock_from"} if own & _SHORTAGE_TOLD_BY else set()
    own |= {item.field for item in export.form.derived if item.words_of in own}
    return frozenset(own | {"platform", "shop", "line_id", "order_id", "parcel_known"})


def columns(export: Export, kept: Collection[str]) -> dict[int, str]:
    """Return the positions of the columns an export is read for, and what is trimmed off each."""
    around: dict[int, str] = {}
    for name in columns_read(export, kept):
        index = export.cells[name].index
        around[index] = around.get(index, "") or AROUND[FIELDS[name].kind is Kind.ID]
    return dict(sorted(around.items()))


def columns_read(export: Export, kept: Collection[str]) -> list[str]:
    """Return the fields whose cells an export is read for."""
    if export.form.kind == "parcels":
        return [name for name in _PARCEL_FIELDS if name in export.cells]
    wanted = set(kept)
    if "out_of_stock" in kept:
        wanted.update(SHORTAGE_FIELDS)
    return [name for name in FIELDS if name in wanted and name in export.cells]


def normalise(export: Export, relation: str, layout: Layout, tz: str) -> str:
    """Return the statement that reads one export into ``rows`` or ``parcel_rows``."""
    names = columns_read(export, layout.kept)
    own = set(names)
    fields = {name: _cell_values(export, name, tz) for name in names}
    mapped = export.form.code == MAPPED
    derived = [
        (item.field, item.words_of, item.field in own, _word_pairs(item.words))
        for item in export.form.derived
    ]
    return stage(
        "1_normalise" if export.form.kind == "orders" else "1_normalise_parcels",
        export=export.number,
        relation=relation,
        platform=literal(layout.platforms[export.number]),
        shop=literal(layout.shop),
        shops="shop" in layout.stored,
        fields=list(fields.values()),
        own=own,
        stored=layout.stored,
        made={"line_id", "shop", "out_of_stock", *(item[0] for item in derived)},
        derived=derived,
        paid_from_created=mapped and "paid_at" not in own and "created_at" in own,
        shortage_from=[fields[name] for name in SHORTAGE_FIELDS if name in own]
        if layout.stock
        else [],
        shortage_said=literal(_SHORTAGE_SAID),
        shortage_denied=literal(_SHORTAGE_DENIED),
    )


def _cell_values(export: Export, name: str, tz: str) -> dict[str, object]:
    """Return what the macros of ``cells.sql`` need to know of one field of an export."""
    cell, kind = export.cells[name], FIELDS[name].kind
    identity = "line_id" if "line_id" in export.cells else "order_id"
    required = {identity} if export.form.kind == "orders" else {"order_id", "tracking_no"}
    joined = export.form.kind == "parcels"
    return {
        "name": name,
        "kind": str(kind),
        "column": f"c{cell.index}",
        "native": _native(export, cell, kind),
        "take": cell.part.take if cell.part else "",
        "at": literal(cell.part.at if cell.part else ""),
        "empty": [literal(word) for word in ("", *export.form.empty)],
        "required": name in required,
        "several": literal(export.form.several) if export.form.several and not joined else "",
        "words": _word_pairs(export.form.words.get(name, {})),
        "tz": literal(tz),
    }


def _word_pairs(words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return words as literals, each also with the full-width signs that some exports write."""
    spelled: dict[str, str] = {}
    for word, canonical in words.items():
        spelled[fold(word)] = spelled[fold(word).translate(_FULL_WIDTH)] = canonical
    return [(literal(word), literal(canonical)) for word, canonical in spelled.items()]


def _native(export: Export, cell: Cell, kind: Kind) -> str:
    """Return how the source's own type serves a field: as it is, or by way of text."""
    if isinstance(export.source, CsvFile):
        return "text"
    from pyarrow import types

    column = export.source.types[cell.index]
    numeric = types.is_integer(column) or types.is_floating(column) or types.is_decimal(column)
    zoned = types.is_timestamp(column) and column.tz is not None
    tests = (
        ("zoned", kind is Kind.TIME and zoned),
        ("time", kind is Kind.TIME and (types.is_timestamp(column) or types.is_date(column))),
        ("number", kind in (Kind.MONEY, Kind.NUMBER) and numeric),
        ("flag", kind is Kind.FLAG and types.is_boolean(column)),
        ("float", types.is_floating(column)),
        ("text", is_text(column)),
    )
    return next((name for name, fits in tests if fits), "other")
