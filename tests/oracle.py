"""What the clauses say, in plain Python: the judge that the program is compared with.

Written from the clauses and not from the program: one line after the other, no tables, no SQL.
It is slow, knows Douyin only, and shares no code with what it judges.

Three-valued logic is spelt out: a `Truth` is True, False, or None for "cannot be known".
"""

# ruff: noqa: DTZ901 - the platform's wall-clock time has no zone

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

Cells = Mapping[str, str]
Truth = bool | None
Risks = Mapping[str, tuple[str | None, float]]
"""Code of a signal -> (group or None, risk)."""

HOUR = timedelta(hours=1)


# ------------------------------------------------------------------------ what goes in and out


@dataclass(frozen=True)
class Export:
    """One Douyin order report: the cells as they stand in the file."""

    name: str
    headers: tuple[str, ...]
    rows: list[dict[str, str]]


@dataclass(frozen=True)
class ParcelExport:
    """One export of the parcel centre: the cells as they stand in the file."""

    name: str
    headers: tuple[str, ...]
    rows: list[dict[str, str]]


@dataclass(frozen=True)
class CaseExport:
    """One export of after-sales cases: the cells as they stand in the file."""

    name: str
    headers: tuple[str, ...]
    rows: list[dict[str, str]]


@dataclass(frozen=True)
class Accounting:
    """Where every row of the order exports went."""

    rows_read: int
    lines: int
    quarantined: int
    superseded: int
    later: int


@dataclass(frozen=True)
class RuleVerdict:
    """What became of one rule: evaluated, not_evaluated or not_applicable."""

    status: str
    hits: int = 0
    unjudged: int = 0
    uncounted: int = 0


@dataclass(frozen=True)
class Finding:
    """Hits of one scope that reached the limit (breached) or came near it."""

    state: str
    count: int
    due_at: datetime | None
    next_due_at: datetime | None
    amount_at_stake: Decimal | None
    lines: tuple[str, ...]
    risk: float | None = None
    penalty: Decimal | None = None


@dataclass(frozen=True)
class Verdict:
    """Everything that a report must say."""

    accounting: Accounting
    rules: dict[str, RuleVerdict]
    findings: dict[tuple[str, str], Finding]
    hits: dict[tuple[str, str], str]
    risks: dict[str, float]


# ------------------------------------------------------------------------------ reading a cell


class UnreadableError(ValueError):
    """A cell that must not be guessed: its row is quarantined."""


EMPTY = ("", "-")
SPOILT_ID = re.compile(r"[0-9]+(\.[0-9]+)?[Ee]\+[0-9]+")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
MOMENT = re.compile(
    r"(20[0-9]{2})-([0-9]{2})-([0-9]{2})(?: ([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?"
    r"|(20[0-9]{2})/([0-9]{1,2})/([0-9]{1,2}) ([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?"
)
EXCEL_DAYS = re.compile(r"[0-9]{5}(\.[0-9]+)?")
"""A moment as Excel counts it: days since 1899-12-30."""


def text(cells: Cells, header: str) -> str | None:
    """The cell without its padding; None where the export has no such column or says nothing."""
    cell = cells.get(header, "").strip(" \t")
    return None if cell in EMPTY else cell


def identifier(cells: Cells, header: str) -> str | None:
    """An id, which Excel may have turned into a number, or a merged cell into several."""
    cell = text(cells, header)
    if cell is not None and (SPOILT_ID.fullmatch(cell) or ";" in cell):
        raise UnreadableError(cell)
    return cell


def moment(cells: Cells, header: str) -> datetime | None:
    """A wall-clock time; anything that is not a real moment of this century is unreadable."""
    cell = text(cells, header)
    if cell is None:
        return None
    if EXCEL_DAYS.fullmatch(cell):
        seconds = (Decimal(cell) * 86_400).quantize(Decimal(1), ROUND_HALF_UP)
        found = datetime(1899, 12, 30) + timedelta(seconds=int(seconds))
        if 2000 <= found.year <= 2099:
            return found
    match = MOMENT.fullmatch(cell)
    if match is None:
        raise UnreadableError(cell)
    year, month, day, *clock = (int(part) for part in match.groups() if part is not None)
    hour, minute, second = [*clock, 0, 0, 0][:3]
    try:
        return datetime(year, month, day, hour, minute, second)
    except ValueError as error:
        raise UnreadableError(cell) from error


def money(cells: Cells, header: str) -> Decimal | None:
    """An amount in yuan. UnreadableError is unknown: no reason to lose the line."""
    cell = (text(cells, header) or "").replace(",", "")
    return Decimal(cell) if NUMBER.fullmatch(cell) else None


# ------------------------------------------------------------------------------ reading a line

