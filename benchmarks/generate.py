"""Write made-up Douyin order reports of any size, with the columns of ../sample_data/orders.csv.

``python benchmarks/generate.py 1000000 OUT_DIR --files 3`` writes a million lines, about 850 bytes
each, in three exports. From the second on, each repeats a share of the one before it, with what has
happened since. The same arguments give the same files; they are meant to be judged at AS_OF.
"""

import argparse
import csv
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from moment import AS_OF

CHUNK = 100_000
MINUTE, HOUR, DAY = 60, 3600, 86400
SHANGHAI = 8 * HOUR
SAMPLE = Path(__file__).parent.parent / "sample_data" / "orders.csv"

TABBED = {
    "主订单编号",
    "子订单编号",
    "选购商品",
    "商品规格",
    "商品ID",
    "商家编码",
    "支付方式",
    "达人ID",
}
CIPHERTEXT = {"收件人": ("#", 104), "收件人手机号": ("$", 64), "详细地址": ("#", 184)}
TIMES = {"订单提交时间", "支付完成时间", "承诺发货时间", "发货时间", "订单完成时间"}
CONSTANTS = {
    "商品规格": "白色;均码",
    "支付方式": "抖音支付",
    "运费": Decimal("0.00"),
    "优惠总金额": Decimal("0.00"),
    "省": "浙江省",
    "市": "杭州市",
    "区": "余杭区",
    "街道": "仓前街道",
    "是否修改过地址": "否",
    "APP渠道": "抖音",
    "流量来源": "小店自卖",
    "订单类型": "普通订单",
    "达人ID": "0",
    "是否安心购": "是",
    "广告渠道": "无",
    "流量类型": "非广告",
    "流量体裁": "商品卡",
    "流量渠道": "搜索",
    "是否平台仓自流转": "否",
}

# What can have become of a line, and how often.
CLOSED_UNPAID, UNPAID, REFUNDED, OPEN, SHIPPED = range(5)
SHARES = [0.03, 0.01, 0.03, 0.15, 0.78]
LATE_OPEN, LATE_SHIPPED, OUT_OF_STOCK = 0.03, 0.02, 0.02  # of the open, shipped, open lines
DAMAGED = 0.0002

SHORT = ["缺货", "无货", "断货,已联系买家", "仓库没货"]
REFUND_DONE = ["退款成功", "已全额退款", "同意退款，退款成功"]
REFUND_OPEN = [*[None] * 4, "退款中", "售后待处理", "待商家处理", "退款成功"]
AFTER_SALES = [*[None] * 40, "售后关闭", "待退货", "待收退货", "退货后拒绝退款", "换货成功"]

Numbers: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Chunk: TypeAlias = dict[str, pa.Array]
NEVER = np.iinfo(np.int64).min  # as a datetime64: not a time
NOTHING = np.array(None, object)
DECIMAL = pa.decimal128(18, 2)


def wall_clock(moment: str) -> int:
    """Read a wall-clock time as seconds."""
    return int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp())


NOW = wall_clock(AS_OF)


@cache
def columns() -> tuple[str, ...]:
    """Read the headers of the report from the sample."""
    with SAMPLE.open(encoding="utf-8-sig", newline="") as file:
        return tuple(next(csv.reader(file)))


