"""Formats: recognising an export by its headers, and which header is which field."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import get_args

import msgspec

from merchantwatch.config import CellWriting
from merchantwatch.errors import UsageError
from merchantwatch.fields import (
    CASE_FIELDS,
    FIELDS,
    JOIN_FIELDS,
    KEY_FIELDS,
    PARCEL_FIELDS,
    WORDS,
    Kind,
)
from merchantwatch.formats.model import (
    ANY,
    NEVER,
    Derived,
    Format,
    FormatKind,
    HeaderVersion,
    Hint,
    Key,
    KeyField,
    Part,
    Recognise,
)
from merchantwatch.formats.recognising import fold, known_headers, lacks, recognised
from merchantwatch.formats.words import dictionary, known_implying_words, known_words, plain
from merchantwatch.language.suggestions import meant
from merchantwatch.language.text import Text
from merchantwatch.support.cache import cached

__all__ = [
    "ANY",
    "DEFAULT_PLATFORM",
    "MAPPED",
    "NEVER",
    "Derived",
    "Format",
    "FormatKind",
    "HeaderVersion",
    "Hint",
    "Key",
    "Part",
    "Recognise",
    "dictionary",
    "empty_anywhere",
    "fold",
    "formats",
    "known_headers",
    "known_implying_words",
    "known_words",
    "lacks",
    "mapped",
    "plain",
    "recognise",
]

_EMPTY_ELSEWHERE = ("无退款", "未退款", "没有退款", "未申请退款")
"""What ERPs write in a column about cases for lines without a case."""

DEFAULT_PLATFORM = "douyin"
"""The platform whose rules judge a mapped file that names none."""

MAPPED = "mapped"
"""The code of the format that a user's own mapping describes."""

_FOLDER = Path(__file__).parent


@cache
def formats() -> tuple[Format, ...]:
    """Return the built-in formats in the order of their files' names."""
    # Parsing 30 TOML files takes longer than the start of the program otherwise.
    return cached(_FOLDER, tuple[Format, ...], _read)


def _read() -> tuple[Format, ...]:
    files = sorted(_FOLDER.glob("*.toml"))
    return tuple(_folded(msgspec.toml.decode(file.read_bytes(), type=Format)) for file in files)


def _folded(form: Format) -> Format:
    """Return a format with its headers and words folded, as those of files are before comparing."""

    def header(spec: str | Part) -> str | Part:
        if isinstance(spec, Part):
            return msgspec.structs.replace(spec, header=fold(spec.header))
        return fold(spec)

    def fingerprint(given: Recognise) -> Recognise:
        return Recognise(
            all=[fold(name) for name in given.all],
            any=[[fold(name) for name in names] for names in given.any],
            none=[fold(name) for name in given.none],
        )

    return msgspec.structs.replace(
        form,
        recognise=[fingerprint(given) for given in form.recognise],
        columns={field: [header(spec) for spec in specs] for field, specs in form.columns.items()},
        keys=[
            msgspec.structs.replace(key, of=[[fold(name) for name in names] for names in key.of])
            for key in form.keys
        ],
        hints=[
            msgspec.structs.replace(
                hint,
                headers=[fold(name) for name in hint.headers],
                words={fold(word).lower(): meaning for word, meaning in hint.words.items()},
            )
            for hint in form.hints
        ],
        words={
            field: _expected(form, field)
            for field in {**form.observed, **form.words, **form.assumed}
        },
    )


def _expected(form: Format, field: str) -> dict[str, str]:
    """Return the words that a format expects in a field, likeliest first, with their meanings."""
    stated = form.words.get(field, {})
    known = known_words(field, stated)
    words = [*form.observed.get(field, ()), *stated, *form.assumed.get(field, ())]
    return {fold(word): known[plain(word)] for word in words}


def recognise(headers: Iterable[str], label: str) -> Format:
    """Return the one format that fits a file's headers, whatever their order.

    Raises InputError: if none fits, with the nearest formats and what they lack; if several fit,
    with their names.
    """
    return recognised(formats(), frozenset(fold(header) for header in headers), label)


def mapped(
    columns: Mapping[str, str],
    words: Mapping[str, Mapping[str, str]],
    platform: str,
    cells: CellWriting | None = None,
) -> Format:
    """Return the format that a user's mapping describes.

    ``columns`` is field → header, ``words`` word field → {their word: canonical word}. Canonical
    words mean themselves, and the words of the platform's exports are understood too. If no promise
    is computed for these exports, none is computed here. ``cells`` says how cells are written.
    Raises UsageError for an unknown field or canonical word.
    """
    cells = cells or CellWriting()
    for field in [*columns, *filter(None, cells.time_format)]:
        _check_field(field)
    for field, table in words.items():
        _check_words(field, table)
    known = [form for form in formats() if form.platform == platform and form.kind == "orders"]
    return Format(
        code=MAPPED,
        platform=platform,
        kind=_kind_of(columns),
        title=Text(zh="按映射读取", en="read by a mapping"),
        where=Text(zh="merchantwatch.toml 或 --map", en="merchantwatch.toml or --map"),
        columns=_mapped_columns(columns),
        hints=_mapped_hints(columns, words),
        keys=_mapped_keys(columns),
        words=_mapped_words(words, known, of_cases=_kind_of(columns) == "cases"),
        # As the platform's own exports: a mapping only renames columns.
        usual_promise=all(form.usual_promise for form in known),
        promise=next((form.promise for form in known if form.promise), None),
        empty=list(empty_anywhere()),
        time_formats=_time_formats(columns, cells),
        decimal=cells.decimal,
        nothing=[fold(word) for word in cells.empty],
        currency=cells.currency.upper(),
        file_time=next((form.file_time for form in known if form.file_time), None),
        file_shop=next((form.file_shop for form in known if form.file_shop), ""),
    )


