"""Douyin's order report: a row as a line, and a row of a whole order as its lines."""

from collections.abc import Iterable, Iterator, Sequence

from oracle.cells import (
    UnreadableError,
    deadline,
    identifier,
    moment,
    money,
    number,
    says_shortage,
    text,
)
from oracle.files import Cells, Export
from oracle.lines import Line
from oracle.people import WAYS, receiver

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
    "拒绝售后申请": "refused",
}
RETURNS = ("待买家退货处理", "待退货", "退货后拒绝退款")
FULFILMENT = {"虚拟订单": "virtual", "电子凭证": "virtual"}
TIMES = ("支付完成时间", "承诺发货时间", "预约发货时间", "发货时间", "订单完成时间")
OF_THE_ORDER = ("主订单编号", "订单提交时间", "支付完成时间", "承诺发货时间")
"""What may stand in the first row of an order only."""
PICK_UP = ("揽收时间", "揽件时间")
CARRIED_BY = {
    "product_id": ("商品ID",),
    "product_name": ("选购商品",),
    "quantity": ("商品数量",),
    "amount": ("订单应付金额",),
    "created_at": ("订单提交时间",),
    "paid_at": ("支付完成时间",),
    "promised_ship_at": ("承诺发货时间", "支付完成时间"),
    "shipped_at": ("发货时间",),
    "picked_up_at": PICK_UP,
    "delivered_at": ("签收时间",),
    "status": ("订单状态",),
    "case_status": ("售后状态",),
    "case_type": ("售后状态",),
    "refused": ("售后状态",),
    "out_of_stock": ("取消原因", "商家备注"),
    "close_reason": ("取消原因",),
    "tracking_no": ("快递单号",),
}


def read_line(cells: Cells, headers: Sequence[str]) -> Line:
    """One row as a line, or `UnreadableError`."""
    line_id = identifier(cells, "子订单编号")
    if line_id is None:
        raise UnreadableError("no line id")
    if all(text(cells, name) is None for name in OF_THE_ORDER):
        raise UnreadableError("a further item of the order above")
    moment(cells, "预约发货时间")  # judged by no rule here, but read: it must be a moment
    words = {"status": text(cells, "订单状态"), "case_status": text(cells, "售后状态")}
    status, case = STATUS.get(words["status"] or ""), CASE.get(words["case_status"] or "")
    known = {"status": status, "case_status": case}
    return Line(
        line_id=line_id,
        order_id=identifier(cells, "主订单编号"),
        product_id=identifier(cells, "商品ID"),
        shop=text(cells, "店铺名称"),
        product_name=text(cells, "选购商品"),
        quantity=number(cells, "商品数量"),
        amount=money(cells, "订单应付金额"),
        created_at=moment(cells, "订单提交时间"),
        paid_at=moment(cells, "支付完成时间"),
        promised_ship_at=deadline(cells, "承诺发货时间"),
        shipped_at=moment(cells, "发货时间"),
        picked_up_at=max(filter(None, (moment(cells, name) for name in PICK_UP)), default=None),
        delivered_at=moment(cells, "签收时间"),
        completed_at=moment(cells, "订单完成时间"),
        status=status,
        fulfilment=FULFILMENT.get(text(cells, "订单类型") or ""),
        close_reason=text(cells, "取消原因"),
        tracking_no=identifier(cells, "快递单号"),
        receiver=receiver(cells),
        case_status=case,
        case_type="return_refund" if words["case_status"] in RETURNS else None,
        refused=None if case is None else case == "refused",
        out_of_stock=says_shortage(cells, "取消原因", "商家备注", "售后状态"),
        unknown=frozenset(field for field, word in words.items() if word and not known[field]),
        carried=carried(headers),
    )


def carried(headers: Sequence[str]) -> frozenset[str]:
    """The fields that these columns tell something of: one of those that could is enough."""
    supplied = {field for field, names in CARRIED_BY.items() if not {*names}.isdisjoint(headers)}
    if any({*names} <= {*headers} for names in WAYS.values()):
        supplied |= {"receiver_key"}
    return frozenset(supplied)


def read_lines(exports: Iterable[Export]) -> Iterator[Line | None]:
    """Every row in order of age; None for a quarantined one."""
    for export in exports:
        for row in export.rows:
            for cells in divided(row):
                try:
                    yield read_line(cells, export.headers)
                except UnreadableError:
                    yield None


OF_A_LINE = ("子订单编号", "商品ID", "选购商品", "商家编码")
TOTALS = ("订单应付金额", "商品数量")
OF_ANY = ("订单状态", "售后状态", *TIMES)


def divided(row: Cells) -> list[Cells]:
    """The lines of a row that holds a whole order, if all that is a line's own has as many parts."""
    counts = {
        cell.count(";") for cell in (text(row, name) for name in OF_A_LINE) if cell is not None
    }
    more = row.get("子订单编号", "").count(";")
    if not more or counts != {more}:
        return [row]

    def part(name: str, cell: str, number: int) -> str:
        if name in (*OF_A_LINE, *TOTALS, *OF_ANY) and cell.count(";") == more:
            return cell.split(";")[number]
        return "" if name in TOTALS else cell

    return [
        {name: part(name, cell, number) for name, cell in row.items()} for number in range(more + 1)
    ]
