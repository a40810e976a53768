"""Sets up pyarrow's CSV reader: below the header, in batches, ragged rows set aside."""

from collections.abc import Callable, Sequence
from typing import IO, TYPE_CHECKING, Literal

from msgspec import Struct

from merchantwatch.reading.headers import Header

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import csv

Ragged = Callable[["csv.InvalidRow"], Literal["skip", "error"]]
"""A function that decides on a row whose number of cells differs from the header's."""


class Parsing(Struct, frozen=True):
    """How the bytes of a text file become cells.

    ``skipped`` is the number of lines above the rows; ``encoding`` is what pyarrow decodes; where
    the text is not ``quoted``, quotes are letters. ``block`` is how many bytes are parsed at a
    time.
    """

    header: Header
    skipped: int
    encoding: str
    quoted: bool
    threads: bool
    block: int

    def open(
        self,
        source: "IO[bytes]",
        columns: Sequence[int],
        kind: "pa.DataType",
        empty: Sequence[str],
        ragged: Ragged,
    ) -> "csv.CSVStreamingReader":
        """Return a reader of these columns, each of an Arrow type; ``empty`` cells are null."""
        from pyarrow import csv

        # By position: headers may be empty or repeat.
        names = [f"c{index}" for index in range(self.header.width)]
        wanted = [f"c{index}" for index in columns]
        return csv.open_csv(
            source,
            read_options=csv.ReadOptions(
                column_names=names,
                skip_rows=self.skipped,
                encoding=self.encoding,
                use_threads=self.threads,
                block_size=self.block,
            ),
            parse_options=csv.ParseOptions(
                delimiter=self.header.delimiter,
                quote_char='"' if self.quoted else False,
                newlines_in_values=self.quoted,
                # Every line counts, so that row numbers are those that Excel shows.
                ignore_empty_lines=False,
                invalid_row_handler=ragged,
            ),
            convert_options=csv.ConvertOptions(
                include_columns=wanted,
                column_types=dict.fromkeys(wanted, kind),
                null_values=list(empty),
                # By default Arrow takes no text for null.
                strings_can_be_null=True,
            ),
        )
