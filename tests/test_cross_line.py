"""What looks across lines: compared with a count in plain Python, however the exports come."""

import gzip
import random
from datetime import datetime, timedelta

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import AS_OF, LATE, douyin, rule, write_csv
from workbooks import write_xlsx

import merchantwatch as mw
from merchantwatch.reading import cells

pytestmark = pytest.mark.looks_at("DY100", "DY320", "DY502")

NOW = datetime.fromisoformat(AS_OF)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
SENT = {"发货时间": "2026-11-18 08:00:00", "快递单号": "SF1"}
ONE = {**SENT, "收件人": "甲", "收件人手机号": "13800000001"}
OTHER = {**SENT, "收件人": "乙", "收件人手机号": "13800000002"}


def _pack(folder, field, most):
    """A pack that says of every line how much of something it has: a rule for each number."""
    head = '[pack]\nplatform = "any"\nreviewed = 2026-11-01\n'
    rules = [
        f'[[rule]]\ncode = "XX{n}00"\nname = "x-{n}"\ntitle = {{ zh = "{n}", en = "{n}" }}\n'
        f'when = "{field} = {n}"\nper = "line"\nat_least = 1\n'
        for n in range(most)
    ]
    path = folder / "pack.toml"
    path.write_text(head + "".join(rules), "utf-8")
    return path


def _numbers(report):
    """What a report of such a pack says: line → number; a line unjudged by all rules has none."""
    hits = report.hits()
    return {line: int(code[2:-2]) for line, code in zip(hits["line_id"], hits["code"], strict=True)}


# ------------------------------------------------------------------- against plain Python


def _drawn(seed):
    """Shipments of a few numbers, days apart by whole windows and by a second more or less."""
    draw = random.Random(seed)
    steps = [0, 1, 29, 30, 31, 60, 61]
    lines = []
    for n in range(400):
        sent = (
            NOW - draw.choice(steps) * DAY - draw.choice(steps) * DAY - draw.choice([0, 1]) * SECOND
        )
        person = draw.choice(["甲", "乙", "丙", "张*"])
        lines.append(
            {
                "no": f"o{n // 2 if draw.random() < 0.3 else n + 1000}",
                "line": f"l{n}",
                "made": "2026-01-01 08:00:00",
                "sent": str(draw.choice([sent, sent, sent, sent, ""])),
                "number": draw.choice([f"SF{draw.randrange(90)}"] * 9 + [""]),
                "person": person,
            }
        )
    return lines


def _receivers(line, lines):
    """How many receivers the number of a line had within 30 days of its shipping."""
    if not (line["number"] and line["sent"]):
        return 0
    at = datetime.fromisoformat(line["sent"])
    near = [
        other
        for other in lines
        if other["number"] == line["number"]
        and other["sent"]
        and abs(datetime.fromisoformat(other["sent"]) - at) <= 30 * DAY
    ]
    people = {other["person"] for other in near}
    known = people - {"张*"}
    if len({other["no"] for other in near}) == 1:
        return 1
    return len(known) if known == people or len(known) > 1 else None


@pytest.mark.parametrize("seed", range(3))
def test_receivers_are_those_that_plain_python_counts(seed, scan, tmp_path):
    lines = _drawn(seed)
    mapping = {"order_id": "no", "line_id": "line", "created_at": "made", "shipped_at": "sent",
               "tracking_no": "number", "receiver_key": "person"}  # fmt: skip
    pack = _pack(tmp_path, "tracking_no_receivers_30d", 5)
    report = scan(write_csv(tmp_path / "a.csv", lines), map=mapping, pack=pack, select="XX")
    wanted = {line["line"]: _receivers(line, lines) for line in lines}
    assert {None, 0, 1, 2, 3} == set(wanted.values())
    assert _numbers(report) == {line: n for line, n in wanted.items() if n is not None}


REFUND = {"退款状态": "买家已经申请退款，等待卖家同意", "售后类型": "仅退款"}


