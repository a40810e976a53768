"""The header of a text file, and the encodings that its bytes may be in."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from merchantwatch.errors import InputError

_HEADER_BYTES = 1 << 20
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_ENCODINGS = ("utf-8", "gb18030")


def read_header(path: Path, label: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return a file's header, and the encodings that it may be in, the likeliest first.

    Raises InputError when the file is empty or its header is in no encoding that is understood.
    """
    with path.open("rb") as file:
        head = file.read(_HEADER_BYTES)
    if not head.strip():
        raise InputError(
            f"{label}: the file is empty; export it again", f"{label}：文件是空的，请重新导出"
        )
    for bom, encoding in _BOMS.items():
        if head.startswith(bom):
            header = _try_header(head, encoding)
            if header is None:
                raise undecodable(path, label, (encoding,))
            return header, (encoding,)
    headers = {encoding: _try_header(head, encoding) for encoding in _ENCODINGS}
    fitting = [encoding for encoding in _ENCODINGS if headers[encoding]]
    if not fitting:
        raise undecodable(path, label, _ENCODINGS)
    chosen = headers[fitting[0]] or ()
    # A header that reads differently in another encoding rules that encoding out.
    same = tuple(encoding for encoding in fitting if headers[encoding] == chosen)
    return chosen, same


def _try_header(head: bytes, encoding: str) -> tuple[str, ...] | None:
    try:
        return _header(head, encoding)
    except (UnicodeDecodeError, csv.Error):
        return None


def _header(head: bytes, encoding: str) -> tuple[str, ...]:
    """Return the cells of the first record, which may span lines inside quotes."""
    if encoding == "utf-16":
        text = head[: len(head) // 2 * 2].decode(encoding, "ignore")
        return tuple(next(csv.reader(text.splitlines(keepends=True)), []))
    lines = head.splitlines(keepends=True)
    return tuple(next(csv.reader(_decoded(lines, encoding)), []))


def _decoded(lines: list[bytes], encoding: str) -> Iterator[str]:
    for line in lines:
        yield line.decode(encoding)


def undecodable(path: Path, label: str, encodings: Sequence[str]) -> InputError:
    """Say where a file stops being text, counted in bytes and lines."""
    encoding = encodings[0].removesuffix("-sig")
    data = path.read_bytes()
    try:
        data.decode(encoding)
        at = 0
    except UnicodeDecodeError as error:
        at = error.start
    line = data.count(b"\n", 0, at) + 1
    names = " / ".join(name.upper().removesuffix("-SIG") for name in encodings)
    return InputError(
        f"{label}: byte {at:,} (line {line:,}) is no {names} text; "
        "export the file again, or save it as 'CSV UTF-8' in Excel",
        f"{label}：第 {at:,} 字节（第 {line:,} 行）不是 {names} 文本；"
        "请重新导出，或在 Excel 中另存为“CSV UTF-8”",
    )
