"""A share is taken only where the export holds what it is a share of."""

import pytest
from conftest import AS_OF, rule

import merchantwatch as mw

UNSHIPPED = (
    "order-id",
    "order-item-id",
    "purchase-date",
    "payments-date",
    "promise-date",
    "days-past-promise",
    "sku",
    "quantity-purchased",
)
RATES = ["AM102", "AM103", "AM104", "AM106"]


def _report(tmp_path, promise="2026-11-18T00:00:00-08:00"):
    row = (
        "113-1",
        "99001",
        "2026-11-16T00:00:00-08:00",
        "2026-11-16T00:00:00-08:00",
        promise,
        "2",
        "A",
        "1",
    )
    path = tmp_path / "unshipped.txt"
    path.write_text("\n".join("\t".join(line) for line in (UNSHIPPED, row)), "utf-8")
    return path


def _all_orders(tmp_path):
    path = tmp_path / "all.csv"
    path.write_text(
        "order_id,line_id,created_at,paid_at,promised_ship_at,shipped_at,status\n"
        + "".join(f"A{n},B{n},2026-11-10 08:00:00,2026-11-10 08:00:00,2026-11-18 00:00:00,{at},shipped\n"
                  for n, at in enumerate(["2026-11-17 08:00:00"] * 3 + ["2026-11-19 08:00:00"])),
        "utf-8",
    )  # fmt: skip
    return path


def test_a_report_without_shipped_orders_tells_no_share(tmp_path):
    with mw.scan(
        _report(tmp_path), as_of=AS_OF, select="AM", lang="en", tz="America/Los_Angeles"
    ) as report:
        assert rule(report, "AM101")["breached"] == 1
        for code in RATES:
            assert rule(report, code)["status"] == "not_evaluated"
        assert "shipped_at" in rule(report, "AM102")["missing"]
        (note,) = [n for n in report.to_dict()["notes"] if n["code"] == "share-of-a-part"]
        assert "unshipped.txt holds no shipped orders" in note["text"]
        assert "AM102 AM103 AM104 AM106" in note["text"]
        assert note["lines"] == 1


@pytest.mark.every_engine
@pytest.mark.looks_at("AM102")
def test_beside_an_export_of_all_orders_its_lines_are_unjudged(tmp_path, engine):
    inputs = [_report(tmp_path), _all_orders(tmp_path)]
    fields = {
        name: name
        for name in (
            "order_id",
            "line_id",
            "created_at",
            "paid_at",
            "promised_ship_at",
            "shipped_at",
            "status",
        )
    }
    with mw.scan(
        inputs, as_of=AS_OF, select="AM102", map=fields, platform="amazon", lang="en", engine=engine
    ) as report:
        found = rule(report, "AM102")
        assert (found["status"], found["hits"], found["unjudged"]) == ("evaluated", 1, 1)
        (finding,) = report.to_dict()["findings"]
        assert finding["rate"]["volume"] == 4