def _order(n, buyer):
    return {"订单编号": f"o{n}", "订单创建时间": "2026-01-01 08:00:00", "订单付款时间": "2026-01-01 08:01:00",
            "买家应付货款": "1", "订单状态": "交易成功", "买家会员名": buyer}  # fmt: skip


@pytest.mark.parametrize("named_by_cases", [False, True])
def test_cases_of_a_buyer_are_those_that_plain_python_counts(named_by_cases, scan, tmp_path):
    draw = random.Random(7)
    buyers = {f"o{n}": draw.choice([*"甲乙丙丁戊己庚辛", "t**0"]) for n in range(60)}
    refunds = [
        {
            "订单编号": draw.choice(list(buyers)),
            "退款编号": f"r{n}",
            "退款的申请时间": str(NOW - draw.choice([0, 1, 89, 90, 91]) * DAY + draw.choice([0, 0, -1, 1]) * SECOND),
            **REFUND,
        }
        for n in range(40)
    ]  # fmt: skip
    if named_by_cases:
        refunds = [{**refund, "买家会员名称": buyers[refund["订单编号"]]} for refund in refunds]
    orders = [_order(order[1:], "" if named_by_cases else buyer) for order, buyer in buyers.items()]
    report = scan(
        write_csv(tmp_path / "orders.csv", orders),
        write_csv(tmp_path / "cases.csv", refunds * 2),
        pack=_pack(tmp_path, "buyer_cases_90d", 20),
        select="XX",
    )
    counted = [
        r for r in refunds if NOW - 90 * DAY <= datetime.fromisoformat(r["退款的申请时间"]) <= NOW
    ]
    with_case = {
        r["订单编号"] for r in refunds if datetime.fromisoformat(r["退款的申请时间"]) <= NOW
    }
    wanted = {
        order: sum(buyers[refund["订单编号"]] == buyer for refund in counted)
        for order, buyer in buyers.items()
        if buyer != "t**0" and (order in with_case or not named_by_cases)
    }
    assert len(set(wanted.values())) > 3
    assert _numbers(report) == wanted


# ------------------------------------------------------------------------- how exports come


def test_a_number_that_a_newer_export_has_corrected_counts_no_more(export, scan):
    old = export(ONE, OTHER, name=f"1795100000_{'0f' * 16}shop.csv")
    new = export(
        ONE, {**OTHER, "快递单号": "SF2"}, name=f"1795180000_{'0f' * 16}shop.csv"
    )  # fmt: skip
    assert rule(scan(old), "DY320")["hits"] == 2
    assert rule(scan(old, new), "DY320")["hits"] == 0
    again = export(ONE, OTHER, {**OTHER, "子订单编号": "6900000000000000002", "快递单号": "SF2"})
    assert rule(scan(again), "DY320")["hits"] == 0, "within an export the later row counts"


@pytest.mark.parametrize(("order", "hits"), [("", 2), ("6800000000000000009", 0)])
def test_rows_that_are_no_line_tell_nothing_of_others(order, hits, export, scan):
    """Twice one id: as one line it has a receiver; with two orders it is unknown whose number it is."""
    ids = {"子订单编号": "6900000000000000002", "主订单编号": "6900000000000000002"}
    twice = {**ids, **({"主订单编号": order} if order else {})}
    report = scan(export(ONE, {**OTHER, **ids}, {**OTHER, **twice}, {**ONE, "快递单号": "SF2"}))
    assert rule(report, "DY320")["hits"] == hits
    assert report.to_dict()["accounting"]["quarantined"] == (2 if order else 0)


def test_a_buyer_whom_a_newer_export_has_corrected_counts_no_more(scan, tmp_path):
    """The newest row of a line says who bought, and whose its cases are."""
    case = {"订单编号": "o1", "退款编号": "r1", "退款的申请时间": AS_OF, **REFUND}
    files = [
        write_csv(tmp_path / "a.csv", [_order(1, "甲"), _order(2, "甲")]),
        write_csv(tmp_path / "b.csv", [_order(1, "乙")]),
        write_csv(tmp_path / "cases.csv", [case]),
    ]
    pack = _pack(tmp_path, "buyer_cases_90d", 3)
    assert _numbers(scan(*files, pack=pack, select="XX")) == {"o1": 1, "o2": 0}


