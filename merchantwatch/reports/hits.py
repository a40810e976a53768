"""All hits as CSV or Parquet: one row per line and rule, streamed from the engine."""

from typing import IO

from merchantwatch.reading.arrow import Batch, Cells, Kind, Schema
from merchantwatch.reports.formulas import as_texts
from merchantwatch.results.model import Results


def render_csv(results: Results, file: IO[bytes]) -> None:
    """Write all hits as CSV for Excel: UTF-8 with BOM, every cell harmless."""
    from pyarrow import csv

    reader = results.read_hits(None)
    # Excel takes a CSV without this mark for the code page of Windows, and garbles Chinese.
    file.write(b"\xef\xbb\xbf")
    with csv.CSVWriter(file, _safe_schema(reader.schema)) as writer:
        for batch in reader:
            writer.write_batch(_safe(batch))


def render_parquet(results: Results, file: IO[bytes]) -> None:
    """Write all hits as Parquet, with native types; the schema says if nothing was judged."""
    from pyarrow import parquet

    reader = results.read_hits(None)
    schema = noted(reader.schema, results)
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch.replace_schema_metadata(schema.metadata))


def noted(schema: Schema, results: Results) -> Schema:
    """Return a schema whose metadata say why nothing was judged, where that is so.

    No row says it, since programs count rows.
    """
    why = results.nothing_judged
    return schema.with_metadata({"nothing_judged": why.of(results.lang)}) if why else schema


def _safe_schema(schema: Schema) -> Schema:
    """Return the schema of the CSV: times and amounts as text, as exports write them."""
    import pyarrow as pa

    return pa.schema(
        [(field.name, pa.string() if _as_text(field.type) else field.type) for field in schema]
    )


def _as_text(kind: Kind) -> bool:
    from pyarrow import types

    # Counts stay numbers; ids are text already, and a spreadsheet must not round amounts.
    return not types.is_integer(kind)


def _safe(batch: Batch) -> Batch:
    import pyarrow as pa

    columns = [_safe_column(column) for column in batch.columns]
    return pa.record_batch(columns, schema=_safe_schema(batch.schema))


def _safe_column(column: Cells) -> Cells:
    import pyarrow as pa
    from pyarrow import types

    if types.is_timestamp(column.type):
        # Arrow would write six digits of fractions otherwise.
        return column.cast(pa.timestamp("s"), safe=False).cast(pa.string())
    if types.is_string(column.type):
        return as_texts(column)
    return column.cast(pa.string()) if _as_text(column.type) else column
