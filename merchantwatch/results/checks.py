"""The result of ``check``, as plain typed records."""

from typing import Literal

from msgspec import Struct

from merchantwatch.errors import MerchantwatchError
from merchantwatch.formats import Format, HeaderVersion
from merchantwatch.language.text import Text
from merchantwatch.results.inputs import Fault, InputFile
from merchantwatch.results.records import Note

RuleStatus = Literal["evaluable", "not_evaluable", "not_applicable"]


class CheckedInput(Struct, frozen=True):
    """One export as it was recognised and read.

    ``faults`` say why rows were not understood, ``no_records`` why others are no records.
    ``columns`` are the fields that are read and the header of each, ``unused`` the headers that no
    field uses.
    """

    file: InputFile
    form: Format
    version: HeaderVersion | None
    headers: int
    encoding_why: Text | None
    superseded: int
    faults: tuple[Fault, ...]
    no_records: tuple[Fault, ...]
    columns: tuple[tuple[str, str], ...]
    unused: tuple[str, ...]


class CheckedRule(Struct, frozen=True):
    """A rule, and whether these inputs could be judged by it.

    ``missing`` are the fields that no line of its platform has; ``lacking`` the inputs whose lines
    it would leave unjudged.
    """

    code: str
    name: str
    title: Text
    signal: bool
    status: RuleStatus
    missing: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


class Supply(Struct, frozen=True):
    """An export that would add missing fields (None: no known one), and the rules that need them.

    ``fields`` are fields with the headers that the export may have for each: one is enough.
    """

    form: Format | None
    fields: tuple[tuple[str, tuple[str, ...]], ...]
    codes: tuple[str, ...]


class Checked(Struct, frozen=True):
    """The whole result of a check; ``nothing_to_judge`` says why no rule could judge, if so."""

    lang: str
    inputs: tuple[CheckedInput, ...]
    failed: tuple[MerchantwatchError, ...]
    skipped: tuple[MerchantwatchError, ...]
    unknown_words: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
    platform_assumed: Note | None
    rules: tuple[CheckedRule, ...]
    supplies: tuple[Supply, ...]
    nothing_to_judge: Text | None

    def of(self, status: RuleStatus) -> tuple[CheckedRule, ...]:
        """Return the rules of which this holds."""
        return tuple(rule for rule in self.rules if rule.status == status)
