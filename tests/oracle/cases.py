"""Douyin's after-sales cases: as the newest export tells them, as they stood, and whose they are."""

# ruff: noqa: DTZ901 - the platform's wall-clock time has no zone

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from oracle.cells import UnreadableError, deadline, identifier, moment, money, says_shortage, text
from oracle.clause import DAY
from oracle.files import CaseExport, Cells
from oracle.lines import CASE_FIELDS, CASE_WORDS, Case, Line, Truth
from oracle.past import past
from oracle.people import with_people

STATUS = {
    "待商家处理": "seller_to_answer",
    "待买家退货": "buyer_to_return",
    "待商家收货": "seller_to_receive",
    "同意退款，退款成功": "refunded",
    "售后关闭": "closed",
    "换货成功": "exchanged",
    "拒绝售后申请": "refused",
    "仲裁中": "asked",
}
KINDS = {
    "未发货退款": "refund_unshipped",
    "已发货退款": "refund_only",
    "退货退款": "return_refund",
    "换货": "exchange",
}
INTERVENTION = {
    "未介入": "none",
    "协商期": "asked",
    "待商家举证": "evidence",
    "客服处理中": "ruling",
    "客服同意": "buyer_won",
    "客服拒绝": "seller_won",
    "取消": "withdrawn",
}
PAID_BY = {"平台垫付": True, "原路退款": False, "无需退款": False}
HEADER_OF = {
    "case_type": "售后类型",
    "case_status": "售后状态",
    "case_reason": "售后原因",
    "case_applied_at": "售后申请时间",
    "case_due_at": "自动处理截止时间",
    "case_answered_at": "同意售后申请时间",
    "case_closed_at": "售后完结时间",
    "refund_amount": "退商品金额（元）",
    "refused": "售后状态",
    "intervention": "售后状态",
    "platform_advanced": "退款方式",
    "cases_of_line": "售后单号",
    "refund_usual_at": "售后完结时间",
}
"""The column without which a field is not supplied."""
FINAL = ("refunded", "exchanged", "closed")
RULED = ("buyer_won", "seller_won", "withdrawn")


