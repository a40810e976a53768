"""Expressions that several rules have in common: each is computed once, as a column."""


class SharedExpressions:
    """Collects expressions, and gives each distinct one a name."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def name(self, sql: str) -> str:
        """Return the name of an expression; for a plain field, the field itself."""
        # A column for a column would only be copied.
        if sql.isidentifier():
            return sql
        return self.names.setdefault(sql, f"shared_{len(self.names)}")
