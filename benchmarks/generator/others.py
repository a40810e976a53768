"""What lies beside the orders: the parcels that were sent, and the cases of buyers."""

import csv
from io import StringIO
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from generator.columns import Chunk
from generator.course import DAY, HOUR, MINUTE, NEVER
from generator.draw import Draw, Numbers, decimal
from generator.world import World
from pyarrow.csv import CSVWriter, WriteOptions

PARCELS, CASES = 3, 4  # what a seed is used for
PARCEL_COLUMNS = ("运单号", "订单编号", "物流公司", "发货时间", "揽收时间", "签收时间")
CASE_COLUMNS = (
    "售后单号", "订单号", "商品单号", "商品ID", "售后类型", "售后状态", "售后原因", "售后申请时间",
    "自动处理截止时间", "退商品金额（元）",
)  # fmt: skip
CARRIERS = ["中通快递", "圆通速递", "顺丰速运", "韵达快递", "申通快递", "极兔速递"]
CASE_SHARE = 0.04
ANSWERED = ["同意退款，退款成功", "售后关闭", "换货成功", "退款成功"]
RUNNING = ["待商家处理", "待商家收货", "待买家退货", "拒绝售后申请"]
KINDS = ["未发货退款", "已发货退款", "退货退款", "换货"]
REASONS = [
    "不想要了",
    "质量问题",
    "商品与描述不符",
    "未按约定时间发货",
    "未收到货",
    "少件/漏发",
    "拒收",
]

Columns: TypeAlias = dict[str, pa.Array]


class Others:
    """The exports of parcels and of cases, being written beside those of orders."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.paths = [folder / "parcels.csv", folder / "cases.csv"] if world.joined else []
        columns = (PARCEL_COLUMNS, CASE_COLUMNS)
        self._files = [_Table(*one) for one in zip(self.paths, columns, strict=False)]

    def write(self, chunk: Chunk, first: int, exported: int) -> None:
        """Write what has become of the lines of a chunk as they are exported at that moment."""
        if self._files:
            parcels, cases = self._files
            parcels.write(_parcels(chunk, Draw([self.world.seed, PARCELS, first], 0), exported))
            cases.write(_cases(chunk, Draw([self.world.seed, CASES, first], 0), exported))

    def close(self) -> None:
        """Finish the files."""
        for file in self._files:
            file.close()


class _Table:
    """A CSV file being written; its ids after a TAB, as the platform's own."""

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        schema = pa.schema([(name, pa.string()) for name in columns])
        self._columns = columns
        self._sink = path.open("wb")
        header = StringIO()
        csv.writer(header).writerow(columns)
        self._sink.write(("\ufeff" + header.getvalue()).encode())
        self._writer = CSVWriter(
            self._sink, schema, write_options=WriteOptions(include_header=False)
        )

    def write(self, columns: Columns) -> None:
        self._writer.write(pa.table([columns[name] for name in self._columns], list(self._columns)))

    def close(self) -> None:
        self._writer.close()
        self._sink.close()


def _parcels(chunk: Chunk, draw: Draw, exported: int) -> Columns:
    """Send each shipped line in a parcel: most are picked up in two hours, some in three days."""
    sent = pa.table(chunk).filter(pc.is_valid(chunk["发货时间"])).combine_chunks()
    draw.size = sent.num_rows
    shipped = _seconds(sent["发货时间"])
    slow = draw.chance(0.02)
    soon = draw.between(10 * MINUTE, 2 * HOUR)
    picked = shipped + np.where(slow, draw.between(20 * HOUR, 72 * HOUR), soon)
    by_day = draw.between(8 * HOUR, 20 * HOUR)
    delivered = (picked // DAY + draw.between(1, 5)) * DAY + np.where(
        draw.chance(0.001), HOUR, by_day
    )
    return {
        "运单号": pc.binary_join_element_wise("\tMW", sent["子订单编号"], ""),
        "订单编号": pc.binary_join_element_wise("\t", sent["主订单编号"], ""),
        "物流公司": pa.array(draw.word(CARRIERS), pa.string()),
        "发货时间": _moments(shipped, exported),
        "揽收时间": _moments(picked, exported),
        "签收时间": _moments(delivered, exported),
    }


def _cases(chunk: Chunk, draw: Draw, exported: int) -> Columns:
    """Open cases of a share of the lines; every fifth still waits for somebody."""
    draw.size = len(chunk["子订单编号"])
    opened = draw.chance(CASE_SHARE) & np.array(pc.is_valid(chunk["支付完成时间"]))
    lines = pa.table(chunk).filter(pa.array(opened)).combine_chunks()
    draw.size = lines.num_rows
    paid = _seconds(lines["支付完成时间"])
    applied = np.minimum(
        paid + draw.between(HOUR, 12 * DAY), exported - draw.between(MINUTE, 3 * DAY)
    )
    running = draw.chance(0.2)
    status = np.where(running, draw.word(RUNNING), draw.word(ANSWERED))
    cents = np.array(pc.multiply(lines["订单应付金额"], 100).cast(pa.int64(), safe=False))
    return {
        "售后单号": pc.binary_join_element_wise("\t7", lines["子订单编号"], ""),
        "订单号": pc.binary_join_element_wise("\t", lines["主订单编号"], ""),
        "商品单号": pc.binary_join_element_wise("\t", lines["子订单编号"], ""),
        "商品ID": pc.binary_join_element_wise("\t", lines["商品ID"], ""),
        "售后类型": pa.array(draw.word(KINDS), pa.string()),
        "售后状态": pa.array(status, pa.string()),
        "售后原因": pa.array(draw.word(REASONS), pa.string()),
        "售后申请时间": _moments(applied, NEVER),
        "自动处理截止时间": _moments(np.where(running, applied + 48 * HOUR, NEVER), NEVER),
        "退商品金额（元）": decimal(cents).cast(pa.string()),
    }


def _seconds(moments: pa.ChunkedArray) -> Numbers:
    return np.array(moments.cast(pa.timestamp("s")).cast(pa.int64()))


def _moments(seconds: Numbers, exported: int) -> pa.Array:
    """Write moments as text, blank where there is none, or none yet when it is exported."""
    known = seconds != NEVER if exported == NEVER else (seconds != NEVER) & (seconds <= exported)
    text = pa.array(seconds.view("M8[s]")).cast(pa.string())
    return pc.if_else(pa.array(known), text.fill_null(""), "")
