"""The cases beside a pack: each has the fields of a line, and the expected state."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path

from msgspec import Struct

from merchantwatch.errors import InputError, UsageError
from merchantwatch.fields import FIELDS
from merchantwatch.formats import DEFAULT_PLATFORM
from merchantwatch.language.suggestions import meant
from merchantwatch.pipeline.rendering import render_sql
from merchantwatch.reading.arrow import Table
from merchantwatch.rules import BoundRule, Rulebook, packs
from merchantwatch.run.scan import Run, run
from merchantwatch.run.start import loaded
from merchantwatch.settings import Settings

NOTES = ("case", "expect")
EXPECTED = ("hit", "near", "no", "unjudged")

OfRule = tuple[BoundRule, Sequence[Mapping[str, str]]]
"""A rule, and its cases."""


class Mismatch(Struct, frozen=True):
    """A case with another state than its file expects."""

    case: str
    expected: str
    found: str


class Tried(Struct, frozen=True):
    """One rule of a pack and its number of cases; None if it has no file of cases."""

    code: str
    cases: int | None
    mismatches: tuple[Mismatch, ...] = ()


def try_pack(path: Path, settings: Settings) -> list[Tried]:
    """Judge the cases beside a pack, ``CODE.csv`` for each rule that it adds or changes."""
    pack = packs.read(path)
    book = loaded([path])
    changed = [str(c.get("code")) for c in pack.change if c.get("off") is not True]
    # Cases state times around the day on which the pack was reviewed.
    moment = datetime.combine(pack.pack.reviewed, time())
    given = replace(settings, pack=(path,), as_of=moment)
    return [_try(path, code, book, given) for code in [r.code for r in pack.rule] + changed]


def _try(pack: Path, code: str, book: Rulebook, settings: Settings) -> Tried:
    bound = book.of_code(code)
    file = pack.with_name(f"{code}.csv")
    if bound is None or not file.is_file():
        return Tried(code, None)
    cases = read_cases(file)
    return Tried(code, len(cases), tuple(mismatches([(bound, cases)], settings)[code]))


def read_cases(file: Path) -> list[dict[str, str]]:
    """Return the cases of a file. Raises UsageError for an unknown column or expectation."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            cases = list(csv.DictReader(text, restval=""))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"{file}: the cases cannot be read ({error})", f"{file}：无法读取用例（{error}）"
        ) from None
    writable = [name for name, field in FIELDS.items() if field.exported]
    for name in cases[0] if cases else ():
        if name not in (*NOTES, *writable):
            hint = meant(str(name), writable)
            raise UsageError(
                f"{file}: {name} is no field of a line{hint.en}",
                f"{file}：没有名为 {name} 的字段{hint.zh}",
            )
    for case in cases:
        if case.get("expect") not in EXPECTED:
            raise UsageError(
                f"{file}: expect is one of {', '.join(EXPECTED)}, not {case.get('expect')!r}",
                f"{file}：expect 应为 {'、'.join(EXPECTED)} 之一，不是 {case.get('expect')!r}",
            )
    return cases


def mismatches(given: Sequence[OfRule], settings: Settings) -> dict[str, list[Mismatch]]:
    """Judge cases by their rules in one scan, and return, by rule, those with another state.

    All rules are of one platform; a column that the cases of one of them lack is empty there.
    """
    rules = [bound for bound, _ in given]
    cases = [(bound.code, case) for bound, some in given for case in some]
    states = _states(rules, [case for _, case in cases], settings)
    failed: dict[str, list[Mismatch]] = {bound.code: [] for bound in rules}
    for number, (code, case) in enumerate(cases):
        found = states.get((code, str(number)), "no")
        if case["expect"] != found:
            named = case.get("case", str(number))
            failed[code].append(Mismatch(named, case["expect"], found))
    return failed


def _states(
    rules: Sequence[BoundRule], cases: Sequence[Mapping[str, str]], settings: Settings
) -> dict[tuple[str, str], str]:
    """Return the states of cases, by the codes of the rules and the numbers of the cases."""
    table, mapping = _lines(cases)
    given = replace(
        settings,
        map=mapping,
        platform=DEFAULT_PLATFORM if rules[0].for_all else rules[0].platforms[0],
        select=tuple(bound.code for bound in rules),
        ignore=(),
        shops=(),
        exemptions=None,
    )
    states: dict[tuple[str, str], str] = {}
    with run([table], given) as finished:
        for code in given.select:
            hits = finished.results.read_hits(code).read_all().to_pylist()
            states |= {(code, row["line_id"]): row["state"] for row in hits if row["code"] == code}
            states |= dict.fromkeys(((code, n) for n in _unjudged(finished, code)), "unjudged")
    return states


def _unjudged(finished: Run, code: str) -> list[str]:
    """Return the numbers of the cases that could not be judged: the first row is row 2."""
    if code not in finished.lines.judged_by:
        return []
    sql = render_sql("unjudged_rows", test=finished.lines.unjudged(code))
    return [str(row["source_row"] - 2) for row in finished.engine.table(sql).to_pylist()]


def _lines(cases: Sequence[Mapping[str, str]]) -> tuple[Table, dict[str, str]]:
    """Return cases as a table of lines, whose ids are the cases' numbers, and its mapping."""
    import pyarrow as pa

    names = [name for name in dict.fromkeys(n for case in cases for n in case) if name not in NOTES]
    columns = {name: [case.get(name) or None for case in cases] for name in names}
    # An id for each case, by which its state is found again.
    columns.setdefault("line_id", [str(number) for number in range(len(cases))])
    table = pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()})
    return table, {name: name for name in columns}
