"""Recording a run in one transaction: its guards, episodes, statuses and deliveries."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from merchantwatch.history import ledger
from merchantwatch.history.episodes import Change, Verdict, changes
from merchantwatch.history.evidence import prevented
from merchantwatch.history.guards import guards_of
from merchantwatch.history.items import Item
from merchantwatch.history.runs import Input, Run, Shop
from merchantwatch.results.past import Guard

_RUNS_COMPARED = 120
"""Guards compare with this many earlier runs: with nightly runs, 17 of each weekday."""


class Night(Struct, frozen=True):
    """The input of a scan for its history.

    ``guards`` are those that need no earlier run. ``verdicts`` returns the verdicts on items that
    were not found, by fingerprint.
    """

    as_of: datetime
    program: str
    inputs: tuple[Input, ...]
    shops: tuple[Shop, ...]
    settings: dict[str, Any]
    totals: dict[str, Any]
    items: Sequence[Item]
    guards: Sequence[Guard]
    verdicts: Callable[[Sequence[Item], Sequence[Guard]], Mapping[str, Verdict]]


class Recorded(Struct, frozen=True):
    """A recorded run; ``previous`` is None for the first one, the baseline."""

    run: Run
    previous: Run | None
    guards: tuple[Guard, ...]
    changes: tuple[Change, ...]

    @property
    def baseline(self) -> bool:
        """Whether this is the first run: what is open then is one digest, not a flood."""
        return self.previous is None


Hook = Callable[[Connection, Recorded], Sequence[Guard]]
"""A further step in the transaction of a run, such as writing its deliveries.

It returns guards that reports show first; the history does not store these."""


def record(connection: Connection, night: Night, hooks: Sequence[Hook] = ()) -> Recorded:
    """Record a run in the caller's transaction, and return it with the changes of items."""
    earlier = ledger.runs_of(connection, most=_RUNS_COMPARED)
    more = guards_of(night.as_of, night.inputs, night.shops, earlier)
    # Those of the files first: they explain what the comparison only notices.
    guards = (*night.guards, *(guard for guard in more if not _is_covered(guard, night.guards)))
    changes = _changes(connection, night, guards)
    run = Run(
        id=ledger.next_run_id(connection),
        as_of=night.as_of,
        program=night.program,
        inputs=night.inputs,
        shops=night.shops,
        settings=night.settings,
        totals=night.totals,
        guards=guards,
    )
    ledger.write_run(connection, run)
    ledger.write_changes(connection, run, changes)
    recorded = Recorded(run, earlier[0] if earlier else None, guards, tuple(changes))
    # Within the transaction: a run is recorded with its deliveries, or not at all.
    further = [guard for hook in hooks for guard in hook(connection, recorded)]
    return replace(recorded, guards=(*guards, *further))


def _is_covered(guard: Guard, others: Sequence[Guard]) -> bool:
    """Say whether another guard already reports the age of a shop's data, by file or for all."""
    return guard.code == "stale-data" and any(
        other.code in ("stale-data", "stale-export") and other.shop in (None, guard.shop)
        for other in others
    )


def _changes(connection: Connection, night: Night, guards: Sequence[Guard]) -> list[Change]:
    """Return the change of each item of this run, and of each that it did not find."""
    found = {item.fingerprint for item in night.items}
    before = ledger.open_or_pending(connection)
    open_before = [episode.item for episode in before if episode.reason is None]
    missing = [item for item in open_before if item.fingerprint not in found]
    verdicts = night.verdicts(missing, guards)
    return changes(
        before,
        ledger.episode_numbers(connection, sorted(found)),
        night.items,
        lambda item: verdicts[item.fingerprint],
        alerting=lambda item: not prevented(guards, item.shop, "alert"),
    )
