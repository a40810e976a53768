"""What could not be judged, and which export would supply what is missing."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from merchantwatch.fields import FIELDS
from merchantwatch.findings import Outcome, Results
from merchantwatch.formats import Format, formats, suppliers
from merchantwatch.texts import Text

_Supplier: TypeAlias = tuple[Format, str]
"""An export, and the column of it that supplies a field."""


def not_evaluated(results: Results) -> Iterator[tuple[Outcome, Text]]:
    """Yield the rules that could not be evaluated, and which export would supply their fields."""
    for outcome in results.outcomes:
        if outcome.status == "not_evaluated":
            yield outcome, _missing(_supplied(outcome, results))


def not_evaluated_together(results: Results) -> list[tuple[list[Outcome], Text]]:
    """Return the rules that could not be evaluated, those together that miss the same exports."""
    outcomes: dict[tuple[str, ...], list[Outcome]] = {}
    lacking: dict[tuple[str, ...], dict[str, _Supplier | None]] = {}
    for outcome in results.outcomes:
        if outcome.status != "not_evaluated":
            continue
        supplied = _supplied(outcome, results)
        wanted = tuple(sorted({found[0].code if found else "" for found in supplied.values()}))
        outcomes.setdefault(wanted, []).append(outcome)
        lacking.setdefault(wanted, {}).update(supplied)
    return [(outcomes[wanted], _missing(fields)) for wanted, fields in lacking.items()]


def partly_judged(results: Results) -> Iterator[tuple[Outcome, Text]]:
    """Yield the rules that left lines unjudged or hits uncounted."""
    for outcome in results.outcomes:
        if outcome.unjudged:
            n = f"{outcome.unjudged:,}"
            yield outcome, Text(zh=f"{n} 行无法判定", en=f"{n} lines unjudged")
        if outcome.uncounted:
            n = f"{outcome.uncounted:,}"
            yield (
                outcome,
                Text(
                    zh=f"{n} 行命中但缺少计数对象（如商品ID）",
                    en=f"{n} hits without a product, not countable per product",
                ),
            )


def _missing(fields: Mapping[str, _Supplier | None]) -> Text:
    """Say which columns of which exports would supply fields, and what no known export has."""
    columns: dict[str, list[str]] = {}
    forms: dict[str, Format] = {}
    for name in FIELDS:
        if found := fields.get(name):
            form, header = found
            forms[form.code] = form
            columns.setdefault(form.code, []).append(header)
    parts = [_columns(forms[code], headers) for code, headers in columns.items()]
    nowhere = [name for name in FIELDS if name in fields and fields[name] is None]
    if nowhere:
        parts.append(
            Text(
                zh=f"没有已知的导出含 {'、'.join(nowhere)}，可用列映射读取含有它们的文件",
                en=f"no known export has {', '.join(nowhere)}: read a file that does by a mapping",
            )
        )
    return Text(zh="；".join(part.zh for part in parts), en="; ".join(part.en for part in parts))


def _columns(form: Format, headers: list[str]) -> Text:
    """Name the columns of an export, and where it is downloaded."""
    distinct = list(dict.fromkeys(headers))
    return Text(
        zh=f"缺少{form.title.zh}的{'、'.join(distinct)}（{form.where.zh}）",
        en=f"missing {', '.join(distinct)} of {form.code} ({form.where.en})",
    )


def _supplied(outcome: Outcome, results: Results) -> dict[str, _Supplier | None]:
    """Return the fields that a rule misses, and the surest export of its platforms for each."""
    bound = results.book.of_code(outcome.code)
    read = {item.format for item in results.inputs}
    told = {form.platform for form in formats() if form.code in read}
    platforms = told if bound is None or bound.for_all else set(bound.platforms)
    return {name: next(iter(suppliers(name, platforms)), None) for name in outcome.missing}
