"""Errors and warnings for Python users, with the names of ``scan()``'s parameters."""

import os
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

from merchantwatch.errors import IncompleteWarning, MerchantwatchError, UsageError
from merchantwatch.language.quarantine_reasons import REASONS
from merchantwatch.language.text import Text
from merchantwatch.language.validation import wrong_value
from merchantwatch.results.bad_rows import BadRows, unread
from merchantwatch.results.model import Results
from merchantwatch.rules import BoundRule, Risk, Rulebook, find

_MAPPED = re.compile(r"--map (FIELD|字段|[a-z_]+)=(COLUMN|列名)")
# Hints at commands are left out: they would lead a Python user to another program.
_COMMAND = re.compile(
    r", which 'merchantwatch init [^']*' writes"
    r"|，“merchantwatch init [^”]*”可生成该文件"
    r"|; 'merchantwatch rules' lists them|。“merchantwatch rules”可列出全部"
)
_OPTION = re.compile(r"--([a-z]+(?:-[a-z]+)*)(?: (?=(?:duckdb|spark)\b|[^a-z\s])| (?=\S+:))?")


class UnknownRuleError(UsageError, ValueError):
    """There is no such rule, or it was not selected in this scan."""


def in_python(text: str) -> str:
    """Return a message with options written as what ``scan()`` takes: ``tz=`` for ``--tz``."""
    text = _COMMAND.sub("", _MAPPED.sub(r'map={"\1": "\2"}', text))
    return _OPTION.sub(lambda found: _parameter(found[1], joined=found[0].endswith(" ")), text)


def _parameter(option: str, *, joined: bool) -> str:
    return option.replace("-", "_") + ("=" if joined else "")


class _Typed(msgspec.Struct, frozen=True):
    """Parameters whose types nothing else looks at before they are used."""

    config: str | None = None
    pack: list[str] = []
    map: str | list[str] | dict[str, str] | None = None
    words: dict[str, dict[str, str]] | None = None


def refuse_types(**given: Any) -> None:
    """Raise UsageError for a parameter of a type that it cannot have."""
    plain = {name: _plain(value) for name, value in given.items()}
    try:
        msgspec.convert(plain, _Typed)
    except msgspec.ValidationError as error:
        wrong = wrong_value(error, _Typed)
        raise UsageError(wrong.en, wrong.zh) from None


def _plain(value: Any) -> Any:
    """Return paths as texts, and mappings and tuples as msgspec knows them."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return os.fspath(value) if isinstance(value, os.PathLike) else value


@contextmanager
def speaking_python() -> Iterator[None]:
    """Reword errors raised within, to name the parameters of ``scan()``."""
    try:
        yield
    except MerchantwatchError as error:
        error.en, error.zh = in_python(error.en), in_python(error.zh)
        error.args = (error.en,)
        raise


def warn_of_unread(results: Results, max_bad_rows: str) -> None:
    """Warn of inputs that failed among others, and of too many rows that were not understood."""
    for _, text in unread(results.failed, results.inputs, BadRows.parse(max_bad_rows)):
        # The first bad row is named: in Python no report may be looked at.
        message = text.of(results.lang)
        if results.quarantine and text not in results.failed:
            first = results.quarantine[0]
            why = REASONS[first.reason].text.of(results.lang)
            place = f"{first.file}[{first.row}] {first.column}".rstrip()
            message += Text(zh=f"；第一行：{place}：{why}", en=f"; the first: {place}: {why}").of(
                results.lang
            )
        # At the line that called scan(), past this module and report.py.
        warnings.warn(in_python(message), IncompleteWarning, stacklevel=4)


def rule_of(code: str, selected: Rulebook, every: Rulebook) -> BoundRule | Risk:
    """Return a selected rule by its code or name, whatever its case.

    Raises UnknownRuleError with the nearest name, or that the rule was not selected.
    """
    with speaking_python():
        try:
            return find(selected, code.lower() if "-" in code else code)
        except UsageError:
            pass
        try:
            found = find(every, code.lower() if "-" in code else code)
        except UsageError as error:
            raise UnknownRuleError(error.en, error.zh) from None
    raise UnknownRuleError(
        f'{found.code} was not selected in this scan; scan again with select=["{found.code}"]',
        f'{found.code} 不在本次扫描所选的规则中；请用 select=["{found.code}"] 重新扫描',
    )


def warn_of_unjudged(results: Results, code: str) -> None:
    """Warn if a rule could not be evaluated: no hits do not mean that all is well."""
    outcome = results.outcome(code)
    if outcome is None or outcome.status == "evaluated":
        return
    text = Text(
        zh=f"{code} 未能判定：缺少 {'、'.join(outcome.missing)}",
        en=f"{code} was not evaluated: {', '.join(outcome.missing)} missing",
    )
    if outcome.status == "not_applicable":
        text = Text(
            zh=f"{code} 未判定：没有该平台的订单",
            en=f"{code} was not judged: no line of its platform",
        )
    warnings.warn(text.of(results.lang), IncompleteWarning, stacklevel=3)
