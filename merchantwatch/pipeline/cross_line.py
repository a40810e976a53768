"""Cross-line fields: receivers of a tracking number, cases of a buyer, sellers of an order.

Such a field depends on several lines, but lines are judged while they are read. So the few columns
that it needs are read beforehand, in a first reading, whose result is joined onto lines as parcels
are.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field

from merchantwatch.engines import ROW_STRIDE
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
from merchantwatch.pipeline.rendering import literal, render_sql
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
    needs = _Needs()
    for platform in sorted({name for names in platforms.of.values() for name in names}):
        of_platform = [export for export in exports if platform in platforms.of[export.number]]
        rules = (bound for bound in book.rules if bound.judges(platform))
        reads = frozenset[str]().union(*(bound.reads | bound.prices for bound in rules))
        needs.add(of_platform, reads)
    derived, first_read = frozenset(needs.derived), frozenset(needs.first_read)
    if needs.hashes:
        # Called only now: it creates a file on first need, and most runs need no hash.
        installation = key()
        return Keys(needs.hashes, derived, first_read, installation.secret, installation.unwritten)
    return Keys(cross_line=derived, first_read=first_read) if derived else Keys()


class _Needs(Struct):
    """What rules need beyond single lines, collected platform by platform.

    ``hashes`` are the keyed hashes to compute of each export, by its number; ``derived`` the
    cross-line fields, and ``first_read`` the exports to be read beforehand for these.
    """

    hashes: dict[int, frozenset[str]] = field(default_factory=dict)
    derived: set[str] = field(default_factory=set)
    first_read: set[int] = field(default_factory=set)

    def add(self, exports: Sequence[Export], reads: Collection[str]) -> None:
        """Add the needs of the rules of one platform, which read these fields of its exports."""
        # Together: a tracking number may come from parcels and its receiver from orders.
        known = frozenset[str]().union(*map(supplied_to_lines, exports))
        wanted = {name for name in REQUIRED_KEYS if name in reads and REQUIRED_KEYS[name] <= known}
        self.derived |= wanted & {BUYER_CASES, RECEIVERS}
        for export in exports:
            if hashes := keys_of(wanted).intersection(export.keys):
                already = self.hashes.get(export.number, frozenset())
                self.hashes[export.number] = already | hashes
            if _needs_first_reading(export, wanted, exports):
                self.first_read.add(export.number)
        if any(name in reads for name in ORDER_FIELDS):
            self._add_orders(exports)

    def _add_orders(self, exports: Sequence[Export]) -> None:
        """Add what facts of whole orders need: how many lines they have, of how many sellers."""
        counted = {export.number for export in exports if counts_pieces(export)}
        if counted:
            self.derived.add(ORDERS)
        if any(map(may_mix_sellers, exports)):
            self.derived.add(SELLERS)
        self.first_read |= counted


def _needs_first_reading(export: Export, wanted: set[str], exports: Sequence[Export]) -> bool:
    """Say whether the lines of an export have to be read once before any line is judged."""
    if export.form.kind != "orders":
        return False
    # A case that names no buyer has the buyer of its line, who must be known before.
    buyers_known = all("buyer_key" in other.keys for other in exports if other.form.kind == "cases")
    of_buyers = BUYER_CASES in wanted and "buyer_key" in export.keys and not buyers_known
    return RECEIVERS in wanted or of_buyers


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
    given = {
        # No source has the number -1: SQL has no empty list.
        "unnamed": ", ".join(numbers or ["-1"]),
        "row_stride": ROW_STRIDE,
        "conflicts": conflicts,
    }
    if BUYER_CASES in derived and CASES in joined:
        since = f"{literal(as_of)} - interval '{BUYER_DAYS}' day"
        yield "buyers", render_sql("2_buyers", since=since, **given)
    if ORDERS in derived:
        yield ORDERS, render_sql("2_orders", **given)
    if RECEIVERS in derived:
        kinds = {way.by for export in exports for way in export.keys.get("receiver_key", ())}
        yield "shipments", render_sql("2_shipments", **given)
        yield "receivers", render_sql("2_receivers", days=RECEIVER_DAYS, kinds=sorted(kinds))


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
        # A known buyer without an entry has no case; an unknown one may have any number.
        counts[BUYER_CASES] = f"case when {buyer} is not null then coalesce(buyers.cases, 0) end"
    if "receivers" in present:
        number = values.get("tracking_no", "lines.tracking_no")
        counts[RECEIVERS] = render_sql("receivers_of_line", number=number)
    return counts
