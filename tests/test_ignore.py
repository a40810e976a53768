"""``ignore``: the file of suppressions, changed by the program and by people in turn."""

from datetime import date
from pathlib import Path
from random import Random

import pytest

import merchantwatch as mw
from merchantwatch.commands import ignore
from merchantwatch.commands.ignore_file import with_entry, without
from merchantwatch.reading.suppressions import FIELDS, checked, read_suppressions

NAME = Path("merchantwatch-ignore.toml")
WRITTEN = """# What we know of. Reviewed on Mondays.

# --- carriers

# strike, see the board
[[ignore]]
carrier = "圆通速递" # the hub
reason = "strike"
until = 2026-11-24

# --- products

[[ ignore ]]
rule = "DY101"
product = '12'
reason = '''a'''
owner = "ops"
until = 2026-12-31
# the end
"""


def entry(**given):
    return {"reason": "x", "until": "2026-12-31", **given}


def added(text, **given):
    return with_entry(NAME, text, entry(**given))


def named(entries):
    return [tuple(getattr(one, name) for name in FIELDS[:5]) for one in entries]


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"order": "1"}, 2),
        ({"carrier": "一通"}, 1),
        ({"carrier": "顺丰"}, 2),
        ({"rule": "DY100"}, 2),
        ({"rule": "DY101", "product": "11"}, 2),
        ({"rule": "DY101", "product": "13"}, 3),
        ({"rule": "TM101"}, 3),
    ],
)
def test_an_entry_takes_its_place_and_all_else_stays(given, place):
    text, new, renewed = added(WRITTEN, **given)
    names = named(checked(NAME, text))
    assert (new.number, renewed) == (place, False)
    assert names.pop(place - 1) == tuple(given.get(name) for name in FIELDS[:5])
    assert names == named(checked(NAME, WRITTEN))
    assert [line for line in WRITTEN.splitlines() if line not in text] == []
    assert '# strike, see the board\n[[ignore]]\ncarrier = "圆通速递" # the hub' in text


def test_the_order_of_adding_makes_no_difference():
    things = [{"rule": r, n: v} for r in ("DY1", "TM") for n in ("order", "shop") for v in "ab"]
    texts = set()
    for seed in range(20):
        Random(seed).shuffle(things)
        text = ""
        for thing in things:
            text, _, _ = added(text, **thing)
        texts.add(text)
    (text,) = texts
    assert text.startswith("[[ignore]]\n")
    assert text.count("\n\n[[ignore]]") == len(things) - 1
    assert text.endswith("until = 2026-12-31\n")


def test_an_entry_that_names_the_same_is_renewed():
    text, new, renewed = added(WRITTEN, carrier="圆通速递", until="2027-01-31", reason="still")
    assert renewed
    assert (new.number, new.until, new.reason) == (1, date(2027, 1, 31), "still")
    assert len(checked(NAME, text)) == 2
    assert "# strike, see the board\n[[ignore]]" in text
    text, new, _ = added(text, rule="DY101", product="12")
    assert (new.number, new.owner) == (2, "ops")
    _, new, _ = added(text, rule="DY101", product="12", owner="Li")
    assert new.owner == "Li"


@pytest.mark.parametrize(
    ("numbers", "gone", "left"),
    [
        ([1], ["strike, see", "圆通"], ["Reviewed", "--- carriers", "--- products", "'12'", "the end"]),
        ([2], ["'12'"], ["Reviewed", "--- carriers", "strike, see", "圆通", "--- products", "the end"]),
        ([1, 2], ["圆通", "strike, see", "'12'"], ["Reviewed", "--- carriers", "--- products", "the end"]),
    ],
)  # fmt: skip
def test_what_goes_takes_its_own_comment_along_and_no_other(numbers, gone, left):
    text = without(NAME, WRITTEN, numbers)
    assert [word for word in gone if word in text] == []
    assert [word for word in left if word not in text] == []
    assert len(checked(NAME, text)) == 2 - len(numbers)
    assert "\n\n\n" not in text


