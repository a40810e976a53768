"""Cross-line fields: receivers of a tracking number, cases of a buyer, sellers of an order.

They depend on several lines, but lines are judged while they are read. So the few columns that they
need are read once before, and the result is joined onto lines like a parcel.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime

from merchantwatch.engines import APART
from merchantwatch.fields import BUYER_DAYS, FIELDS, ORDER_FIELDS, RECEIVER_DAYS
from merchantwatch.pipeline.carried import (
    counts_pieces,
    may_mix_sellers,
    needs_identity,
    supplied_to_lines,
)
from merchantwatch.pipeline.joined import CASES, Joined
from merchantwatch.pipeline.keys import (
    BUYER_CASES,
    ORDERS,
    RECEIVERS,
    REQUIRED_KEYS,
    SELLERS,
    Keys,
    keys_of,
)
from merchantwatch.pipeline.platforms import Platforms
from merchantwatch.pipeline.stages import literal, stage
from merchantwatch.reading import Export
from merchantwatch.reading.hash_key import InstallationKey
from merchantwatch.rules import Rulebook

TABLE = "cross_line"
"""The table of the first reading, with a row for each row of the exports."""

COLUMNS = (
    *("source", "source_row", "line_hash", "line_check", "platform", "order_key", "tracking_no"),
    *("shipped_at", "receiver_key", "buyer_key", "case_number", "seller"),
)


def keys(
    book: Rulebook,
    exports: Sequence[Export],
    platforms: Platforms,
    key: Callable[[], InstallationKey],
) -> Keys:
    """Return which keyed hashes of which exports the rules need, with the secret for them."""
    # ``key`` is called late: it creates a file on first need, and most runs need no hash.
    of: dict[int, frozenset[str]] = {}
    derived: set[str] = set()
    looked_at: set[int] = set()
    for platform in sorted({name for names in platforms.of.values() for name in names}):
        some = [export for export in exports if platform in platforms.of[export.number]]
        known = frozenset[str]().union(*map(supplied_to_lines, some))
        rules = (bound for bound in book.rules if bound.judges(platform))
        reads = frozenset[str]().union(*(bound.reads | bound.prices for bound in rules))
        able = {name for name in REQUIRED_KEYS if name in reads and REQUIRED_KEYS[name] <= known}
        derived |= able & {BUYER_CASES, RECEIVERS}
        for number, needed in ((e.number, keys_of(able).intersection(e.keys)) for e in some):
            of[number] = of.get(number, frozenset()) | needed
        looked_at |= {export.number for export in some if _is_looked_at(export, able, some)}
        if reads & {*ORDER_FIELDS}:
            counted = {export.number for export in some if counts_pieces(export)}
            derived |= {ORDERS} if counted else set()
            derived |= {SELLERS} if any(map(may_mix_sellers, some)) else set()
            looked_at |= counted
    of = {number: fields for number, fields in of.items() if fields}
    if not of:
        looked = Keys(cross_line=frozenset(derived), looked_at=frozenset(looked_at))
        return looked if derived else Keys()
    found = key()
    return Keys(of, frozenset(derived), frozenset(looked_at), found.secret, found.unwritten)


def _is_looked_at(export: Export, able: set[str], exports: Sequence[Export]) -> bool:
    """Say whether the lines of an export have to be read once before any is judged."""
    # A case without a buyer of its own has that of its line, which must then be known before.
    if export.form.kind != "orders":
        return False
    buyers_known = all("buyer_key" in other.keys for other in exports if other.form.kind == "cases")
    of_buyers = BUYER_CASES in able and "buyer_key" in export.keys and not buyers_known
    return RECEIVERS in able or of_buyers


def tables(
    derived: frozenset[str],
    exports: Sequence[Export],
    joined: Sequence[Joined],
    as_of: datetime,
    *,
    conflicts: bool,
) -> Iterator[tuple[str, str]]:
    """Yield the tables derived from the first reading, name and query.

    ``conflicts`` says whether some rows share an id, but are not one line.
    """
    numbers = [str(export.number) for export in exports if needs_identity(export)]
    given = {"unnamed": ", ".join(numbers or ["-1"]), "apart": APART, "conflicts": conflicts}
    if BUYER_CASES in derived and CASES in joined:
        since = f"{literal(as_of)} - interval '{BUYER_DAYS}' day"
        yield "buyers", stage("2_buyers", since=since, **given)
    if ORDERS in derived:
        yield ORDERS, stage("2_orders", **given)
    if RECEIVERS in derived:
        kinds = {way.by for export in exports for way in export.keys.get("receiver_key", ())}
        yield "shipments", stage("2_shipments", **given)
        yield "receivers", stage("2_receivers", days=RECEIVER_DAYS, kinds=sorted(kinds))


def joins(
    derived: frozenset[str], joined: Sequence[Joined], values: Mapping[str, str]
) -> dict[str, str]:
    """Return the join condition of a line with each of the tables.

    ``values`` are the fields that a parcel or a case may give in place of the line.
    """
    found = {}
    if BUYER_CASES in derived and CASES in joined:
        buyer = values.get("buyer_key", "lines.buyer_key")
        found["buyers"] = f"lines.platform = buyers.platform and {buyer} = buyers.buyer_key"
    if RECEIVERS in derived:
        number = values.get("tracking_no", "lines.tracking_no")
        found["receivers"] = (
            f"lines.platform = receivers.platform and {number} = receivers.tracking_no "
            "and lines.shipped_at = receivers.shipped_at"
        )
    if ORDERS in derived:
        order = "coalesce(lines.order_id, lines.line_id)"
        found[ORDERS] = f"lines.platform = {ORDERS}.platform and {order} = {ORDERS}.order_key"
    return found


def of_orders(derived: frozenset[str], row_fields: Collection[str]) -> dict[str, str]:
    """Return the SQL of the pieces and sellers of a line's order: by a column, else by its lines.

    An order of one line has no entry in the table.
    """
    pieces = ["1"] + [name for name in ("quantity",) if name in row_fields]
    values = {"pieces_of_order": [f"lines.{p}" if p != "1" else p for p in pieces]}
    if ORDERS in derived:
        values["pieces_of_order"].append(f"{ORDERS}.lines")
    if SELLERS in derived:
        values["sellers_of_order"] = [f"{ORDERS}.sellers", "1"]
    return {
        name: f"coalesce(lines.{name}, greatest({', '.join(parts)}))"
        for name, parts in values.items()
        if name in row_fields
    }


def known_of_lines(present: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a line that come from the tables that are ``present``.

    A tracking number of a single order has one receiver, and no entry in the table.
    """
    counts = {
        name: f"cast(null as {FIELDS[name].kind.sql_type})" for name in (BUYER_CASES, RECEIVERS)
    }
    if "buyers" in present:
        buyer = values.get("buyer_key", "lines.buyer_key")
        counts[BUYER_CASES] = f"case when {buyer} is not null then coalesce(buyers.cases, 0) end"
    if "receivers" in present:
        number = values.get("tracking_no", "lines.tracking_no")
        counts[RECEIVERS] = stage("receivers_of_line", number=number)
    return counts
