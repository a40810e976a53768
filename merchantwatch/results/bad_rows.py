"""The bound of ``--max-bad-rows`` on rows that could not be understood."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from merchantwatch.errors import InputError, UsageError
from merchantwatch.language.plurals import number_of
from merchantwatch.language.text import Text
from merchantwatch.results.inputs import InputFile

_WHOLE, _MOST_ROWS = 100, 10**15
_NUMBER_OR_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*(%?)")


class BadRows(Struct, frozen=True):
    """The most quarantined rows that are tolerated: a number, or a share of the rows read."""

    text: str
    number: float
    share: bool

    @classmethod
    def parse(cls, text: str) -> "BadRows":
        """Return the bound that ``--max-bad-rows`` says. Raises UsageError for anything else."""
        match = _NUMBER_OR_SHARE.fullmatch(text.strip())
        number, share = (float(match[1]), bool(match[2])) if match else (math.inf, False)
        if number > (_WHOLE if share else _MOST_ROWS):
            raise UsageError(
                f"--max-bad-rows {text[:40]}: write a number or a share, like 100 or 5%",
                f"--max-bad-rows {text[:40]}：请写成行数或比例，如 100 或 5%",
            )
        return cls(text, number, share)

    def exceeded(self, bad: int, read: int) -> bool:
        """Say whether there are strictly more bad rows than that."""
        # Multiplied, not divided: no rows are no division by zero, and 5 of 100 are not over 5%.
        return bad * 100 > self.number * read if self.share else bad > self.number


def unread(
    failed: Sequence[Text], inputs: Iterable[InputFile], bound: BadRows
) -> Iterator[tuple[int, Text]]:
    """Yield the reasons why inputs count as not read: files that failed, too many bad rows."""
    if failed:
        text = Text(zh="；".join(t.zh for t in failed), en="; ".join(t.en for t in failed))
        yield InputError.exit_code, text
    listed = list(inputs)
    # Orders and all others separately: many good orders must not hide an unreadable file of cases.
    for kinds in ({"orders"}, {item.kind for item in listed} - {"orders"}):
        files = [item for item in listed if item.kind in kinds]
        bad, read = sum(item.quarantined for item in files), sum(item.rows for item in files)
        if bound.exceeded(bad, read):
            yield (
                InputError.exit_code,
                Text(
                    zh=f"{read:,} 行中有 {bad:,} 行读不懂，超过 --max-bad-rows {bound.text}",
                    en=f"{bad:,} of {number_of(read, 'row')} could not be understood, more than "
                    f"--max-bad-rows {bound.text}",
                ),
            )
