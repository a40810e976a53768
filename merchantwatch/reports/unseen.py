"""The rules that could not be evaluated, and the exports that would supply what they lack."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from merchantwatch.fields import FIELDS
from merchantwatch.formats import Format, formats
from merchantwatch.formats.supplying import Supplier, of_platforms, supplied
from merchantwatch.language.plurals import number_of
from merchantwatch.language.text import Text
from merchantwatch.results.model import Results
from merchantwatch.results.records import Outcome


def not_evaluated(results: Results) -> Iterator[tuple[Outcome, Text]]:
    """Yield the rules that could not be evaluated, and which export would supply their fields."""
    for outcome in results.outcomes:
        if outcome.status == "not_evaluated":
            yield outcome, _missing(_supplied(outcome, results), _read(results))


def not_evaluated_together(
    results: Results, most: int | None = None
) -> list[tuple[list[Outcome], Text]]:
    """Return the rules that could not be evaluated, grouped by the exports that they lack.

    At most ``most`` columns of each export are named, where that is given.
    """
    outcomes: dict[tuple[str, ...], list[Outcome]] = {}
    lacking: dict[tuple[str, ...], dict[str, Supplier | None]] = {}
    for outcome in results.outcomes:
        if outcome.status != "not_evaluated":
            continue
        supplied = _supplied(outcome, results)
        # None of the known exports: an empty code, so that such rules are one group.
        wanted = tuple(sorted({found.form.code if found else "" for found in supplied.values()}))
        outcomes.setdefault(wanted, []).append(outcome)
        lacking.setdefault(wanted, {}).update(supplied)
    read = _read(results)
    return [(outcomes[wanted], _missing(fields, read, most)) for wanted, fields in lacking.items()]


def partly_judged(results: Results) -> Iterator[tuple[Outcome, Text]]:
    """Yield the rules that left lines unjudged or hits uncounted."""
    for outcome in results.outcomes:
        if outcome.unjudged:
            n = f"{outcome.unjudged:,}"
            yield outcome, Text(zh=f"{n} 行无法判定", en=f"{number_of(n, 'line')} unjudged")
        if outcome.uncounted:
            n = f"{outcome.uncounted:,}"
            yield (
                outcome,
                Text(
                    zh=f"{n} 行命中但缺少计数对象（如商品ID）",
                    en=f"{number_of(n, 'hit')} without a product, not countable per product",
                ),
            )


def any_of(headers: Sequence[str]) -> Text:
    """Name the columns of which any one is enough, the surest first."""
    if not headers[1:]:
        return Text(zh="".join(headers), en="".join(headers))
    others = headers[1:]
    return Text(
        zh=f"{headers[0]}（或 {'、'.join(others)}）", en=f"{headers[0]} (or {', '.join(others)})"
    )


def _missing(
    fields: Mapping[str, Supplier | None], read: Collection[str], most: int | None = None
) -> Text:
    """Say which columns of which exports would supply fields, and what no known export has."""
    columns: dict[str, list[Text]] = {}
    forms: dict[str, Format] = {}
    # In the order of the fields, whatever rule came first: equal gaps read alike.
    for name in FIELDS:
        if found := fields.get(name):
            forms[found.form.code] = found.form
            columns.setdefault(found.form.code, []).append(any_of(found.headers))
    parts = [
        _columns(forms[code], headers, code in read, most) for code, headers in columns.items()
    ]
    nowhere = [name for name in FIELDS if name in fields and fields[name] is None]
    if nowhere:
        parts.append(
            Text(
                zh=f"没有已知的导出含 {'、'.join(nowhere)}，可用列映射读取含有它们的文件",
                en=f"no known export has {', '.join(nowhere)}: read a file that does by a mapping",
            )
        )
    return Text(zh="；".join(part.zh for part in parts), en="; ".join(part.en for part in parts))


def _columns(form: Format, headers: list[Text], is_read: bool, most: int | None) -> Text:
    """Name the columns of an export, and where it is downloaded, perhaps with them this time."""
    # One header may supply several fields.
    distinct = list(dict.fromkeys(headers))
    zh = "、".join(one.zh for one in distinct[:most])
    en = ", ".join(one.en for one in distinct[:most])
    if most is not None and len(distinct) > most:
        zh, en = (
            f"{zh} 等 {len(distinct)} 列",
            f"{en} and {number_of(len(distinct) - most, 'more column')}",
        )
    again_zh, again_en = (
        ("，导出时可勾选", ", which it can be exported with") if is_read else ("", "")
    )
    return Text(
        zh=f"缺少{form.title.zh}的{zh}{again_zh}（{form.where.zh}）",
        en=f"missing {en} of {form.code}{again_en} ({form.where.en})",
    )


def _read(results: Results) -> set[str]:
    """Return the formats of which an export was read."""
    return {item.format for item in results.inputs}


def _supplied(outcome: Outcome, results: Results) -> dict[str, Supplier | None]:
    """Return the fields that a rule misses, and the export of its platforms for each."""
    entry = results.entry(outcome.code)
    read = _read(results)
    if entry is not None and entry.platforms is not None:
        platforms = {*entry.platforms}
    else:
        platforms = _platforms(results, read)
    return supplied(outcome.missing, of_platforms(platforms), read)


def _platforms(results: Results, read: Collection[str]) -> set[str]:
    """Return the platforms of the exports that were read, else those all of whose rules judge.

    A file that a mapping reads is of no format, and judged by the rules of a platform all the same.
    """
    of_exports = {form.platform for form in formats() if form.code in read}
    if of_exports:
        return of_exports
    # A platform counts as judged unless its rules say that no line is theirs.
    outside = {o.code for o in results.outcomes if o.status == "not_applicable"}
    named = [(name, e.code in outside) for e in results.entries for name in e.platforms or ()]
    return {name for name, _ in named} - {name for name, is_outside in named if is_outside}