STATUS = {
    "待确认": "unpaid",
    "待支付": "unpaid",
    "待成团": "unpaid",
    "备货中": "to_ship",
    "待发货": "to_ship",
    "部分发货": "part_shipped",
    "已发货": "shipped",
    "已完成": "completed",
    "已关闭": "closed",
}
CASE = {
    "待商家处理": "seller_to_answer",
    "售后待处理": "seller_to_answer",
    "待买家退货处理": "buyer_to_return",
    "待退货": "buyer_to_return",
    "待商家收货": "seller_to_receive",
    "待收退货": "seller_to_receive",
    "退款中": "refunding",
    "同意退款，退款成功": "refunded",
    "退款成功": "refunded",
    "已全额退款": "refunded",
    "售后关闭": "closed",
    "补寄/换货，待买家收货": "exchanged",
    "补寄/换货成功": "exchanged",
    "换货成功": "exchanged",
    "补寄成功": "exchanged",
    "退货后拒绝退款": "refused",
}
TIMES = ("支付完成时间", "承诺发货时间", "预约发货时间", "发货时间", "订单完成时间")
SHORTAGE = ("缺货", "无货", "断货", "没货")
PICK_UP = ("揽收时间", "揽件时间")
CARRIED_BY = {
    "created_at": ("订单提交时间",),
    "paid_at": ("支付完成时间",),
    "promised_ship_at": ("承诺发货时间", "支付完成时间"),
    "shipped_at": ("发货时间",),
    "picked_up_at": PICK_UP,
    "status": ("订单状态",),
    "case_status": ("售后状态",),
    "case_type": ("售后状态",),
    "out_of_stock": ("取消原因", "商家备注"),
}


@dataclass(frozen=True)
class Line:
    """One order line. `carried` names the fields its own export can tell something about."""

    line_id: str
    order_id: str | None
    product_id: str | None
    amount: Decimal | None
    created_at: datetime | None
    paid_at: datetime | None
    promised_ship_at: datetime | None
    shipped_at: datetime | None
    picked_up_at: datetime | None
    completed_at: datetime | None
    status: str | None
    case_status: str | None
    case_type: str | None
    out_of_stock: bool
    unknown: frozenset[str]
    carried: frozenset[str]


def read_line(cells: Cells, headers: Sequence[str]) -> Line:
    """One row as a line, or `UnreadableError`."""
    line_id = identifier(cells, "子订单编号")
    if line_id is None:
        raise UnreadableError("no line id")
    moment(cells, "预约发货时间")  # judged by no rule here, but read: it must be a moment
    words = {"status": text(cells, "订单状态"), "case_status": text(cells, "售后状态")}
    status, case = STATUS.get(words["status"] or ""), CASE.get(words["case_status"] or "")
    known = {"status": status, "case_status": case}
    return Line(
        line_id=line_id,
        order_id=identifier(cells, "主订单编号"),
        product_id=identifier(cells, "商品ID"),
        amount=money(cells, "订单应付金额"),
        created_at=moment(cells, "订单提交时间"),
        paid_at=moment(cells, "支付完成时间"),
        promised_ship_at=moment(cells, "承诺发货时间"),
        shipped_at=moment(cells, "发货时间"),
        picked_up_at=max(filter(None, (moment(cells, name) for name in PICK_UP)), default=None),
        completed_at=moment(cells, "订单完成时间"),
        status=status,
        case_status=case,
        case_type="return_refund" if case == "refused" else None,
        out_of_stock=says_shortage(cells),
        unknown=frozenset(field for field, word in words.items() if word and not known[field]),
        carried=frozenset(f for f, names in CARRIED_BY.items() if not {*names}.isdisjoint(headers)),
    )


def says_shortage(cells: Cells) -> bool:
    """Whether any of the three cells in which a shortage is named does so."""
    told = " ".join(text(cells, name) or "" for name in ("取消原因", "商家备注", "售后状态"))
    return any(word in told for word in SHORTAGE)


def read_lines(exports: Iterable[Export]) -> Iterator[Line | None]:
    """Every row in order of age; None for a quarantined one."""
    for export in exports:
        for row in export.rows:
            for cells in divided(row):
                try:
                    yield read_line(cells, export.headers)
                except UnreadableError:
                    yield None


OWN = ("子订单编号", "商品ID", "选购商品", "商家编码")
TOTALS = ("订单应付金额", "商品数量")
OF_ANY = ("订单状态", "售后状态", *TIMES)


def divided(row: Cells) -> list[Cells]:
    """The lines of a row that holds a whole order, if all that is a line's own has as many parts."""
    counts = {cell.count(";") for cell in (text(row, name) for name in OWN) if cell is not None}
    more = row.get("子订单编号", "").count(";")
    if not more or counts != {more}:
        return [row]

    def part(name: str, cell: str, number: int) -> str:
        if name in (*OWN, *TOTALS, *OF_ANY) and cell.count(";") == more:
            return cell.split(";")[number]
        return "" if name in TOTALS else cell

    return [
        {name: part(name, cell, number) for name, cell in row.items()} for number in range(more + 1)
    ]


# --------------------------------------------------------------------------------------- cases

