"""A plan as JSON: the contract ``merchantwatch.plan/1``. Fields may be added, never changed."""

from decimal import Decimal
from typing import IO

import msgspec

from merchantwatch.reports.json_values import money, time
from merchantwatch.reports.plans.parcels import warehouse
from merchantwatch.results.records import Finding
from merchantwatch.tasks.backlog import Parcel
from merchantwatch.tasks.dangers import Danger
from merchantwatch.tasks.planning import Planned

SCHEMA = "merchantwatch.plan/1"


def render(planned: Planned, file: IO[bytes]) -> None:
    """Write a plan; where nothing was judged its sums are null, not 0."""
    plan = planned.plan

    # 0.00 would read as an all-clear where nothing was judged.
    def sum_of(amount: Decimal) -> str | None:
        return None if planned.nothing else money(amount)

    content = {
        "schema": SCHEMA,
        "as_of": time(planned.as_of),
        "until": time(plan.until),
        "capacity": plan.capacity,
        "not_judged": (planned.nothing or planned.unjudged).of(planned.lang),
        "not_weighed": [_finding(finding) for finding in planned.unweighed],
        "currency": plan.currency,
        "saved": sum_of(plan.saved),
        "handed_over": sum_of(plan.handed_over),
        "bound": sum_of(plan.bound),
        "unsaved": sum_of(plan.unsaved),
        "lost_anyway": sum_of(plan.lost_anyway),
        "more": {"parcels": plan.more, "saved": sum_of(plan.more_saved)},
        "left": plan.left,
        "averted": [_danger(danger) for danger in plan.averted],
        "not_averted": [_danger(danger) for danger in plan.unaverted],
        "packed": [_parcel(parcel) for parcel in plan.packed],
        "hand_over": [_parcel(parcel) for parcel in plan.uploaded],
        "failed": [text.of(planned.lang) for text in planned.failed],
    }
    file.write(msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "platform": finding.platform,
        "shop": finding.shop,
        "scope": finding.scope,
        "key": finding.key,
    }


def _danger(danger: Danger) -> dict[str, object]:
    platform, shop, product = danger.place
    return {
        "code": danger.code,
        "platform": platform,
        "shop": shop,
        "product_id": product or None,
        "need": danger.need,
        "worth": money(danger.worth),
    }


def _parcel(parcel: Parcel) -> dict[str, object]:
    platform, shop, order_id = parcel.order
    return {
        "platform": platform,
        "shop": shop,
        "order_id": order_id,
        "lines": [line.line_id for line in parcel.lines],
        "warehouse": warehouse(parcel) or None,
        "due_at": time(parcel.due_at),
        "worth": money(parcel.worth),
    }
