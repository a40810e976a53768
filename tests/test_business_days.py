"""Business days in a predicate: by the calendar of a country, and as the law of its holidays says."""

from datetime import datetime, timedelta

import duckdb
import pyarrow as pa
import pytest
from oracle.business import business_days_after

from merchantwatch.rules.predicates import PredicateError, checked

FIRST = datetime(2018, 1, 1)


def _due(moments: list[datetime | None], days: int) -> list[datetime | None]:
    """What the function gives for moments, by DuckDB."""
    sql = checked(f"business_days_after(paid_at, {days}, 'US')").sql
    rows = pa.table({"n": range(len(moments)), "paid_at": pa.array(moments, pa.timestamp("us"))})
    with duckdb.connect() as database:
        database.register("moments", rows)
        found = database.sql(f"select {sql} from moments order by n").fetchall()
    return [due for (due,) in found]


@pytest.mark.parametrize("days", [1, 2, 3])
def test_every_day_of_eighteen_years_is_as_the_law_says(days):
    moments = [FIRST + timedelta(days=n, hours=n % 24) for n in range(18 * 365 - 5)]
    assert _due(moments, days) == [business_days_after(moment, days) for moment in moments]


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        ("2026-10-30 10:00:00", "2026-11-03 23:59:59"),
        ("2026-10-30 23:59:59", "2026-11-03 23:59:59"),
        ("2026-10-31 00:00:00", "2026-11-03 23:59:59"),
        ("2026-11-25 10:00:00", "2026-11-30 23:59:59"),
        ("2026-12-23 09:00:00", "2026-12-28 23:59:59"),
        ("2021-12-30 09:00:00", "2022-01-04 23:59:59"),
        ("2017-12-31 23:59:59", None),
        ("2018-01-01 00:00:00", "2018-01-03 23:59:59"),
        ("2036-01-01 00:00:00", None),
        (None, None),
    ],
    ids=["weekend", "last second", "saturday", "thanksgiving", "christmas", "new year observed on friday", "before", "first", "after", "null"],
)  # fmt: skip
def test_two_days(moment, due):
    moments = [moment and datetime.fromisoformat(moment)]
    assert _due(moments, 2) == [due and datetime.fromisoformat(due)]


def test_it_reads_what_its_time_reads():
    assert checked("shipped_at > business_days_after(paid_at, 2, 'US')").reads == {
        "shipped_at",
        "paid_at",
    }
    assert checked("business_days_after(ordered_at, 2, 'US') < as_of").also_names == {"created_at"}


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("business_days_after(paid_at, 2)", "a time, a number of days and a country"),
        ("business_days_after(paid_at, 0, 'US')", "a number from 1 to 20"),
        ("business_days_after(paid_at, 21, 'US')", "a number from 1 to 20"),
        ("business_days_after(paid_at, quantity, 'US')", "a number from 1 to 20"),
        ("business_days_after(paid_at, '2', 'US')", "a number from 1 to 20"),
        ("business_days_after(paid_at, 2, 'XX')", "the holidays of 'XX' are not known"),
        ("business_days_after(paid_at, 2, shop)", r"the country is a text: write business_days_after\(paid_at, 2, 'US'\)"),
        ("business_days_after(paid_at, 2, 3)", "the country is a text"),
        ("business_days_after(amount, 2, 'US')", "a moment is needed"),
        ("business_days_after(payed_at, 2, 'US')", "did you mean paid_at"),
        ("business_days_after(read_csv('a'), 2, 'US')", "not allowed"),
        ("business_days_before(paid_at, 2, 'US')", "not allowed"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(call, expected):
    with pytest.raises(PredicateError, match=expected):
        checked(f"{call} < as_of")
    assert checked(
        "business_days_after(paid_at, 1, 'US') < as_of and business_days_after(paid_at, 20, 'CN') > as_of"
    )