CASE_TOLD = {
    "待商家处理": "seller_to_answer",
    "待买家退货": "buyer_to_return",
    "待商家收货": "seller_to_receive",
    "同意退款，退款成功": "refunded",
    "售后关闭": "closed",
    "换货成功": "exchanged",
    "拒绝售后申请": "refused",
}
CASE_KINDS = {
    "未发货退款": "refund_unshipped",
    "已发货退款": "refund_only",
    "退货退款": "return_refund",
    "换货": "exchange",
}


@dataclass(frozen=True)
class Case:
    """One after-sales case."""

    case_id: str
    line_id: str | None
    order_id: str | None
    product_id: str | None
    applied_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    case_type: str | None
    case_status: str | None
    unknown: frozenset[str]


def read_case(cells: Cells) -> Case:
    """One row as a case, or `UnreadableError`."""
    case_id = identifier(cells, "售后单号")
    if case_id is None:
        raise UnreadableError("no case id")
    words = {"case_type": text(cells, "售后类型"), "case_status": text(cells, "售后状态")}
    kind = CASE_KINDS.get(words["case_type"] or "")
    status = CASE_TOLD.get(words["case_status"] or "")
    known = {"case_type": kind, "case_status": status}
    return Case(
        case_id=case_id,
        line_id=identifier(cells, "商品单号"),
        order_id=identifier(cells, "订单号"),
        product_id=identifier(cells, "商品ID"),
        applied_at=moment(cells, "售后申请时间"),
        answered_at=moment(cells, "同意售后申请时间"),
        closed_at=moment(cells, "售后完结时间"),
        case_type=kind,
        case_status=status,
        unknown=frozenset(field for field, word in words.items() if word and not known[field]),
    )


def read_cases(exports: Iterable[CaseExport], as_of: datetime) -> list[Case]:
    """Every case as the newest export tells it, as it stood at as-of."""
    cases: dict[str, Case] = {}
    for export in exports:  # the oldest first: the newest stays
        for cells in export.rows:
            try:
                case = read_case(cells)
            except UnreadableError:
                continue
            cases[case.case_id] = case
    applied = [c for c in cases.values() if c.applied_at is None or c.applied_at <= as_of]
    return [replace(case, case_status=case_as_it_stood(case, as_of)) for case in applied]


def case_as_it_stood(case: Case, as_of: datetime) -> str | None:
    """An answer or an end that lies ahead is not yet; a refusal has no time of its own."""
    answered = case.answered_at is not None and case.answered_at <= as_of
    if case.answered_at is not None and not answered:
        if case.case_status is None or case.case_status == "refused":
            return case.case_status
        return "seller_to_answer"
    over = case.closed_at is None or case.closed_at <= as_of
    if over or case.case_status not in ("refunded", "exchanged", "closed"):
        return case.case_status
    if not answered:
        return "seller_to_answer"
    return "buyer_to_return" if case.case_type in ("return_refund", "exchange") else "refunding"


def with_case(line: Line, cases: Sequence[Case]) -> Line:
    """The line with its newest case: one that names it, or its order and no other product."""

    def of_line(case: Case) -> bool:
        if case.line_id is not None:
            return case.line_id == line.line_id
        same = None in (case.product_id, line.product_id) or case.product_id == line.product_id
        return case.order_id is not None and case.order_id == line.order_id and same

    own = [case for case in cases if of_line(case)]
    if not own:
        return line
    newest = max(own, key=lambda case: (case.applied_at or datetime.min, case.case_id))
    return replace(
        line,
        case_status=newest.case_status,
        case_type=newest.case_type,
        unknown=(line.unknown - {"case_status", "case_type"}) | newest.unknown,
    )


# ------------------------------------------------------------------------------------- parcels

Parcels = Mapping[str, Sequence[datetime | None]]
"""Order or line id -> the pick-up of each of its parcels, None where there was none yet."""


def read_parcels(exports: Iterable[ParcelExport], as_of: datetime) -> Parcels:
    """Rows of one tracking number are one parcel: picked up as soon as one of them says so."""
    pick_ups: dict[str, list[datetime]] = defaultdict(list)
    named: dict[str, set[str]] = defaultdict(set)
    for export in exports:
        for cells in export.rows:
            try:
                tracking, orders, picked = read_parcel(cells)
            except UnreadableError:
                continue
            named[tracking] |= orders
            # Masked row by row, so that a scan of tomorrow does not hide the one of yesterday.
            pick_ups[tracking] += [at for at in picked if at <= as_of]
    parcels: dict[str, list[datetime | None]] = defaultdict(list)
    for tracking, inside in named.items():
        for order in inside:
            parcels[order].append(max(pick_ups[tracking], default=None))
    return parcels


def read_parcel(cells: Cells) -> tuple[str, set[str], list[datetime]]:
    """Tracking number, the orders inside, and the pick-up times of one row."""
    tracking = identifier(cells, "运单号")
    orders = identifier(cells, "订单编号")
    if tracking is None or orders is None:
        raise UnreadableError("names no parcel")
    picked = [at for at in (moment(cells, name) for name in PICK_UP) if at is not None]
    return tracking, {order.strip(" \t") for order in orders.split(",")}, picked


