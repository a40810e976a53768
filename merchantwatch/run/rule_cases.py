"""The cases beside a pack: each has the fields of a line, and the expected state."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from pathlib import Path

from merchantwatch.errors import InputError, UsageError
from merchantwatch.fields import FIELDS
from merchantwatch.formats import DEFAULT_PLATFORM
from merchantwatch.language.suggestions import meant
from merchantwatch.pipeline.stages import stage
from merchantwatch.reading.arrow import Table
from merchantwatch.rules import BoundRule, Rulebook, packs
from merchantwatch.run.scan import Run, run
from merchantwatch.run.start import loaded
from merchantwatch.settings import Settings

NOTES = ("case", "expect")
EXPECTED = ("hit", "near", "no", "unjudged")


@dataclass(frozen=True)
class Mismatch:
    """A case that a rule sees otherwise than its file says."""

    case: str
    expected: str
    found: str


@dataclass(frozen=True)
class Tried:
    """One rule of a pack and its cases; None where it has no file of them."""

    code: str
    cases: int | None
    mismatches: tuple[Mismatch, ...] = ()


def try_pack(path: Path, settings: Settings) -> list[Tried]:
    """Judge the cases beside a pack, ``CODE.csv`` for each rule that it adds or changes."""
    pack = packs.read(path)
    book = loaded([path])
    changed = [str(c.get("code")) for c in pack.change if c.get("off") is not True]
    moment = datetime.combine(pack.pack.reviewed, time())
    given = replace(settings, pack=(path,), as_of=moment)
    return [_try(path, code, book, given) for code in [r.code for r in pack.rule] + changed]


def _try(pack: Path, code: str, book: Rulebook, settings: Settings) -> Tried:
    bound = book.of_code(code)
    file = pack.with_name(f"{code}.csv")
    if bound is None or not file.is_file():
        return Tried(code, None)
    cases = read_cases(file)
    return Tried(code, len(cases), tuple(mismatches(bound, cases, settings)))


def read_cases(file: Path) -> list[dict[str, str]]:
    """Return the cases of a file. Raises UsageError for a column or an expectation unknown."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            cases = list(csv.DictReader(text, restval=""))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"{file}: the cases cannot be read ({error})", f"{file}：无法读取用例（{error}）"
        ) from None
    able = [name for name, field in FIELDS.items() if field.exported]
    for name in cases[0] if cases else ():
        if name not in (*NOTES, *able):
            hint = meant(str(name), able)
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


def mismatches(
    bound: BoundRule, cases: Sequence[Mapping[str, str]], settings: Settings
) -> list[Mismatch]:
    """Judge cases by a rule, and return those with another state than expected."""
    table, mapping = _lines(cases)
    platform = DEFAULT_PLATFORM if bound.for_all else bound.platforms[0]
    given = replace(
        settings,
        map=mapping,
        platform=platform,
        select=(bound.code,),
        ignore=(),
        shops=(),
        exemptions=None,
    )
    with run([table], given) as finished:
        hits = finished.results.read_hits(bound.code).read_all().to_pylist()
        states = {row["line_id"]: row["state"] for row in hits if row["code"] == bound.code}
        states |= dict.fromkeys(_unjudged(finished, bound), "unjudged")
    found = [states.get(str(number), "no") for number in range(len(cases))]
    return [
        Mismatch(case.get("case", str(number)), case["expect"], state)
        for number, (case, state) in enumerate(zip(cases, found, strict=True))
        if case["expect"] != state
    ]


def _unjudged(finished: Run, bound: BoundRule) -> list[str]:
    """Return the numbers of the cases that could not be judged: the first row is row 2."""
    if bound.code not in finished.lines.judged_by:
        return []
    sql = stage("unjudged_rows", test=finished.lines.unjudged(bound.code))
    return [str(row["source_row"] - 2) for row in finished.engine.table(sql).to_pylist()]


def _lines(cases: Sequence[Mapping[str, str]]) -> tuple[Table, dict[str, str]]:
    """Return cases as a table of lines, whose ids are the cases' numbers, and its mapping."""
    import pyarrow as pa

    names = [name for name in (cases[0] if cases else ()) if name not in NOTES]
    columns = {name: [case[name] or None for case in cases] for name in names}
    columns.setdefault("line_id", [str(number) for number in range(len(cases))])
    table = pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()})
    return table, {name: name for name in columns}
