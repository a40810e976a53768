"""The JSON Schemas of the settings and of the report: fresh in docs/, and true of real files."""

import json
import tomllib

import jsonschema
import pytest
from conftest import ROOT

from merchantwatch.commands.schema import TITLES, text
from merchantwatch.config import Config

AS_OF = "2026-11-21"


def validator(name):
    return jsonschema.Draft202012Validator(json.loads(text(name)))


@pytest.mark.parametrize("name", TITLES)
def test_a_schema_is_printed_as_it_stands_in_the_docs(name, run):
    page = (ROOT / "docs" / f"{name}.schema.json").read_text("utf-8")
    assert run("schema", name).stdout == page
    jsonschema.Draft202012Validator.check_schema(json.loads(page))


def test_settings_are_checked_as_the_program_checks_them(tmp_path):
    good = """
    tz = "Asia/Shanghai"
    max_bad_rows = "5%"
    select = ["DY1", "TM101"]
    [map]
    line_id = "子订单编号"
    [map.status]
    column = "状态"
    shipped = "shipped"
    [rules.DY101]
    near = 1
    [history]
    keep = "180 days"
    [[notify.channels]]
    name = "ops"
    url = "env:OPS"
    """
    check = validator("settings")
    assert list(check.iter_errors(tomllib.loads(good))) == []
    for bad in ('fail_on = "red"', "threads = 'two'", "no_such_setting = 1", "[map]\nstatus = 1"):
        assert list(check.iter_errors(tomllib.loads(bad))), bad
    names = json.loads(text("settings"))["$defs"]["Config"]["properties"]
    assert list(names) == list(Config.__struct_fields__)


def test_a_report_is_as_its_schema_says(scan):
    report = scan(ROOT / "sample_data", as_of=AS_OF).to_dict()
    check = validator("report")
    assert list(check.iter_errors(report)) == []
    for name in ("accounting", "findings", "tasks"):
        assert list(check.iter_errors({k: v for k, v in report.items() if k != name})), name
