"""Business days: ``business_days_after(time, 2, 'US')`` in a predicate, as SQL for both engines.

It is the last second of the second business day after the day of ``time``: one that is neither a
weekend nor a public holiday of the country, by the library ``holidays``. Outside of the calendar
below it is null.
"""

from datetime import date, timedelta
from functools import cache

from sqlglot import exp

NAME = "business_days_after"
MOST_DAYS = 20

_FIRST, _LAST = date(2018, 1, 1), date(2035, 12, 31)
"""The days that the calendar covers."""

_ZERO = 48
"""The code of the letter for 0 days: the letter of a day whose due day is 3 days later is ``3``."""


class BusinessDaysError(ValueError):
    """An error in the arguments of the function."""


def is_business_days(node: exp.Expr) -> bool:
    """Say whether a node of a predicate is a call of the function."""
    return isinstance(node, exp.Anonymous) and node.name.lower() == NAME


def check(node: exp.Expr) -> None:
    """Raise BusinessDaysError unless a call has a time, a number of days and a country."""
    example = f"write {NAME}(paid_at, 2, 'US')"
    if len(node.expressions) != 3:  # noqa: PLR2004
        raise BusinessDaysError(f"{NAME} takes a time, a number of days and a country: {example}")
    _, days, country = node.expressions
    if not isinstance(days, exp.Literal) or days.is_string or not _is_few(days.name):
        raise BusinessDaysError(f"{NAME}: the days are a number from 1 to {MOST_DAYS}: {example}")
    if not isinstance(country, exp.Literal) or not country.is_string:
        raise BusinessDaysError(f"{NAME}: the country is a text: {example}")
    if not _is_country(country.name):
        raise BusinessDaysError(
            f"{NAME}: the holidays of {country.name!r} are not known: {example}"
        )


def spelt_out(node: exp.Expr) -> exp.Expr:
    """Return a checked call as SQL, which looks up in a text of letters how many days to add."""
    from sqlglot import parse_one

    time, days, country = node.expressions
    sql = """
        case when moment >= cast('first' as timestamp) and moment < cast('last' as timestamp)
            then cast(cast(moment as date) as timestamp) + interval '86399' second
                + interval '1' day * (ascii(substring('letters',
                    date_diff('day', cast('first' as date), cast(moment as date)) + 1, 1)) - zero)
        end
    """
    # A predicate is an expression and can join no table of holidays: a text literal holds them.
    letters = _letters(country.name, int(days.name))
    known = {
        "first": _FIRST.isoformat(),
        "last": (_FIRST + timedelta(days=len(letters))).isoformat(),
        "letters": letters,
    }

    def filled(part: exp.Expr) -> exp.Expr:
        if isinstance(part, exp.Column):
            return exp.Literal.number(_ZERO) if part.name == "zero" else exp.paren(time.copy())
        if isinstance(part, exp.Literal) and part.name in known:
            return exp.Literal.string(known[part.name])
        return part

    return parse_one(sql, read="duckdb").transform(filled)


@cache
def _letters(country: str, days: int) -> str:
    """Return a letter for each day of the calendar: how many days later its due day is."""
    from holidays import country_holidays

    free = country_holidays(country, years=range(_FIRST.year, _LAST.year + 1))
    every = [_FIRST + timedelta(days=n) for n in range((_LAST - _FIRST).days + 1)]
    working = [day for day in every if free.is_working_day(day)]
    letters, following = [], 0
    for day in every:
        while following < len(working) and working[following] <= day:
            following += 1
        # The due day lies beyond the calendar: from here on null is better than a guess.
        if following + days > len(working):
            break
        letters.append(chr(_ZERO + (working[following + days - 1] - day).days))
    return "".join(letters)


def _is_few(number: str) -> bool:
    return number.isdigit() and 1 <= int(number) <= MOST_DAYS


def _is_country(code: str) -> bool:
    from holidays import list_supported_countries

    return code in list_supported_countries()
