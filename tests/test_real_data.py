"""Real order data with known answers. It is not ours to ship: absent, these tests skip."""

import tomllib
from pathlib import Path

import pytest
from conftest import ROOT, rule

DATA = ROOT.parent / "shared" / "data"

OLIST = {
    "line_id": "line_id",
    "order_id": "order_id",
    "product_id": "product_id",
    "shop": "seller_id",
    "status": "order_status",
    "created_at": "order_purchase_timestamp",
    "paid_at": "order_approved_at",
    "promised_ship_at": "shipping_limit_date",
    "shipped_at": "order_delivered_carrier_date",
    "delivered_at": "order_delivered_customer_date",
    "amount": "price",
}
OLIST_WORDS = {
    "status": {
        "delivered": "completed",
        "canceled": "closed",
        "processing": "to_ship",
        "invoiced": "to_ship",
    }
}


def real_file(name: str) -> Path:
    if not (DATA / name).exists():
        pytest.skip(f"{name} is not here")
    return DATA / name


@pytest.mark.parametrize(
    ("as_of", "hits", "breached", "near"),
    [("2018-01-01 00:00:00", 1176, 69, 112), ("2018-06-01 00:00:00", 1216, 71, 115)],
)
def test_olist(scan, as_of, hits, breached, near):
    """Three more than by a time of payment alone: late lines without one, whose status is to ship or later."""
    path = real_file("olist_order_lines_2017.csv")
    report = scan(path, as_of=as_of, map=OLIST, words=OLIST_WORDS)
    found = rule(report, "DY101")
    assert (found["hits"], found["breached"], found["findings"] - found["breached"]) == (
        hits,
        breached,
        near,
    )
    accounting = report.to_dict()["accounting"]
    assert accounting["rows_read"] == accounting["lines"] == 11_252


def test_olist_by_the_mapping_that_init_proposes(scan, run, tmp_path):
    path = real_file("olist_order_lines_2017.csv")
    assert run("init", path).returncode == 0
    written = tomllib.loads((tmp_path / "merchantwatch.toml").read_text("utf-8"))["map"]
    words = written.pop("status")
    assert written.pop("estimated_delivery_at") == "order_estimated_delivery_date"
    assert {**written, "status": words.pop("column")} == OLIST
    assert words == {**OLIST_WORDS["status"], "shipped": "shipped"}
    report = scan(path, as_of="2018-01-01")
    assert (rule(report, "DY101")["hits"], rule(report, "DY101")["breached"]) == (1176, 69)


def test_tmall_orders_cannot_tell_of_shipping(scan):
    report = scan(real_file("tmall_orders_2020-02.csv"), as_of="2020-03-01").to_dict()
    assert report["accounting"] == {
        "rows_read": 28_010, "lines": 28_010, "quarantined": 0, "superseded": 0, "later": 0,
    }  # fmt: skip
    rules = {entry["code"]: entry for entry in report["rules"]}
    assert rules["TM101"]["status"] == "not_evaluated"
    assert "shipped_at" in rules["TM101"]["missing"]
    assert {e["status"] for e in rules.values() if e["code"].startswith("DY")} == {"not_applicable"}
    assert report["findings"] == []
