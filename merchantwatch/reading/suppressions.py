"""``merchantwatch-ignore.toml`` → its entries, each checked; an error names the entry."""

import tomllib
from codecs import BOM_UTF8
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec
from msgspec import Meta

from merchantwatch.errors import UsageError
from merchantwatch.language.suggestions import meant
from merchantwatch.rules.suppression import Suppression
from merchantwatch.support.unwritable import refuse_nul

TABLE = "ignore"
"""The name of the tables that entries are: ``[[ignore]]``."""

MOST_ENTRIES = 2_000
_MOST_BYTES = 1_000_000

_Word = Annotated[str, Meta(min_length=1, max_length=500)]
_Id = _Word | Annotated[int, Meta(ge=0)]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry as the file has it. An id may be written without quotes."""

    reason: _Word
    until: date
    rule: _Word | None = None
    order: _Id | None = None
    product: _Id | None = None
    carrier: _Word | None = None
    shop: _Word | None = None
    owner: _Word | None = None


FIELDS = ("rule", "order", "product", "carrier", "shop", "reason", "owner", "until")
"""The fields of an entry in the order in which they are written."""

_NAMED = ("rule", "order", "product", "carrier", "shop")
"""The targets of an entry, which names at least one of these."""


def read_suppressions(path: Path) -> tuple[Suppression, ...]:
    """Return the entries of a file, in its order.

    Raises UsageError that names the file, the entry and the field of whatever is wrong.
    """
    return checked(path, text_of(path))


def text_of(path: Path) -> str:
    """Return the text of a file. Raises UsageError where it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            _refuse(path, f"it has more than {_MOST_BYTES:,} bytes", f"超过 {_MOST_BYTES:,} 字节")
        return data.removeprefix(BOM_UTF8).decode()
    except OSError as error:
        _refuse(path, f"it cannot be read ({error.strerror})", f"无法读取（{error.strerror}）")
    except UnicodeDecodeError:
        _refuse(path, "it is no UTF-8 text; save it as UTF-8", "不是 UTF-8 文本，请另存为 UTF-8")


def checked(path: Path, text: str) -> tuple[Suppression, ...]:
    """Return the entries in a text. Raises UsageError like ``read_suppressions``."""
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        _refuse(path, f"it is no TOML: {error}", f"不是有效的 TOML：{error}")
    refuse_nul(tables, str(path))
    others = sorted(tables.keys() - {TABLE})
    entries = tables.get(TABLE, [])
    if others or not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        name = others[0] if others else TABLE
        _refuse(
            path,
            f"{name[:60]}: the file holds [[{TABLE}]] tables and nothing else",
            f"{name[:60]}：文件中只能有 [[{TABLE}]] 表",
        )
    if len(entries) > MOST_ENTRIES:
        _refuse(
            path,
            f"it has {len(entries):,} entries, at most {MOST_ENTRIES:,} are read; name a product, "
            "a carrier or a shop instead of its orders",
            f"共有 {len(entries):,} 条，最多读取 {MOST_ENTRIES:,} 条；请改按商品、快递或店铺填写",
        )
    return tuple(_suppression(path, n, entry) for n, entry in enumerate(entries, start=1))


def _suppression(path: Path, number: int, entry: Mapping[str, Any]) -> Suppression:
    where = f"{path}, entry {number}", f"{path} 第 {number} 条"
    unknown = next((name for name in entry if name not in FIELDS), None)
    if unknown is not None:
        hint = meant(unknown, FIELDS)
        raise UsageError(
            f"{where[0]}: {unknown[:60]}: an entry has no such field{hint.en}",
            f"{where[1]}：没有 {unknown[:60]} 这个字段{hint.zh}",
        )
    for name, zh in (("until", "截止日期"), ("reason", "原因")):
        if name not in entry:
            example = " = 2026-12-31" if name == "until" else ' = "…"'
            raise UsageError(
                f"{where[0]}: {name} is missing; write {name}{example}",
                f"{where[1]}：缺少{zh}，请写 {name}{example}",
            )
    try:
        fields = msgspec.convert(entry, Entry)
    except (msgspec.ValidationError, ValueError) as error:
        from merchantwatch.language.validation import wrong_value

        wrong = wrong_value(error, Entry)
        raise UsageError(f"{where[0]}: {wrong.en}", f"{where[1]}：{wrong.zh}") from None
    if all(getattr(fields, name) is None for name in _NAMED):
        raise UsageError(
            f"{where[0]}: it names nothing; give one of {', '.join(_NAMED)}",
            f"{where[1]}：没有写明忽略什么，请至少写 {'、'.join(_NAMED)} 之一",
        )
    values = {name: getattr(fields, name) for name in FIELDS}
    # Ids are text, though TOML lets them be written as numbers.
    ids = {name: str(values[name]) for name in ("order", "product") if values[name] is not None}
    return Suppression(number, **{**values, **ids})


def _refuse(path: Path, en: str, zh: str) -> NoReturn:
    raise UsageError(f"{path}: {en}", f"{path}：{zh}") from None
