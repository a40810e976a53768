"""Helpers for the templates of the page: words, links, moments and names."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from merchantwatch.language.text import Text
from merchantwatch.reports import shops, work
from merchantwatch.reports.html.words import words
from merchantwatch.results import wording
from merchantwatch.results.measures import Carrier
from merchantwatch.results.model import Results
from merchantwatch.results.records import Finding
from merchantwatch.support.harmless import harmless
from merchantwatch.tasks import MOST_LINES, Task, kinds, subject
from merchantwatch.tasks.wording import current_counts, product

MOST_SIGNS = 160
"""At most this many characters of a product's name are shown."""


class Page:
    """One run, for the templates."""

    clock = staticmethod(wording.clock)
    money = staticmethod(wording.money)
    quoted = staticmethod(quote)

    def __init__(self, results: Results) -> None:
        self._results = results
        self._zone = ZoneInfo(results.tz)

    @property
    def words(self) -> Mapping[str, Text]:
        """The words of the page by their names."""
        return words()

    def epoch(self, moment: datetime) -> int:
        """Return a moment as a browser counts it: milliseconds since 1970, in universal time."""
        # The reader's browser may be in another zone than the platform.
        return round(moment.replace(tzinfo=self._zone).timestamp() * 1000)

    def short(self, moment: datetime) -> str:
        """Return a moment to the minute, with its year where that is another than as-of's."""
        same = moment.year == self._results.as_of.year
        return f"{moment:%m-%d %H:%M}" if same else f"{moment:%Y-%m-%d %H:%M}"

    def time_left(self, task: Task) -> Text:
        """Return how long there is to do a task."""
        return work.time_left(task, self._results.as_of)

    def verb(self, task: Task) -> Text:
        """Return what to do, before what it is about."""
        return kinds()[task.kind].verb

    def title(self, task: Task) -> Text:
        """Return what to do, alone."""
        return kinds()[task.kind].title

    def standing(self, task: Task) -> Text:
        """Return the counts that a task without a consequence is about."""
        return current_counts(task)

    def product(self, task: Task) -> str:
        """Return the product of a task and how many; of one without, what else it is about."""
        named = product(task)
        if not named and not task.order_id:
            _, named = subject(task.kind, task.platform, task.shop, task.id)
        return self.cut(named)

    def how_many(self, task: Task) -> Text:
        """Return how many orders a task is about; how many lines where it does not name orders."""
        word, ids = ("orders", task.order_ids) if task.order_ids else ("lines", task.lines)
        more = "+" if len(ids) == MOST_LINES else ""
        return self.words[word].fill(n=f"{len(ids)}{more}")

    @staticmethod
    def cut(name: str) -> str:
        """Return as much of a name as has room in a table."""
        return name if len(name) <= MOST_SIGNS else f"{name[:MOST_SIGNS]}…"

    def shop(self, of: Task | Finding | Carrier) -> Text:
        """Return the platform and the shop of a task, a finding or a carrier."""
        return shops.shop_name(of.platform, of.shop)

    def shop_key(self, platform: str, shop: str | None) -> str:
        """Return the identity of a shop as links have it."""
        return f"{platform}:{harmless(shop or '')}"

    def anchor(self, task: Task) -> str:
        """Return the anchor of the row of a task."""
        return f"task={task.id}"

    def link(self, task: Task) -> str:
        """Return the link to the row of a task."""
        return f"#task={quote(harmless(task.id), safe=':')}"

    def sign(self, code: str) -> str:
        """Return a code, with a star where its numbers are not from the platform's page."""
        entry = self._results.entry(code)
        return code if entry is None or entry.source.confidence == "official" else f"{code}*"

    def consequence(self, finding: Finding) -> Text:
        """Return what the clause of a finding says happens at its limit."""
        entry = self._results.entry(finding.code)
        return (entry.consequence or entry.title) if entry else finding.reason
