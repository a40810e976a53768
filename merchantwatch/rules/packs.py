"""Packs as files: read within bounds, and validated by the model."""

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from merchantwatch.errors import UsageError
from merchantwatch.language.text import Text
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
        # Parsed first and validated later, so that an error can name the code of its rule.
        raw = tomllib.loads(data.decode("utf-8-sig"))
        fault = bounds.fault(raw)
        if fault is None:
            return msgspec.convert(raw, type=Pack)
        wrong = Text.same(fault)
    except UnicodeDecodeError:
        wrong = Text(
            zh="不是 UTF-8 文本，请另存为 UTF-8", en="it is no UTF-8 text; save it as UTF-8"
        )
    except (ValueError, msgspec.ValidationError) as error:
        wrong = _in_rule(raw, error)
    except RecursionError:
        wrong = Text(zh="嵌套过深", en="it is nested too deeply")
    raise UsageError(f"{label}: {wrong.en}", f"{label}：规则包有误：{wrong.zh}")


def _in_rule(raw: dict[str, Any], error: Exception) -> Text:
    """Return what is wrong, with the code of the rule that an error is about, if it says which."""
    from merchantwatch.language.validation import wrong_value

    match = _ENTRY.search(str(error))
    code = raw[match[1]][int(match[2])].get("code") if match else None
    if match is None or not isinstance(code, str):
        return wrong_value(error, Pack)
    wrong = wrong_value(error, Pack, f"{match[1]}[{match[2]}]")
    return (
        wrong if wrong.en.startswith(code) else Text(f"{code}：{wrong.zh}", f"{code}: {wrong.en}")
    )
