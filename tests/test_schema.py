"""The JSON Schemas of the settings and of the report: fresh in docs/, and true of real files."""

import json
import re
import tomllib

import jsonschema
import pytest
from conftest import ROOT, write_csv

from merchantwatch.commands.schema import TITLES, text
from merchantwatch.config import Config
from merchantwatch.reports.fields import fields

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


def test_a_report_is_as_its_schema_says_and_every_field_of_it_is_described(scan, tmp_path):
    """By the one declaration of fields; and no description is of a field that is gone."""
    exempt = write_csv(tmp_path / "e.csv", [{"订单": "1", "原因": "x", "批准": "是"}])
    known = tmp_path / "known.toml"
    known.write_text('[[ignore]]\nrule = "DY2"\nreason = "r"\nuntil = 2027-01-01\n', "utf-8")
    report = scan(ROOT / "sample_data", as_of=AS_OF, exemptions=exempt, ignore_file=known).to_dict()
    check = validator("report")
    assert list(check.iter_errors(report)) == []
    for name in ("accounting", "findings", "tasks"):
        assert list(check.iter_errors({k: v for k, v in report.items() if k != name})), name
    records = json.loads(text("report"))["$defs"]
    assert list(_undescribed(report, {"$ref": "#/$defs/Run"}, records)) == []
    described = {(name, field) for name, about in fields().items() for field in about}
    used = {(name, field) for name, node in records.items() for field in node["properties"]}
    assert {one for one in described if one[0] != "everywhere"} <= used


def _undescribed(value, node, records):
    """What stands in a report and has no description in its schema."""
    if isinstance(value, list):
        for item in value:
            yield from _undescribed(item, node, records)
    found = re.search(r"#/\$defs/(\w+)", json.dumps(node))
    if isinstance(value, dict) and found and "additionalProperties" not in node:
        properties = records[found[1]]["properties"]
        for name, further in value.items():
            if not properties.get(name, {}).get("description"):
                yield found[1], name
            else:
                yield from _undescribed(further, properties[name], records)