class Draw:
    """Draws whole columns of random numbers."""

    def __init__(self, seed: Sequence[int], size: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.size = size

    def chance(self, share: float) -> Numbers:
        """Draw true for a share of the lines."""
        return self.rng.random(self.size) < share

    def between(self, low: int, high: int) -> Numbers:
        """Draw whole numbers from low up to, but not including, high."""
        return self.rng.integers(low, high, self.size)

    def skewed(self, count: int) -> Numbers:
        """Draw from range(count), the second half as often as the first, and so on (Zipf)."""
        ranks: Numbers = np.exp(self.rng.random(self.size) * np.log(count + 1))
        return ranks.astype(np.int64) - 1

    def word(self, choices: Sequence[str | None]) -> Numbers:
        """Draw one of the words."""
        return np.array(choices, dtype=object)[self.between(0, len(choices))]

    def ciphertext(self, sign: str, length: int) -> pa.Array:
        """Draw text of a fixed length that looks encrypted."""
        letters = np.frombuffer(
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", dtype=np.uint8
        )
        picks = np.frombuffer(self.rng.bytes(self.size * length), dtype=np.uint8) & 63
        text = letters[picks]
        text[0::length] = text[1::length] = ord(sign)
        starts = np.arange(0, (self.size + 1) * length, length, dtype=np.int32)
        return pa.StringArray.from_buffers(self.size, pa.py_buffer(starts), pa.py_buffer(text))


def course(draw: Draw, kind: Numbers, exported: int) -> dict[str, Numbers]:
    """Draw when each line was ordered, paid, due, shipped and completed."""
    late_open = (kind == OPEN) & draw.chance(LATE_OPEN)
    late = (kind == SHIPPED) & draw.chance(LATE_SHIPPED)
    yet_to_come = (kind == OPEN) & ~late_open & draw.chance(0.002) & (exported > NOW)
    moment = np.select(
        [yet_to_come, late_open, late, kind == OPEN, kind == UNPAID],
        [
            NOW + draw.between(11 * MINUTE, 20 * MINUTE),
            NOW - 48 * HOUR - draw.between(1, 3 * DAY),
            NOW - draw.between(8 * DAY, 30 * DAY),
            draw.between(NOW - 47 * HOUR, min(exported, NOW) - HOUR),
            min(exported, NOW) - draw.between(1, 30 * MINUTE),
        ],
        NOW - draw.between(3 * DAY, 30 * DAY),
    )
    paid = np.where(kind >= REFUNDED, moment, NEVER)
    presale = (kind == SHIPPED) & ~late & draw.chance(0.03)
    due = np.where(paid == NEVER, NEVER, moment + np.where(presale, 15 * DAY, 48 * HOUR))
    lateness = np.where(draw.chance(0.2), DAY * draw.between(1, 4), draw.between(1, DAY))
    on_the_second = draw.chance(0.003) & ~presale
    shipped = np.select(
        [late, (kind == SHIPPED) & on_the_second, kind == SHIPPED],
        [due + lateness, due, moment + draw.between(HOUR, 47 * HOUR)],
        NEVER,
    )
    after_as_of = (kind == OPEN) & ~late_open & draw.chance(0.003) & (exported > NOW)
    shipped = np.where(after_as_of, NOW + draw.between(1, 10 * MINUTE), shipped)
    completed = shipped + draw.between(5 * DAY, 10 * DAY)
    return {
        "订单提交时间": moment - draw.between(5, 10 * MINUTE),
        "支付完成时间": paid,
        "承诺发货时间": np.where(draw.chance(0.01) & ~presale, NEVER, due),
        "发货时间": shipped,
        "订单完成时间": np.where((kind == SHIPPED) & (completed < exported), completed, NEVER),
    }


def told(draw: Draw, kind: Numbers, times: dict[str, Numbers]) -> dict[str, Numbers]:
    """Draw the words that go with a line: its state, its after-sales, why it is not shipped."""
    shipped, completed = times["发货时间"] != NEVER, times["订单完成时间"] != NEVER
    waiting = draw.word(["待发货", "备货中"])
    short = ((kind == OPEN) & draw.chance(OUT_OF_STOCK)) | draw.chance(0.0005)
    in_note = draw.chance(0.5)
    word = draw.word(SHORT)
    unpaid, unwanted = np.array("超时未支付", object), np.array("不想要了", object)
    reason = np.select(
        [short & ~in_note, kind == CLOSED_UNPAID, kind == REFUNDED],
        [word, unpaid, unwanted],
        NOTHING,
    )
    after_sale = np.select(
        [kind == REFUNDED, short, kind == SHIPPED],
        [draw.word(REFUND_DONE), draw.word(REFUND_OPEN), draw.word(AFTER_SALES)],
        NOTHING,
    )
    return {
        "订单状态": np.select(
            [kind <= REFUNDED, completed, shipped],
            [np.where(kind == UNPAID, "待支付", "已关闭"), "已完成", "已发货"],
            waiting,
        ),
        "售后状态": after_sale,
        "取消原因": reason,
        "商家备注": np.where(short & in_note, word, NOTHING),
    }


def goods(draw: Draw, products: int) -> Chunk:
    """Draw what was bought: few products sell much, many sell little."""
    numbers = draw.skewed(products)
    quantity = 1 + (draw.between(0, 10) == 0)
    cents = 990 + (numbers * 7919) % 200 * 1000
    return {
        "商品ID": pc.cast(pa.array(3_711_000_000_000_000_000 + numbers), pa.string()),
        "选购商品": pa.array([f"样品 {i:05} 秋冬新款 加厚保暖" for i in range(products)]).take(
            pa.array(numbers)
        ),
        "商家编码": pa.array([f"SKU-{i:06}" for i in range(products)]).take(pa.array(numbers)),
        "商品数量": pa.array(quantity),
        "商品单价": decimal(cents),
        "订单应付金额": decimal(cents * quantity),
    }


def decimal(cents: Numbers) -> pa.Array:
    """Turn cents into decimals."""
    hundredths = pc.dictionary_encode(pa.array(cents))
    values = [Decimal(cent).scaleb(-2) for cent in hundredths.dictionary.to_pylist()]
    return pa.array(values, DECIMAL).take(hundredths.indices)


def identity(draw: Draw, first: int) -> dict[str, Numbers]:
    """Give each line a number of its own; every eighth is the second of its order."""
    running = np.arange(first, first + draw.size)
    numbers = 6_920_000_000_000_000_000 + running * 7_368_787 % 10**16
    second = draw.chance(1 / 8)
    second[0] = False
    return {"主订单编号": np.where(second, np.roll(numbers, 1), numbers), "子订单编号": numbers}


def make_chunk(seed: Sequence[int], first: int, size: int, products: int, exported: int) -> Chunk:
    """Make lines as an export of that moment would show them."""
    draw = Draw(seed, size)
    kind = draw.rng.choice(len(SHARES), size, p=SHARES)
    times = course(draw, kind, exported)
    chunk = {
        name: pa.array(value).cast(pa.string()) for name, value in identity(draw, first).items()
    }
    chunk |= goods(draw, products)
    chunk |= {name: pa.array(value, pa.string()) for name, value in told(draw, kind, times).items()}
    chunk |= {name: pa.array(value.view("M8[s]")) for name, value in times.items()}
    chunk |= {name: draw.ciphertext(*shape) for name, shape in CIPHERTEXT.items()}
    warehouse = pa.array(draw.skewed(40))
    chunk["仓库名称"] = pa.array([f"{i + 1} 号仓" for i in range(40)]).take(warehouse)
    damaged = pa.array(draw.chance(DAMAGED))
    for name in ("主订单编号", "子订单编号"):
        chunk[name] = pc.if_else(damaged, "6.92E+18", chunk[name])
    return chunk


def export_again(chunk: Chunk, draw: Draw, share: float, exported: int) -> Chunk:
    """Take a share of the lines as the next export shows them: some have been shipped since."""
    again = pa.table(chunk).filter(pa.array(draw.chance(share)))
    draw.size = again.num_rows
    since = pa.array((exported + draw.between(MINUTE, 30 * MINUTE)).view("M8[s]"))
    shipped_since = pc.and_(
        pc.is_in(again["订单状态"], pa.array(["待发货", "备货中"])), pa.array(draw.chance(0.5))
    )
    columns = dict(zip(again.column_names, again.combine_chunks().columns, strict=True))
    columns["发货时间"] = pc.if_else(shipped_since, since, columns["发货时间"])
    columns["订单状态"] = pc.if_else(shipped_since, "已发货", columns["订单状态"])
    return {name: column.combine_chunks() for name, column in columns.items()}


class Export(Protocol):
    """A report being written."""

    def write(self, chunk: Chunk) -> None:
        """Append lines."""

    def close(self) -> None:
        """Finish the file."""


class CsvExport:
    """Writes text as the platform does: BOM, TABs inside quotes, dashes, thousands commas, CRLF."""

    def __init__(self, path: Path, seed: int) -> None:
        self.file = path.open("wb")
        self.file.write(("\ufeff" + ",".join(columns()) + "\r\n").encode())
        self.rng = np.random.default_rng(seed)

    def write(self, chunk: Chunk) -> None:
        """Join the cells of each line, and write the lines in one go."""
        pieces: list[Any] = []
        literal = ""
        for name in columns():
            before, text, after = self._cell(name, chunk)
            literal += ("," if pieces or literal else "") + before
            if isinstance(text, str):
                literal += text + after
            else:
                pieces += [literal, text]
                literal = after
        lines = pc.binary_join_element_wise(*pieces, literal + "\r\n", "")
        self.file.write(memoryview(lines.buffers()[2])[: lines.nbytes])

    def close(self) -> None:
        """Finish the file."""
        self.file.close()

    def _cell(self, name: str, chunk: Chunk) -> tuple[str, pa.Array | str, str]:
        quotes = ('"\t', '"') if name in TABBED else ("", "")
        if name not in chunk:
            constant = CONSTANTS.get(name)
            return ("", "-", "") if constant is None else (quotes[0], str(constant), quotes[1])
        values = chunk[name]
        if name in TIMES:
            text = values.cast(pa.string()).fill_null("-")
            broken = pa.array(self.rng.random(len(text)) < DAMAGED)
            return "", pc.if_else(broken, "30:15.0", text) if name == "订单提交时间" else text, ""
        if name in TABBED or name in CIPHERTEXT:
            return quotes[0], values, quotes[1]
        return "", few(values), ""


def few(values: pa.Array) -> pa.Array:
    """Write a column of few different values."""
    encoded = pc.dictionary_encode(values, null_encoding="encode")
    cells = []
    for value in encoded.dictionary.to_pylist():
        cell = f"{value:,}" if isinstance(value, Decimal) else "-" if value is None else str(value)
        cells.append(f'"{cell}"' if "," in cell else cell)
    return pa.array(cells, pa.string()).take(encoded.indices)


class ParquetExport:
    """Writes typed columns; what text alone can hold, such as a broken date, is not there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer: pq.ParquetWriter | None = None

    def write(self, chunk: Chunk) -> None:
        """Append a row group."""
        size = len(chunk["子订单编号"])
        table = pa.table([self._column(name, chunk, size) for name in columns()], columns())
        if self.writer is None:
            self.writer = pq.ParquetWriter(self.path, table.schema)
        self.writer.write_table(table)

    def close(self) -> None:
        """Finish the file."""
        if self.writer is not None:
            self.writer.close()

    def _column(self, name: str, chunk: Chunk, size: int) -> pa.Array:
        is_time = "时间" in name
        if name in chunk:
            return chunk[name].cast(pa.timestamp("us")) if is_time else chunk[name]
        constant = CONSTANTS.get(name)
        blank = pa.timestamp("us") if is_time else pa.string()
        kind = DECIMAL if isinstance(constant, Decimal) else blank
        return pa.repeat(pa.scalar(constant, kind), size)


def generate(
    lines: int, folder: Path, *, files: int = 1, overlap: float = 0.02, parquet: bool = False
) -> list[Path]:
    """Write the exports, oldest first; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    products = min(max(lines // 250, 50), 8000)
    apart = min(HOUR, 12 * HOUR // files)
    moments = [NOW + 30 * MINUTE - apart * (files - 1 - i) for i in range(files)]
    paths = [folder / export_name(moment, "parquet" if parquet else "csv") for moment in moments]
    opened = (ParquetExport(p) if parquet else CsvExport(p, i) for i, p in enumerate(paths))
    export: Export = next(opened)
    for i, moment in enumerate(moments):
        following: Export | None = next(opened, None)
        start, stop = lines * i // files, lines * (i + 1) // files
        for first in range(start, stop, CHUNK):
            size = min(CHUNK, stop - first)
            chunk = make_chunk([first, 0], first, size, products, moment)
            export.write(chunk)
            if following:
                again = export_again(chunk, Draw([first, 1], size), overlap, moment)
                following.write(again)
        export.close()
        if following:
            export = following
    return paths


def export_name(moment: int, ending: str) -> str:
    """Name a report as the platform does, by the moment of its export."""
    digits = hashlib.md5(str(moment).encode(), usedforsecurity=False).hexdigest()
    return f"{moment - SHANGHAI}_{digits}.{ending}"


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("lines", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=1)
    parser.add_argument(
        "--overlap", type=float, default=0.02, help="share repeated by the next file"
    )
    parser.add_argument("--parquet", action="store_true")
    given = parser.parse_args()
    for path in generate(
        given.lines, given.folder, files=given.files, overlap=given.overlap, parquet=given.parquet
    ):
        print(path)


if __name__ == "__main__":
    main()
