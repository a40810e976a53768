"""Rules: packs of platform clauses, loaded, checked, and selected."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TypeVar

import msgspec

from merchantwatch.errors import UsageError
from merchantwatch.fields import nearest
from merchantwatch.rules import binding
from merchantwatch.rules.model import (
    ANY_PLATFORM,
    BoundRule,
    Pack,
    Risk,
    Rule,
    Rulebook,
    Version,
)
from merchantwatch.rules.penalty import Penalty, Tier
from merchantwatch.rules.terms import SEVERITIES, Scope, Severity, span_of, span_sql

__all__ = [
    "ANY_PLATFORM",
    "SEVERITIES",
    "BoundRule",
    "Penalty",
    "Risk",
    "Rule",
    "Rulebook",
    "Scope",
    "Severity",
    "Tier",
    "Version",
    "adjusted",
    "built_in",
    "find",
    "load",
    "selected",
    "span_of",
    "span_sql",
]

MAX_PACK_BYTES = 1_000_000

_Entry = TypeVar("_Entry", Rule, Risk)


@cache
def built_in() -> Rulebook:
    """Return the rules and signals that come with the program."""
    folder = resources.files("merchantwatch.rules")
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".toml")), key=str)
    return _book([_pack(item.read_bytes(), item.name) for item in files])


def load(packs: Sequence[Path]) -> Rulebook:
    """Return the built-in rules with the rules of a user's own packs beside them.

    Raises UsageError that names the file, the rule and the field of whatever is wrong in a pack.
    """
    book = built_in()
    for path in packs:
        own = _book([_pack(_bytes(path), str(path))])
        for bound in own.rules:
            if book.of_code(bound.code) is not None:
                raise UsageError(
                    f"{path}: {bound.code} is taken by another rule; give it a code of its own",
                    f"{path}：编号 {bound.code} 已被占用，请换一个编号",
                )
        book = Rulebook(rules=book.rules + own.rules, risk=own.risk or book.risk)
    return book


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path}: the pack cannot be read ({error.strerror})",
            f"{path}：无法读取规则包（{error.strerror}）",
        ) from None
    if len(data) > MAX_PACK_BYTES:
        raise UsageError(
            f"{path}: a pack may hold at most {MAX_PACK_BYTES:,} bytes, this one has {len(data):,}",
            f"{path}：规则包最大 {MAX_PACK_BYTES:,} 字节，此文件有 {len(data):,} 字节",
        )
    return data


def _pack(data: bytes, label: str) -> Pack:
    try:
        return msgspec.toml.decode(data, type=Pack)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{label}: {error}", f"{label}：规则包有误：{error}") from None


def _book(packs: Iterable[Pack]) -> Rulebook:
    rules: list[BoundRule] = []
    risk = None
    for pack in packs:
        risk = pack.risk or risk
        rules.extend(binding.bind(rule, pack) for rule in pack.rule)
    codes = [rule.code for rule in rules]
    for code in codes:
        if codes.count(code) > 1:
            raise UsageError(f"{code} stands twice in a pack", f"规则包里 {code} 出现了两次")
    return Rulebook(rules=tuple(rules), risk=risk)


def adjusted(book: Rulebook, changes: Mapping[str, Mapping[str, object]]) -> Rulebook:
    """Return the book with single values of rules replaced, as ``[rules.CODE]`` tables ask.

    Raises UsageError for an unknown code, field or value.
    """
    rules = {bound.code: bound for bound in book.rules}
    risk = book.risk
    for code, values in changes.items():
        if risk is not None and code == risk.code:
            risk = _changed(risk, values)
        elif code in rules:
            bound = rules[code]
            rules[code] = msgspec.structs.replace(bound, rule=_changed(bound.rule, values))
        else:
            raise _unknown(code, book)
    return Rulebook(rules=tuple(rules.values()), risk=risk)


_ABLE = {
    "at_least",
    "more_than",
    "near",
    "breached",
    "share_at_least",
    "share_more_than",
    "share_near",
    "min_volume",
    "window",
    "window_days",
    "severity",
    "risk",
}
"""What a ``[rules.CODE]`` table may set."""


def _changed(entry: _Entry, values: Mapping[str, object]) -> _Entry:
    able = _ABLE
    wrong = [name for name in values if name not in able or not hasattr(entry, name)]
    if wrong:
        raise UsageError(
            f"[rules.{entry.code}]: {wrong[0]} cannot be set; able are {', '.join(sorted(able))}",
            f"[rules.{entry.code}]：不能设置 {wrong[0]}；可设置 {'、'.join(sorted(able))}",
        )
    plain = msgspec.to_builtins(entry)
    try:
        return msgspec.convert(plain | dict(values), type=type(entry))
    except msgspec.ValidationError as error:
        raise UsageError(
            f"[rules.{entry.code}]: {error}", f"[rules.{entry.code}]：{error}"
        ) from None


def selected(book: Rulebook, select: Sequence[str], ignore: Sequence[str]) -> Rulebook:
    """Return the book reduced to what ``--select`` and ``--ignore`` leave.

    Each entry is a code, the beginning of codes (``DY``, ``DY1``) or a name. Choosing the
    intervention risk chooses the signals that make it. Raises UsageError for an unknown entry.
    """
    for entry in (*select, *ignore):
        if not _codes(book, entry):
            raise _unknown(entry, book)
    chosen = _union(book, select) if select else _union(book, [""])
    if book.risk is not None and select and book.risk.code in chosen:
        chosen |= {bound.code for bound in book.signals}
    chosen -= _union(book, ignore)
    rules = tuple(bound for bound in book.rules if bound.code in chosen)
    keep_risk = book.risk is not None and book.risk.code in chosen
    return Rulebook(rules=rules, risk=book.risk if keep_risk else None)


def find(book: Rulebook, code: str) -> BoundRule | Risk:
    """Return one rule by its code or name. Raises UsageError for an unknown one."""
    for bound in book.rules:
        if code.upper() == bound.code or code == bound.rule.name:
            return bound
    if book.risk is not None and (code.upper() == book.risk.code or code == book.risk.name):
        return book.risk
    raise _unknown(code, book)


def _union(book: Rulebook, entries: Sequence[str]) -> set[str]:
    return {code for entry in entries for code in _codes(book, entry)}


def _codes(book: Rulebook, entry: str) -> set[str]:
    named = {bound.code: bound.rule.name for bound in book.rules}
    if book.risk is not None:
        named[book.risk.code] = book.risk.name
    return {code for code, name in named.items() if code.startswith(entry.upper()) or name == entry}


def _unknown(entry: str, book: Rulebook) -> UsageError:
    names = [name for bound in book.rules for name in (bound.code, bound.rule.name)]
    near = nearest(entry.upper(), names) or nearest(entry, names)
    return UsageError(
        f"{entry}: no such rule; "
        + (f"did you mean {near}? " if near else "")
        + "'merchantwatch rules' lists them",
        f"{entry}：没有这条规则"
        + (f"，是否想写 {near}？" if near else "。")
        + "“merchantwatch rules” 可列出全部规则",
    )
