"""What an id means where it is that of an order, and of another order's line as well."""

import warnings

import pandas as pd
import pytest
from test_joining import PACK

import merchantwatch as mw

PAIRS = [(n, (n + 1) // 2) for n in range(1, 9)]
"""Lines 1 to 8 of the orders 1 to 4: both are numbered from 1 on. Line 1 is of order 1."""
APART = [(f"L{line}", f"O{order}") for line, order in PAIRS]
DOUYIN = [(11, 11), (12, 11), (21, 21), (22, 21)]
"""The first line of an order has the order's id."""
ODD = [(1, 9), (2, 1), (3, 8)]
"""Line 1 is not of order 1; no other id is of both."""


def orders(lines, **columns):
    """An export of shipped lines."""
    table = pd.DataFrame(lines, columns=["line_id", "order_id"]).astype("str")
    return table.assign(
        status="shipped",
        created_at="2026-11-10 00:00:00",
        paid_at="2026-11-10 00:00:00",
        promised_ship_at="2026-11-12 00:00:00",
        shipped_at="2026-11-11 00:00:00",
        **columns,
    )


def parcels(*named, first=0, picked="-"):
    """The parcel centre: a parcel of each of these ids."""
    numbers = [f"SF{first + n:013}" for n in range(len(named))]
    return pd.DataFrame(
        {"运单号": numbers, "订单编号": [str(one) for one in named], "揽收时间": picked}
    )


def scan(*tables, **options):
    """The report on tables whose columns are fields."""
    named = {name: name for table in tables for name in table if name.isascii()}
    given = {
        "map": named,
        "platform": "douyin",
        "select": ["DY301"],
        "as_of": "2026-11-21",
        "lang": "en",
    }
    return mw.scan(list(tables), **given | options)


def having(*tables, **options):
    """The lines that have a parcel: none of these is picked up."""
    with scan(*tables, **options) as report:
        return {str(found["key"]) for found in report.to_dict()["findings"]}


def text(*ids):
    return {str(one) for one in ids}


@pytest.mark.parametrize(
    ("lines", "files", "found"),
    [
        pytest.param(PAIRS, [(3,)], text(5, 6), id="an id of both is the order's"),
        pytest.param(
            PAIRS, [(2, 3, 4)], text(3, 4, 5, 6, 7, 8), id="orders, each the id of a line"
        ),
        pytest.param(PAIRS, [(1, 3)], text(1, 2, 5, 6), id="1 alone is an order's"),
        pytest.param(PAIRS, [(3, 5)], text(3, 5), id="more ids of lines alone: lines"),
        pytest.param(PAIRS, [(1, 3, 5)], text(1, 2, 5, 6), id="as many of each: orders"),
        pytest.param(PAIRS, [(1, 3, 5, 6)], text(1, 3, 5, 6), id="one more of lines"),
        pytest.param(PAIRS, [(1, 3, 99, 98)], text(1, 2, 5, 6), id="strangers say nothing"),
        pytest.param(PAIRS, [(3, 4), (3, 5)], text(5, 6, 7, 8, 3), id="each file by itself"),
        pytest.param(PAIRS, [(5, 6)], text(5, 6), id="lines alone"),
        pytest.param(ODD, [(1,)], text(2), id="the only id of both"),
        pytest.param(ODD, [(2,)], text(2), id="an id of a line alone"),
        pytest.param(ODD, [(9, 2)], text(1, 2), id="mixed, and none of both"),
        pytest.param(ODD, [(9, 1, 2)], text(1, 2), id="mixed, one of both"),
        pytest.param(APART, [("O1",)], text("L1", "L2"), id="apart, by order"),
        pytest.param(APART, [("L1", "O2")], text("L1", "L3", "L4"), id="apart, mixed"),
        pytest.param(DOUYIN, [(11,)], text(11, 12), id="Douyin's by order"),
        pytest.param(DOUYIN, [(22, 11)], text(22, 11, 12), id="Douyin's by line"),
    ],
)
def test_a_parcel_is_of_the_order_or_the_line_that_its_file_means(lines, files, found):
    tables = [parcels(*file, first=100 * n) for n, file in enumerate(files)]
    assert having(orders(lines), *tables) == found
    assert having(*tables, orders(lines)) == found


def test_a_note_says_what_a_file_was_read_as():
    with scan(orders(PAIRS), parcels(3), parcels(3, 5, first=9)) as report:
        notes = [one["text"] for one in report.to_dict()["notes"] if one["code"] == "ids-of-both"]
    assert [text.partition("read as")[2] for text in notes] == [
        " ids of orders",
        " ids of order lines",
    ]


def test_a_line_named_beside_an_order_goes_before_it():
    """Of a file that names lines and orders a line's own parcel counts."""
    named = pd.concat([parcels("O1", picked="2026-11-12 00:00:00"), parcels("L1", first=9)])
    assert having(orders(APART[:2]), named) == {"L1"}


def test_ids_of_both_are_looked_for_in_all_exports():
    """Order 3 stands in one export, line 3 in another: only together they show an id of both."""
    some, others = orders(PAIRS[:4]), orders(PAIRS[4:])
    assert having(some, parcels(3)) == {"3"}
    assert having(some, others, parcels(3)) == {"5", "6"}


def test_an_order_that_is_not_yet_there_is_no_orders_id():
    """At as-of only line 3 has the id."""
    later = orders(PAIRS[4:]).assign(created_at="2026-11-21 00:00:01")
    assert having(orders(PAIRS[:4]), later, parcels(3)) == {"3"}


def alerts(*rows):
    """Tmall's alerts name a line and its order."""
    table = pd.DataFrame(rows, columns=["子交易单号", "交易单号"]).astype("str")
    return table.assign(应揽收时间="2026-11-20 00:00:00", 运单号="-")


@pytest.mark.parametrize(
    ("named", "found"),
    [
        pytest.param((11, 11), {"11"}, id="the first line, which has the order's id"),
        pytest.param((12, 11), {"12"}, id="another line"),
        pytest.param(("-", 11), {"11", "12"}, id="the order alone"),
    ],
)
@pytest.mark.parametrize("has_lines", [True, False])
def test_a_row_that_names_a_line_is_of_no_other(named, found, has_lines, tmp_path):
    """Of lines without ids all of the order's rows count."""
    (tmp_path / "pack.toml").write_text(PACK, encoding="utf-8")
    given = {"platform": "tmall", "select": ["ZZ4"], "pack": [str(tmp_path / "pack.toml")]}
    exports = orders(DOUYIN, sku=["a", "b", "c", "d"])
    if not has_lines:
        exports = exports.drop(columns="line_id")
        found = {"11-1", "11-2"}
    assert having(exports, alerts(named), **given) == found


@pytest.mark.every_engine
def test_both_engines_file_a_parcel_under_what_its_file_means(engine):
    files = parcels(3, 4), parcels(3, 5, first=100)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mw.IncompleteWarning)
        assert having(orders(PAIRS), *files, engine=engine) == text(5, 6, 7, 8, 3)


EXEMPTION = "order,approved,reason\n{},yes,flood\n"
SUPPRESSION = '[[ignore]]\norder = "{}"\nreason = "known"\nuntil = 2026-12-31\n'


@pytest.mark.parametrize(
    ("named", "spared"),
    [
        pytest.param(3, (), id="of an order, all of which is fine: not line 3"),
        pytest.param(2, (3, 4), id="of an order with hits: not line 2"),
        pytest.param(7, (7,), id="of no order: line 7"),
        pytest.param(1, (1, 2), id="of an order, and of its own line"),
    ],
)
@pytest.mark.parametrize("way", ["exemptions", "ignore_file"])
def test_what_is_named_is_the_order_and_a_line_only_where_no_order_has_the_id(
    way, named, spared, tmp_path
):
    """Lines 5 and 6, of order 3, are shipped in time; all others wait."""
    sent = [order == 3 for _, order in PAIRS]
    table = orders(PAIRS).assign(
        status=["shipped" if one else "to_ship" for one in sent],
        shipped_at=["2026-11-11 00:00:00" if one else "-" for one in sent],
    )
    file = tmp_path / ("merchantwatch-ignore.toml" if way == "ignore_file" else "exemptions.csv")
    text_of = SUPPRESSION if way == "ignore_file" else EXEMPTION
    file.write_text(text_of.format(named), encoding="utf-8")
    late = {str(line) for line, order in PAIRS if order != 3}
    given = {"select": ["DY100"], way: str(file)}
    assert having(table, **given) == late - text(*spared)
