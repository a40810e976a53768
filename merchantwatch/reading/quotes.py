"""Whether quotes in a TAB-separated file enclose cells, or are ordinary characters.

Excel quotes cells in such files, Amazon does not. If the format does not say, the quotes show it:
those of Excel stand at both ends of a cell, or the cell continues on the next line.
"""

import io

from merchantwatch.reading.headers import Header
from merchantwatch.reading.packed import Content
from merchantwatch.reading.records import parsed, without_end

_BLOCK = 1 << 20


def quotes_are_letters(content: Content, header: Header) -> bool:
    """Say whether quotes in a file are ordinary characters.

    They are if each line with a quote is a row by itself, and some cell begins with a quote that
    is not closed.
    """
    # Most files have no quote at all; a search of the bytes is far cheaper than decoding lines.
    if not _has_quotes(content):
        return False
    letters = False
    stream = content.open()
    with io.TextIOWrapper(stream, header.encodings[0], "replace", newline="") as text:
        for line in (without_end(line) for line in text if '"' in line):
            # A quoted cell with a separator or a line break: Excel wrote it.
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