@pytest.mark.parametrize(
    "text",
    [
        WRITTEN.replace("'''a'''", "'''\n[[ignore]] of yore\n'''"),
        'ignore = [{rule = "DY100", reason = "x", until = 2026-12-31}]\n',
        WRITTEN + '[["\\u0069gnore"]]\nrule = "DY1"\nreason = "x"\nuntil = 2026-12-31\n',
    ],
)
def test_what_cannot_be_changed_safely_is_left_to_a_hand(text):
    assert checked(NAME, text)
    for change in (lambda: added(text, rule="TM101"), lambda: without(NAME, text, [1])):
        with pytest.raises(mw.UsageError, match="change it by hand"):
            change()


@pytest.mark.parametrize("value", ['a "b" \\ c', "a\nb", "\x7f\u202e\t", "中 # [[ignore]]", "'''"])
def test_what_is_written_is_read_again(value):
    text, new, _ = added("", rule="DY1", reason=value, owner=value)
    assert (new.reason, new.owner) == (value, value)
    text, new, _ = added(text, rule="TM", reason="y")
    assert (new.number, len(checked(NAME, text))) == (2, 2)


# --- the commands ----------------------------------------------------------------------------


def test_entries_are_added_listed_and_removed(tmp_path, capsys):
    (tmp_path / "merchantwatch.toml").write_text("")
    given = {"rule": "DY100", "reason": " known ", "owner": "Li", "until": "14d"}
    assert ignore.add(given, None, None, "en") == 0
    assert ignore.add({**given, "rule": None, "shop": "一号店"}, None, None, "zh") == 0
    found = read_suppressions(tmp_path / NAME)
    assert [(e.rule, e.shop) for e in found] == [(None, "一号店"), ("DY100", None)]
    assert {e.reason for e in found} == {"known"}
    last, after = found[0].until, date.fromordinal(found[0].until.toordinal() + 1)
    capsys.readouterr()
    ignore.list_entries(last.isoformat(), None, None, "en")
    assert capsys.readouterr().out.count("0 days left") == 2
    before = (tmp_path / NAME).read_bytes()
    for day, dry_run in ((last, False), (after, True)):
        ignore.prune(day.isoformat(), None, None, "en", dry_run=dry_run)
        assert (tmp_path / NAME).read_bytes() == before
    ignore.list_entries(after.isoformat(), None, None, "zh")
    assert "2 条已过期" in capsys.readouterr().out
    ignore.prune(after.isoformat(), None, None, "en", dry_run=False)
    assert "expired entries removed: 2" in capsys.readouterr().out
    assert read_suppressions(tmp_path / NAME) == ()


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"rule": "DY999"}, "rule: DY999: no such rule"),
        ({"rule": "IR101"}, "IR101 is a signal"),
        ({}, "it names nothing"),
        ({"rule": "DY1", "until": "2020-01-01"}, "--until 2020-01-01: that day has passed"),
        ({"rule": "DY1", "until": "soon"}, "--until 'soon': write it like 2026-12-31 or 14d"),
        ({"rule": "DY1", "until": "999999d"}, "--until '999999d': write it like"),
    ],
)
def test_what_is_wrong_writes_nothing(tmp_path, given, reason):
    with pytest.raises(mw.UsageError, match=reason):
        ignore.add({"reason": "x", "until": "1d", **given}, None, None, "en")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_stays_as_it_was(monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    ignore.add({"rule": "DY1", "reason": "x", "until": "1d"}, "a.toml", None, "en")
    before = Path("a.toml").read_bytes()
    monkeypatch.setattr("os.replace", full)
    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(mw.OutputError, match=r"a\.toml: it cannot be written"):
        ignore.add({"rule": "TM", "reason": "x", "until": "1d"}, "a.toml", None, "en")
    assert Path("a.toml").read_bytes() == before


def test_the_command_line_asks_for_what_is_required(run):
    done = run("ignore", "add", "--rule", "DY1", "--reason", "x")
    assert (done.returncode, "--until" in done.stderr) == (2, True)
    done = run("ignore", "add", "--rule", "DY1", "--reason", "x", "--until", "3d", "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert "DY1" in run("ignore").stdout
