"""Rules: packs of platform clauses, loaded, checked, and selected."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType

import msgspec

from merchantwatch.errors import UsageError
from merchantwatch.language.suggestions import meant
from merchantwatch.rules import binding, changes, facts, packs, routes
from merchantwatch.rules.book import ANY_PLATFORM, BoundRule, Risk, Rulebook
from merchantwatch.rules.clocks import changed, elapsed, later, on_the_clocks_of
from merchantwatch.rules.exempting import LISTED, covers, with_exemptions
from merchantwatch.rules.exemption import Exemption
from merchantwatch.rules.model import Rule, RuleVersion
from merchantwatch.rules.penalty import Penalty, Tier
from merchantwatch.rules.routes import province_named
from merchantwatch.rules.suppressing import suppressible, with_suppressions
from merchantwatch.rules.suppression import Suppression
from merchantwatch.rules.terms import (
    LIMITS,
    SEVERITIES,
    Confidence,
    Limits,
    Scope,
    Severity,
    Source,
    TaskKind,
    span_of,
    span_sql,
)
from merchantwatch.rules.texts import filled
from merchantwatch.support.cache import cached

__all__ = [
    "ANY_PLATFORM",
    "LIMITS",
    "SEVERITIES",
    "BoundRule",
    "Confidence",
    "Exemption",
    "Limits",
    "Penalty",
    "Risk",
    "Rule",
    "RuleVersion",
    "Rulebook",
    "Scope",
    "Severity",
    "Source",
    "Suppression",
    "TaskKind",
    "Tier",
    "adjusted",
    "built_in",
    "changed",
    "covers",
    "elapsed",
    "filled",
    "find",
    "later",
    "load",
    "on_the_clocks_of",
    "province_named",
    "selected",
    "span_of",
    "span_sql",
    "suppressible",
    "with_exemptions",
    "with_suppressions",
]

_FOLDER = Path(__file__).parent


@cache
def built_in() -> Rulebook:
    """Return the rules and signals that come with the program."""
    return cached(_FOLDER, Rulebook, _bound)


def _bound() -> Rulebook:
    """Bind all built-in packs, whose predicates are checked like those of any pack."""
    rules: list[BoundRule] = []
    risk = None
    # By name, so that rules, and with them findings, have one order on every machine.
    for file in sorted(set(_FOLDER.glob("*.toml")) - {facts.FILE, routes.FILE}):
        pack = packs.decoded(file.read_bytes(), file.name)
        head = pack.pack
        rules += [binding.bind(r, head.platforms, head.reviewed, file.name) for r in pack.rule]
        risk = pack.risk or risk
    return Rulebook(rules=tuple(rules), risk=risk)


def load(user_packs: Sequence[Path]) -> Rulebook:
    """Return the built-in rules, with a user's packs over and beside them.

    Raises UsageError that names the file, the rule and the field of an error in a pack.
    """
    book = built_in()
    for path in user_packs:
        book = changes.over(book, packs.read(path), str(path))
    return book


def adjusted(
    book: Rulebook,
    wanted: Mapping[str, Mapping[str, object]],
    risk_numbers: Mapping[str, object] = MappingProxyType({}),
) -> Rulebook:
    """Return the book with single values of rules replaced by those of ``[rules.CODE]`` tables.

    ``wanted`` are these tables by code; ``risk_numbers`` the table ``[risk]``: ``near``,
    ``breached``, and the risk of signals by code. Raises UsageError for an unknown code, field or
    value.
    """
    settable = sorted(_SETTABLE)
    wanted = _with_risks(book, wanted, risk_numbers)
    rules = {bound.code: bound for bound in book.rules}
    risk = book.risk
    for code, values in wanted.items():
        wrong = sorted(values.keys() - _SETTABLE)
        if risk is not None and code == risk.code and not wrong:
            risk = changes.with_values(risk, values, f"[rules.{code}]")
        elif code in rules and not wrong:
            # No predicate can be set, so that nothing has to be bound again.
            bound = rules[code]
            rule = changes.with_values(bound.rule, values, f"[rules.{code}]")
            rules[code] = msgspec.structs.replace(bound, rule=rule)
        elif code in rules or (risk is not None and code == risk.code):
            raise UsageError(
                f"[rules.{code}]: {wrong[0]} cannot be set, only {', '.join(settable)}",
                f"[rules.{code}]：不能设置 {wrong[0]}；可设置 {'、'.join(settable)}",
            )
        else:
            raise _unknown(code, book)
    return Rulebook(rules=tuple(rules.values()), risk=risk)


def _with_risks(
    book: Rulebook, wanted: Mapping[str, Mapping[str, object]], numbers: Mapping[str, object]
) -> dict[str, dict[str, object]]:
    """Return the ``[rules.CODE]`` tables, completed by the values of ``[risk]``."""
    tables = {code: dict(values) for code, values in wanted.items()}
    for name, number in numbers.items():
        if book.risk is not None and name in ("near", "breached"):
            tables.setdefault(book.risk.code, {})[name] = number
        else:
            tables.setdefault(name, {})["risk"] = number
    return tables


_SETTABLE = {
    "at_least",
    "more_than",
    "near",
    "near_before",
    "near_after",
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
"""The fields that a ``[rules.CODE]`` table may set."""


def selected(book: Rulebook, select: Sequence[str], ignore: Sequence[str]) -> Rulebook:
    """Return the book reduced to the rules that ``--select`` and ``--ignore`` leave.

    Each entry is a code, the beginning of codes (``DY``, ``DY1``) or a name. Selecting the
    intervention risk selects its signals, too. A rule whose clause has ended judges later lines,
    too, if it is selected by its whole code or name. Raises UsageError for an unknown entry.
    """
    for entry in (*select, *ignore):
        if not _codes(book, entry):
            raise _unknown(entry, book)
    chosen = _union(book, select) if select else _union(book, [""])
    if book.risk is not None and select and book.risk.code in chosen:
        chosen |= {bound.code for bound in book.signals}  # without them it would add up nothing
    chosen -= _union(book, ignore)
    rules = tuple(
        _without_end_if_named(bound, select) for bound in book.rules if bound.code in chosen
    )
    keep_risk = book.risk is not None and book.risk.code in chosen
    return msgspec.structs.replace(book, rules=rules, risk=book.risk if keep_risk else None)


def find(book: Rulebook, code: str) -> BoundRule | Risk:
    """Return one rule by its code or name. Raises UsageError for an unknown one."""
    for bound in book.rules:
        if code.upper() == bound.code or code == bound.rule.name:
            return bound
    if book.risk is not None and (code.upper() == book.risk.code or code == book.risk.name):
        return book.risk
    raise _unknown(code, book)


def _without_end_if_named(bound: BoundRule, select: Sequence[str]) -> BoundRule:
    """Return a rule that also judges lines after its clause has ended, if it is named in full."""
    named = bound.rule.name in select or bound.code in map(str.upper, select)
    if not named or bound.without_end is None:
        return bound
    return msgspec.structs.replace(bound.without_end, rule=bound.rule.without_end)


def _union(book: Rulebook, entries: Sequence[str]) -> set[str]:
    return {code for entry in entries for code in _codes(book, entry)}


def _codes(book: Rulebook, entry: str) -> set[str]:
    named = {bound.code: bound.rule.name for bound in book.rules}
    if book.risk is not None:
        named[book.risk.code] = book.risk.name
    return {code for code, name in named.items() if code.startswith(entry.upper()) or name == entry}


def _unknown(entry: str, book: Rulebook) -> UsageError:
    names = [name for bound in book.rules for name in (bound.code, bound.rule.name)]
    hint = meant(entry, names, LISTED)
    return UsageError(f"{entry}: no such rule{hint.en}", f"{entry}：没有这条规则{hint.zh}")
