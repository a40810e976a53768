"""Write the picture of the steps into docs/design.md: ``python docs/make_design.py``."""

import re
from collections.abc import Iterator
from pathlib import Path

from merchantwatch.pipeline.steps import steps

PAGE = Path(__file__).parent / "design.md"
SQL = Path(__file__).parents[1] / "merchantwatch" / "pipeline" / "sql"
STAGES = {
    "1": "rows", "2": "joined onto lines", "3": "exempt ids", "4": "states of every row",
    "5": "names", "6": "which rows are lines",
    "7": "judged", "8": "hits", "9": "findings and tasks",
}  # fmt: skip
_PICTURE = re.compile(r"(?<=<!-- steps -->\n).*?(?=<!-- end of steps -->)", re.DOTALL)
_ASKED, _OWN = (
    re.compile(r"\b(?:from|join) (\w+)"),
    re.compile(r"\b(\w+) as (?:not )?(?:materialized )?\("),
)
_BY_LINES = ("parcels", "cases", "settlements", "buyers", "orders", "receivers")
"""What 3_standing.sql asks by names that are filled in."""


def picture() -> str:
    """Return the steps as a flow chart of mermaid: who asks whom is read from their SQL."""
    return "\n".join(["```mermaid", "flowchart TD", *_boxes(), *_arrows(), "```", ""])


def _boxes() -> Iterator[str]:
    """Yield the steps, by the number that the last of their files begins with."""
    for number, title in STAGES.items():
        names = [name for name in steps() if _stage(name) == number]
        if names:
            yield f'    subgraph s{number}["{number} {title}"]'
            yield from (f"        {name}" for name in names)
            yield "    end"


def _stage(name: str) -> str:
    numbers = [file[0] for file in steps()[name].sql if file[0] in STAGES]
    return {"cross_line_twice": "2", "ids_to_recheck": "6", "parcel_rows": "1"}.get(name) or max(
        numbers
    )


def _arrows() -> Iterator[str]:
    for name, step in steps().items():
        asked = set().union(*map(_asked, step.sql)) - {name}
        yield from (f"    {other} --> {name}" for other in steps() if other in asked)


def _asked(file: str) -> set[str]:
    """Return the names that a file asks for rows, but for those that it gives itself."""
    text = _text(file)
    joined = _BY_LINES if file == "3_standing" else ()
    return {*_ASKED.findall(text), *joined} - set(_OWN.findall(text))


def _text(file: str) -> str:
    return (SQL / f"{file}.sql").read_text("utf-8")


def page() -> str:
    """Return the page with its picture as it is today."""
    return _PICTURE.sub(lambda _: picture(), PAGE.read_text("utf-8"))


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
