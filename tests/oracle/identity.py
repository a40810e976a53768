"""Which rows are one line: by its id, else by the order, the product, the SKU and the occurrence."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from oracle.lines import Line

Rows = list[Line | None]
"""The rows of one export in their order; None for one that is quarantined."""
Known = tuple[str | None, str, str, int]
"""By what a line without an id of its own is known."""


def identified(read: Sequence[Rows]) -> list[Rows]:
    """The rows of exports, oldest first: lines without an id named, and none that is several."""
    return [without_conflicts(rows) for rows in named(read)]


def without_conflicts(rows: Rows) -> Rows:
    """Of one id an export may tell one line only: of one order, of one product, made once."""
    by_id: dict[str, list[Line]] = defaultdict(list)
    for line in rows:
        if line is not None:
            by_id[line.line_id].append(line)
    return [None if line is None or several(by_id[line.line_id]) else line for line in rows]


def several(lines: Sequence[Line]) -> bool:
    """Whether these are not one line; an unknown value distinguishes nothing."""
    facts = ({line.order_id for line in lines}, {line.product_id for line in lines})
    created = {line.created_at for line in lines}
    return any(len(found - {None}) > 1 for found in (*facts, created))


def named(read: Sequence[Rows]) -> list[Rows]:
    """The order's id names its only line; of several each has a number, in the newest export's order."""
    known = [known_by(rows) for rows in read]
    orders: dict[str | None, list[Known]] = defaultdict(list)
    for keys in reversed(known):
        for key in keys:
            if key is not None and key not in orders[key[0]]:
                orders[key[0]].append(key)

    def name(key: Known) -> str:
        lines = orders[key[0]]
        return f"{key[0]}-{lines.index(key) + 1}" if len(lines) > 1 else str(key[0])

    return [
        [
            line if line is None or key is None else replace(line, line_id=name(key))
            for line, key in zip(rows, keys, strict=True)
        ]
        for rows, keys in zip(read, known, strict=True)
    ]


def known_by(rows: Rows) -> list[Known | None]:
    """By what each row of an export is known; None where it has an id, or is none."""
    times: Counter[tuple[str | None, str, str]] = Counter()
    keys: list[Known | None] = []
    for line in rows:
        if line is None or line.line_id:
            keys.append(None)
            continue
        what = (line.order_id, line.product_id or line.product_name or "", line.sku or "")
        times[what] += 1
        keys.append((*what, times[what]))
    return keys
