"""Findings of products, shops and days → tasks that are about these, not about their lines."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import msgspec
from msgspec import Struct

from merchantwatch.results.records import Finding, FindingKey
from merchantwatch.rules import Rule
from merchantwatch.tasks import wording
from merchantwatch.tasks.effects import reaches
from merchantwatch.tasks.identity import id_of
from merchantwatch.tasks.kinds import kinds
from merchantwatch.tasks.lines import NO_MONEY
from merchantwatch.tasks.making import rank
from merchantwatch.tasks.records import MOST_LINES, Effect, Moment, Task

_Key = tuple[str, str, str | None, str]


class ScopeFacts(Struct, frozen=True):
    """The facts that create tasks of scopes: the rules, and the present state of each scope.

    ``short`` are the lines that would add to the count of a scope and cannot be shipped.
    """

    rules: Mapping[str, Rule]
    short: Mapping[FindingKey, int]
    as_of: datetime

    def tasks(self, findings: Iterable[Finding]) -> Iterator[Task]:
        """Yield the reviews of scopes, and the products whose sale is to be held."""
        found: dict[_Key, list[Finding]] = {}
        for finding in findings:
            rule = self.rules.get(finding.code)
            for kind in rule.tasks if rule else ():
                if _required(kind, finding, self.short):
                    key: _Key = (kind, finding.platform, finding.shop, _about(kind, finding))
                    found.setdefault(key, []).append(finding)
        for key, of_one in found.items():
            yield _task(key, of_one, self.rules, self.as_of)


def _required(kind: str, finding: Finding, short: Mapping[FindingKey, int]) -> bool:
    if kind == "hold-sale":
        lost = finding.state == "breached" or _beyond_saving(finding, short)
        # Without an open line there is no sale to hold: nothing more can be added.
        return lost and finding.next_due_at is not None
    return kind == "review" and finding.scope != "line"


def _beyond_saving(finding: Finding, short: Mapping[FindingKey, int]) -> bool:
    """Say whether a limit that is near is reached even if all is shipped that is in stock."""
    adding = short.get(finding.known_by, 0)
    return adding > 0 and reaches(finding, adding)


def _about(kind: str, finding: Finding) -> str:
    """Return the key of the scope; to hold the sale of a product is about no single day."""
    by_day = kind == "hold-sale" and finding.scope.endswith("-day")
    return finding.key.rsplit(" ", 1)[0] if by_day else finding.key


def _task(key: _Key, found: list[Finding], rules: Mapping[str, Rule], as_of: datetime) -> Task:
    kind, platform, shop, about = key
    # The most severe finding names the task; of equals the one that is due first.
    worst = min(found, key=lambda f: (-rank(f.severity), f.due_at or datetime.max, f.code))  # noqa: DTZ901
    rule = rules[worst.code]
    due_at = min((at for f in found if (at := _upcoming(kind, f, as_of))), default=None)
    ids = tuple(dict.fromkeys(line for finding in found for line in finding.lines))
    orders = dict.fromkeys(order for finding in found for order in finding.order_ids)
    of_product = worst.scope.startswith("product")
    task = Task(
        id=id_of(*key),
        kind=kind,
        owner=kinds()[kind].owner,
        severity=worst.severity,
        platform=platform,
        shop=shop,
        order_id=worst.key if worst.scope == "order" else None,
        lines=ids[:MOST_LINES],
        order_ids=tuple(orders)[:MOST_LINES],
        product_id=about if of_product else None,
        product_name=worst.product_name if of_product else None,
        quantity=None,
        amount=worst.amount_at_stake,
        currency=worst.currency,
        warehouse=None,
        carrier=None,
        tracking_no=None,
        case_id=None,
        due_at=due_at,
        then=Moment(due_at, worst.code, rule.consequence or rule.title, None),
        later=(),
        money_to_save=NO_MONEY,
        money_lost=NO_MONEY,
        rules=tuple(sorted({finding.code for finding in found})),
        effects=tuple(
            # Looking over a scope ships nothing, so its count stays as it is.
            Effect(f.code, f.scope, f.key, f.count, f.limit, f.count, f.count)
            for f in found
        ),
        text=wording.NOTHING,
    )
    return msgspec.structs.replace(task, text=wording.text(task, len(ids)))


def _upcoming(kind: str, finding: Finding, as_of: datetime) -> datetime | None:
    deadlines = (
        (finding.next_due_at,) if kind == "hold-sale" else (finding.due_at, finding.next_due_at)
    )
    return min((at for at in deadlines if at is not None and at >= as_of), default=None)
