"""Tmall Global, which only --platform names, by 2927《天猫国际物流时效管理规范》."""

import pandas as pd
import pytest
from conftest import findings, rule

pytestmark = pytest.mark.every_engine

LATE = {
    "status": "to_ship", "created_at": "2026-11-01 07:00:00", "paid_at": "2026-11-01 08:00:00", "shipped_at": "-",
    "amount": "300.00", "trade": "保税仓",
}  # fmt: skip


@pytest.mark.looks_at("TG101", "TG102", "TM101")
def test_bonded_and_direct_by_a_mapping(scan, tmp_path):
    config = tmp_path / "merchantwatch.toml"
    config.write_text(
        'platform = "tmall-global"\n[map]\nline_id = "line_id"\nstatus = "status"\ncreated_at = "created_at"\n'
        'paid_at = "paid_at"\nshipped_at = "shipped_at"\namount = "amount"\n[map.fulfilment]\ncolumn = "trade"\n'
        '"保税仓" = "bonded"\n"海外直邮" = "direct"\n',
        encoding="utf-8",
    )
    rows = [
        {**LATE, "line_id": f"L{n}", "trade": trade}
        for n, trade in enumerate(["保税仓", "海外直邮", ""])
    ]
    report = scan(
        pd.DataFrame(rows, dtype="str"), config=config, select=["TG101", "TG102", "TM101"]
    )
    late = {f["key"]: (f["due_at"], f["penalty"]) for f in findings(report, "TG101")}
    assert late == {
        "L0": ("2026-11-03T08:00:00", "15.00"),
        "L1": ("2026-11-06T08:00:00", "15.00"),
        "L2": ("2026-11-06T08:00:00", "15.00"),
    }
    short = {f["key"]: f["penalty"] for f in findings(report, "TG102")}
    assert short == {"L0": "45.00", "L1": "90.00", "L2": "45.00"}
    assert rule(report, "TM101")["status"] == "not_applicable"


@pytest.mark.looks_at("TG104", "TG105")
@pytest.mark.parametrize(
    ("late", "well", "rate", "count"),
    [(16, 84, "breached", None), (15, 85, "near", None), (12, 88, "near", None), (11, 89, None, None),
     (80, 20, "breached", "near"), (100, 0, "breached", "breached"), (79, 21, "breached", None)],
)  # fmt: skip
def test_the_rate_and_the_number_of_a_month(scan, late, well, rate, count):
    table = pd.DataFrame(
        [
            {**LATE, "line_id": f"L{n}", "shipped_at": "-" if n < late else "2026-11-02 08:00:00",
             "status": "to_ship" if n < late else "shipped"}
            for n in range(late + well)
        ],
        dtype="str",
    ).drop(columns="trade")  # fmt: skip
    names = {name: name for name in table.columns}
    report = scan(table, platform="tmall-global", map=names, select=["TG104", "TG105"])
    states = {c: [(f["state"], f["key"]) for f in findings(report, c)] for c in ("TG104", "TG105")}
    assert states == {
        "TG104": [(rate, "2026-11")] if rate else [],
        "TG105": [(count, "2026-11")] if count else [],
    }


@pytest.mark.looks_at("TG105")
def test_a_line_counts_for_the_month_in_which_it_was_to_be_scanned(scan):
    """The last second of October and the first of November are 80 lines each, and 160 together."""
    table = pd.DataFrame(
        [
            {**LATE, "line_id": f"{at}{n}", "shop": "甲", "trade": "bonded", "promised_ship_at": at}
            for at in ("2026-10-31 23:59:59", "2026-11-01 00:00:00")
            for n in range(80)
        ]
        + [{**LATE, "line_id": "open", "shop": "甲", "trade": "bonded", "promised_ship_at": "2026-11-30 08:00:00"}],
        dtype="str",
    )  # fmt: skip
    names = {name: name for name in table.columns if name != "trade"} | {"fulfilment": "trade"}
    report = scan(table, platform="tmall-global", map=names, select=["TG105"])
    found = {
        f["key"]: (f["state"], f["count"], f["next_due_at"]) for f in findings(report, "TG105")
    }
    assert found == {
        "甲 2026-10": ("near", 80, None),
        "甲 2026-11": ("near", 80, "2026-11-30T08:00:00"),
    }
