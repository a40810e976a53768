"""How Tmall writes its order report: one row per order, in the columns that the seller ticked."""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from shop import Cell, Line, Row, words

COLUMNS = words(
    """
    订单编号 支付单号 买家应付货款 买家应付邮费 总金额 买家实付金额 订单状态 收货人姓名 收货地址
    联系手机 订单创建时间 订单付款时间 商品标题 宝贝种类 物流单号 物流公司 商家备注 宝贝总数量
    店铺名称 订单关闭原因 退款金额 发货时间 确认收货时间 确认收货打款金额
    """
)
SHOP = "样例家居旗舰店"


def order_row(line: Line) -> Row:
    """Lay a line, which is an order by itself, out in the report's columns."""
    blank: Row = dict.fromkeys(COLUMNS)
    return blank | _goods(line) | _person(line) | _course(line)


def _goods(line: Line) -> Row:
    nothing = Decimal("0.00")
    return {
        "订单编号": f'="{line.order_id}"',
        "支付单号": f'="{line.order_id[::-1]}"',
        "买家应付货款": line.payable,
        "买家应付邮费": nothing,
        "总金额": line.payable,
        "买家实付金额": line.payable if line.paid else nothing,
        "商品标题": line.product.title,
        "宝贝种类": 1,
        "宝贝总数量": line.quantity,
        "店铺名称": SHOP,
        "退款金额": line.payable if line.after_sale else "无退款申请",
        "确认收货打款金额": line.payable if line.completed else nothing,
    }


def _person(line: Line) -> Row:
    """Stand in for the buyer; no person is behind it."""
    province, city, district, _ = line.place
    return {
        "收货人姓名": f"no-such-name-{line.order_id[-5:]}",
        "收货地址": f"{province} {city} {district} ****",
        "联系手机": f"'no-such-phone-{line.order_id[-5:]}",
    }


def _course(line: Line) -> Row:
    """Tell what became of it; half- and full-width commas stand as the platform writes them."""
    sent = "卖家已发货，等待买家确认" if line.shipped else "买家已付款,等待卖家发货"
    return {
        "订单状态": line.status or ("交易成功" if line.completed else sent),
        "订单创建时间": line.created,
        "订单付款时间": line.paid_at,
        "发货时间": line.shipped,
        "确认收货时间": line.completed,
        "物流单号": f" MW{line.number:013} " if line.shipped else None,
        "物流公司": line.carrier if line.shipped else None,
        "订单关闭原因": line.cancel_reason or "订单未关闭",
    }


def _csv_cell(cell: Cell) -> str:
    """Write a cell as the platform does: everything quoted, nothing where nothing is."""
    text = "" if cell is None else str(cell)
    return '"' + text.replace('"', '""') + '"'


def write_csv(path: Path, rows: Iterable[Row]) -> None:
    """Write UTF-8 with a BOM and CRLF line ends."""
    table = [COLUMNS, *([row[name] for name in COLUMNS] for row in rows)]
    text = "".join(",".join(map(_csv_cell, cells)) + "\r\n" for cells in table)
    path.write_text(text, encoding="utf-8-sig", newline="")