def read_case(cells: Cells) -> Case:
    """One row as a case, or `UnreadableError`."""
    case_id = identifier(cells, "售后单号")
    if case_id is None:
        raise UnreadableError("no case id")
    words = {
        "case_type": text(cells, "售后类型"),
        "case_status": text(cells, "售后状态"),
        "intervention": text(cells, "仲裁状态"),
    }
    known = {
        "case_type": KINDS.get(words["case_type"] or ""),
        "case_status": STATUS.get(words["case_status"] or ""),
        "intervention": INTERVENTION.get(words["intervention"] or ""),
    }
    if words["intervention"] is None and words["case_status"] == "仲裁中":
        known["intervention"] = "ruling"
    status = known["case_status"]
    return Case(
        case_id=case_id,
        of_line=identifier(cells, "商品单号"),
        of_order=identifier(cells, "订单号"),
        of_product=identifier(cells, "商品ID"),
        case_reason=text(cells, "售后原因"),
        case_applied_at=moment(cells, "售后申请时间"),
        case_due_at=deadline(cells, "自动处理截止时间"),
        case_answered_at=moment(cells, "同意售后申请时间"),
        case_closed_at=moment(cells, "售后完结时间"),
        refund_amount=money(cells, "退商品金额（元）"),
        refused=None if status is None else status == "refused",
        platform_advanced=PAID_BY.get(text(cells, "退款方式") or ""),
        out_of_stock=says_shortage(cells, "售后原因", "售后状态"),
        unknown=frozenset(field for field, word in words.items() if word and not known[field]),
        **known,
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
    applied = [c for c in cases.values() if past(c.case_applied_at, as_of) == c.case_applied_at]
    standing = [as_it_stood(case, as_of) for case in applied]
    usual = usual_times(standing, as_of)
    return [replace(case, refund_usual_at=usually_done(case, usual)) for case in standing]


def usual_times(cases: Iterable[Case], as_of: datetime) -> dict[str, timedelta]:
    """TT605: within what time nine of ten refunds of a kind were done, of 20 or more in 90 days."""
    waited: dict[str, list[timedelta]] = defaultdict(list)
    for case in cases:
        applied, closed = case.case_applied_at, case.case_closed_at
        if case.case_status != "refunded" or None in (case.case_type, applied, closed):
            continue
        if applied <= closed and closed >= as_of - 90 * DAY:
            waited[case.case_type].append(closed - applied)
    enough = {kind: sorted(times) for kind, times in waited.items() if len(times) >= 20}
    return {kind: times[-(-9 * len(times) // 10) - 1] for kind, times in enough.items()}


def usually_done(case: Case, usual: Mapping[str, timedelta]) -> datetime | None:
    """By when the refund would be done, if it took no longer than is usual."""
    if case.case_applied_at is None or case.case_type not in usual:
        return None
    return case.case_applied_at + usual[case.case_type]


def as_it_stood(case: Case, as_of: datetime) -> Case:
    """An answer or an end that lies ahead is not yet, nor what only the end can tell."""
    answered, closed = past(case.case_answered_at, as_of), past(case.case_closed_at, as_of)
    standing = replace(
        case,
        case_status=status_as_it_stood(case, as_of),
        case_answered_at=answered,
        case_closed_at=closed,
    )
    if closed == case.case_closed_at:
        return standing
    ruling = "ruling" if case.intervention in RULED else case.intervention
    return replace(standing, intervention=ruling, platform_advanced=None)


def status_as_it_stood(case: Case, as_of: datetime) -> str | None:
    """Answered later: still to be answered. A refusal has no time of its own and stays."""
    if case.case_status in (None, "refused"):
        return case.case_status
    if past(case.case_answered_at, as_of) != case.case_answered_at:
        return "seller_to_answer"
    over = past(case.case_closed_at, as_of) == case.case_closed_at
    if over or case.case_status not in FINAL:
        return case.case_status
    if case.case_answered_at is None:
        return "seller_to_answer"
    return "buyer_to_return" if case.case_type in ("return_refund", "exchange") else "refunding"


def with_cases(lines: Sequence[Line], exports: Sequence[CaseExport], as_of: datetime) -> list[Line]:
    """Lines with their newest case, and what exports of cases can tell of any line."""
    if not exports:
        alone = [replace(line, settled=settled_by_itself(line)) for line in lines]
        return with_people(alone, [()] * len(lines), as_of)
    cases = read_cases(exports, as_of)
    headers = {name for export in exports for name in export.headers}
    supplied = {field for field, header in HEADER_OF.items() if header in headers}
    filed = Filed(cases)
    by_line = [filed.of(line) for line in lines]
    found = [
        replace(with_case(line, of_line), carried=line.carried | supplied)
        for line, of_line in zip(lines, by_line, strict=True)
    ]
    return with_people(found, by_line, as_of)


class Filed:
    """Cases by the line and by the order that they name."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self.of_lines: dict[str, list[Case]] = defaultdict(list)
        self.of_orders: dict[str, list[Case]] = defaultdict(list)
        for case in cases:
            if case.of_line is not None:
                self.of_lines[case.of_line].append(case)
            elif case.of_order is not None:
                self.of_orders[case.of_order].append(case)

    def of(self, line: Line) -> list[Case]:
        """The cases that name a line, or its order and no other product.

        The order of a line comes from the cases that name it, else from its export.
        """
        named = self.of_lines.get(line.line_id, [])
        orders = {case.of_order for case in named} or {line.order_id}

        def same(case: Case) -> bool:
            return None in (case.of_product, line.product_id) or case.of_product == line.product_id

        of_order = [one for order in orders if order for one in self.of_orders.get(order, ())]
        return [*named, *filter(same, of_order)]


CLOSING = ("refund_unshipped", "refund_only", "return_refund")


def settlement(line: Line, cases: Iterable[Case]) -> tuple[bool, datetime | None]:
    """Whether the refunds of all cases together are the whole line, and by which it became so.

    One of an unknown amount is whole if its type closes the order, and so is the first of these where
    the worth of the line is unknown.
    """

    def in_order(case: Case) -> tuple[bool, datetime, str]:
        return when(case) is None, when(case) or datetime.max, case.case_id

    def when(case: Case) -> datetime | None:
        return case.case_closed_at or case.case_answered_at or case.case_applied_at

    left = line.amount
    for case in sorted((c for c in cases if c.case_status == "refunded"), key=in_order):
        closes = case.case_type is None or case.case_type in CLOSING
        if left is None:
            if closes:
                return True, when(case)
        elif case.refund_amount is not None:
            left -= case.refund_amount
        elif closes:
            return True, when(case)
        if left is not None and left <= 0:
            return True, when(case)
    return False, None


def settled_by_itself(line: Line) -> Truth:
    """What the line's own export says where no case is known."""
    if "case_status" in line.unknown:
        return None
    paid, back = line.amount, line.refund_amount
    whole = paid is None or back is None or back >= paid
    return line.case_status == "refunded" and line.case_type != "price" and whole


def with_case(line: Line, its_cases: Sequence[Case]) -> Line:
    """The line with its newest case. Where one is found, it and nothing else tells of the case."""
    if not its_cases:
        return replace(line, cases_of_line=0, settled=settled_by_itself(line))
    newest = max(its_cases, key=lambda case: (case.case_applied_at or datetime.min, case.case_id))
    whole, settled_at = settlement(line, its_cases)
    settled = None if not whole and "case_status" in newest.unknown else whole
    return replace(
        line,
        **{name: getattr(newest, name) for name in CASE_FIELDS},
        settled=settled,
        settled_at=settled_at,
        cases_of_line=len(its_cases),
        out_of_stock=newest.out_of_stock or line.out_of_stock,
        unknown=(line.unknown - {*CASE_WORDS}) | newest.unknown,
    )
