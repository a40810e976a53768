"""Whether quotes in a file with TABs between its cells quote cells, or are letters.

Excel quotes cells in such files, Amazon does not. Where the format does not say, the quotes show
it: those of Excel stand at both ends of a cell, or its text goes on over the line.
"""

import io

from merchantwatch.reading.headers import Header
from merchantwatch.reading.packed import Content
from merchantwatch.reading.records import parsed, without_end

_BLOCK = 1 << 20


def quotes_are_letters(content: Content, header: Header) -> bool:
    """Say whether quotes are letters in a file, and quote no cells.

    So it is where each line with a quote is a row by itself, and some cell begins with a quote that
    does not close it.
    """
    if not _has_quotes(content):
        return False
    letters = False
    stream = content.open()
    with io.TextIOWrapper(stream, header.encodings[0], "replace", newline="") as text:
        for line in (without_end(line) for line in text if '"' in line):
            if line.count(header.delimiter) != header.width - 1:
                return False
            letters = letters or _is_letter(line, header.delimiter)
    return letters


def _has_quotes(content: Content) -> bool:
    with content.open() as stream:
        while block := stream.read(_BLOCK):
            if b'"' in block:
                return True
    return False


def _is_letter(line: str, delimiter: str) -> bool:
    """Say whether a cell of a line begins with a quote that does not close it."""
    begun = [cell for cell in line.split(delimiter) if cell.startswith('"')]
    return parsed(line, delimiter).is_open or not all(map(_is_closed, begun))


def _is_closed(cell: str) -> bool:
    """Say whether a cell is quoted as a whole, quotes in it doubled."""
    inner = cell[1:-1]
    return len(cell) > 1 and cell.endswith('"') and '"' not in inner.replace('""', "")
