"""Workbooks written by hand or by xlsxwriter: the least that each kind of file needs to be one."""

import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import xlsxwriter

Rows = Sequence[Sequence[str]]


def write_xlsx(path: Path, *tables: Rows, names: Sequence[str] = ()) -> Path:
    """All cells as text, a sheet for each table."""
    with xlsxwriter.Workbook(path) as book:
        for number, rows in enumerate(tables):
            sheet = book.add_worksheet(names[number] if names else f"Sheet{number + 1}")
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    sheet.write_string(at, column, cell)
    return path


def write_ods(path: Path, rows: Rows) -> Path:
    """An OpenDocument spreadsheet: one XML in a zip."""
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    lines = (
        f"<table:table-row>{''.join(cell.format(escape(text)) for text in row)}</table:table-row>"
        for row in rows
    )
    kinds = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{kinds}:office:1.0" '
        f'xmlns:table="{kinds}:table:1.0" xmlns:text="{kinds}:text:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="Sheet1">{"".join(lines)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("content.xml", content)
        book.writestr("META-INF/manifest.xml", "<manifest/>")
    return path


def write_xls(path: Path, rows: Rows) -> Path:
    """A BIFF8 workbook: a stream of records, one label for each cell, in a compound file."""
    name = "Sheet1"
    opening = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    sheet_at = len(opening) + 4 + 8 + len(name) + 4
    bound = struct.pack("<IBBBB", sheet_at, 0, 0, len(name), 0) + name.encode()
    stream = opening + _record(0x0085, bound) + _record(0x000A, b"")
    stream += _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            text = struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le")
            stream += _record(0x0204, struct.pack("<HHH", at, column, 0) + text)
    path.write_bytes(_compound({"Workbook": stream + _record(0x000A, b"")}))
    return path


def write_xlsb(path: Path, rows: Rows) -> Path:
    """A binary workbook: the same parts as an xlsx, of records in place of XML."""
    bundle = struct.pack("<II", 0, 1) + _wide("rId1") + _wide("Sheet1")
    parts = b""
    for at, row in enumerate(rows):
        parts += _binary(0, struct.pack("<I", at) + b"\0" * 13)
        for column, cell in enumerate(row):
            parts += _binary(6, struct.pack("<II", column, 0) + _wide(cell))
    size = struct.pack("<IIII", 0, len(rows) - 1, 0, len(rows[0]) - 1)
    sheet = _binary(0x81, b"") + _binary(0x94, size) + _binary(0x91, b"") + parts
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{kind}/worksheet" Target="worksheets/sheet1.bin"/>'
        "</Relationships>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/_rels/workbook.bin.rels", rels)
        book.writestr(
            "xl/workbook.bin",
            _binary(0x83, b"") + _binary(0x8F, b"") + _binary(0x9C, bundle) + _binary(0x90, b"")
            + _binary(0x84, b""),
        )  # fmt: skip
        book.writestr("xl/worksheets/sheet1.bin", sheet + _binary(0x92, b"") + _binary(0x82, b""))
    return path


def write_encrypted(path: Path) -> Path:
    """What Excel saves with a password: a compound file of streams that say so."""
    streams = {"EncryptedPackage": b"\1" * 5000, "EncryptionInfo": b"\2" * 5000}
    path.write_bytes(_compound(streams))
    return path


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _binary(kind: int, data: bytes) -> bytes:
    sign = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = b"", len(data)
    while length >= 0x80:
        size, length = size + bytes([length & 0x7F | 0x80]), length >> 7
    return sign + size + bytes([length]) + data


def _compound(streams: Mapping[str, bytes]) -> bytes:
    """Streams of more than 4,096 bytes each in an OLE compound file of 512-byte sectors."""
    end, free, fat_sign = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    padded = {name: data.ljust(4608, b"\0") for name, data in streams.items()}
    sectors = {name: -(-len(data) // 512) for name, data in padded.items()}
    fats = -(-(sum(sectors.values()) + 10) // 120)
    chain = [fat_sign] * fats + [end]  # then the directory, in one sector
    entries = [_entry("Root Entry", 5, 1, free, end, 0)]
    for number, (name, data) in enumerate(padded.items(), start=1):
        sibling = number + 1 if number < len(padded) else free
        entries.append(_entry(name, 2, free, sibling, len(chain), len(data)))
        first = len(chain)
        chain += [*range(first + 1, first + sectors[name]), end]
    header = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 16
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIII", 0, fats, fats, 0, 4096, end, 0, end, 0)
    header += _longs([*range(fats)], 109, free)
    body = b"".join(data.ljust(sectors[name] * 512, b"\0") for name, data in padded.items())
    return header + _longs(chain, fats * 128, free) + b"".join(entries).ljust(512, b"\0") + body


def _entry(name: str, kind: int, child: int, right: int, start: int, size: int) -> bytes:
    wide = name.encode("utf-16-le") + b"\0\0"
    named = wide.ljust(64, b"\0") + struct.pack("<HBB", len(wide), kind, 1)
    places = struct.pack("<III", 0xFFFFFFFF, right, child) + b"\0" * 36
    return named + places + struct.pack("<IQ", start, size)


def _longs(numbers: Iterable[int], count: int, filler: int) -> bytes:
    known = list(numbers)
    return struct.pack(f"<{count}I", *known, *[filler] * (count - len(known)))


def write_xml(path: Path, sheet: str, styles: str = "") -> Path:
    """An xlsx whose one sheet is this XML within its root."""
    kinds = "http://schemas.openxmlformats.org"
    related = f"{kinds}/officeDocument/2006/relationships"
    main = f'xmlns="{kinds}/spreadsheetml/2006/main" xmlns:x="{kinds}/spreadsheetml/2006/main"'
    named = '<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets>'
    rels = (
        f'<Relationships xmlns="{kinds}/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{related}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{related}/styles" Target="styles.xml"/></Relationships>'
    )
    whole = (
        f'<Relationships xmlns="{kinds}/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{related}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("_rels/.rels", whole)
        book.writestr("xl/workbook.xml", f'<workbook {main} xmlns:r="{related}">{named}</workbook>')
        book.writestr("xl/_rels/workbook.xml.rels", rels)
        book.writestr("xl/styles.xml", f"<styleSheet {main}>{styles}</styleSheet>")
        book.writestr("xl/worksheets/sheet1.xml", f"<worksheet {main}>{sheet}</worksheet>")
    return path


def xml_rows(rows: Rows, first: int = 1) -> str:
    """Rows of text as XML, each cell named by its place."""
    lines = []
    for number, row in enumerate(rows, start=first):
        cells = (
            f'<c r="{chr(65 + column)}{number}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
            for column, text in enumerate(row)
        )
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    return "".join(lines)
