"""Reports being written, chunk by chunk: CSV as the platform writes it, or Parquet with types."""

from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from generator.columns import CIPHERTEXT, CONSTANTS, DECIMAL, TABBED, Chunk, columns
from generator.world import World

ROW_GROUP = 200_000
"""Lines in a row group of Parquet: enough groups for many cores, few enough for the footer."""


class Report(Protocol):
    """A report being written."""

    def write(self, chunk: Chunk) -> None:
        """Append lines."""

    def close(self) -> None:
        """Finish the file."""


class CsvReport:
    """Writes text as the platform does: BOM, TABs inside quotes, dashes, thousands commas, CRLF."""

    def __init__(self, path: Path, world: World, number: int) -> None:
        self.columns = columns(shops=bool(world.shops))
        self.damaged, self.encoding = world.damaged, world.encoding
        self.rng = np.random.default_rng([world.seed, number])
        self.file = path.open("wb")
        mark = "\ufeff" if self.encoding == "utf-8" else ""
        self.file.write((mark + ",".join(self.columns) + "\r\n").encode(self.encoding))

    def write(self, chunk: Chunk) -> None:
        """Join the cells of each line, and write the lines in one go."""
        pieces: list[Any] = []
        literal = ""
        for name in self.columns:
            before, text, after = self._cell(name, chunk)
            literal += ("," if pieces or literal else "") + before
            if isinstance(text, str):
                literal += text + after
            else:
                pieces += [literal, text]
                literal = after
        lines = pc.binary_join_element_wise(*pieces, literal + "\r\n", "")
        written = memoryview(lines.buffers()[2])[: lines.nbytes]
        if self.encoding != "utf-8":
            written = memoryview(str(written, "utf-8").encode(self.encoding))
        self.file.write(written)

    def close(self) -> None:
        """Finish the file."""
        self.file.close()

    def _cell(self, name: str, chunk: Chunk) -> tuple[str, pa.Array | str, str]:
        """Return what stands before the text of a column, the text, and what stands after."""
        quotes = ('"\t', '"') if name in TABBED else ("", "")
        if name not in chunk:
            constant = CONSTANTS.get(name)
            return ("", "-", "") if constant is None else (quotes[0], str(constant), quotes[1])
        values = chunk[name]
        if pa.types.is_timestamp(values.type):
            text = values.cast(pa.string()).fill_null("-")
            broken = pa.array(self.rng.random(len(text)) < self.damaged)
            return "", pc.if_else(broken, "30:15.0", text) if name == "订单提交时间" else text, ""
        if name in TABBED or name in CIPHERTEXT:
            return quotes[0], values, quotes[1]
        return "", _few(values), ""


def _few(values: pa.Array) -> pa.Array:
    """Write a column of few different values."""
    encoded = pc.dictionary_encode(values, null_encoding="encode")
    cells = []
    for value in encoded.dictionary.to_pylist():
        cell = f"{value:,}" if isinstance(value, Decimal) else "-" if value is None else str(value)
        cells.append(f'"{cell}"' if "," in cell else cell)
    return pa.array(cells, pa.string()).take(encoded.indices)


class ParquetReport:
    """Writes typed columns, as a warehouse keeps them: without ciphertext and without dashes."""

    def __init__(self, path: Path, world: World) -> None:
        self.path = path
        self.columns = columns(shops=bool(world.shops))
        self.writer: pq.ParquetWriter | None = None
        self.waiting: list[pa.Table] = []

    def write(self, chunk: Chunk) -> None:
        """Append lines; a row group is written when there are enough of them."""
        size = len(chunk["子订单编号"])
        cells = [self._column(name, chunk, size) for name in self.columns]
        self.waiting.append(pa.table(cells, self.columns))
        if sum(table.num_rows for table in self.waiting) >= ROW_GROUP:
            self._write_waiting()

    def close(self) -> None:
        """Finish the file."""
        self._write_waiting()
        if self.writer is not None:
            self.writer.close()

    def _write_waiting(self) -> None:
        if self.waiting:
            table = pa.concat_tables(self.waiting)
            self.writer = self.writer or pq.ParquetWriter(self.path, table.schema)
            self.writer.write_table(table)
            self.waiting = []

    def _column(self, name: str, chunk: Chunk, size: int) -> pa.Array:
        is_time = "时间" in name
        if name in chunk:
            return chunk[name].cast(pa.timestamp("us")) if is_time else chunk[name]
        constant = CONSTANTS.get(name)
        blank = pa.timestamp("us") if is_time else pa.string()
        kind = DECIMAL if isinstance(constant, Decimal) else blank
        return pa.repeat(pa.scalar(constant, kind), size)
