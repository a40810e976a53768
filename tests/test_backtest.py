"""A backtest's counts are those of the truth: of made-up merchants, reckoned line by line by hand."""

import json
import random
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from conftest import LATE, SAMPLE, douyin, write_csv

import merchantwatch as mw
from merchantwatch.rules import built_in
from merchantwatch.run.stories import Stories
from merchantwatch.run.thresholds import outlasts, thresholds

BEGIN, DAYS = datetime(2026, 11, 2), 12
HOUR = timedelta(hours=1)
OUTCOMES = ("warned", "came_true", "averted", "open", "missed", "before")


def _world(dice, number):
    """A number of lines, each with its creation, promise and (or never) shipping; some exactly on the hour."""
    lines = []
    for index in range(number):
        created = BEGIN + dice.choice([1, 7, 24]) * HOUR * dice.randrange(-1, 9) + dice.randrange(3) * HOUR  # fmt: skip
        due = created + dice.choice([6, 24, 30, 48, 72]) * HOUR
        shipped = dice.choice([None, due - HOUR, due, due + timedelta(seconds=1), due + 2 * HOUR, due + 30 * HOUR, created + HOUR])  # fmt: skip
        lines.append((f"P{index % max(number // 5, 1)}", created, due, shipped))
    return lines


def _write(path, lines):
    """One export, made after all has happened."""
    rows = [
        {**LATE, "商品ID": product, "订单提交时间": str(created), "支付完成时间": str(created), "承诺发货时间": str(due),
         **({"发货时间": str(shipped), "订单状态": "已发货"} if shipped else {})}
        for product, created, due, shipped in lines
    ]  # fmt: skip
    rows.append({"订单提交时间": str(BEGIN - timedelta(hours=9)), "支付完成时间": "-", "订单状态": "待支付", "发货时间": "-"})  # fmt: skip
    rows.append({"订单提交时间": str(BEGIN + DAYS * 24 * HOUR), "支付完成时间": "-", "订单状态": "待支付", "发货时间": "-"})  # fmt: skip
    return write_csv(path, douyin(*rows))


def _outcomes(shown, truth=()):
    """What became of things: of each, what was to be seen at the moments one after the other.

    ``truth`` are those that were late in the end, whatever was to be seen.
    """
    counts = dict.fromkeys(OUTCOMES, 0)
    for key, states in shown.items():
        episodes, last = [], ""
        for state in states:
            if state and not last:
                episodes.append("")
            if state:
                episodes[-1] += state
            last = state
        late = key in truth
        for place in reversed(range(len(episodes))):
            episode, ends = episodes[place], bool(last) and place == len(episodes) - 1
            began = place == 0 and states[0] == "B"
            broken = "B" in episode or (late and "B" not in episode)
            late = False
            near = episode[0] == "N"
            counts["warned"] += near
            counts["came_true"] += near and broken
            counts["open"] += near and not broken and ends
            counts["averted"] += near and not broken and not ends
            counts["missed"] += not near and not began
            counts["before"] += began
        counts["missed"] += late
    return counts


def _truth_of_lines(lines, moments, hours):
    """DY100: not shipped by the promise; near a number of hours before."""
    shown, late = {}, set()
    for number, (_, created, due, shipped) in enumerate(lines):
        states = []
        for at in moments:
            waits = created <= at and (shipped is None or shipped > at)
            near = waits and due - hours * HOUR <= at <= due
            states.append("B" if waits and at > due else "N" if near else "")
        shown[number] = states
        known = created <= moments[-1] and moments[0] <= due < moments[-1]
        if known and (min(shipped, moments[-1]) if shipped and shipped <= moments[-1] else moments[-1]) > due:  # fmt: skip
            late.add(number)
    return _outcomes(shown, late)


def _truth_of_products(lines, moments, near, limit=3):
    """DY101: late lines of a product, of which none is forgiven."""
    shown = {}
    for product in {line[0] for line in lines}:
        states = []
        for at in moments:
            count = sum(
                created <= at and (shipped if shipped and shipped <= at else at) > due
                for name, created, due, shipped in lines
                if name == product
            )
            states.append("B" if count >= limit else "N" if count >= near else "")
        shown[product] = states
    return _outcomes(shown)


