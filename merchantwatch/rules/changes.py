"""A user's pack over the built-in ones: rules switched off, and single values replaced."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from merchantwatch.errors import UsageError
from merchantwatch.language.suggestions import meant
from merchantwatch.language.text import Text
from merchantwatch.rules import binding, bounds
from merchantwatch.rules.book import BoundRule, Pack, Risk, Rulebook
from merchantwatch.rules.model import Rule

RESERVED = ("DY", "TM", "TB", "TT", "TG", "PD", "TK", "AM", "MP", "IR", "DQ")
"""How codes of built-in rules, and of reasons of quarantine, begin: no other pack may use them."""

_INSTEAD = (("at_least", "more_than"), ("share_at_least", "share_more_than"))

_Entry = TypeVar("_Entry", Rule, Risk)


def over(book: Rulebook, pack: Pack, label: str) -> Rulebook:
    """Return the book with a user's pack applied: rules changed, switched off, and added.

    Raises UsageError that names the file, the rule and the field of an error.
    """
    for change in pack.change:
        book = _changed(book, change, label)
    rules = list(book.rules)
    for rule in pack.rule:
        _check_code(rule.code, [bound.code for bound in rules], label)
        rules.append(binding.bind(rule, pack.pack.platforms, pack.pack.reviewed, label))
    return Rulebook(rules=tuple(rules), risk=pack.risk or book.risk)


def _check_code(code: str, taken: list[str], label: str) -> None:
    if code in taken:
        raise UsageError(
            f"{label}: {code} is taken by another rule; give it a code of its own, "
            "or write [[change]] to change that rule",
            f"{label}：编号 {code} 已被占用，请换一个编号；要修改该规则请写 [[change]]",
        )
    if code.startswith(RESERVED):
        reserved = ", ".join(RESERVED)
        raise UsageError(
            f"{label}: {code}: codes that begin with {reserved} are kept for built-in rules; "
            "choose letters of your own",
            f"{label}：{code}：以 {reserved} 开头的编号留给内置规则，请换用自己的字母",
        )


def _changed(book: Rulebook, change: Mapping[str, Any], label: str) -> Rulebook:
    """Return the book with one rule changed, or without it."""
    code = change.get("code")
    values = {name: value for name, value in change.items() if name != "code"}
    found = book.of_code(code) if isinstance(code, str) else None
    # Alone: a rule that is off has no other value to change.
    if found is not None and values == {"off": True}:
        return msgspec.structs.replace(book, rules=tuple(b for b in book.rules if b is not found))
    if found is not None:
        rules = tuple(_bound_again(b, values, label) if b is found else b for b in book.rules)
        return msgspec.structs.replace(book, rules=rules)
    if book.risk is not None and code == book.risk.code:
        return msgspec.structs.replace(book, risk=with_values(book.risk, values, label))
    hint = meant(str(code), [bound.code for bound in book.rules])
    raise UsageError(
        f"{label}: [[change]] {code}: no such rule{hint.en}",
        f"{label}：[[change]] {code}：没有这条规则{hint.zh}",
    )


def _bound_again(bound: BoundRule, values: Mapping[str, Any], label: str) -> BoundRule:
    rule = with_values(bound.rule, values, label)
    return binding.bind(rule, bound.platforms, bound.reviewed, label)


def with_values(entry: _Entry, values: Mapping[str, Any], label: str) -> _Entry:
    """Return a rule with some of its values replaced; one limit takes the place of another."""
    # As plain values, so that the new ones are validated like those of a pack.
    plain = msgspec.to_builtins(entry)
    for name in values:
        if name not in plain or name == "code":
            hint = meant(name, plain)
            raise UsageError(
                f"{label}: {entry.code}: {name} is no field of a rule{hint.en}",
                f"{label}：{entry.code}：规则没有 {name} 这个字段{hint.zh}",
            )
        # A rule with both limits is refused: who sets one of them wants it instead of the other.
        for pair in _INSTEAD:
            if name in pair:
                plain |= dict.fromkeys((other for other in pair if other in plain), None)
    fault = bounds.fault(dict(values))
    if fault is None:
        try:
            return msgspec.convert(plain | dict(values), type=type(entry))
        except (msgspec.ValidationError, RecursionError) as error:
            from merchantwatch.language.validation import wrong_value

            wrong = wrong_value(error, type(entry))
    else:
        wrong = Text.same(fault)
    raise UsageError(f"{label}: {entry.code}: {wrong.en}", f"{label}：{entry.code}：{wrong.zh}")
