"""The past, replayed: a line as an export made at as-of would have shown it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from oracle.business import business_days_after
from oracle.lines import EVENTS, SOMETIME, STATED_ONLY, Line

PROMISE = timedelta(hours=48)


def as_it_stood(line: Line, as_of: datetime) -> Line:
    """What lies ahead has not happened; where no promise is stated it is 48 h from the payment.

    A pre-order has a day of its own, and some platforms know no such usual time.
    """
    happened = {name: past(getattr(line, name), as_of) for name in EVENTS}
    if line.status == "unpaid":  # stronger than a time
        happened["paid_at"] = None
    paid = happened["paid_at"]
    usual = line.fulfilment != "pre_order" and line.platform not in STATED_ONLY
    promised = business_days_after(paid, 2) if line.platform == "tiktok" else after_payment(paid)
    status = status_as_it_stood(line, as_of) if line.has_status else reached(happened)
    if status in ("shipped", "completed"):
        happened["shipped_at"] = happened["shipped_at"] or SOMETIME
    return replace(
        line,
        **happened,
        promised_ship_at=line.promised_ship_at or (promised if usual else None),
        promise_stated=line.promised_ship_at is not None,
        status=status,
    )


def after_payment(paid: datetime | None) -> datetime | None:
    """The usual time, 48 h."""
    return paid + PROMISE if paid else None


def reached(happened: Mapping[str, datetime | None]) -> str:
    """How far a line has come whose export has no status."""
    if happened["closed_at"]:
        return "closed"
    if happened["completed_at"] or happened["delivered_at"]:
        return "completed"
    return "shipped" if happened["shipped_at"] else "to_ship"


def past(at: datetime | None, as_of: datetime) -> datetime | None:
    """The time, unless it lies ahead."""
    return at if at is not None and at <= as_of else None


def status_as_it_stood(line: Line, as_of: datetime) -> str | None:
    """A status follows the times that were masked; so does a close whose time is known."""

    def masked(at: datetime | None) -> bool:
        return at is not None and at > as_of

    if line.status == "closed" and masked(line.closed_at):
        paid = past(line.paid_at, as_of) is not None
        far = reached({name: past(getattr(line, name), as_of) for name in EVENTS})
        return "unpaid" if far == "to_ship" and not paid else far
    if line.status is None or line.status == "closed":
        return line.status
    if masked(line.paid_at):
        return "unpaid"
    if masked(line.shipped_at) and line.status in ("part_shipped", "shipped", "completed"):
        return "to_ship"
    over = masked(line.completed_at) or masked(line.delivered_at)
    return "shipped" if line.status == "completed" and over else line.status
