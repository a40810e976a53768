"""What could not be judged, and which export would supply what is missing."""

from collections.abc import Iterator

from merchantwatch.fields import FIELDS, PARCEL_FIELDS
from merchantwatch.findings import Outcome, Results
from merchantwatch.formats import Format, formats
from merchantwatch.rules import BoundRule
from merchantwatch.texts import Text

_COUNTED_BY = {"cases_of_line": "case_id"}
"""The field that tells what is counted."""


def not_evaluated(results: Results) -> Iterator[tuple[Outcome, Text]]:
    """Yield the rules that could not be evaluated, and which export would supply their fields."""
    for outcome in results.outcomes:
        if outcome.status == "not_evaluated":
            bound = results.book.of_code(outcome.code)
            yield outcome, _missing([_supplied(name, bound, results) for name in outcome.missing])


def not_evaluated_together(results: Results) -> list[tuple[list[Outcome], Text]]:
    """Return the rules that could not be evaluated, those together that miss the same exports."""
    outcomes: dict[tuple[str, ...], list[Outcome]] = {}
    lacking: dict[tuple[str, ...], dict[str, Text]] = {}
    for outcome in results.outcomes:
        if outcome.status != "not_evaluated":
            continue
        bound = results.book.of_code(outcome.code)
        forms = {name: _supplier(name, bound, results) for name in outcome.missing}
        wanted = tuple(sorted({form.code if form else "" for form in forms.values()}))
        outcomes.setdefault(wanted, []).append(outcome)
        for name in outcome.missing:
            lacking.setdefault(wanted, {})[name] = _supplied(name, bound, results)
    return [
        (outcomes[wanted], _missing([fields[name] for name in FIELDS if name in fields]))
        for wanted, fields in lacking.items()
    ]


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


def _missing(fields: list[Text]) -> Text:
    return Text(
        zh="缺少 " + "、".join(field.zh for field in fields),
        en="missing " + ", ".join(field.en for field in fields),
    )


def _supplied(field: str, bound: BoundRule | None, results: Results) -> Text:
    """Return a field, and the column and export that would supply it."""
    form = _supplier(field, bound, results)
    if form is None:
        return Text(zh=field, en=field)
    first = form.columns[_column(field, form)][0]
    header = first if isinstance(first, str) else first.header
    return Text(
        zh=f"{field}（{form.title.zh}的“{header}”）",
        en=f"{field} ({header} of {form.code})",
    )


def _column(field: str, form: Format) -> str:
    """Return the field whose column tells a field: its own, or one that it is made of."""
    told_by = {item.field: item.words_of for item in form.derived} | _COUNTED_BY
    return field if field in form.columns else told_by.get(field, field)


def _supplier(field: str, bound: BoundRule | None, results: Results) -> Format | None:
    """Return the surest export of the platform that has a field."""
    read = {item.format for item in results.inputs}
    told = {form.platform for form in formats() if form.code in read}
    platforms = told if bound is None or bound.for_all else set(bound.platforms)
    surest = "parcels" if field in PARCEL_FIELDS else "orders"
    able = (f for f in formats() if f.platform in platforms and _column(field, f) in f.columns)
    return min(able, key=lambda form: form.kind != surest, default=None)
