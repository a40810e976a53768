"""The risk ranks orders that became complaints first, on a marketplace drawn from measured shares.

The shares are those that the signals cite: human votes on 3,584 orders, of which 950 became complaints.
How many orders were late, and that lateness and the number of sellers are independent, is assumed.
"""

from datetime import datetime, timedelta
from itertools import groupby
from math import exp, log
from operator import itemgetter
from random import Random
from typing import NamedTuple

import pytest
from conftest import write_csv

HOUR = timedelta(hours=1)
ORDERS = 3_584
LATE = 0.14
LATENESS = ((0, 24, 0.14), (24, 96, 0.20), (96, 168, 0.20), (168, 336, 0.22), (336, 1200, 0.24))
"""Hours from, hours to, and how many of the late orders are so late."""


class Order(NamedTuple):
    """Whether it became a complaint, with what chance, and what an export tells of it."""

    complaint: bool
    chance: float
    several: bool
    late: timedelta | None


class Several(NamedTuple):
    """A field that tells orders of several from those of one.

    ``times`` are the fields of what was promised and of when it was done: of delivery, or of shipping. How many orders have several, the ``shares`` of complaints of these and of the others; and what makes
    these shares come out beside those of lateness: of orders of ``one`` the shares in time and in each span
    of lateness, and by which the log odds of several are higher.
    """

    times: tuple[str, str]
    part: float
    shares: tuple[float, float]
    one: tuple[float, ...]
    odds: float


FIELDS = {
    "sellers_of_order": Several(
        ("estimated_delivery_at", "delivered_at"),
        0.267,
        (0.58, 0.15),
        (0.075, 0.292, 0.457, 0.646, 0.724, 0.802),
        2.60,
    ),
    "quantity": Several(
        ("promised_ship_at", "shipped_at"),
        0.234,
        (0.51, 0.19),
        (0.117, 0.342, 0.495, 0.67, 0.742, 0.815),
        1.81,
    ),
}


@pytest.fixture(scope="module", params=FIELDS)
def voted(request, tmp_path_factory):
    """Orders that differ in lateness and in one more field: the file, the field, and each order's truth."""
    field, of_field = request.param, FIELDS[request.param]
    dice, rows, truth = Random(950), [], {}
    for number in range(ORDERS):
        ordered = datetime(2017, 3, 1) + number * HOUR
        due = ordered + 25 * 24 * HOUR
        several, late, place = dice.random() < of_field.part, None, 0
        if dice.random() < LATE:
            (place,) = dice.choices(range(1, 6), weights=[part for _, _, part in LATENESS])
            late = dice.uniform(*LATENESS[place - 1][:2]) * HOUR
        odds = log(of_field.one[place] / (1 - of_field.one[place])) + of_field.odds * several
        chance = 1 / (1 + exp(-odds))
        complaint = dice.random() < chance
        arrived = due + late if late else due - dice.uniform(0, 300) * HOUR
        truth[f"O{number}"] = Order(complaint, chance, several, late)
        rows.append(
            {"order_id": f"O{number}", "status": "completed", "created_at": f"{ordered}", "paid_at": f"{ordered}",
             field: str(1 + several), of_field.times[0]: f"{due}", of_field.times[1]: f"{arrived:%Y-%m-%d %H:%M:%S}"}
        )  # fmt: skip
    return write_csv(tmp_path_factory.mktemp("voted") / "orders.csv", rows), field, truth


def average_precision(risks, complaints):
    """Precision at each level of risk, weighted by the complaints found there: ties count as one level."""
    ranked = sorted(((risks.get(key, 0), y) for key, y in complaints.items()), reverse=True)
    found = looked_at = 0
    total = 0.0
    for _, level in groupby(ranked, key=itemgetter(0)):
        votes = [y for _, y in level]
        found, looked_at = found + sum(votes), looked_at + len(votes)
        total += sum(votes) * found / looked_at
    return total / found


def share_of(truth, test):
    """Which share of the orders that a test is true of became complaints."""
    votes = [one.complaint for one in truth.values() if test(one.several, one.late)]
    return sum(votes) / len(votes)


def test_the_marketplace_has_the_measured_shares(voted):
    _, field, truth = voted
    several, one = FIELDS[field].shares
    assert share_of(truth, lambda *_: True) == pytest.approx(950 / 3584, abs=0.02)
    assert share_of(truth, lambda s, _: s) == pytest.approx(several, abs=0.03)
    assert share_of(truth, lambda s, _: not s) == pytest.approx(one, abs=0.03)
    for first, last, share in ((0, 24, 0.44), (96, 168, 0.73), (336, 1200, 0.85)):
        lateness = lambda _, late, a=first, b=last: late and a * HOUR <= late < b * HOUR  # noqa: E731
        assert share_of(truth, lateness) == pytest.approx(share, abs=0.1)


@pytest.mark.looks_at("IR900")
def test_the_risk_ranks_complaints_better_than_lateness_alone(voted, scan):
    path, field, truth = voted
    fields = (
        "order_id",
        "status",
        "created_at",
        "paid_at",
        field,
        *FIELDS[field].times,
    )
    report = scan(path, map={name: name for name in fields}, as_of="2018-09-01")
    risks = {f["key"]: f["risk"] for f in report.to_dict()["findings"] if f["code"] == "IR900"}
    complaints = {key: one.complaint for key, one in truth.items()}
    by_lateness = {key: one.late is not None for key, one in truth.items()}
    by_chance = {key: one.chance for key, one in truth.items()}
    found = average_precision(risks, complaints)
    assert found >= 0.5
    assert found >= average_precision(by_lateness, complaints) + 0.05
    assert found >= average_precision(by_chance, complaints) - 0.02, (
        "near the best that there can be"
    )
