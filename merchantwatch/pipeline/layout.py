"""The fields that a run reads of each export, and those that its lines have."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct, field
from msgspec.structs import replace

from merchantwatch.fields import (
    CASE_FIELDS,
    DERIVED_FIELDS,
    DIVIDED_FIELDS,
    FIELDS,
    KEY_FIELDS,
    SETTLED_BY,
    Kind,
)
from merchantwatch.formats import fold
from merchantwatch.pipeline.carried import item_columns, supplied_to_lines
from merchantwatch.pipeline.keys import Keys, keys_for_judging
from merchantwatch.pipeline.platforms import Platforms, platforms_of
from merchantwatch.pipeline.senders import Senders
from merchantwatch.reading import (
    Column,
    Export,
    HintCell,
    TextSource,
    Wanted,
    amounts,
    moments,
    names_currencies,
)
from merchantwatch.rules import Rulebook

BASE_FIELDS = (
    "shop",
    "product_name",
    "sku",
    "quantity",
    "amount",
    "status",
    "fulfilment",
    "carrier",
    "warehouse",
    "case_reason",
)
"""Fields that every run reads if an export has them, besides all ids, times and words.

So whether a row is understood does not depend on the rules selected, and reports can show lines.
"""

_ALWAYS_READ = frozenset(
    {
        *("shop", "order_id", "line_id", "product_id", "status", "created_at", "paid_at"),
        *("promised_ship_at", "shipped_at", "picked_up_at", "delivered_at", "completed_at"),
        *("tracking_no", "carrier"),
    }
)
"""Fields that the stages name themselves, whether or not an export carries them."""

_FIRST_READING_KINDS = (Kind.ID, Kind.TIME)
"""The kinds of fields that a first reading reads."""

_KINDS_ALWAYS_STORED = (Kind.ID, Kind.TIME, Kind.WORD)
"""The kinds of fields that every run reads and stores."""

_ONLY_IF_NEEDED = frozenset({"booked_delivery_at", "estimated_delivery_at"})
"""Times that are read only if a rule needs them, as nothing else about a row depends on them."""

SHORTAGE_FIELDS = ("out_of_stock", "close_reason", "case_status", "case_reason", "seller_note")
"""The fields searched for a shortage, the surest first."""

PAID_FIELDS = ("paid_amount", "refund_amount")
"""The fields that show how much of an order's total the buyer really paid."""

# Marks of direction and width, and the BOM: programs leave them around copied cells.
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u202d\u2060\ufeff"
_BLANKS = " \t\r\n\u00a0\u3000" + _INVISIBLE
AROUND = {False: _BLANKS, True: _BLANKS + "=\"'"}
"""Characters trimmed around a cell; quotes and = (Excel's text formulas) except in free text."""

_CONTENT: Mapping[Kind, Literal["", "moments", "amounts", "words"]] = {
    Kind.TIME: "moments",
    Kind.MONEY: "amounts",
    Kind.NUMBER: "amounts",
    Kind.WORD: "words",
}
_DECIMALS = {"": "", ".": amounts.POINT, ",": amounts.COMMA}

JOINED_COLUMNS = {
    "parcels": (
        "order_id",
        "line_id",
        "pickup_due_at",
        "picked_up_at",
        "last_tracked_at",
        "delivered_at",
        "tracking_no",
        "carrier",
    ),
    "cases": (
        *("shop", "order_id", "line_id", "product_id", "tracking_no", "out_of_stock"),
        *("buyer_key", *CASE_FIELDS),
    ),
}
"""The fields read of exports that are joined onto lines, by their kind."""


class Layout(Struct, frozen=True):
    """The fields of a run's rows, and the settings by which they are read.

    ``row_fields`` are the fields of a row; ``absent`` those that reports show but no export
    carries, kept apart so that no columns of nulls are processed; ``derived`` those that joins
    add. ``keys`` are the keyed hashes to compute, ``senders`` says where parcels come from.
    """

    row_fields: tuple[str, ...]
    absent: tuple[str, ...]
    platforms: Platforms
    tz: str
    derived: tuple[str, ...] = ()
    keys: Keys = field(default_factory=Keys)
    senders: Senders = field(default_factory=Senders)

    @property
    def of_first_reading(self) -> "Layout":
        """The layout of a first reading: what identifies lines, and the times of their events."""
        always = _ALWAYS_READ.union(DIVIDED_FIELDS)
        row_fields = tuple(
            n for n in self.row_fields if n in always or FIELDS[n].kind in _FIRST_READING_KINDS
        )
        computed = frozenset[str]().union(*self.keys.by_export.values())
        keys = (name for name in KEY_FIELDS if name in computed)
        return replace(
            self, row_fields=tuple(dict.fromkeys([*row_fields, *keys])), absent=(), derived=()
        )

    @property
    def types(self) -> dict[str, str]:
        """The SQL type of each field of a row."""
        return {name: FIELDS[name].kind.sql_type for name in self.row_fields}

    @property
    def words(self) -> tuple[str, ...]:
        """The word fields; each has a second column for words that no format knows."""
        named = ("platform",) if self.platforms.naming else ()
        return (*named, *(name for name in self.row_fields if FIELDS[name].kind is Kind.WORD))


