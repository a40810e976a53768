"""What is wrong with a value in a TOML file, in both languages, from what msgspec says of it."""

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from msgspec import inspect

from merchantwatch.language.suggestions import meant
from merchantwatch.language.text import Text

Found: TypeAlias = re.Match[str]

_MOST_LISTED = 12
"""Of more names, a message suggests one and lists none."""

_PATH = re.compile(r" - at (?:`key` in )?`\$\.?([^`]*)`$")
# Where the key of a mapping stands, msgspec writes [...].
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_KINDS = {
    "str": Text(zh="文字", en="text"),
    "int": Text(zh="整数", en="a whole number"),
    "float": Text(zh="数字", en="a number"),
    "decimal": Text(zh="金额", en="a sum of money"),
    "bool": Text(zh="true 或 false", en="true or false"),
    "array": Text(zh="列表", en="a list"),
    "object": Text(zh="表", en="a table"),
    "date": Text(zh="日期（如 2026-11-21）", en="a day such as 2026-11-21"),
    "datetime": Text(zh="时间", en="a moment"),
    "null": Text(zh="空", en="nothing"),
}


def wrong_value(error: Exception, model: object, whole: str = "") -> Text:
    """Return what is wrong, where, and what may stand there, in words of the file.

    ``model`` is the type that msgspec decoded the file as; ``whole`` the part of the place that the
    caller names itself, as msgspec writes it (``rule[0]``). Whatever is not msgspec's own message,
    such as one of a type's own checks, stays as it is.
    """
    message = str(error)
    found = _PATH.search(message)
    if found:
        message = message[: found.start()]
    path = found[1] if found else ""
    what = _explained(message, [step[0] for step in _STEP.finditer(path)], model)
    what = what or Text.same(message)
    place = _shown(path.removeprefix(whole).lstrip("."))
    return Text(zh=f"{place}：{what.zh}", en=f"{place}: {what.en}") if place else what


def _explained(message: str, path: list[str], model: object) -> Text | None:
    for pattern, explained in _MESSAGES:
        found = pattern.fullmatch(message)
        if found:
            return explained(found, path, model)
    return None


def _unknown(found: Found, path: list[str], model: object) -> Text:
    name, names = found[1], _names(model, path)
    listed = Text.same(", ".join(names))
    allowed = Text(zh=f"可用的有 {listed.zh}", en=f"there are {listed.en}")
    hint = meant(name, names)
    if not hint.en and names and len(names) <= _MOST_LISTED:
        hint = Text(zh=f"；{allowed.zh}", en=f"; {allowed.en}")
    return Text(zh=f"没有 {name} 这一项{hint.zh}", en=f"{name} is not known here{hint.en}")


def _no_choice(found: Found, path: list[str], model: object) -> Text:
    value, choices = found[1], _choices(model, path)
    hint = meant(value.strip("'"), choices)
    listed = ", ".join(map(repr, choices))
    return Text(
        zh=f"{value} 不在 {listed} 之中{hint.zh}", en=f"{value} is not one of {listed}{hint.en}"
    )


def _other_type(found: Found, *_place: object) -> Text:
    wanted, got = found[1], found[2]
    # TOML has no null: whoever wants nothing there leaves the key out.
    kinds = [_KINDS.get(kind, Text.same(kind)) for kind in wanted.split(" | ") if kind != "null"]
    right = Text(zh="或".join(kind.zh for kind in kinds), en=" or ".join(kind.en for kind in kinds))
    return _give(right, _KINDS.get(got, Text.same(got)))


def _beyond(found: Found, *_place: object) -> Text:
    kind = _KINDS.get(found[1], Text.same(found[1]))
    return Text(zh=f"应为 {found[2]} 的{kind.zh}", en=f"give {kind.en} {found[2]}")


def _missing(found: Found, *_place: object) -> Text:
    return Text(zh=f"缺少 {found[1]}", en=f"{found[1]} is missing")


def _length(found: Found, *_place: object) -> Text:
    return Text(zh=f"长度应为 {found[1]}", en=f"its length must be {found[1]}")


def _pattern(found: Found, *_place: object) -> Text:
    return Text(zh=f"不符合 {found[1]} 的写法", en=f"it is not written like {found[1]}")


def _syntax(found: Found, *_place: object) -> Text:
    return Text(zh=f"第 {found[1]} 行第 {found[2]} 列不是有效的 TOML", en=found[0])


def _unread(found: Found, *_place: object) -> Text:
    return _give(_KINDS[found[1] or found[2]])


_MESSAGES: list[tuple[re.Pattern[str], Callable[[Found, list[str], object], Text]]] = [
    (re.compile(r"Object contains unknown field `(.*)`"), _unknown),
    (re.compile(r"Object missing required field `(.*)`"), _missing),
    (re.compile(r"Invalid enum value (.*)"), _no_choice),
    (re.compile(r"Expected `([^`]+)`, got `(\w+)`"), _other_type),
    (re.compile(r"Expected `(\w+)` ([<>]=? .*)"), _beyond),
    (re.compile(r"Expected `(?:str|array)` of length (.*?)(?:, got \d+)?"), _length),
    (re.compile(r"Expected `str` matching regex '(.*)'"), _pattern),
    (re.compile(r"Invalid RFC3339 encoded (date|datetime)|Invalid (decimal) string"), _unread),
    (re.compile(r".* \(at line (\d+), column (\d+)\)"), _syntax),
]


def _give(right: Text, wrong: Text | None = None) -> Text:
    if wrong is None:
        return Text(zh=f"应为{right.zh}", en=f"give {right.en}")
    return Text(zh=f"应为{right.zh}，不是{wrong.zh}", en=f"give {right.en}, not {wrong.en}")


def _shown(path: str) -> str:
    """Return a place as people count: ``notify.channels[2].states[1]``, entries from 1."""
    return re.sub(r"\[(\d+)\]", lambda found: f"[{int(found[1]) + 1}]", path)


def _names(model: object, path: list[str]) -> list[str]:
    """Return what may stand in the table at a place."""
    return [
        field.encode_name
        for kind in _at(model, path)
        if isinstance(kind, inspect.StructType)
        for field in kind.fields
    ]


def _choices(model: object, path: list[str]) -> list[str]:
    return [
        str(value)
        for kind in _at(model, path)
        if isinstance(kind, inspect.LiteralType)
        for value in kind.values
    ]


def _at(model: object, path: list[str]) -> list[Any]:
    """Return the types that the value at a place may have."""
    kinds = list(_single(inspect.type_info(model)))
    for step in path:
        kinds = [inner for kind in kinds for one in _inside(kind, step) for inner in _single(one)]
    return kinds


def _single(kind: Any) -> Iterator[Any]:
    """Yield the types that one stands for: those of a union, and what constraints are around."""
    if isinstance(kind, inspect.Metadata):
        yield from _single(kind.type)
    elif isinstance(kind, inspect.UnionType):
        for one in kind.types:
            yield from _single(one)
    else:
        yield kind


def _inside(kind: Any, step: str) -> Iterator[Any]:
    """Yield the type of what stands in a value under a name, or at a number."""
    if isinstance(kind, inspect.StructType):
        yield from (field.type for field in kind.fields if field.encode_name == step)
    elif isinstance(kind, inspect.DictType):
        yield kind.value_type
    elif isinstance(kind, inspect.CollectionType):
        yield kind.item_type
