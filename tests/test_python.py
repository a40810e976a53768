"""The Python interface."""

import re
import warnings
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from conftest import AS_OF, LATE, SAMPLE, douyin, rule

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


def test_hits_of_a_rule_in_any_case_and_none_in_silence(scan):
    report = scan(pd.DataFrame(douyin(LATE, LATE)), select=["DY100"])
    for code in ("DY100", "dy100", "ship-due", "Ship-Due"):
        assert len(report.hits(code)) == 2
    for code, message in (
        ("DY999", "no such rule"),
        ("ship-deu", "did you mean ship-due"),
        ("DY301", 'select=["DY301"]'),
    ):
        with pytest.raises(ValueError, match=re.escape(message)):
            report.hits(code)


def test_hits_of_what_could_not_be_judged_warn():
    with mw.scan(pd.DataFrame(douyin(LATE)), as_of=AS_OF, lang="en") as report:
        for code, text in (
            ("DY301", "DY301 was not evaluated: picked_up_at missing"),
            ("TM101", "no line of its platform"),
        ):
            with pytest.warns(mw.IncompleteWarning, match=text):
                assert report.hits(code).empty


@pytest.mark.parametrize("several", [iter, set, tuple, lambda files: map(Path, files)])
def test_several_inputs_come_in_whatever_holds_them(export, several):
    files = [str(export(LATE, name=name)) for name in ("a.csv", "b.csv")]
    with mw.scan(several(files), as_of=AS_OF, select="DY100") as report:
        assert report.to_dict()["accounting"]["rows_read"] == 2


def test_an_open_file_is_not_taken_for_the_paths_that_its_lines_name(export):
    with (
        export(LATE).open(encoding="utf-8") as file,
        pytest.raises(mw.InputError, match="TextIOWrapper is no input"),
    ):
        mw.scan(file)


@pytest.mark.parametrize("names", [["子订单编号"], ["主订单编号", "子订单编号"]])
@pytest.mark.parametrize("drop", [True, False])
def test_what_an_index_is_called_is_a_column(scan, names, drop):
    frame = pd.DataFrame(douyin(LATE, LATE))
    report = scan(frame.set_index(names, drop=drop), select="DY100")
    assert list(report.findings["key"]) == list(frame["子订单编号"])


def test_of_columns_with_one_name_a_dataframe_is_read_as_a_file_is(scan):
    frame = pd.DataFrame(douyin(LATE))
    twice = pd.concat([frame, frame[["订单状态"]]], axis=1)
    report = scan(twice, select="DY100")
    assert "repeated-column" in [note["code"] for note in report.to_dict()["notes"]]
    assert len(report.findings) == 1


def test_a_column_of_mixed_values_is_named():
    frame = pd.DataFrame(douyin(LATE, LATE)).assign(extra=[{1: 2}, "x"])
    with pytest.raises(mw.InputError, match="column 'extra' holds values of several types"):
        mw.scan(frame)


@pytest.mark.parametrize("lines", [[], [LATE]])
def test_types_of_a_table_do_not_hang_on_what_was_found(scan, lines):
    report = scan(pd.DataFrame(douyin(*lines) or douyin(LATE)[:0], columns=douyin(LATE)[0].keys()))
    moment = "datetime64[us]"
    types = report.findings.dtypes.astype(str)
    assert (
        types["due_at"]
        == types["next_due_at"]
        == report.tasks.dtypes.astype(str)["due_at"]
        == moment
    )
    assert (types["count"], types["limit"], types["risk"]) == ("int64", "float64", "float64")


@pytest.mark.parametrize("inputs", [[], ()])
def test_no_input_at_all_is_an_error(inputs):
    with pytest.raises(mw.UsageError, match="no input: give a path"):
        mw.scan(inputs)


FLOATS = {"one before": 2.0**53 - 1, "at it": 2.0**53, "long": 6.9e18}


@pytest.mark.parametrize("kind", ["float64", "category", "double[pyarrow]"])
@pytest.mark.parametrize("value", FLOATS)
def test_floats_are_ids_as_long_as_they_hold_all_digits(value, kind):
    frame = pd.DataFrame(douyin(LATE, LATE))
    frame["子订单编号"] = pd.Series([FLOATS[value], 1001.0]).astype(kind)
    if value == "one before":
        with mw.scan(frame, as_of=AS_OF, select="DY100") as report:
            assert report.hits()["line_id"].tolist() == ["1001", "9007199254740991"]
    else:
        with pytest.raises(mw.InputError, match=r"'子订单编号' are floats .*dtype=str") as error:
            mw.scan(frame, as_of=AS_OF, lang="en")
        assert "Excel" not in str(error.value)


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("6900000000000000001", pa.decimal128(22, 2), "6900000000000000001"),
        ("6900000000000000001", pa.decimal128(19, 0), "6900000000000000001"),
        ("7.5", pa.decimal128(4, 2), "7.50"),
    ],
)
def test_decimals_are_ids(value, kind, expected):
    table = pa.Table.from_pandas(pd.DataFrame(douyin(LATE)))
    place = table.column_names.index("子订单编号")
    table = table.set_column(place, "子订单编号", pa.array([Decimal(value)], kind))
    with mw.scan(table, as_of=AS_OF, select="DY100") as report:
        assert report.hits()["line_id"].tolist() == [expected]