def _mapped_columns(columns: Mapping[str, str]) -> dict[str, list[str | Part]]:
    """Return the header of each field that is read as it stands, which hints and keys are not."""
    hints_and_keys = {*KEY_FIELDS, "fulfilment"}
    return {f: [fold(header)] for f, header in columns.items() if f not in hints_and_keys}


def _mapped_keys(columns: Mapping[str, str]) -> list[Key]:
    """Return the keyed hashes to compute from mapped columns about people."""
    fields = [field for field in get_args(KeyField) if field in columns]
    return [Key(field=field, by="mapped", of=[[fold(columns[field])]]) for field in fields]


def _mapped_words(
    words: Mapping[str, Mapping[str, str]], known: list[Format], *, of_cases: bool
) -> dict[str, dict[str, str]]:
    """Return the words of each word field: those of the mapping, and those of known formats."""
    # Those of fulfilment imply something of a line, as hints: _mapped_hints has them.
    fields = [name for name in WORDS if name != "fulfilment"]
    return {
        name: _all_words(name, words.get(name, {}), known)
        for name in fields
        if not of_cases or name in CASE_FIELDS
    }


def _time_formats(columns: Mapping[str, str], cells: CellWriting) -> dict[str, str]:
    """Return the time format of each field for which the mapping states one."""
    # A format for "" holds for all times; one for a field wins over it.
    times = [name for name in columns if name in FIELDS and FIELDS[name].kind is Kind.TIME]
    stated = {name: cells.time_format.get("", "") for name in times} | cells.time_format
    return {name: form for name, form in stated.items() if name and form}


_OF_PARCELS = {*PARCEL_FIELDS, "shop", "shipped_at", "last_tracked_at", "out_for_delivery_at"}


def _kind_of(columns: Mapping[str, str]) -> FormatKind:
    """Return what a row of a mapped table is: an order line, a case or a parcel.

    It is a case or a parcel if that id is mapped and all other fields belong to cases or parcels;
    otherwise an order line. Raises UsageError if no id is mapped that identifies rows.
    """
    # Keys tell people apart, and not what a row is.
    fields = set(columns) - set(KEY_FIELDS)
    if "line_id" not in fields:
        if "case_id" in fields and fields <= {*CASE_FIELDS, *JOIN_FIELDS}:
            return "cases"
        if "tracking_no" in fields and fields <= _OF_PARCELS:
            return "parcels"
        if "order_id" not in fields:
            raise UsageError(
                "a mapping needs line_id or order_id, or tracking_no for a table of parcels, or "
                "case_id for one of cases; add --map line_id=COLUMN",
                "列映射至少要有 line_id 或 order_id（包裹表用 tracking_no，售后表用 case_id）；"
                "请加上 --map line_id=列名",
            )
    return "orders"


def _mapped_hints(columns: Mapping[str, str], words: Mapping[str, Mapping[str, str]]) -> list[Hint]:
    """Return the hints on how lines are fulfilled, from the words that a mapping names."""
    if "fulfilment" not in columns:
        return []
    mapped = {fold(w).lower(): meanings for w, meanings in words.get("fulfilment", {}).items()}
    meanings = {word: word for word in WORDS["fulfilment"]} | mapped
    return [Hint(field="fulfilment", headers=[fold(columns["fulfilment"])], words=meanings)]


@cache
def empty_anywhere() -> tuple[str, ...]:
    """Return all cells that mean "nothing" in any export; in a mapped one each of them does."""
    cells = {cell for form in formats() for cell in form.empty}
    return tuple(sorted(cells.union(_EMPTY_ELSEWHERE)))


def _check_field(field: str) -> None:
    mappable = [name for name, known in FIELDS.items() if known.exported or name in KEY_FIELDS]
    if field not in mappable:
        known = Text(zh=f"可用字段：{'、'.join(mappable)}", en=f"fields: {', '.join(mappable)}")
        hint = meant(field, mappable, known)
        raise UsageError(
            f"--map: {field!r} is no field{hint.en}",
            f"--map：没有名为 {field!r} 的字段{hint.zh}",
        )


def _check_words(field: str, table: Mapping[str, str]) -> None:
    if field not in WORDS:
        raise UsageError(
            f"[map.{field}]: only {', '.join(WORDS)} hold words",
            f"[map.{field}]：只有 {'、'.join(WORDS)} 可以映射词语",
        )
    for word, canonical in table.items():
        if canonical not in WORDS[field]:
            choices, hint = WORDS[field], meant(canonical, WORDS[field])
            raise UsageError(
                f"[map.{field}] {word} = {canonical!r}: not one of {', '.join(choices)}{hint.en}",
                f"[map.{field}] {word} = {canonical!r}：应为 {'、'.join(choices)} 之一{hint.zh}",
            )


def _all_words(field: str, stated: Mapping[str, str], known: list[Format]) -> dict[str, str]:
    # A later entry wins: the user's meaning over that of formats, and theirs over the word itself.
    words = {word: word for word in WORDS[field]}
    for form in known:
        words.update(form.words.get(field, {}))
    return words | {fold(word): canonical for word, canonical in stated.items()}
