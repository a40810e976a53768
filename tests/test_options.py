"""Each option is declared once: flags, environment, file, schema, docs and scan() follow from it."""

import inspect
import json
import runpy
from hashlib import sha256
from pathlib import Path

import click
import pytest
from conftest import ROOT

import merchantwatch as mw
from merchantwatch.cli import cli
from merchantwatch.commands.options import declared
from merchantwatch.commands.schema import text
from merchantwatch.errors import UsageError
from merchantwatch.reading.hash_key import installation_key
from merchantwatch.settings import Settings, resolve
from merchantwatch.support.options import By, named, options

OPTIONS = options(Settings)
SET_ALONE = [name for name, (about, _) in OPTIONS.items() if By.ENVIRONMENT in about.by]
VALUES = {"tz": "UTC", "key": "sixteen signs and more"}


def value_of(name):
    """Return something that an option may be, as a text."""
    about, one = OPTIONS[name]
    number = "7" if one.type == int | None else f"{name}.x"
    chosen = [choice for choice in about.choices if choice != one.default]
    return VALUES.get(name) or [*chosen, number][0]


def written(name):
    """Return the same as merchantwatch.toml writes it."""
    value, kind = value_of(name), OPTIONS[name][1].type
    plain = value if kind == int | None else json.dumps(value)
    return f"{name} = [{plain}]" if kind == tuple[str, ...] else f"{name} = {plain}"


@pytest.mark.parametrize("name", SET_ALONE)
def test_a_flag_wins_over_the_environment_and_that_over_the_file(name, tmp_path, monkeypatch):
    file = tmp_path / "merchantwatch.toml"
    file.write_text(written(name), encoding="utf-8")
    by_file = resolve({})
    assert by_file.origins[name] == str(file)
    monkeypatch.setenv(f"MERCHANTWATCH_{name.upper()}", value_of(name))
    by_environment = resolve({})
    assert by_environment.origins[name] == "environment"
    monkeypatch.setenv(f"MERCHANTWATCH_{name.upper()}", "unused")
    by_flag = resolve({name: value_of(name)})
    assert by_flag.origins[name] == "flag"
    values = [getattr(settings, name) for settings in (by_file, by_environment, by_flag)]
    if isinstance(values[0], Path):
        assert values == [tmp_path / value_of(name), *[Path(value_of(name))] * 2], "beside the file"
    else:
        assert values[0] == values[1] == values[2] != OPTIONS[name][1].default


def test_what_one_text_names_is_parted_but_for_paths(monkeypatch):
    monkeypatch.setenv("MERCHANTWATCH_SELECT", "DY1, IR,")
    found = resolve({"output": ("json:a,b.json", " text "), "ignore": ["DY2,TM", "AM"]})
    assert found.select == ("DY1", "IR")
    assert found.ignore == ("DY2", "TM", "AM")
    assert found.output == ("json:a,b.json", "text")


@pytest.mark.parametrize(("given", "right"), [("0", False), ("1", True), ("999", True), ("1000", False), ("7.5", False), ("²", False)])  # fmt: skip
def test_numbers_are_whole_and_within_bounds(given, right):
    for name in ("threads", "top"):
        if right:
            assert getattr(resolve({name: given}), name) == int(given)
        else:
            with pytest.raises(UsageError, match=f"{name} = .*from 1 to 999"):
                resolve({name: given})


@pytest.mark.parametrize("name", [name for name in SET_ALONE if OPTIONS[name][0].choices])
def test_a_choice_that_is_none_is_refused_wherever_it_comes_from(name, monkeypatch):
    monkeypatch.setenv(f"MERCHANTWATCH_{name.upper()}", "colour" + "x" * 99)
    *first, last = OPTIONS[name][0].choices
    listed = f"{', '.join(first)} or {last}"
    with pytest.raises(UsageError, match=f"^{name} = colourx{{34}}: {listed}$"):
        resolve({})


def test_a_key_may_hold_any_bytes(monkeypatch):
    monkeypatch.setenv("MERCHANTWATCH_KEY", "\udcff" * 16)
    assert installation_key(resolve({})).secret == sha256(b"\xff" * 16).digest()


def test_a_key_has_sixteen_signs_and_is_shown_nowhere():
    assert resolve({"key": "x" * 16}).key == "x" * 16
    assert "xxxx" not in repr(resolve({"key": "x" * 16}))
    with pytest.raises(UsageError, match="at least 16"):
        resolve({"key": "x" * 15})


def test_every_flag_stands_with_scan_and_says_what_holds_without_it():
    flags = {param.name: param for param in cli.commands["scan"].params}
    for name, (about, one) in OPTIONS.items():
        assert (name in flags) == (By.FLAG in about.by), name
        if name in flags and name != "output":
            help_text = flags[name].help
            assert help_text.startswith(about.en)
            assert (about.unset[0] or (one.default if isinstance(one.default, str) else "")) in help_text  # fmt: skip
            assert named(name) in flags[name].opts


def test_a_command_takes_options_by_name_or_group_in_the_order_of_the_settings():
    @click.command()
    @declared("view", "moment", top="all of them")
    def command(**_: object) -> None:
        pass

    assert [param.name for param in command.params] == ["as_of", "owner", "top", "new_only"]
    assert "Default: all of them." in command.params[2].help


def test_scan_takes_what_python_may_say():
    parameters = set(inspect.signature(mw.scan).parameters) - {"inputs", "words"}
    assert parameters == {name for name, (about, _) in OPTIONS.items() if By.PYTHON in about.by}


def test_the_schema_describes_every_property_in_both_languages():
    schema = json.loads(text("settings"))
    properties = schema["$defs"]["Config"]["properties"]
    assert list(properties) == [name for name, (about, _) in OPTIONS.items() if By.FILE in about.by]
    for name, field in properties.items():
        assert field["description"] == f"{OPTIONS[name][0].en} {OPTIONS[name][0].zh}"
    for kind, shape in schema["$defs"].items():
        bare = [name for name, field in shape["properties"].items() if not field.get("description")]
        assert bare == [], kind


def test_what_is_written_from_the_settings_is_that_of_today():
    pages = runpy.run_path(str(ROOT / "docs" / "make_options.py"))["written"]()
    stale = [path.name for path, text in pages.items() if path.read_text("utf-8") != text]
    assert stale == [], "write them again: python docs/make_options.py"
