"""Predicates held against the types of the fields, before any file is read."""

from collections.abc import Callable
from typing import Any

from merchantwatch.errors import UsageError
from merchantwatch.fields import FIELDS
from merchantwatch.rules import BoundRule, Rulebook

_WANTED = {"when": "bool", "applies": "bool", "of": "bool", "penalty": "bool"}


def check_types(book: Rulebook, table: Callable[[str], Any]) -> None:
    """Bind every predicate to an empty table of lines.

    ``when``, ``applies`` and ``of`` must be true or false, the parts of a clock moments. Raises
    UsageError that names the rule and the field.
    """
    for bound in book.rules:
        if bound.penalty:
            _type_of(bound, "penalty", bound.penalty, table)
        for field, sql in (*bound.sql.items(), *(("penalty", when) for when in bound.tiers)):
            wanted = _WANTED.get(field, "timestamp[us]")
            found = _type_of(bound, field, sql, table)
            if found != wanted:
                en = "true or false" if wanted == "bool" else "a moment"
                zh = "真或假" if wanted == "bool" else "一个时间"
                where, gives = f"{bound.code}, {field}", f"{found}: {sql}"
                raise UsageError(
                    f"{bound.file}: {where}: it must give {en}, this gives {gives}",
                    f"{bound.file}：规则 {where} 应得出{zh}，实际得出 {gives}",
                )


def _type_of(bound: BoundRule, field: str, sql: str, table: Callable[[str], Any]) -> str:
    columns = ", ".join(
        f"cast(null as {item.kind.sql_type}) as {name}" for name, item in FIELDS.items()
    )
    try:
        schema = table(f"select {sql} as found from (select {columns}) as lines limit 0").schema
    except Exception as error:  # noqa: BLE001  each engine has errors of its own
        reason = str(error).splitlines()[0]
        raise UsageError(
            f"{bound.file}: {bound.code}, {field}: {reason}",
            f"{bound.file}：规则 {bound.code} 的 {field} 有误：{reason}",
        ) from None
    return str(schema.field("found").type)
