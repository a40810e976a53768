"""Notices that come with the program: what they move, to the second, and that their words stand on their pages."""

import csv
import re

import pandas as pd
import pytest
from conftest import ROOT, findings

from merchantwatch.errors import UsageError
from merchantwatch.reading.notices import FOLDER, PREFIX, names

PAGES = next(
    (found for up in ROOT.parents if (found := up / "shared" / "domain" / "official").is_dir()),
    None,
)
LATE = {
    "status": "to_ship",
    "amount": "100.00",
    "shipped_at": "-",
    "province": "浙江省",
    "sender_province": "-",
}


def _late(scan, notice, lines, as_of, platform="taobao"):
    rows = [
        {**LATE, "line_id": str(n), "created_at": line["paid_at"], **line}
        for n, line in enumerate(lines)
    ]
    table = pd.DataFrame(rows, dtype="str")
    options = {"exemptions": f"{PREFIX}{notice}"} if notice else {}
    report = scan(
        table,
        as_of=as_of,
        platform=platform,
        map={n: n for n in table.columns},
        select=["TB101"],
        **options,
    )
    return {f["key"]: f["due_at"] for f in findings(report, "TB101") if f["state"] == "breached"}


@pytest.mark.every_engine
@pytest.mark.looks_at("TB101")
def test_spring_festival_moves_promises_of_its_days(scan):
    days = [
        "2026-02-09 23:59:59",
        "2026-02-10 00:00:00",
        "2026-02-23 23:59:59",
        "2026-02-24 00:00:00",
    ]
    later = {"paid_at": "2026-02-20 08:00:00", "promised_ship_at": "2026-02-27 08:00:00"}
    lines = [{"paid_at": day, "promised_ship_at": "-"} for day in days] + [later]
    late = _late(scan, "spring-festival-2026", lines, "2026-02-27 00:00:00")
    ends = "2026-02-26T23:59:59"
    assert late == {"0": "2026-02-11T23:59:59", "1": ends, "2": ends, "3": "2026-02-26T00:00:00"}
    assert _late(scan, "spring-festival-2026", lines, "2026-02-26 23:59:59").keys() == {"0", "3"}
    assert _late(scan, "", lines, "2026-02-26 00:00:01").keys() == {"0", "1", "2", "3"}


@pytest.mark.every_engine
@pytest.mark.looks_at("TB101")
def test_a_storm_moves_promises_of_its_region_whichever_end_it_is(scan):
    dues = [
        "2026-07-01 23:59:59",
        "2026-07-02 00:00:00",
        "2026-07-04 23:59:59",
        "2026-07-05 00:00:00",
    ]
    paid = "2026-06-30 08:00:00"
    lines = [{"paid_at": paid, "promised_ship_at": due, "province": "海南省"} for due in dues]
    lines += [{"paid_at": paid, "promised_ship_at": dues[1], "sender_province": "海南"}]
    lines += [{"paid_at": paid, "promised_ship_at": dues[1]}]
    assert _late(scan, "hainan-2026-07", lines, "2026-07-05 23:59:59").keys() == {"0", "3", "5"}
    assert _late(scan, "hainan-2026-07", lines, "2026-07-06 00:00:00").keys() == {*"012345"}


def test_a_notice_that_is_not_there(scan):
    with pytest.raises(
        UsageError, match="no such notice; there are hainan-2026-07, spring-festival-2026"
    ):
        _late(scan, "spring-festival-2019", [{"paid_at": "2026-02-20 08:00:00"}], "2026-02-27")


@pytest.mark.skipif(PAGES is None, reason="the platforms' pages are not at hand")
@pytest.mark.parametrize("name", names())
def test_the_cited_words_stand_on_the_page(name):
    with (FOLDER / f"{name}.csv").open(encoding="utf-8") as file:
        notes = [row["备注"] for row in csv.DictReader(file)]
    for note in notes:
        page, words = re.match(r"(\d+)《.*?》.*?\d{4}-\d\d-\d\d“(.*?)”", note).groups()
        texts = [
            re.sub(r"\s", "", f.read_text(encoding="utf-8")) for f in PAGES.glob(f"*-{page}-*.txt")
        ]
        assert len(words) <= 60
        assert any(words in text for text in texts), words


@pytest.mark.every_engine
@pytest.mark.looks_at("TT305")
def test_spring_festival_moves_what_a_title_promises_too(scan):
    line = {**LATE, "line_id": "1", "created_at": "2026-02-20 08:00:00", "paid_at": "2026-02-20 08:00:00",
            "promised_ship_at": "2026-02-25 08:00:00", "product_name": "现货 羊毛衫"}  # fmt: skip
    table = pd.DataFrame([line], dtype="str")
    options = {"platform": "taobao", "map": {n: n for n in table.columns}, "select": ["TT305"]}
    for as_of, state in [("2026-02-26 23:59:59", "near"), ("2026-02-27 00:00:00", "breached")]:
        report = scan(table, as_of=as_of, exemptions=f"{PREFIX}spring-festival-2026", **options)
        assert [f["state"] for f in findings(report, "TT305")] == [state]
    report = scan(table, as_of="2026-02-22 08:00:01", **options)
    assert [f["state"] for f in findings(report, "TT305")] == ["breached"]
