"""Packs as files: read within bounds, and validated by the model."""

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from merchantwatch.errors import UsageError
from merchantwatch.rules import bounds
from merchantwatch.rules.book import Pack

MAX_PACK_BYTES = 1_000_000

_ENTRY = re.compile(r"\$\.(rule|change)\[(\d+)\]")


def read(path: Path) -> Pack:
    """Return a user's pack. Raises UsageError that names the file, and the rule where it can."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PACK_BYTES + 1)  # one byte more says that it is too long
    except OSError as error:
        raise UsageError(
            f"{path}: the pack cannot be read ({error.strerror})",
            f"{path}：无法读取规则包（{error.strerror}）",
        ) from None
    if len(data) > MAX_PACK_BYTES:
        raise UsageError(
            f"{path}: a pack may hold at most {MAX_PACK_BYTES:,} bytes, this one has more",
            f"{path}：规则包最大 {MAX_PACK_BYTES:,} 字节，此文件超过了",
        )
    return decoded(data, str(path))


def decoded(data: bytes, label: str) -> Pack:
    """Return a pack from its text."""
    raw: dict[str, Any] = {}
    try:
        # Parsed apart from its validation, so that an error can name the code of its rule.
        raw = tomllib.loads(data.decode("utf-8-sig"))
        wrong = bounds.fault(raw)
        if wrong is None:
            return msgspec.convert(raw, type=Pack)
    except UnicodeDecodeError:
        wrong = "it is no UTF-8 text; save it as UTF-8"
    except (ValueError, msgspec.ValidationError) as error:
        wrong = f"{_code(raw, str(error))}{error}"
    except RecursionError:
        wrong = "it is nested too deeply"
    raise UsageError(f"{label}: {wrong}", f"{label}：规则包有误：{wrong}")


def _code(raw: dict[str, Any], error: str) -> str:
    """Return the code of the rule that an error is about, where it says which."""
    match = _ENTRY.search(error)
    if match is None:
        return ""
    code = raw[match[1]][int(match[2])].get("code")
    return f"{code}: " if isinstance(code, str) and not error.startswith(code) else ""
