"""Write the picture and the table of steps into docs/design.md: ``python docs/make_design.py``.

Nothing of them is drawn by hand. A step asks another where its ``.sql`` names it. A part of the
package feeds a stage where the blanks of its ``.sql`` name what the part supplies; a stage feeds a
part that asks for its steps; and a part feeds a later one that imports it.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from merchantwatch.pipeline.steps import steps

PAGE = Path(__file__).parent / "design.md"
PACKAGE = Path(__file__).parents[1] / "merchantwatch"
SQL = PACKAGE / "pipeline" / "sql"
STAGES = {
    "1": "rows of exports", "2": "what is joined onto lines", "3": "ids that exemptions name",
    "4": "every row judged", "5": "names of lines without ids", "6": "which rows are lines",
    "7": "judged lines", "8": "hits", "9": "findings and tasks",
}  # fmt: skip
BEFORE = {
    "reading": ("cells", "files, as batches of clean columns"),
    "formats": ("words", "which header is which field, what its words mean"),
    "rules": ("rule", "predicates, limits, money"),
}
"""The parts that the pipeline is filled with: by which name its ``.sql`` asks for them."""
AFTER = {
    "results": "the records of a run",
    "tasks": "the work list",
    "history": "what is new since the last run",
    "reports": "text, json, html, xlsx, …",
    "notify": "alerts",
}
"""The parts that what it has found goes through, each of them after those that it imports."""

_READ, _DEFINED = (
    re.compile(r"\b(?:from|join) (\w+)"),
    re.compile(r"\b(\w+) as (?:not )?(?:materialized )?\("),
)
_BY_LINES = ("parcels", "cases", "settlements", "buyers", "orders", "receivers")
"""What 3_standing.sql asks by names that are filled in."""

Arrows = set[tuple[str, str]]


def picture() -> str:
    """Return the way of the data as a flow chart of mermaid: parts, and stages with their steps."""
    boxes = [
        *_parts({name: what for name, (_, what) in BEFORE.items()}),
        *_stages(),
        *_parts(AFTER),
    ]
    arrows = _shortest(_between_stages() | _out_of_stages() | _between_parts()) | _into_stages()
    order = [name for name, _ in boxes]
    shown = sorted(arrows, key=lambda arrow: (order.index(arrow[0]), order.index(arrow[1])))
    lines = [*(box for _, box in boxes), *(f"    {a} --> {b}" for a, b in shown)]
    return "\n".join(["```mermaid", "flowchart TD", *lines, "```", ""])


def table() -> str:
    """Return a row for each step: what it asks, and what its rows are."""
    lines = ["| step | asks | a row of it |", "|---|---|---|"]
    for name, step in steps().items():
        inputs = ", ".join(f"`{other}`" for other in _inputs_of(name)) or "—"
        lines.append(f"| `{name}` | {inputs} | {step.en} |")
    return "\n".join([*lines, ""])


def _parts(names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, what in names.items():
        yield name, f'    {name}(["<b>{name}/</b><br/>{what}"])'


def _stages() -> Iterator[tuple[str, str]]:
    for number, title in STAGES.items():
        names = [name for name in steps() if _stage(name) == number]
        if names:
            rows = [", ".join(names[at : at + 4]) for at in range(0, len(names), 4)]
            yield f"s{number}", f'    s{number}["<b>{number} {title}</b><br/>{"<br/>".join(rows)}"]'


def _stage(name: str) -> str:
    """Return the number that the last of a step's files begins with."""
    numbers = [file[0] for file in steps()[name].sql if file[0] in STAGES]
    return {"cross_line_twice": "2", "parcel_rows": "1"}.get(name) or max(numbers)


def _between_stages() -> Arrows:
    arrows = {
        (f"s{_stage(other)}", f"s{_stage(name)}") for name in steps() for other in _inputs_of(name)
    }
    # Rows of orders are no table of the first stage: they stream through it into the fourth.
    return {(a, b) for a, b in arrows if a < b} | {("s1", "s4")}


def _into_stages() -> Arrows:
    """Return which part feeds which stage: by what the blanks of its files name."""
    return {
        (part, f"s{file.stem[0]}")
        for file in SQL.glob("[0-9]_*.sql")
        for part, (name, _) in BEFORE.items()
        if name in _filled_in(file)
    }


def _out_of_stages() -> Arrows:
    """Return which stage feeds which part: by the steps that its queries read."""
    return {
        (f"s{_stage(step)}", part)
        for part in AFTER
        for module in (PACKAGE / part).rglob("*.py")
        for file in _filled_by(module)
        for step in _inputs_in(file)
        if step in steps()
    }


def _between_parts() -> Arrows:
    """Return which part feeds which later one."""
    order = list(AFTER)
    return {
        (other, part)
        for part in AFTER
        for module in (PACKAGE / part).rglob("*.py")
        for other in _imported_by(module)
        if other in order[: order.index(part)]
    }


def _shortest(arrows: Arrows) -> Arrows:
    """Leave out each arrow for which there is a longer way round."""

    def reached(start: str, *, without: tuple[str, str]) -> set[str]:
        found, waiting = set[str](), [start]
        while waiting:
            at = waiting.pop()
            further = {b for a, b in arrows if a == at and (a, b) != without} - found
            found |= further
            waiting += further
        return found

    return {(a, b) for a, b in arrows if b not in reached(a, without=(a, b))}


@cache
def _imported_by(module: Path) -> frozenset[str]:
    """Return the parts of the package that a module imports."""
    names = [
        node.module
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module
    ]
    return frozenset(name.split(".")[1] for name in names if name.startswith("merchantwatch."))


@cache
def _filled_in(file: Path) -> frozenset[str]:
    """Return the names in the blanks of a template."""
    blanks = re.findall(r"\{[{%].*?[%}]\}", file.read_text("utf-8"), re.DOTALL)
    return frozenset(re.findall(r"\w+", " ".join(blanks)))


@cache
def _filled_by(module: Path) -> frozenset[str]:
    """Return the ``.sql`` files that a module fills in."""
    names = re.findall(r'render_sql\(\s*"(\w+)"', module.read_text("utf-8"))
    return frozenset(names)


def _inputs_of(name: str) -> list[str]:
    """Return the steps whose rows a step reads, in reading order."""
    inputs = set().union(*map(_inputs_in, steps()[name].sql)) - {name}
    return [other for other in steps() if other in inputs]


@cache
def _inputs_in(file: str) -> frozenset[str]:
    """Return the names that a file reads rows of, but for those that it defines itself."""
    text = (SQL / f"{file}.sql").read_text("utf-8")
    joined = _BY_LINES if file == "3_standing" else ()
    return frozenset({*_READ.findall(text), *joined} - set(_DEFINED.findall(text)))


def page() -> str:
    """Return the page with its picture and its table as they are today."""
    text = PAGE.read_text("utf-8")
    for name, block in (("picture", picture()), ("steps", table())):
        between = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- end of {name} -->)", re.DOTALL)
        text = between.sub(lambda _, block=block: block, text)
    return text


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