def layout_of(
    book: Rulebook, exports: Sequence[Export], platform: str | None, tz: str, keys: Keys
) -> Layout:
    """Decide which fields the rows of these exports have in a run of these rules."""
    sources = (
        *map(supplied_to_lines, exports),
        _ALWAYS_READ,
        book.also_names,
        _inputs_of(book),
        _given_by_settings(book),
    )
    carried_by_some = frozenset[str]().union(*sources)
    # In the order of `FIELDS`, whatever exports are there: columns keep their places.
    shown = stored_fields(book)
    keyed = keys_for_judging(book) & frozenset[str]().union(*keys.by_export.values())
    row_fields = tuple(n for n in FIELDS if n in keyed or (n in shown and n in carried_by_some))
    return Layout(
        row_fields,
        tuple(name for name in (*shown, *_priced_by(book)) if name not in row_fields),
        platforms_of(exports, platform),
        tz,
        tuple(name for name in DERIVED_FIELDS if name in book.reads),
        keys,
    )


def _given_by_settings(book: Rulebook) -> frozenset[str]:
    """Return the fields that settings may give a line where its export does not."""
    return book.reads & {"sender_province"}


def _priced_by(book: Rulebook) -> list[str]:
    """Return the keyed hashes by which the costs of hits are added up."""
    prices = frozenset[str]().union(*(bound.prices for bound in book.rules))
    return [name for name in KEY_FIELDS if name in prices]


def stored_fields(book: Rulebook) -> tuple[str, ...]:
    """Return the fields of a line that a run of these rules reads, in the order of fields."""
    wanted = set(BASE_FIELDS) | book.reads | book.also_names | _inputs_of(book)
    return tuple(
        name
        for name, field in FIELDS.items()
        if field.exported
        and (name in wanted or (field.kind in _KINDS_ALWAYS_STORED and name not in _ONLY_IF_NEEDED))
    )


def _inputs_of(book: Rulebook) -> frozenset[str]:
    """Return the inputs of derived fields, which no rule reads itself."""
    return frozenset(SETTLED_BY) if book.also_names & {"settled", "settled_at"} else frozenset()


def wanted_of(export: Export, row_fields: Collection[str], keys: Keys, tz: str) -> Wanted:
    """Return what to read of an export: its columns, and the cells that mean "nothing".

    ``row_fields`` are the fields of lines; an export that is joined onto them has other fields.
    """
    columns = {}
    # Only here may a batch turn a column into timestamps. Other exports are opened as one relation,
    # in which a column has the same type in all batches.
    at_once = export.form.kind == "orders" and not export.form.once
    row_fields = JOINED_COLUMNS.get(export.form.kind, row_fields)
    for name in columns_read(export, row_fields):
        kind = FIELDS[name].kind
        is_time = kind is Kind.TIME and at_once and name not in export.form.time_formats
        index, is_id = export.cells[name].index, kind is Kind.ID
        columns[index] = Column(
            AROUND[kind is not Kind.TEXT], is_time, is_id, _CONTENT.get(kind, "")
        )
    if "amount" in export.cells:
        for index, header in enumerate(export.source.headers):
            # A column that names the currency decides that of the amounts beside it.
            if names_currencies(fold(header)):
                columns.setdefault(index, Column(AROUND[True], is_time=False, content="currencies"))
    for cell in hints_read(export, row_fields):
        columns.setdefault(cell.index, Column(AROUND[True], is_time=False, content="words"))
    columns |= {
        index: Column(AROUND[True], is_time=False, is_id=False) for index in item_columns(export)
    }
    return Wanted(
        dict(sorted(columns.items())),
        ("", *export.form.empty),
        keys.columns(export, row_fields),
        words=tuple(export.form.nothing),
        nothing=moments.nothing(ZoneInfo(tz), export.form.nothing),
        homes=export.form.homes,
        decimal=_DECIMALS[export.form.decimal],
        currency=export.form.home_currency,
        quoted=not export.form.unquoted,
    )


def columns_read(export: Export, row_fields: Collection[str]) -> list[str]:
    """Return the fields whose cells are read of an export."""
    wanted = {*row_fields, "platform"}
    if "out_of_stock" in row_fields:
        wanted.update(SHORTAGE_FIELDS)
    if "amount" in row_fields and "paid_amount" in export.cells:
        wanted.update(PAID_FIELDS)
    return [name for name in FIELDS if name in wanted and name in export.cells]


def hints_read(export: Export, row_fields: Collection[str]) -> list[HintCell]:
    """Return the hints that are read of an export."""
    return [cell for cell in export.hints if cell.hint.field in row_fields]


def groups_of_equal_columns(exports: Iterable[Export]) -> list[list[Export]]:
    """Return exports in groups that one query can read: of one format, with the same columns.

    Their order is kept within a group.
    """
    groups: dict[object, list[Export]] = {}
    for export in exports:
        key = (
            type(export.source),
            () if isinstance(export.source, TextSource) else export.source.types,
            export.form.code,
            export.source.headers,
            export.source.first_row,
            tuple(sorted((name, cell) for name, cell in export.cells.items())),
            tuple(sorted(export.keys.items())),
        )
        groups.setdefault(key, []).append(export)
    return list(groups.values())
