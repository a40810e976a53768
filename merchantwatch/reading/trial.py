"""Opens a workbook in a child process first, which may crash without harm.

An xls, xlsb or ods cannot be searched in advance for a cell so far off that laying out its sheet
takes all memory and aborts the process. The trial costs the start of a process; an xlsx needs none
(``sheetxml.py``).
"""

import subprocess
import sys

from merchantwatch.errors import InputError

_LEAST_MEMORY, _MEMORY_A_BYTE = 3 << 30, 16
_SECONDS = 120

_TRIAL = """
import io, sys
import python_calamine
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]),) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except ImportError:
    pass
try:
    given = io.BytesIO(sys.stdin.buffer.read())
    with python_calamine.CalamineWorkbook.from_filelike(given) as book:
        for name in book.sheet_names:
            book.get_sheet_by_name(name)
except python_calamine.CalamineError:
    pass
"""


def refuse_what_bursts(label: str, data: bytes) -> None:
    """Raise InputError where a workbook of these bytes cannot be opened within its bounds."""
    # A program that embeds Python may have no interpreter to start.
    if not sys.executable:
        return
    most = _LEAST_MEMORY + _MEMORY_A_BYTE * len(data)
    command = [sys.executable, "-I", "-c", _TRIAL, str(most)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS)  # noqa: S603, PLW1510
    except subprocess.TimeoutExpired:
        raise _bursts(label) from None
    if done.returncode:
        raise _bursts(label)


def _bursts(label: str) -> InputError:
    return InputError(
        f"{label}: it takes too much memory or time to read: it is damaged, or a cell stands far "
        "from the table; save it as .xlsx in Excel and scan again",
        f"{label}：读取它所需的内存或时间过多：文件已损坏，或有单元格离表格太远；"
        "请用 Excel 另存为 .xlsx 后重新扫描",
    )