def _counts(rule):
    return {name: rule[name] for name in OUTCOMES}


def _backtest(run, path, *options):
    done = run("backtest", path, "--select", "DY100,DY101", "-o", "json", *options)
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    return result, {rule["code"]: rule for rule in result["rules"]}


@pytest.mark.parametrize(
    ("seed", "every", "options"),
    [(1, 24, ()), (2, 8, ("--from", "2026-11-05 03:00", "--to", "2026-11-07 03:00"))],
)
def test_counts_are_the_truth(run, tmp_path, seed, every, options):
    lines = _world(random.Random(seed), 60)
    begin, end = BEGIN, BEGIN + DAYS * 24 * HOUR
    if options:
        begin, end = datetime(2026, 11, 5, 3), datetime(2026, 11, 7, 3)
    else:
        end = max(end, *(at for line in lines for at in line[1:] if at and at != line[2]))
    moments = [begin + n * every * HOUR for n in range((end - begin) // (every * HOUR) + 1)]
    found, rules = _backtest(run, _write(tmp_path / "orders.csv", lines), "--every", f"{every}h", *options)  # fmt: skip
    assert [moment["as_of"] for moment in found["moments"]] == [at.isoformat() for at in moments]
    line, product = rules["DY100"], rules["DY101"]
    assert _counts(line) == _truth_of_lines(lines, moments, 24)
    by_hours = {one["value"]: _counts(one) for one in line["thresholds"]}
    assert by_hours == {f"{h} hours": _truth_of_lines(lines, moments, h) for h in (12, 24, 48)}
    assert _counts(product) == _truth_of_products(lines, moments, 2)
    by_near = {one["value"]: _counts(one) for one in product["thresholds"]}
    assert by_near == {str(n): _truth_of_products(lines, moments, n) for n in (1, 2)}
    assert all(line[name] for name in ("warned", "came_true", "averted"))
    assert sum(moment["warned"] for moment in found["moments"]) == found["totals"]["warned"]


DAY = {"订单提交时间": "2026-11-02 09:00:00", "支付完成时间": "2026-11-02 09:00:00"}


WARNED = [
    ("2026-11-05 00:00:00", "2026-11-05 00:00:00", "averted", "2026-11-04T00:00:00", 24),
    ("2026-11-05 00:00:00", "2026-11-05 00:00:01", "came-true", "2026-11-04T00:00:00", 24),
    ("2026-11-05 00:00:01", "2026-11-06 12:00:00", "came-true", "2026-11-05T00:00:00", 0),
    ("2026-11-04 23:59:59", "2026-11-05 00:00:00", "came-true", "2026-11-04T00:00:00", 24),
    ("2026-11-05 12:00:00", "2026-11-05 12:00:01", "came-true", "2026-11-05T00:00:00", 12),
    ("2026-11-02 23:00:00", "2026-11-02 23:30:00", "missed", None, None),
    ("2026-11-06 12:00:00", None, "open", "2026-11-06T00:00:00", 12),
]


def test_when_a_line_was_warned_of(run, tmp_path):
    rows = [
        {**LATE, **DAY, "承诺发货时间": promise, **({"发货时间": shipped, "订单状态": "已发货"} if shipped else {})}
        for promise, shipped, *_ in WARNED
    ]  # fmt: skip
    path = write_csv(tmp_path / "orders.csv", douyin(*rows))
    done = run("backtest", path, "--select", "DY100", "-o", "json", "--from", "2026-11-02", "--to", "2026-11-06")  # fmt: skip
    (rule,) = json.loads(done.stdout)["rules"]
    episodes = {int(episode["key"]) - 6900000000000000001: episode for episode in rule["episodes"]}
    assert len(episodes) == len(rule["episodes"]) == len(WARNED)
    for number, (promise, _, outcome, warned, lead) in enumerate(WARNED):
        episode = episodes[number]
        assert (episode["fate"], episode["warned_at"]) == (outcome, warned), number
        assert episode["lead_hours"] == (None if lead is None else pytest.approx(lead, abs=0.01))
        assert episode["due_at"] == promise.replace(" ", "T")


def test_a_rule_says_from_its_start_when_it_warns(run, tmp_path):
    shipped = {
        "发货时间": "2026-11-03 06:00:00",
        "承诺发货时间": "2026-11-04 00:00:00",
        "揽收时间": "-",
    }
    path = write_csv(tmp_path / "orders.csv", douyin({**DAY, **shipped}))
    done = run("backtest", path, "--select", "DY301", "--every", "6h", "--from", "2026-11-03 18:00", "--to", "2026-11-05 12:00", "-o", "json")  # fmt: skip
    (rule,) = json.loads(done.stdout)["rules"]
    (episode,) = rule["episodes"]
    assert (episode["warned_at"], episode["due_at"], episode["broken_at"]) == ("2026-11-04T00:00:00", "2026-11-05T06:00:00", "2026-11-05T12:00:00")  # fmt: skip
    assert [(one["value"], one["came_true"]) for one in rule["thresholds"]] == [("18 hours", 1), ("33 hours", 1), ("0 hours", 1)]  # fmt: skip


def test_every_face_tells_the_same(run, tmp_path):
    path = _write(tmp_path / "orders.csv", _world(random.Random(4), 30))
    days = ("--from", "2026-11-05", "--to", "2026-11-08")
    outputs = (*days, "-o", "json:b.json", "-o", "html:b.html", "-o", "text")
    done = run("backtest", path, "--select", "DY100,DY401", *outputs)
    result = json.loads((tmp_path / "b.json").read_text("utf-8"))
    page = (tmp_path / "b.html").read_text("utf-8")
    total = result["totals"]
    sentence = f"warned {total['warned']}: {total['came_true']} came true, {total['averted']} averted, {total['open']} open; missed {total['missed']}"  # fmt: skip
    assert sentence in " ".join(done.stdout.split())
    assert sentence in page
    assert page.count("<svg") == 2
    assert "http" not in page.replace("http-equiv", "")
    assert result["not_evaluated"] == ["DY401"]
    assert "DY401" in done.stdout
    assert "DY401" in page
    chinese = run("backtest", path, "--select", "DY100", *days, "--lang", "zh").stdout
    assert f"成真 {total['came_true']}" in chinese


@pytest.mark.parametrize(
    ("args", "code", "why"),
    [
        (["-"], 2, "standard input"),
        (["orders.csv", "--every", "0h"], 2, "--every"),
        (["orders.csv", "--from", "soon"], 2, "--from"),
        (["orders.csv", "--to", "2026-10-01"], 2, "no moment"),
        (["orders.csv", "--every", "1m"], 2, "moments are more than"),
        (["orders.csv", "-o", "xlsx:b.xlsx"], 2, "a backtest is text, json, html"),
        (["orders.csv", "-o", "json:orders.csv"], 2, "an input"),
        (["none.csv"], 3, "none.csv"),
        (
            [
                "orders.csv",
                "none.csv",
                "--from",
                "2026-11-19",
                "--to",
                "2026-11-19",
                "-o",
                "json:b.json",
            ],
            3,
            "none.csv",
        ),
    ],
)
def test_what_cannot_be_replayed_is_noted(run, tmp_path, args, code, why):
    write_csv(tmp_path / "orders.csv", douyin({**LATE, **DAY}, {}))
    done = run("backtest", *args, "--select", "DY100")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1)
    assert why in done.stderr


def test_what_is_tried_can_be_set(run, tmp_path):
    path = write_csv(
        tmp_path / "orders.csv", douyin({**LATE, **DAY, "承诺发货时间": "2026-11-04 00:10:00"})
    )
    near = {
        "30 minutes": "2026-11-04T00:00:00",
        "15 minutes": "2026-11-04T00:00:00",
        "1 hours": "2026-11-04T00:00:00",
        "9 minutes": None,
    }
    for value, warned in near.items():
        (tmp_path / "merchantwatch.toml").write_text(f'[rules.DY100]\nnear_before = "{value}"\n')
        done = run(
            "backtest",
            path,
            "--select",
            "DY100",
            "--from",
            "2026-11-03 12:00",
            "--to",
            "2026-11-04 12:00",
            "--every",
            "12h",
            "-o",
            "json",
        )
        (rule,) = json.loads(done.stdout)["rules"]
        assert [one["value"] for one in rule["thresholds"] if one["own"]] == [value]
        assert rule["episodes"][0]["warned_at"] == warned
        if value == "30 minutes":
            assert [one["value"] for one in rule["thresholds"]] == list(near)[:3]


def test_each_replay_is_the_scan_of_its_moment(run):
    """By every rule on the sample: that wider thresholds are replayed changes nothing that is reported."""
    moments = [datetime(2026, 11, day) for day in (17, 18, 19, 20)]
    paths = [SAMPLE / name for name in ("orders.csv", "parcels.csv", "tmall.csv")]
    shown = {}
    for number, at in enumerate(moments):
        with mw.scan(paths, as_of=at) as report:
            for found in report.to_dict()["findings"]:
                key = found["platform"], found["shop"], found["key"]
                states = shown.setdefault(found["code"], {}).setdefault(key, [""] * len(moments))
                states[number] = found["state"][0].upper()
    done = run("backtest", *paths, "--from", moments[0], "--to", moments[-1], "-o", "json")
    rules = {rule["code"]: rule for rule in json.loads(done.stdout)["rules"]}
    assert len(shown) > 8
    for code, rule in rules.items():
        wanted, reported = _outcomes(shown.get(code, {})), _counts(rule)
        if outlasts(built_in().of_code(code).rule) if code != "IR900" else False:
            # What was late between two moments no scan shows.
            assert reported["warned"] == wanted["warned"], code
            assert reported["before"] == wanted["before"], code
            assert reported["missed"] >= wanted["missed"], code
            assert reported["came_true"] >= wanted["came_true"], code
        else:
            assert reported == wanted, code


def _row(state="near", **fields):
    return {"platform": "douyin", "shop": None, "key": "1", "state": state, "risk": None, "count": 0, "due_at": None} | fields  # fmt: skip


@pytest.mark.parametrize(
    ("code", "value", "rows", "outcome"),
    [
        ("DY201", "8", [7, 8, 11], "came-true"), ("DY201", "8", [7, 11], "missed"), ("DY201", "4", [3, 4, 7, 11], "came-true"),
        ("DY201", "10", [9, 11], "missed"), ("DY201", "10", [10, 3], "averted"), ("DY201", "10", [9, 10], "open"), ("DY201", "8", [11, 3], "before"),
        ("DY501", "119", [118, 120], "missed"), ("DY501", "45", [44, 45, 44], "averted"), ("DY102", "2", [1, 2, 3], "came-true"), ("DY102", "1", [1, 1], "open"),
        ("IR900", "0.3 / 0.5", ["0.2999", "0.3", "0.5"], "came-true"), ("IR900", "0.3 / 0.5", ["0.2999", "0.5"], "missed"), ("IR900", "0.4", ["0.3999", "0.5"], "missed"),
        ("IR900", "0.6", ["0.3", "0.5999"], "open"), ("IR900", "0.6", ["0.3", "0.6"], "came-true"), ("IR900", "0.4", ["0.1", "0.4", "0.1"], "averted"),
    ],
)  # fmt: skip
def test_each_threshold_by_itself(code, value, rows, outcome):
    zone = ZoneInfo("Asia/Shanghai")
    book = built_in()
    entry = book.risk if code == "IR900" else book.of_code(code).rule
    tried = {one.value: one for one in thresholds(entry, zone) if (code, one.setting) != ("IR900", "breached") or one.value != "0.4"}  # fmt: skip
    stories = Stories(tried[value], single=False)
    over = 10 if code == "DY201" else (entry.at_least or 1) - 1 if code != "IR900" else 0
    for number, measured in enumerate(rows):
        cells = {"risk": Decimal(measured)} if code == "IR900" else {"count": measured, "state": "breached" if measured > over else "near"}  # fmt: skip
        stories.add([_row(**cells)], BEGIN + number * 24 * HOUR)
    (episode,) = stories.episodes(None)
    assert episode.outcome == outcome
