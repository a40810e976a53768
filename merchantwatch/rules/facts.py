"""Facts: expressions over a line that rules of all packs share, defined once."""

import tomllib
from functools import cache
from pathlib import Path

import msgspec

from merchantwatch.language.text import Text
from merchantwatch.rules import routes

FILE = Path(__file__).with_name("facts.toml")


class Fact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named part of predicates: its SQL, and the fields that it can do without."""

    sql: str
    meaning: Text
    refined_by: frozenset[str] = frozenset()


@cache
def facts() -> dict[str, Fact]:
    """Return the facts by their names, those of routes too."""
    listed = msgspec.convert(tomllib.loads(FILE.read_text(encoding="utf-8")), dict[str, Fact])
    ends = frozenset(routes.ENDS)
    return listed | {r.fact: Fact(r.sql, routes.MEANING, ends) for r in routes.routes()}
