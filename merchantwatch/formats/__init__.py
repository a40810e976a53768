"""Formats: which export is which, told by its headers, and which header is which field."""

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

import msgspec

from merchantwatch.errors import InputError, UsageError
from merchantwatch.fields import FIELDS, WORDS, nearest
from merchantwatch.formats.model import Derived, Format, Part, Recognise
from merchantwatch.texts import Text

__all__ = [
    "MAPPED",
    "Derived",
    "Format",
    "Part",
    "Recognise",
    "fold",
    "formats",
    "mapped",
    "recognise",
]

MAPPED = "mapped"
"""The code of the format that a user's own mapping describes."""

_AROUND_A_HEADER = " \t\r\n\"'=\u00a0\u3000\ufeff\u200b"


def fold(header: str) -> str:
    """Return a header as formats write it: NFKC, without BOM, quotes, TABs and blanks around."""
    return unicodedata.normalize("NFKC", header).strip(_AROUND_A_HEADER)


@cache
def formats() -> tuple[Format, ...]:
    """Return the built-in formats in the order of their files' names."""
    folder = resources.files("merchantwatch.formats")
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".toml")), key=str)
    return tuple(_folded(msgspec.toml.decode(item.read_bytes(), type=Format)) for item in files)


def _folded(form: Format) -> Format:
    def header(spec: str | Part) -> str | Part:
        if isinstance(spec, Part):
            return msgspec.structs.replace(spec, header=fold(spec.header))
        return fold(spec)

    columns = {field: [header(spec) for spec in specs] for field, specs in form.columns.items()}
    words = {field: {fold(w): c for w, c in table.items()} for field, table in form.words.items()}
    return msgspec.structs.replace(form, columns=columns, words=words)


def recognise(headers: Iterable[str], label: str) -> Format:
    """Return the one format that fits a file's headers.

    Raises InputError with the nearest formats and what they miss where none fits, and with the
    candidates where several do.
    """
    present = frozenset(fold(header) for header in headers)
    fitting = [form for form in formats() if form.recognise and form.recognise.fits(present)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = ", ".join(form.code for form in fitting)
        raise InputError(
            f"{label}: its headers fit several formats ({names}); remove the columns that are not "
            "part of the export, or map it with --map",
            f"{label}：表头同时符合多种格式（{names}）；请删除多余的列，或用 --map 指定各列",
        )
    raise _unrecognised(present, label)


def _unrecognised(present: frozenset[str], label: str) -> InputError:
    near = []
    for form in formats():
        if form.recognise is None:
            continue
        known = {
            spec.header if isinstance(spec, Part) else spec
            for s in form.columns.values()
            for spec in s
        }
        near.append((-len(known & present), form.code, form.recognise.missing(present)))
    best = sorted(near)[:2]
    en = "; ".join(
        f"{code} would need {', '.join(lack) or 'fewer columns'}" for _, code, lack in best
    )
    zh = "；".join(f"{code} 还缺 {'、'.join(lack) or '（列冲突）'}" for _, code, lack in best)
    return InputError(
        f"{label}: no known export has these headers ({en}); "
        "name its columns with --map FIELD=COLUMN or in merchantwatch.toml",
        f"{label}：没有任何已知格式的表头与之相符（{zh}）；"
        "请用 --map 字段=列名 或 merchantwatch.toml 指定",
    )


def mapped(
    columns: Mapping[str, str], words: Mapping[str, Mapping[str, str]], platform: str
) -> Format:
    """Return the format that a user's own mapping describes.

    ``columns`` is field → header, ``words`` word field → {their word: canonical word}. Canonical
    words stand for themselves, and the words of the platform's own exports are understood too.
    Raises UsageError for a field or a canonical word that does not exist.
    """
    for field in columns:
        _check_field(field)
    for field, table in words.items():
        _check_words(field, table)
    if "line_id" not in columns and "order_id" not in columns:
        raise UsageError(
            "a mapping needs line_id or order_id; add --map line_id=COLUMN",
            "列映射至少要有 line_id 或 order_id；请加上 --map line_id=列名",
        )
    known = [form for form in formats() if form.platform == platform and form.kind == "orders"]
    return Format(
        code=MAPPED,
        platform=platform,
        kind="orders",
        title=Text(zh="按映射读取", en="read by a mapping"),
        where=Text(zh="merchantwatch.toml 或 --map", en="merchantwatch.toml or --map"),
        columns={field: [fold(header)] for field, header in columns.items()},
        words={field: _all_words(field, words.get(field, {}), known) for field in WORDS},
        empty=["-", "--"],
        file_time=known[0].file_time if known else "",
    )


def _check_field(field: str) -> None:
    able = [name for name, known in FIELDS.items() if known.exported]
    if field not in able:
        near = nearest(field, able)
        raise UsageError(
            f"--map: {field!r} is no field; "
            + (f"did you mean {near}? " if near else "")
            + f"fields: {', '.join(able)}",
            f"--map：没有名为 {field!r} 的字段"
            + (f"，是否想写 {near}？" if near else "。")
            + f"可用字段：{'、'.join(able)}",
        )


def _check_words(field: str, table: Mapping[str, str]) -> None:
    if field not in WORDS:
        raise UsageError(
            f"[map.{field}]: only {', '.join(WORDS)} hold words",
            f"[map.{field}]：只有 {'、'.join(WORDS)} 可以映射词语",
        )
    for word, canonical in table.items():
        if canonical not in WORDS[field]:
            near = nearest(canonical, WORDS[field])
            raise UsageError(
                f"[map.{field}] {word} = {canonical!r}: not one of {', '.join(WORDS[field])}"
                + (f"; did you mean {near}?" if near else ""),
                f"[map.{field}] {word} = {canonical!r}：应为 {'、'.join(WORDS[field])} 之一"
                + (f"，是否想写 {near}？" if near else ""),
            )


def _all_words(field: str, own: Mapping[str, str], known: list[Format]) -> dict[str, str]:
    words = {word: word for word in WORDS[field]}
    for form in known:
        words.update(form.words.get(field, {}))
    return words | {fold(word): canonical for word, canonical in own.items()}