def test_a_line_that_is_not_judged_yet_counts_no_more(export, scan):
    """Its newest row was ordered after as-of; an older one does not take its place."""
    later = {**OTHER, "订单提交时间": "2026-11-21 00:00:01"}
    old = export(ONE, OTHER, name=f"1795100000_{'0f' * 16}shop.csv")
    new = export(ONE, later, name=f"1795180000_{'0f' * 16}shop.csv")
    assert rule(scan(old, new), "DY320")["hits"] == 0


def test_the_number_may_come_from_the_parcels(export, scan, tmp_path):
    without = [{k: v for k, v in line.items() if k != "快递单号"} for line in (ONE, OTHER)]
    ids = "6900000000000000001,6900000000000000002"
    parcel = {"运单号": "SF1", "订单编号": ids, "揽收时间": "2026-11-18 09:00:00"}
    parcels = write_csv(tmp_path / "p.csv", [parcel])
    assert rule(scan(export(*without), parcels), "DY320")["hits"] == 2
    missing = rule(scan(export(*without)), "DY320")
    assert (missing["status"], missing["missing"]) == (
        "not_evaluated",
        ["tracking_no", "tracking_no_receivers_30d"],
    )


def test_lines_of_an_export_without_receivers_are_unjudged(export, scan):
    silent = export({**SENT, "快递单号": "SF9"}, name="b.csv")
    silent.write_text(silent.read_text("utf-8-sig").replace('"69', '"59'), encoding="utf-8-sig")
    report = scan(export(ONE, OTHER), silent)
    assert rule(report, "DY320") | {"hits": 2, "unjudged": 1} == rule(report, "DY320")


