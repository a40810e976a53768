"""What could not be judged, and which export would supply what is missing."""

from collections.abc import Iterator

from merchantwatch.fields import FIELDS
from merchantwatch.findings import Outcome, Results
from merchantwatch.formats import Format, formats, suppliers
from merchantwatch.rules import BoundRule
from merchantwatch.texts import Text


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
        able = [_suppliers(name, bound, results) for name in outcome.missing]
        wanted = tuple(sorted({forms[0][0].code if forms else "" for forms in able}))
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
    for form, header in _suppliers(field, bound, results):
        return Text(
            zh=f"{field}（{form.title.zh}的“{header}”）",
            en=f"{field} ({header} of {form.code})",
        )
    return Text(zh=field, en=field)


def _suppliers(field: str, bound: BoundRule | None, results: Results) -> list[tuple[Format, str]]:
    """Return the exports of a rule's platforms that have a field, the surest first."""
    read = {item.format for item in results.inputs}
    told = {form.platform for form in formats() if form.code in read}
    return suppliers(field, told if bound is None or bound.for_all else set(bound.platforms))