PLAIN = pd.DataFrame(douyin(LATE, {**LATE, "订单应付金额": "1.10"}, {}))
MOMENTS = ["订单提交时间", "支付完成时间", "承诺发货时间"]
TYPED = {
    "str": lambda: PLAIN.astype("str"),
    "string": lambda: PLAIN.astype("string"),
    "string[pyarrow]": lambda: PLAIN.astype("string[pyarrow]"),
    "object": lambda: PLAIN.astype(object),
    "category": lambda: PLAIN.astype("category"),
    "timestamps": lambda: PLAIN.assign(**{n: pd.to_datetime(PLAIN[n]) for n in MOMENTS}),
    "zoned": lambda: PLAIN.assign(**{n: pd.to_datetime(PLAIN[n]).dt.tz_localize("Asia/Shanghai").dt.tz_convert("UTC") for n in MOMENTS}),
    "ints": lambda: PLAIN.assign(子订单编号=PLAIN["子订单编号"].astype("int64")),
    "Int64": lambda: PLAIN.assign(子订单编号=PLAIN["子订单编号"].astype("int64").astype("Int64")),
    "Decimal": lambda: PLAIN.assign(订单应付金额=[Decimal(v) for v in PLAIN["订单应付金额"]]),
    "Arrow": lambda: pa.Table.from_pandas(PLAIN),
    "dictionaries": lambda: pa.table({n: pa.Table.from_pandas(PLAIN)[n].cast(pa.string()).dictionary_encode() for n in PLAIN}),
    "decimals": lambda: pa.Table.from_pandas(PLAIN.assign(订单应付金额=[Decimal(v) for v in PLAIN["订单应付金额"]])),
}  # fmt: skip


@pytest.mark.parametrize("kind", TYPED)
def test_the_types_of_a_table_change_nothing(kind):
    def outcome(data):
        with mw.scan(data, as_of=AS_OF, select=["DY100", "DY101"], lang="en") as report:
            result = report.to_dict()
            return result["accounting"], result["findings"], report.hits().to_csv()

    assert outcome(TYPED[kind]()) == outcome(PLAIN)


@pytest.mark.parametrize(
    ("bound", "warned"), [(None, True), ("50%", False), ("49%", True), (1, False), ("0", True)]
)
def test_too_many_rows_that_were_not_understood_are_reported(bound, warned):
    frame = pd.DataFrame(douyin({**LATE, "子订单编号": ""}, LATE))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        mw.scan(frame, as_of=AS_OF, lang="en", max_bad_rows=bound).close()
    found = [str(w.message) for w in caught if w.category is mw.IncompleteWarning]
    assert bool(found) == warned
    for text in found:
        assert "1 of 2 rows could not be understood" in text
        assert "子订单编号" in text
        assert "--" not in text
        assert caught[0].filename == __file__


def test_an_input_that_fails_among_others_is_reported(tmp_path):
    with pytest.warns(mw.IncompleteWarning, match="no such file"):
        mw.scan([pd.DataFrame(douyin(LATE)), str(tmp_path / "none.csv")], as_of=AS_OF, lang="en")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"tz": "Foo"}, "tz=Foo: no such time zone"),
        ({"as_of": "tomorrow"}, "as_of='tomorrow' is no moment"),
        ({"platform": "abcd"}, "platform=abcd: not one of"),
        ({"engine": "abc"}, "engine=abc: duckdb or spark"),
        ({"map": {"foo": "a"}}, "map: 'foo' is no field"),
        ({"map": {"shop": "a"}}, 'map={"line_id": "COLUMN"}'),
        ({"max_bad_rows": "some"}, "max_bad_rows=some: write a number or a share"),
        ({"select": 5}, "select = 5: give text, not int"),
        ({"ignore": [5]}, "ignore = [5]: give text, not list"),
        ({"exemptions": 5}, "exemptions = 5: give text, not int"),
        ({"config": 5}, "config: give text, not a whole number"),
        ({"pack": [5]}, "pack[1]: give text, not a whole number"),
        ({"map": {"line_id": 5}}, "map[...]: give text, not a whole number"),
        ({"map": "line_id"}, "map=line_id: write it as FIELD=COLUMN"),
        ({"words": {"status": "x"}}, "words[...]: give a table, not text"),
        ({}, 'name its columns with map={"FIELD": "COLUMN"} or in merchantwatch.toml'),
    ],
)
def test_messages_name_the_parameters_of_python(options, expected):
    for lang in ("en", "zh"):
        with pytest.raises(mw.MerchantwatchError) as error:
            mw.scan(pd.DataFrame({"a": ["1"]}), **{"as_of": AS_OF, "lang": lang, **options})
        assert expected in str(error.value)
        for text in (error.value.en, error.value.zh):
            assert "--" not in text
            assert "merchantwatch init" not in text
