"""A backlog of orders and a number of parcels → which to pack, and what that saves."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from merchantwatch.language.text import Text
from merchantwatch.results.records import Finding
from merchantwatch.tasks.backlog import Backlog, Parcel, PlanRequest
from merchantwatch.tasks.dangers import Danger
from merchantwatch.tasks.effects import Scopes
from merchantwatch.tasks.lines import NO_MONEY, Line


class Plan(Struct, frozen=True):
    """Which parcels to pack, and which to hand over, in order of their warehouses and deadlines.

    ``uploaded`` are packed already, and handing them over saves ``handed_over``, which is a part of
    ``saved``. No choice of as many to pack saves more than ``bound``; ``unsaved`` is what packing
    all would save in addition, ``lost_anyway`` what no packing can save. ``more_saved`` is what
    ``more`` parcels beyond the capacity would add. All these sums are in ``currency``.
    """

    capacity: int
    until: datetime
    packed: tuple[Parcel, ...]
    uploaded: tuple[Parcel, ...]
    left: int
    averted: tuple[Danger, ...]
    unaverted: tuple[Danger, ...]
    saved: Decimal
    handed_over: Decimal
    bound: Decimal
    unsaved: Decimal
    lost_anyway: Decimal
    more: int
    more_saved: Decimal
    currency: str


class Planned(Struct, frozen=True):
    """A plan with the rest of its report: the moment, the language, what is unknown.

    ``unweighed`` are findings that shipping would keep below their limits, and that the plan leaves
    out. ``nothing`` says why nothing at all was judged, if so; then the plan means nothing.
    """

    plan: Plan
    as_of: datetime
    lang: str
    unweighed: Sequence[Finding]
    failed: Sequence[Text]
    unjudged: Text
    nothing: Text | None


def plan(lines: Sequence[Line], findings: Sequence[Finding], request: PlanRequest) -> Plan:
    """Return which orders to pack, so that the least is lost by the next judgement."""
    backlog = Backlog(lines, Scopes.of(findings), request)
    (packed, bound), (beyond, _) = backlog.best(request.capacity, request.capacity + request.more)
    saved, averted = backlog.saved_by(packed)
    # All that could be packed is what the plan is measured against.
    everything, _ = backlog.saved_by(backlog.parcels)
    return Plan(
        capacity=request.capacity,
        until=request.until,
        packed=tuple(sorted(packed, key=_picking)),
        uploaded=tuple(sorted(backlog.uploaded, key=_picking)),
        left=len(backlog.parcels) - len(packed),
        averted=tuple(averted),
        unaverted=tuple(danger for danger in backlog.dangers if danger not in averted),
        saved=saved,
        handed_over=backlog.handed_over,
        # A bound is rounded to the unit of the model, which may stand for many cents.
        bound=max(bound, saved),
        unsaved=everything - saved,
        lost_anyway=backlog.lost_anyway,
        more=request.more,
        # Each capacity is solved by itself, so that the larger one may by chance save less.
        more_saved=max(backlog.saved_by(beyond)[0] - saved, NO_MONEY),
        currency=backlog.currency,
    )


def _picking(parcel: Parcel) -> tuple[str, datetime, str]:
    warehouse = next((line.warehouse for line in parcel.lines if line.warehouse), "")
    return (warehouse, parcel.due_at or datetime.max, parcel.order[2])  # noqa: DTZ901
