"""What the inputs of a run say of lines that are looked up, whichever engine has read them."""

from datetime import date

import pytest
from conftest import AS_OF, LATE, write_csv

from merchantwatch.engines import Distributed
from merchantwatch.history.evidence import Covered, covered
from merchantwatch.history.items import Item
from merchantwatch.language.text import Text
from merchantwatch.pipeline import coverage
from merchantwatch.run.scan import run as scanned
from merchantwatch.settings import resolve

MAPPED = {
    "order_id": "order",
    "product_id": "product",
    "created_at": "created",
    "paid_at": "paid",
    "promised_ship_at": "promised",
    "shipped_at": "shipped",
}
ROW = {
    "product": "1",
    "created": "2026-11-20 08:00:00",
    "paid": "2026-11-20 08:00:00",
    "promised": "2026-11-25 08:00:00",
    "shipped": "-",
}
LATER = {"订单提交时间": "2026-11-22 08:00:00", "支付完成时间": "-", "订单状态": "待支付"}


@pytest.fixture
def finished(export, tmp_path, engine):
    """One scan of an export with line ids and of one without, with an older one beside them."""
    lines = [{}, {**LATE, "支付完成时间": "?"}, {**LATE, "订单状态": "没见过"}, LATER]
    orders = export(*lines, name="orders.csv")
    older = export(LATE, name="older.csv")
    named = write_csv(tmp_path / "named.csv", [{**ROW, "order": name} for name in ("A", "B", "B")])
    flags = {"as_of": AS_OF, "select": ("DY100",), "engine": engine, "history": True, "map": MAPPED}
    found = scanned([str(older), str(orders), str(named)], resolve(flags))
    yield found
    found.engine.close()


def item(*lines, platform="douyin"):
    text = Text(zh="", en="")
    return Item(
        "finding", "DY100", platform, None, "product", "1", "near", "high", 1, text, lines=lines
    )


@pytest.mark.every_engine
def test_lines_are_covered_where_they_stand_in_some_input(finished):
    ids = [str(6900000000000000000 + n) for n in range(1, 7)]
    items = [
        item(*ids, "A", "B", "B-1"),
        item("B-2", "it's not there"),
        item(ids[0], platform="tmall"),
    ]
    found = covered(finished.engine, finished.lines, items, finished.plan)
    assert found == {
        ("douyin", ids[0]): Covered(understood=True),
        ("douyin", ids[1]): Covered(understood=False),
        ("douyin", ids[2]): Covered(understood=True, unjudged=frozenset({"DY100"})),
        **{("douyin", name): Covered(understood=True) for name in ("A", "B-1", "B-2")},
    }
    assert covered(finished.engine, finished.lines, [item()], finished.plan) == {}
    rows = finished.engine.table(coverage.shop_days(finished.lines)).to_pylist()
    counts = {}
    for row in rows:
        key = row["platform"], row["shop"], row["created_on"]
        counts[key] = counts.get(key, 0) + row["lines"]
    assert counts == {
        ("douyin", None, date(2026, 11, 18)): 2,
        ("douyin", None, date(2026, 11, 20)): 3,
    }
    assert isinstance(finished.engine, Distributed) == (finished.results.engine == "spark")


@pytest.mark.every_engine
def test_more_lines_than_one_query_asks_for(finished, monkeypatch):
    monkeypatch.setattr("merchantwatch.history.evidence._AT_ONCE", 2)
    ids = [str(6900000000000000000 + n) for n in range(1, 7)]
    found = covered(finished.engine, finished.lines, [item(*ids)], finished.plan)
    assert len(found) == 3