def with_parcels(line: Line, parcels: Parcels) -> Line:
    """The line with its pick-up: its own, else the latest of its parcels once all have one."""
    own = {line.line_id, line.order_id or line.line_id}
    named = [pick_up for key in own for pick_up in parcels.get(key, ())]
    if not named:
        return line
    times = [at for at in named if at is not None]
    by_parcels = max(times) if len(times) == len(named) else None
    return replace(
        line,
        picked_up_at=line.picked_up_at or by_parcels,
        carried=line.carried | {"picked_up_at"},
    )


# ------------------------------------------------------------------------- the past, replayed


def as_it_stood(line: Line, as_of: datetime) -> Line:
    """The line as an export made at as-of would have shown it."""
    paid_at = past(line.paid_at, as_of)
    computed = paid_at + 48 * HOUR if paid_at else None
    return replace(
        line,
        paid_at=paid_at,
        promised_ship_at=line.promised_ship_at or computed,
        shipped_at=past(line.shipped_at, as_of),
        picked_up_at=past(line.picked_up_at, as_of),
        completed_at=past(line.completed_at, as_of),
        status=status_as_it_stood(line, as_of),
    )


def past(at: datetime | None, as_of: datetime) -> datetime | None:
    """The time, unless it lies ahead."""
    return at if at is not None and at <= as_of else None


def status_as_it_stood(line: Line, as_of: datetime) -> str | None:
    """A status follows the times that were masked; what is closed or not known stays so."""

    def masked(at: datetime | None) -> bool:
        return at is not None and at > as_of

    if line.status is None or line.status == "closed":
        return line.status
    if masked(line.paid_at):
        return "unpaid"
    if masked(line.shipped_at):
        return "to_ship"
    if line.status == "completed" and masked(line.completed_at):
        return "shipped"
    return line.status


# ------------------------------------------------------------------------- what a rule can say


@dataclass(frozen=True)
class Ruling:
    """One rule on one line; `next_due` is set while the line could still add to the count."""

    state: str = "clear"
    count: int = 0
    due: datetime | None = None
    next_due: datetime | None = None


CLEAR = Ruling()
UNJUDGED = Ruling("unjudged")


def every(*truths: Truth) -> Truth:
    """AND of SQL: one false decides, else one unknown leaves it unknown."""
    if False in truths:
        return False
    return None if None in truths else True


def some(*truths: Truth) -> Truth:
    """OR of SQL: one true decides, else one unknown leaves it unknown."""
    if True in truths:
        return True
    return None if None in truths else False


def is_not(word: str | None, *words: str) -> Truth:
    """NOT IN of SQL: nothing is known of a word that is not there."""
    return None if word is None else word not in words


def plain(condition: Truth) -> Ruling:
    """The ruling of a condition without a clock."""
    if condition is None:
        return UNJUDGED
    return Ruling("hit", 1) if condition else CLEAR


@dataclass(frozen=True)
class Clock:
    """A duty: from when it is due, what has stopped it, and from when it is worth a warning."""

    applies: Truth
    due: datetime | None
    done: datetime | None
    near_from: datetime | None = None
    while_open: bool = False


def run(clock: Clock, as_of: datetime) -> Ruling:
    """Exactly at the deadline is in time."""
    if clock.applies is False:
        return CLEAR
    if clock.applies is None or clock.due is None:
        return UNJUDGED
    if (clock.done or as_of) > clock.due:
        missed = clock.done is None or not clock.while_open
        return Ruling("hit", 1, clock.due) if missed else CLEAR
    if clock.done is not None:
        return CLEAR
    warned = clock.near_from is not None and as_of >= clock.near_from
    return Ruling("near" if warned else "clear", 0, clock.due, clock.due)


# ------------------------------------------------------------------------------ the six clauses


def must_ship(line: Line) -> Truth:
    """Paid and not closed: the promise binds."""
    return every(line.paid_at is not None, is_not(line.status, "closed"))


def ship_due(line: Line, as_of: datetime) -> Ruling:
    """DY100: still to be shipped, and the promise is over or ends within a day."""
    due = line.promised_ship_at
    near_from = due - 24 * HOUR if due else None
    clock = Clock(must_ship(line), due, line.shipped_at, near_from, while_open=True)
    return run(clock, as_of)


def late_shipment(line: Line, as_of: datetime) -> Ruling:
    """DY101: shipped, or still waiting, after the promise."""
    return run(Clock(must_ship(line), line.promised_ship_at, line.shipped_at), as_of)


def repeat_late(line: Line, as_of: datetime) -> Ruling:
    """DY102: judged again every 24 h until shipped, three times at most."""
    applies, due = must_ship(line), line.promised_ship_at
    if applies is False:
        return CLEAR
    if applies is None or due is None:
        return UNJUDGED
    end = line.shipped_at or as_of
    strikes = sum((end > due, end >= due + 24 * HOUR, end >= due + 48 * HOUR))
    running = line.shipped_at is None and strikes < 3
    next_due = due + strikes * 24 * HOUR if running else None
    return Ruling("hit" if strikes else "clear", strikes, due, next_due)


