"""Reading: inputs → recognised exports, each a source of columns that a format names.

An export knows which of its columns is which field; its cells are still as they are in the file.
"""

from merchantwatch.reading import amounts, moments, remembered
from merchantwatch.reading.amounts import names_currencies
from merchantwatch.reading.cells import (
    Column,
    Wanted,
    cleaned,
    is_text,
    profile_of,
    release_unused,
    stated_styles,
)
from merchantwatch.reading.columnar import ParquetFile
from merchantwatch.reading.csv import CsvFile, open_csv
from merchantwatch.reading.cut_ids import EXACT_DIGITS, SURE_ZEROS, CutIds, more_than_chance
from merchantwatch.reading.earlier_reports import is_report_file
from merchantwatch.reading.excel import Sheet
from merchantwatch.reading.export import Cell, Export, HintCell, Source
from merchantwatch.reading.headers import BY_TEXT, header_in
from merchantwatch.reading.inputs import FoundFile, find, is_address, release
from merchantwatch.reading.keys import Keyed, Way
from merchantwatch.reading.packed import Content
from merchantwatch.reading.plain import sound_in
from merchantwatch.reading.profile import UNDECIDED, Profile, Styles
from merchantwatch.reading.tables import (
    DistributedTable,
    MemoryTable,
    distributed,
    is_distributed,
)
from merchantwatch.reading.taking import Elsewhere, Taken, take
from merchantwatch.reading.text import BadRow, TextSource
from merchantwatch.reading.types import held_type

__all__ = [
    "BY_TEXT",
    "EXACT_DIGITS",
    "SURE_ZEROS",
    "UNDECIDED",
    "BadRow",
    "Cell",
    "Column",
    "Content",
    "CsvFile",
    "CutIds",
    "DistributedTable",
    "Elsewhere",
    "Export",
    "FoundFile",
    "HintCell",
    "Keyed",
    "MemoryTable",
    "ParquetFile",
    "Profile",
    "Sheet",
    "Source",
    "Styles",
    "Taken",
    "TextSource",
    "Wanted",
    "Way",
    "amounts",
    "cleaned",
    "distributed",
    "find",
    "header_in",
    "held_type",
    "is_address",
    "is_distributed",
    "is_report_file",
    "is_text",
    "moments",
    "more_than_chance",
    "names_currencies",
    "open_csv",
    "profile_of",
    "release",
    "release_unused",
    "remembered",
    "sound_in",
    "stated_styles",
    "take",
]