@pytest.mark.parametrize("as_", ["csv", "gb18030", "gz", "xlsx", "parquet", "frame", "numbers"])
def test_the_same_lines_in_every_container(as_, scan, tmp_path):
    """Phones as numbers too: Excel and pandas make them of text."""
    rows = douyin(ONE, OTHER, {**OTHER, "快递单号": "SF2"})
    path = write_csv(tmp_path / "a.csv", rows, "gb18030" if as_ == "gb18030" else "utf-8-sig")
    frame = pd.DataFrame(rows)
    if as_ == "gz":
        (tmp_path / "a.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
        path = tmp_path / "a.csv.gz"
    if as_ == "xlsx":
        table = [list(rows[0]), *([*row.values()] for row in rows)]
        path = write_xlsx(tmp_path / "a.xlsx", table)
    if as_ == "parquet":
        pq.write_table(pa.Table.from_pandas(frame), tmp_path / "a.parquet")
        path = tmp_path / "a.parquet"
    if as_ == "numbers":
        frame["收件人手机号"] = frame["收件人手机号"].astype("int64")
    report = scan(frame if as_ in ("frame", "numbers") else path)
    assert sorted(report.hits("DY320")["line_id"].str[-1]) == ["1", "2"]


def test_a_row_of_a_whole_order_has_one_receiver(export, scan):
    lines = {"主订单编号": "M1", "子订单编号": "1;2", "商品ID": "3;4", "选购商品": "a;b"}
    report = scan(export({**ONE, **lines}, OTHER))
    assert sorted(report.hits("DY320")["line_id"]) == ["1", "2", "6900000000000000002"]


def test_an_export_of_receivers_that_breaks_off_leaves_the_others(export, scan):
    broken = export(*[ONE] * 6000, {**ONE, "快递单号": "BYTE"}, name="b.csv")
    broken.write_bytes(broken.read_bytes().replace(b"BYTE", b"\xff\xff"))
    report = scan(export(LATE, LATE), broken)
    assert report.to_dict()["accounting"]["lines"] == 2
    assert rule(report, "DY320")["status"] == "not_evaluated"


# --------------------------------------------------------------------------- only what is needed


@pytest.fixture
def unread(monkeypatch):
    """Reading a personal column is a failure."""

    def fail(*_):
        pytest.fail("a personal column is read")

    monkeypatch.setattr(cells, "keyed", fail)


@pytest.mark.parametrize(
    ("lines", "options"),
    [
        ([ONE, OTHER], {"select": "DY100"}),
        ([ONE, OTHER], {"ignore": ["DY320", "DY502"]}),
        ([ONE, OTHER], {"platform": "tmall"}),
        ([{**LATE, "收件人": "甲", "收件人手机号": "13800000001"}], {}),
        ([SENT], {}),
    ],
    ids=["not selected", "ignored", "another platform's", "no numbers", "no receivers"],
)
@pytest.mark.usefixtures("unread")
def test_no_personal_column_is_read_that_no_rule_needs(lines, options, export, scan):
    scan(export(*lines), **options)


@pytest.mark.usefixtures("unread")
def test_check_tells_of_personal_columns_and_reads_none(export):
    from merchantwatch.run.check import check
    from merchantwatch.settings import resolve

    found = check([str(export(ONE, OTHER))], resolve({"as_of": AS_OF}))
    assert {one.code for one in found.of("evaluable")} >= {"DY320", "DY502"}
    (found,) = found.inputs
    assert dict(found.columns)["receiver_key"] == "收件人 + 收件人手机号"
    assert "收件人" not in found.unused


def test_lines_are_looked_at_only_where_the_cases_do_not_name_the_buyer(tmp_path):
    from merchantwatch.pipeline.cross_line import keys
    from merchantwatch.pipeline.platforms import platforms_of
    from merchantwatch.reading import take
    from merchantwatch.reading.hash_key import InstallationKey
    from merchantwatch.rules import built_in
    from merchantwatch.settings import Settings

    orders = write_csv(tmp_path / "orders.csv", [_order(1, "甲")])
    case = {"订单编号": "o1", "退款编号": "r1", "退款的申请时间": AS_OF, **REFUND}
    looked = {}
    for name, more in (("silent", {}), ("named", {"买家会员名称": "甲"})):
        cases = write_csv(tmp_path / f"{name}.csv", [case | more])
        taken = take([str(orders), str(cases)], None, Settings(NOW), keys=("buyer_key",))
        platforms = platforms_of(taken.exports, "tmall")
        found = keys(built_in(), taken.exports, platforms, lambda: InstallationKey(b"x" * 32))
        looked[name] = len(found.first_read)
    assert looked == {"silent": 1, "named": 0}


def test_a_mapped_column_that_is_not_there_is_an_error(scan, tmp_path):
    path = write_csv(tmp_path / "a.csv", [{"no": "1", "sent": ""}])
    with pytest.raises(mw.UsageError, match="has no column 'who' to map receiver_key to"):
        scan(path, map={"order_id": "no", "receiver_key": "who"})


def test_why_shows_the_count_and_not_the_hash(export, run):
    printed = run(
        "why", "6900000000000000001", export(ONE, OTHER), "--as-of", AS_OF, "--lang", "en"
    )
    assert printed.returncode == 0, printed.stderr
    assert "tracking_no_receivers_30d 2" in " ".join(printed.stdout.split())
    assert "receiver_key" not in printed.stdout
    assert "甲" not in printed.stdout


def test_a_user_rule_may_tell_buyers_apart(export, scan, tmp_path):
    pack = tmp_path / "own.toml"
    pack.write_text(
        '[pack]\nplatform = "douyin"\nreviewed = 2026-11-01\n[[rule]]\ncode = "XX100"\nname = "x"\n'
        'title = { zh = "x", en = "x" }\nwhen = "receiver_key is not null"\nper = "line"\nat_least = 1\n',
        "utf-8",
    )
    masked = {**ONE, "收件人": "甲*"}
    report = scan(export(ONE, masked), pack=pack, select="XX100")
    assert report.hits("XX100")["line_id"].str[-1].tolist() == ["1"]
    assert "receiver_key" not in report.hits().columns
