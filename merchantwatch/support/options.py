"""Declaration of an option, from which flags, settings files, schemas and docs are derived."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import Field, field, fields
from enum import Flag, auto
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeAlias, TypeVar

from merchantwatch.errors import UsageError

Flags: TypeAlias = Mapping[str, Any]
"""Values of flags, or of the parameters of ``scan()``, each of the type that its option states."""

T = TypeVar("T")

ENV_PREFIX = "MERCHANTWATCH_"

_LEAST_OF_A_KEY = 16
_WHOLE = re.compile("[1-9][0-9]{0,2}")


class By(Flag):
    """The ways to set an option: a flag, an environment variable, merchantwatch.toml, scan()."""

    FLAG = auto()
    ENVIRONMENT = auto()
    FILE = auto()
    PYTHON = auto()


ANY = By.FLAG | By.ENVIRONMENT | By.FILE
"""The ways to set most options that only the command line has."""


class Option(NamedTuple):
    """An option: its texts in English and Chinese, and what can set it.

    ``group`` is that of the commands that take the flag, "" for an option without a flag. ``unset``
    is the text of its default in both languages. ``commas``: one text may hold several values.
    ``in_file`` is its type in merchantwatch.toml where that differs from the value's, ``page`` the
    page of docs/ about it.
    """

    en: str
    zh: str
    metavar: str = ""
    group: str = ""
    by: By = ANY
    choices: tuple[str, ...] = ()
    unset: tuple[str, str] = ("", "")
    commas: bool = False
    secret: bool = False
    in_file: object = None
    page: str = ""


def option(default: T, about: Option) -> T:
    """Declare a field of a dataclass as an option. A secret is left out of its repr."""
    return field(default=default, metadata=metadata_of(about), repr=not about.secret)


def table(factory: Callable[[], T], about: Option) -> T:
    """Declare an option whose value is a table, empty at first."""
    return field(default_factory=factory, metadata=metadata_of(about))


def metadata_of(about: Option) -> Mapping[str, Option]:
    """Return what a field of a dataclass says to be an option."""
    return {"option": about}


def options(settings: type) -> Mapping[str, tuple[Option, "Field[Any]"]]:
    """Return what a dataclass declares, by name and in order."""
    return {one.name: (one.metadata["option"], one) for one in fields(settings) if one.metadata}


def named(name: str) -> str:
    """Return an option as it is written on the command line."""
    return f"--{name.replace('_', '-')}"


def tidied(name: str, about: Option, kind: object, value: Any, folder: Path) -> object:
    """Return a value as its type: paths relative to a folder, and texts split at commas.

    Raises UsageError for an invalid value.
    """
    if kind == Path | None:
        return folder / value if isinstance(value, str | PathLike) else _refuse(name, value)
    # A list in the file is taken as it is; flags and variables write several values in one text.
    if kind == tuple[str, ...]:
        texts = value.split(",") if isinstance(value, str) else value
        if not isinstance(texts, Collection) or not all(isinstance(text, str) for text in texts):
            _refuse(name, value)
        values = [part for text in texts for part in text.split(",")] if about.commas else texts
        return tuple(text.strip() for text in values if text.strip())
    if kind == int | None:
        return _whole_number(name, value)
    if about.secret and len(value) < _LEAST_OF_A_KEY:
        raise UsageError(
            f"{name}: give at least {_LEAST_OF_A_KEY} characters that cannot be guessed",
            f"{name}：请给出至少 {_LEAST_OF_A_KEY} 个字符、他人无法猜到的密钥",
        )
    if about.choices and value not in about.choices:
        raise _no_choice(name, about.choices, str(value)[:40])
    return str(value)


def mapped_by(flags: str | Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    """Return field → column of a mapping, or of texts like FIELD=COLUMN."""
    if isinstance(flags, Mapping):
        return dict(flags)
    columns = {}
    for flag in [flags] if isinstance(flags, str) else flags:
        name, sign, column = flag.partition("=")
        if not sign or not column.strip():
            raise UsageError(
                f"--map {flag}: write it as FIELD=COLUMN", f"--map {flag}：请写成 字段=列名"
            )
        columns[name.strip()] = column.strip()
    return columns


def _refuse(name: str, value: object) -> NoReturn:
    """Refuse what only Python can hand over: a value of another type."""
    raise UsageError(
        f"{name} = {str(value)[:40]}: give text, not {type(value).__name__}",
        f"{name} = {str(value)[:40]}：应为文字，不是 {type(value).__name__}",
    )


def _no_choice(name: str, choices: tuple[str, ...], value: str) -> UsageError:
    *first, last = choices
    return UsageError(
        f"{name} = {value}: {', '.join(first)} or {last}",
        f"{name} = {value}：只能是 {'、'.join(first)} 或 {last}",
    )


def _whole_number(name: str, value: object) -> int:
    if not _WHOLE.fullmatch(str(value)):
        raise UsageError(
            f"{name} = {str(value)[:40]}: give a whole number from 1 to 999",
            f"{name} = {str(value)[:40]}：请给出 1 至 999 的整数",
        )
    return int(str(value))
