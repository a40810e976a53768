"""Verdicts, one row for each line and rule, with columns that differ from rule to rule.

A line's verdicts are put into a list and unnested once, so that there is one plan however many
rules there are; ``verdict`` has the ``code`` of its rule, its ``state`` and deadline ``due_at``.
"""

from collections.abc import Mapping, Sequence

from merchantwatch.pipeline.stages import literal

DUE = "verdict.due_at"
"""The deadline of a verdict."""


def verdict(code: str, states: Sequence[int], due: str, test: str = "true") -> dict[str, str]:
    """Return when a rule has a verdict on a line: in one of these states, if a test holds."""
    listed = ", ".join(map(str, states))
    also = f" and {test}" if test != "true" else ""
    return {"code": code, "due": due, "test": f"{code}_state in ({listed}){also}"}


def columns(usual: Mapping[str, str], rules: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the SQL of columns: ``usual``, unless the rule of a verdict has another one.

    ``rules`` are those by code. An expression that several rules share occurs once.
    """
    return {
        name: _column({code: sqls[name] for code, sqls in rules.items() if name in sqls}, sql)
        for name, sql in usual.items()
    }


def _column(by_rule: Mapping[str, str], usual: str) -> str:
    codes: dict[str, list[str]] = {}
    for code, sql in by_rule.items():
        if sql != usual:
            codes.setdefault(sql, []).append(literal(code))
    arms = [f"when verdict.code in ({', '.join(some)}) then {sql}" for sql, some in codes.items()]
    return f"case {' '.join(arms)} else {usual} end" if arms else usual