def out_of_stock(line: Line, _as_of: datetime) -> Ruling:
    """DY201, DY202: out of stock, and nothing has been done about it."""
    waiting = every(must_ship(line), line.shipped_at is None)
    return plain(every(line.out_of_stock, waiting, line.case_status != "refunded"))


# ---------------------------------------------------------------------- what lateness leads to


def unhandled(line: Line) -> Truth:
    """The promise binds, and the buyer has not had the money back."""
    return every(must_ship(line), line.case_status != "refunded")


def judged_shortage(line: Line, as_of: datetime) -> Ruling:
    """DY104: unshipped 48 h past the promise; there was no such text before 2022-12-06."""
    promised = line.promised_ship_at
    in_force = None if promised is None else promised >= datetime(2022, 12, 6)
    due = promised + 48 * HOUR if promised else None
    near_from = due - 24 * HOUR if due else None
    return run(Clock(every(unhandled(line), in_force), due, line.shipped_at, near_from), as_of)


def late_by(hours: int) -> Callable[[Line, datetime], Ruling]:
    """DY105: unshipped so many hours past the promise, told a day before."""

    def ruling(line: Line, as_of: datetime) -> Ruling:
        due = line.promised_ship_at + hours * HOUR if line.promised_ship_at else None
        near_from = due - 24 * HOUR if due else None
        return run(Clock(unhandled(line), due, line.shipped_at, near_from), as_of)

    return ruling


def closed_by_itself(line: Line, as_of: datetime) -> Ruling:
    """DY106: 150 days after ordering, told a week before."""
    due = line.created_at + 150 * 24 * HOUR if line.created_at else None
    near_from = due - 7 * 24 * HOUR if due else None
    waits = every(
        line.paid_at is not None,
        is_not(line.status, "closed", "completed"),
        line.case_status != "refunded",
    )
    return run(Clock(waits, due, line.shipped_at, near_from, while_open=True), as_of)


def short_on_its_day(line: Line, as_of: datetime) -> Ruling:
    """DY203: out of stock or 48 h late, of those due in the last 30 days; since 2025-06-05."""
    promised = line.promised_ship_at
    if line.paid_at is None or promised is None:
        return CLEAR if line.paid_at is None else UNJUDGED
    late = (line.shipped_at or as_of) > promised + 48 * HOUR
    lacking = some(
        line.out_of_stock and line.shipped_at is None,
        every(is_not(line.status, "closed"), late),
    )
    short = every(promised >= datetime(2025, 6, 5), promised <= as_of, lacking)
    if short and promised <= as_of - 30 * 24 * HOUR:
        return CLEAR
    return plain(short)


def due_on_its_day(line: Line, as_of: datetime) -> bool:
    """Of which lines DY203 takes its share."""
    promised = line.promised_ship_at
    if line.paid_at is None or promised is None:
        return False
    recent = as_of - 30 * 24 * HOUR < promised <= as_of
    return recent and some(is_not(line.status, "closed"), line.out_of_stock) is True


def late_this_year(line: Line, as_of: datetime) -> Ruling:
    """DY501: late by the promise, and the promise lies in the year of as-of."""
    promised = line.promised_ship_at
    this_year = None if promised is None else promised.year == as_of.year
    return run(Clock(every(must_ship(line), this_year), promised, line.shipped_at), as_of)


def picked_up_in_72_hours(line: Line, as_of: datetime) -> Ruling:
    """DY303: what is in stock is picked up within 72 h of the order, told a day before."""
    promised, paid = line.promised_ship_at, line.paid_at
    ordinary = None if promised is None or paid is None else promised <= paid + 48 * HOUR
    applies = every(line.shipped_at is not None, is_not(line.status, "closed"), ordinary)
    if applies and "picked_up_at" not in line.carried:
        return UNJUDGED
    due = line.created_at + 72 * HOUR if line.created_at else None
    near_from = due - 24 * HOUR if due else None
    return run(Clock(applies, due, line.picked_up_at, near_from), as_of)


# ----------------------------------------------------------------------------------------- money

CENT, YUAN = Decimal("0.01"), Decimal(1)


def coupon(line: Line) -> Decimal | None:
    """DY103, DY303: nothing up to 3 yuan, 3 yuan below 300, then 1 % up to 30."""
    paid = line.amount
    if paid is None:
        return None
    if paid < 300:
        return Decimal(0) if paid <= 3 else Decimal(3)
    return min((paid / 100).quantize(CENT, ROUND_HALF_UP), Decimal(30))


