"""The five Douyin rules as a pandas user writes them."""

import pandas as pd
from common import CLOSED, REFUNDED, SHORT

HOURS = pd.Timedelta(hours=1)


def judge(lines: pd.DataFrame, as_of: pd.Timestamp) -> dict[str, dict[str, int]]:
    """Count the hits and findings of each rule; nothing in ``lines`` is later than as-of."""
    due = lines["promised"].fillna(lines["paid"] + 48 * HOURS)
    running = lines["paid"].notna() & (lines["status"] != CLOSED)
    unshipped = running & lines["shipped"].isna()
    ended = lines["shipped"].fillna(as_of)

    refunded = lines["after_sale"].isin(REFUNDED)
    waiting, owed = unshipped & ~refunded, running & ~refunded
    overdue = waiting & (as_of > due)
    soon = waiting & (due >= as_of) & (due <= as_of + 24 * HOURS)
    late = running & (ended > due)
    strikes = (
        (late & owed).astype("int8")
        + (owed & (ended >= due + 24 * HOURS))
        + (owed & (ended >= due + 48 * HOURS))
    )
    words = "|".join(SHORT)
    marked = [
        lines[name].str.contains(words, na=False) for name in ("reason", "note", "after_sale")
    ]
    short = waiting & (marked[0] | marked[1] | marked[2])

    shop = ["shop"] if "shop" in lines else []
    late_by_product = lines.loc[late, [*shop, "product"]].value_counts()
    short_by_product = lines.loc[short, [*shop, "product"]].value_counts()
    short_by_shop = (
        lines.loc[short, "shop"].value_counts() if shop else pd.Series([int(short.sum())])
    )
    return {
        "DY100": _result(overdue, overdue, soon),
        "DY101": _result(late, late_by_product >= 3, late_by_product == 2),
        "DY102": _result(strikes >= 1, strikes == 3, strikes == 2),
        "DY201": _result(short, short_by_product > 10, short_by_product.between(8, 10)),
        "DY202": _result(short, short_by_shop > 10, short_by_shop.between(8, 10)),
    }


def _result(
    hits: "pd.Series[bool]", breached: "pd.Series[bool]", near: "pd.Series[bool]"
) -> dict[str, int]:
    """Count a rule's hits and findings."""
    return {"hits": int(hits.sum()), "breached": int(breached.sum()), "near": int(near.sum())}
