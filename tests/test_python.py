"""The Python interface."""

from datetime import datetime

import pandas as pd
import pyarrow as pa
import pytest
from conftest import LATE, SAMPLE, douyin, rule

import merchantwatch as mw


def test_a_dataframe_and_a_table_are_inputs(scan):
    frame = pd.DataFrame(douyin(LATE, LATE, LATE))
    for data in (frame, pa.Table.from_pandas(frame), frame.astype("category")):
        report = scan(data)
        assert rule(report, "DY101")["breached"] == 1
        assert report.to_dict()["inputs"][0]["path"] == "<table 1>"
        assert report.hits("DY101")["source_row"].tolist() == [2, 3, 4]


def test_inputs_are_never_changed(scan):
    frame = pd.DataFrame(douyin(LATE))
    before = frame.copy()
    scan(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_a_later_table_is_newer(scan):
    old, new = pd.DataFrame(douyin(LATE)), pd.DataFrame(douyin({}))
    assert rule(scan(old, new), "DY100")["hits"] == 0
    assert rule(scan(new, old), "DY100")["hits"] == 1


@pytest.mark.parametrize(
    "as_of",
    [
        "2026-11-21",
        "2026/11/21 00:00",
        datetime(2026, 11, 21),
        pd.Timestamp("2026-11-20 16:00", tz="UTC"),
    ],
)
def test_moments(as_of):
    with mw.scan(pd.DataFrame(douyin(LATE)), as_of=as_of) as report:
        assert report.to_dict()["as_of"] == "2026-11-21T00:00:00"


def test_findings_are_a_table_of_values(scan):
    report = scan(SAMPLE / "orders.csv", SAMPLE / "parcels.csv")
    found = report.findings
    assert len(found) == len(report.to_dict()["findings"])
    assert {"code", "state", "key", "count", "amount_at_stake", "due_at", "lines"} <= set(found)
    assert set(found["state"]) == {"breached", "near"}
    late = found[(found["code"] == "DY101") & (found["state"] == "breached")]
    assert late["count"].tolist() == [3]


def test_hits_of_one_rule_and_of_all(scan):
    report = scan(SAMPLE / "orders.csv")
    assert len(report.hits("DY101")) == 7
    assert set(report.hits()["code"]) > {"DY100", "DY101", "DY201"}
    assert report.hits("DY999").empty


def test_no_findings_is_an_empty_table(scan):
    report = scan(pd.DataFrame(douyin({})))
    assert report.findings.empty
    assert "code" in report.findings
    assert report.hits().empty


def test_a_single_path_and_options(tmp_path):
    with mw.scan(SAMPLE / "orders.csv", as_of="2026-11-21", select="DY101", lang="zh") as report:
        assert [entry["code"] for entry in report.to_dict()["rules"]] == ["DY101"]
        assert report.write(tmp_path / "a.json").exists()
        assert "409 lines" in repr(report)


def test_errors_are_raised_with_their_remedy(tmp_path):
    with pytest.raises(mw.InputError, match="no such file"):
        mw.scan("nothere.csv")
    with pytest.raises(mw.InputError, match="no input"):
        mw.scan(42)
    with pytest.raises(mw.UsageError, match="no such rule"):
        mw.scan(SAMPLE / "orders.csv", select="XX")
    with pytest.raises(mw.UsageError, match="no report has this extension"):
        mw.scan(SAMPLE / "orders.csv").write(tmp_path / "a.docx")


def test_all_is_sorted_and_there():
    assert mw.__all__ == sorted(mw.__all__)
    assert all(hasattr(mw, name) for name in mw.__all__)