def shortage_money(line: Line) -> Decimal | None:
    """DY104: by the text of the promise's day, and since 2025-06-05 by its length."""
    paid, promised = line.amount, line.promised_ship_at
    if paid is None or promised is None or line.paid_at is None:
        return None
    if promised < datetime(2025, 6, 5):
        return (paid / 20).quantize(YUAN, ROUND_HALF_UP)
    percent, most = (5, 500) if promised <= line.paid_at + 48 * HOUR else (10, 1000)
    owed = (paid * percent / 100).quantize(CENT, ROUND_HALF_UP)
    return min(max(owed, Decimal(5)), Decimal(most))


def not_picked_up(hours: int, warn_from: int | None = None) -> Callable[[Line, datetime], Ruling]:
    """DY301 and its kin: declared as shipped, and no carrier has seen it for so many hours."""

    def ruling(line: Line, as_of: datetime) -> Ruling:
        shipped = line.shipped_at
        applies = every(shipped is not None, is_not(line.status, "closed", "completed"))
        if applies is not False and "picked_up_at" not in line.carried:
            return UNJUDGED  # its parcel stands in no file: never a hit
        due = shipped + hours * HOUR if shipped else None
        near_from = shipped + warn_from * HOUR if shipped and warn_from else None
        return run(Clock(applies, due, line.picked_up_at, near_from, while_open=True), as_of)

    return ruling


# ----------------------------------------------------------------------------------- the signals


def late_now(hours: int) -> Callable[[Line, datetime], Ruling]:
    """IR101, IR102: not shipped, so many hours after the promise: the clock of DY100."""

    def ruling(line: Line, as_of: datetime) -> Ruling:
        promised = line.promised_ship_at
        due = promised + hours * HOUR if promised else None
        return run(Clock(must_ship(line), due, line.shipped_at, while_open=True), as_of)

    return ruling


def shipped_late(line: Line, _as_of: datetime) -> Ruling:
    """IR103: shipped after the promise. Not shipped is not shipped late."""
    due, shipped = line.promised_ship_at, line.shipped_at
    late = due is not None and shipped is not None and shipped > due
    return plain(every(must_ship(line), late))


def refund_before_shipping(line: Line, _as_of: datetime) -> Ruling:
    """IR107: the buyer wants the money back and nothing is on its way."""
    asked = line.case_status in ("asked", "seller_to_answer", "refunding")
    return plain(every(asked, must_ship(line), line.shipped_at is None))


def case_is(*words: str, case_type: str | None = None) -> Callable[[Line, datetime], Ruling]:
    """IR108 to IR111: how the case stands. No case is no signal, and that is known."""

    def ruling(line: Line, _as_of: datetime) -> Ruling:
        kind = case_type is None or line.case_type == case_type
        return plain(line.case_status in words and kind)

    return ruling


# ------------------------------------------------------------------------------ rules and limits


@dataclass(frozen=True)
class Rule:
    """One clause: what it reads and says of a line, and how its hits are counted."""

    reads: str
    ruling: Callable[[Line, datetime], Ruling]
    scope: Callable[[Line], str | None]
    breached_from: int
    near_from: int
    money: Callable[[Line], Decimal | None] | None = None
    of: Callable[[Line, datetime], bool] | None = None
    more_than: Decimal = Decimal(0)
    near_share: Decimal = Decimal(0)

    @property
    def fields(self) -> frozenset[str]:
        """The fields that the rule reads."""
        return frozenset(self.reads.split())

    @property
    def own_fields(self) -> frozenset[str]:
        """The fields that only the line's own export can supply."""
        return self.fields - {"picked_up_at"}

    def judge(self, line: Line, as_of: datetime) -> Ruling:
        """Unjudged where the line cannot tell; a parcel is asked for only where it matters."""
        if not self.own_fields <= line.carried or self.own_fields & line.unknown:
            return UNJUDGED
        return self.ruling(line, as_of)


def by_line(line: Line) -> str:
    return line.line_id


def by_product(line: Line) -> str | None:
    return line.product_id


def by_shop(_line: Line) -> str:
    return ""  # the shop that nobody named


def by_day(line: Line) -> str | None:
    return None if line.promised_ship_at is None else line.promised_ship_at.date().isoformat()


SHIPPING = "paid_at status shipped_at promised_ship_at"
STOCK = "out_of_stock paid_at shipped_at status case_status"
PARCEL = "shipped_at status picked_up_at"
HANDLED = "paid_at status shipped_at promised_ship_at case_status"
ORDERED = "created_at paid_at promised_ship_at shipped_at status picked_up_at"
REFUND = "case_status paid_at shipped_at status"

