"""Verdicts: one row for each line and rule, with columns that differ from rule to rule.

The verdicts on a line are put into a list that is unnested once (``unnested.sql``): one plan of the
engine, however many rules there are. The column ``verdict`` has the ``code`` of its rule, its
``state`` and its deadline ``due_at``.
"""

from collections.abc import Mapping, Sequence

from merchantwatch.pipeline.rendering import literal

DUE = "verdict.due_at"
"""The deadline of a verdict."""


def verdict(code: str, states: Sequence[int], due: str, test: str = "true") -> dict[str, str]:
    """Return a rule's verdict for ``unnested.sql``: it has one in these states, if a test holds."""
    listed = ", ".join(map(str, states))
    also = f" and {test}" if test != "true" else ""
    return {"code": code, "due": due, "test": f"{code}_state in ({listed}){also}"}


def columns(usual: Mapping[str, str], rules: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the SQL of columns of verdicts: the ``usual`` one, unless a rule has its own.

    ``rules`` are the columns of each rule by its code. An expression that several rules share
    occurs once.
    """
    return {
        name: _column({code: sqls[name] for code, sqls in rules.items() if name in sqls}, sql)
        for name, sql in usual.items()
    }


def _column(by_rule: Mapping[str, str], usual: str) -> str:
    """Return a CASE over the rules, which has one arm for all rules with the same expression."""
    codes_of: dict[str, list[str]] = {}
    for code, sql in by_rule.items():
        if sql != usual:
            codes_of.setdefault(sql, []).append(literal(code))
    arms = [f"when verdict.code in ({', '.join(c)}) then {sql}" for sql, c in codes_of.items()]
    return f"case {' '.join(arms)} else {usual} end" if arms else usual
