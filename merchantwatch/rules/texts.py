"""The texts of a rule: the consequence, what to do in each state, and why it hits."""

import re

from merchantwatch.language.text import Text
from merchantwatch.rules.terms import Limits, Predicate

_SLOT = re.compile(r"\{([a-z0-9_]+)(?:-([a-z0-9_]+))?\}")
_OF_FINDING = frozenset({"due", "left", "others", "other_cases"})
"""Slots that are no fields of a line, but facts of the finding: its deadline, other lines …"""

_USUAL_ACTION = Text(zh="查看并处理这些订单", en="look at these orders and act")


class RuleTexts(Limits, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The texts of a rule for the people who act on it.

    ``action`` is for a breached finding, ``action_near`` for one that is only near, ``action_done``
    for one where it is too late to act: everything that a clock waits for has been done, though
    late, or the moment ``by`` has passed, the last to act on a plain ``when``. The ``reason`` of a
    rule on lines shows the numbers of its line.

    In texts ``{field}`` stands for a field of the line, ``{field-field}`` for a difference,
    ``{due}`` for the deadline, ``{left}`` for the time until then, ``{others}`` for orders with the
    same tracking number, ``{other_cases}`` for earlier cases of the line.

    The hits of a ``daily`` rule are shown day by day, as a share of the lines that its clock runs
    for.
    """

    consequence: Text | None = None
    action: Text = _USUAL_ACTION
    action_near: Text | None = None
    action_done: Text | None = None
    reason: Text | None = None
    by: Predicate | None = None
    daily: bool = False
    example_hit: Text | None = None
    example_miss: Text | None = None

    @property
    def actions(self) -> dict[str, Text]:
        """What to do, by the state of a finding."""
        others = {"near": self.action_near, "done": self.action_done}
        return {"breached": self.action} | {state: text for state, text in others.items() if text}

    @property
    def slots(self) -> list[tuple[str, str]]:
        """The fields that its texts show: pairs of a field and "", or of two to subtract."""
        found = (slot for text in self._texts for slot in slots(text))
        return list(dict.fromkeys(found))

    @property
    def _texts(self) -> list[str]:
        """The texts that may have slots, in both languages."""
        texts = [*self.actions.values(), *filter(None, [self.reason])]
        return [text for both in texts for text in (both.zh, both.en)]

    @property
    def shown(self) -> frozenset[str]:
        """The fields whose values its texts show."""
        named = {name for slot in self.slots for name in slot if name}
        # The other orders of {others} are found by their common tracking number.
        return frozenset(named | ({"tracking_no"} if self.has_slot("others") else set()))

    def has_slot(self, what: str) -> bool:
        """Say whether a text has a slot of this name."""
        return any("{" + what + "}" in text for text in self._texts)

    def text_faults(self, *, clock: bool, line: bool) -> dict[str, bool]:
        """Return the possible contradictions in the texts, each with whether it is present."""
        return {
            "reason and by belong to a plain when on a line": bool(self.reason or self.by)
            and (clock or not line),
            "action_done belongs to a clock, or to by": bool(self.action_done)
            and not (clock or self.by),
            "daily belongs to a clock": self.daily and not clock,
            "fields can be shown of a line alone": bool(self.slots) and not line,
        }


def slots(text: str) -> list[tuple[str, str]]:
    """Return the fields that a text has slots for."""
    found = ((one, other or "") for one, other in _SLOT.findall(text))
    return [slot for slot in found if slot[0] not in _OF_FINDING]


def filled(text: Text, values: dict[str, Text]) -> Text:
    """Return a text with its slots filled; an unknown value is a dash."""
    dash = Text(zh="-", en="-")
    return Text(
        zh=_SLOT.sub(lambda slot: values.get(slot[0][1:-1], dash).zh, text.zh),
        en=_SLOT.sub(lambda slot: values.get(slot[0][1:-1], dash).en, text.en),
    )