RULES = {
    "DY100": Rule(SHIPPING, ship_due, by_line, breached_from=1, near_from=1),
    "DY101": Rule(SHIPPING, late_shipment, by_product, breached_from=3, near_from=2),
    "DY102": Rule(SHIPPING, repeat_late, by_line, breached_from=3, near_from=2),
    "DY201": Rule(STOCK, out_of_stock, by_product, breached_from=11, near_from=8),
    "DY202": Rule(STOCK, out_of_stock, by_shop, breached_from=11, near_from=8),
    "DY301": Rule(PARCEL, not_picked_up(48, 18), by_line, breached_from=1, near_from=1),
    "DY103": Rule(SHIPPING, late_shipment, by_line, 1, 1, money=coupon),
    "DY104": Rule(HANDLED, judged_shortage, by_line, 1, 1, money=shortage_money),
    "DY105": Rule(HANDLED, late_by(120), by_line, 1, 1),
    "DY106": Rule(
        "created_at paid_at status shipped_at case_status", closed_by_itself, by_line, 1, 1
    ),
    "DY203": Rule(
        "paid_at promised_ship_at out_of_stock shipped_at status",
        short_on_its_day,
        by_day,
        breached_from=30,
        near_from=20,
        of=due_on_its_day,
        more_than=Decimal("0.3"),
        near_share=Decimal("0.2"),
    ),
    "DY302": Rule(PARCEL, not_picked_up(24, 18), by_line, 1, 1),
    "DY303": Rule(ORDERED, picked_up_in_72_hours, by_line, 1, 1, money=coupon),
    "DY501": Rule(SHIPPING, late_this_year, by_shop, breached_from=120, near_from=90),
}


def signal(reads: str, ruling: Callable[[Line, datetime], Ruling]) -> Rule:
    """A signal breaks no limit by itself: it is counted, and adds to the risk of its line."""
    return Rule(reads, ruling, by_line, breached_from=1, near_from=1)


SIGNALS = {
    "IR101": signal(SHIPPING, late_now(0)),
    "IR102": signal(SHIPPING, late_now(48)),
    "IR103": signal(SHIPPING, shipped_late),
    "IR104": signal(STOCK, out_of_stock),
    "IR105": signal(PARCEL, not_picked_up(24)),
    "IR106": signal(PARCEL, not_picked_up(48)),
    "IR107": signal(REFUND, refund_before_shipping),
    "IR108": signal("case_status", case_is("asked", "seller_to_answer")),
    "IR109": signal("case_status", case_is("seller_to_receive")),
    "IR110": signal("case_status case_type", case_is("refused", case_type="return_refund")),
    "IR111": signal("case_status", case_is("refused")),
}
RISK = "IR900"
RISK_NEAR, RISK_BREACHED = Decimal("0.3"), Decimal("0.5")


# ------------------------------------------------------------------------------------- counting

Ruled = list[tuple[Line, Ruling]]


def total(lines: Iterable[Line]) -> Decimal | None:
    """The sum of the amounts that are known; None where none is."""
    amounts = [line.amount for line in lines if line.amount is not None]
    return sum(amounts, Decimal(0)) if amounts else None


def worst_first(entry: tuple[Line, Ruling]) -> tuple[bool, datetime, bool, Decimal, str]:
    """Earliest deadline, then most money, then id; what is not known comes last."""
    line, ruling = entry
    due, amount = ruling.due, line.amount
    return due is None, due or datetime.max, amount is None, -(amount or Decimal(0)), line.line_id


def state_of(rule: Rule, ruled: Ruled, as_of: datetime) -> str | None:
    """Whether the hits of one scope are many enough; a share counts beside the number."""
    count = sum(ruling.count for _, ruling in ruled)
    warned = any(ruling.state == "near" for _, ruling in ruled)
    volume = sum(rule.of(line, as_of) for line, _ in ruled) if rule.of else 0
    if count >= rule.breached_from and (not rule.of or count > rule.more_than * volume):
        return "breached"
    if count >= rule.near_from and (not rule.of or count >= rule.near_share * volume):
        return "near"
    return "near" if warned else None


def cost(rule: Rule, ruled: Ruled) -> Decimal | None:
    """What the hits of a scope cost together; None where the clause or the amount tells nothing."""
    if rule.money is None:
        return None
    costs = [rule.money(line) for line, ruling in ruled if ruling.state == "hit"]
    known = [one for one in costs if one is not None]
    return sum(known, Decimal(0)) if known else None


def find(rule: Rule, ruled: Ruled, as_of: datetime) -> Finding | None:
    """The finding of one scope, if its hits are many enough."""
    count = sum(ruling.count for _, ruling in ruled)
    state = state_of(rule, ruled, as_of)
    if state is None:
        return None
    shown = ("hit", "near") if state == "near" else ("hit",)
    counted = sorted((entry for entry in ruled if entry[1].state in shown), key=worst_first)
    return Finding(
        state=state,
        count=count,
        due_at=min((r.due for _, r in counted if r.due), default=None),
        next_due_at=min((r.next_due for _, r in ruled if r.next_due), default=None),
        amount_at_stake=total(line for line, _ in counted),
        lines=tuple(line.line_id for line, _ in counted),
        penalty=cost(rule, ruled),
    )


def findings_of(rule: Rule, ruled: Ruled, as_of: datetime) -> dict[str, Finding]:
    """The findings of one rule by the key of their scope."""
    scopes: dict[str, Ruled] = defaultdict(list)
    for line, ruling in ruled:
        key = rule.scope(line)
        if key is not None and ruling.state != "unjudged":
            scopes[key].append((line, ruling))
    found = {key: find(rule, entries, as_of) for key, entries in scopes.items()}
    return {key: finding for key, finding in found.items() if finding is not None}


