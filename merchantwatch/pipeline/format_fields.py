"""The SQL of fields that a format gives without a cell: constants, hints, implied words."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from merchantwatch.engines import ROW_STRIDE, ColumnFacts
from merchantwatch.fields import FIELDS
from merchantwatch.formats import NEVER, Format
from merchantwatch.pipeline.carried import item_columns
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.reading import Export, HintCell


def stated_fields(form: Format, fields_read: Collection[str], tz: str) -> dict[str, str]:
    """Return the SQL of fields that are constant, valid for some lines, or implied by others.

    ``fields_read`` are those that have a cell, ``tz`` is the zone of the run's times.
    """
    fields = {name: _always(name, value) for name, value in form.always.items()}
    for name, zone in form.zones.items():
        if name in fields_read:
            fields[name] = f"timezone({literal(tz)}, timezone({literal(zone)}, {name}))"
    for name, statuses in form.holds_for.items():
        if name in fields_read:
            # In other states the platform writes a time there that means something else.
            listed = ", ".join(literal(status) for status in statuses)
            fields[name] = f"case when status in ({listed}) then {name} end"
    if "closed_at" in fields_read and "status" in fields_read:
        # Some exports leave the last status of an order that was closed later.
        fields["status"] = "case when closed_at is not null then 'closed' else status end"
    if "paid_amount" in fields_read:
        fields["amount"] = _paid(fields_read)
    for item in form.derived:
        if item.words_of in fields_read:
            found = f"{item.field}_derived"
            fields[item.field] = (
                f"coalesce({item.field}, {found})" if item.field in fields_read else found
            )
    return fields


def hint_name(cell: HintCell) -> str:
    """Return the name of a hint column in the query."""
    return f"hint_{cell.hint.field}_{cell.index}"


def hinted_words(hints: Iterable[HintCell], facts: ColumnFacts) -> dict[str, list[str]]:
    """Return the fields that columns hint at, each with the SQL of those columns."""
    found: dict[str, list[str]] = {}
    for cell in hints:
        words, name = facts.words_of(cell.index), hint_name(cell)
        meanings = cell.hint.words
        if words is not None:
            # The words of the column are few and known: the SQL tests for these as they are.
            meanings = {
                word: meanings[word.lower()] for word in sorted(words) if word.lower() in meanings
            }
        arms = " ".join(
            f"when {literal(word)} then {literal(meaning)}" for word, meaning in meanings.items()
        )
        tested = f"lower({name})" if words is None else name
        found.setdefault(cell.hint.field, []).append(
            f"case {tested} {arms} end" if arms else "null"
        )
    return found


def hinted(
    fields: Mapping[str, str], fields_read: Collection[str], hints: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """Return ``fields`` with those that hints give: each takes the first hint that has a value.

    A status from a hint counts only for a line that is still to ship; a shipped one stays shipped.
    """
    nothing = "cast(null as varchar)"
    found = {name: f"coalesce({', '.join([*words, nothing])})" for name, words in hints.items()}
    if "status" in found:
        status = fields.get(
            "status", "status" if "status" in fields_read else "cast(null as varchar)"
        )
        waits = f"({status}) = 'to_ship'"
        found["status"] = (
            f"case when {waits} then coalesce({found['status']}, 'to_ship') else {status} end"
        )
    return {**fields, **found}


def _always(name: str, value: str) -> str:
    return f"cast(null as {FIELDS[name].kind.sql_type})" if value == NEVER else literal(value)


def _paid(fields_read: Collection[str]) -> str:
    """Return the SQL of what the buyer paid for a line, before refunds."""
    # Older Taobao and Tmall reports subtract refunds from the paid amount: it is zero, or equals
    # the total together with the refund. Before payment it is zero, too: then the total counts.
    if "amount" not in fields_read:
        return "paid_amount"
    unpaid = "paid_amount = 0 and paid_at is null" if "paid_at" in fields_read else "false"
    arms = [f"when paid_amount is null or ({unpaid}) then amount"]
    if "refund_amount" in fields_read:
        arms.append("when paid_amount = 0 and refund_amount > 0 then refund_amount")
        arms.append("when paid_amount + refund_amount = amount then amount")
    return f"case {' '.join(arms)} else paid_amount end"


def rows_of(export: Export, relation: str, fields: Iterable[Mapping[str, object]]) -> str:
    """Return the relation of an order export's rows.

    Fields written only in the first row of an order are filled into its other rows; items side by
    side become separate rows.
    """
    if export.form.items:
        return _items(export, relation, fields)
    if not export.form.once:
        return relation
    order = f"c{export.cells['order_id'].index}"
    columns = {name: name for name in ("source", "own_shop", "source_row")}
    for field in fields:
        once = field.get("once") or field["name"] in export.form.once
        column = str(field["column"])
        columns[column] = f"max({column}) over (partition by {order})" if once else column
    selected = ", ".join(f"{value} as {column}" for column, value in columns.items())
    return f"(select {selected} from {relation}) as {relation}"


def _items(export: Export, relation: str, fields: Iterable[Mapping[str, object]]) -> str:
    """Return the relation of an export with a row for each item of an order, at least one."""
    first, *others = (f"c{index}" for index in item_columns(export))
    columns = dict.fromkeys(str(field["column"]) for field in fields if field["column"] != first)
    return render_sql(
        "items_of_order",
        shared=[*columns, "source", "own_shop"],
        first=first,
        others=others,
        relation=relation,
        row_stride=ROW_STRIDE,
    )
