"""What a history follows from night to night: findings and tasks, known by their fingerprints."""

import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from merchantwatch.language.text import Text

Kind = Literal["finding", "task"]

_FINGERPRINT_BYTES = 16


class Item(msgspec.Struct, frozen=True):
    """A finding or a task as it stands in one run.

    ``code`` is the rule's of a finding, the kind of a task; ``state`` is ``breached`` or ``near``
    of a finding, ``open`` of a task. ``strikes`` counts those of a clock that strikes again,
    ``penalty`` is the money of one line or order by its clause: more of either is worse.
    ``rules`` are the codes that a task stands for, ``holds`` the fingerprints of the findings that
    it mends; ``held`` says of a finding that some task holds it. ``lines`` are ids of order lines,
    the first hundred at most; ``money`` is what it costs or would, in yuan. ``suppressed`` is true
    where the user's own list leaves it out.
    """

    kind: Kind
    code: str
    platform: str
    shop: str | None
    scope: str
    key: str
    state: str
    severity: str
    count: int
    text: Text
    due_at: datetime | None = None
    owner: str | None = None
    money: Decimal | None = None
    strikes: int | None = None
    penalty: Decimal | None = None
    lines: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    held: bool = False
    suppressed: bool = False

    @property
    def fingerprint(self) -> str:
        """What it is known by, whatever changes from night to night."""
        return fingerprint(self.code, self.platform, self.shop, self.scope, self.key)


def fingerprint(code: str, platform: str, shop: str | None, scope: str, key: str) -> str:
    """Return what an item is known by: a hash of its rule or kind, and of what it is about."""
    named = msgspec.json.encode([code, platform, shop, scope, key])
    return hashlib.blake2b(named, digest_size=_FINGERPRINT_BYTES).hexdigest()