def status_of(rule: Rule, lines: Sequence[Line]) -> str:
    """Without a line there is nothing to judge; where no line carries what is read, no way to."""
    if not lines:
        return "not_applicable"
    told = any(rule.own_fields <= line.carried for line in lines)
    # A parcel may be told by another file than the line: it is looked for on its own.
    traced = any("picked_up_at" in line.carried for line in lines)
    asks = rule.own_fields != rule.fields
    return "evaluated" if told and (traced or not asks) else "not_evaluated"


def summary(rule: Rule, ruled: Ruled) -> RuleVerdict:
    """The counts of an evaluated rule."""
    hits = [line for line, ruling in ruled if ruling.state == "hit"]
    return RuleVerdict(
        status="evaluated",
        hits=len(hits),
        unjudged=sum(ruling.state == "unjudged" for _, ruling in ruled),
        uncounted=sum(rule.scope(line) is None for line in hits),
    )


# ------------------------------------------------------------------------------ the risk of a line


def risk_of(codes: Iterable[str], risks: Risks) -> Decimal:
    """1 - product of (1 - risk), of each group only the strongest signal, to four decimals."""
    strongest: dict[tuple[str | None, str], Decimal] = {}
    for code in codes:
        group, share = risks[code]
        key = (group, "" if group else code)
        strongest[key] = max(strongest.get(key, Decimal(0)), Decimal(str(share)))
    spared = Decimal(1)
    for risk in strongest.values():
        spared *= 1 - risk
    return (1 - spared).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def intervention(line: Line, signals: Mapping[str, Ruling], risks: Risks) -> Finding | None:
    """The finding of a line on which the platform may step in, by the signals that hit it."""
    risk = risk_of(signals, risks)
    if risk < RISK_NEAR:
        return None
    return Finding(
        state="breached" if risk >= RISK_BREACHED else "near",
        count=len(signals),
        due_at=min((ruling.due for ruling in signals.values() if ruling.due), default=None),
        next_due_at=None,
        amount_at_stake=line.amount,
        lines=(line.line_id,),
        risk=float(risk),
    )


# ------------------------------------------------------------------------------------- judging


def judge(
    exports: Sequence[Export],
    parcels: Sequence[ParcelExport],
    as_of: datetime,
    risks: Risks,
    cases: Sequence[CaseExport] = (),
) -> Verdict:
    """Judge exports, oldest first, at a moment; of the signals those that `risks` names."""
    accounting, lines = settle(exports, parcels, as_of)
    if cases:
        told = read_cases(cases, as_of)
        with_cases = (with_case(line, told) for line in lines)
        told_of = {"case_status", "case_type"}
        lines = [replace(line, carried=line.carried | told_of) for line in with_cases]
    wanted = RULES | {code: rule for code, rule in SIGNALS.items() if code in risks}
    rules: dict[str, RuleVerdict] = {}
    findings: dict[tuple[str, str], Finding] = {}
    hits: dict[tuple[str, str], str] = {}
    signals: dict[str, dict[str, Ruling]] = defaultdict(dict)
    for code, rule in wanted.items():
        status = status_of(rule, lines)
        if status != "evaluated":
            rules[code] = RuleVerdict(status)
            continue
        ruled = [(line, rule.judge(line, as_of)) for line in lines]
        rules[code] = summary(rule, ruled)
        for line, ruling in ruled:
            if ruling.state in ("hit", "near"):
                hits[code, line.line_id] = ruling.state
            if ruling.state == "hit" and code in SIGNALS:
                signals[line.line_id][code] = ruling
        if code in RULES:
            findings |= {(code, key): f for key, f in findings_of(rule, ruled, as_of).items()}
    for line in lines:
        found = intervention(line, signals[line.line_id], risks)
        if found is not None:
            findings[RISK, line.line_id] = found
    levels = {line_id: float(risk_of(codes, risks)) for line_id, codes in signals.items()}
    return Verdict(accounting, rules, findings, hits, levels)


def settle(
    exports: Sequence[Export], parcels: Sequence[ParcelExport], as_of: datetime
) -> tuple[Accounting, list[Line]]:
    """Where every row went, and the lines to be judged as they stood at as-of."""
    read = list(read_lines(exports))
    readable = [line for line in read if line is not None]
    current = {line.line_id: line for line in readable}  # oldest first: the newest stays
    judged = [ln for ln in current.values() if ln.created_at is None or ln.created_at <= as_of]
    accounting = Accounting(
        rows_read=len(read),
        lines=len(judged),
        quarantined=len(read) - len(readable),
        superseded=len(readable) - len(current),
        later=len(current) - len(judged),
    )
    known = read_parcels(parcels, as_of)
    return accounting, [with_parcels(as_it_stood(line, as_of), known) for line in judged]
