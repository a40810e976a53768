"""How Douyin writes its exports: the order report with 73 columns, and the parcel centre's."""

import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from shop import Cell, Line, Parcel, Row, words

# The 73 columns of the standard report, in its order.
COLUMNS = words(
    """
    主订单编号 子订单编号 选购商品 商品规格 商品数量 商品ID 商家编码 商品单价 订单应付金额 运费
    优惠总金额 平台优惠 商家优惠 达人优惠 商家改价 支付优惠 红包抵扣 支付方式 手续费 收件人
    收件人手机号 省 市 区 街道 详细地址 是否修改过地址 地址修改时段 买家留言 订单提交时间
    旗帜颜色 商家备注 订单完成时间 支付完成时间 APP渠道 流量来源 订单状态 承诺发货时间 订单类型
    鲁班落地页ID 达人ID 达人昵称 所属门店ID 售后状态 取消原因 预约发货时间 仓库ID 仓库名称
    是否安心购 广告渠道 流量类型 流量体裁 流量渠道 发货主体 发货主体明细 发货时间 降价类优惠
    平台实际承担优惠金额 商家实际承担优惠金额 达人实际承担优惠金额 预计送达时间 是否平台仓自流转
    车型 商品69码 发货SN码 发货IMEI码1 发货IMEI码2 预约送达时间 建议发货时间（起）
    建议发货时间（止） 物流SN码 物流IMEI码1 物流IMEI码2
    """
)
PARCEL_COLUMNS = words("运单号 订单编号 物流公司 包裹状态 异常类型 发货时间 揽收时间 签收时间")
TIMES = {name for name in COLUMNS if "时间" in name}
MONEY = words(
    "商品单价 订单应付金额 运费 优惠总金额 商家改价 支付优惠 红包抵扣 手续费 降价类优惠 "
    "平台实际承担优惠金额 商家实际承担优惠金额 达人实际承担优惠金额"
)
TABBED = words(  # cells that the platform protects from Excel with a TAB inside quotes
    "主订单编号 子订单编号 选购商品 商品规格 商品ID 商家编码 支付方式 鲁班落地页ID 达人ID "
    "仓库ID 仓库名称 运单号 订单编号"
)
REALLY_EMPTY = {"取消原因", "异常类型"}  # every other blank is a dash


def order_row(line: Line) -> Row:
    """Lay a line out in the report's columns."""
    blank: Row = dict.fromkeys(COLUMNS)
    return blank | _goods(line) | _person(line) | _course(line) | _channel(line)


def _goods(line: Line) -> Row:
    nothing: Row = dict.fromkeys(MONEY, Decimal("0.00"))
    return nothing | {
        "主订单编号": line.order_id,
        "子订单编号": line.line_id,
        "选购商品": line.product.title,
        "商品规格": line.product.variant,
        "商品数量": line.quantity,
        "商品ID": line.product.id,
        "商家编码": f"SKU-{line.product.id[-2:]}",
        "商品单价": line.product.price,
        "订单应付金额": line.payable,
        "优惠总金额": line.off,
        "商家优惠": f"店铺-新客券-{line.off}" if line.off else None,
        "商家实际承担优惠金额": line.off,
    }


def _person(line: Line) -> Row:
    """Stand in for the ciphertext of real exports; no person is behind it."""
    province, city, district, street = line.place
    return {
        "收件人": f"##no-such-name-{line.order_id[-5:]}##",
        "收件人手机号": f"$$no-such-phone-{line.order_id[-5:]}$$",
        "省": province,
        "市": city,
        "区": district,
        "街道": street,
        "详细地址": f"##no-such-address-{line.order_id[-5:]}##",
        "是否修改过地址": "否",
    }


def _course(line: Line) -> Row:
    promised = line.due if line.paid and line.promise_shown else None
    reached = "已完成" if line.completed else "已发货" if line.shipped else "待发货"
    return {
        "订单提交时间": line.created,
        "支付完成时间": line.paid_at,
        "承诺发货时间": promised,
        "建议发货时间（起）": line.paid_at,
        "建议发货时间（止）": promised,
        "发货时间": line.shipped,
        "订单完成时间": line.completed,
        "订单状态": line.status or reached,
        "售后状态": line.after_sale,
        "取消原因": line.cancel_reason,
        "商家备注": line.note,
        "旗帜颜色": "红" if line.note else None,
    }


def _channel(line: Line) -> Row:
    return {
        "支付方式": "抖音支付" if line.paid else None,
        "APP渠道": "抖音" if line.number % 3 else "抖音极速版",
        "流量来源": "小店自卖",
        "订单类型": "普通订单",
        "达人ID": "0",
        "仓库ID": "1",
        "仓库名称": "主仓",
        "是否安心购": "是",
        "广告渠道": "无",
        "流量类型": "非广告",
        "流量体裁": "商品卡",
        "流量渠道": "搜索",
        "是否平台仓自流转": "否",
    }


def parcel_rows(parcel: Parcel) -> list[Row]:
    """Lay a parcel out in the parcel centre's columns: one row for each trouble it has."""
    first = parcel.lines[0]
    state = "已签收" if parcel.signed else "运输中" if parcel.picked_up else "待揽收"
    row: Row = {
        "运单号": f"MW{first.number:013}",
        "订单编号": ",".join(dict.fromkeys(line.order_id for line in parcel.lines)),
        "物流公司": first.carrier,
        "包裹状态": state,
        "发货时间": first.shipped,
        "揽收时间": parcel.picked_up,
        "签收时间": parcel.signed,
    }
    return [row | {"异常类型": trouble} for trouble in parcel.troubles]


def _csv_cell(column: str, cell: Cell) -> str:
    """Write a cell as the platform does: dashes, thousands commas, TABs inside quotes."""
    if cell is None:
        return "" if column in REALLY_EMPTY else "-"
    text = f"{cell:,.2f}" if isinstance(cell, Decimal) else str(cell)
    if column in TABBED and "E+" not in text:
        return f'"\t{text}"'
    return f'"{text}"' if "," in text else text


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write UTF-8 with a BOM and CRLF line ends."""
    table = [columns, *([_csv_cell(name, row[name]) for name in columns] for row in rows)]
    text = "".join(",".join(cells) + "\r\n" for cells in table)
    path.write_text(text, encoding="utf-8-sig", newline="")


def _arrow_type(column: str) -> pa.DataType:
    """Say how a typed file holds the column."""
    if column in TIMES:
        return pa.timestamp("us")
    if column in MONEY:
        return pa.decimal128(18, 2)
    return pa.int64() if column == "商品数量" else pa.string()


def write_parquet(path: Path, rows: Sequence[Row]) -> None:
    """Write the order report as a typed file."""
    schema = pa.schema([(name, _arrow_type(name)) for name in COLUMNS])
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema), path)


def file_name(exported: datetime, letters: str) -> str:
    """Return the name that the platform gives an export: its second, a hash, the shop's letters."""
    second = int(exported.replace(tzinfo=timezone(timedelta(hours=8))).timestamp())
    return f"{second}_{random.Random(letters).getrandbits(128):032x}{letters}.csv"
