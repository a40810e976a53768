"""What a merchant knows of and does not want reported until a day: findings that are set apart."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from oracle.lines import Line


@dataclass(frozen=True)
class Ignored:
    """One entry of a file: the beginning of a code, and what each line behind a finding is of."""

    until: date
    rule: str = ""
    order: str = ""
    product: str = ""
    shop: str = ""
    line: str = ""

    def names(self, code: str, lines: Sequence[Line]) -> bool:
        """Whether it is for a rule, and names every line behind a finding."""
        return code.startswith(self.rule) and all(
            self.order in ("", line.order_id)
            and self.line in ("", line.line_id)
            and self.product in ("", line.product_id)
            and self.shop in ("", line.shop)
            for line in lines
        )

    def state(self, today: date, findings: int, judged: Collection[str]) -> str:
        """What became of it: `judged` are the codes that could find something."""
        if today > self.until:
            return "expired"
        able = any(code.startswith(self.rule) for code in judged)
        return "applied" if findings else "unmatched" if able else "not-judged"
