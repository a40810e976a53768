"""What a history adds to a JSON report, as it is read again."""

from typing import Literal

from msgspec import Struct

from merchantwatch.language.text import Text
from merchantwatch.reports.schema_values import Count, Time
from merchantwatch.results.past import Hold, ItemStatus


class FollowedInJson(Struct, kw_only=True):
    """What a history adds to a finding or a task."""

    status: ItemStatus | None = None
    episode: Count = 0
    since: Time | None = None


class GuardInJson(Struct):
    """A reason not to trust the inputs."""

    code: str
    shop: str | None
    holds: tuple[Hold, ...]
    texts: Text


class PassedInJson(Struct):
    """A finding or a task of earlier runs."""

    kind: Literal["finding", "task"]
    code: str
    platform: str
    shop: str | None
    scope: str
    key: str
    status: ItemStatus
    episode: Count
    since: Time
    reason: str | None
    texts: Text


class PointInJson(Struct, frozen=True):
    """What one run added up to."""

    as_of: Time
    breached: Count
    near: Count
    tasks: Count


class PastInJson(Struct):
    """What a run is to those before it."""

    run: Count | None
    previous: Count | None
    previous_as_of: Time | None
    counts: dict[Literal["findings", "tasks"], dict[ItemStatus, Count]]
    passed: tuple[PassedInJson, ...]
    trend: tuple[PointInJson, ...] = ()
